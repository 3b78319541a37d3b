//! The process that takes this one's place: a client that waits between two requests goes to it with its socket, as it is, so that
//! the next request cannot meet a connection that is being closed.

use std::fmt;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// How long until a connection is offered again.
const AGAIN: Duration = Duration::from_millis(5);
/// How long one is offered.
const PATIENCE: Duration = Duration::from_secs(10);

type Take = dyn Fn(OwnedFd) -> Result<(), OwnedFd> + Send + Sync;

/// Where connections go when this gateway leaves.
#[derive(Clone)]
pub struct Heir(Arc<Take>);

impl Heir {
    /// `take` takes a connection, or gives it back when it cannot take one now; it must not block.
    pub fn new(take: impl Fn(OwnedFd) -> Result<(), OwnedFd> + Send + Sync + 'static) -> Self {
        Self(Arc::new(take))
    }

    /// Hands a connection over; one that is not taken in time is closed.
    pub(crate) async fn give(&self, mut socket: OwnedFd) {
        let until = Instant::now() + PATIENCE;
        loop {
            match (self.0)(socket) {
                Ok(()) => return,
                Err(back) if Instant::now() < until => socket = back,
                Err(_) => return tracing::warn!("gateway.connection_not_handed_over"),
            }
            sleep(AGAIN).await;
        }
    }
}

impl fmt::Debug for Heir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Heir")
    }
}
