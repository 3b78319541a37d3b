//! Connections that wait for the next request: those that are warm, not those that may be stale.
//!
//! A connection is registered with the runtime of one thread, so each thread prefers its own: the shards are one lock a
//! thread, which nobody else takes. One that changes hands is registered anew, or every byte that comes would wake the thread
//! that had it before, and that one this. A server may close an idle connection at any time; what was idle longer than
//! [`crate::Config::connection_idle`] or shows its end is not used again.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use super::Connection;
use crate::http2::Links;

/// Shards of the pool; threads beyond that many share.
const SHARDS: usize = 16;

/// The connections of one instance that wait for a request.
#[derive(Default)]
pub(crate) struct Connections {
    shards: [Mutex<Shelf>; SHARDS],
    /// Those of a server that speaks HTTP/2; made when it is first asked.
    http2: OnceLock<Box<Links>>,
}

#[derive(Default)]
struct Shelf {
    /// The last one is the one used last.
    idle: Vec<(Box<Connection>, Instant)>,
    closed: bool,
}

impl Connections {
    /// A connection that can be used again: the one this thread used last, else another thread's. A server that serves one
    /// connection at a time waits for the end of an idle one, so a new one is only made when there is none.
    pub(crate) fn take(&self, idle: Duration) -> Option<Box<Connection>> {
        let own = thread_index();
        let mine = self.shards.get(own % SHARDS).and_then(|shard| shard.lock().take(idle));
        let taken = mine.or_else(|| self.shards.iter().find_map(|shard| shard.try_lock()?.take(idle)))?;
        if taken.home == own { Some(taken) } else { taken.adopted() }
    }

    /// Keeps a connection that [can be used again](Connection::is_reusable).
    pub(crate) fn keep(&self, mut connection: Box<Connection>) {
        connection.rest();
        let Some(shard) = self.shards.get(thread_index() % SHARDS) else { return };
        let mut shelf = shard.lock();
        if !shelf.closed {
            shelf.idle.push((connection, Instant::now()));
        }
    }

    /// Those of a server that speaks HTTP/2.
    pub(crate) fn http2(&self) -> &Links {
        self.http2.get_or_init(Box::default)
    }

    /// Closes all, now and in future.
    pub(crate) fn close(&self) {
        if let Some(http2) = self.http2.get() {
            http2.close();
        }
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
        let mut left = self.http2.get().is_some_and(|http2| http2.sweep(idle));
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
    fn take(&mut self, idle: Duration) -> Option<Box<Connection>> {
        let (connection, since) = self.idle.pop()?;
        if since.elapsed() > idle {
            // Those below were idle even longer.
            self.idle.clear();
            return None;
        }
        Some(connection)
    }
}

/// A small number that is this thread's own.
pub(crate) fn thread_index() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! { static INDEX: usize = NEXT.fetch_add(1, Ordering::Relaxed) }
    INDEX.with(|index| *index)
}
