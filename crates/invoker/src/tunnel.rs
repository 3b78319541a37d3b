//! What follows a 101: bytes both ways between the caller and the user's server, as long as the function's timeout allows
//! (`behaviour.md` 1.5). It counts as one request all the time.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use model::Kind;
use tokio::io::{AsyncRead, AsyncWriteExt as _, ReadBuf};
use tokio::time::{Instant, timeout, timeout_at};

use crate::pool::{End, Lease};
use crate::record::Entry;

/// How long one direction may go on after the other ended; a closed connection half open is nobody's use.
const LINGER: Duration = Duration::from_secs(1);

/// The two connections, not handed over yet.
pub(crate) struct Ends {
    pub(crate) client: OnUpgrade,
    pub(crate) server: OnUpgrade,
}

/// Copies until either side is done, one fails, or the time is over.
pub(crate) async fn tunnel(ends: Ends, lease: Lease, mut entry: Entry, deadline: Instant) {
    let down = Arc::new(AtomicU64::new(0));
    let copied = timeout_at(deadline, copy(ends, Arc::clone(&entry.upload), Arc::clone(&down))).await;
    entry.received(down.load(Ordering::Relaxed));
    match copied {
        Ok(Ok(())) => {
            drop(lease);
            entry.close(None);
        }
        Ok(Err(error)) => {
            let fate = lease.instance.fate_now();
            let kind = fate.map_or(Kind::Cancelled, |fate| fate.kind);
            tracing::debug!(%error, kind = kind.name(), "tunnel.ended");
            drop(lease);
            entry.close(Some(kind));
        }
        // Both connections are closed by now; a server that goes on working for nobody is not heard of.
        Err(_) => {
            lease.end(End::Over);
            entry.close(Some(Kind::TimedOut));
        }
    }
}

async fn copy(ends: Ends, upload: Arc<crate::upload::Upload>, down: Arc<AtomicU64>) -> io::Result<()> {
    let (client, server) = tokio::try_join!(ends.client, ends.server).map_err(io::Error::other)?;
    let (client_read, mut client_write) = tokio::io::split(TokioIo::new(client));
    let (server_read, mut server_write) = tokio::io::split(TokioIo::new(server));
    let mut client_read = Counted { io: client_read, bytes: &upload.bytes };
    let mut server_read = Counted { io: server_read, bytes: &down };
    let mut up = std::pin::pin!(async {
        tokio::io::copy(&mut client_read, &mut server_write).await?;
        server_write.shutdown().await
    });
    let mut down = std::pin::pin!(async {
        tokio::io::copy(&mut server_read, &mut client_write).await?;
        client_write.shutdown().await
    });
    tokio::select! {
        done = &mut up => {
            done?;
            timeout(LINGER, down).await.unwrap_or(Ok(()))
        }
        done = &mut down => {
            done?;
            timeout(LINGER, up).await.unwrap_or(Ok(()))
        }
    }
}

struct Counted<'a> {
    io: tokio::io::ReadHalf<TokioIo<Upgraded>>,
    bytes: &'a AtomicU64,
}

impl AsyncRead for Counted<'_> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let poll = Pin::new(&mut self.io).poll_read(cx, buf);
        let read = u64::try_from(buf.filled().len() - before).unwrap_or(u64::MAX);
        self.bytes.fetch_add(read, Ordering::Relaxed);
        poll
    }
}

#[cfg(test)]
mod tests;
