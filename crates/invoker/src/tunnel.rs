//! What follows a 101: bytes both ways between the caller and the user's server, as long as the function's timeout allows
//! (`behaviour.md` 1.5). It counts as one request all the time.
//!
//! The body of the response carries both directions: whoever reads it also sends what the caller's body gives.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::Frame;
use http1::body::Piece;
use model::invoke::{Body, BodyError};
use model::{Error, Kind};
use parking_lot::Mutex;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::connection::{Connection, Failed};
use crate::pool::{End, Lease};
use crate::record::Entry;

/// How long one direction may go on after the other ended; a closed connection half open is nobody's use.
const LINGER: Duration = Duration::from_secs(1);

/// What the server sends after its 101, as a body that also sends what the caller does.
pub(crate) fn body(connection: Box<Connection>, lease: Lease, mut entry: Entry, deadline: Instant) -> Body {
    entry.upload.switch();
    let site = Arc::clone(&lease.pool.site);
    let held = Arc::new(Mutex::new(Some(Passing { connection, lease, entry, deadline, half: None })));
    let weak = Arc::downgrade(&held);
    // The slot must not depend on a caller who does not read.
    let watch = site.tasks.spawn(async move {
        sleep_until(deadline).await;
        let passing = weak.upgrade().and_then(|held| held.lock().take());
        if let Some(passing) = passing {
            passing.end(End::Over, Some(Kind::TimedOut));
        }
    });
    model::invoke::body(Tunnel { held, over: false, watch: watch.abort_handle() })
}

/// Everything that a tunnel holds until it ends.
struct Passing {
    connection: Box<Connection>,
    lease: Lease,
    entry: Entry,
    /// When the function's time is over.
    deadline: Instant,
    /// Until when the server may go on after the caller has ended its direction.
    half: Option<Instant>,
}

/// What comes next of the server's direction.
enum Next {
    Data(Bytes),
    /// The server has said all.
    End,
    /// The caller has said all, and the server took too long to do so, too.
    Lingered,
    Late,
    Failed(Failed),
}

impl Passing {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        let Self { connection, entry, deadline, half, .. } = self;
        let polled = connection.poll_piece(cx, &mut entry.upload);
        if entry.upload.is_over() && half.is_none() {
            *half = Some(Instant::now() + LINGER);
        }
        let until = half.map_or(*deadline, |half| half.min(*deadline));
        match polled {
            Poll::Ready(Ok(Piece::Data(bytes))) => {
                entry.received(bytes.len() as u64);
                Poll::Ready(Next::Data(bytes))
            }
            Poll::Ready(Ok(_)) => Poll::Ready(Next::End),
            Poll::Ready(Err(failed)) => Poll::Ready(Next::Failed(failed)),
            Poll::Pending if !connection.alarm.rings(until, cx) => Poll::Pending,
            Poll::Pending if until == *deadline => Poll::Ready(Next::Late),
            Poll::Pending => Poll::Ready(Next::Lingered),
        }
    }

    /// The server has ended its direction; what the caller still sends may reach it for a moment.
    fn linger(self) {
        if self.entry.upload.is_over() {
            return self.end(End::Over, None);
        }
        let site = Arc::clone(&self.lease.pool.site);
        site.tasks.spawn(async move {
            let mut passing = self;
            let until = passing.deadline.min(Instant::now() + LINGER);
            let rest = poll_fn(|cx| passing.connection.poll_send(cx, &mut passing.entry.upload));
            if let Ok(Err(failed)) = timeout_at(until, rest).await {
                tracing::debug!(%failed, "tunnel.ended");
            }
            passing.end(End::Over, None);
        });
    }

    /// Why it broke.
    fn broken(self, failed: &Failed) -> Error {
        let fate = self.lease.instance.fate_now();
        let error = fate.unwrap_or_else(|| Error::new(Kind::Cancelled).detail(format!("the tunnel broke: {failed}")));
        tracing::debug!(%failed, kind = error.kind.name(), "tunnel.ended");
        self.end(End::Over, Some(error.kind));
        error
    }

    /// Both directions are over. A server that goes on working for nobody is not heard of.
    fn end(self, end: End, error: Option<Kind>) {
        let Self { connection, lease, mut entry, .. } = self;
        drop(connection);
        lease.end(end);
        entry.close(error);
    }
}

struct Tunnel {
    /// Empty when it is over, and when its time was over while nobody read.
    held: Arc<Mutex<Option<Passing>>>,
    over: bool,
    watch: AbortHandle,
}

impl Tunnel {
    fn take(&mut self) -> Option<Passing> {
        self.over = true;
        self.held.lock().take()
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        self.watch.abort();
    }
}

impl http_body::Body for Tunnel {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if self.over {
            return Poll::Ready(None);
        }
        // The watch has ended what is not held.
        let polled = self.held.lock().as_mut().map_or(Poll::Ready(Next::Late), |passing| passing.poll_next(cx));
        let next = match polled {
            Poll::Ready(Next::Data(bytes)) => return Poll::Ready(Some(Ok(Frame::data(bytes)))),
            Poll::Ready(next) => next,
            Poll::Pending => return Poll::Pending,
        };
        let passing = self.take();
        let error = match (next, passing) {
            (Next::Failed(failed), Some(passing)) => passing.broken(&failed),
            (Next::Late, passing) => {
                passing.into_iter().for_each(|passing| passing.end(End::Over, Some(Kind::TimedOut)));
                Error::new(Kind::TimedOut).detail("the tunnel was open for the whole of the function's timeout")
            }
            (_, passing) => {
                passing.into_iter().for_each(Passing::linger);
                return Poll::Ready(None);
            }
        };
        Poll::Ready(Some(Err(Box::new(error))))
    }

    fn is_end_stream(&self) -> bool {
        self.over
    }
}

#[cfg(test)]
mod tests;
