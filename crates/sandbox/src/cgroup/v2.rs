//! Version 2: one folder per instance. (The host this was written on has no version 2 controllers: the parts that need
//! them follow the kernel's cgroup-v2 document and are exercised only where there are.)

use super::{Usage, keyed, make_dir, number, write};
use crate::{Error, Limits};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

const NEEDED: [&str; 3] = ["cpu", "memory", "pids"];

/// Without it, reading from disks has no limit.
pub(super) const IO: &str = "io";

/// Whether the hierarchy has every controller we need.
pub(super) fn is_complete(root: &Path) -> bool {
    NEEDED.iter().all(|needed| has(root, needed))
}

/// Whether a folder has a controller for itself and its children.
pub(super) fn has(dir: &Path, controller: &str) -> bool {
    let text = fs::read_to_string(dir.join("cgroup.controllers")).unwrap_or_default();
    text.split_whitespace().any(|found| found == controller)
}

#[derive(Debug)]
pub(crate) struct Tree {
    root: PathBuf,
}

impl Tree {
    pub(super) fn open(mount: &Path, name: &str) -> Result<Self, Error> {
        let root = mount.join(name);
        enable(mount)?;
        make_dir(&root)?;
        enable(&root)?;
        Ok(Self { root })
    }

    pub(super) fn roots(&self) -> Vec<PathBuf> {
        vec![self.root.clone()]
    }

    pub(super) fn create(&self, slot: u32) -> Result<Group, Error> {
        let dir = self.root.join(format!("i{slot}"));
        make_dir(&dir)?;
        Ok(Group { dir })
    }
}

/// Hands the controllers down to the children of `dir`, if they are not already.
fn enable(dir: &Path) -> Result<(), Error> {
    let on = fs::read_to_string(dir.join("cgroup.subtree_control")).unwrap_or_default();
    let wanted = NEEDED.iter().chain(has(dir, IO).then_some(&IO));
    let missing: Vec<_> = wanted.filter(|wanted| !on.split_whitespace().any(|found| found == **wanted)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    // EBUSY here: inside a container whose root group holds processes. They must be moved to a child first.
    let words: Vec<_> = missing.iter().map(|name| format!("+{name}")).collect();
    write(dir, "cgroup.subtree_control", &words.join(" "))
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(super) dir: PathBuf,
}

impl Group {
    pub(super) fn limit(&self, limits: &Limits, had: Option<&Limits>) -> Result<(), Error> {
        let dir = &self.dir;
        if had.is_none() {
            // Absent when the kernel has no swap accounting, and then there is nothing to limit.
            if dir.join("memory.swap.max").try_exists().unwrap_or(false) {
                write(dir, "memory.swap.max", "0")?;
            }
            // One process over the limit takes the whole instance with it, so that none limps on. Init, whose
            // oom_score_adj is the lowest, survives to report it.
            write(dir, "memory.oom.group", "1")?;
        }
        if had.is_none_or(|had| had.memory_bytes != limits.memory_bytes) {
            write(dir, "memory.max", &limits.memory_bytes.to_string())?;
        }
        if had.is_none_or(|had| had.pids != limits.pids) {
            write(dir, "pids.max", &(limits.pids + 1).to_string())?;
        }
        if had.is_none_or(|had| had.cpu_millicores != limits.cpu_millicores) {
            write(dir, "cpu.max", &format!("{} 100000", u64::from(limits.cpu_millicores) * 100))?;
        }
        Ok(())
    }

    pub(super) fn memory_bytes(&self) -> u64 {
        number(&self.dir, "memory.current")
    }

    pub(super) fn oom_kills(&self) -> u64 {
        keyed(&self.dir, "memory.events", "oom_kill ")
    }

    /// What is in swap afterwards stays there until it is used; it counts against nothing but itself, and is at most what the
    /// instance had before.
    pub(super) fn with_swap<T>(&self, work: impl FnOnce() -> T) -> T {
        let limit = fs::read_to_string(self.dir.join("memory.max")).unwrap_or_default();
        // Without the file nothing is counted, and nothing is forbidden.
        let _ = write(&self.dir, "memory.swap.max", limit.trim());
        let done = work();
        let _ = write(&self.dir, "memory.swap.max", "0");
        done
    }

    pub(super) fn usage(&self) -> Usage {
        let dir = &self.dir;
        let memory_bytes = self.memory_bytes();
        Usage {
            memory_bytes,
            // memory.peak is there from Linux 5.19 on.
            memory_peak_bytes: number(dir, "memory.peak").max(memory_bytes),
            cpu_us: keyed(dir, "cpu.stat", "usage_usec"),
            oom_kills: self.oom_kills(),
            processes: number(dir, "pids.current"),
        }
    }
}
