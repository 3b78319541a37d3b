//! The body of a request on its way to the function: streamed, counted, and held to the rules.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use http::StatusCode;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use model::invoke::{self, BodyError};
use parking_lot::Mutex;

use crate::connection::Connection;
use crate::failure::Failure;

/// Up to this size a body that nobody reads is left to hyper, which can often take it in and keep the connection.
const SMALL: u64 = 8 * 1024;

/// Whether leaving this body unread costs the connection.
pub(crate) fn is_large(body: &Incoming) -> bool {
    !body.is_end_stream() && body.size_hint().upper().is_none_or(|size| size > SMALL)
}

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

    /// Whether all of the body arrived.
    pub(crate) fn is_complete(&self) -> bool {
        matches!(*self.0.progress.lock(), Progress::Complete)
    }
}

/// The function's end: an error in it means that the request must not be taken for whole.
///
/// Trailers are dropped: some servers merge them into the headers, where they could pretend to be ours.
#[derive(Debug)]
pub(crate) struct Upload {
    body: Incoming,
    left: u64,
    connection: Arc<Connection>,
    shared: Arc<Shared>,
}

impl Upload {
    /// Wraps a body. One with nothing in it needs no care.
    pub(crate) fn watch(body: Incoming, connection: &Arc<Connection>) -> (invoke::Body, Option<Outcome>) {
        if body.is_end_stream() {
            return (invoke::empty(), None);
        }
        let shared = Arc::new(Shared { progress: Mutex::new(Progress::Flowing), refused: AtomicWaker::new() });
        let left = connection.shared.limits.body_bytes;
        let upload = Self { body, left, connection: Arc::clone(connection), shared: Arc::clone(&shared) };
        (invoke::body(upload), Some(Outcome(shared)))
    }

    fn count(&mut self, data: Bytes) -> Result<Frame<Bytes>, BodyError> {
        let Some(left) = self.left.checked_sub(data.len() as u64) else {
            return Err(self.refuse(Failure::body_too_large(self.connection.shared.limits.body_bytes)));
        };
        self.left = left;
        if self.body.is_end_stream() {
            *self.shared.progress.lock() = Progress::Complete;
        }
        Ok(Frame::data(data))
    }

    /// The invoker keeps the kind for its record; what the client is told is our answer.
    fn refuse(&self, failure: Failure) -> BodyError {
        let too_large = failure.status == StatusCode::PAYLOAD_TOO_LARGE;
        let kind = if too_large { model::Kind::RequestTooLarge } else { model::Kind::Cancelled };
        let error = model::Error::new(kind).message(failure.message.clone());
        *self.shared.progress.lock() = Progress::Refused(failure);
        self.shared.refused.wake();
        error.into()
    }

    /// What a broken body means: the front knows why, unless the client just went away.
    fn broken(&self, error: hyper::Error) -> BodyError {
        match self.connection.front().take_failure() {
            Some(failure) => self.refuse(failure),
            None => error.into(),
        }
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        loop {
            let frame = std::task::ready!(Pin::new(&mut self.body).poll_frame(cx));
            let data = match frame {
                Some(Ok(frame)) => frame.into_data(),
                Some(Err(error)) => return Poll::Ready(Some(Err(self.broken(error)))),
                None => {
                    *self.shared.progress.lock() = Progress::Complete;
                    return Poll::Ready(None);
                }
            };
            let Ok(data) = data else { continue };
            return Poll::Ready(Some(self.count(data)));
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
