//! The request body on its way to the user's server: counted, and its failure remembered, because hyper only says that there
//! was one.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use model::invoke::{Body, BodyError};
use model::{Error, Kind};
use parking_lot::Mutex;

/// What is known of a request body.
#[derive(Default)]
pub(crate) struct Upload {
    /// Bytes that were taken from the caller.
    pub(crate) bytes: AtomicU64,
    /// `None` when it came whole, failed or was given up, and where there is none.
    rest: Mutex<Option<Body>>,
    /// Whether the server could take more than the client has sent.
    waits: AtomicBool,
    failure: Mutex<Option<Error>>,
}

impl Upload {
    /// Why the body failed, if it did: an error of our own kind is the caller's answer, any other means that the caller went
    /// away.
    pub(crate) fn failure(&self) -> Option<Error> {
        self.failure.lock().take()
    }

    /// Whether the next thing that has to happen is that the client sends more.
    pub(crate) fn waits(&self) -> bool {
        self.waits.load(Ordering::Relaxed)
    }

    /// Why the time was over while it [waited](Upload::waits).
    pub(crate) fn too_slow(&self) -> Error {
        let bytes = self.bytes.load(Ordering::Relaxed);
        Error::new(Kind::SlowRequest)
            .detail(format!("the client had sent {bytes} bytes of its body when the time was over"))
    }

    /// Takes no more from the client; answers whether there was more to come. The server hears neither of an end nor of an error.
    pub(crate) fn give_up(&self) -> bool {
        let rest = self.rest.lock().take();
        rest.is_some()
    }

    /// The body, watched. One with nothing in it stays as it is.
    pub(crate) fn watch(self: &Arc<Self>, body: Body) -> Body {
        if body.is_end_stream() {
            return body;
        }
        *self.rest.lock() = Some(body);
        model::invoke::body(Watched { upload: Arc::clone(self), over: false })
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
    upload: Arc<Upload>,
    /// Whether it came whole, or failed.
    over: bool,
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if self.over {
            return Poll::Ready(None);
        }
        let upload = Arc::clone(&self.upload);
        let mut rest = upload.rest.lock();
        // What was given up never comes.
        let Some(body) = rest.as_mut() else { return Poll::Pending };
        let polled = Pin::new(&mut *body).poll_frame(cx);
        upload.waits.store(polled.is_pending(), Ordering::Relaxed);
        let frame = ready!(polled);
        self.over = !matches!(frame, Some(Ok(_))) || body.is_end_stream();
        if self.over {
            *rest = None;
        }
        match frame {
            Some(Ok(frame)) => {
                if let Some(bytes) = frame.data_ref() {
                    upload.bytes.fetch_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX), Ordering::Relaxed);
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Some(Err(error)) => {
                upload.failed(error);
                Poll::Ready(Some(Err("the request body broke off".into())))
            }
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.over
    }

    fn size_hint(&self) -> SizeHint {
        match &*self.upload.rest.lock() {
            Some(body) => body.size_hint(),
            None => SizeHint::default(),
        }
    }
}
