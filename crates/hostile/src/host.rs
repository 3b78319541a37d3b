//! What a funcd has of the host at one moment: processes, namespaces, mounts, links, rules, cgroups, memory, descriptors, and
//! the files that a function that got out would touch first.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::service::Service;

/// Ids of sandboxes begin here; nothing else on a host is owned by them.
const FIRST_ID: u32 = 0x7000_0000;
/// Where a file of a function's would be noticed.
const WATCHED: [&str; 12] = [
    "/",
    "/tmp",
    "/var/tmp",
    "/dev",
    "/dev/shm",
    "/run",
    "/etc",
    "/etc/cron.d",
    "/root",
    "/home",
    "/usr/bin",
    "/usr/local/bin",
];
/// What must stay exactly as it is.
const FIXED: [&str; 12] = [
    "/etc/passwd",
    "/etc/shadow",
    "/etc/group",
    "/etc/hosts",
    "/etc/ld.so.preload",
    "/usr/bin/env",
    "/bin/sh",
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/kernel/modprobe",
    "/proc/sys/kernel/hostname",
    "/proc/sys/kernel/sysrq",
    "/proc/self/exe",
];

/// One look.
#[derive(Clone, Debug, Default)]
pub(crate) struct Host {
    /// The daemon and all that descends from it, with their command lines.
    pub(crate) processes: BTreeMap<u32, String>,
    /// Those elsewhere on the host that carry the case's mark.
    pub(crate) marked: BTreeMap<u32, String>,
    /// That those processes are in or hold open.
    pub(crate) namespaces: BTreeSet<String>,
    /// As the daemon sees them.
    pub(crate) mounts: BTreeSet<String>,
    pub(crate) links: BTreeSet<String>,
    pub(crate) rules: BTreeSet<String>,
    pub(crate) cgroups: BTreeSet<String>,
    /// Below [`WATCHED`], of a sandbox's owner or with the case's mark in the name.
    pub(crate) files: BTreeSet<String>,
    /// Of [`FIXED`].
    pub(crate) fixed: BTreeMap<String, String>,
    /// Of the daemon and its launcher.
    pub(crate) descriptors: usize,
    /// The same two's resident memory, bytes.
    pub(crate) resident: u64,
    /// The daemon's largest since [`forget_peak`].
    pub(crate) peak: u64,
}

impl Host {
    /// Looks now; `mark` is in the environment and the file names of the case's functions.
    pub(crate) fn look(service: &Service, mark: &str) -> Result<Self> {
        let daemon = service.pid();
        let all = all_processes()?;
        let tree = descendants(daemon, &all);
        let own: Vec<u32> =
            tree.iter().copied().filter(|pid| *pid == daemon || is_launcher(*pid, daemon, &all)).collect();
        let me = std::process::id();
        let marked = all.keys().filter(|pid| !tree.contains(pid) && **pid != me && carries(**pid, mark));
        Ok(Self {
            processes: tree.iter().map(|pid| (*pid, command_line(*pid))).collect(),
            marked: marked.map(|pid| (*pid, command_line(*pid))).collect(),
            namespaces: tree.iter().flat_map(|pid| namespaces(*pid)).collect(),
            mounts: mounts(daemon)?,
            links: links(daemon)?,
            rules: rules(),
            cgroups: cgroups(daemon)?,
            files: files(mark),
            fixed: FIXED.iter().map(|path| ((*path).to_owned(), fingerprint(path))).collect(),
            descriptors: own.iter().map(|pid| descriptors(*pid).len()).sum(),
            resident: own.iter().map(|pid| status(*pid, "VmRSS:")).sum(),
            peak: status(daemon, "VmHWM:"),
        })
    }
}

/// From now on the daemon's peak is measured anew (proc(5), `clear_refs`).
pub(crate) fn forget_peak(service: &Service) {
    // Where it cannot be forgotten it is only larger.
    let _ = fs::write(format!("/proc/{}/clear_refs", service.pid()), "5");
}

/// Packets that a counter of funcd's network policy has seen, by the counter's name.
pub(crate) fn counters() -> BTreeMap<String, u64> {
    let text = nft(&["list", "counters"]).unwrap_or_default();
    let mut found = BTreeMap::new();
    let mut name = None;
    for line in text.lines() {
        let mut words = line.split_whitespace();
        match (words.next(), words.next()) {
            (Some("counter"), Some(counter)) => name = Some(counter.to_owned()),
            (Some("packets"), Some(packets)) => {
                if let (Some(name), Ok(packets)) = (name.take(), packets.parse::<u64>()) {
                    *found.entry(name).or_default() += packets;
                }
            }
            _ => {}
        }
    }
    found
}

/// All processes with their parents.
fn all_processes() -> Result<BTreeMap<u32, u32>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir("/proc").context("cannot read /proc")? {
        let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // It may have ended by now.
        let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
        let parent = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1)?.parse().ok());
        all.insert(pid, parent.unwrap_or(0));
    }
    Ok(all)
}

fn descendants(root: u32, all: &BTreeMap<u32, u32>) -> BTreeSet<u32> {
    let mut tree = BTreeSet::from([root]);
    loop {
        let more: Vec<u32> = all
            .iter()
            .filter(|(pid, parent)| tree.contains(parent) && !tree.contains(pid))
            .map(|(pid, _)| *pid)
            .collect();
        if more.is_empty() {
            return tree;
        }
        tree.extend(more);
    }
}

/// The launcher is the daemon's child, and outside of every sandbox.
fn is_launcher(pid: u32, daemon: u32, all: &BTreeMap<u32, u32>) -> bool {
    all.get(&pid) == Some(&daemon)
}

fn carries(pid: u32, mark: &str) -> bool {
    let has = |file: &str| {
        fs::read(format!("/proc/{pid}/{file}"))
            .is_ok_and(|bytes| bytes.windows(mark.len()).any(|window| window == mark.as_bytes()))
    };
    has("environ") || has("cmdline")
}

fn command_line(pid: u32) -> String {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).replace('\0', " ").trim().chars().take(120).collect()
}

/// Namespaces a process is in, and those it holds open.
fn namespaces(pid: u32) -> Vec<String> {
    let named = |folder: &str| -> Vec<String> {
        let Ok(entries) = fs::read_dir(format!("/proc/{pid}/{folder}")) else { return Vec::new() };
        let targets = entries.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
        targets.map(|target| target.display().to_string()).filter(|name| name.contains(":[")).collect()
    };
    let is_namespace = |name: &String| {
        ["net", "mnt", "pid", "user", "ipc", "uts", "cgroup", "time"]
            .iter()
            .any(|kind| name.starts_with(&format!("{kind}:[")))
    };
    [named("ns"), named("fd")].concat().into_iter().filter(is_namespace).collect()
}

/// Each mount but for its numbers, which say nothing.
fn mounts(daemon: u32) -> Result<BTreeSet<String>> {
    let text = fs::read_to_string(format!("/proc/{daemon}/mountinfo")).context("cannot read the daemon's mounts")?;
    let line = |line: &str| {
        line.split_whitespace().skip(3).filter(|word| !word.starts_with("shared:")).collect::<Vec<_>>().join(" ")
    };
    Ok(text.lines().map(line).collect())
}

fn links(daemon: u32) -> Result<BTreeSet<String>> {
    let text = fs::read_to_string(format!("/proc/{daemon}/net/dev")).context("cannot read the daemon's links")?;
    Ok(text.lines().filter_map(|line| Some(line.split_once(':')?.0.trim().to_owned())).collect())
}

/// The network policy, without counts and without who is just known to it.
fn rules() -> BTreeSet<String> {
    nft(&["-s", "-t", "list", "ruleset"]).unwrap_or_default().lines().map(|line| line.trim().to_owned()).collect()
}

/// nft in the network of the calling thread; `None` where there is none.
fn nft(arguments: &[&str]) -> Option<String> {
    let output = Command::new("nft").args(arguments).output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()
}

/// All below the group the daemon's first descendants are kept in, whatever the hierarchy.
fn cgroups(daemon: u32) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for root in own_groups(daemon)? {
        below(&root, &mut found);
    }
    Ok(found)
}

/// Folders of the cgroup file systems that belong to this funcd: its sandboxes are in them.
fn own_groups(daemon: u32) -> Result<BTreeSet<PathBuf>> {
    let tree = descendants(daemon, &all_processes()?);
    let texts = tree.iter().filter_map(|pid| fs::read_to_string(format!("/proc/{pid}/cgroup")).ok());
    let groups: BTreeSet<String> =
        texts.flat_map(|text| text.lines().filter_map(own_group).collect::<Vec<_>>()).collect();
    let hierarchies = fs::read_dir("/sys/fs/cgroup").context("cannot read /sys/fs/cgroup")?;
    let mut hierarchies: Vec<PathBuf> = hierarchies.filter_map(|entry| Some(entry.ok()?.path())).collect();
    hierarchies.push("/sys/fs/cgroup".into());
    let roots = hierarchies.iter().flat_map(|hierarchy| groups.iter().map(|group| hierarchy.join(group)));
    Ok(roots.filter_map(|root| fs::canonicalize(root).ok()).collect())
}

/// The part of a line of `/proc/PID/cgroup` up to the group that funcd made for itself.
fn own_group(line: &str) -> Option<String> {
    let path = line.splitn(3, ':').nth(2)?.strip_prefix('/')?;
    let mut group: Vec<&str> = Vec::new();
    for part in path.split('/') {
        group.push(part);
        if part.starts_with("funcd-") {
            return Some(group.join("/"));
        }
    }
    None
}

fn below(folder: &Path, found: &mut BTreeSet<String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_dir()) {
        below(&path, found);
        found.insert(path.display().to_string());
    }
}

fn files(mark: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in WATCHED.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().filter_map(Result::ok) {
        let path = entry.path().display().to_string();
        let is_owned = entry.metadata().is_ok_and(|metadata| metadata.uid() >= FIRST_ID || metadata.gid() >= FIRST_ID);
        // Mappings to nobody (65534) and below are ordinary.
        if is_owned || path.contains(mark) {
            found.insert(path);
        }
    }
    found
}

/// What would change with a file: of small ones the content, of all which file it is, its size and when it was written.
fn fingerprint(path: &str) -> String {
    let Ok(metadata) = fs::metadata(path) else { return "absent".to_owned() };
    if path.starts_with("/proc/sys/") {
        return fs::read_to_string(path).unwrap_or_default();
    }
    let (number, size, mode) = (metadata.ino(), metadata.len(), metadata.mode());
    format!("{number} {size} {mode:o} {} {}", metadata.mtime(), metadata.mtime_nsec())
}

fn descriptors(pid: u32) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/fd")) else { return Vec::new() };
    entries.filter_map(|entry| Some(entry.ok()?.path())).collect()
}

/// A figure of `/proc/PID/status`, in bytes.
fn status(pid: u32, field: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(field));
    line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descendants_are_followed_through_all_generations() {
        let all = BTreeMap::from([(1, 0), (5, 1), (3, 5), (9, 3), (4, 1)]);
        assert_eq!(descendants(5, &all), BTreeSet::from([3, 5, 9]));
    }

    #[test]
    fn the_group_of_funcd_is_found_at_any_depth() {
        assert_eq!(own_group("5:memory:/funcd-1a/i3").as_deref(), Some("funcd-1a"));
        assert_eq!(own_group("0::/system.slice/funcd-1a/i3/x").as_deref(), Some("system.slice/funcd-1a"));
        assert_eq!(own_group("0::/user.slice"), None);
    }

    #[test]
    fn this_process_is_found() {
        let me = std::process::id();
        assert!(all_processes().unwrap().contains_key(&me));
        assert!(status(me, "VmRSS:") > 0);
        assert!(!descriptors(me).is_empty());
        assert!(namespaces(me).iter().any(|name| name.starts_with("net:[")));
    }
}
