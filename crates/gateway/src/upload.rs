//! The body of a request on its way to the function: streamed, counted, and held to the rules.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use http::StatusCode;
use http_body::{Body, Frame, SizeHint};
use http1::body::Piece;
use hyper::body::Incoming;
use model::invoke::{self, BodyError};
use parking_lot::Mutex;

use crate::config::Limits;
use crate::connection::Connection;
use crate::failure::Failure;
use crate::fields;
use crate::pace::Pace;

/// How far the upload is.
#[derive(Debug)]
enum Progress {
    Flowing,
    Complete,
    Refused(Failure),
}

#[derive(Debug)]
struct Shared {
    progress: Mutex<Progress>,
    refused: AtomicWaker,
    /// Whether the client may take its time.
    patient: AtomicBool,
}

/// The gateway's end of an [`Upload`].
#[derive(Debug)]
pub(crate) struct Outcome(Arc<Shared>);

impl Outcome {
    /// Waits until the client breaks a rule; forever when it does not.
    pub(crate) async fn refused(&self) -> Failure {
        std::future::poll_fn(|cx| {
            self.0.refused.register(cx.waker());
            self.refusal().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    /// The rule that the client broke, if it did.
    pub(crate) fn refusal(&self) -> Option<Failure> {
        match &*self.0.progress.lock() {
            Progress::Refused(failure) => Some(failure.clone()),
            Progress::Flowing | Progress::Complete => None,
        }
    }

    /// From now on the client may be as slow as it likes: its messages come when there is something to say.
    pub(crate) fn be_patient(&self) {
        self.0.patient.store(true, Ordering::Relaxed);
    }

    /// Whether all of the body arrived.
    pub(crate) fn is_complete(&self) -> bool {
        matches!(*self.0.progress.lock(), Progress::Complete)
    }
}

/// Where a body comes from.
#[derive(Debug)]
pub(crate) enum Source {
    /// The rest of what an HTTP/1 client sends for this request, or everything after the 101.
    Http1 {
        /// Whose.
        connection: Arc<Connection>,
        /// Which of its requests.
        number: u64,
    },
    /// A stream of HTTP/2.
    Http2 {
        /// What comes.
        incoming: Incoming,
        /// How fast.
        pace: Box<Pace>,
        /// How long it may pause.
        pause: Duration,
        /// Bytes a second on the average.
        rate: u64,
    },
}

/// The function's end: an error in it means that the request must not be taken for whole.
#[derive(Debug)]
pub(crate) struct Upload {
    source: Source,
    left: u64,
    limit: u64,
    over: bool,
    shared: Arc<Shared>,
}

impl Upload {
    /// Wraps a body that has at least a byte, or may have one. `limit` is in bytes.
    pub(crate) fn watch(source: Source, limit: u64) -> (invoke::Body, Outcome) {
        let progress = Mutex::new(Progress::Flowing);
        let shared = Arc::new(Shared { progress, refused: AtomicWaker::new(), patient: AtomicBool::new(false) });
        let upload = Self { source, left: limit, limit, over: false, shared: Arc::clone(&shared) };
        (invoke::body(upload), Outcome(shared))
    }

    fn count(&mut self, data: Bytes) -> Result<Frame<Bytes>, BodyError> {
        let Some(left) = self.left.checked_sub(data.len() as u64) else {
            return Err(self.refuse(Failure::body_too_large(self.limit)));
        };
        self.left = left;
        if self.source.is_over() {
            self.complete();
        }
        Ok(Frame::data(data))
    }

    fn complete(&mut self) {
        self.over = true;
        *self.shared.progress.lock() = Progress::Complete;
    }

    /// The invoker keeps the kind for its record; what the client is told is our answer.
    fn refuse(&mut self, failure: Failure) -> BodyError {
        let too_large = failure.status == StatusCode::PAYLOAD_TOO_LARGE;
        let kind = if too_large { model::Kind::RequestTooLarge } else { model::Kind::Cancelled };
        let error = model::Error::new(kind).message(failure.message.clone());
        self.over = true;
        *self.shared.progress.lock() = Progress::Refused(failure);
        self.shared.refused.wake();
        error.into()
    }
}

impl Source {
    /// A stream that must not be slower than the limits say.
    pub(crate) fn http2(incoming: Incoming, limits: &Limits) -> Self {
        let (pause, rate) = (limits.body_stall_timeout, limits.body_rate);
        Self::Http2 { incoming, pace: Box::default(), pause, rate }
    }

    /// Bytes that are known to come, such as the rest of a chunk.
    fn announced(&self) -> u64 {
        match self {
            Self::Http1 { connection, .. } => connection.front().announced(),
            Self::Http2 { incoming, .. } => incoming.size_hint().lower(),
        }
    }

    fn is_over(&self) -> bool {
        match self {
            Self::Http1 { connection, .. } => connection.front().body_left() == Some(0),
            Self::Http2 { incoming, .. } => incoming.is_end_stream(),
        }
    }

    fn poll_piece(&mut self, patient: bool, cx: &mut Context<'_>) -> Poll<Result<Piece, Broken>> {
        match self {
            Self::Http1 { connection, number } => {
                connection.front().poll_body(*number, cx).map_err(|failure| match failure {
                    Some(failure) => Broken::Refused(failure),
                    None => Broken::Gone("the client went away".into()),
                })
            }
            Self::Http2 { incoming, pace, pause, rate } => {
                let Poll::Ready(polled) = Pin::new(incoming).poll_frame(cx) else {
                    let slow = (!patient && pace.too_slow(*pause, *rate, cx))
                        .then(|| Failure::slow("the request body", *pause));
                    return slow.map_or(Poll::Pending, |failure| Poll::Ready(Err(Broken::Refused(failure))));
                };
                pace.moved(polled.as_ref().and_then(|one| one.as_ref().ok()?.data_ref()).map_or(0, Bytes::len));
                Poll::Ready(piece(polled))
            }
        }
    }
}

fn piece(polled: Option<Result<Frame<Bytes>, hyper::Error>>) -> Result<Piece, Broken> {
    match polled {
        None => Ok(Piece::End),
        Some(Err(error)) => Err(Broken::Gone(error.into())),
        Some(Ok(frame)) => Ok(match frame.into_data() {
            Ok(data) => Piece::Data(data),
            Err(frame) => Piece::Trailers(Box::new(frame.into_trailers().unwrap_or_default())),
        }),
    }
}

/// Why there is no more of a body.
enum Broken {
    Refused(Failure),
    Gone(BodyError),
}

impl Body for Upload {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        loop {
            if self.over {
                return Poll::Ready(None);
            }
            let patient = self.shared.patient.load(Ordering::Relaxed);
            let polled = self.source.poll_piece(patient, cx);
            if self.source.announced() > self.left {
                let failure = Failure::body_too_large(self.limit);
                return Poll::Ready(Some(Err(self.refuse(failure))));
            }
            let frame = match ready!(polled) {
                Ok(Piece::Data(data)) if data.is_empty() => continue,
                Ok(Piece::Data(data)) => self.count(data),
                Ok(Piece::Trailers(mut trailers)) => {
                    self.complete();
                    fields::clean_trailers(&mut trailers);
                    Ok(Frame::trailers(*trailers))
                }
                Ok(Piece::End | Piece::More) => {
                    self.complete();
                    continue;
                }
                Err(Broken::Refused(failure)) => Err(self.refuse(failure)),
                Err(Broken::Gone(error)) => {
                    self.over = true;
                    Err(error)
                }
            };
            return Poll::Ready(Some(frame));
        }
    }

    fn is_end_stream(&self) -> bool {
        self.over
    }

    fn size_hint(&self) -> SizeHint {
        if self.over {
            return SizeHint::with_exact(0);
        }
        match &self.source {
            Source::Http1 { connection, .. } => {
                connection.front().body_left().map_or_else(SizeHint::default, SizeHint::with_exact)
            }
            Source::Http2 { incoming, .. } => incoming.size_hint(),
        }
    }
}
