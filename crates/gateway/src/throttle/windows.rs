//! Counters, each with the window it counts in. Shared by all threads, in shards that are locked for as long as one is looked up.
//!
//! There are two tables. That of APIs, apps and users holds what has been configured or proven, so it may grow with them; windows
//! that are over are swept out of it. That of source addresses holds what anybody can make up, so its size is fixed: an address has
//! [`WAYS`] places where it may be, and when all of them are taken by windows that still run, the one with the fewest calls is
//! forgotten. Who calls most stays counted, whoever else comes by. The table is empty until an address is first limited and at
//! most [`STRIPES`] × [`SLOTS`] places of 32 bytes: 4 MiB for 131,072 addresses.
//!
//! Keys are 64 bits of a hash whose key nobody outside knows. That two of 100,000 counters share one happens once in some billion
//! gateways.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, BuildHasherDefault, Hasher, RandomState};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use super::By;

/// Shards of the table of APIs, apps and users.
const SHARDS: usize = 64;
/// Windows in a shard before those that are over are swept out for the first time.
const SWEEP: usize = 1024;
/// Stripes of the table of addresses.
const STRIPES: usize = 64;
/// Places in a stripe.
const SLOTS: usize = 2048;
/// Places that one address may be at.
const WAYS: usize = 8;

/// Names a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    id: u64,
    address: bool,
}

/// Nanoseconds since the first window could begin.
pub(crate) type Nanos = u64;

/// A call that was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    key: Key,
    opened: Nanos,
}

/// No room in the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full {
    /// Until there is.
    pub(crate) wait: Duration,
}

#[derive(Clone, Copy, Debug, Default)]
struct Window {
    opened: Nanos,
    length: Nanos,
    count: u32,
}

impl Window {
    fn is_over(&self, now: Nanos) -> bool {
        now.saturating_sub(self.opened) >= self.length
    }

    /// Counts one more, in a new window if this is over.
    fn take(&mut self, (limit, length): (u32, Nanos), now: Nanos) -> Result<u32, Nanos> {
        // The policy's length of now: a window of a day must not outlive the change to one of a second.
        self.length = length;
        if self.count == 0 || self.is_over(now) {
            (self.opened, self.count) = (now, 0);
        }
        if self.count >= limit {
            return Err(self.opened.saturating_add(length).saturating_sub(now));
        }
        self.count += 1;
        Ok(limit - self.count)
    }
}

/// A place for an address; free while its count is 0.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    id: u64,
    window: Window,
}

/// Ids are hashes already, by a key that nobody knows. All ids of a shard end in the same bits, which go where the map looks last.
#[derive(Debug, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(self.0 ^ u64::from(*byte));
        }
    }

    fn write_u64(&mut self, id: u64) {
        self.0 = id.rotate_left(32);
    }
}

#[derive(Debug, Default)]
struct Shard {
    windows: HashMap<u64, Window, BuildHasherDefault<AsItIs>>,
    sweep_at: usize,
}

/// All counters of a gateway.
#[derive(Debug)]
pub(crate) struct Windows {
    began: Instant,
    hash: RandomState,
    shards: Vec<Mutex<Shard>>,
    addresses: Vec<Mutex<Vec<Slot>>>,
}

impl Default for Windows {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            hash: RandomState::new(),
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            addresses: (0..STRIPES).map(|_| Mutex::default()).collect(),
        }
    }
}

impl Windows {
    /// The time now, as [`Windows::take`] wants it.
    pub(crate) fn now(&self) -> Nanos {
        nanos(self.began.elapsed())
    }

    /// The counter of a subject in a scope.
    pub(crate) fn key(&self, scope: &str, by: By, subject: &[u8]) -> Key {
        Key { id: self.hash.hash_one((scope, by, subject)), address: by == By::Ip }
    }

    /// Counts one more call; tells how many are left in the window.
    ///
    /// # Errors
    /// [`Full`], and nothing was counted.
    pub(crate) fn take(&self, key: Key, (limit, length): (u32, Duration), now: Nanos) -> Result<(Taken, u32), Full> {
        let bound = (limit, nanos(length));
        let taken = match key.address {
            true => self.slot(key.id, |slots| of_address(slots, key.id, now).map(|own| own.count(bound, now))),
            false => self.shard(key.id, |shard| Some(shard.window(key.id, now).count(bound, now))),
        };
        match taken {
            Some(Ok((opened, left))) => Ok((Taken { key, opened }, left)),
            Some(Err(wait)) => Err(Full { wait: Duration::from_nanos(wait) }),
            // Not reached: every stripe has places.
            None => Ok((Taken { key, opened: now }, limit.saturating_sub(1))),
        }
    }

    /// Undoes a count, unless its window is over.
    pub(crate) fn give_back(&self, Taken { key, opened }: Taken) {
        let undo = |window: &mut Window| {
            if window.opened == opened {
                window.count = window.count.saturating_sub(1);
            }
        };
        match key.address {
            true => {
                self.slot(key.id, |slots| slots.iter_mut().find(|slot| slot.id == key.id).map(|s| undo(&mut s.window)))
            }
            false => self.shard(key.id, |shard| shard.windows.get_mut(&key.id).map(undo)),
        };
    }

    fn shard<T>(&self, id: u64, work: impl FnOnce(&mut Shard) -> Option<T>) -> Option<T> {
        let place = usize::try_from(id % SHARDS as u64).unwrap_or_default();
        work(&mut self.shards.get(place)?.lock())
    }

    /// The places where an address may be.
    fn slot<T>(&self, id: u64, work: impl FnOnce(&mut [Slot]) -> Option<T>) -> Option<T> {
        let stripe = usize::try_from(id % STRIPES as u64).unwrap_or_default();
        let set = usize::try_from(id / STRIPES as u64 % (SLOTS / WAYS) as u64).unwrap_or_default();
        let mut slots = self.addresses.get(stripe)?.lock();
        if slots.is_empty() {
            slots.resize(SLOTS, Slot::default());
        }
        work(slots.get_mut(set * WAYS..(set + 1) * WAYS)?)
    }

    /// Counters that are held now, of addresses and of everything else.
    #[cfg(test)]
    pub(crate) fn held(&self) -> (usize, usize) {
        let live = |slots: &Mutex<Vec<Slot>>| slots.lock().iter().filter(|slot| slot.window.count > 0).count();
        let shards = self.shards.iter().map(|shard| shard.lock().windows.len()).sum();
        (self.addresses.iter().map(live).sum(), shards)
    }
}

impl Window {
    fn count(&mut self, bound: (u32, Nanos), now: Nanos) -> Result<(Nanos, u32), Nanos> {
        let left = self.take(bound, now)?;
        Ok((self.opened, left))
    }
}

impl Shard {
    fn window(&mut self, id: u64, now: Nanos) -> &mut Window {
        if self.windows.len() >= self.sweep_at.max(SWEEP) && !self.windows.contains_key(&id) {
            self.windows.retain(|_, window| !window.is_over(now));
            // Twice what is live, so that sweeping costs each call next to nothing.
            self.sweep_at = self.windows.len() * 2;
        }
        self.windows.entry(id).or_default()
    }
}

/// The address's own place, else a free one, else the one that matters least.
fn of_address(slots: &mut [Slot], id: u64, now: Nanos) -> Option<&mut Window> {
    let own = slots.iter().position(|slot| slot.id == id && slot.window.count > 0);
    let place = match own {
        Some(place) => place,
        None => {
            let weight = |slot: &Slot| if slot.window.is_over(now) { 0 } else { slot.window.count };
            let (place, _) = slots.iter().enumerate().min_by_key(|(_, slot)| weight(slot))?;
            *slots.get_mut(place)? = Slot { id, window: Window::default() };
            place
        }
    };
    Some(&mut slots.get_mut(place)?.window)
}

fn nanos(time: Duration) -> Nanos {
    Nanos::try_from(time.as_nanos()).unwrap_or(Nanos::MAX)
}
