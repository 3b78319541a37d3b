//! The request body on its way to the user's server: framed, counted, and its failure remembered.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{HeaderMap, Method};
use http_body::{Body as _, Frame};
use http1::body::Framing;
use http1::outbox::Outbox;
use model::invoke::{Body, BodyError};
use model::{Error, Kind};

use crate::headers;

/// A request body, and what is known of it.
#[derive(Default)]
pub(crate) struct Upload {
    /// Bytes that were taken from the caller.
    pub(crate) bytes: u64,
    /// Whether the server could take more than the client has sent.
    pub(crate) waits: bool,
    rest: Rest,
    framing: Option<Framing>,
    /// The only piece that was taken so far, for the case that it was sent to nobody.
    first: Option<Bytes>,
    pieces: u32,
    failure: Option<Error>,
}

/// What is still to be sent.
#[derive(Default)]
enum Rest {
    /// Everything was taken.
    #[default]
    Nothing,
    /// What comes after the switch of protocols.
    Later(Body),
    /// This piece, then the body.
    Again(Bytes, Option<Body>),
    Coming(Body),
    /// The end of the framing.
    End(Option<Box<HeaderMap>>),
    /// It will not come.
    GivenUp,
}

/// How far a body has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Feed {
    /// Nothing more is to be sent.
    Over,
    /// There may be more when this was sent.
    Full,
    /// The next piece must come first.
    Waits,
}

/// What comes next of a body.
pub(crate) enum Part {
    Data(Bytes),
    /// The end of it, with its trailers.
    End(Option<Box<HeaderMap>>),
    /// All was taken, or will not come.
    Nothing,
}

/// A body that did not come whole; [`Upload::failure`] says why.
pub(crate) struct BrokeOff;

impl Upload {
    /// A request body; with `later` it is what comes after a switch of protocols, of which nothing is sent or said before.
    pub(crate) fn new(body: Body, later: bool) -> Self {
        if later {
            return Self { rest: Rest::Later(body), ..Self::default() };
        }
        if body.is_end_stream() {
            return Self { framing: Some(Framing::Length(0)), ..Self::default() };
        }
        let framing = body.size_hint().exact().map_or(Framing::Chunked, Framing::Length);
        Self { rest: Rest::Coming(body), framing: Some(framing), ..Self::default() }
    }

    /// What the head of the request says of the body: of none only where one could be expected (RFC 9110 section 8.6).
    pub(crate) fn framing(&self, method: &Method) -> Option<Framing> {
        let expected = [Method::POST, Method::PUT, Method::PATCH].contains(method);
        self.framing.filter(|framing| expected || *framing != Framing::Length(0))
    }

    /// Whether trailers can follow.
    pub(crate) fn is_chunked(&self) -> bool {
        self.framing == Some(Framing::Chunked)
    }

    /// Whether there is a body, or may be one.
    pub(crate) fn is_empty(&self) -> bool {
        self.framing == Some(Framing::Length(0))
    }

    /// Why the body failed, if it did: an error of our own kind is the caller's answer, any other means that the caller went
    /// away.
    pub(crate) fn failure(&mut self) -> Option<Error> {
        self.failure.take()
    }

    /// Why the time was over while it [waited](Upload::waits).
    pub(crate) fn too_slow(&self) -> Error {
        let bytes = self.bytes;
        Error::new(Kind::SlowRequest)
            .detail(format!("the client had sent {bytes} bytes of its body when the time was over"))
    }

    /// Takes no more from the client; answers whether there was more to come. The server hears neither of an end nor of an error.
    pub(crate) fn give_up(&mut self) -> bool {
        self.waits = false;
        let coming = !self.is_complete();
        if coming {
            self.rest = Rest::GivenUp;
        }
        coming
    }

    /// Whether everything was taken from the caller, with its end.
    pub(crate) fn is_complete(&self) -> bool {
        matches!(self.rest, Rest::Nothing)
    }

    /// Whether nothing more is to come, for whatever reason.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.rest, Rest::Nothing | Rest::GivenUp)
    }

    /// The protocols were switched: what was held back is sent as it is.
    pub(crate) fn switch(&mut self) {
        self.framing = Some(Framing::ToClose);
        if let Rest::Later(body) = std::mem::take(&mut self.rest) {
            self.rest = Rest::Coming(body);
        }
    }

    /// What was taken is on its way.
    pub(crate) fn sent(&mut self) {
        self.first = None;
        self.pieces = self.pieces.max(2);
    }

    /// What was taken was sent to nobody; answers whether it can be had again.
    pub(crate) fn rewind(&mut self) -> bool {
        match (self.first.take(), self.pieces) {
            (_, 0) if self.is_empty() || !self.is_complete() => true,
            (Some(first), 1) => {
                let length = first.len() as u64;
                self.bytes -= length;
                self.pieces = 0;
                if let Some(Framing::Length(left)) = &mut self.framing {
                    *left += length;
                }
                let rest = match std::mem::take(&mut self.rest) {
                    Rest::Coming(body) => Some(body),
                    _ => None,
                };
                self.rest = Rest::Again(first, rest);
                true
            }
            _ => false,
        }
    }

    /// Puts what has come into `outbox`, as long as that has room.
    ///
    /// # Errors
    /// The body broke off, or is not as long as it said.
    pub(crate) fn feed(&mut self, cx: &mut Context<'_>, outbox: &mut Outbox) -> Result<Feed, BrokeOff> {
        loop {
            if matches!(self.rest, Rest::Nothing | Rest::Later(_) | Rest::GivenUp) {
                return Ok(Feed::Over);
            }
            if !outbox.has_room() {
                return Ok(Feed::Full);
            }
            let Poll::Ready(part) = self.poll_next(cx)? else { return Ok(Feed::Waits) };
            match part {
                Part::Data(bytes) if self.is_chunked() => outbox.chunk(bytes),
                Part::Data(bytes) => outbox.data(bytes),
                Part::End(trailers) if self.is_chunked() => outbox.last_chunk(trailers.as_deref()),
                Part::End(_) => {}
                Part::Nothing => return Ok(Feed::Over),
            }
        }
    }

    /// What comes next of it, counted but not framed.
    ///
    /// # Errors
    /// The body broke off, or is not as long as it said.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Part, BrokeOff>> {
        loop {
            let data = match &mut self.rest {
                Rest::Nothing | Rest::Later(_) | Rest::GivenUp => return Poll::Ready(Ok(Part::Nothing)),
                Rest::Coming(body) => {
                    let frame = ready!(Pin::new(&mut *body).poll_frame(cx));
                    let ended = body.is_end_stream();
                    self.take(frame, ended)?
                }
                Rest::Again(first, body) => {
                    let (first, body) = (std::mem::take(first), body.take());
                    self.rest = body.map_or(Rest::End(None), Rest::Coming);
                    self.count(&first)?;
                    Some(first)
                }
                Rest::End(trailers) => {
                    let trailers = trailers.take();
                    self.rest = Rest::Nothing;
                    return Poll::Ready(Ok(Part::End(trailers)));
                }
            };
            if let Some(bytes) = data {
                return Poll::Ready(Ok(Part::Data(bytes)));
            }
        }
    }

    /// What a frame has of data; trailers and the end are kept for the next time.
    fn take(&mut self, frame: Option<Result<Frame<Bytes>, BodyError>>, ended: bool) -> Result<Option<Bytes>, BrokeOff> {
        let (mut data, mut trailers) = (None, None);
        match frame {
            Some(Ok(frame)) => match frame.into_data() {
                Ok(bytes) => {
                    self.count(&bytes)?;
                    if !ended && self.framing != Some(Framing::Length(0)) {
                        return Ok(Some(bytes));
                    }
                    data = Some(bytes);
                }
                Err(frame) => {
                    self.pieces += 1;
                    trailers = frame.into_trailers().ok().map(Box::new);
                    trailers.as_deref_mut().map(headers::trailers);
                }
            },
            Some(Err(error)) => return Err(self.failed(error)),
            None => {}
        }
        if let Some(Framing::Length(1..)) = self.framing {
            return Err(self.failed("it is shorter than it said".into()));
        }
        self.rest = Rest::End(trailers);
        Ok(data)
    }

    fn count(&mut self, bytes: &Bytes) -> Result<(), BrokeOff> {
        let length = bytes.len() as u64;
        self.bytes += length;
        self.pieces += 1;
        self.first = (self.pieces == 1).then(|| bytes.clone());
        if let Some(Framing::Length(left)) = &mut self.framing {
            match left.checked_sub(length) {
                Some(less) => *left = less,
                None => return Err(self.failed("it is longer than it said".into())),
            }
        }
        Ok(())
    }

    fn failed(&mut self, error: BodyError) -> BrokeOff {
        self.rest = Rest::GivenUp;
        self.failure = Some(match error.downcast::<Error>() {
            Ok(error) => *error,
            Err(other) => Error::new(Kind::Cancelled).detail(format!("the request body broke off: {other}")),
        });
        BrokeOff
    }
}
