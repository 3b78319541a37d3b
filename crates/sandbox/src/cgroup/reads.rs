//! How fast an instance may read from the host's disks. It writes to none, but a loop over large files would leave its
//! neighbours nothing of a disk's bandwidth.
//!
//! Version 1: `blkio.throttle.read_bps_device` and `read_iops_device` (the kernel's cgroup-v1/blkio-controller document).
//! Version 2: `io.max` (cgroup-v2 document). Both hold for what a process of the group has read from the disk, read-ahead and
//! page faults included; what is in the page cache costs nothing. What a file system reads in threads of its own (network
//! file systems, FUSE, parts of btrfs) is not counted for whom it is read.

use crate::Error;
use crate::error::Step;
use rustix::io::Errno;
use std::fs;
use std::path::Path;

/// The limit of each instance, for each disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reads {
    /// Bytes a second.
    pub(crate) rate: u64,
    /// By number, such as `254:0`. Empty: no limit.
    pub(crate) disks: Vec<String>,
}

/// One read for so many bytes of the rate: a flood of small ones costs a disk as much as one of bytes.
const BYTES_OF_A_READ: u64 = 32 << 10;

/// A file and what is written to it.
pub(super) type Line = (&'static str, String);

impl Reads {
    /// Without those disks of which `refuses` says so.
    pub(super) fn without(self, mut refuses: impl FnMut(&Self) -> bool) -> Self {
        let Self { rate, disks } = self;
        let one = |disk: &String| Self { rate, disks: vec![disk.clone()] };
        let disks = disks.into_iter().filter(|disk| !refuses(&one(disk))).collect();
        Self { rate, disks }
    }

    fn operations(&self) -> u64 {
        (self.rate / BYTES_OF_A_READ).max(1)
    }

    /// For a `blkio` folder of version 1.
    pub(super) fn v1(&self) -> impl Iterator<Item = Line> {
        self.disks.iter().flat_map(|disk| {
            [
                ("blkio.throttle.read_bps_device", format!("{disk} {}", self.rate)),
                ("blkio.throttle.read_iops_device", format!("{disk} {}", self.operations())),
            ]
        })
    }

    /// For a folder of version 2.
    pub(super) fn v2(&self) -> impl Iterator<Item = Line> {
        let line = |disk| format!("{disk} rbps={} riops={}", self.rate, self.operations());
        self.disks.iter().map(move |disk| ("io.max", line(disk)))
    }
}

/// Writes the limits into a group's folder.
pub(super) fn write(dir: &Path, lines: impl Iterator<Item = Line>) -> Result<(), Error> {
    for (file, line) in lines {
        match fs::write(dir.join(file), &line) {
            // The disk was pulled out, and nobody reads from it.
            Err(error) if error.raw_os_error() == Some(Errno::NODEV.raw_os_error()) => {}
            done => done.step(|| format!("write {line:?} to {}", dir.join(file).display()))?,
        }
    }
    Ok(())
}

/// The disks of a host (`block` is its `/sys/block`), by number: what is hardware and has a size. What lies on top of them
/// (partitions, RAID, LVM, loop devices) hands reads down together with who asked.
pub(crate) fn disks(block: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(block) else { return Vec::new() };
    let text = |dir: &Path, file| fs::read_to_string(dir.join(file)).map(|text| text.trim().to_owned());
    let mut disks: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|dir| dir.join("device").try_exists().unwrap_or(false))
        .filter(|dir| text(dir, "size").is_ok_and(|size| size != "0"))
        .filter_map(|dir| text(&dir, "dev").ok())
        .collect();
    disks.sort();
    disks
}

#[cfg(test)]
mod tests;
