//! Answers of one JSON object a line: what is kept, then, if wanted, what comes.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt as _};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue};
use serde::Serialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::serve::Serving;

/// An empty line at least this often shows that the connection lives.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// Says that a search ended before everything was looked at.
const SEARCH: HeaderName = HeaderName::from_static("x-funcd-search");

/// The line of one that is new and wanted.
pub(super) type New<T> = Box<dyn Fn(&T) -> Option<Bytes> + Send>;

/// What comes, as long as somebody reads.
pub(super) struct Live<T> {
    pub(super) live: Receiver<Arc<T>>,
    /// The line of one that is wanted and was not among those kept.
    pub(super) line: New<T>,
    /// The line in place of so many that were skipped.
    pub(super) skipped: fn(u64) -> Bytes,
    pub(super) stopping: CancellationToken,
}

/// Ends what follows when the server stops.
pub(super) fn stopping(serving: Option<Extension<Serving>>) -> CancellationToken {
    serving.map(|Extension(serving)| serving.stopping).unwrap_or_default()
}

/// One object a line: those kept, then those of `live`.
pub(super) fn answer<T: Send + Sync + 'static>(kept: Vec<Bytes>, cut: bool, live: Option<Live<T>>) -> Response {
    let past = stream::iter(kept);
    let body = match live {
        None => Body::from_stream(past.map(Ok::<_, std::convert::Infallible>)),
        Some(live) => Body::from_stream(past.chain(follow(live)).map(Ok::<_, std::convert::Infallible>)),
    };
    let headers = [(CONTENT_TYPE, "application/x-ndjson"), (CACHE_CONTROL, "no-store")];
    let mut response = (headers, body).into_response();
    if cut {
        response.headers_mut().insert(SEARCH, HeaderValue::from_static("cut"));
    }
    response
}

fn follow<T: Send + Sync + 'static>(live: Live<T>) -> impl Stream<Item = Bytes> + Send {
    stream::unfold(live, |mut live| async move {
        let bytes = live.next().await?;
        Some((bytes, live))
    })
}

impl<T> Live<T> {
    /// The next line, an empty one after a while without, nothing once the server stops.
    async fn next(&mut self) -> Option<Bytes> {
        let beat = tokio::time::Instant::now() + HEARTBEAT;
        loop {
            let came = tokio::select! {
                biased;
                () = self.stopping.cancelled() => return None,
                came = self.live.recv() => came,
                () = tokio::time::sleep_until(beat) => return Some(Bytes::from_static(b"\n")),
            };
            let line = match came {
                Ok(one) => (self.line)(&one),
                Err(RecvError::Lagged(skipped)) => Some((self.skipped)(skipped)),
                Err(RecvError::Closed) => return None,
            };
            if line.is_some() {
                return line;
            }
        }
    }
}

impl<T> fmt::Debug for Live<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Live")
    }
}

/// An object and the line's end.
pub(super) fn encode(object: &impl Serialize) -> Bytes {
    let mut json = serde_json::to_vec(object).unwrap_or_default();
    json.push(b'\n');
    json.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_that_could_not_look_at_everything_says_so() {
        let said = |cut| answer(Vec::new(), cut, None::<Live<u8>>).headers().get(SEARCH).cloned();
        assert_eq!((said(false), said(true)), (None, Some(HeaderValue::from_static("cut"))));
    }
}
