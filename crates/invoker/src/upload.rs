//! The request body on its way to the user's server: counted, and its failure remembered, because hyper only says that there
//! was one.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use model::invoke::{Body, BodyError};
use model::{Error, Kind};
use parking_lot::Mutex;

/// What is known of a request body.
#[derive(Debug, Default)]
pub(crate) struct Upload {
    /// Bytes that were taken from the caller.
    pub(crate) bytes: AtomicU64,
    failure: Mutex<Option<Error>>,
}

impl Upload {
    /// Why the body failed, if it did: an error of our own kind is the caller's answer, any other means that the caller went
    /// away.
    pub(crate) fn failure(&self) -> Option<Error> {
        self.failure.lock().take()
    }

    /// The body, watched. One with nothing in it stays as it is.
    pub(crate) fn watch(self: &Arc<Self>, body: Body) -> Body {
        if body.is_end_stream() {
            return body;
        }
        model::invoke::body(Watched { body, upload: Arc::clone(self) })
    }

    fn failed(&self, error: BodyError) {
        let error = match error.downcast::<Error>() {
            Ok(error) => *error,
            Err(other) => Error::new(Kind::Cancelled).detail(format!("the request body broke off: {other}")),
        };
        *self.failure.lock() = Some(error);
    }
}

struct Watched {
    body: Body,
    upload: Arc<Upload>,
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
            Some(Ok(frame)) => frame,
            Some(Err(error)) => {
                self.upload.failed(error);
                return Poll::Ready(Some(Err("the request body broke off".into())));
            }
            None => return Poll::Ready(None),
        };
        if let Some(bytes) = frame.data_ref() {
            self.upload.bytes.fetch_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
