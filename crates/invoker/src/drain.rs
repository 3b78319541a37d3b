//! The end: no new invocation, a time for those in flight, then every process is asked to end, and then made to.

use std::time::Duration;

use tokio::time::{Instant, timeout};

use crate::Invoker;

/// How long killed processes and those who still read their responses may take; nothing can be done about them after that.
const LAST: Duration = Duration::from_secs(3);

impl Invoker {
    /// Takes no new invocation from now on, gives those in flight up to `grace`, then ends every instance: its pre-stop hook
    /// in what is left of `grace`, SIGTERM, and SIGKILL after [`crate::Config::stop_grace`]. Returns when every process and every task is gone, or three seconds after
    /// nothing more can be done about them.
    pub async fn drain(&self, grace: Duration) {
        let site = &self.pools.site;
        self.stopping.send_replace(true);
        site.invocations.close();
        let until = Instant::now() + grace;
        let finished = timeout(grace, site.invocations.wait()).await.is_ok();
        if !finished {
            tracing::warn!(left = site.invocations.len(), "invoker.drain_grace_over");
        }
        let mut hooks = Duration::ZERO;
        for pool in self.pools.all() {
            hooks = hooks.max(pool.rules.pre_stop);
            pool.stop();
        }
        site.tasks.close();
        let hooks = hooks.min(until.saturating_duration_since(Instant::now()));
        if timeout(hooks + site.config.stop_grace, site.tasks.wait()).await.is_err() {
            self.stop_now();
            if timeout(LAST, site.tasks.wait()).await.is_err() {
                tracing::warn!(left = site.tasks.len(), "invoker.tasks_left");
            }
        }
    }

    /// Takes no new invocation and ends every instance at once; what is in flight fails. [`Invoker::drain`], also one that is
    /// under way, returns soon after.
    pub fn stop_now(&self) {
        self.stopping.send_replace(true);
        self.pools.site.invocations.close();
        self.pools.site.tasks.close();
        for pool in self.pools.all() {
            pool.stop_now();
        }
    }
}

#[cfg(test)]
mod tests;
