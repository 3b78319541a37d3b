//! The root an instance lives in: a fresh tmpfs with read-only views of the host's programs, made by real root in a
//! mount namespace that no user namespace of the instance owns, so nothing in it can be undone from inside.
//!
//! Two halves, around the wait for the [`Spec`](crate::Spec): [`build`] makes everything that is the same for all, leaves the
//! host's tree and adds what all share; [`finish`] adds what this one instance needs and makes the root read-only.

use crate::error::Step;
use crate::machine::Machine;
use crate::{Bind, Error, Limits, devices, etc, procfs, sys};
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};
use rustix::mount::{
    MountFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags, UnmountFlags, mount, mount_change, mount_remount,
    move_mount, open_tree, unmount,
};
use std::ffi::CString;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

/// MOUNT_ATTR_* of mount_setattr(2).
const READ_ONLY: u64 = libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV;

/// Where programs and libraries are on the host, beside `/usr`: links into it on a merged system, folders on others.
const PROGRAMS: [&str; 6] = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"];

/// Empty folders that programs expect. `/home/snuser` is the home of the user, as on FunctionGraph.
const FOLDERS: [&str; 12] = [
    "etc",
    "dev",
    "proc",
    "sys/fs/cgroup",
    "tmp",
    "home/snuser/log",
    "opt",
    "root",
    "run",
    "srv",
    "var/lib",
    "var/log",
];

/// Makes the common part at `root` (an empty folder of the host), moves into it, lets the host's tree go and adds what all
/// instances share.
pub(crate) fn build(
    root: &Path,
    views: &[(PathBuf, PathBuf)],
    shared: &[Bind],
    machine: &Machine,
    begun: i64,
) -> Result<(), Error> {
    // Nothing mounted here shall appear on the host, nor the other way round.
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)
        .step(|| "make all mounts private")?;
    tmpfs(root, MountFlags::empty(), c"mode=755,size=4m,nr_inodes=2048")?;
    for folder in FOLDERS {
        make_dirs(&root.join(folder))?;
    }
    std::os::unix::fs::symlink("/tmp", root.join("var/tmp")).step(|| "link /var/tmp")?;
    programs(root)?;
    etc::build(root)?;
    devices::build(&root.join("dev"))?;
    // Sized by `size`, but mounted now: Landlock's rules name the mounted folder.
    tmpfs(&root.join("tmp"), MountFlags::empty(), c"mode=1777,size=64k,nr_inodes=16")?;
    procfs::build(root, machine, begun)?;
    cgroup_views(root, views)?;
    let shared = shared.iter().map(|bind| Ok((detached(&bind.source, false)?, bind.target.as_path())));
    let shared = shared.collect::<Result<Vec<_>, Error>>()?;
    pivot(root)?;
    shared.iter().try_for_each(|(tree, target)| attach(tree.as_fd(), target))
}

/// Sizes `/tmp`.
pub(crate) fn size(limits: &Limits) -> Result<(), Error> {
    let sizes = format!("mode=1777,size={},nr_inodes={}", limits.tmp_bytes, limits.tmp_inodes);
    let sizes = CString::new(sizes).unwrap_or_default();
    mount_remount("/tmp", MountFlags::NOSUID | MountFlags::NODEV, &sizes).step(|| format!("size /tmp ({sizes:?})"))
}

/// What one instance adds: the binds that are not there yet (detached mounts made by the launcher, which still sees the host). Then nobody can
/// make a folder or file at the root any more.
pub(crate) fn finish(binds: &[(BorrowedFd<'_>, &Path)]) -> Result<(), Error> {
    for (bind, target) in binds {
        attach(*bind, target)?;
    }
    let flags = MountFlags::BIND | MountFlags::RDONLY | MountFlags::NOSUID | MountFlags::NODEV;
    mount_remount("/", flags, c"").step(|| "make the root read-only")
}

/// A read-only copy of the mount at `source` (nosuid, nodev), not yet anywhere; `deep` takes the mounts below with it.
pub(crate) fn detached(source: &Path, deep: bool) -> Result<OwnedFd, Error> {
    detached_with(source, deep, READ_ONLY)
}

fn detached_with(source: &Path, deep: bool, attributes: u64) -> Result<OwnedFd, Error> {
    let mut flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
    if deep {
        flags |= OpenTreeFlags::AT_RECURSIVE;
    }
    let tree = open_tree(CWD, source, flags).step(|| format!("open {}", source.display()))?;
    sys::mount_setattr(&tree, deep, attributes).step(|| format!("make {} read-only", source.display()))?;
    Ok(tree)
}

/// Puts a detached mount at `target`, a path below the current root whose folders are made as needed. No part of the
/// path may be a symbolic link: the folder above may hold a user's files.
fn attach(tree: BorrowedFd<'_>, target: &Path) -> Result<(), Error> {
    make_dirs(target)?;
    let flags = OFlags::PATH | OFlags::CLOEXEC | OFlags::DIRECTORY;
    let place = rustix::fs::openat2(CWD, target, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS)
        .step(|| format!("open the bind target {} (it must be free of symbolic links)", target.display()))?;
    place_at(tree, &place).step(|| format!("mount at {}", target.display()))
}

fn place_at(tree: impl AsFd, place: impl AsFd) -> rustix::io::Result<()> {
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    move_mount(tree, c"", place, c"", flags)
}

/// Shows `source` of the host read-only at `target` of the skeleton, which exists and is of the same kind.
pub(crate) fn show(source: &Path, target: &Path, deep: bool) -> Result<(), Error> {
    show_with(source, target, deep, 0)
}

fn show_with(source: &Path, target: &Path, deep: bool, more: u64) -> Result<(), Error> {
    let tree = detached_with(source, deep, READ_ONLY | more)?;
    move_mount(&tree, c"", CWD, target, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)
        .step(|| format!("mount {} at {}", source.display(), target.display()))
}

/// A tmpfs (nosuid, nodev and `more`).
pub(crate) fn tmpfs(target: &Path, more: MountFlags, options: &std::ffi::CStr) -> Result<(), Error> {
    mount(c"tmpfs", target, c"tmpfs", MountFlags::NOSUID | MountFlags::NODEV | more, options)
        .step(|| format!("mount a tmpfs at {}", target.display()))
}

pub(crate) fn make_dirs(path: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(path).step(|| format!("make the folder {}", path.display()))
}

/// `/usr` and what belongs to it.
fn programs(root: &Path) -> Result<(), Error> {
    make_dirs(&root.join("usr"))?;
    show(Path::new("/usr"), &root.join("usr"), true)?;
    for name in PROGRAMS {
        let (host, inside) = (Path::new("/").join(name), root.join(name));
        if let Ok(link) = std::fs::read_link(&host) {
            std::os::unix::fs::symlink(link, &inside).step(|| format!("link {}", inside.display()))?;
        } else if host.is_dir() {
            make_dirs(&inside)?;
            show(&host, &inside, true)?;
        }
    }
    Ok(())
}

/// The instance's own cgroups, so that runtimes size themselves by the limits and not by the host.
fn cgroup_views(root: &Path, views: &[(PathBuf, PathBuf)]) -> Result<(), Error> {
    for (source, target) in views {
        let inside = root.join(target.strip_prefix("/").unwrap_or(target));
        make_dirs(&inside)?;
        show_with(source, &inside, false, libc::MOUNT_ATTR_NOEXEC)?;
    }
    Ok(())
}

/// pivot_root(2) onto itself: the old root lands on top of the new one and is let go from there, so that no folder for
/// it is needed. Then makes sure that we are where we think.
fn pivot(root: &Path) -> Result<(), Error> {
    rustix::process::chdir(root).step(|| format!("enter {}", root.display()))?;
    rustix::process::pivot_root(c".", c".").step(|| "pivot into the new root")?;
    unmount(c".", UnmountFlags::DETACH).step(|| "let go of the host's tree")?;
    rustix::process::chdir(c"/").step(|| "enter the new root")?;
    let cwd = rustix::process::getcwd(Vec::new()).step(|| "read the working folder")?;
    // A folder outside of the root reads "(unreachable)…" (CVE-2024-21626).
    if cwd.as_bytes() != b"/" {
        return Err(std::io::Error::other(format!("it is {cwd:?}"))).step(|| "make sure the working folder is /");
    }
    Ok(())
}
