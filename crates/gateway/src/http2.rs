//! HTTP/2 for clients that agreed on it with TLS, or begin with it (RFC 9113 section 3.3), as those do who call a server of their own without TLS. The
//! framing is hyper's; each stream is an ordinary request from here on, and what HTTP/1 heads are refused for is refused here.

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use http::{Request, Response};
use http_body::Body as _;
use hyper::body::Incoming;
use hyper::rt::{Executor, Read, ReadBufCursor, Write};
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use model::invoke;
use tokio_util::task::TaskTracker;

use crate::connection::{Connection, Peer};
use crate::request::Asked;
use crate::stream::Stream;
use crate::upload::{Source, Upload};
use crate::{head, reply, request};

/// Streams that one client may have open.
const STREAMS: u32 = 100;
/// Streams that a client may reset before they are served (CVE-2023-44487), and that it may make us reset (CVE-2025-8671).
const RESETS: usize = 20;
/// Bytes of a response that may wait for one stream.
const SEND_BUFFER: usize = 64 * 1024;
/// Bytes that may come for one stream and for all of a connection before they are taken.
const WINDOW: (u32, u32) = (256 * 1024, 1024 * 1024);

/// Serves a connection to its end. `open` is what ends with it.
pub(crate) async fn serve<O>(connection: &Connection, open: O) {
    let Some((stream, begun)) = connection.front().take() else { return };
    let peer = Arc::clone(&connection.peer);
    let shared = Arc::clone(&peer.shared);
    let tasks = Tasks(TaskTracker::new());
    let service = service_fn(move |request| {
        let peer = Arc::clone(&peer);
        async move { Ok::<_, Infallible>(stream_of(peer, request).await) }
    });
    let limits = &shared.limits;
    let mut builder = http2::Builder::new(tasks.clone());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_pending_accept_reset_streams(RESETS)
        .max_local_error_reset_streams(RESETS)
        .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX))
        .max_send_buf_size(SEND_BUFFER)
        .initial_stream_window_size(WINDOW.0)
        .initial_connection_window_size(WINDOW.1)
        // Asks a silent client whether it is there, and closes when it does not say so.
        .keep_alive_interval(limits.idle_timeout)
        .keep_alive_timeout(Duration::from_secs(10));
    let io = Begun { begun, stream: TokioIo::new(stream) };
    let mut http = pin!(builder.serve_connection(io, service));
    let mut drain = pin!(shared.drain.notified());
    if shared.draining.load(Ordering::Acquire) {
        http.as_mut().graceful_shutdown();
    }
    let ended = tokio::select! {
        ended = &mut http => ended,
        () = &mut drain => {
            http.as_mut().graceful_shutdown();
            http.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(client = ?connection.peer.client.ip, %error, "connection.ended");
    }
    tasks.0.close();
    drop(open);
}

/// Answers one stream.
async fn stream_of(peer: Arc<Peer>, request: Request<Incoming>) -> Response<reply::Body> {
    let (mut parts, body) = request.into_parts();
    if let Err(failure) = head::check_http2(&mut parts, &peer.shared.limits) {
        return request::refuse(&peer, &failure);
    }
    let (body, upload) = if body.is_end_stream() {
        (invoke::empty(), None)
    } else {
        let (body, upload) = Upload::watch(Source::Http2(body), peer.shared.limits.body_bytes);
        (body, Some(upload))
    };
    // A stream of its own: what is left of its body is nobody's trouble. Early hints are not: hyper cannot send them.
    let asked = Asked { peer, upload, unread: false, websocket: false, hints: None };
    let mut reply = request::serve(asked, Request::from_parts(parts, body)).await;
    reply.response.headers_mut().remove(http::header::CONNECTION);
    reply.response
}

/// Where the streams run: on the connection's thread.
#[derive(Clone, Debug)]
struct Tasks(TaskTracker);

impl<F> Executor<F> for Tasks
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn execute(&self, future: F) {
        self.0.spawn(future);
    }
}

/// A stream whose first bytes were read already.
#[derive(Debug)]
struct Begun {
    begun: Bytes,
    stream: TokioIo<Stream>,
}

impl Read for Begun {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<std::io::Result<()>> {
        if self.begun.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buf);
        }
        let now = self.begun.len().min(buf.remaining());
        buf.put_slice(self.begun.get(..now).unwrap_or_default());
        self.begun.advance(now);
        Poll::Ready(Ok(()))
    }
}

impl Write for Begun {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
