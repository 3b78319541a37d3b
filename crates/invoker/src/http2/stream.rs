//! One request and its response on a connection that others share.
//!
//! As with HTTP/1.1, whoever waits for the response also sends the request; only the frames are the connection's. Dropping a stream
//! before its end resets it (CANCEL), which is how the user's server learns that nobody waits for it.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use h2::client::ResponseFuture;
use h2::{Reason, RecvStream, SendStream};
use http::request::Parts;
use http::{Response, StatusCode, header, response};
use http1::Malformed;
use http1::body::Piece;
use model::invoke::Hints;

use super::links::Busy;
use crate::alarm::Alarm;
use crate::call;
use crate::connection::{Failed, HEAD, HINTS};
use crate::headers;
use crate::upload::{Part, Upload};
use crate::upstream::Head;

/// Informational responses of one request, passed on or not.
const INFORMATIONAL: usize = 256;
/// Pieces that a poll sends before it looks at what came.
const ROUNDS: usize = 16;

/// An exchange under way.
pub(crate) struct Stream {
    response: ResponseFuture,
    send: SendStream<Bytes>,
    /// What was taken of the request and waits for room.
    waiting: Bytes,
    receive: Option<RecvStream>,
    /// Bytes of the body that are to come, where that was said.
    left: Option<u64>,
    /// Whether all data came, and then trailers or the end of them.
    ends: Ends,
    informational: usize,
    /// Whether the request is a HEAD.
    bodyless: bool,
    /// Whether the connection had served another request before.
    kept: bool,
    /// The time of the request that it serves.
    pub(crate) alarm: Alarm,
    busy: Busy,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    Data,
    Trailers,
    Over,
}

/// How the sending goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    /// There may be more.
    More,
    Over,
    /// The server takes no more of it.
    Refused,
}

impl Stream {
    pub(super) fn new(
        (response, send): (ResponseFuture, SendStream<Bytes>),
        busy: Busy,
        (bodyless, kept): (bool, bool),
    ) -> Self {
        Self {
            response,
            send,
            waiting: Bytes::new(),
            receive: None,
            left: None,
            ends: Ends::Data,
            informational: 0,
            bodyless,
            kept,
            alarm: Alarm::default(),
            busy,
        }
    }

    /// Sends the request and waits for the head of the response; the rest of the request follows with [`Stream::poll_piece`].
    pub(super) fn poll_head(
        &mut self,
        cx: &mut Context<'_>,
        upload: &mut Upload,
        hints: Option<&Hints>,
    ) -> Poll<Result<Head, Failed>> {
        let _: Poll<()> = self.poll_send(cx, upload)?;
        while let Poll::Ready(Some(hint)) = self.response.poll_informational(cx) {
            self.hint(hint?, hints)?;
        }
        let (head, receive) = ready!(Pin::new(&mut self.response).poll(cx))?.into_parts();
        self.left = check(&head, self.bodyless)?;
        self.ends = if receive.is_end_stream() { Ends::Over } else { Ends::Data };
        self.receive = Some(receive);
        Poll::Ready(Ok(Head { status: head.status, reason: None, headers: head.headers }))
    }

    fn hint(&mut self, mut hint: Response<()>, hints: Option<&Hints>) -> Result<(), Failed> {
        self.informational += 1;
        if hint.status() == StatusCode::SWITCHING_PROTOCOLS {
            return Err(Failed::Malformed(Malformed("there is no 101 in HTTP/2")));
        }
        if self.informational > INFORMATIONAL {
            return Err(Failed::Endless);
        }
        if let Some(hints) = hints
            && hint.status() != StatusCode::CONTINUE
            && self.informational <= HINTS
        {
            headers::response(hint.headers_mut());
            hints.push(hint);
        }
        Ok(())
    }

    /// The next piece of the response's body; meanwhile the rest of the request is sent.
    pub(crate) fn poll_piece(&mut self, cx: &mut Context<'_>, upload: &mut Upload) -> Poll<Result<Piece, Failed>> {
        let _: Poll<()> = self.poll_send(cx, upload)?;
        loop {
            let piece = match self.ends {
                Ends::Data => ready!(self.poll_data(cx))?,
                Ends::Trailers => return self.poll_trailers(cx),
                Ends::Over => return Poll::Ready(Ok(Piece::End)),
            };
            if let Some(piece) = piece {
                return Poll::Ready(Ok(piece));
            }
        }
    }

    /// The next bytes, or nothing but that the place has changed.
    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Piece>, Failed>> {
        let Some(receive) = &mut self.receive else { return Poll::Ready(Err(Failed::Closed)) };
        match ready!(receive.poll_data(cx)) {
            Some(Ok(bytes)) if bytes.is_empty() => {}
            Some(Ok(bytes)) => {
                receive.flow_control().release_capacity(bytes.len())?;
                self.left = self.left.map(|left| left.saturating_sub(bytes.len() as u64));
                return Poll::Ready(Ok(Some(Piece::Data(bytes))));
            }
            Some(Err(error)) if is_said_all(&error) => self.ends = Ends::Over,
            Some(Err(error)) => return Poll::Ready(Err(error.into())),
            None => self.ends = Ends::Trailers,
        }
        Poll::Ready(Ok(None))
    }

    fn poll_trailers(&mut self, cx: &mut Context<'_>) -> Poll<Result<Piece, Failed>> {
        let Some(receive) = &mut self.receive else { return Poll::Ready(Err(Failed::Closed)) };
        let trailers = ready!(receive.poll_trailers(cx));
        self.ends = Ends::Over;
        Poll::Ready(match trailers {
            Ok(Some(trailers)) => Ok(Piece::Trailers(Box::new(trailers))),
            Ok(None) => Ok(Piece::End),
            Err(error) if is_said_all(&error) => Ok(Piece::End),
            Err(error) => Err(error.into()),
        })
    }

    /// Sends what the caller sends; ready when that is over. A server that takes no more of it may still have answered.
    fn poll_send(&mut self, cx: &mut Context<'_>, upload: &mut Upload) -> Poll<Result<(), Failed>> {
        upload.waits = false;
        for _ in 0..ROUNDS {
            let step = match self.waiting.is_empty() {
                true => ready!(self.poll_part(cx, upload))?,
                false => ready!(self.poll_waiting(cx)),
            };
            if step == Step::Refused {
                self.waiting = Bytes::new();
                upload.give_up();
            }
            if step != Step::More {
                return Poll::Ready(Ok(()));
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Takes the next part of the request.
    fn poll_part(&mut self, cx: &mut Context<'_>, upload: &mut Upload) -> Poll<Result<Step, Failed>> {
        let part = match upload.poll_next(cx) {
            Poll::Ready(Ok(part)) => part,
            Poll::Ready(Err(broke_off)) => {
                self.send.send_reset(Reason::CANCEL);
                return Poll::Ready(Err(broke_off.into()));
            }
            Poll::Pending => {
                upload.waits = true;
                return Poll::Pending;
            }
        };
        let sent = match part {
            Part::Nothing => return Poll::Ready(Ok(Step::Over)),
            Part::Data(bytes) => {
                self.send.reserve_capacity(bytes.len());
                self.waiting = bytes;
                Ok(())
            }
            Part::End(Some(trailers)) => self.send.send_trailers(*trailers),
            Part::End(None) => self.send.send_data(Bytes::new(), true),
        };
        Poll::Ready(Ok(if sent.is_ok() { Step::More } else { Step::Refused }))
    }

    /// Sends as much of what waits as there is room for.
    fn poll_waiting(&mut self, cx: &mut Context<'_>) -> Poll<Step> {
        let mut room = self.send.capacity();
        if room == 0 {
            match ready!(self.send.poll_capacity(cx)) {
                Some(Ok(more)) => room = more,
                Some(Err(_)) | None => return Poll::Ready(Step::Refused),
            }
        }
        let piece = self.waiting.split_to(room.min(self.waiting.len()));
        let sent = piece.is_empty() || self.send.send_data(piece, false).is_ok();
        Poll::Ready(if sent { Step::More } else { Step::Refused })
    }

    /// Whether the response is complete, as far as one can tell without reading on.
    pub(crate) fn is_over(&self) -> bool {
        self.ends == Ends::Over || self.receive.as_ref().is_some_and(RecvStream::is_end_stream)
    }

    /// How many bytes of the body are still to come, if it was said.
    pub(crate) fn left(&self) -> Option<u64> {
        if self.is_over() { Some(0) } else { self.left }
    }

    /// Whether the server did nothing for the request, or at least nothing that matters.
    pub(super) fn may_be_repeated(&self, why: &Failed, request: &Parts, upload: &Upload) -> bool {
        let Failed::Http2(error) = why else { return false };
        let refused = error.is_remote() && (error.is_go_away() || error.reason() == Some(Reason::REFUSED_STREAM));
        // A kept connection may fail for reasons of its own.
        let harmless = self.kept && error.is_io() && self.informational == 0 && call::is_replayable(request, upload);
        refused || harmless
    }

    /// Tells the server that its answer is not waited for any more, and waits until it has heard that; answers whether it has.
    pub(crate) async fn hang_up(&mut self, grace: Duration) -> bool {
        self.send.send_reset(Reason::CANCEL);
        tokio::time::timeout(grace, self.busy.heard()).await.is_ok()
    }
}

/// Whether a stream was reset after everything was said: the server does not want the rest of the request (RFC 9113 section 8.1).
fn is_said_all(error: &h2::Error) -> bool {
    error.is_remote() && error.reason() == Some(Reason::NO_ERROR)
}

/// What a connection that was not made is.
pub(super) fn broken(error: io::Error) -> Failed {
    Failed::Broken(error)
}

/// How long the body is, where that is said. What the protocol itself forbids was refused with the frame; what is here are the rules
/// that hold for HTTP/1.1, too.
fn check(head: &response::Parts, bodyless: bool) -> Result<Option<u64>, Failed> {
    let illegal = |rule| Err(Failed::Malformed(Malformed(rule)));
    if head.headers.len() > HEAD.fields {
        return illegal("the head of the response has too many header fields");
    }
    let edge =
        |value: &[u8]| [value.first(), value.last()].into_iter().flatten().any(|byte| matches!(byte, b' ' | b'\t'));
    if head.headers.values().any(|value| edge(value.as_bytes())) {
        return illegal("a header field begins or ends with a space");
    }
    let mut lengths = head.headers.get_all(header::CONTENT_LENGTH).iter();
    let Some(length) = lengths.next() else { return Ok(None) };
    if lengths.next().is_some() {
        return illegal("it has more than one content-length");
    }
    let Some(length) = http1::field::decimal(length.as_bytes()) else {
        return illegal("its content-length is no number");
    };
    let none = bodyless || matches!(head.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    Ok((!none).then_some(length))
}
