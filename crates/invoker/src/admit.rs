//! From a request to a slot: the right pool, a place in line, and an end to the patience.

use std::sync::Arc;

use model::function::Version;
use model::{Error, Kind};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use crate::pool::{Answer, Ask, Grant, Lease, Pool};
use crate::pools::Pools;

/// Waits for a slot of an awake instance of `version`, or of a newer version of the same function if there is one by now.
///
/// # Errors
/// The function is disabled, keeps failing, or gave no slot before `deadline`.
pub(crate) async fn admit(
    pools: &Pools,
    mut version: Arc<Version>,
    request_id: &Arc<str>,
    deadline: Instant,
) -> Result<Lease, Error> {
    let mut ask = Ask { ticket: pools.site.number(), request_id: Arc::clone(request_id), moved: false, stay: false };
    loop {
        let pool = pools.of(&version);
        if pool.version.config.disabled() {
            return Err(Error::new(Kind::Disabled));
        }
        let grant = match pool.ask(&ask) {
            Answer::Now(grant) => grant,
            Answer::Later(granted) => Place { pool: &pool, ticket: ask.ticket, granted }.wait(deadline).await,
        };
        match grant {
            Grant::Leased(lease) => return lease.awake(deadline).await,
            Grant::Failed(error) => return Err(error),
            Grant::Moved => ask.moved = true,
        }
        match pools.newer(&version) {
            Some(newer) => version = newer,
            // It was superseded, and then the function deleted; who came before that is served.
            None => ask.stay = true,
        }
        // The pool that answered may be about to be taken off the list by a thread that needs this core.
        tokio::task::yield_now().await;
    }
}

/// A place in line, left when dropped.
struct Place<'a> {
    pool: &'a Arc<Pool>,
    ticket: u64,
    granted: oneshot::Receiver<Grant>,
}

impl Place<'_> {
    async fn wait(mut self, deadline: Instant) -> Grant {
        match timeout_at(deadline, &mut self.granted).await {
            Ok(Ok(grant)) => grant,
            // The pool answers everybody in its line.
            Ok(Err(_)) => Grant::Failed(Error::new(Kind::Internal)),
            Err(_) => Grant::Failed(self.pool.expire(self.ticket)),
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.granted.close();
        self.pool.leave(self.ticket);
    }
}
