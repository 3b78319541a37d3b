//! The rest of a body that nobody read: taken and dropped, within bounds, so that a client that is still sending gets the answer.
//!
//! A server that closes while bytes of a request are on their way resets the connection, and the client may lose an answer that was sent
//! before, such as 413 (RFC 9112 section 9.6). nginx calls it lingering.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::header::EXPECT;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use crate::serve::Serving;

/// Bytes that are taken at most: twice the largest body of an operation. Whoever sends more is cut off.
const BYTES: usize = 160 * 1024 * 1024;
/// How long a client may pause, and how long all of it may take.
const PAUSE: Duration = Duration::from_secs(5);
const WHOLE: Duration = Duration::from_secs(30);

/// The body of a request; what is left of it when it is dropped is taken all the same.
#[derive(Debug)]
pub(crate) struct Unread {
    body: Option<Incoming>,
    /// The client waits for word before it sends anything, and got none.
    waits: bool,
    serving: Serving,
}

impl Unread {
    pub(crate) fn new(body: Incoming, headers: &HeaderMap, serving: Serving) -> Self {
        Self { body: Some(body), waits: headers.contains_key(EXPECT), serving }
    }
}

impl Body for Unread {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.waits = false;
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(SizeHint::default, Body::size_hint)
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        let rest = self.body.take().filter(|body| !self.waits && !body.is_end_stream());
        if let Some(rest) = rest {
            let stopping = self.serving.stopping.clone();
            self.serving.tasks.spawn(async move {
                let _ = tokio::time::timeout(WHOLE, stopping.run_until_cancelled(take(rest))).await;
            });
        }
    }
}

async fn take(mut rest: Incoming) {
    let mut left = BYTES;
    while let Ok(Some(Ok(frame))) = tokio::time::timeout(PAUSE, rest.frame()).await {
        let Some(after) = left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) else { return };
        left = after;
    }
}
