//! The right of one request to use one instance.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use model::{Error, Kind};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::Pool;
use crate::instance::Instance;

/// A slot of an instance; it comes back when this is dropped.
pub(crate) struct Lease {
    pub(crate) pool: Arc<Pool>,
    pub(crate) instance: Arc<Instance>,
    pub(super) ticket: u64,
    pub(super) answered: bool,
    /// Until the instance is awake, if it was frozen.
    thawing: Option<oneshot::Receiver<()>>,
    /// How long that took, if it was.
    pub(crate) thawed: Option<Duration>,
    end: End,
}

/// How a request ended, as far as it says something about the instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It came to its end, good or bad, or was given up by the caller or the function.
    Over,
    /// The function's time was over, and it did not give the request up.
    TimedOut,
    /// The instance could not be connected to.
    Unreachable,
}

impl Lease {
    pub(super) fn new(
        pool: &Arc<Pool>,
        instance: &Arc<Instance>,
        ticket: u64,
        thawing: Option<oneshot::Receiver<()>>,
    ) -> Self {
        let (pool, instance) = (Arc::clone(pool), Arc::clone(instance));
        Self { pool, instance, ticket, answered: false, thawing, thawed: None, end: End::Over }
    }

    /// The same lease, when the instance is awake. It may also be gone by then: whoever connects to it is told so.
    ///
    /// # Errors
    /// It did not wake before `deadline`.
    pub(crate) async fn awake(mut self, deadline: Instant) -> Result<Self, Error> {
        let Some(thawing) = self.thawing.take() else { return Ok(self) };
        let began = Instant::now();
        if timeout_at(deadline, thawing).await.is_err() {
            return Err(Error::new(Kind::Busy).detail("the instance was frozen and did not wake in time"));
        }
        self.thawed = Some(began.elapsed());
        Ok(self)
    }

    /// The head of a response came.
    pub(crate) fn answered(&mut self) {
        self.answered = true;
    }

    /// Gives the slot back.
    pub(crate) fn end(mut self, end: End) {
        self.end = end;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.pool.give_back(self, self.end);
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease")
            .field("instance", &self.instance.id)
            .field("ticket", &self.ticket)
            .finish_non_exhaustive()
    }
}
