//! The driver's side of a frozen instance: the process is made to do what the state machine says it should ([`Pose`]). It looks
//! at the state there is, not at what led to it, so a request that comes while the process is being frozen thaws it again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use model::instance::{Pose, Reason};
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use super::drive::Drive;

/// How often it is looked whether everything has stopped before it is given up, after 1 ms, 2 ms and so on: a second in all.
const LOOKS: u32 = 10;

/// Whether a process runs.
pub(super) enum Frost {
    Awake,
    /// It was told to stop.
    Freezing {
        looks: u32,
        next: Instant,
    },
    Frozen,
    /// Its memory is moved to swap, or was.
    PagedOut {
        _paging: Paging,
    },
}

/// Memory that is being moved to swap, until this is dropped.
pub(super) struct Paging(Arc<AtomicBool>);

impl Drop for Paging {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Frost {
    /// When to look whether it has stopped.
    pub(super) fn look(&self) -> Option<Instant> {
        match self {
            Self::Freezing { next, .. } => Some(*next),
            Self::Awake | Self::Frozen | Self::PagedOut { .. } => None,
        }
    }

    fn freezing(looks: u32) -> Self {
        Self::Freezing { looks, next: Instant::now() + Duration::from_millis(1 << looks) }
    }
}

impl Drive<'_> {
    /// Brings the process where it should be.
    pub(super) async fn follow_pose(&mut self) {
        match (&self.frost, self.pool.pose(self.instance.number)) {
            // Whoever made it a matter of a thaw was so quick that it had not been frozen.
            (Frost::Awake, Pose::Awake) => self.pool.thawed(self.instance.number),
            (Frost::Awake, Pose::Frozen | Pose::PagedOut) => self.freeze().await,
            (_, Pose::Awake) => self.thaw().await,
            (Frost::Frozen, Pose::PagedOut) => self.page_out(),
            (Frost::Frozen | Frost::Freezing { .. } | Frost::PagedOut { .. }, _) => {}
        }
    }

    async fn freeze(&mut self) {
        // A frozen server cannot close a connection that it has kept long enough: the next request must not meet one.
        self.instance.connections.sweep(Duration::ZERO);
        let process = Arc::clone(&self.alive.process);
        match spawn_blocking(move || process.freeze()).await {
            Ok(Ok(())) => self.frost = Frost::freezing(0),
            Ok(Err(error)) => self.not_frozen(&error),
            Err(error) => self.not_frozen(&error),
        }
    }

    /// Looks whether everything has stopped.
    pub(super) async fn look_at_frost(&mut self) {
        let Frost::Freezing { looks, .. } = self.frost else { return };
        if self.alive.process.is_frozen() {
            self.frost = Frost::Frozen;
            tracing::debug!(urn = self.pool.urn, instance = %self.instance.id, "instance.frozen");
            self.follow_pose().await;
        } else if looks + 1 < LOOKS {
            self.frost = Frost::freezing(looks + 1);
        } else {
            self.thaw().await;
            self.not_frozen(&"a process does not stop; one may hang in the kernel (state D)");
        }
    }

    fn not_frozen(&self, error: &dyn std::fmt::Display) {
        tracing::debug!(urn = self.pool.urn, instance = %self.instance.id, %error, "instance.not_frozen");
        self.pool.not_frozen(self.instance.number);
    }

    async fn thaw(&mut self) {
        // Also ends the moving of its memory.
        self.frost = Frost::Awake;
        let began = Instant::now();
        let process = Arc::clone(&self.alive.process);
        let thawed = spawn_blocking(move || process.thaw()).await;
        if let Ok(Ok(())) = thawed {
            self.pool.thawed(self.instance.number);
            tracing::debug!(urn = self.pool.urn, instance = %self.instance.id, took = ?began.elapsed(), "instance.thawed");
            return;
        }
        // Those who wait for it hear of its end.
        let error = thawed.map_or_else(|error| error.to_string(), |thawed| format!("{thawed:?}"));
        tracing::warn!(urn = self.pool.urn, instance = %self.instance.id, error, "instance.not_thawed");
        self.pool.kill(self.instance.number, Reason::Unreachable);
    }

    /// In its turn, and by a task of its own: a request must not wait for it.
    fn page_out(&mut self) {
        let stop = Arc::new(AtomicBool::new(false));
        self.frost = Frost::PagedOut { _paging: Paging(Arc::clone(&stop)) };
        let (pool, instance) = (Arc::clone(self.pool), self.instance.id.clone());
        let process = Arc::clone(&self.alive.process);
        let turns = Arc::clone(&self.pool.site.paging);
        self.pool.site.run(async move {
            // The semaphore is never closed.
            let _turn = turns.acquire().await;
            let began = Instant::now();
            if stop.load(Ordering::Relaxed) {
                return;
            }
            match spawn_blocking(move || process.page_out(&stop)).await {
                Ok(Ok(bytes)) => {
                    tracing::info!(urn = pool.urn, %instance, bytes, took = ?began.elapsed(), "instance.paged_out");
                }
                Ok(Err(error)) => tracing::warn!(urn = pool.urn, %instance, %error, "instance.not_paged_out"),
                Err(error) => tracing::warn!(urn = pool.urn, %instance, %error, "instance.not_paged_out"),
            }
        });
    }
}
