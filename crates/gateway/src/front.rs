//! One client's socket: what came and nobody took, what is to go out, and where in a request the next byte is.
//!
//! ```text
//!              head passes                last byte is taken
//!   Head ────────────────────────> Body ─────────────────────> Head
//!     │ asks for a WebSocket
//!     └──────────> Upgrade ── 101 ──> Tunnel      (another answer: Head)
//!   any ── a rule is broken ──> Refused
//! ```
//!
//! The connection's task reads the next head only when the request before is answered, so that a refusal can never overtake an
//! answer and nothing that a client sent after an upgrade request is read as HTTP before the upgrade is decided.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http1::body::{self, Framing, Piece};
use http1::outbox::Outbox;
use http1::{Inbox, Malformed};
use rustix::net::{RecvFlags, recv};
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use tokio::time::Instant;

use crate::alarm::Alarm;
use crate::config::Limits;
use crate::failure::Failure;
use crate::head::{self, Head};
use crate::http2::PREFACE;
use crate::pace::Pace;
use crate::stream::{Speaks, Stream};

/// Bytes that are read although nobody wants them yet, to see whether the client is still there.
const READ_AHEAD: usize = 16 * 1024;
/// Bytes of a body that nobody wants which are read all the same, to keep the connection.
const UNWANTED: u64 = 8 * 1024;
/// How long a client that is still sending gets to notice that it was answered and the connection closed. Closing at once would
/// make the kernel reset the connection and throw the answer away.
const LINGER: Duration = Duration::from_secs(2);
/// How long a new connection may take for the first byte of its request while the gateway drains: its client could not know.
const FIRST: Duration = Duration::from_secs(1);
/// How long a client that no other process can go on with may still send a request, which is answered with `Connection: close`.
pub(crate) const LAST: Duration = Duration::from_secs(1);

/// What a client does next.
#[derive(Debug)]
pub(crate) enum Next {
    /// It sends a request.
    Request(Box<Head>),
    /// It sends what is none.
    Refused(Failure),
    /// It speaks HTTP/2 from the start.
    Http2,
    /// Nothing for now, and this process leaves: the socket goes to the next one.
    Leave,
    /// Nothing any more.
    Gone,
}

/// What becomes of a client that has no request in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaving {
    /// It may send another.
    No,
    /// The gateway drains, and closes it.
    Closing,
    /// The gateway drains, and another process goes on with it.
    ToHeir,
    /// The gateway drains, no other process can go on with it, and one is there to connect to: it may send what it was about to.
    Soon,
}

/// What the connection's task does after everything was polled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Watch {
    /// Wait for the next event.
    Wait,
    /// Poll again: there is news for whoever reads the body.
    Again,
    /// Drop the connection and everything that is being done for it.
    Close,
}

/// What the next byte of the client is part of.
#[derive(Debug)]
enum Place {
    Head,
    Body(body::Reader),
    Upgrade,
    Tunnel,
    Refused,
}

/// The socket of one connection.
#[derive(Debug)]
pub(crate) struct Front {
    stream: Option<Stream>,
    speaks: Speaks,
    inbox: Inbox,
    /// What is to go out.
    pub(crate) outbox: Outbox,
    head: head::Reader,
    place: Place,
    /// Why the body of the request in flight is refused.
    failure: Option<Failure>,
    /// The client waits for a 100 before it sends its body.
    expecting: bool,
    /// Somebody wants more of the body than has come.
    wanted: bool,
    /// The client has closed its sending half.
    ended: bool,
    /// Which request it is; 0 before the first. A body that somebody still holds after its request is over must not take
    /// the bytes of the next.
    number: u64,
    /// When the wait for a head began, or for the end of one that has begun.
    waiting: Option<(bool, Instant)>,
    alarm: Alarm,
    /// Until when it may send another request although the gateway drains.
    last: Option<Instant>,
    /// When we began to close our half, and whether that is done.
    shut: Option<Instant>,
    closed: bool,
    upload: Pace,
    download: Pace,
}

impl Front {
    pub(crate) fn new(stream: Stream) -> Self {
        Self {
            speaks: stream.speaks(),
            stream: Some(stream),
            inbox: Inbox::default(),
            outbox: Outbox::default(),
            head: head::Reader::default(),
            place: Place::Head,
            failure: None,
            expecting: false,
            wanted: false,
            ended: false,
            number: 0,
            waiting: None,
            alarm: Alarm::default(),
            last: None,
            shut: None,
            closed: false,
            upload: Pace::default(),
            download: Pace::default(),
        }
    }

    /// The socket and what was read of it, for another protocol.
    pub(crate) fn take(&mut self) -> Option<(Stream, bytes::Bytes)> {
        Some((self.stream.take()?, self.inbox.bytes.split().freeze()))
    }

    /// Closes the socket.
    pub(crate) fn close(&mut self) {
        self.stream = None;
    }

    /// Waits for the next request. Only between requests.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>, limits: &Limits, leaving: Leaving) -> Poll<Next> {
        loop {
            if !self.inbox.bytes.is_empty()
                && let Some(next) = self.read_head(limits)
            {
                return Poll::Ready(next);
            }
            match self.fill(cx, 0) {
                Poll::Ready(Ok(0) | Err(_)) => return Poll::Ready(Next::Gone),
                Poll::Ready(Ok(_)) => {}
                Poll::Pending => break,
            }
        }
        match leaving {
            // What the kernel has of it goes along.
            Leaving::ToHeir if self.inbox.bytes.is_empty() => Poll::Ready(Next::Leave),
            Leaving::Closing if self.inbox.bytes.is_empty() && self.number > 0 && !self.has_unread() => {
                Poll::Ready(Next::Gone)
            }
            Leaving::Soon if self.inbox.bytes.is_empty() && self.number > 0 => {
                let until = *self.last.get_or_insert_with(|| Instant::now() + LAST);
                if self.alarm.rings(until, cx) { Poll::Ready(Next::Gone) } else { Poll::Pending }
            }
            _ => self.check_wait(cx, limits, leaving != Leaving::No),
        }
    }

    fn read_head(&mut self, limits: &Limits) -> Option<Next> {
        if self.number == 0 && self.speaks != Speaks::Http1 {
            let begun = self.inbox.bytes.get(..PREFACE.len()).unwrap_or(&self.inbox.bytes);
            if PREFACE.starts_with(begun) {
                // Not told from POST and the like before the second byte, but neither is complete with one.
                return (begun.len() == PREFACE.len()).then_some(Next::Http2);
            }
            if self.speaks == Speaks::Http2 {
                return Some(Next::Gone);
            }
        }
        match self.head.read(&mut self.inbox.bytes, limits) {
            Ok(None) => None,
            Ok(Some(head)) => {
                self.begin(&head);
                Some(Next::Request(Box::new(head)))
            }
            Err(failure) => {
                self.place = Place::Refused;
                Some(Next::Refused(failure))
            }
        }
    }

    fn begin(&mut self, head: &Head) {
        self.number += 1;
        self.wanted = false; // by whoever read the body before
        self.waiting = None;
        self.expecting = head.expects;
        self.place = match head.body {
            _ if head.websocket => Place::Upgrade,
            Framing::Length(0) => Place::Head,
            framing => {
                self.upload.restart();
                Place::Body(framing.into())
            }
        };
    }

    /// The times of a client that has no request in flight.
    fn check_wait(&mut self, cx: &mut Context<'_>, limits: &Limits, draining: bool) -> Poll<Next> {
        let idle = self.inbox.bytes.is_empty();
        // A new connection is expected to begin with a request.
        let between = idle && self.number > 0;
        let since = match self.waiting {
            Some((same, since)) if same == between => since,
            _ => {
                let now = Instant::now();
                self.waiting = Some((between, now));
                now
            }
        };
        let limit = match (between, idle && draining) {
            (true, _) => limits.idle_timeout,
            (false, true) => limits.head_timeout.min(FIRST),
            (false, false) => limits.head_timeout,
        };
        if !self.alarm.rings(since + limit, cx) {
            return Poll::Pending;
        }
        if idle {
            return Poll::Ready(Next::Gone);
        }
        self.place = Place::Refused;
        Poll::Ready(Next::Refused(Failure::slow("the request head", limit)))
    }

    /// Whether the kernel has bytes that we were not told of yet. They must be served: closing would reset the connection.
    fn has_unread(&self) -> bool {
        let flags = RecvFlags::PEEK | RecvFlags::DONTWAIT;
        self.stream.as_ref().is_some_and(|stream| recv(stream, &mut [0; 1], flags).is_ok_and(|(_, read)| read > 0))
    }

    /// The next piece of the body of this request, or of what follows a 101.
    ///
    /// # Errors
    /// Why the body is refused; `None` when the client went away.
    pub(crate) fn poll_body(&mut self, number: u64, cx: &mut Context<'_>) -> Poll<Result<Piece, Option<Failure>>> {
        if number != self.number {
            return Poll::Ready(Err(None));
        }
        let polled = self.body(cx);
        self.wanted = polled.is_pending();
        polled
    }

    /// Which request is in flight.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    fn body(&mut self, cx: &mut Context<'_>) -> Poll<Result<Piece, Option<Failure>>> {
        loop {
            let left = match &mut self.place {
                Place::Upgrade => return Poll::Pending, // until the 101 is on its way
                Place::Tunnel if !self.inbox.bytes.is_empty() => {
                    return Poll::Ready(Ok(Piece::Data(self.inbox.bytes.split().freeze())));
                }
                Place::Tunnel => u64::MAX,
                Place::Head => return Poll::Ready(Ok(Piece::End)),
                Place::Refused => return Poll::Ready(Err(self.failure.take())),
                Place::Body(reader) => match reader.next(&mut self.inbox.bytes) {
                    Ok(Piece::More) => reader.left(),
                    Ok(piece) => return Poll::Ready(Ok(self.took(piece))),
                    Err(rule) => return Poll::Ready(Err(Some(self.refuse(rule)))),
                },
            };
            self.say_continue();
            match ready!(self.fill(cx, left)) {
                Ok(0) if matches!(self.place, Place::Tunnel) => return Poll::Ready(Ok(Piece::End)),
                Ok(0) | Err(_) => return Poll::Ready(Err(None)),
                Ok(_) => {}
            }
        }
    }

    fn took(&mut self, piece: Piece) -> Piece {
        let over = match &self.place {
            Place::Body(reader) => reader.is_over(),
            _ => true,
        };
        if over || matches!(piece, Piece::Trailers(_) | Piece::End) {
            self.place = Place::Head;
        }
        piece
    }

    fn refuse(&mut self, Malformed(rule): Malformed) -> Failure {
        self.place = Place::Refused;
        Failure::malformed(rule)
    }

    /// Tells a client that waits for it that its body is wanted.
    fn say_continue(&mut self) {
        if std::mem::take(&mut self.expecting) {
            self.outbox.head().extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
        }
    }

    /// Bytes of the body that the client has said will come, as far as it has.
    pub(crate) fn announced(&self) -> u64 {
        match &self.place {
            Place::Body(reader) => reader.left(),
            _ => 0,
        }
    }

    /// Bytes of the body that are to come, where that is known for the whole of it. 0 when it was taken whole.
    pub(crate) fn body_left(&self) -> Option<u64> {
        match &self.place {
            Place::Body(body::Reader::Length(left)) => Some(*left),
            Place::Head => Some(0),
            Place::Body(_) | Place::Upgrade | Place::Tunnel | Place::Refused => None,
        }
    }

    /// Whether leaving the body as it is costs the connection.
    pub(crate) fn is_unread(&self) -> bool {
        let kept = matches!(self.place, Place::Head | Place::Upgrade);
        !kept && (self.expecting || self.body_left().is_none_or(|left| left > UNWANTED))
    }

    /// Whatever comes next is not HTTP any more.
    pub(crate) fn tunnel(&mut self) {
        self.place = Place::Tunnel;
    }

    /// The answer is on its way, and nobody reads the body any more. Waits for the rest of it where that is little; answers
    /// whether another request can follow.
    pub(crate) fn poll_rest(&mut self, cx: &mut Context<'_>, limits: &Limits) -> Poll<bool> {
        if matches!(self.place, Place::Upgrade) {
            self.place = Place::Head;
        }
        loop {
            if matches!(self.place, Place::Head) {
                self.inbox.shrink();
                return Poll::Ready(!self.ended || !self.inbox.bytes.is_empty());
            }
            if self.is_unread() || matches!(self.place, Place::Tunnel | Place::Refused) {
                return Poll::Ready(false);
            }
            match self.poll_body(self.number, cx) {
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(_)) => return Poll::Ready(false),
                Poll::Pending if self.upload.too_slow(limits.body_stall_timeout, limits.body_rate, cx) => {
                    return Poll::Ready(false);
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Reads what there is. 0 is the end.
    fn fill(&mut self, cx: &mut Context<'_>, wanted: u64) -> Poll<io::Result<usize>> {
        let Some(stream) = &mut self.stream else { return Poll::Ready(Ok(0)) };
        if self.ended {
            return Poll::Ready(Ok(0));
        }
        let read = ready!(self.inbox.poll_fill(stream, cx, wanted))?;
        self.ended = read == 0;
        if matches!(self.place, Place::Body(_)) {
            self.upload.moved(read);
        }
        Poll::Ready(Ok(read))
    }

    /// Called while a request is in flight, after everything for it was polled and waits.
    pub(crate) fn watch(&mut self, cx: &mut Context<'_>, limits: &Limits) -> Watch {
        let tunnel = matches!(self.place, Place::Tunnel);
        // Whoever wants what follows a 101 reads nothing before it.
        let idle = !self.wanted || matches!(self.place, Place::Upgrade);
        if !tunnel && idle && self.read_ahead(cx).is_err() {
            return Watch::Close;
        }
        if let Poll::Ready(Err(_)) = self.poll_flush(cx, limits) {
            return Watch::Close;
        }
        if tunnel {
            return Watch::Wait;
        }
        let in_body = matches!(self.place, Place::Body(_));
        if in_body && self.wanted {
            if self.upload.too_slow(limits.body_stall_timeout, limits.body_rate, cx) {
                self.failure = Some(Failure::slow("the request body", limits.body_stall_timeout));
                self.place = Place::Refused;
                return Watch::Again;
            }
            return Watch::Wait;
        }
        if self.ended {
            // A client that is gone says the same as one that only has nothing more to send.
            let (_, since) = *self.waiting.get_or_insert_with(|| (false, Instant::now()));
            if self.alarm.rings(since + limits.half_close_grace, cx) {
                return Watch::Close;
            }
        }
        Watch::Wait
    }

    /// Notices a reset or an end although nobody is reading.
    fn read_ahead(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        while !self.ended && self.inbox.bytes.len() < READ_AHEAD {
            match self.fill(cx, 0) {
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(error)) => return Err(error),
                Poll::Pending => break,
            }
        }
        Ok(())
    }

    /// Sends what is to go out; a client that takes nothing of it for too long is an error.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>, limits: &Limits) -> Poll<io::Result<()>> {
        let Some(stream) = &mut self.stream else {
            return Poll::Ready(if self.outbox.is_empty() { Ok(()) } else { Err(io::ErrorKind::NotConnected.into()) });
        };
        let before = self.outbox.len();
        let flushed = match self.outbox.poll_flush(stream, cx) {
            // What the outbox gave away may be waiting behind its encryption.
            Poll::Ready(Ok(())) => Pin::new(stream).poll_flush(cx),
            other => other,
        };
        let left = self.outbox.len();
        if left < before {
            self.download.moved(before - left);
        }
        match flushed {
            Poll::Ready(flushed) => {
                self.download.rest();
                Poll::Ready(flushed)
            }
            Poll::Pending if self.download.too_slow(limits.write_stall_timeout, limits.response_rate, cx) => {
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    /// Another response begins.
    pub(crate) fn respond(&mut self) {
        self.download.restart();
    }

    /// Closes our half, and reads on for a while when the client is still sending.
    pub(crate) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let clean =
            matches!(self.place, Place::Tunnel) || (matches!(self.place, Place::Head) && self.inbox.bytes.is_empty());
        let Some(stream) = &mut self.stream else { return Poll::Ready(()) };
        let since = *self.shut.get_or_insert_with(Instant::now);
        if !self.closed {
            match Pin::new(&mut *stream).poll_shutdown(cx) {
                Poll::Ready(Ok(())) => self.closed = true,
                Poll::Ready(Err(_)) => return Poll::Ready(()),
                // TLS says good-bye, which a client may not take.
                Poll::Pending if self.alarm.rings(since + LINGER, cx) => return Poll::Ready(()),
                Poll::Pending => return Poll::Pending,
            }
        }
        let mut scratch = [0; 4096];
        while !clean && !self.ended {
            let mut discarded = ReadBuf::new(&mut scratch);
            match Pin::new(&mut *stream).poll_read(cx, &mut discarded) {
                Poll::Ready(Ok(())) => self.ended = discarded.filled().is_empty(),
                Poll::Ready(Err(_)) => self.ended = true,
                Poll::Pending if self.alarm.rings(since + LINGER, cx) => self.ended = true,
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(())
    }
}
