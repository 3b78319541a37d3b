//! An answer as HTTP/1 bytes: how it is framed for this client, and piece by piece into the outbox.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, DATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body::{Body as _, Frame};
use http1::body::Framing;
use http1::outbox::Outbox;
use http1::write;
use model::invoke::Reason;

use crate::fields::{CFF_REQUEST_ID, REQUEST_ID};
use crate::heads;
use crate::reply::{Body, Polled, Reply};

/// What is sent, and how far it is.
#[derive(Debug)]
pub(crate) struct Answer {
    head: Option<http::response::Parts>,
    /// Of the request.
    id: HeaderValue,
    body: Body,
    framing: Option<Framing>,
    /// Of a body that is framed by its length.
    left: u64,
    persists: bool,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Flowing,
    Whole,
    Broken,
}

impl Answer {
    /// For a client that speaks HTTP/1.0, or 1.1, and whose connection should persist, or not.
    pub(crate) fn to(reply: Reply, http10: bool, persists: bool) -> Self {
        let mut answer = Self::new(reply, persists);
        if http10 {
            answer.for_http10();
        }
        answer
    }

    pub(crate) fn new(Reply { response, id, .. }: Reply, persists: bool) -> Self {
        let (mut head, body) = response.into_parts();
        let bodiless = body.is_end_stream() && (body.is_described() || has_no_body(head.status));
        let framing = match body.size_hint().exact() {
            _ if head.status == StatusCode::SWITCHING_PROTOCOLS => Some(Framing::ToClose),
            _ if bodiless => described(&head.headers, head.status).map(Framing::Length),
            Some(length) => Some(Framing::Length(length)),
            None => Some(Framing::Chunked),
        };
        let left = match framing {
            Some(Framing::Length(length)) if !bodiless => length,
            _ => 0,
        };
        if head.status != StatusCode::SWITCHING_PROTOCOLS && !persists {
            head.headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        let state = if bodiless { State::Whole } else { State::Flowing };
        Self { head: Some(head), id, body, framing, left, persists, state }
    }

    fn for_http10(&mut self) {
        if self.framing == Some(Framing::Chunked) {
            self.framing = Some(Framing::ToClose);
            self.persists = false;
        }
        let word = if self.persists { "keep-alive" } else { "close" };
        if let Some(head) = &mut self.head {
            head.headers.insert(CONNECTION, HeaderValue::from_static(word));
        }
    }

    /// Whether another request may follow it.
    pub(crate) fn persists(&self) -> bool {
        self.persists
    }

    /// Whether nothing more of it comes.
    pub(crate) fn is_over(&self) -> bool {
        self.state != State::Flowing
    }

    /// Whether it came to its end.
    pub(crate) fn is_whole(&self) -> bool {
        self.state == State::Whole
    }

    /// Writes the head, once.
    pub(crate) fn head(&mut self, outbox: &mut Outbox) {
        let Some(mut head) = self.head.take() else { return };
        let reason = head.extensions.get::<Reason>().map(|reason| &*reason.0);
        let response = write::Response { status: head.status, reason, headers: &head.headers, framing: self.framing };
        write::response(outbox.head(), &response, |out| {
            write::field(out, &REQUEST_ID, &self.id);
            write::field(out, &CFF_REQUEST_ID, &self.id);
            if !head.headers.contains_key(DATE) {
                write::date(out, u64::try_from(model::time::now().as_second()).unwrap_or(0));
            }
        });
        if let Some(taken) = self.body.heads.take() {
            heads::written(taken, &mut head, &self.id, self.framing);
        }
        http1::spare::keep(head.headers);
    }

    pub(crate) fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Polled> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    /// Writes what the body gave. A body that breaks off, or is not as long as was said, is never made to look whole.
    pub(crate) fn put(&mut self, frame: Polled, outbox: &mut Outbox) {
        match frame.map(|frame| frame.map(Frame::into_data)) {
            Some(Ok(Ok(data))) => self.data(data, outbox),
            Some(Ok(Err(frame))) => self.end(frame.into_trailers().ok().as_ref(), outbox),
            Some(Err(_)) => self.state = State::Broken,
            None => self.end(None, outbox),
        }
    }

    fn data(&mut self, data: Bytes, outbox: &mut Outbox) {
        match self.framing {
            Some(Framing::Chunked) => outbox.chunk(data),
            Some(Framing::Length(_)) => match self.left.checked_sub(data.len() as u64) {
                Some(left) => {
                    self.left = left;
                    outbox.data(data);
                }
                None => return self.state = State::Broken,
            },
            Some(Framing::ToClose) | None => outbox.data(data),
        }
        if self.body.is_end_stream() {
            self.end(None, outbox);
        }
    }

    fn end(&mut self, trailers: Option<&HeaderMap>, outbox: &mut Outbox) {
        if self.framing == Some(Framing::Chunked) {
            outbox.last_chunk(trailers);
        }
        self.state = if self.left == 0 { State::Whole } else { State::Broken };
    }
}

fn has_no_body(status: StatusCode) -> bool {
    matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

/// The length of what GET would get, where that is said.
fn described(headers: &HeaderMap, status: StatusCode) -> Option<u64> {
    let said = headers.get(CONTENT_LENGTH).filter(|_| status != StatusCode::NO_CONTENT)?;
    http1::field::decimal(said.as_bytes())
}
