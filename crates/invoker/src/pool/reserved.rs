//! Instances that are kept whether somebody asks for them or not: started before traffic, asked first, replaced when they end.
//!
//! Which instances those are is only a mark: an instance on demand becomes a reserved one before another is started, and a
//! reserved one too many becomes one on demand, which leaves when it is idle long enough.

use std::sync::Arc;
use std::time::Duration;

use model::instance::{Event, Pose, Rules, State};

use super::effects::Effects;
use super::{Inner, Member, Pool, Standing};

/// Longer than any process lives.
const FOR_EVER: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// What is to be kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    /// How many instances; no more than the version may have.
    pub(crate) count: usize,
    /// Whether they are frozen while nobody asks for them.
    pub(crate) idle_mode: bool,
}

impl Pool {
    /// Keeps so many from now on.
    pub(crate) fn keep(self: &Arc<Self>, kept: Kept) {
        self.change(|inner, effects| {
            if inner.kept != kept {
                inner.kept = kept;
                inner.look_again(effects);
                inner.settle(self, effects);
            }
        });
    }

    /// Whether its instances stay until the reserved ones of the `newer` version serve. Not for ever: those may not start.
    pub(crate) fn waits_for(&self, newer: &Self) -> bool {
        let now = self.site.now();
        let patience = newer.version.config.start_timeout() + self.site.config.stop_grace;
        let (serves, wanted) = newer.kept();
        let mut inner = self.inner.lock();
        let since = *inner.outdated.get_or_insert(now);
        inner.kept.count > 0 && serves < wanted && now.saturating_sub(since) < patience
    }

    /// How many reserved instances serve, and how many are wanted.
    fn kept(&self) -> (usize, usize) {
        let inner = self.inner.lock();
        let serves = inner.members.values().filter(|member| member.reserved && member.state.serves()).count();
        (serves, inner.kept.count.min(self.maximum()))
    }

    /// The rules for an instance of this version.
    pub(super) fn rules_of(&self, reserved: bool, kept: Kept) -> Rules {
        if !reserved {
            return self.rules;
        }
        let freeze_after = self.rules.freeze_after.filter(|_| kept.idle_mode);
        Rules { keep_alive: FOR_EVER, freeze_after, ..self.rules }
    }
}

impl Inner {
    /// A free slot: of a reserved instance if there is one, and of the one most recently used.
    pub(super) fn next_free(&self) -> Option<u64> {
        let last = *self.available.last()?;
        if self.kept.count == 0 {
            return Some(last);
        }
        let reserved = |number: &&u64| self.members.get(number).is_some_and(|member| member.reserved);
        self.available.iter().rev().find(reserved).copied().or(Some(last))
    }

    /// Marks as many as are wanted, and starts what is missing.
    pub(super) fn keep_wanted(&mut self, pool: &Arc<Pool>, effects: &mut Effects) {
        if self.standing != Standing::Current {
            return;
        }
        let wanted = self.kept.count.min(pool.maximum());
        self.mark(wanted, effects);
        if !self.kept.idle_mode {
            self.wake_reserved(pool, effects);
        }
        let missing = wanted.saturating_sub(self.reserved());
        if missing == 0 || self.failures.wait(effects.now).is_some() {
            return;
        }
        let starting = self.count(|state| matches!(state, State::Starting { .. }));
        let serving = self.count(|state| !matches!(state, State::Draining { in_flight: 0, .. } | State::Gone { .. }));
        let room = pool.maximum().saturating_sub(serving);
        let at_once = self.failures.at_once().saturating_sub(starting);
        for _ in 0..missing.min(room).min(at_once) {
            self.decide_start(pool, true, effects);
        }
    }

    fn reserved(&self) -> usize {
        self.members.values().filter(|member| member.reserved && stays(member)).count()
    }

    /// Instances that are there take the mark before others are started, the longest there first; the youngest lose it.
    fn mark(&mut self, wanted: usize, effects: &mut Effects) {
        let mut reserved = self.reserved();
        if reserved == wanted {
            return;
        }
        let mut changed = false;
        for member in self.members.values_mut().filter(|member| stays(member)) {
            if reserved < wanted && !member.reserved {
                member.reserved = true;
                reserved += 1;
                changed = true;
            }
        }
        for member in self.members.values_mut().rev().filter(|member| stays(member)) {
            if reserved > wanted && member.reserved {
                member.reserved = false;
                reserved -= 1;
                changed = true;
            }
        }
        if changed {
            self.look_again(effects);
        }
    }

    /// Without idle mode no reserved instance stays frozen.
    fn wake_reserved(&mut self, pool: &Arc<Pool>, effects: &mut Effects) {
        let frozen = |(number, member): (&u64, &Member)| {
            (member.reserved && member.state.pose() != Pose::Awake).then_some(*number)
        };
        let frozen: Vec<u64> = self.members.iter().filter_map(frozen).collect();
        for number in frozen {
            self.step(pool, number, Event::NotFrozen, effects);
        }
    }

    /// Drivers look at the clock again: the rules of their instances changed.
    fn look_again(&self, effects: &mut Effects) {
        effects.orders.extend(self.members.values().map(|member| (Arc::clone(&member.instance), None)));
    }
}

/// Whether an instance is not about to leave.
fn stays(member: &Member) -> bool {
    !matches!(member.state, State::Draining { .. } | State::Gone { .. })
}

#[cfg(test)]
mod tests;
