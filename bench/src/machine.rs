//! What the figures were taken on, and how much of it somebody else used meanwhile.

use std::fs;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use crate::process;

/// The host, as far as it explains the figures.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Machine {
    pub(crate) cores: usize,
    pub(crate) cpu: String,
    pub(crate) memory_gb: f64,
    pub(crate) kernel: String,
    pub(crate) system: String,
    /// `v1`, `v2` or `hybrid`.
    pub(crate) cgroup: String,
    /// Swap devices, zram included; 0 where there is none.
    pub(crate) swap_gb: f64,
}

impl Machine {
    pub(crate) fn look() -> Result<Self> {
        let cpu = fs::read_to_string("/proc/cpuinfo")?;
        let system = fs::read_to_string("/etc/os-release").unwrap_or_default();
        let gigabytes = |name| Ok::<f64, anyhow::Error>(meminfo(name)? as f64 / 1e9);
        Ok(Self {
            cores: cores(),
            cpu: after(&cpu, "model name").unwrap_or("unknown").to_owned(),
            memory_gb: gigabytes("MemTotal")?,
            kernel: rustix::system::uname().release().to_string_lossy().into_owned(),
            system: after(&system, "PRETTY_NAME").unwrap_or("unknown").trim_matches('"').to_owned(),
            cgroup: cgroup(),
            swap_gb: gigabytes("SwapTotal")?,
        })
    }
}

/// Cores this process may use.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// A line of `/proc/meminfo`, in bytes.
pub(crate) fn meminfo(name: &str) -> Result<u64> {
    let text = fs::read_to_string("/proc/meminfo")?;
    let value = after(&text, name).with_context(|| format!("/proc/meminfo has no {name}"))?;
    Ok(value.trim_end_matches(" kB").parse::<u64>()? * 1024)
}

fn cgroup() -> String {
    let is = |path| fs::exists(path).unwrap_or_default();
    match (is("/sys/fs/cgroup/cgroup.controllers"), is("/sys/fs/cgroup/unified")) {
        (true, _) => "v2",
        (false, true) => "hybrid",
        (false, false) => "v1",
    }
    .to_owned()
}

/// The value of the first line `name : value` or `name=value`.
fn after<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_once([':', '=']).map(|(_, value)| value.trim())
}

/// What a program says when asked for its version: the first line.
pub(crate) fn version(program: &str, argument: &str) -> Option<String> {
    let output = Command::new(program).arg(argument).output().ok()?;
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    text.lines().find(|line| !line.trim().is_empty()).map(|line| line.trim().to_owned())
}

/// CPU seconds that everything on the machine used since it started; time stolen by its host counts too, because it is missing here.
fn busy() -> Result<f64> {
    let text = fs::read_to_string("/proc/stat")?;
    let line = text.lines().next().context("/proc/stat is empty")?;
    let ticks: Vec<u64> = line.split_whitespace().skip(1).map_while(|field| field.parse().ok()).collect();
    // user nice system idle iowait irq softirq steal (proc_stat(5))
    let busy: u64 =
        ticks.iter().take(8).enumerate().filter(|(at, _)| *at != 3 && *at != 4).map(|(_, ticks)| ticks).sum();
    Ok(busy as f64 / process::ticks_per_second())
}

/// A kernel setting as it was before; put back when dropped. funcd switches forwarding on for functions that may reach the internet.
#[derive(Debug)]
pub(crate) struct Forwarding(String);

const FORWARDING: &str = "/proc/sys/net/ipv4/ip_forward";

impl Forwarding {
    pub(crate) fn remember() -> Result<Self> {
        Ok(Self(fs::read_to_string(FORWARDING)?))
    }
}

impl Drop for Forwarding {
    fn drop(&mut self) {
        if fs::read_to_string(FORWARDING).is_ok_and(|now| now != self.0) {
            fs::write(FORWARDING, &self.0).unwrap_or_default();
        }
    }
}

/// Measures the load that is not ours.
#[derive(Debug)]
pub(crate) struct Watch {
    began: Instant,
    busy: f64,
    ours: f64,
}

/// Cores somebody else may use during a run; beyond it the run is noisy.
pub(crate) const QUIET: f64 = 0.10;

impl Watch {
    pub(crate) fn start() -> Result<Self> {
        Ok(Self { began: Instant::now(), busy: busy()?, ours: process::cpu_of_all_ours()? })
    }

    /// Cores that others used on average since [`Watch::start`].
    pub(crate) fn foreign(&self) -> Result<f64> {
        let wall = self.began.elapsed().as_secs_f64().max(1e-3);
        let ours = process::cpu_of_all_ours()? - self.ours;
        Ok(((busy()? - self.busy - ours) / wall).max(0.0))
    }
}
