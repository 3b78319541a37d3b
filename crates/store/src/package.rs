//! A code package: a zip somebody sent becomes a folder that instances may see, or a list of everything wrong with it.
//!
//! 1. `end` finds the one place where the archive says what it holds;
//! 2. `central` and `local` read what each member claims, twice, and compare; `name` says which paths are legal;
//! 3. `tree` puts all paths together: no duplicate, no file that is also a folder; `link` follows every symlink;
//! 4. `bootstrap` looks at the file that starts the function, `dependency` at the names in a package that has none;
//! 5. only then `extract` writes, and `inflate` holds each member to the size and checksum it claimed.
//!
//! Nothing is written before the whole archive was checked; nothing is written outside the given folder; no symlink exists while
//! a file is written; no setuid bit, device, or hard link is ever made; no input makes it panic. Facts: `reliability.md` B.7,
//! `behaviour.md` 1.1; the format: PKWARE APPNOTE 6.3.10.
//!
//! The archive is read here and not by the `zip` crate, which hides what must be refused: it merges duplicate names, accepts data
//! before the archive and never compares the two headers of a member.

mod problems;

mod end;

mod field;

mod central;

mod local;

mod name;

mod tree;

mod link;

mod bootstrap;

mod dependency;

mod extract;

mod inflate;

#[cfg(test)]
mod tests;

use std::io;
use std::path::Path;

use bytes::Bytes;
use model::function::Entry;
use model::limits;

pub(crate) use extract::Root;
use problems::Problems;

/// What a package may cost this node.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// Files, folders and symlinks together, folders that are only implied by a path included.
    pub(crate) entries: usize,
    /// Bytes of all members once unpacked. This is what protects the disk, whatever the archive's ratio: Deflate reaches 1032:1,
    /// so 50 MB could become 50 GB.
    pub(crate) unpacked_bytes: u64,
    /// How many times larger than the archive its content may be, once it is larger than [`Limits::ratio_from_bytes`].
    /// Code compresses 3:1 to 10:1.
    pub(crate) ratio: u64,
    /// Up to this size no ratio is asked for: sparse files, such as an empty database, are legitimate and compress 1000:1.
    pub(crate) ratio_from_bytes: u64,
    /// Folders one path may go through.
    pub(crate) depth: usize,
    /// Bytes of one path: what is left of Linux's 4096 behind the code root.
    pub(crate) path_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: limits::PACKAGE_ENTRIES,
            unpacked_bytes: limits::UNPACKED_BYTES,
            ratio: 100,
            ratio_from_bytes: 128 * 1024 * 1024,
            depth: 128,
            path_bytes: 3840,
        }
    }
}

/// A package that is unpacked and may be run.
#[derive(Debug)]
pub(crate) struct Unpacked {
    /// How its `bootstrap` is started.
    pub(crate) entry: Entry,
    /// Regular files written.
    pub(crate) files: usize,
    /// Bytes in them.
    pub(crate) bytes: u64,
}

/// Why a package was not unpacked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// It is wrong: every problem, each with what to do. The uploader's fault; the same package never succeeds.
    #[error("the package is refused: {}", .0.join("; "))]
    Refused(Vec<String>),
    /// This node failed to write it; the kind is the system's (`StorageFull` when the disk is), the message names the path.
    #[error("cannot unpack the package: {0}")]
    Io(#[from] io::Error),
}

/// Checks `zip` and unpacks it into the existing, empty folder `into`, which becomes readable by everybody; [`Root::sync`] brings
/// it to the disk. Blocks. After an error `into` may hold a part of the package: the caller removes it.
pub(crate) fn unpack(zip: &Bytes, into: &Path, limits: &Limits) -> Result<Unpacked, Error> {
    unpack_if(bootstrap::check, zip, into, limits)
}

/// The same for a package that completes the code of a function, which needs nothing to start it.
pub(crate) fn unpack_dependency(zip: &Bytes, into: &Path, limits: &Limits) -> Result<Unpacked, Error> {
    unpack_if(dependency::check, zip, into, limits)
}

type Check = fn(&tree::Tree, &[central::Member<'_>], &mut Problems) -> Option<Entry>;

fn unpack_if(check: Check, zip: &Bytes, into: &Path, limits: &Limits) -> Result<Unpacked, Error> {
    let mut problems = Problems::default();
    let members = read(zip, limits, &mut problems).ok_or_else(|| problems.take())?;
    let tree = tree::Tree::plant(&members, limits, &mut problems);
    link::check(&tree, &mut problems);
    let entry = check(&tree, &members, &mut problems);
    let Some(entry) = entry.filter(|_| problems.is_empty()) else {
        return Err(problems.take().into());
    };

    let written = extract::extract(&tree, &members, into, &mut problems)?;
    if !problems.is_empty() {
        return Err(problems.take().into());
    }
    let unpacked = Unpacked { entry, files: written.files, bytes: written.bytes };
    tracing::debug!(files = unpacked.files, bytes = unpacked.bytes, zip = zip.len(), "package.unpacked");
    Ok(unpacked)
}

/// Everything the archive says about its members; `None` when it cannot be understood at all.
fn read<'a>(zip: &'a [u8], limits: &Limits, problems: &mut Problems) -> Option<Vec<central::Member<'a>>> {
    let directory = end::find(zip).map_err(|problem| problems.push(problem)).ok()?;
    let mut members = central::read(zip, &directory, limits, problems)?;
    local::check(zip, &directory, &mut members, problems);
    Some(members)
}

impl From<problems::Refusal> for Error {
    fn from(refusal: problems::Refusal) -> Self {
        Self::Refused(refusal.0)
    }
}
