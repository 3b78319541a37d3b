//! What the targets share: a second opinion on HTTP/1 ([`http1`]), archives that lie ([`archive`]) and the smallest world an invocation needs ([`world`]).
//!
//! Nothing here uses a parser of the product or of its libraries: a mistake made twice in the same way would go unseen.
#![forbid(unsafe_code)]

pub mod archive;
pub mod http1;
pub mod world;
