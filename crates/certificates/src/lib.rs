//! Certificates of custom domains: what somebody uploads is checked whole, and what is wrong with it is said at once.
//!
//! 1. A chain and a key come as PEM; [`check()`] reads both and holds them to every rule that a client would refuse them for.
//! 2. What passed is a [`Checked`]: DER for the gateway, and [`Facts`] for people.
//!
//! Nothing here keeps, logs or shows a private key.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod check;
mod facts;

pub use check::{Checked, Field, Problem, check};
pub use facts::{Facts, facts};
