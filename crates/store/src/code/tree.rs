//! Unpacked packages: `code/<sha256>/root` is what instances see, `code/<sha256>/complete` says what must be in it.
//!
//! A folder is made in `tmp/`, marker last, brought to stable storage as a whole, and only then renamed into `code/`: a name in
//! `code/` means that all of it was written. The marker's counts are compared as well, because disks lie and people delete files.

use std::collections::HashSet;
use std::fs::{self, File, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use model::function::Entry;
use model::limits;
use serde::{Deserialize, Serialize};

use crate::error::{Error, internal};
use crate::faults::Step;
use crate::folders::{Folders, sync_folder};
use crate::package;

use super::Role;
use super::compiled::{self, Compiled};
use super::merged;

const ROOT: &str = "root";
const MARKER: &str = "complete";
/// Files up to which each is synced for itself: 0.2 ms each, where one call for the whole file system waits for whatever anybody
/// wrote to it, which can be seconds.
const FEW: u64 = 32;

/// What was unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Marker {
    entry: Entry,
    content: Content,
}

/// The regular files in a folder and below.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Content {
    files: u64,
    bytes: u64,
}

/// A folder in `tmp/` that is removed unless it is placed.
#[derive(Debug)]
pub(super) struct Staged {
    path: PathBuf,
    entry: Entry,
    content: Content,
}

impl Staged {
    /// Where its files are.
    pub(super) fn root(&self) -> PathBuf {
        self.path.join(ROOT)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        discard(&self.path);
    }
}

pub(super) fn root(folders: &Folders, sha256: &str) -> PathBuf {
    folders.code().join(sha256).join(ROOT)
}

pub(super) fn marker(folders: &Folders, sha256: &str) -> Option<Marker> {
    let text = fs::read(folders.code().join(sha256).join(MARKER)).ok()?;
    serde_json::from_slice(&text).ok()
}

/// How the package starts, if everything its marker names is there.
pub(super) fn whole(folders: &Folders, sha256: &str) -> Option<Entry> {
    let marker = marker(folders, sha256)?;
    let content = measure(&root(folders, sha256)).ok()?;
    (content == marker.content).then_some(marker.entry)
}

/// An empty folder in `tmp/`.
fn fresh(folders: &Folders) -> io::Result<Staged> {
    // The guard exists before the folder, so that whatever fails takes the folder with it.
    let staged = Staged { path: folders.fresh(), entry: Entry::Shell, content: Content::default() };
    for folder in [&staged.path, &staged.root()] {
        fs::create_dir(folder)?;
        // Instances run as other users; what keeps the host's users out is the data folder itself.
        fs::set_permissions(folder, Permissions::from_mode(0o755))?;
    }
    Ok(staged)
}

/// Checks and unpacks into `tmp/`.
pub(super) fn stage(folders: &Folders, (sha256, role): (&str, Role), zip: &Bytes) -> Result<Staged, Error> {
    let failed = |cause| internal(format!("cannot unpack package {sha256}"), cause);
    let mut staged = fresh(folders).map_err(failed)?;
    let unpack = match role {
        Role::Code => package::unpack,
        Role::Dependency => package::unpack_dependency,
    };
    let unpacked = unpack(zip, &staged.root(), &package::Limits::default()).map_err(refused)?;
    staged.entry = unpacked.entry;
    staged.content = Content { files: unpacked.files as u64, bytes: unpacked.bytes };
    folders.faults.reach(Step::Unpacked).map_err(failed)?;
    Ok(staged)
}

/// Puts folders of `code/`, the first of which is that of the code itself, together in `tmp/`.
pub(super) fn stage_merged(folders: &Folders, name: &str, layers: &[String]) -> Result<Staged, Error> {
    let failed = |cause| internal(format!("cannot put code and dependencies together as {name}"), cause);
    let mut staged = fresh(folders).map_err(failed)?;
    let code = layers.first().and_then(|layer| marker(folders, layer));
    staged.entry = code.ok_or_else(|| failed(io::ErrorKind::NotFound.into()))?.entry;
    let layers: Vec<_> = layers.iter().map(|layer| root(folders, layer)).collect();
    let most = limits::MERGED_ENTRIES;
    let entries = merged::link(&layers, &staged.root(), most).map_err(failed)?;
    staged.content = measure(&staged.root()).map_err(failed)?;
    let (bytes, limit) = (staged.content.bytes, limits::UNPACKED_BYTES);
    if bytes > limit {
        let text = format!("code and dependencies together are {bytes} bytes once unpacked, more than {limit}");
        return Err(Error::Package(vec![text]));
    }
    if entries > most {
        let text = format!("code and dependencies together have more than {most} files and folders");
        return Err(Error::Package(vec![text]));
    }
    folders.faults.reach(Step::Unpacked).map_err(failed)?;
    Ok(staged)
}

/// Adds byte code and the marker.
pub(super) fn complete(sha256: &str, mut staged: Staged, compiled: Vec<Compiled>) -> Result<Staged, Error> {
    let failed = |cause| internal(format!("cannot unpack package {sha256}"), cause);
    let root = package::Root::open(&staged.root()).map_err(failed)?;
    for file in compiled::fit(compiled, staged.content.bytes) {
        if root.add(&file.path, &file.bytes).map_err(failed)? {
            staged.content.files += 1;
            staged.content.bytes += file.bytes.len() as u64;
        }
    }
    write_marker(&staged.path, Marker { entry: staged.entry, content: staged.content }).map_err(failed)?;
    Ok(staged)
}

/// Brings all of it to stable storage, so that the rename into `code/` may promise that it is there.
pub(super) fn sync(folders: &Folders, staged: Staged) -> Result<Staged, Error> {
    let failed = |cause| internal("cannot keep an unpacked package", cause);
    if staged.content.files <= FEW {
        sync_tree(&staged.path).map_err(failed)?;
    } else {
        package::Root::open(&staged.root()).and_then(|root| root.sync()).map_err(failed)?;
    }
    folders.faults.reach(Step::Synced).map_err(failed)?;
    Ok(staged)
}

fn refused(error: package::Error) -> Error {
    match error {
        package::Error::Refused(problems) => Error::Package(problems),
        package::Error::Io(cause) => internal("cannot unpack the package", cause),
    }
}

/// Brings a folder and all below to stable storage, and nothing else.
fn sync_tree(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            sync_tree(&entry.path())?;
        } else if kind.is_file() {
            File::open(entry.path())?.sync_all()?;
        }
    }
    sync_folder(folder)
}

fn write_marker(folder: &Path, marker: Marker) -> io::Result<()> {
    let mut file = File::create_new(folder.join(MARKER))?;
    file.write_all(&serde_json::to_vec(&marker)?)
}

/// Renames a staged folder into `code/`. One that is there and whole stays; one that is not goes.
pub(super) fn place(folders: &Folders, sha256: &str, staged: Staged) -> Result<Entry, Error> {
    let failed = |cause| internal(format!("cannot put package {sha256} in place"), cause);
    if let Some(entry) = whole(folders, sha256) {
        return Ok(entry);
    }
    let target = folders.code().join(sha256);
    remove(folders, sha256)?;
    fs::rename(&staged.path, &target).map_err(failed)?;
    if let Err(cause) = sync_folder(&folders.code()) {
        discard(&target);
        return Err(failed(cause));
    }
    Ok(staged.entry)
}

fn measure(folder: &Path) -> io::Result<Content> {
    let mut content = Content::default();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            if metadata.is_dir() {
                folders.push(entry.path());
            } else if metadata.is_file() {
                content.files += 1;
                content.bytes += metadata.len();
            }
        }
    }
    Ok(content)
}

/// Takes a folder out of `code/`, whatever is in it.
pub(super) fn remove(folders: &Folders, sha256: &str) -> Result<(), Error> {
    let old = folders.fresh();
    match fs::rename(folders.code().join(sha256), &old) {
        Ok(()) => discard(&old),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
        Err(cause) => return Err(internal(format!("cannot remove the incomplete code of package {sha256}"), cause)),
    }
    Ok(())
}

pub(super) fn clear_unfinished(folders: &Folders) -> Result<(), Error> {
    let failed = |cause| internal("cannot clear unfinished uploads", cause);
    for path in names(&folders.tmp()).map_err(failed)? {
        discard(&path);
    }
    for prefix in names(&folders.blobs()).map_err(failed)? {
        // Not a folder: nothing of ours.
        for name in names(&prefix).unwrap_or_default() {
            // object_store writes `<name>#<number>` first.
            if name.to_string_lossy().contains('#') {
                fs::remove_file(name).map_err(failed)?;
            }
        }
    }
    let data = File::open(folders.data()).map_err(failed)?;
    rustix::fs::syncfs(&data).map_err(|cause| failed(cause.into()))
}

/// Takes folders out of `code/` and gives where they are now.
pub(super) fn collect(folders: &Folders, keep: &HashSet<String>, grace: Duration) -> Result<Vec<PathBuf>, Error> {
    let failed = |cause| internal("cannot remove unused code", cause);
    let mut taken = Vec::new();
    for path in names(&folders.code()).map_err(failed)? {
        let used = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| keep.contains(name));
        if used || age(&path).is_none_or(|age| age < grace) {
            continue;
        }
        let old = folders.fresh();
        fs::rename(&path, &old).map_err(failed)?;
        taken.push(old);
    }
    Ok(taken)
}

/// Since the folder's own content changed; `None` when the clock went back.
fn age(path: &Path) -> Option<Duration> {
    let modified = Timestamp::try_from(fs::symlink_metadata(path).ok()?.modified().ok()?).ok()?;
    Duration::try_from(model::time::now().duration_since(modified)).ok()
}

fn names(folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect()
}

/// Removes a file or a folder with all in it; what resists is removed at the next start.
pub(super) fn discard(path: &Path) {
    let gone = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(cause) => Err(cause),
    };
    match gone {
        Ok(()) => {}
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
        Err(cause) => tracing::warn!(path = %path.display(), cause = &cause as &dyn std::error::Error, "tmp.left"),
    }
}
