//! Which bytes of a connection hyper may see: whole heads that passed the check, one request at a time, and the body after each.
//!
//! ```text
//!              head passes            last byte passes
//!   Head ────────────────────> Body ────────────────────> Head
//!     │ asks for a WebSocket
//!     └──────────> Upgrade ── 101 ──> Tunnel      (another answer: Head)
//!   any ── a rule is broken ──> Refused
//! ```
//!
//! A head waits until the request before it is answered, so that a refusal can never overtake an answer and nothing that a client
//! sent after an upgrade request is read as HTTP before the upgrade is decided.

use crate::chunked;
use crate::config::Limits;
use crate::failure::Failure;
use crate::head::{self, Head};

/// What the next byte of the client is part of.
#[derive(Debug)]
enum Place {
    Head(head::Reader),
    /// With this many bytes to come.
    Length(u64),
    Chunked(chunked::Reader),
    Upgrade,
    Tunnel,
    Refused,
}

/// What the connection waits for from its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expects {
    /// A request head.
    Head,
    /// More of a body.
    Body,
    /// Nothing: the request is being answered.
    Nothing,
    /// Whatever: the bytes are not HTTP any more.
    Tunnel,
}

/// The framing of one connection.
#[derive(Debug)]
pub(crate) struct Framing {
    place: Place,
    /// Whether a head was passed whose answer is not complete.
    in_flight: bool,
}

impl Default for Framing {
    fn default() -> Self {
        Self { place: Place::Head(head::Reader::default()), in_flight: false }
    }
}

impl Framing {
    /// How many of the first `bytes` may go to hyper; 0 when more are needed or the answer before is. Never reaches over the end
    /// of a head or of a body, so call it again.
    pub(crate) fn pass(&mut self, bytes: &[u8], limits: &Limits) -> Result<usize, Failure> {
        let passed = self.step(bytes, limits);
        if passed.is_err() {
            self.place = Place::Refused;
            self.in_flight = true;
        }
        passed
    }

    fn step(&mut self, bytes: &[u8], limits: &Limits) -> Result<usize, Failure> {
        match &mut self.place {
            Place::Head(_) if self.in_flight => Ok(0),
            Place::Head(reader) => {
                let Some(head) = reader.read(bytes, limits)? else { return Ok(0) };
                self.in_flight = true;
                self.place = Self::after(&head);
                Ok(head.length)
            }
            Place::Length(left) => {
                let here = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                *left -= here as u64;
                if *left == 0 {
                    self.next_head();
                }
                Ok(here)
            }
            Place::Chunked(reader) => {
                let here = reader.read(bytes)?;
                if reader.done() {
                    self.next_head();
                }
                Ok(here)
            }
            Place::Upgrade | Place::Refused => Ok(0),
            Place::Tunnel => Ok(bytes.len()),
        }
    }

    fn after(head: &Head) -> Place {
        match head.body {
            _ if head.websocket => Place::Upgrade,
            head::Body::Length(0) => Place::Head(head::Reader::default()),
            head::Body::Length(length) => Place::Length(length),
            head::Body::Chunked => Place::Chunked(chunked::Reader::default()),
        }
    }

    fn next_head(&mut self) {
        self.place = Place::Head(head::Reader::default());
    }

    /// Refuses whatever comes; the refusal counts as a request that is to be answered.
    pub(crate) fn refuse(&mut self) {
        self.place = Place::Refused;
        self.in_flight = true;
    }

    /// The answer to the request in flight is complete.
    pub(crate) fn answered(&mut self) {
        self.in_flight = false;
        if matches!(self.place, Place::Upgrade) {
            self.next_head();
        }
    }

    /// The request in flight is answered with 101. Whether it had asked for that.
    pub(crate) fn tunnel(&mut self) -> bool {
        let asked = self.wants_upgrade();
        if asked {
            self.place = Place::Tunnel;
        }
        asked
    }

    /// Whether the request in flight asks for a WebSocket.
    pub(crate) fn wants_upgrade(&self) -> bool {
        matches!(self.place, Place::Upgrade)
    }

    /// What the connection waits for.
    pub(crate) fn expects(&self) -> Expects {
        match self.place {
            Place::Head(_) if !self.in_flight => Expects::Head,
            Place::Head(_) | Place::Upgrade | Place::Refused => Expects::Nothing,
            Place::Length(_) | Place::Chunked(_) => Expects::Body,
            Place::Tunnel => Expects::Tunnel,
        }
    }
}

#[cfg(test)]
mod tests;
