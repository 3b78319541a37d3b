//! Certificates of custom domains: what somebody uploads is checked whole, and what is wrong with it is said at once; what nobody
//! uploads can be ordered.
//!
//! 1. A chain and a key come as PEM; [`check()`] reads both and holds them to every rule that a client would refuse them for.
//! 2. [`Acme`] orders certificates for domains that have none, which come as PEM, too.
//! 3. What passed is a [`Checked`]: DER for the gateway, and [`Facts`] for people.
//!
//! Names that have no certificate are shown the one that [`own()`] makes, or the operator's ([`from_files()`]).
//!
//! Nothing here logs or shows a private key.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod acme;
mod check;
mod facts;
mod own;

pub use acme::{Acme, Config};
pub use check::{Checked, Field, Problem, check};
pub use facts::{Facts, facts};
pub use own::{Missing, from_files, own};
