//! One client's socket, seen through the strict framing: hyper reads only what passed, and writes what it likes.
//!
//! It also holds the client to its times. hyper polls it while it wants bytes; the connection's task asks [`Front::watch`] after
//! every poll of hyper, so that a client that is gone, silent or too slow is noticed whatever hyper is waiting for.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf as _, BytesMut};
use rustix::net::{RecvFlags, recv};
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_util::io::poll_read_buf;

use crate::alarm::Alarm;
use crate::config::Limits;
use crate::failure::Failure;
use crate::framing::{Expects, Framing};

/// Bytes that are read although nobody wants them yet, to see whether the client is still there.
const READ_AHEAD: usize = 16 * 1024;
/// What a buffer keeps between requests, and grows by at least.
const BUFFER: usize = 4 * 1024;
/// How long a client that is still sending gets to notice that it was answered and the connection closed. Closing at once would
/// make the kernel reset the connection and throw the answer away.
const LINGER: Duration = Duration::from_secs(2);
/// What hyper gets to see in place of a refused head; the answer is [`Front::take_failure`].
const REFUSED: &[u8] = b"GET / HTTP/1.1\r\nhost: refused\r\nconnection: close\r\n\r\n";

/// What the connection's task does after hyper was polled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Watch {
    /// Wait for the next event.
    Wait,
    /// Poll hyper again: there is something for it.
    Again,
    /// Drop the connection and everything that is being done for it.
    Close,
}

/// What the client has to do within a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    /// Nothing.
    Nothing,
    /// Complete a request head.
    Head,
    /// Begin the next request.
    Next,
    /// Send more of a body.
    Body,
    /// Take its answer, after it has closed its sending half.
    Answer,
}

/// The socket of one connection.
#[derive(Debug)]
pub(crate) struct Front {
    stream: Option<TcpStream>,
    framing: Framing,
    /// What was read and not handed over.
    buffer: BytesMut,
    /// How many bytes at the start of the buffer passed.
    passed: usize,
    failure: Option<Failure>,
    /// A body broke a rule: hyper's next read fails.
    broken: bool,
    /// hyper asked for bytes and got none.
    blocked: bool,
    /// There may be something for hyper since.
    news: bool,
    /// The client has closed its sending half.
    ended: bool,
    due: Due,
    since: Instant,
    alarm: Alarm,
    write_blocked: Option<Instant>,
    write_alarm: Alarm,
    shut: Option<Instant>,
}

impl Front {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self {
            stream: Some(stream),
            framing: Framing::default(),
            buffer: BytesMut::new(),
            passed: 0,
            failure: None,
            broken: false,
            blocked: false,
            news: false,
            ended: false,
            due: Due::Head,
            since: Instant::now(),
            alarm: Alarm::default(),
            write_blocked: None,
            write_alarm: Alarm::default(),
            shut: None,
        }
    }

    /// The framing, to ask it.
    pub(crate) fn framing(&self) -> &Framing {
        &self.framing
    }

    /// Why the request in flight is refused, once.
    pub(crate) fn take_failure(&mut self) -> Option<Failure> {
        self.failure.take()
    }

    /// The answer to the request in flight is in hyper's hands.
    pub(crate) fn answered(&mut self) {
        self.framing.answered();
        self.due = Due::Nothing; // what comes next gets its full time, even if all of this happened in one poll
        self.news |= !self.buffer.is_empty();
        if self.buffer.is_empty() && self.buffer.capacity() > BUFFER {
            self.buffer = BytesMut::new();
        }
    }

    /// Stops reading HTTP, if the request in flight asked for that.
    pub(crate) fn tunnel(&mut self) -> bool {
        self.framing.tunnel()
    }

    /// Closes the socket.
    pub(crate) fn close(&mut self) {
        self.stream = None;
    }

    /// Gives hyper what passed.
    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
        limits: &Limits,
    ) -> Poll<io::Result<()>> {
        let read = self.read(cx, out, limits);
        self.blocked = read.is_pending();
        read
    }

    fn read(&mut self, cx: &mut Context<'_>, out: &mut ReadBuf<'_>, limits: &Limits) -> Poll<io::Result<()>> {
        loop {
            if self.passed > 0 {
                self.hand_over(out);
                return Poll::Ready(Ok(()));
            }
            if self.broken {
                return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
            }
            if !self.buffer.is_empty() && self.approve(limits) {
                continue;
            }
            let expects = self.framing.expects();
            if self.buffer.is_empty() && matches!(expects, Expects::Body | Expects::Tunnel) {
                return self.read_through(cx, out, limits);
            }
            if expects == Expects::Nothing && self.buffer.len() >= READ_AHEAD {
                return Poll::Pending; // `answered` says when to go on
            }
            if ready!(self.fill(cx))? == 0 {
                return self.show_end(expects);
            }
        }
    }

    /// hyper takes an end for a client that is gone, so it sees it only when nothing is left to be answered or sent.
    fn show_end(&self, expects: Expects) -> Poll<io::Result<()>> {
        if expects == Expects::Nothing || self.write_blocked.is_some() {
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    fn hand_over(&mut self, out: &mut ReadBuf<'_>) {
        let now = self.passed.min(out.remaining());
        out.put_slice(self.buffer.get(..now).unwrap_or_default());
        self.buffer.advance(now);
        self.passed -= now;
    }

    /// Looks at the buffer. Whether there is something for hyper.
    fn approve(&mut self, limits: &Limits) -> bool {
        let body = self.framing.expects() == Expects::Body;
        match self.framing.pass(&self.buffer, limits) {
            Ok(passed) => {
                self.passed = passed;
                passed > 0
            }
            Err(failure) => {
                self.refuse(failure, body);
                true
            }
        }
    }

    fn refuse(&mut self, failure: Failure, in_body: bool) {
        self.framing.refuse();
        self.failure = Some(failure);
        self.buffer.clear();
        self.passed = 0;
        self.broken = in_body;
        if !in_body {
            self.buffer.extend_from_slice(REFUSED);
            self.passed = REFUSED.len();
        }
    }

    /// Reads a body straight into hyper's buffer and looks at it there; what is behind the body goes to ours.
    fn read_through(&mut self, cx: &mut Context<'_>, out: &mut ReadBuf<'_>, limits: &Limits) -> Poll<io::Result<()>> {
        let before = out.filled().len();
        let Some(stream) = &mut self.stream else { return Poll::Ready(Ok(())) };
        if !self.ended {
            ready!(Pin::new(stream).poll_read(cx, out))?;
        }
        let arrived = out.filled().get(before..).unwrap_or_default();
        self.ended |= arrived.is_empty();
        self.news = true;
        match self.framing.pass(arrived, limits) {
            Ok(passed) => {
                self.buffer.extend_from_slice(arrived.get(passed..).unwrap_or_default());
                out.set_filled(before + passed);
                Poll::Ready(Ok(()))
            }
            Err(failure) => {
                out.set_filled(before);
                self.refuse(failure, true);
                Poll::Ready(Err(io::ErrorKind::InvalidData.into()))
            }
        }
    }

    /// Reads into our buffer. 0 is the end.
    fn fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let Some(stream) = &mut self.stream else { return Poll::Ready(Ok(0)) };
        if self.ended {
            return Poll::Ready(Ok(0));
        }
        if self.buffer.capacity() - self.buffer.len() < BUFFER / 2 {
            self.buffer.reserve(BUFFER.max(self.buffer.len()));
        }
        let read = ready!(poll_read_buf(Pin::new(stream), cx, &mut self.buffer))?;
        self.ended = read == 0;
        Poll::Ready(Ok(read))
    }

    /// Called after hyper was polled and waits.
    pub(crate) fn watch(&mut self, cx: &mut Context<'_>, limits: &Limits, draining: bool) -> Watch {
        if self.shut.is_some() {
            return Watch::Wait; // `poll_shutdown` has its own time
        }
        if !self.blocked && self.read_ahead(cx).is_err() {
            return Watch::Close;
        }
        if let Some(since) = self.write_blocked
            && self.write_alarm.rings(since + limits.write_stall_timeout, cx)
        {
            return Watch::Close;
        }
        let news = std::mem::take(&mut self.news);
        if news && self.blocked && self.framing.expects() != Expects::Nothing && !self.buffer.is_empty() {
            return Watch::Again;
        }
        self.check_time(cx, limits, news, draining)
    }

    /// Notices a reset or an end although hyper is not reading.
    fn read_ahead(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.framing.expects() == Expects::Tunnel {
            return Ok(());
        }
        while self.buffer.len() < READ_AHEAD {
            match self.fill(cx) {
                Poll::Ready(Ok(0)) | Poll::Pending => break,
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(error)) => return Err(error),
            }
        }
        Ok(())
    }

    fn check_time(&mut self, cx: &mut Context<'_>, limits: &Limits, progress: bool, draining: bool) -> Watch {
        let idle = self.framing.expects() == Expects::Head && self.buffer.is_empty() && self.write_blocked.is_none();
        if idle && (self.ended || (draining && !self.has_unread())) {
            return Watch::Close;
        }
        let due = self.due(idle);
        if due != self.due || (progress && due == Due::Body) {
            self.due = due;
            self.since = Instant::now();
        }
        let limit = match due {
            Due::Nothing => return Watch::Wait,
            Due::Head => limits.head_timeout,
            Due::Next => limits.idle_timeout,
            Due::Body => limits.body_stall_timeout,
            Due::Answer => limits.half_close_grace,
        };
        if !self.alarm.rings(self.since + limit, cx) {
            return Watch::Wait;
        }
        match due {
            Due::Head if !self.buffer.is_empty() => self.refuse(Failure::slow("the request head", limit), false),
            Due::Body => self.refuse(Failure::slow("the request body", limit), true),
            _ => return Watch::Close,
        }
        Watch::Again
    }

    /// Whether the kernel has bytes that we were not told of yet. They must be served: closing would reset the connection.
    fn has_unread(&self) -> bool {
        let flags = RecvFlags::PEEK | RecvFlags::DONTWAIT;
        self.stream.as_ref().is_some_and(|stream| recv(stream, &mut [0; 1], flags).is_ok_and(|(_, read)| read > 0))
    }

    fn due(&self, idle: bool) -> Due {
        match self.framing.expects() {
            // A new connection is expected to begin with a request.
            Expects::Head if idle && self.due != Due::Head => Due::Next,
            Expects::Head if idle || !self.buffer.is_empty() => Due::Head,
            Expects::Body if self.blocked => Due::Body,
            Expects::Nothing | Expects::Body if self.ended => Due::Answer,
            _ => Due::Nothing,
        }
    }

    pub(crate) fn poll_write(&mut self, cx: &mut Context<'_>, slices: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let Some(stream) = &mut self.stream else { return Poll::Ready(Err(io::ErrorKind::NotConnected.into())) };
        let written = Pin::new(stream).poll_write_vectored(cx, slices);
        self.write_blocked =
            if written.is_pending() { self.write_blocked.or_else(|| Some(Instant::now())) } else { None };
        written
    }

    /// Closes our half, and reads on for a while when the client is still sending.
    pub(crate) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let expects = self.framing.expects();
        let clean = expects == Expects::Tunnel || (expects == Expects::Head && self.buffer.is_empty());
        let Some(stream) = &mut self.stream else { return Poll::Ready(Ok(())) };
        if self.shut.is_none() {
            ready!(Pin::new(&mut *stream).poll_shutdown(cx))?;
        }
        let since = *self.shut.get_or_insert_with(Instant::now);
        while !clean && !self.ended {
            let mut scratch = [0; BUFFER];
            let mut discarded = ReadBuf::new(&mut scratch);
            match Pin::new(&mut *stream).poll_read(cx, &mut discarded) {
                Poll::Ready(Ok(())) => self.ended = discarded.filled().is_empty(),
                Poll::Ready(Err(_)) => self.ended = true,
                Poll::Pending if self.alarm.rings(since + LINGER, cx) => self.ended = true,
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(Ok(()))
    }
}
