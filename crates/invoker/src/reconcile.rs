//! What is compared with the snapshot at each change and every few seconds: which pools still serve the current version.

use std::sync::{Arc, Weak};
use std::time::Duration;

use model::function::Version;
use model::snapshot::Snapshot;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use crate::pool::{Kept, Pool, Standing};
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
    let desired = pools.snapshots.load();
    let kept = keep(pools, &desired);
    let plan = plan(&desired, &observed);
    for (pool, action) in all.iter().zip(plan) {
        if action == Action::Supersede && is_awaited(pools, pool) {
            continue;
        }
        if !kept.iter().any(|keeps| Arc::ptr_eq(keeps, pool)) {
            pool.keep(Kept::default());
        }
        match action {
            Action::Supersede => pool.retire(true),
            Action::Orphan => pool.retire(false),
            Action::Forget if pool.forget() => pools.remove(pool),
            Action::Forget | Action::Review => pool.review(),
        }
    }
}

/// Has the pools of all versions with reserved instances keep them; gives those pools.
fn keep(pools: &Pools, desired: &Snapshot) -> Vec<Arc<Pool>> {
    let now = model::time::now();
    let mut kept: Vec<(Arc<Pool>, Kept)> = Vec::new();
    for reserve in desired.reserves() {
        let Some(version) = desired.resolve(&reserve.function, &reserve.qualifier) else { continue };
        let count = usize::try_from(reserve.wanted(now)).unwrap_or(usize::MAX);
        if count == 0 || version.config.disabled() {
            continue;
        }
        let pool = pools.of(&version);
        match kept.iter_mut().find(|(other, _)| Arc::ptr_eq(other, &pool)) {
            // A version and an alias that was led to it later.
            Some((_, both)) => {
                both.count = both.count.saturating_add(count);
                both.idle_mode &= reserve.idle_mode;
            }
            None => kept.push((pool, Kept { count, idle_mode: reserve.idle_mode })),
        }
    }
    for (pool, kept) in &kept {
        pool.keep(*kept);
    }
    kept.into_iter().map(|(pool, _)| pool).collect()
}

/// Whether the reserved instances of an older version stay a little, because those of the newer one do not serve yet.
fn is_awaited(pools: &Pools, pool: &Arc<Pool>) -> bool {
    let newer = pools.newer(&pool.version).map(|version| pools.of(&version));
    newer.is_some_and(|newer| pool.waits_for(&newer))
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
            () = look(&pools) => {}
            _ = interval.tick() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        let Some(pools) = pools.upgrade() else { return };
        reconcile(&pools);
    }
}

/// When a pool asks for it.
async fn look(pools: &Weak<Pools>) {
    match pools.upgrade().map(|pools| Arc::clone(&pools.site)) {
        Some(site) => site.look.notified().await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
