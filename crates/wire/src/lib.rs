//! The shapes of the REST API: what a path looks like, what stands in each JSON body, which error codes there are.
//! Both sides use them: the control plane answers with these structs, the command line reads them.
//!
//! 1. An [`Operation`] names a method and a path; the client fills the path in, the server routes by it.
//! 2. Its body is a struct of the module of its resource: [`fgs`], [`apig`], [`iam`] and [`cts`] in the vendor's shape, [`funcd`] for what is
//!    ours.
//! 3. What goes wrong comes back as an [`ErrorBody`] with a code of [`codes`].
//!
//! Nothing here validates, stores or converts; no struct has a field that the specification of its resource (`spec/`) lacks,
//! except the few that a struct's documentation names.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod apig;
mod base64;
pub mod codes;
pub mod cts;
mod error;
pub mod fgs;
mod fields;
pub mod funcd;
pub mod iam;
mod operation;
#[cfg(test)]
mod schema;

pub use base64::Base64;
pub use error::{ErrorBody, IamError, IamErrorBody};
pub use fields::fields;
pub use operation::Operation;
