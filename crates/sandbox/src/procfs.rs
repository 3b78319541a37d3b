//! `/proc` of the instance's own processes, without what tells about the host or can steer it.

use crate::error::Step;
use crate::{Error, mounts};
use rustix::mount::{MountFlags, mount, mount_bind, mount_remount};
use std::path::{Path, PathBuf};

/// Files and folders of the whole machine: kernel memory, keys, devices, timers, interrupts. Hidden behind something
/// empty; what a kernel does not have is skipped.
const HIDDEN: [&str; 27] = [
    "acpi",
    "asound",
    "bus",
    "config.gz",
    "driver",
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
    "mtrr",
    "sched_debug",
    "scsi",
    "slabinfo",
    "sysrq-trigger",
    "timer_list",
    "timer_stats",
    "vmallocinfo",
];

/// The file that stands in for `/proc/meminfo`, on the skeleton's tmpfs.
const MEMINFO: &str = "/run/meminfo";

/// Mounts procfs for the calling process's pid namespace at `root/proc`.
pub(crate) fn build(root: &Path) -> Result<(), Error> {
    let proc = root.join("proc");
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    // hidepid=2: a process sees those it might trace, so not even the init is there.
    mount(c"proc", &proc, c"proc", flags, c"hidepid=2").step(|| "mount /proc")?;
    let (empty_file, empty_folder) = (root.join("run/empty"), root.join("var/lib"));
    std::fs::write(&empty_file, "").step(|| "make an empty file")?;
    for name in HIDDEN {
        let path = proc.join(name);
        match std::fs::symlink_metadata(&path) {
            Ok(entry) if entry.is_dir() => mounts::show(&empty_folder, &path, false)?,
            Ok(_) => mounts::show(&empty_file, &path, false)?,
            Err(_) => {}
        }
    }
    let sysctl = proc.join("sys");
    mount_bind(&sysctl, &sysctl).step(|| "bind /proc/sys")?;
    mount_remount(&sysctl, MountFlags::BIND | MountFlags::RDONLY | flags, c"").step(|| "make /proc/sys read-only")?;
    let meminfo = inside(root, MEMINFO);
    std::fs::write(&meminfo, "").step(|| "make /run/meminfo")?;
    mounts::show(&meminfo, &proc.join("meminfo"), false)
}

/// Fills in `/proc/meminfo`: programs that read it (Java before 10, Node, `free`) take the limit for the machine.
pub(crate) fn describe_memory(limit_bytes: u64) -> Result<(), Error> {
    std::fs::write(MEMINFO, meminfo(limit_bytes)).step(|| "write /proc/meminfo")
}

fn meminfo(limit_bytes: u64) -> String {
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

fn inside(root: &Path, path: &str) -> PathBuf {
    root.join(path.trim_start_matches('/'))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_memory_limit_is_shown_as_the_machine_in_the_form_of_proc_5() {
        let text = super::meminfo(128 << 20);
        assert!(text.starts_with("MemTotal:         131072 kB\n"), "{text}");
        assert!(text.contains("\nMemAvailable:     131072 kB\n"), "{text}");
    }
}
