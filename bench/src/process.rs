//! Processes of the run: started, moved to a core, their CPU time and memory read from `/proc`, and ended with it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal};
use rustix::thread::CpuSet;

/// How long an ended process may take before it is killed.
const GRACE: Duration = Duration::from_secs(40);

/// A process of ours; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Running {
    name: String,
    child: Child,
}

impl Running {
    /// Starts `command`, on these cores only when some are given (`taskset` becomes the program, so the process is the same).
    /// What it prints goes to `log`.
    pub(crate) fn start(name: &str, command: Command, cores: Option<&str>, log: &Path) -> Result<Self> {
        let mut command = on_cores(command, cores);
        let log = fs::File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let child = command.spawn().with_context(|| format!("cannot start {name}"))?;
        Ok(Self { name: name.to_owned(), child })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// An error when it has ended.
    pub(crate) fn check(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("{} ended with {status}", self.name),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        signal(self.child.id(), Signal::TERM);
        let ended = wait_for(GRACE, Duration::from_millis(5), || Ok(self.child.try_wait()?.is_some()));
        if ended.is_err() {
            self.child.kill().unwrap_or_default();
            self.child.wait().map(drop).unwrap_or_default();
        }
    }
}

fn on_cores(command: Command, cores: Option<&str>) -> Command {
    let Some(cores) = cores else { return command };
    let mut pinned = Command::new("taskset");
    pinned.args(["--cpu-list", cores]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => pinned.env(name, value),
            None => pinned.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        pinned.current_dir(folder);
    }
    pinned
}

/// Sends a signal; a process that is gone does not mind.
pub(crate) fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        rustix::process::kill_process(pid, signal).unwrap_or_default();
    }
}

/// Waits until `done` says so, looking every `pause`.
pub(crate) fn wait_for(limit: Duration, pause: Duration, mut done: impl FnMut() -> Result<bool>) -> Result<()> {
    let until = Instant::now() + limit;
    while !done()? {
        if Instant::now() > until {
            bail!("still not after {limit:?}");
        }
        self::pause(pause);
    }
    Ok(())
}

/// Lets time pass.
#[expect(
    clippy::disallowed_methods,
    reason = "the harness watches other processes: there is nothing but time to wait on"
)]
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// What `/proc/PID/stat` says, as far as it is used here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stat {
    pub(crate) parent: u32,
    /// CPU ticks of all its threads, ended ones included.
    own: u64,
    /// CPU ticks of children it waited for.
    children: u64,
}

impl Stat {
    /// The fields after the name, which is in brackets and may hold anything (proc_pid_stat(5)).
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
        Some(Self {
            parent: fields.get(1)?.parse().ok()?,
            own: number(11)? + number(12)?,
            children: number(13)? + number(14)?,
        })
    }

    fn of(pid: u32) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }
}

/// `USER_HZ`.
pub(crate) fn ticks_per_second() -> f64 {
    rustix::param::clock_ticks_per_second() as f64
}

/// Every process there is, with what is known of it.
pub(crate) fn all() -> Result<BTreeMap<u32, Stat>> {
    let pids = fs::read_dir("/proc")?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    Ok(pids.filter_map(|pid| Some((pid, Stat::of(pid)?))).collect())
}

/// A process and everything below it.
pub(crate) fn tree(root: u32) -> Result<Vec<u32>> {
    let all = all()?;
    let mut found = vec![root];
    let mut at = 0;
    while let Some(&parent) = found.get(at) {
        found.extend(all.iter().filter(|(_, stat)| stat.parent == parent).map(|(pid, _)| *pid));
        at += 1;
    }
    Ok(found)
}

/// CPU seconds of these processes, of all their threads; what their ended children used is not in it.
pub(crate) fn cpu(pids: &[u32]) -> f64 {
    pids.iter().filter_map(|pid| Stat::of(*pid)).map(|stat| stat.own).sum::<u64>() as f64 / ticks_per_second()
}

/// CPU seconds of these processes to the nanosecond, from the scheduler; only of threads that still live.
pub(crate) fn cpu_exact(pids: &[u32]) -> f64 {
    let threads = pids.iter().flat_map(|pid| threads(*pid).into_iter().map(move |thread| (*pid, thread)));
    let nanoseconds = threads.filter_map(|(pid, thread)| {
        let text = fs::read_to_string(format!("/proc/{pid}/task/{thread}/schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    nanoseconds.sum::<u64>() as f64 / 1e9
}

/// CPU seconds of children that these processes waited for.
pub(crate) fn cpu_of_ended_children(pids: &[u32]) -> f64 {
    pids.iter().filter_map(|pid| Stat::of(*pid)).map(|stat| stat.children).sum::<u64>() as f64 / ticks_per_second()
}

/// CPU seconds of this program and everything it started, ended or not.
pub(crate) fn cpu_of_all_ours() -> Result<f64> {
    let ours = tree(std::process::id())?;
    Ok(cpu(&ours) + cpu_of_ended_children(&ours))
}

fn threads(pid: u32) -> Vec<u32> {
    let entries = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten();
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect()
}

/// Moves every thread of a running process to one core; new threads inherit it.
pub(crate) fn move_to(pid: u32, core: usize) -> Result<()> {
    let mut set = CpuSet::new();
    set.set(core);
    for thread in threads(pid) {
        let thread = i32::try_from(thread).ok().and_then(Pid::from_raw);
        rustix::thread::sched_setaffinity(thread, &set).with_context(|| format!("cannot move {pid} to core {core}"))?;
    }
    Ok(())
}

/// Moves the calling thread to one core.
pub(crate) fn move_this_thread_to(core: usize) -> Result<()> {
    let mut set = CpuSet::new();
    set.set(core);
    rustix::thread::sched_setaffinity(None, &set).with_context(|| format!("cannot move to core {core}"))
}

/// What a process runs, as its link in `/proc` says.
pub(crate) fn program(pid: u32) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/exe")).ok()
}

/// Proportional and resident memory of a process in bytes.
pub(crate) fn memory(pid: u32) -> Option<(u64, u64)> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    Some((field(&text, "Pss:")?, field(&text, "Rss:")?))
}

/// Whether the kernel's cgroup freezer has stopped a process, by version 2 (`cgroup.events`) or 1 (`freezer.state`).
pub(crate) fn is_frozen(pid: u32) -> bool {
    let text = fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap_or_default();
    text.lines().any(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controller), Some(group)) = (fields.next(), fields.next()) else { return false };
        let says = |mount: &str, file: &str, what: &str| {
            fs::read_to_string(format!("/sys/fs/cgroup{mount}{group}/{file}")).is_ok_and(|text| text.contains(what))
        };
        match controller {
            "" => ["", "/unified"].iter().any(|mount| says(mount, "cgroup.events", "frozen 1")),
            "freezer" => says("/freezer", "freezer.state", "FROZEN"),
            _ => false,
        }
    })
}

/// Memory of a process in swap, in bytes.
pub(crate) fn swapped(pid: u32) -> Option<u64> {
    field(&fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?, "Swap:")
}

fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests;
