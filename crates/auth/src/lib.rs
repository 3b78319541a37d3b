//! Who is asking, what they may do, and what may be kept: signatures, passwords, tokens, policies, sealed secrets, new keys. No file, no
//! socket, no clock (the time is an argument).
//!
//! 1. A client describes a request ([`signature::Request`]) and [`signature::sign`]s it: date and `Authorization` are added.
//! 2. [`canonical`] is the one text both sides derive from the request as it is on the wire.
//! 3. The server parses [`signature::Authorization`], looks the secret key up by its access key and [`signature::verify`]s.
//! 4. A [`password`] is compared with its hash instead; a [`token`] proves who asked for it. What fails too often is kept out ([`lockout`]).
//!    A person at the web console has a [`session`].
//! 5. What the one who asks may do is decided by a [`policy`]: a deny wins, and what nothing allows is not allowed.
//! 6. Both sides of the service, control plane and gateway, ask one directory of everybody ([`identity`]) in one way ([`claim`]).
//! 7. The secret keys themselves lie [`seal`]ed at rest, and are made by [`keys`].
//!
//! Nothing here compares a secret in variable time, logs, or panics on any header.
#![forbid(unsafe_code)]

mod canonical;
pub mod claim;
pub mod identity;
pub mod keys;
pub mod lockout;
pub mod password;
pub mod policy;
pub mod seal;
pub mod session;
pub mod signature;
pub mod token;
