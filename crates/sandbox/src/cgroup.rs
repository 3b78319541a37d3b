//! The instance's cgroups: what it may use up, what it used, and a sure way to kill all of it.
//!
//! Two layouts, chosen once at start. On a *unified* host (version 2) one folder per instance does everything. On a
//! *hybrid or legacy* host the controllers are version 1 hierarchies with a folder each; where a version 2 hierarchy is
//! mounted beside them it serves for killing. Groups are entered before there is a [`Spec`](crate::Spec), and with the
//! limits that are likely asked for: each of these writes costs 10 to 50 µs, and entering by `cgroup.procs` would cost
//! 10 ms when the kernel must wait for a grace period. It is written nowhere.

mod devices;
mod freezer;
mod reads;
mod v1;
mod v2;

use freezer::Freezer;
pub(crate) use freezer::can_freeze;

pub(crate) use devices::Instruction;
pub(crate) use reads::{Reads, disks};

use crate::error::Step;
use crate::{Error, Limits};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fd::OwnedFd;
use rustix::process::{Pid, Signal};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// This installation's subtree: everything below it is ours to kill and remove.
#[derive(Debug)]
pub(crate) enum Tree {
    V1(v1::Tree),
    V2(v2::Tree),
}

/// The folders of one instance.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Group {
    V1(v1::Group),
    V2(v2::Group),
}

/// What an instance used so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Memory charged to it now, `/tmp` and page cache of its own included.
    pub memory_bytes: u64,
    /// Most memory ever charged to it.
    pub memory_peak_bytes: u64,
    /// Processor time in microseconds, the making of the sandbox included (a few milliseconds).
    pub cpu_us: u64,
    /// How often the memory limit cost a process its life. More than 0 means: the instance died of it.
    pub oom_kills: u64,
    /// Processes and threads now, init included.
    pub processes: u64,
}

impl Tree {
    /// Finds the host's layout and makes the subtree `name`.
    pub(crate) fn open(name: &str) -> Result<Self, Error> {
        let mounts = Mounts::read()?;
        match &mounts.unified {
            Some(root) if v2::is_complete(root) => Ok(Self::V2(v2::Tree::open(root, name)?)),
            _ => Ok(Self::V1(v1::Tree::open(&mounts, name)?)),
        }
    }

    /// Kills every process of every former instance and removes their folders.
    pub(crate) fn reap(&self) -> Result<(), Error> {
        let roots = match self {
            Self::V1(tree) => tree.roots(),
            Self::V2(tree) => tree.roots(),
        };
        for root in &roots {
            for dir in children(root).step(|| format!("list {}", root.display()))? {
                kill_all(&dir).step(|| format!("kill the processes in {}", dir.display()))?;
                remove_dir(&dir, 2000).step(|| format!("remove {}", dir.display()))?;
            }
        }
        Ok(())
    }

    /// Removes the subtree itself; its instances must be gone.
    pub(crate) fn remove(&self) {
        let roots = match self {
            Self::V1(tree) => tree.roots(),
            Self::V2(tree) => tree.roots(),
        };
        for root in roots {
            // Left over, it is empty and harmless, and the next start uses it again.
            let _ = remove_dir(&root, 100);
        }
    }

    /// Keeps all instances from devices that are not theirs.
    pub(crate) fn fence_devices(&self) -> Result<(), Error> {
        match self {
            Self::V1(tree) => tree.unified().map_or(Ok(()), devices::fence),
            Self::V2(tree) => tree.roots().iter().try_for_each(|root| devices::fence(root)),
        }
    }

    /// The limit of each instance's reading, for those of `disks` that can have one: an instance that no limit can be set for is
    /// better started than refused. None may run yet.
    ///
    /// # Errors
    /// No disk can have one, and why.
    pub(crate) fn limit_reads(&self, rate: u64, disks: Vec<String>) -> Result<Reads, Error> {
        if rate == 0 || disks.is_empty() {
            return Ok(Reads::default());
        }
        let group = self.create(0)?;
        let mut refused = None;
        let reads =
            Reads { rate, disks }.without(|one| group.limit_reads(one).map_err(|why| refused = Some(why)).is_err());
        group.remove()?;
        refused.filter(|_| reads.disks.is_empty()).map_or(Ok(reads), Err)
    }

    /// Makes the folders of one instance.
    pub(crate) fn create(&self, slot: u32) -> Result<Group, Error> {
        match self {
            Self::V1(tree) => tree.create(slot).map(Group::V1),
            Self::V2(tree) => tree.create(slot).map(Group::V2),
        }
    }
}

impl Group {
    /// The folder a fork can be put into directly, opened.
    pub(crate) fn entrance(&self) -> Result<Option<OwnedFd>, Error> {
        let dir = match self {
            Self::V1(group) => group.unified.as_deref(),
            Self::V2(group) => Some(group.dir.as_path()),
        };
        dir.map(|dir| {
            use rustix::fs::{Mode, OFlags};
            rustix::fs::open(dir, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
                .step(|| format!("open {}", dir.display()))
        })
        .transpose()
    }

    /// Moves the calling process, which has one thread, into what [`Group::entrance`] did not cover.
    pub(crate) fn enter(&self) -> Result<(), Error> {
        match self {
            Self::V1(group) => group.enter(),
            Self::V2(_) => Ok(()),
        }
    }

    /// Sets the limits, as far as they differ from those it `had`; the processes are inside already.
    pub(crate) fn limit(&self, limits: &Limits, had: Option<&Limits>) -> Result<(), Error> {
        match self {
            Self::V1(group) => group.limit(limits, had),
            Self::V2(group) => group.limit(limits, had),
        }
    }

    /// Sets how fast its processes may read from disks.
    pub(crate) fn limit_reads(&self, reads: &Reads) -> Result<(), Error> {
        match self {
            Self::V1(group) => group.limit_reads(reads),
            Self::V2(group) => reads::write(&group.dir, reads.v2()),
        }
    }

    /// A descriptor that becomes readable when the memory limit is hit and nothing could be reclaimed.
    pub(crate) fn oom_event(&self) -> Result<Option<OwnedFd>, Error> {
        match self {
            Self::V1(group) => group.oom_event().map(Some),
            // memory.events can be watched, but changes for reclaims too; `oom.group` already kills the whole instance.
            Self::V2(_) => Ok(None),
        }
    }

    /// Folders the instance may see read-only, with where runtimes look for them: so they size heaps by the limit.
    pub(crate) fn views(&self) -> Vec<(PathBuf, PathBuf)> {
        match self {
            Self::V1(group) => group.views(),
            Self::V2(group) => vec![(group.dir.clone(), PathBuf::from("/sys/fs/cgroup"))],
        }
    }

    /// Stops every process of the instance, init included. It takes a moment: see [`Group::is_frozen`].
    pub(crate) fn freeze(&self) -> Result<(), Error> {
        self.freezer().map_or_else(freezer::unsupported, |freezer| freezer.freeze())
    }

    /// Whether every process has stopped. Where some have not, asks them again.
    pub(crate) fn is_frozen(&self) -> bool {
        self.freezer().is_some_and(|freezer| freezer.is_frozen())
    }

    /// Lets the processes run again: one write.
    pub(crate) fn thaw(&self) -> Result<(), Error> {
        self.freezer().map_or_else(freezer::unsupported, |freezer| freezer.thaw())
    }

    /// After a SIGKILL: lets it have its effect. A process that version 1 froze does not die before it is thawed.
    pub(crate) fn let_die(&self) {
        if let Some(freezer @ Freezer::V1(_)) = self.freezer() {
            // It fails for a group that is removed, and then there is nobody to die.
            let _ = freezer.thaw();
        }
    }

    fn freezer(&self) -> Option<Freezer<'_>> {
        match self {
            Self::V1(group) => {
                let unified = group.unified.as_deref().map(Freezer::V2);
                unified.or(group.freezer.as_deref().map(Freezer::V1))
            }
            Self::V2(group) => Some(Freezer::V2(&group.dir)),
        }
    }

    /// The processes of the instance, by the numbers the host knows them by.
    pub(crate) fn processes(&self) -> Result<Vec<Pid>, Error> {
        let dir = match self {
            Self::V1(group) => group.required("pids"),
            Self::V2(group) => &group.dir,
        };
        let text =
            fs::read_to_string(dir.join("cgroup.procs")).step(|| format!("list the processes in {}", dir.display()))?;
        Ok(text.lines().filter_map(|pid| Pid::from_raw(pid.parse().ok()?)).collect())
    }

    /// Runs `work` while the instance may have memory in swap. Version 1 counts memory and swap together, so that the limit
    /// holds for both; version 2 counts them apart, and swap is otherwise not allowed.
    pub(crate) fn with_swap<T>(&self, work: impl FnOnce() -> T) -> T {
        match self {
            Self::V1(_) => work(),
            Self::V2(group) => group.with_swap(work),
        }
    }

    pub(crate) fn memory_bytes(&self) -> u64 {
        match self {
            Self::V1(group) => group.memory_bytes(),
            Self::V2(group) => group.memory_bytes(),
        }
    }

    pub(crate) fn oom_kills(&self) -> u64 {
        match self {
            Self::V1(group) => group.oom_kills(),
            Self::V2(group) => group.oom_kills(),
        }
    }

    pub(crate) fn usage(&self) -> Usage {
        match self {
            Self::V1(group) => group.usage(),
            Self::V2(group) => group.usage(),
        }
    }

    /// Removes the folders of an instance whose processes are gone; `Ok(false)` when the kernel still counts one.
    pub(crate) fn remove(&self) -> Result<bool, Error> {
        let dirs = match self {
            Self::V1(group) => group.dirs(),
            Self::V2(group) => vec![group.dir.clone()],
        };
        for dir in dirs {
            match fs::remove_dir(&dir) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) if error.kind() == io::ErrorKind::ResourceBusy => return Ok(false),
                Err(error) => return Err(error).step(|| format!("remove {}", dir.display())),
            }
        }
        Ok(true)
    }
}

/// Whether this version 2 hierarchy does everything.
pub(crate) fn is_unified(root: &Path) -> bool {
    v2::is_complete(root)
}

/// Whether the reading of disks can be limited here, or what there is not. In version 2 only a group that has the controller
/// can tell more, and none may yet.
pub(crate) fn can_limit_reads(mounts: &Mounts) -> Result<(), &'static str> {
    match (&mounts.unified, mounts.controller(v1::BLKIO)) {
        (Some(root), _) if is_unified(root) => v2::has(root, v2::IO).then_some(()).ok_or("no io controller"),
        (_, None) => Err("no blkio controller"),
        (_, Some(blkio)) => v1::can_throttle(blkio).then_some(()).ok_or("the blkio controller has no throttle"),
    }
}

/// Where the cgroup hierarchies are mounted.
#[derive(Debug, Default)]
pub(crate) struct Mounts {
    /// The version 2 hierarchy.
    pub(crate) unified: Option<PathBuf>,
    /// Version 1 controllers with their mount points.
    pub(crate) controllers: Vec<(String, PathBuf)>,
}

impl Mounts {
    pub(crate) fn read() -> Result<Self, Error> {
        let text = fs::read_to_string("/proc/self/mountinfo").step(|| "read /proc/self/mountinfo")?;
        Ok(Self::parse(&text))
    }

    /// proc_pid_mountinfo(5): … mount-point options [optional …] - type source super-options
    fn parse(mountinfo: &str) -> Self {
        let mut mounts = Self::default();
        for line in mountinfo.lines() {
            let Some((left, right)) = line.split_once(" - ") else { continue };
            let Some(point) = left.split(' ').nth(4).map(PathBuf::from) else { continue };
            let mut right = right.split(' ');
            match (right.next(), right.nth(1)) {
                (Some("cgroup2"), _) => mounts.unified = mounts.unified.or(Some(point)),
                (Some("cgroup"), Some(options)) => {
                    let known = options.split(',').filter(|option| v1::CONTROLLERS.contains(option));
                    mounts.controllers.extend(known.map(|name| (name.to_owned(), point.clone())));
                }
                _ => {}
            }
        }
        mounts
    }

    /// What version 1 would need and does not have.
    pub(crate) fn lacking(&self) -> Vec<&'static str> {
        v1::NEEDED.into_iter().filter(|name| self.controller(name).is_none()).collect()
    }

    /// The version 1 controllers we use, with their mount points.
    pub(crate) fn used(&self) -> impl Iterator<Item = (&str, &Path)> {
        let used = |(name, _): &&(String, PathBuf)| name != v1::FREEZER || self.unified.is_none();
        self.controllers.iter().filter(used).map(|(name, point)| (name.as_str(), point.as_path()))
    }

    pub(crate) fn controller(&self, name: &str) -> Option<&Path> {
        self.controllers.iter().find(|(known, _)| known == name).map(|(_, point)| point.as_path())
    }
}

/// Writes one value into one control file.
fn write(dir: &Path, file: &str, value: &str) -> Result<(), Error> {
    fs::write(dir.join(file), value).step(|| format!("write {value:?} to {}", dir.join(file).display()))
}

fn make_dir(dir: &Path) -> Result<(), Error> {
    match fs::create_dir(dir) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(error).step(|| format!("make the cgroup {}", dir.display()))
        }
        _ => Ok(()),
    }
}

/// A control file with one number; 0 when it is gone or says `max`.
fn number(dir: &Path, file: &str) -> u64 {
    fs::read_to_string(dir.join(file)).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

/// One line `key number` of a control file; 0 when it is not there.
fn keyed(dir: &Path, file: &str, key: &str) -> u64 {
    let text = fs::read_to_string(dir.join(file)).unwrap_or_default();
    let value = text.lines().find_map(|line| line.strip_prefix(key)?.trim().parse().ok());
    value.unwrap_or(0)
}

fn children(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut dirs = Vec::new();
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            dirs.push(entry.path());
        }
    }
    Ok(dirs)
}

/// SIGKILL to everything in a group, until nothing is left: `cgroup.kill` where there is one (Linux 5.14), else by pid.
fn kill_all(dir: &Path) -> io::Result<()> {
    for _ in 0..2000 {
        let pids = match fs::read_to_string(dir.join("cgroup.procs")) {
            Ok(pids) => pids,
            // The group was removed, before or after it was opened.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) if error.raw_os_error() == Some(libc::ENODEV) => return Ok(()),
            Err(error) => return Err(error),
        };
        if pids.is_empty() {
            return Ok(());
        }
        if fs::write(dir.join("cgroup.kill"), "1").is_err() {
            for pid in pids.lines().filter_map(|pid| Pid::from_raw(pid.parse().ok()?)) {
                // One that is gone meanwhile is what we want.
                let _ = rustix::process::kill_process(pid, Signal::KILL);
            }
        }
        freezer::let_die(dir);
        pause_ms(1);
    }
    Err(io::Error::new(io::ErrorKind::TimedOut, "processes do not die; one may hang in the kernel (state D)"))
}

/// Removes a group, waiting for the kernel to let go of its dead.
fn remove_dir(dir: &Path, patience_ms: u32) -> io::Result<()> {
    for _ in 0..patience_ms {
        match fs::remove_dir(dir) {
            Err(error) if error.kind() == io::ErrorKind::ResourceBusy => pause_ms(1),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            done => return done,
        }
    }
    Err(io::Error::from(io::ErrorKind::ResourceBusy))
}

/// Only in the single-threaded launcher, where there is nothing else to do.
fn pause_ms(ms: i64) {
    let none: &mut [PollFd<'_>] = &mut [];
    let _ = rustix::event::poll(none, Some(&Timespec { tv_sec: 0, tv_nsec: ms * 1_000_000 }));
    let _ = PollFlags::IN;
}

#[cfg(test)]
mod tests;
