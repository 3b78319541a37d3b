//! Writes a checked package. Each path is resolved by the kernel below the folder and through no symlink, files are made and never
//! opened, and symlinks come last: even a mistake in the checks could not make this write elsewhere.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use model::function::BOOTSTRAP;
use rustix::fs::{self, Mode, OFlags, ResolveFlags, Timespec, Timestamps};

use super::bootstrap;
use super::central::Member;
use super::inflate;
use super::problems::Problems;
use super::tree::{Node, Place, Tree};

/// Bytes that tell what a file is.
const MAGIC: u64 = 4;

/// What was written.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) files: usize,
    pub(super) bytes: u64,
}

/// Writes all of `tree`. A member that turns out damaged becomes a problem, and the others are still tried, so that all are named.
pub(super) fn extract(
    tree: &Tree,
    members: &[Member<'_>],
    into: &Path,
    problems: &mut Problems,
) -> io::Result<Written> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let root = fs::open(into, flags, Mode::empty()).map_err(|error| at(error.into(), &into.to_string_lossy()))?;
    fs::fchmod(&root, folder_mode())?; // instances run as other users
    let mut written = Written::default();
    for (index, node) in tree.nodes() {
        let path = tree.path(index);
        let done = match &node.place {
            Place::Folder => make_folder(root.as_fd(), tree, node, &path),
            Place::File(member) => {
                match members.get(*member).map(|member| (member, write(root.as_fd(), &path, member))) {
                    Some((member, Ok(()))) => {
                        written.files += 1;
                        written.bytes += member.size;
                        Ok(())
                    }
                    Some((member, Err(inflate::Error::Damaged(problem)))) => {
                        problems.push(format!("{} {problem}", member.shown));
                        Ok(())
                    }
                    Some((_, Err(inflate::Error::Io(error)))) => Err(error),
                    None => Ok(()),
                }
            }
            Place::Link(_) => Ok(()),
        };
        done.map_err(|error| at(error, &path))?;
    }
    for (index, node) in tree.nodes() {
        let Place::Link(target) = &node.place else { continue };
        let made = folder(root.as_fd(), &tree.path(node.parent))
            .and_then(|parent| Ok(fs::symlinkat(target.as_str(), &parent, node.name.as_str())?));
        made.map_err(|error| at(error, &tree.path(index)))?;
    }
    Ok(written)
}

/// The folder of an unpacked package, to which files are added.
#[derive(Debug)]
pub(crate) struct Root(OwnedFd);

impl Root {
    /// A folder that exists.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        Ok(Self(fs::open(folder, flags, Mode::empty())?))
    }

    /// Adds a file, and the folder it is in where there is none. `false`, and nothing is done, where the package has a file
    /// there, or no folder to put it into.
    pub(crate) fn add(&self, path: &str, bytes: &[u8]) -> io::Result<bool> {
        if let Some((parent, _)) = path.rsplit_once('/') {
            match self.add_folder(parent) {
                Err(error) if is_in_the_way(&error) => return Ok(false),
                done => done?,
            }
        }
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
        let file = match beneath(self.0.as_fd(), path, flags, Mode::RUSR | Mode::WUSR) {
            Err(error) if is_in_the_way(&error) => return Ok(false),
            file => file?,
        };
        let mut file = File::from(file);
        file.write_all(bytes)?;
        fs::fchmod(&file, Mode::from_raw_mode(0o644))?;
        Ok(true)
    }

    fn add_folder(&self, path: &str) -> io::Result<()> {
        let (above, name) = path.rsplit_once('/').unwrap_or((".", path));
        let above = folder(self.0.as_fd(), above)?;
        match fs::mkdirat(&above, name, folder_mode()) {
            // Whatever the daemon's umask is.
            Ok(()) => Ok(fs::fchmod(folder(self.0.as_fd(), path)?, folder_mode())?),
            Err(rustix::io::Errno::EXIST) => folder(self.0.as_fd(), path).map(drop),
            Err(error) => Err(error.into()),
        }
    }

    /// Brings everything in the folder's file system to stable storage, which also waits for what others write there.
    pub(crate) fn sync(&self) -> io::Result<()> {
        Ok(fs::syncfs(&self.0)?)
    }
}

/// Something of the package is where a file or folder should be, or a folder above is not there.
fn is_in_the_way(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let errno = Errno::from_io_error(error);
    matches!(errno, Some(Errno::EXIST | Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::NAMETOOLONG))
}

fn make_folder(root: BorrowedFd<'_>, tree: &Tree, node: &Node, path: &str) -> io::Result<()> {
    let parent = folder(root, &tree.path(node.parent))?;
    fs::mkdirat(&parent, node.name.as_str(), folder_mode())?;
    fs::fchmod(folder(root, path)?, folder_mode())?; // whatever the daemon's umask is
    Ok(())
}

fn folder(root: BorrowedFd<'_>, path: &str) -> io::Result<OwnedFd> {
    let path = if path.is_empty() { "." } else { path };
    beneath(root, path, OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty())
}

fn write(root: BorrowedFd<'_>, path: &str, member: &Member<'_>) -> Result<(), inflate::Error> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
    let file = beneath(root, path, flags, Mode::RUSR | Mode::WUSR).map_err(inflate::Error::Io)?;
    let mut file = File::from(file);
    inflate::copy(member, &mut file)?;
    finish(&mut file, path, member).map_err(inflate::Error::Io)
}

/// Mode and time, once the content is complete.
fn finish(file: &mut File, path: &str, member: &Member<'_>) -> io::Result<()> {
    file.flush()?;
    let executable = bootstrap::executable(member, &inflate::head(member, MAGIC), path == BOOTSTRAP);
    fs::fchmod(&*file, Mode::from_raw_mode(if executable { 0o755 } else { 0o644 }))?;
    let time = Timespec { tv_sec: member.modified, tv_nsec: 0 };
    fs::futimens(&*file, &Timestamps { last_access: time, last_modification: time })?;
    Ok(())
}

fn beneath(root: BorrowedFd<'_>, path: &str, flags: OFlags, mode: Mode) -> io::Result<OwnedFd> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    Ok(fs::openat2(root, path, flags | OFlags::NOFOLLOW | OFlags::CLOEXEC, mode, resolve)?)
}

fn folder_mode() -> Mode {
    Mode::from_raw_mode(0o755)
}

/// With the path, keeping the kind that tells a full disk from others.
fn at(error: io::Error, path: &str) -> io::Error {
    io::Error::new(error.kind(), format!("{path}: {error}"))
}
