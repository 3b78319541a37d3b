//! One HTTP/1.1 connection to a user's server, and the exchange on it.
//!
//! Nobody drives it but whoever waits for the response: each poll sends what there is of the request and reads what there is of
//! the response, one after the other, so that neither direction waits for the other.

use std::fmt;
use std::io;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Response, StatusCode};
use http1::body::{Framing, Piece, Reader as Body};
use http1::outbox::Outbox;
use http1::response::{Head, Limits, Reader};
use http1::write::Request;
use http1::{Inbox, Malformed};
use model::invoke::Hints;

use crate::alarm::Alarm;
use crate::headers::{self, Stamp};
use crate::launch::Socket;
use crate::upload::{BrokeOff, Feed, Upload};

mod kept;
mod wire;

pub(crate) use kept::{Connections, thread_index};
use wire::Wire;

/// What a response's head may be.
pub(crate) const HEAD: Limits = Limits { bytes: 64 * 1024, fields: 256 };
/// Bytes that may come before a response's head is complete, informational responses with them.
const BEFORE_HEAD: usize = 1024 * 1024;
/// Informational responses of one request that are passed on.
pub(crate) const HINTS: usize = 16;
/// The end of a chunked body behind its last chunk.
const END: &[u8] = b"\r\n0\r\n\r\n";
/// Times that a poll fills the stream before it looks at what came from there.
const ROUNDS: usize = 8;

/// A connection and what is under way on it.
pub(crate) struct Connection {
    wire: Wire,
    inbox: Inbox,
    outbox: Outbox,
    head: Reader,
    body: Body,
    /// Bytes that came since the request was begun.
    heard: usize,
    hinted: usize,
    /// Whether the request is a HEAD.
    bodyless: bool,
    /// Whether the head of the response allows another request.
    persists: bool,
    /// Whether what comes after the heads is no message any more.
    switched: bool,
    /// Whether the server may not know yet that its last bytes came.
    owing: bool,
    /// Why the server took no more of the request.
    refused: Option<io::Error>,
    /// The time of the request that it serves.
    pub(crate) alarm: Alarm,
    /// The thread that it and its alarm are registered with.
    home: usize,
}

/// Why there is no response, or no more of it.
#[derive(Debug)]
pub(crate) enum Failed {
    /// What came is no response.
    Malformed(Malformed),
    /// More came before the head than any head needs.
    Endless,
    /// It ended too early.
    Closed,
    /// It broke.
    Broken(io::Error),
    /// The request body broke off; its [`Upload`] knows why.
    Upload,
    /// What went wrong with a stream of HTTP/2, or with its connection.
    Http2(h2::Error),
}

impl Connection {
    /// A connection on which nothing was said yet.
    pub(crate) fn new(socket: Socket, alarm: Alarm) -> Self {
        Self {
            wire: Wire::new(socket),
            inbox: Inbox::default(),
            outbox: Outbox::default(),
            head: Reader::default(),
            body: Body::Length(0),
            heard: 0,
            hinted: 0,
            bodyless: false,
            persists: false,
            switched: false,
            owing: false,
            refused: None,
            alarm,
            home: thread_index(),
        }
    }

    /// Begins an exchange, which the next polls carry out.
    pub(crate) fn begin(&mut self, request: &Parts, stamp: &Stamp, request_id: &str, upload: &Upload) {
        self.wire.begin();
        self.head = Reader::default();
        (self.heard, self.hinted) = (0, 0);
        (self.persists, self.bodyless) = (false, request.method == Method::HEAD);
        self.owing = false; // the request says it
        let out = self.outbox.head();
        let target = request.uri.path_and_query().map_or("/", |target| target.as_str());
        let ours = |out: &mut _| stamp.write(out, request_id);
        let Parts { method, headers, .. } = request;
        http1::write::request(out, &Request { method, target, headers, framing: upload.framing(method) }, ours);
    }

    /// Sends the request and waits for the head of the response; the rest of the request follows with [`Connection::poll_piece`].
    pub(crate) fn poll_head(
        &mut self,
        cx: &mut Context<'_>,
        upload: &mut Upload,
        hints: Option<&Hints>,
    ) -> Poll<Result<Head, Failed>> {
        let _: Poll<()> = self.poll_send(cx, upload)?;
        loop {
            match self.head.read(&mut self.inbox.bytes, HEAD)? {
                Some(head) if head.status.is_informational() && head.status != StatusCode::SWITCHING_PROTOCOLS => {
                    self.hint(head, hints);
                }
                Some(head) => {
                    self.begin_body(&head);
                    return Poll::Ready(Ok(head));
                }
                None if self.heard > BEFORE_HEAD => return Poll::Ready(Err(Failed::Endless)),
                None => match ready!(self.poll_more(cx, 0))? {
                    0 => return Poll::Ready(Err(self.refused.take().map_or(Failed::Closed, Failed::Broken))),
                    read => self.heard += read,
                },
            }
        }
    }

    /// The next piece of the response's body; meanwhile the rest of the request is sent.
    pub(crate) fn poll_piece(&mut self, cx: &mut Context<'_>, upload: &mut Upload) -> Poll<Result<Piece, Failed>> {
        let _: Poll<()> = self.poll_send(cx, upload)?;
        loop {
            match self.body.next(&mut self.inbox.bytes)? {
                Piece::More => {}
                piece => return Poll::Ready(Ok(piece)),
            }
            match ready!(self.poll_more(cx, self.body.left()))? {
                0 if self.body.may_end_here() => return Poll::Ready(Ok(Piece::End)),
                0 => return Poll::Ready(Err(Failed::Closed)),
                _ => {}
            }
        }
    }

    /// Reads on. A server that writes a response in small pieces must not have to wait for a delayed acknowledgement of one before
    /// its system sends the next (RFC 1122 section 4.2.3.2, RFC 896): where more is to come, it is told at once.
    fn poll_more(&mut self, cx: &mut Context<'_>, wanted: u64) -> Poll<io::Result<usize>> {
        let read = self.inbox.poll_fill(&mut self.wire, cx, wanted);
        if std::mem::replace(&mut self.owing, read.is_ready()) && read.is_pending() {
            self.wire.acknowledge();
        }
        read
    }

    /// Sends what the caller sends; ready when that is over. A server that takes no more of it may still have answered.
    pub(crate) fn poll_send(&mut self, cx: &mut Context<'_>, upload: &mut Upload) -> Poll<Result<(), Failed>> {
        for _ in 0..ROUNDS {
            let feed = upload.feed(cx, &mut self.outbox)?;
            let flushed = self.outbox.poll_flush(&mut self.wire, cx);
            if !self.unsent() {
                upload.sent();
            }
            upload.waits = feed == Feed::Waits && flushed.is_ready();
            match (ready!(flushed), feed) {
                (Err(error), _) => return Poll::Ready(self.refuse(error, upload)),
                (Ok(()), Feed::Over) if self.switched => return self.wire.poll_end(cx).map(Ok),
                (Ok(()), Feed::Over) => return Poll::Ready(Ok(())),
                (Ok(()), Feed::Waits) => return Poll::Pending,
                (Ok(()), Feed::Full) => {}
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn refuse(&mut self, error: io::Error, upload: &mut Upload) -> Result<(), Failed> {
        if self.unsent() {
            // Whatever it has said, that is no answer.
            return Err(Failed::Broken(error));
        }
        upload.give_up();
        self.outbox = Outbox::default();
        self.refused = Some(error);
        Ok(())
    }

    fn hint(&mut self, head: Head, hints: Option<&Hints>) {
        let Some(hints) = hints.filter(|_| head.status != StatusCode::CONTINUE && self.hinted < HINTS) else { return };
        self.hinted += 1;
        let mut hint = Response::new(());
        *hint.status_mut() = head.status;
        *hint.headers_mut() = head.headers;
        headers::response(hint.headers_mut());
        hints.push(hint);
    }

    fn begin_body(&mut self, head: &Head) {
        let framing = if self.bodyless { Framing::Length(0) } else { head.framing };
        self.body = framing.into();
        self.persists = head.keep_alive && framing != Framing::ToClose;
        self.switched = head.status == StatusCode::SWITCHING_PROTOCOLS;
    }

    /// The whole body, if all of it has come.
    pub(crate) fn whole(&mut self) -> Option<Bytes> {
        let Body::Length(length) = self.body else { return None };
        let length = usize::try_from(length).ok().filter(|&length| length <= self.inbox.bytes.len())?;
        self.body = Body::Length(0);
        Some(self.inbox.bytes.split_to(length).freeze())
    }

    /// Whether the response is complete, as far as one can tell without reading on.
    pub(crate) fn is_over(&mut self) -> bool {
        match &mut self.body {
            Body::Chunked(decoder) if decoder.left() == 0 && self.inbox.bytes.starts_with(END) => {
                matches!(self.body.next(&mut self.inbox.bytes), Ok(Piece::End))
            }
            body => body.is_over(),
        }
    }

    /// How many bytes of the body are still to come, if it was said.
    pub(crate) fn left(&self) -> Option<u64> {
        match self.body {
            Body::Length(left) => Some(left),
            Body::Chunked(_) | Body::ToClose => None,
        }
    }

    /// The same, for the runtime of the calling thread: socket and alarm of another one are deaf once that has ended.
    fn adopted(self: Box<Self>) -> Option<Box<Self>> {
        let mut connection = *self;
        connection.home = thread_index();
        connection.alarm = Alarm::default();
        match connection.wire.adopted() {
            Ok(wire) => connection.wire = wire,
            Err(error) => {
                tracing::debug!(%error, "connection.adopt");
                return None;
            }
        }
        Some(Box::new(connection))
    }

    /// It waits for another request.
    fn rest(&mut self) {
        self.inbox.shrink();
    }

    /// Whether it can serve another request: both sides have said all, and nothing else.
    pub(crate) fn is_reusable(&self, upload: &Upload) -> bool {
        self.persists
            && upload.is_complete()
            && self.outbox.is_empty()
            && self.inbox.bytes.is_empty()
            && self.refused.is_none()
            && !self.wire.is_hung_up()
    }

    /// Whether nothing has come of what nobody asked for, nor its end, as far as is known without asking the kernel.
    pub(crate) fn poll_quiet(&mut self, cx: &mut Context<'_>) -> bool {
        self.inbox.poll_fill(&mut self.wire, cx, 0).is_pending()
    }

    /// Whether the server closed it; asks the kernel.
    pub(crate) fn is_spent(&self) -> bool {
        self.wire.is_spent()
    }

    /// Whether not a byte of the request has left.
    pub(crate) fn unsent(&self) -> bool {
        self.wire.is_unused()
    }

    /// Whether any byte of an answer came.
    pub(crate) fn heard_something(&self) -> bool {
        self.heard > 0
    }

    /// Tells the server that its answer is not waited for any more, without closing the connection: whether the server closes
    /// it shows whether it gave the request up. Nothing more is sent.
    pub(crate) fn hang_up(&mut self) {
        self.wire.hang_up();
    }
}

impl From<Malformed> for Failed {
    fn from(what: Malformed) -> Self {
        Self::Malformed(what)
    }
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

impl From<h2::Error> for Failed {
    fn from(error: h2::Error) -> Self {
        Self::Http2(error)
    }
}

impl Failed {
    /// Whether the server broke the rules of HTTP rather than the connection.
    pub(crate) fn is_illegal(&self) -> bool {
        match self {
            Self::Malformed(_) | Self::Endless => true,
            Self::Http2(error) => error.is_library(),
            Self::Closed | Self::Broken(_) | Self::Upload => false,
        }
    }
}

impl From<BrokeOff> for Failed {
    fn from(_: BrokeOff) -> Self {
        Self::Upload
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(what) => write!(f, "the response is not passed on: {what}"),
            Self::Endless => f.write_str("no head of a response within 1 MiB"),
            Self::Closed => f.write_str("the connection was closed"),
            Self::Broken(error) => write!(f, "the connection broke: {error}"),
            Self::Upload => f.write_str("the request body broke off"),
            Self::Http2(error) if error.is_library() => {
                let why = error.reason().unwrap_or(h2::Reason::PROTOCOL_ERROR);
                write!(
                    f,
                    "what the server sent is not HTTP/2 ({why:?}); its API says that it speaks that, without TLS (GRPCS)"
                )
            }
            Self::Http2(error) => match error.reason() {
                Some(reason) if error.is_reset() => write!(f, "the server reset the stream ({reason:?})"),
                Some(reason) => write!(f, "the server closed the connection ({reason:?})"),
                None => write!(f, "the connection broke: {error}"),
            },
        }
    }
}

#[cfg(test)]
mod tests;
