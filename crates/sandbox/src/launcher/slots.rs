//! The launcher's record of each sandbox: a slot holds its number, which is its user ids and its cgroups, until the last
//! trace of it is gone.

use crate::cgroup::Group;
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
    Warming { init: Init, control: OwnedFd },
    /// Waits for a request.
    Blank { init: Init, control: OwnedFd },
    /// Serves. The lease's other end is the daemon's `Jail`.
    Leased { init: Init, lease: OwnedFd },
    /// Dead, but the daemon may still ask what it used.
    Ended { _lease: OwnedFd },
    /// Killed by us; nobody asks any more.
    Doomed { _init: Init },
    /// Dead and unasked for; the kernel still holds on to its cgroups.
    Leaving,
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
    /// A number that nobody holds, the one longest unused first; `None` when all are taken.
    pub(super) fn free(&mut self) -> Option<u32> {
        let all = crate::ids::SLOTS;
        let free = (0..all).map(|step| (self.next + step) % all).find(|number| !self.slots.contains_key(number))?;
        self.next = (free + 1) % all;
        Some(free)
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

    #[test]
    fn a_number_is_not_used_again_until_all_others_were() {
        let mut slots = Slots::default();
        let first: Vec<_> = (0..3).map(|_| slots.free().unwrap()).collect();
        assert_eq!(first, [0, 1, 2]);
        slots.next = crate::ids::SLOTS - 1;
        assert_eq!(slots.free(), Some(crate::ids::SLOTS - 1));
        assert_eq!(slots.free(), Some(0));
    }
}
