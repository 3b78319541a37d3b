//! HTTP/2 for clients that agreed on it with TLS, or begin with it (RFC 9113 section 3.3), as those do who call a server of their own without TLS. The
//! framing is hyper's; each stream is an ordinary request from here on, and what HTTP/1 heads are refused for is refused here.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use http::{Request, Response};
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::rt::{Executor, Read, ReadBufCursor, Write};
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use model::invoke;
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use crate::connection::{Connection, Peer};
use crate::pace::Pace;
use crate::request::Asked;
use crate::stream;
use crate::upload::{Source, Upload};
use crate::{head, heads, reply, request};

/// How HTTP/2 begins for who knows that it is spoken here (RFC 9113 section 3.3).
pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Streams that one client may have open.
const STREAMS: u32 = 100;
/// Streams that a client may reset before they are served (CVE-2023-44487), and that it may make us reset (CVE-2025-8671).
const RESETS: usize = 20;
/// Streams that a client may give up before they are answered: so many at once, and so many a second (CVE-2023-44487). Each has cost a
/// function something by then.
const GIVEN_UP: (f64, f64) = (200.0, 20.0);
/// Bytes of a response that may wait for one stream.
const SEND_BUFFER: usize = 64 * 1024;
/// Bytes that may come for one stream before they are taken: what most proxies begin with. A client's upload is as fast as that many each
/// round trip.
const STREAM_WINDOW: u32 = 64 * 1024;
/// The same for all streams of a connection. Bodies of calls that wait for an instance are not taken, and must not keep what others send from
/// coming: all streams can be full.
const CONNECTION_WINDOW: u32 = STREAMS * STREAM_WINDOW;

/// Serves a connection to its end. `open` is what ends with it.
pub(crate) async fn serve<O>(connection: &Connection, open: O) {
    let Some((stream, begun)) = connection.front().take() else { return };
    let peer = Arc::clone(&connection.peer);
    let shared = Arc::clone(&peer.shared);
    let limits = &shared.limits;
    let tasks = Tasks { tracker: TaskTracker::new(), pause: limits.write_stall_timeout, rate: limits.response_rate };
    let patience = Arc::new(Patience::default());
    let losing = Arc::clone(&patience);
    let service = service_fn(move |request| {
        let (peer, stream) = (Arc::clone(&peer), Stream::new(&losing));
        async move {
            let response = stream_of(peer, request).await;
            stream.answered();
            Ok::<_, Infallible>(response)
        }
    });
    let mut builder = http2::Builder::new(tasks.clone());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_pending_accept_reset_streams(RESETS)
        .max_local_error_reset_streams(RESETS)
        .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX))
        .max_send_buf_size(SEND_BUFFER)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
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
        () = patience.lost() => {
            tracing::debug!(client = ?connection.peer.client.ip, "connection.gave_up_too_many_streams");
            Ok(())
        }
        () = &mut drain => {
            http.as_mut().graceful_shutdown();
            http.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(client = ?connection.peer.client.ip, %error, "connection.ended");
    }
    tasks.tracker.close();
    drop(open);
}

/// Answers one stream.
async fn stream_of(peer: Arc<Peer>, request: Request<Incoming>) -> Response<Taken> {
    let (mut parts, body) = request.into_parts();
    if let Err(failure) = head::check_http2(&mut parts, &peer.shared.limits) {
        return request::refuse(&peer, &failure).whole().map(Taken::new);
    }
    let (body, upload) = if body.is_end_stream() {
        (invoke::empty(), None)
    } else {
        let (body, upload) = Upload::watch(Source::http2(body, &peer.shared.limits), peer.shared.limits.body_bytes);
        (body, Some(upload))
    };
    // A stream of its own: what is left of its body is nobody's trouble. Early hints are not: hyper cannot send them.
    let asked = Asked { peer, upload, unread: false, websocket: false, http2: true, hints: None };
    let mut reply = request::serve(asked, Request::from_parts(parts, body)).await;
    reply.response.headers_mut().remove(http::header::CONNECTION);
    let mut response = reply.whole();
    heads::sent(&mut response);
    response.map(Taken::new)
}

/// Where the streams run: on the connection's thread.
#[derive(Clone, Debug)]
struct Tasks {
    tracker: TaskTracker,
    /// How long a client may take nothing of an answer, and how slow it may be.
    pause: Duration,
    rate: u64,
}

impl<F> Executor<F> for Tasks
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    /// A stream whose answer nobody takes ends, and only it.
    fn execute(&self, future: F) {
        let (turn, pause, rate) = (Arc::new(Turn::default()), self.pause, self.rate);
        let watched = TURN.scope(Arc::clone(&turn), async move {
            let mut future = pin!(future);
            poll_fn(|cx| match future.as_mut().poll(cx) {
                Poll::Ready(_) => Poll::Ready(()),
                Poll::Pending if turn.too_slow(pause, rate, cx) => Poll::Ready(()),
                Poll::Pending => Poll::Pending,
            })
            .await;
        });
        self.tracker.spawn(watched);
    }
}

tokio::task_local! {
    /// Of the stream that a task serves.
    static TURN: Arc<Turn>;
}

/// Whose turn it is while an answer is sent: the client's, when hyper does not ask for more of it.
#[derive(Debug, Default)]
struct Turn {
    clients: AtomicBool,
    pace: Mutex<Pace>,
}

impl Turn {
    fn too_slow(&self, pause: Duration, rate: u64, cx: &mut Context<'_>) -> bool {
        self.clients.load(Ordering::Relaxed) && self.pace.lock().too_slow(pause, rate, cx)
    }
}

/// An answer, and how it is taken.
#[derive(Debug)]
struct Taken {
    body: reply::Body,
    turn: Option<Arc<Turn>>,
}

impl Taken {
    fn new(body: reply::Body) -> Self {
        let turn = TURN.try_with(Arc::clone).ok();
        if let Some(turn) = &turn {
            turn.clients.store(true, Ordering::Relaxed);
        }
        Self { body, turn }
    }
}

impl http_body::Body for Taken {
    type Data = Bytes;
    type Error = invoke::BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, invoke::BodyError>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if let Some(turn) = &self.turn {
            match &polled {
                Poll::Ready(frame) => {
                    let bytes = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref()).map_or(0, Bytes::len);
                    turn.pace.lock().moved(bytes);
                    turn.clients.store(true, Ordering::Relaxed);
                }
                Poll::Pending => {
                    turn.pace.lock().rest();
                    turn.clients.store(false, Ordering::Relaxed);
                }
            }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// How many streams a client may still give up.
#[derive(Debug)]
struct Patience {
    left: Mutex<(f64, Instant)>,
    lost: Notify,
}

impl Default for Patience {
    fn default() -> Self {
        Self { left: Mutex::new((GIVEN_UP.0, Instant::now())), lost: Notify::new() }
    }
}

impl Patience {
    fn give_up(&self) {
        let mut left = self.left.lock();
        let now = Instant::now();
        let earned = now.duration_since(left.1).as_secs_f64() * GIVEN_UP.1;
        *left = ((left.0 + earned).min(GIVEN_UP.0) - 1.0, now);
        if left.0 < 0.0 {
            self.lost.notify_one();
        }
    }

    async fn lost(&self) {
        self.lost.notified().await;
    }
}

/// One that is to be answered.
struct Stream(Option<Arc<Patience>>);

impl Stream {
    fn new(patience: &Arc<Patience>) -> Self {
        Self(Some(Arc::clone(patience)))
    }

    fn answered(mut self) {
        self.0 = None;
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if let Some(patience) = &self.0 {
            patience.give_up();
        }
    }
}

/// A stream whose first bytes were read already.
#[derive(Debug)]
struct Begun {
    begun: Bytes,
    stream: TokioIo<stream::Stream>,
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
