//! Version 1 (legacy and hybrid hosts): a folder per controller, and one in the version 2 hierarchy for killing and freezing.

use super::{Mounts, Reads, Usage, keyed, make_dir, number, reads, write};
use crate::error::Step;
use crate::{Error, Limits};
use rustix::event::EventfdFlags;
use rustix::fd::{AsRawFd, OwnedFd};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// What we look for. `cpuset` limits nothing here: the JVM believes in a container only when it sees it.
/// `freezer` is only used where no version 2 hierarchy does the same.
pub(super) const CONTROLLERS: [&str; 7] = ["memory", "pids", "cpu", "cpuacct", "cpuset", BLKIO, FREEZER];

/// Of the kernel's cgroup-v1/freezer-subsystem document.
pub(super) const FREEZER: &str = "freezer";

/// Of the kernel's cgroup-v1/blkio-controller document. Without it, reading from disks has no limit.
pub(super) const BLKIO: &str = "blkio";

/// Whether reading can be limited by it (CONFIG_BLK_DEV_THROTTLING).
pub(super) fn can_throttle(blkio: &Path) -> bool {
    blkio.join("blkio.throttle.read_bps_device").try_exists().unwrap_or(false)
}

/// What it does not go without.
pub(super) const NEEDED: [&str; 3] = ["memory", "pids", "cpu"];

#[derive(Debug)]
pub(crate) struct Tree {
    /// Subtree per controller.
    controllers: Vec<(String, PathBuf)>,
    unified: Option<PathBuf>,
    /// `None` where `unified` freezes, or nothing does.
    freezer: Option<PathBuf>,
}

impl Tree {
    pub(super) fn open(mounts: &Mounts, name: &str) -> Result<Self, Error> {
        let missing = mounts.lacking();
        if !missing.is_empty() {
            let what = format!("no cgroup controller for {}", missing.join(", "));
            return Err(io::Error::new(io::ErrorKind::NotFound, what)).step(|| {
                "limit instances (mount cgroup2 at /sys/fs/cgroup, and boot without cgroup_disable=)".to_owned()
            });
        }
        let shared = |(controller, _): &(&str, &Path)| *controller != FREEZER;
        let controllers: Vec<_> =
            mounts.used().filter(shared).map(|(controller, mount)| (controller.to_owned(), mount.join(name))).collect();
        let unified = mounts.unified.as_ref().map(|mount| mount.join(name));
        let freezer = mounts.controller(FREEZER).filter(|_| unified.is_none()).map(|mount| mount.join(name));
        for (controller, dir) in &controllers {
            make_dir(dir)?;
            if controller == "cpuset" {
                inherit_cpuset(dir)?;
            }
        }
        for dir in unified.iter().chain(&freezer) {
            make_dir(dir)?;
        }
        Ok(Self { controllers, unified, freezer })
    }

    pub(super) fn unified(&self) -> Option<&Path> {
        self.unified.as_deref()
    }

    /// Version 2 first: one write there kills what the others only count. Else the freezer first: what is frozen does not die.
    pub(super) fn roots(&self) -> Vec<PathBuf> {
        distinct(self.unified.iter().chain(&self.freezer).chain(self.controllers.iter().map(|(_, dir)| dir)))
    }

    pub(super) fn create(&self, slot: u32) -> Result<Group, Error> {
        let child = |dir: &PathBuf| dir.join(format!("i{slot}"));
        let group = Group {
            controllers: self.controllers.iter().map(|(name, dir)| (name.clone(), child(dir))).collect(),
            unified: self.unified.as_ref().map(child),
            freezer: self.freezer.as_ref().map(child),
        };
        for dir in group.dirs() {
            make_dir(&dir)?;
        }
        if let Some(dir) = group.controller("cpuset") {
            inherit_cpuset(dir)?;
        }
        Ok(group)
    }
}

/// Version 1 counts what lies in the buffers of internet sockets apart from all other memory, and only where it has a limit:
/// without, a thousand connections would hold gigabytes that are nobody's. (Version 2 counts it as memory.)
const SOCKET_LIMIT: &str = "memory.kmem.tcp.limit_in_bytes";
/// The part of an instance's memory that may lie there beside the rest: senders wait then, and nothing is killed. The kernel
/// grants each socket a first buffer on top.
const SOCKET_PART: u64 = 4;

fn has_socket_limit(memory: &Path) -> bool {
    memory.join(SOCKET_LIMIT).try_exists().unwrap_or(false)
}

/// A new cpuset is empty, and nothing may enter an empty one.
fn inherit_cpuset(dir: &Path) -> Result<(), Error> {
    let parent = dir.parent().unwrap_or(dir);
    for file in ["cpuset.cpus", "cpuset.mems"] {
        let value = fs::read_to_string(parent.join(file)).step(|| format!("read {}", parent.join(file).display()))?;
        write(dir, file, value.trim())?;
    }
    Ok(())
}

/// Controllers that are mounted together share a folder.
fn distinct<'a>(dirs: impl Iterator<Item = &'a PathBuf>) -> Vec<PathBuf> {
    let mut distinct: Vec<PathBuf> = Vec::new();
    for dir in dirs {
        if !distinct.contains(dir) {
            distinct.push(dir.clone());
        }
    }
    distinct
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Group {
    controllers: Vec<(String, PathBuf)>,
    pub(super) unified: Option<PathBuf>,
    pub(super) freezer: Option<PathBuf>,
}

impl Group {
    fn controller(&self, name: &str) -> Option<&Path> {
        self.controllers.iter().find(|(known, _)| known == name).map(|(_, dir)| dir.as_path())
    }

    /// The three that [`Tree::open`] insists on.
    pub(super) fn required(&self, name: &str) -> &Path {
        self.controller(name).unwrap_or(Path::new("/nonexistent"))
    }

    pub(super) fn dirs(&self) -> Vec<PathBuf> {
        distinct(self.unified.iter().chain(&self.freezer).chain(self.controllers.iter().map(|(_, dir)| dir)))
    }

    /// The caller is its process's only thread. `tasks`, and 0 for the writer itself: since Linux 5.16 a thread that moves
    /// itself needs no lock over all forks and exits of the machine. By `cgroup.procs` each of these waits for a grace
    /// period, 2 to 5 ms of everybody's time.
    pub(super) fn enter(&self) -> Result<(), Error> {
        // The unified folder was entered by the fork.
        let dirs = distinct(self.freezer.iter().chain(self.controllers.iter().map(|(_, dir)| dir)));
        dirs.iter().try_for_each(|dir| write(dir, "tasks", "0"))
    }

    pub(super) fn limit(&self, limits: &Limits, had: Option<&Limits>) -> Result<(), Error> {
        if had.is_none() {
            write(self.required("cpu"), "cpu.cfs_period_us", "100000")?;
        }
        if had.is_none_or(|had| had.memory_bytes != limits.memory_bytes) {
            self.limit_memory(limits.memory_bytes, had.is_some_and(|had| had.memory_bytes < limits.memory_bytes))?;
        }
        if had.is_none_or(|had| had.pids != limits.pids) {
            write(self.required("pids"), "pids.max", &(limits.pids + 1).to_string())?;
        }
        if had.is_none_or(|had| had.cpu_millicores != limits.cpu_millicores) {
            let quota = u64::from(limits.cpu_millicores) * 100;
            write(self.required("cpu"), "cpu.cfs_quota_us", &quota.to_string())?;
        }
        Ok(())
    }

    pub(super) fn limit_reads(&self, reads: &Reads) -> Result<(), Error> {
        match self.controller(BLKIO) {
            Some(dir) => reads::write(dir, reads.v1()),
            None if reads.disks.is_empty() => Ok(()),
            None => Err(io::Error::from(io::ErrorKind::NotFound)).step(|| "find the cgroup controller blkio"),
        }
    }

    fn limit_memory(&self, bytes: u64, raised: bool) -> Result<(), Error> {
        let memory = self.required("memory");
        // Memory and swap together; absent without swap accounting. Never less than memory alone, so the order matters.
        let both = "memory.memsw.limit_in_bytes";
        let files = match (memory.join(both).try_exists().unwrap_or(false), raised) {
            (false, _) => vec!["memory.limit_in_bytes"],
            (true, true) => vec![both, "memory.limit_in_bytes"],
            (true, false) => vec!["memory.limit_in_bytes", both],
        };
        files.iter().try_for_each(|file| write(memory, file, &bytes.to_string()))?;
        if has_socket_limit(memory) {
            write(memory, SOCKET_LIMIT, &(bytes / SOCKET_PART).to_string())?;
        }
        Ok(())
    }

    /// memory.txt of the kernel's cgroup-v1 documents, section 10: an eventfd registered on `memory.oom_control`.
    pub(super) fn oom_event(&self) -> Result<OwnedFd, Error> {
        let memory = self.required("memory");
        let control = File::open(memory.join("memory.oom_control")).step(|| "open memory.oom_control")?;
        let event =
            rustix::event::eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).step(|| "make an eventfd")?;
        write(memory, "cgroup.event_control", &format!("{} {}", event.as_raw_fd(), control.as_raw_fd()))?;
        Ok(event)
    }

    pub(super) fn views(&self) -> Vec<(PathBuf, PathBuf)> {
        let target = |name: &String| Path::new("/sys/fs/cgroup").join(name);
        let seen = self.controllers.iter().filter(|(name, _)| name != BLKIO);
        seen.map(|(name, dir)| (dir.clone(), target(name))).collect()
    }

    pub(super) fn memory_bytes(&self) -> u64 {
        number(self.required("memory"), "memory.usage_in_bytes")
    }

    pub(super) fn oom_kills(&self) -> u64 {
        keyed(self.required("memory"), "memory.oom_control", "oom_kill ")
    }

    pub(super) fn usage(&self) -> Usage {
        let memory = self.required("memory");
        Usage {
            memory_bytes: self.memory_bytes(),
            memory_peak_bytes: number(memory, "memory.max_usage_in_bytes"),
            cpu_us: self.controller("cpuacct").map_or(0, |dir| number(dir, "cpuacct.usage") / 1000),
            oom_kills: self.oom_kills(),
            processes: number(self.required("pids"), "pids.current"),
        }
    }
}
