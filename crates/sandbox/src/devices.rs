//! `/dev`: five devices, made here on a tmpfs of our own before any file of a user is in sight, and nothing else: no
//! terminal, no console, nothing that a container engine's history says gets swapped.

use crate::Error;
use crate::error::Step;
use rustix::fs::{CWD, FileType, Mode};
use rustix::mount::{MountFlags, mount, mount_remount};
use std::path::Path;

/// Name, major and minor (the kernel's devices.txt).
pub(crate) const NODES: [(&str, u32, u32); 5] =
    [("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9)];

const LINKS: [(&str, &str); 4] = [
    ("fd", "/proc/self/fd"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
    ("stderr", "/proc/self/fd/2"),
];

/// Makes `dev` (an empty folder).
pub(crate) fn build(dev: &Path) -> Result<(), Error> {
    let flags = MountFlags::NOSUID | MountFlags::NOEXEC;
    mount(c"tmpfs", dev, c"tmpfs", flags, c"mode=755,size=64k,nr_inodes=32").step(|| "mount a tmpfs at /dev")?;
    for (name, major, minor) in NODES {
        node(&dev.join(name), major, minor)?;
    }
    for (name, target) in LINKS {
        std::os::unix::fs::symlink(target, dev.join(name)).step(|| format!("link /dev/{name}"))?;
    }
    let shm = dev.join("shm");
    crate::mounts::make_dirs(&shm)?;
    crate::mounts::tmpfs(&shm, MountFlags::NOEXEC, c"mode=1777,size=64m,nr_inodes=4096")?;
    mount_remount(dev, MountFlags::BIND | MountFlags::RDONLY | flags, c"").step(|| "make /dev read-only")
}

/// One character device, checked to be what was asked for.
fn node(path: &Path, major: u32, minor: u32) -> Result<(), Error> {
    let device = rustix::fs::makedev(major, minor);
    let mode = Mode::from_raw_mode(0o666);
    rustix::fs::mknodat(CWD, path, FileType::CharacterDevice, mode, device)
        .step(|| format!("make the device {}", path.display()))?;
    // mknod minds the umask.
    rustix::fs::chmod(path, mode).step(|| format!("open up {}", path.display()))?;
    let stat = rustix::fs::lstat(path).step(|| format!("look at {}", path.display()))?;
    let is_it = FileType::from_raw_mode(stat.st_mode) == FileType::CharacterDevice && stat.st_rdev == device;
    if is_it {
        Ok(())
    } else {
        Err(std::io::Error::other("it is another device")).step(|| format!("trust {}", path.display()))
    }
}
