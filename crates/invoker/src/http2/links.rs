//! The connections to an instance that speaks HTTP/2: one for each thread that has requests for it.
//!
//! A connection lives on the runtime of the thread that opened it, as a task that ends when the server closes it or when nobody can
//! use it any more. As with HTTP/1.1, one that was idle longer than [`crate::Config::connection_idle`] is not used again.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use h2::PingPong;
use h2::client::{self, SendRequest};
use http::Request;
use parking_lot::Mutex;
use tokio::sync::Mutex as Turns;
use tokio::time::Instant;

use super::stream::Stream;
use crate::connection::{HEAD, thread_index};
use crate::pool::Lease;

/// Shards; threads beyond that many share.
const SHARDS: usize = 16;
/// Bytes that may come for one stream before they are taken; for all of a connection as many for each slot, because a client that does not
/// take its answer must not keep those of others from coming.
const WINDOW: u32 = 64 * 1024;
/// The largest window there is (RFC 9113 section 6.9.1).
const MAX_WINDOW: u32 = (1 << 31) - 1;
/// Bytes of a request that may wait for one stream.
const SEND_BUFFER: usize = 64 * 1024;
/// Streams that a server may make us reset: more of them break rules than a server of good will does.
const RESETS: usize = 100;

/// The connections of one instance.
#[derive(Default)]
pub(crate) struct Links {
    shards: [Turns<Option<Link>>; SHARDS],
    closed: AtomicBool,
}

/// A connection that requests share.
#[derive(Clone)]
pub(crate) struct Link {
    requests: SendRequest<Bytes>,
    state: Arc<State>,
}

struct State {
    /// One at a time asks whether the server is there.
    ping: Turns<PingPong>,
    streams: AtomicUsize,
    /// When the last stream ended.
    used: Mutex<Instant>,
    over: AtomicBool,
    /// Whether a request was ever sent on it.
    served: AtomicBool,
}

/// A stream that is under way.
pub(super) struct Busy(Arc<State>);

impl Links {
    /// A connection that can be used; who comes while one is made waits for it.
    pub(super) async fn open(&self, lease: &Lease) -> io::Result<Link> {
        let Some(shard) = self.shards.get(thread_index() % SHARDS) else { return Err(io::ErrorKind::NotFound.into()) };
        let mut link = shard.lock().await;
        let idle = lease.pool.site.config.connection_idle;
        match &*link {
            Some(link) if link.is_fresh(idle) => Ok(link.clone()),
            _ => self.connect(lease, &mut link).await,
        }
    }

    /// The same, where the one there was does not work.
    pub(super) async fn replace(&self, lease: &Lease) -> io::Result<Link> {
        let Some(shard) = self.shards.get(thread_index() % SHARDS) else { return Err(io::ErrorKind::NotFound.into()) };
        let mut link = shard.lock().await;
        // Somebody else may have replaced it.
        match link.take().filter(Link::is_open) {
            Some(open) => Ok(link.insert(open).clone()),
            None => self.connect(lease, &mut link).await,
        }
    }

    async fn connect(&self, lease: &Lease, link: &mut Option<Link>) -> io::Result<Link> {
        *link = None;
        let socket = lease.instance.connect().await?;
        let slots = lease.pool.version.config.concurrent_num.max(1);
        let (requests, mut connection) = client::Builder::new()
            .enable_push(false)
            .initial_window_size(WINDOW)
            .initial_connection_window_size(slots.saturating_mul(WINDOW).min(MAX_WINDOW))
            .max_send_buffer_size(SEND_BUFFER)
            .max_header_list_size(u32::try_from(HEAD.bytes).unwrap_or(u32::MAX))
            .max_local_error_reset_streams(Some(RESETS))
            .handshake(socket)
            .await
            .map_err(io::Error::other)?;
        let Some(ping) = connection.ping_pong() else { return Err(io::ErrorKind::Other.into()) };
        let state = Arc::new(State {
            ping: Turns::new(ping),
            streams: AtomicUsize::new(0),
            used: Mutex::new(Instant::now()),
            over: AtomicBool::new(false),
            served: AtomicBool::new(false),
        });
        let ended = Arc::clone(&state);
        lease.pool.site.tasks.spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "http2.ended");
            }
            ended.over.store(true, Ordering::Release);
        });
        let made = Link { requests, state };
        if !self.closed.load(Ordering::Acquire) {
            *link = Some(made.clone());
        }
        Ok(made)
    }

    /// Closes all that have nothing to do, now and in future.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.sweep(Duration::ZERO);
    }

    /// Closes those that were idle too long; answers whether any is left.
    pub(crate) fn sweep(&self, idle: Duration) -> bool {
        let mut left = false;
        for shard in &self.shards {
            // Who holds it uses it.
            let Ok(mut link) = shard.try_lock() else {
                left = true;
                continue;
            };
            if link.as_ref().is_some_and(|link| !link.is_fresh(idle)) {
                *link = None;
            }
            left |= link.is_some();
        }
        left
    }
}

impl Link {
    /// Whether it can be expected to serve another request.
    fn is_fresh(&self, idle: Duration) -> bool {
        let busy = self.state.streams.load(Ordering::Acquire) > 0;
        !self.state.over.load(Ordering::Acquire) && (busy || self.state.used.lock().elapsed() < idle)
    }

    /// Whether it takes requests at all.
    fn is_open(&self) -> bool {
        let ready = self.requests.clone().poll_ready(&mut Context::from_waker(Waker::noop()));
        !matches!(ready, Poll::Ready(Err(_)))
    }

    /// Begins an exchange, which the next polls carry out.
    ///
    /// # Errors
    /// It takes no requests any more; nothing was sent.
    pub(super) fn send(mut self, head: Request<()>, ended: bool) -> Result<Stream, h2::Error> {
        let bodyless = *head.method() == http::Method::HEAD;
        let (response, send) = self.requests.send_request(head, ended)?;
        self.state.streams.fetch_add(1, Ordering::AcqRel);
        let kept = self.state.served.swap(true, Ordering::AcqRel);
        Ok(Stream::new((response, send), Busy(self.state), (bodyless, kept)))
    }
}

impl Busy {
    /// Waits until the server has answered a PING: it has read everything that was sent before. Also when the connection is over.
    pub(super) async fn heard(&self) {
        let mut ping = self.0.ping.lock().await;
        // One that is on its way already was sent before, and another cannot be.
        if ping.send_ping(h2::Ping::opaque()).is_err() && self.0.over.load(Ordering::Acquire) {
            return;
        }
        if let Err(error) = std::future::poll_fn(|cx| ping.poll_pong(cx)).await {
            tracing::debug!(%error, "http2.ended");
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        *self.0.used.lock() = Instant::now();
        self.0.streams.fetch_sub(1, Ordering::AcqRel);
    }
}
