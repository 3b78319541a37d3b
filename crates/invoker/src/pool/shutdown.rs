//! The end of a pool.

use std::sync::Arc;

use model::instance::{Action, Event, Reason, State};
use model::{Error, Kind};

use super::{Grant, Pool, Standing};

impl Pool {
    /// Serves nobody any more: who waits is turned away, every process is asked to end, also those that are busy.
    pub(crate) fn stop(self: &Arc<Self>) {
        self.change(|inner, effects| {
            inner.standing = Standing::Stopped;
            let turned_away =
                inner.waiting.drain(..).map(|waiter| (waiter.sender, Grant::Failed(Error::new(Kind::Draining))));
            effects.grants.extend(turned_away);
            let all: Vec<u64> = inner.members.keys().copied().collect();
            for number in all {
                inner.step(self, number, Event::Drain(Reason::Shutdown), effects);
            }
            let asked = inner.members.values().filter(|member| member.state.in_flight() > 0);
            effects.orders.extend(asked.map(|member| (Arc::clone(&member.instance), Some(Action::Terminate))));
        });
    }

    /// Ends every process now.
    pub(crate) fn stop_now(self: &Arc<Self>) {
        self.stop();
        self.change(|inner, effects| {
            let all: Vec<u64> = inner.members.keys().copied().collect();
            for number in all {
                inner.step(self, number, Event::Kill(Reason::Shutdown), effects);
            }
        });
    }

    /// Takes a pool that is not current off the list if it is empty; from then on it answers nobody.
    pub(crate) fn forget(self: &Arc<Self>) -> bool {
        self.change(|inner, _| {
            let empty = inner.waiting.is_empty() && inner.members.is_empty();
            let forgotten = empty && matches!(inner.standing, Standing::Superseded | Standing::Orphaned);
            if forgotten {
                inner.standing = Standing::Forgotten;
            }
            forgotten || inner.standing == Standing::Forgotten
        })
    }

    /// Whether instances of it may still run or start.
    pub(crate) fn uses_code(&self) -> bool {
        let inner = self.inner.lock();
        inner.standing == Standing::Current
            || !inner.waiting.is_empty()
            || inner.members.values().any(|member| !matches!(member.state, State::Gone { .. }))
    }
}
