//! The launcher's record of each sandbox: a slot holds its number, which is its user ids and its cgroups, until the last
//! trace of it is gone.

use crate::blank::Parts;
use crate::cgroup::Group;
use crate::{Bind, Limits};
use rustix::process::Pid;
use std::collections::BTreeMap;
use std::os::fd::OwnedFd;

/// One sandbox.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) group: Group,
    pub(super) state: State,
}

/// How far it has come. Each state owns the descriptors that matter in it.
#[derive(Debug)]
pub(super) enum State {
    /// Building itself; will say when it is ready.
    Warming { init: Init, control: OwnedFd, kind: Kind },
    /// Waits for a request.
    Blank { init: Init, control: OwnedFd, kind: Kind, parts: Parts, fds: Vec<OwnedFd> },
    /// Serves. The lease's other end is the daemon's `Jail`.
    Leased { init: Init, lease: OwnedFd },
    /// Dead, but the daemon may still ask what it used.
    Ended { _lease: OwnedFd },
    /// Killed by us; nobody asks any more.
    Doomed { _init: Init },
    /// Dead and unasked for; the kernel still holds on to its cgroups.
    Leaving,
}

/// What a blank has beyond the common: what its request will probably ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kind {
    /// Whether it has its link.
    pub(super) linked: bool,
    /// The limits that are set; `None` where none are.
    pub(super) limits: Option<Limits>,
    /// The shared folders that are in it.
    pub(super) shared: Vec<Shared>,
}

/// A folder that all instances see. One that was replaced since has another number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shared {
    bind: Bind,
    /// Device and number of the source; `None` where there is none.
    file: Option<(u64, u64)>,
}

impl Shared {
    /// As they are now.
    pub(super) fn all(binds: &[Bind]) -> Vec<Self> {
        let file = |bind: &Bind| rustix::fs::stat(&bind.source).ok().map(|stat| (stat.st_dev, stat.st_ino));
        binds.iter().map(|bind| Self { bind: bind.clone(), file: file(bind) }).collect()
    }
}

impl Kind {
    /// Whether it has nothing that `wanted` must not see.
    pub(super) fn suits(&self, wanted: &Self) -> bool {
        self.shared.iter().all(|shared| wanted.shared.contains(shared))
    }

    pub(super) fn binds(&self) -> Vec<Bind> {
        self.shared.iter().map(|shared| shared.bind.clone()).collect()
    }

    /// How little has to be changed to make it `wanted`: more is better.
    pub(super) fn alike(&self, wanted: &Self) -> u8 {
        4 * u8::from(self.shared == wanted.shared)
            + 2 * u8::from(self.linked == wanted.linked)
            + u8::from(self.limits == wanted.limits)
    }
}

/// The init of a sandbox.
#[derive(Debug)]
pub(super) struct Init {
    pub(super) pid: Pid,
    pub(super) pidfd: OwnedFd,
}

/// All of them, by number.
#[derive(Debug, Default)]
pub(super) struct Slots {
    slots: BTreeMap<u32, Slot>,
    next: u32,
}

impl Slots {
    /// A number that nobody holds, the one longest unused first; `None` when all are taken. Its rest by `processors` is the
    /// sandbox's first processor: of all rests the one with the fewest sandboxes.
    pub(super) fn free(&mut self, processors: usize) -> Option<u32> {
        let all = crate::ids::SLOTS;
        let processors = u32::try_from(processors).unwrap_or(u32::MAX).clamp(1, all);
        let mut loads: Vec<u32> = vec![0; processors as usize];
        for number in self.slots.keys() {
            if let Some(load) = loads.get_mut((number % processors) as usize) {
                *load += 1;
            }
        }
        let load = |number: u32| loads.get((number % processors) as usize).copied();
        // As many in a row as there are processors meet every rest once; where all of those are taken, any will do.
        let free = (0..all).map(|step| (self.next + step) % all).filter(|number| !self.slots.contains_key(number));
        let best = free.take(processors as usize).min_by_key(|number| load(*number))?;
        self.next = (best + 1) % all;
        Some(best)
    }

    pub(super) fn insert(&mut self, number: u32, slot: Slot) {
        self.slots.insert(number, slot);
    }

    pub(super) fn remove(&mut self, number: u32) -> Option<Slot> {
        self.slots.remove(&number)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &Slot)> {
        self.slots.iter().map(|(number, slot)| (*number, slot))
    }

    /// The lowest number in a given kind of state.
    pub(super) fn find(&self, matches: impl Fn(&State) -> bool) -> Option<u32> {
        self.iter().find(|(_, slot)| matches(&slot.state)).map(|(number, _)| number)
    }

    pub(super) fn count(&self, matches: impl Fn(&State) -> bool) -> usize {
        self.iter().filter(|(_, slot)| matches(&slot.state)).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot() -> Slot {
        let group = serde_json::from_str(r#"{"V2":{"dir":"/nonexistent"}}"#).unwrap();
        Slot { group, state: State::Leaving }
    }

    #[test]
    fn a_number_is_not_used_again_until_all_others_were() {
        let mut slots = Slots::default();
        let first: Vec<_> = (0..3).map(|_| slots.free(1).unwrap()).collect();
        assert_eq!(first, [0, 1, 2]);
        slots.next = crate::ids::SLOTS - 1;
        assert_eq!(slots.free(1), Some(crate::ids::SLOTS - 1));
        assert_eq!(slots.free(1), Some(0));
    }

    #[test]
    fn the_processor_with_the_fewest_sandboxes_gets_the_next_one() {
        let mut slots = Slots::default();
        for number in [0, 1, 2, 4, 8] {
            slots.insert(number, slot());
        }
        let mut chosen = Vec::new();
        for _ in 0..7 {
            let number = slots.free(4).unwrap();
            chosen.push(number % 4);
            slots.insert(number, slot());
        }
        // Three were on the first, one each on the next two.
        assert_eq!(chosen, [3, 1, 2, 3, 1, 2, 3]);
    }
}
