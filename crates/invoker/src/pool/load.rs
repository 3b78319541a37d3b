//! How many requests a pool serves at the same time, and what it looked like when somebody asked last.

use model::instance::State;
use model::statistics::Gauges;

use super::Pool;

/// Requests with a slot, now and at most since it was last asked.
#[derive(Debug, Default)]
pub(super) struct Load {
    now: u64,
    most: u64,
}

impl Load {
    pub(super) fn begin(&mut self) {
        self.now += 1;
        self.most = self.most.max(self.now);
    }

    pub(super) fn end(&mut self) {
        self.now = self.now.saturating_sub(1);
    }

    fn take(&mut self) -> u64 {
        std::mem::replace(&mut self.most, self.now)
    }
}

impl Pool {
    /// Its instances and the most requests at the same time since this was last asked; nothing when there was neither.
    pub(crate) fn gauges(&self) -> Option<Gauges> {
        let mut inner = self.inner.lock();
        let concurrency = inner.load.take();
        let mut seen = Gauges { concurrency, ..Gauges::default() };
        for member in inner.members.values() {
            match member.state {
                State::Starting { .. } | State::Gone { .. } => {}
                _ if member.reserved => seen.reserved += 1,
                _ => seen.instances += 1,
            }
        }
        (seen != Gauges::default()).then_some(seen)
    }
}
