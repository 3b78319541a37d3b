//! The machine, for whoever asks the running service: what `funcd doctor` says of it, and what it has now.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use api::{Finding, Machine, Node, Space};
use sandbox::Memory;
use sandbox::probe::{self, Verdict};

use crate::doctor;

/// The fixed point of the kernel's load averages (getloadavg(3), `SI_LOAD_SHIFT` of sysinfo(2)).
const LOAD_SCALE: f64 = 65_536.0;

/// Looks at this machine, its disk where the data folder is.
pub(crate) fn machine(data_dir: &Path, runtimes: runtimes::Runtimes) -> Machine {
    let (data_dir, started) = (data_dir.to_owned(), model::time::now().to_string());
    Machine {
        doctor: Arc::new(move || {
            let findings = probe::run().into_iter().chain(runtimes.list().into_iter().map(doctor::runtime));
            findings.map(finding).collect()
        }),
        node: Arc::new(move || node(&data_dir, &started)),
    }
}

fn finding(found: probe::Finding) -> Finding {
    let probe::Finding { name, verdict, found, remedy, required } = found;
    let verdict = match verdict {
        Verdict::Ok => "ok",
        Verdict::Degraded => "degraded",
        Verdict::Missing => "missing",
    };
    Finding { name, verdict: verdict.to_owned(), found, remedy, required }
}

fn node(data_dir: &PathBuf, started: &str) -> Node {
    let names = rustix::system::uname();
    let text = |name: &std::ffi::CStr| name.to_string_lossy().into_owned();
    let machine = rustix::system::sysinfo();
    let unit = u64::from(machine.mem_unit);
    let swap = Space { total: machine.totalswap.saturating_mul(unit), free: machine.freeswap.saturating_mul(unit) };
    let disk = rustix::fs::statvfs(data_dir).ok().map(|disk| Space {
        total: disk.f_blocks.saturating_mul(disk.f_frsize),
        free: disk.f_bavail.saturating_mul(disk.f_frsize),
    });
    let memory = Memory::read().ok().map(|memory| Space { total: memory.total, free: memory.available });
    Node {
        name: text(names.nodename()),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started: started.to_owned(),
        kernel: format!("{} {}", text(names.sysname()), text(names.release())),
        processors: std::thread::available_parallelism().map_or(0, |count| count.get() as u64),
        load: Some(machine.loads.map(|load| (load as f64 / LOAD_SCALE * 100.0).round() / 100.0)),
        memory,
        swap: (swap.total > 0).then_some(swap),
        disk,
    }
}
