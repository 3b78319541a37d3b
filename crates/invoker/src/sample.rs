//! What telemetry cannot see in records: how many instances there are, and how many requests they serve at the same time.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use model::statistics::Counts;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use crate::pools::Pools;

/// Tells telemetry every `interval`, until the pools are no more or `stop` is closed.
pub(crate) async fn watch(pools: Weak<Pools>, mut stop: watch::Receiver<bool>, interval: Duration) {
    let mut interval = tokio::time::interval(interval);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = interval.tick() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        let Some(pools) = pools.upgrade() else { return };
        sample(&pools);
    }
}

fn sample(pools: &Pools) {
    let mut functions: HashMap<Arc<str>, Counts> = HashMap::new();
    for pool in pools.all() {
        if let Some(seen) = pool.gauges() {
            let of_pool = Counts { gauges: Some(seen), ..Counts::default() };
            functions.entry(Arc::clone(pool.names.function())).or_default().beside(&of_pool);
        }
    }
    for (function, counts) in functions {
        if let Some(seen) = counts.gauges {
            pools.site.telemetry.gauge(function, seen);
        }
    }
}

#[cfg(test)]
mod tests;
