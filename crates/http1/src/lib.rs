//! HTTP/1.1 messages on a stream of bytes (RFC 9112), read strictly: what two servers might read differently is no message here.
//! Both ends of the data plane are built of it: the gateway reads requests and writes responses, the invoker the other way round.
//!
//! The life of a message that is read:
//!
//! 1. [`lines`] finds the lines of a head; every line ends in CRLF, and nowhere else is a CR or an LF.
//! 2. [`field`] takes a line apart; what the fields mean together is for the reader of the head ([`response`], and the
//!    gateway's own check of requests).
//! 3. [`body`] takes the body out of the bytes that follow, without copying it: by length, by [`chunked`] coding, or to the end.
//!
//! The life of a message that is written: [`write`](mod@write) puts the head into an [`outbox`], then the pieces of the body; the outbox empties
//! itself into the stream with as few system calls as there can be.
//!
//! The map of a head's fields comes from [`spare`], and may go back there; names that came before are kept in `names`. No timers, no
//! connections and no policy are here. Nothing is held but these, one head and what the stream gave beyond it.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod body;
pub mod chunked;
pub mod field;
pub mod lines;
mod names;
pub mod outbox;
pub mod response;
pub mod spare;
pub mod write;

mod inbox;

pub use inbox::Inbox;

/// Why bytes are not a message: the rule that they break, in words for whoever sent them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Malformed {}
