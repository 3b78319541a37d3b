//! When the host is short of memory: which frozen instances give theirs to swap.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::MissedTickBehavior;

use crate::launch::Memory;
use crate::pools::Pools;

/// Instances a look, so that a moment of need does not put all of them to sleep.
const AT_ONCE: usize = 8;
/// Free swap below which nothing is moved any more.
const SWAP_LEFT: u64 = 16 << 20;
/// Percent of the last ten seconds in which something waited for memory, from which on the host is short of it, whatever it says
/// is available (the kernel's PSI, `some avg10`).
const STALLED: f64 = 10.0;

/// How many of those frozen longest are to be moved to swap, so that `low` percent of the memory are available again; `frozen`
/// has the memory of each, the one frozen longest first.
pub(crate) fn plan(memory: &Memory, low: u8, frozen: &[u64]) -> usize {
    if low == 0 || memory.swap_free < SWAP_LEFT {
        return 0;
    }
    let wanted = memory.total / 100 * u64::from(low.min(100));
    let mut lacking = wanted.saturating_sub(memory.available);
    if lacking == 0 && memory.stalled_percent >= STALLED {
        // Something; the next look says whether it was enough.
        lacking = 1;
    }
    let needed = frozen.iter().take_while(|bytes| {
        let more = lacking > 0;
        lacking = lacking.saturating_sub(**bytes);
        more
    });
    needed.take(AT_ONCE).count()
}

/// Looks every [`crate::Config::memory_look`], until the pools are no more or `stop` is closed.
pub(crate) async fn watch(pools: Weak<Pools>, mut stop: watch::Receiver<bool>) {
    let Some(interval) = interval(&pools) else { return };
    let mut interval = tokio::time::interval(interval);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = interval.tick() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        let Some(pools) = pools.upgrade() else { return };
        look(&pools).await;
    }
}

/// `None` where nothing is ever frozen, or nothing moved.
fn interval(pools: &Weak<Pools>) -> Option<Duration> {
    let config = pools.upgrade()?.site.config.clone();
    (config.memory_low > 0 && config.freeze_after.is_some()).then_some(config.memory_look)
}

async fn look(pools: &Arc<Pools>) {
    // What was decided before comes first: it may be enough.
    if pools.site.paging.available_permits() == 0 {
        return;
    }
    let mut frozen: Vec<_> =
        pools.all().iter().flat_map(|pool| pool.frozen().into_iter().map(|one| (Arc::clone(pool), one))).collect();
    if frozen.is_empty() {
        return;
    }
    let launcher = Arc::clone(&pools.site.launcher);
    let memory = match spawn_blocking(move || launcher.memory()).await {
        Ok(Ok(memory)) => memory,
        Ok(Err(error)) => return tracing::debug!(%error, "memory.unknown"),
        Err(error) => return tracing::debug!(%error, "memory.unknown"),
    };
    frozen.sort_by_key(|(_, one)| (one.since, one.number));
    let sizes: Vec<u64> = frozen.iter().map(|(_, one)| one.memory).collect();
    let count = plan(&memory, pools.site.config.memory_low, &sizes);
    for (pool, one) in frozen.into_iter().take(count) {
        pool.page_out(one.number);
    }
}

#[cfg(test)]
mod tests;
