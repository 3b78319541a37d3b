//! Connections to a user's server, kept for the next request: those that are warm, not those that may be stale.
//!
//! A connection is driven by a task of the runtime that made it, so each thread prefers its own: the shards are one lock a
//! thread, which nobody else takes. A server may close an idle connection at any time; what was idle longer than
//! [`crate::Config::connection_idle`] or shows its end is not used again.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1};
use hyper_util::rt::TokioIo;
use model::invoke::Body;
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use crate::launch::{Io, Socket};

/// Shards of the pool; threads beyond that many share.
const SHARDS: usize = 16;
/// Bytes of one response head.
const HEAD_BYTES: usize = 64 * 1024;
/// Bytes that may come before a response's head is complete: informational responses and what hyper reads ahead.
const BEFORE_HEAD: i64 = 1024 * 1024;

/// The connections of one instance that wait for a request.
#[derive(Default)]
pub(crate) struct Connections {
    shards: [Mutex<Shelf>; SHARDS],
}

#[derive(Default)]
struct Shelf {
    /// The last one is the one used last.
    idle: Vec<(Connection, Instant)>,
    closed: bool,
}

/// One HTTP/1.1 connection to the user's server.
pub(crate) struct Connection {
    sender: http1::SendRequest<Body>,
    spent: Box<dyn Fn() -> bool + Send + Sync>,
    line: Arc<Line>,
}

/// What may be done to a connection, and known of it, while its task drives it.
pub(crate) struct Line {
    /// Bytes that may still come before the head.
    budget: AtomicI64,
    /// Whether nothing more is sent.
    over: AtomicBool,
    hang_up: Box<dyn Fn() + Send + Sync>,
}

impl Line {
    /// Tells the server that its answer is not waited for any more, without closing the connection: whether the server closes
    /// it shows whether it gave the request up.
    pub(crate) fn hang_up(&self) {
        self.over.store(true, Ordering::Release);
        (self.hang_up)();
    }
}

impl Connections {
    /// A connection that can be used again: the one this thread used last, else another thread's. A server that serves one
    /// connection at a time waits for the end of an idle one, so a new one is only made when there is none.
    pub(crate) fn take(&self, idle: Duration) -> Option<Connection> {
        let own = thread_index() % SHARDS;
        let mine = self.shards.get(own).and_then(|shard| shard.lock().take(idle));
        mine.or_else(|| self.shards.iter().find_map(|shard| shard.try_lock()?.take(idle)))
    }

    /// Keeps a connection whose response was read to its end.
    pub(crate) fn keep(&self, connection: Connection) {
        if connection.sender.is_closed() {
            return;
        }
        let Some(shard) = self.shards.get(thread_index() % SHARDS) else { return };
        let mut shelf = shard.lock();
        if !shelf.closed {
            shelf.idle.push((connection, Instant::now()));
        }
    }

    /// Closes all, now and in future.
    pub(crate) fn close(&self) {
        for shard in &self.shards {
            let mut shelf = shard.lock();
            shelf.closed = true;
            let idle = std::mem::take(&mut shelf.idle);
            drop(shelf);
            drop(idle);
        }
    }

    /// Closes those that were idle too long; answers whether any is left.
    pub(crate) fn sweep(&self, idle: Duration) -> bool {
        let mut left = false;
        for shard in &self.shards {
            let mut shelf = shard.lock();
            let young = shelf.idle.iter().position(|(_, since)| since.elapsed() < idle).unwrap_or(shelf.idle.len());
            let old: Vec<_> = shelf.idle.drain(..young).collect();
            left |= !shelf.idle.is_empty();
            drop(shelf);
            drop(old);
        }
        left
    }
}

impl Shelf {
    fn take(&mut self, idle: Duration) -> Option<Connection> {
        while let Some((connection, since)) = self.idle.pop() {
            if since.elapsed() > idle {
                // Those below were idle even longer.
                self.idle.clear();
                return None;
            }
            if connection.sender.is_ready() && !connection.sender.is_closed() {
                return Some(connection);
            }
        }
        None
    }
}

/// A small number that is this thread's own.
fn thread_index() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! { static INDEX: usize = NEXT.fetch_add(1, Ordering::Relaxed) }
    INDEX.with(|index| *index)
}

/// Speaks HTTP/1.1 over a socket; its task runs on the calling task's runtime.
pub(crate) async fn open(socket: Socket, tasks: &TaskTracker) -> hyper::Result<Connection> {
    let line = Line { budget: AtomicI64::new(BEFORE_HEAD), over: AtomicBool::new(false), hang_up: socket.hang_up };
    let line = Arc::new(line);
    let io = TokioIo::new(Watched { io: socket.io, line: Arc::clone(&line) });
    let (sender, driver) = http1::Builder::new().max_header_size(HEAD_BYTES).handshake(io).await?;
    tasks.spawn(async move {
        // Whoever sent the request hears of the error, too.
        if let Err(error) = driver.with_upgrades().await {
            tracing::debug!(%error, "connection.failed");
        }
    });
    Ok(Connection { sender, spent: socket.spent, line })
}

impl Connection {
    /// Sends a request and waits for the head of its response.
    ///
    /// # Errors
    /// The error carries the request where not a byte of it was written.
    pub(crate) async fn send(
        &mut self,
        request: Request<Body>,
    ) -> Result<Response<Incoming>, TrySendError<Request<Body>>> {
        self.line.budget.store(BEFORE_HEAD, Ordering::Relaxed);
        let response = self.sender.try_send_request(request).await?;
        self.line.budget.store(i64::MAX, Ordering::Relaxed);
        Ok(response)
    }

    /// Whether any byte came since the last request was sent; of no meaning after its head.
    pub(crate) fn heard_something(&self) -> bool {
        self.line.budget.load(Ordering::Relaxed) != BEFORE_HEAD
    }

    /// Whether more came before the head than any head needs.
    pub(crate) fn heard_too_much(&self) -> bool {
        self.line.budget.load(Ordering::Relaxed) <= 0
    }

    /// Its line, to hang up while it is waited for.
    pub(crate) fn line(&self) -> &Arc<Line> {
        &self.line
    }

    /// Whether the server closed it; asks the kernel.
    pub(crate) fn spent(&self) -> bool {
        (self.spent)()
    }
}

/// Ends a connection on which no head is complete after [`BEFORE_HEAD`] bytes: hyper skips informational responses for ever.
/// Swallows what is written after the line was hung up, so that only what the server does ends the connection then.
struct Watched {
    io: Box<dyn Io>,
    line: Arc<Line>,
}

impl AsyncRead for Watched {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.line.budget.load(Ordering::Relaxed) <= 0 {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, "no response head in 1 MiB")));
        }
        let before = buf.filled().len();
        let poll = Pin::new(&mut self.io).poll_read(cx, buf);
        let read = i64::try_from(buf.filled().len() - before).unwrap_or(i64::MAX);
        self.line.budget.fetch_sub(read, Ordering::Relaxed);
        poll
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.line.over.load(Ordering::Acquire) {
            return Poll::Ready(Ok(bytes.len()));
        }
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.line.over.load(Ordering::Acquire) {
            return Poll::Ready(Ok(slices.iter().map(|slice| slice.len()).sum()));
        }
        Pin::new(&mut self.io).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
