//! What is compared with the snapshot at each change and every few seconds: which pools still serve the current version.

use std::sync::{Arc, Weak};
use std::time::Duration;

use model::function::Version;
use model::snapshot::Snapshot;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use crate::pool::{Pool, Standing};
use crate::pools::Pools;

/// A pool, as far as the plan looks at it.
#[derive(Clone, Debug)]
pub(crate) struct Observed {
    version: Arc<Version>,
    standing: Standing,
}

/// What is to be done about a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// There is a newer version.
    Supersede,
    /// The function is no more.
    Orphan,
    /// It is not needed once it is empty.
    Forget,
    /// Nothing but what time alone may change.
    Review,
}

/// What to do about each pool, in their order.
pub(crate) fn plan(desired: &Snapshot, observed: &[Observed]) -> Vec<Action> {
    observed.iter().map(|pool| decide(desired, pool)).collect()
}

fn decide(desired: &Snapshot, Observed { version, standing }: &Observed) -> Action {
    let current = desired.resolve(&version.function, &version.qualifier);
    match (standing, current) {
        (Standing::Superseded | Standing::Forgotten, _) | (Standing::Orphaned, None) => Action::Forget,
        (Standing::Stopped, _) => Action::Review,
        // A pool may be ahead of the snapshot: its version comes from a request that saw a newer one.
        (_, Some(current)) if current.revision <= version.revision => Action::Review,
        (_, Some(_)) => Action::Supersede,
        (Standing::Current, None) => Action::Orphan,
    }
}

/// Compares now and carries the plan out.
pub(crate) fn reconcile(pools: &Pools) {
    let all = pools.all();
    let observe = |pool: &Arc<Pool>| Observed { version: Arc::clone(&pool.version), standing: pool.standing() };
    let observed: Vec<Observed> = all.iter().map(observe).collect();
    let plan = plan(&pools.snapshots.load(), &observed);
    for (pool, action) in all.iter().zip(plan) {
        match action {
            Action::Supersede => pool.retire(true),
            Action::Orphan => pool.retire(false),
            Action::Forget if pool.forget() => pools.remove(pool),
            Action::Forget | Action::Review => pool.review(),
        }
    }
}

/// Compares at each change of the generation and every `interval`, until the pools are no more or `stop` is closed.
pub(crate) async fn watch(
    pools: Weak<Pools>,
    mut generation: watch::Receiver<u64>,
    mut stop: watch::Receiver<bool>,
    interval: Duration,
) {
    let mut interval = tokio::time::interval(interval);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            Ok(()) = generation.changed() => {}
            _ = interval.tick() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        let Some(pools) = pools.upgrade() else { return };
        reconcile(&pools);
    }
}

#[cfg(test)]
mod tests;
