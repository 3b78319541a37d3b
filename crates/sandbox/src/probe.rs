//! What this host can guarantee; `funcd doctor` prints it.

use crate::cgroup::{self, Mounts};
use crate::{egress, sys};
use rustix::fs::Access;
use rustix::process::Resource;
use rustix::thread::CapabilitySet;
use serde::Serialize;
use std::path::Path;

/// How well one thing is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As wanted.
    Ok,
    /// Less than wanted: instances run, and the finding says what they lack.
    Degraded,
    /// Not there.
    Missing,
}

/// One line of `funcd doctor`.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub name: String,
    /// How it looks.
    pub verdict: Verdict,
    /// What was found.
    pub found: String,
    /// What to do, empty when ok.
    pub remedy: String,
    /// funcd cannot run instances without it.
    pub required: bool,
}

/// Looks at everything. Changes nothing, and needs no rights to look.
pub fn run() -> Vec<Finding> {
    vec![
        rights(),
        kernel(),
        namespaces(),
        cgroups(),
        swap(),
        freezing(),
        paging_out(),
        reading(),
        seccomp(),
        readiness(),
        landlock(),
        open_files(),
        overlay(),
        egress::finding(),
    ]
}

impl Finding {
    pub(crate) fn ok(name: &str, found: impl Into<String>) -> Self {
        Self { name: name.into(), verdict: Verdict::Ok, found: found.into(), remedy: String::new(), required: false }
    }

    pub(crate) fn degraded(name: &str, found: impl Into<String>, remedy: &str) -> Self {
        Self { verdict: Verdict::Degraded, remedy: remedy.into(), ..Self::ok(name, found) }
    }

    pub(crate) fn missing(name: &str, found: impl Into<String>, remedy: &str) -> Self {
        Self { verdict: Verdict::Missing, remedy: remedy.into(), ..Self::ok(name, found) }
    }

    fn required(self) -> Self {
        Self { required: true, ..self }
    }
}

/// What launching uses; CAP_SYS_RESOURCE only makes it better.
const NEEDED: [(&str, CapabilitySet); 10] = [
    ("sys_admin", CapabilitySet::SYS_ADMIN),
    ("net_admin", CapabilitySet::NET_ADMIN),
    ("sys_ptrace", CapabilitySet::SYS_PTRACE),
    ("sys_chroot", CapabilitySet::SYS_CHROOT),
    ("setuid", CapabilitySet::SETUID),
    ("setgid", CapabilitySet::SETGID),
    ("setpcap", CapabilitySet::SETPCAP),
    ("mknod", CapabilitySet::MKNOD),
    ("chown", CapabilitySet::CHOWN),
    ("kill", CapabilitySet::KILL),
];

fn rights() -> Finding {
    let name = "root";
    if !rustix::process::geteuid().is_root() {
        let found = format!("user {}", rustix::process::geteuid().as_raw());
        return Finding::missing(name, found, "run funcd as root (sudo funcd up)").required();
    }
    let have = rustix::thread::capabilities(None).map_or(CapabilitySet::empty(), |sets| sets.effective);
    let lacking: Vec<_> = NEEDED.iter().filter(|(_, bit)| !have.contains(*bit)).map(|(name, _)| *name).collect();
    if !lacking.is_empty() {
        let found = format!("root without the capabilities {}", lacking.join(", "));
        return Finding::missing(name, found, "give the container these capabilities, or run funcd on the host")
            .required();
    }
    if have.contains(CapabilitySet::SYS_RESOURCE) {
        Finding::ok(name, "root with all capabilities it takes").required()
    } else {
        let remedy = "give it CAP_SYS_RESOURCE, so that init can be spared by the OOM killer";
        Finding::degraded(name, "root without the capability sys_resource", remedy).required()
    }
}

fn kernel() -> Finding {
    let release = rustix::system::uname().release().to_string_lossy().into_owned();
    let mut numbers = release.split(['.', '-']).map_while(|part| part.parse::<u32>().ok());
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if version >= (5, 12) {
        Finding::ok("kernel", release).required()
    } else {
        Finding::missing("kernel", release, "Linux 5.12 or newer is needed (mount_setattr)").required()
    }
}

fn namespaces() -> Finding {
    let name = "namespaces";
    let all = ["mnt", "pid", "net", "ipc", "uts", "user", "cgroup"];
    let is_there = |kind: &&str| Path::new("/proc/self/ns").join(kind).try_exists().unwrap_or(false);
    let lacking: Vec<_> = all.iter().filter(|kind| !is_there(kind)).copied().collect();
    if !lacking.is_empty() {
        let remedy = "boot a kernel with these namespaces (CONFIG_NAMESPACES and below)";
        return Finding::missing(name, format!("none of kind {}", lacking.join(", ")), remedy).required();
    }
    if text("/proc/sys/user/max_user_namespaces").trim() == "0" {
        let remedy = "sysctl user.max_user_namespaces=15000";
        return Finding::missing(name, "user namespaces are switched off", remedy).required();
    }
    let time = if is_there(&"time") { " time" } else { " (no time: instances see the host's uptime)" };
    Finding::ok(name, all.join(" ") + time).required()
}

fn cgroups() -> Finding {
    let name = "cgroups";
    let mounts = Mounts::read().unwrap_or_default();
    let (found, points) = match &mounts.unified {
        Some(root) if cgroup::is_unified(root) => ("version 2".to_owned(), vec![root.clone()]),
        _ => {
            let lacking = mounts.lacking();
            if !lacking.is_empty() {
                let found = format!("no controller for {}", lacking.join(", "));
                let remedy = "mount cgroup2 at /sys/fs/cgroup and boot without cgroup_disable=";
                return Finding::missing(name, found, remedy).required();
            }
            let kill = if mounts.unified.is_some() { ", version 2 for killing and freezing" } else { "" };
            let (names, points): (Vec<_>, Vec<_>) = mounts.used().map(|(name, point)| (name, point.to_owned())).unzip();
            (format!("version 1 ({}){kill}", names.join(" ")), points)
        }
    };
    let closed = points.iter().find(|point| rustix::fs::access(point.as_path(), Access::WRITE_OK).is_err());
    match closed {
        Some(point) => {
            let remedy = "run as root with a writable cgroup hierarchy (containers: --cgroupns=private and rw)";
            Finding::missing(name, format!("{found}, but {} is not writable", point.display()), remedy).required()
        }
        None => Finding::ok(name, found).required(),
    }
}

/// Swap that is not accounted lets an instance have more than its memory, and its secrets reach the disk.
fn swap() -> Finding {
    let name = "swap";
    if text("/proc/swaps").lines().count() <= 1 {
        return Finding::ok(name, "off");
    }
    let mounts = Mounts::read().unwrap_or_default();
    let counted = match (&mounts.unified, mounts.controller("memory")) {
        (_, Some(memory)) => memory.join("memory.memsw.limit_in_bytes").try_exists().unwrap_or(false),
        // The root group has no such file; the kernel's own switch says it.
        (Some(_), None) => !text("/proc/cmdline").contains("swapaccount=0"),
        (None, None) => false,
    };
    if counted {
        Finding::ok(name, "on, and counted against the memory of instances")
    } else {
        Finding::degraded(
            name,
            "on and not accounted: instances may exceed their memory",
            "swapoff -a, or boot with swapaccount=1",
        )
    }
}

/// Whether instances can be frozen here.
pub fn can_freeze() -> bool {
    cgroup::can_freeze(&Mounts::read().unwrap_or_default()).is_some()
}

fn freezing() -> Finding {
    let name = "freezing";
    match cgroup::can_freeze(&Mounts::read().unwrap_or_default()) {
        Some(version) => Finding::ok(name, format!("idle instances can be frozen (cgroup version {version})")),
        None => {
            let remedy = "mount cgroup2 (for example at /sys/fs/cgroup/unified), or the version 1 freezer";
            Finding::degraded(name, "no freezer: idle instances keep running until they leave", remedy)
        }
    }
}

/// Whether this process may move the memory of frozen instances to swap, should there be any.
pub fn may_page_out() -> bool {
    let have = rustix::thread::capabilities(None).map_or(CapabilitySet::empty(), |sets| sets.effective);
    can_freeze() && have.contains(CapabilitySet::SYS_NICE)
}

/// Why the memory of frozen instances cannot be moved to swap on this host, and what to do; `None` where it can.
pub fn cannot_page_out() -> Option<(&'static str, &'static str)> {
    if !can_freeze() {
        return Some(("idle instances cannot be frozen here", "see the finding \"freezing\""));
    }
    if text("/proc/swaps").lines().count() <= 1 {
        let remedy = "switch on swap or zram, where funcd is to keep more idle instances than memory has room for";
        return Some(("no swap: frozen instances keep their memory", remedy));
    }
    if rustix::process::geteuid().is_root() && !may_page_out() {
        return Some(("no right to: root without the capability sys_nice", "give the container CAP_SYS_NICE"));
    }
    None
}

fn paging_out() -> Finding {
    let name = "paging out";
    match cannot_page_out() {
        None => Finding::ok(name, "frozen instances go to swap when memory is short"),
        Some((found, remedy)) => Finding::degraded(name, found, remedy),
    }
}

fn reading() -> Finding {
    let name = "reading disks";
    let disks = cgroup::disks(Path::new("/sys/block")).len();
    match cgroup::can_limit_reads(&Mounts::read().unwrap_or_default()) {
        // Such as a container's: what is not seen cannot be limited.
        _ if disks == 0 => {
            let remedy = "mount /sys with the host's disks in it, where funcd runs in a container";
            Finding::degraded(name, "no disk in /sys/block: instances read without limit", remedy)
        }
        Ok(()) => {
            Finding::ok(name, format!("limited for each instance ({disks} disk{})", if disks == 1 { "" } else { "s" }))
        }
        Err(lacking) => {
            let remedy = "mount the io controller (version 1: blkio) and boot a kernel with CONFIG_BLK_DEV_THROTTLING";
            Finding::degraded(name, format!("{lacking}: instances read without limit"), remedy)
        }
    }
}

fn seccomp() -> Finding {
    let works = [libc::SECCOMP_RET_KILL_PROCESS, libc::SECCOMP_RET_ERRNO].into_iter().all(sys::seccomp_knows);
    if works {
        Finding::ok("seccomp", "filters").required()
    } else {
        Finding::missing("seccomp", "no filters", "boot a kernel with CONFIG_SECCOMP_FILTER").required()
    }
}

fn readiness() -> Finding {
    if sys::seccomp_knows(libc::SECCOMP_RET_USER_NOTIF) {
        Finding::ok("readiness", "the kernel reports listen(2)")
    } else {
        let remedy = "Linux 5.0 or newer; until then port 8000 is polled, which costs about a millisecond a start";
        Finding::degraded("readiness", "no seccomp user notification", remedy)
    }
}

fn landlock() -> Finding {
    match sys::landlock_abi() {
        0 => {
            let remedy = "add landlock to the kernel's lsm= list (Linux 5.13 or newer)";
            Finding::degraded("landlock", "none: read-only mounts are the only wall around files", remedy)
        }
        abi @ 1..=5 => {
            Finding::ok("landlock", format!("ABI {abi} (from 6 on it also fences signals and abstract sockets)"))
        }
        abi => Finding::ok("landlock", format!("ABI {abi}")),
    }
}

fn open_files() -> Finding {
    let hard = rustix::process::getrlimit(Resource::Nofile).maximum;
    match hard {
        Some(hard) if hard < 65536 => {
            let found = format!("at most {hard} for funcd and for each instance");
            Finding::degraded(
                "open files",
                found,
                "raise the hard limit (LimitNOFILE=1048576 in the unit, or ulimit -Hn)",
            )
        }
        Some(hard) => Finding::ok("open files", format!("at most {hard}")),
        None => Finding::ok("open files", "unlimited"),
    }
}

fn overlay() -> Finding {
    let known =
        text("/proc/filesystems").lines().any(|line| line.trim() == "nodev\toverlay" || line.trim() == "overlay");
    let found = if known { "there (not used: the root is read-only binds)" } else { "not loaded (not needed)" };
    Finding::ok("overlay", found)
}

fn text(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finding_that_is_not_ok_says_what_to_do() {
        for finding in run() {
            assert_eq!(finding.remedy.is_empty(), finding.verdict == Verdict::Ok, "{finding:?}");
            assert!(!finding.found.is_empty(), "{finding:?}");
        }
    }

    #[test]
    fn what_instances_cannot_do_without_is_marked() {
        let required: Vec<_> =
            run().into_iter().filter(|finding| finding.required).map(|finding| finding.name).collect();
        assert_eq!(required, ["root", "kernel", "namespaces", "cgroups", "seccomp"]);
    }
}
