//! Instances that do not run.

use std::sync::Arc;
use std::time::Duration;

use model::instance::{Event, Pose, State};

use super::Pool;

/// A frozen instance whose memory could be moved to swap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frozen {
    pub(crate) number: u64,
    /// Since when nobody asked for it.
    pub(crate) since: Duration,
    /// Bytes of its memory when it was last measured.
    pub(crate) memory: u64,
}

impl Pool {
    /// How the processes of an instance should be now.
    pub(crate) fn pose(&self, number: u64) -> Pose {
        self.inner.lock().state(number).map_or(Pose::Awake, |state| state.pose())
    }

    /// The processes of an instance run.
    pub(crate) fn thawed(self: &Arc<Self>, number: u64) {
        self.change(|inner, effects| {
            inner.step(self, number, Event::Thawed, effects);
            if let Some(member) = inner.members.get_mut(&number) {
                effects.thawed.append(&mut member.thawing);
            }
        });
    }

    /// The processes of an instance could not be frozen, and run.
    pub(crate) fn not_frozen(self: &Arc<Self>, number: u64) {
        self.change(|inner, effects| inner.step(self, number, Event::NotFrozen, effects));
    }

    /// The memory of an instance is wanted.
    pub(crate) fn page_out(self: &Arc<Self>, number: u64) {
        self.change(|inner, effects| inner.step(self, number, Event::PageOut, effects));
    }

    /// Its frozen instances that have their memory.
    pub(crate) fn frozen(&self) -> Vec<Frozen> {
        let inner = self.inner.lock();
        let frozen = inner.members.iter().filter_map(|(number, member)| match member.state {
            State::Frozen { since } => Some(Frozen { number: *number, since, memory: member.instance.memory() }),
            _ => None,
        });
        frozen.collect()
    }
}

#[cfg(test)]
mod tests;
