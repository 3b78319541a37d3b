//! `/proc` of the instance's own processes, without what tells about the host or can steer it.

use crate::error::Step;
use crate::machine::{self, Machine};
use crate::{Error, Limits, mounts};
use rustix::mount::{MountFlags, mount, mount_bind, mount_remount};
use std::path::{Path, PathBuf};

/// Files and folders of the whole machine: kernel memory, keys, devices, timers, interrupts; what all processes of the host
/// together do; how it was booted. Hidden behind something empty; what a kernel does not have is skipped.
const HIDDEN: [&str; 50] = [
    "acpi",
    "asound",
    "buddyinfo",
    "bus",
    "cmdline",
    "config.gz",
    "consoles",
    "crypto",
    "devices",
    "diskstats",
    "dma",
    "driver",
    "dynamic_debug",
    "execdomains",
    "fb",
    "fs",
    "interrupts",
    "iomem",
    "ioports",
    "irq",
    "kallsyms",
    "kcore",
    "key-users",
    "keys",
    "kmsg",
    "kpagecgroup",
    "kpagecount",
    "kpageflags",
    "latency_stats",
    "locks",
    "mdstat",
    "misc",
    "modules",
    "mtrr",
    "pagetypeinfo",
    "partitions",
    "pressure",
    "sched_debug",
    "schedstat",
    "scsi",
    "slabinfo",
    "softirqs",
    "swaps",
    "sysrq-trigger",
    "timer_list",
    "timer_stats",
    "tty",
    "vmallocinfo",
    "vmstat",
    "zoneinfo",
];

/// Where the files lie that stand in for those of procfs: on the skeleton's tmpfs.
const STAND_INS: &str = "/run";

/// A blank does not know its share yet; this many processors is what most will have.
const USUAL_SHARE: usize = 1;

/// Mounts procfs for the calling process's pid namespace at `root/proc`. `begun`: when the sandbox's clocks began.
pub(crate) fn build(root: &Path, machine: &Machine, begun: i64) -> Result<(), Error> {
    let proc = root.join("proc");
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    // hidepid=2: a process sees those it might trace, so not even the init is there.
    mount(c"proc", &proc, c"proc", flags, c"hidepid=2").step(|| "mount /proc")?;
    hide(root, &proc)?;
    let sysctl = proc.join("sys");
    mount_bind(&sysctl, &sysctl).step(|| "bind /proc/sys")?;
    mount_remount(&sysctl, MountFlags::BIND | MountFlags::RDONLY | flags, c"").step(|| "make /proc/sys read-only")?;

    let files = [
        ("meminfo", String::new()),
        ("cpuinfo", machine.cpuinfo(USUAL_SHARE)),
        ("stat", machine::stat(USUAL_SHARE, begun)),
        ("loadavg", machine::LOADAVG.to_owned()),
    ];
    let run = root.join(STAND_INS.trim_start_matches('/'));
    for (name, text) in files {
        let stand_in = run.join(name);
        std::fs::write(&stand_in, text).step(|| format!("make {STAND_INS}/{name}"))?;
        mounts::show(&stand_in, &proc.join(name), false)?;
    }
    Ok(())
}

/// Covers what is [`HIDDEN`], with binds of two mounts that are read-only already: a bind takes its source's flags along.
fn hide(root: &Path, proc: &Path) -> Result<(), Error> {
    let (empty_file, empty_folder) = (root.join("run/empty"), root.join("var/lib"));
    std::fs::write(&empty_file, "").step(|| "make an empty file")?;
    mounts::show(&empty_file, &empty_file, false)?;
    mounts::show(&empty_folder, &empty_folder, false)?;
    for name in HIDDEN {
        let path = proc.join(name);
        let cover = match std::fs::symlink_metadata(&path) {
            Ok(entry) if entry.is_dir() => &empty_folder,
            Ok(_) => &empty_file,
            Err(_) => continue,
        };
        mount_bind(cover, &path).step(|| format!("hide /proc/{name}"))?;
    }
    Ok(())
}

/// Fills in what only the instance's limits tell: programs take them for the machine.
pub(crate) fn describe(machine: &Machine, begun: i64, limits: &Limits) -> Result<(), Error> {
    fill("meminfo", &machine::meminfo(limits.memory_bytes))?;
    let share = machine.share(limits.cpu_millicores);
    if share == USUAL_SHARE {
        return Ok(());
    }
    fill("cpuinfo", &machine.cpuinfo(share))?;
    fill("stat", &machine::stat(share, begun))
}

fn fill(name: &str, text: &str) -> Result<(), Error> {
    let path: PathBuf = Path::new(STAND_INS).join(name);
    std::fs::write(&path, text).step(|| format!("write /proc/{name}"))
}
