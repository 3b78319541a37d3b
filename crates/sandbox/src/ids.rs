//! Host user ids: two per instance, unique while it lives, so that no two instances share a file, a signal or a quota.

use crate::Error;
use crate::error::Step;
use rustix::fs::{Mode, OFlags};
use std::path::Path;

/// What the user's process is inside: FunctionGraph's `snuser`.
pub(crate) const USER: u32 = 1003;

/// First host id. systemd's list of id ranges (UIDS-GIDS.md) has 0x70000000 to 0x7fffffff as unused: below are
/// containers and subordinate ids, above 2^31 lie programs that take ids for signed numbers.
const FIRST: u32 = 0x7000_0000;
/// Instances of one installation that can be alive at once.
pub(crate) const SLOTS: u32 = 1 << 15;
/// Installations on one host take different blocks by the hash of their name. Should two meet, their instances still
/// share no namespace.
const BLOCKS: u32 = 0x1000_0000 / (SLOTS * 2);

/// The host id of the instance's root (init); the user's is the next one.
pub(crate) fn base(installation: &str, slot: u32) -> u32 {
    FIRST + (hash(installation) % BLOCKS) * SLOTS * 2 + (slot % SLOTS) * 2
}

/// What an installation takes its places by, where one host has several: the same on every start.
pub(crate) fn hash(installation: &str) -> u32 {
    // FNV-1a: small, and good enough where a collision is dealt with.
    installation.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Gives the new user namespace of `process` (a folder of procfs) its two ids. Only a process with the rights of the
/// parent namespace may.
pub(crate) fn map(process: &Path, base: u32) -> Result<(), Error> {
    let map = format!("0 {base} 1\n{USER} {} 1\n", base + 1);
    for file in ["uid_map", "gid_map"] {
        let path = process.join(file);
        let fd = rustix::fs::open(&path, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())
            .step(|| format!("open {}", path.display()))?;
        // One write: the kernel takes a map whole or not at all.
        rustix::io::write(&fd, map.as_bytes()).step(|| format!("map {map:?} in {}", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_slots_share_an_id() {
        let mut all: Vec<u32> = (0..SLOTS).flat_map(|slot| [base("a", slot), base("a", slot) + 1]).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), SLOTS as usize * 2);
    }

    #[test]
    fn every_id_stays_within_the_unused_range() {
        for name in ["", "funcd", "funcd-3f2a91c0", "zzzzzzzz"] {
            assert!(base(name, 0) >= FIRST);
            assert!(base(name, SLOTS - 1) < 0x7fff_ffff);
        }
    }
}
