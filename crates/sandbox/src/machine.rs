//! The machine an instance believes to be on: as many processors as its share of processor time comes to, with their
//! description, and clocks that began with the sandbox. Runtimes size thread pools and heaps by what they find, so what
//! they find is the limit; and what the host's other tenants do shows in none of it.

use crate::error::Step;
use crate::{Error, sys};
use rustix::thread::{CpuSet, UnshareFlags};
use rustix::time::{ClockId, clock_gettime};
use std::fmt::Write;

/// The host's processors, as far as instances get to see them. Read once by the launcher: producing `/proc/cpuinfo`
/// interrupts every processor of the host.
#[derive(Clone, Debug, Default)]
pub(crate) struct Machine {
    /// The numbers of those the launcher may run on; empty when the kernel has more than we can name.
    allowed: Vec<usize>,
    /// The lines of `/proc/cpuinfo` that describe one.
    description: Vec<(String, String)>,
}

/// Lines of `/proc/cpuinfo` that instances do not get. The processor's own identification tells any program its model;
/// these tell more: the host's patches, and where on it an instance runs.
const WITHHELD: [&str; 3] = ["microcode", "bugs", "initial apicid"];

impl Machine {
    pub(crate) fn read() -> Self {
        let allowed = rustix::thread::sched_getaffinity(None)
            .map(|set| (0..CpuSet::MAX_CPU).filter(|cpu| set.is_set(*cpu)).collect())
            .unwrap_or_default();
        let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        Self { allowed, description: describe(&text) }
    }

    /// Processors of the host that instances share; at least 1.
    pub(crate) fn processors(&self) -> usize {
        self.allowed.len().max(1)
    }

    /// How many of them an instance sees: its share rounded up, as a fraction of one can only be shown as one.
    pub(crate) fn share(&self, millicores: u32) -> usize {
        let wanted = usize::try_from(millicores.div_ceil(1000)).unwrap_or(usize::MAX);
        wanted.clamp(1, self.processors())
    }

    /// Where an instance of `count` processors runs, beginning with its `home`; `None` when anywhere. It is the only
    /// way to make `sched_getaffinity(2)`, and with it `nproc`, thread pools and Go, see the share.
    pub(crate) fn places(&self, home: usize, count: usize) -> Option<CpuSet> {
        if count >= self.allowed.len() {
            return None;
        }
        let mut set = CpuSet::new();
        let ring = self.allowed.iter().cycle().skip(home % self.allowed.len());
        ring.take(count).for_each(|cpu| set.set(*cpu));
        Some(set)
    }

    /// `/proc/cpuinfo` of a machine with `count` processors in one package.
    pub(crate) fn cpuinfo(&self, count: usize) -> String {
        (0..count).map(|number| self.processor(number, count)).collect()
    }

    fn processor(&self, number: usize, count: usize) -> String {
        let (number, count) = (number.to_string(), count.to_string());
        let mut text = String::new();
        for (key, value) in &self.description {
            let value = match key.trim_end() {
                "processor" | "core id" | "apicid" => &number,
                "siblings" | "cpu cores" => &count,
                "physical id" => "0",
                _ => value,
            };
            text += key;
            text += ":";
            // As the kernel does, which puts nothing behind the colon of an empty one.
            text += if value.is_empty() { "" } else { " " };
            text += value;
            text += "\n";
        }
        text + "\n"
    }
}

/// The lines that describe the first processor.
fn describe(cpuinfo: &str) -> Vec<(String, String)> {
    let first = cpuinfo.lines().take_while(|line| !line.is_empty());
    let lines = first.filter_map(|line| line.split_once(':'));
    let mut known: Vec<_> = lines
        .filter(|(key, _)| !WITHHELD.contains(&key.trim_end()))
        .map(|(key, value)| (key.to_owned(), value.trim().to_owned()))
        .collect();
    if known.is_empty() {
        known.push(("processor\t".to_owned(), String::new()));
    }
    known
}

/// `/proc/stat` of a machine with `count` processors that began at `begun` (seconds since 1970) and has done nothing yet:
/// what the host's processors do is nobody's business inside.
pub(crate) fn stat(count: usize, begun: i64) -> String {
    let mut text = format!("cpu  {}\n", NO_TIME);
    for number in 0..count {
        let _ = writeln!(text, "cpu{number} {NO_TIME}");
    }
    let _ = writeln!(
        text,
        "intr 0\nctxt 0\nbtime {begun}\nprocesses 1\nprocs_running 1\nprocs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0"
    );
    text
}

/// user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice (proc_stat(5)).
const NO_TIME: &str = "0 0 0 0 0 0 0 0 0 0";

/// `/proc/loadavg` of the same.
pub(crate) const LOADAVG: &str = "0.00 0.00 0.00 1/1 1\n";

/// `/proc/meminfo` of a machine with this much memory.
pub(crate) fn meminfo(limit_bytes: u64) -> String {
    let kib = limit_bytes / 1024;
    let rows = [
        ("MemTotal", kib),
        ("MemFree", kib),
        ("MemAvailable", kib),
        ("Buffers", 0),
        ("Cached", 0),
        ("SwapCached", 0),
        ("Active", 0),
        ("Inactive", 0),
        ("SwapTotal", 0),
        ("SwapFree", 0),
        ("Shmem", 0),
        ("Slab", 0),
        ("SReclaimable", 0),
        ("SUnreclaim", 0),
    ];
    rows.iter().map(|(name, kib)| format!("{:<16}{kib:>8} kB\n", format!("{name}:"))).collect()
}

/// Gives the children of the calling process clocks that begin now (time_namespaces(7)): `/proc/uptime`, `ps` and
/// CLOCK_MONOTONIC count from the making of the sandbox. Returns when the machine they see was switched on, in seconds
/// since 1970.
///
/// A kernel without time namespaces goes on with the host's clocks, which betray its uptime and nothing else.
pub(crate) fn begin_clocks() -> Result<i64, Error> {
    let [now, booted, monotonic] =
        [ClockId::Realtime, ClockId::Boottime, ClockId::Monotonic].map(|id| clock_gettime(id).tv_sec);
    match sys::unshare(UnshareFlags::NEWTIME) {
        Ok(()) => {
            let offsets = format!("monotonic -{monotonic} 0\nboottime -{booted} 0\n");
            std::fs::write("/proc/self/timens_offsets", offsets).step(|| "begin the sandbox's clocks")?;
            Ok(now)
        }
        Err(error) if error.raw_os_error() == Some(libc::EINVAL) => Ok(now - booted),
        Err(error) => Err(error).step(|| "leave the host's clocks"),
    }
}

#[cfg(test)]
mod tests;
