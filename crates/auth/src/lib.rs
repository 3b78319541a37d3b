//! Who is asking, and what may be kept: request signatures, sealed secrets, new keys. Pure functions; no file, no
//! socket, no clock (the time is an argument).
//!
//! 1. A client describes a request ([`signature::Request`]) and [`signature::sign`]s it: date and `Authorization` are added.
//! 2. [`canonical`] is the one text both sides derive from the request as it is on the wire.
//! 3. The server parses [`signature::Authorization`], looks the secret key up by its access key and [`signature::verify`]s.
//! 4. The secret keys themselves lie [`seal`]ed at rest, and are made by [`keys`].
//!
//! Nothing here compares a secret in variable time, logs, or panics on any header.
#![forbid(unsafe_code)]

mod canonical;
pub mod keys;
pub mod seal;
pub mod signature;
