//! Hostile functions, run against a funcd of their own: each is a small program that tries something it must not get. It is
//! deployed through the REST API, called through the gateway, and judged three ways.
//!
//! 1. The [`case`]s are folders of `e2e/hostile`, embedded in the binary; a `case.toml` says what is tried, why, and what must
//!    come of it.
//! 2. A [`lane`] makes a [`world`] for itself: a network of its own without a way out, with an "internet" behind it that answers
//!    for metadata services and private ranges, and in it a funcd, started from the same executable on a temporary folder.
//! 3. A [`trial`] runs one case: deploy, call, compare what it got ([`answer`]); all the while a [`neighbour`] is called, which must
//!    answer in time; after the function is deleted the [`host`] must look as before.
//! 4. The [`report`] is a table, or JSON; a case that this host cannot run is skipped with its reason, never passed.
//!
//! No packet leaves the machine, nothing outside the temporary folder is written, and nothing is left at the end, also after
//! Ctrl-C. Nothing here knows funcd from the inside: it is spoken to through its commands and its two ports.
#![forbid(unsafe_code)]

mod case;
mod expect;

mod beyond;
mod interrupt;
mod service;
mod world;

mod answer;
mod difference;
mod host;
mod neighbour;

mod lane;
mod package;
mod trial;

mod report;
mod run;

pub use run::{Arguments, run};

/// The table of all cases for the documentation, in Markdown.
///
/// # Errors
/// When a case cannot be read.
pub fn table() -> anyhow::Result<String> {
    Ok(report::markdown(&case::embedded()?))
}
