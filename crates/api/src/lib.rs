//! The control plane: the REST API in the vendor's shape over the store, and the invocations API over the invoker.
//! File names are those of `wire`: the shape of an operation there, its behaviour here.
//!
//! The life of a request:
//!
//! 1. [`serve`] accepts it and bounds its head and its time.
//! 2. [`answer`] gives it an id, which comes back as `X-Request-Id` whatever happens.
//! 3. [`router`] finds its operation: one of [`fgs`], [`apig`], [`iam`], [`cts`] or [`funcd`], or [`unimplemented`] for the rest of the specification.
//! 4. [`signature`] lets it pass: [`authenticate`] proves who sent it ([`body`] was read for that, within its limit), [`authorize`]
//!    whether they may, by the operation's row in [`actions`].
//! 5. The handler reads the body into a `wire` struct, notes everything wrong in [`problems`], calls the store once, converts back.
//! 6. Whatever is changed meanwhile, or refused, becomes an event of the audit trail in the caller's name
//!    ([`audit`]); so do sign-ins and, within bounds, those who were not let in ([`attempts`]).
//! 7. A failure is an [`error::Error`] until [`answer`] writes it in the shape of its path and logs it, once.
//!
//! A person at the web console ([`console`]) is a client like others, with a [`session`] in place of a signature.
//!
//! No operation but `GET /healthz` and `GET /openapi.json`, and a sealed link to a package, does anything unsigned; no field is ignored that would change what a function does; no change
//! is half done when the client goes away; no secret is logged or sent back.
#![forbid(unsafe_code)]

mod serve;

mod answer;

mod router;

mod signature;

mod authenticate;

mod attempts;

mod session;

mod caller;

mod authorize;

mod actions;

mod audit;

mod body;

mod unread;

mod cut;

mod problems;

mod target;

mod addresses;

mod query;

mod page;

mod fetch;

pub(crate) mod fgs;

pub(crate) mod apig;

pub(crate) mod iam;

pub(crate) mod cts;

pub(crate) mod funcd;

mod unimplemented;

mod console;

mod error;

mod state;

pub use console::{Console, File};
pub use fetch::Hosts;
pub use router::router;
pub use serve::serve;
pub use session::Links;
pub use state::{Config, Debug, Instances, Machine, State};
pub use wire::funcd::system::{Finding, Node, Space};

#[cfg(test)]
mod tests;
