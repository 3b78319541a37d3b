//! What of a folder goes into the package: everything but `.git` and what `.funcdignore` files name (`.gitignore`'s rules).

use std::fs::Metadata;
use std::path::{Component, Path};

use anyhow::{Context as _, Result};
use ignore::{DirEntry, WalkBuilder};

use super::{Entry, inner_path};
use crate::output::escape;

/// Names of files to leave out, in any folder.
const IGNORE_FILE: &str = ".funcdignore";
/// Never part of a package: history, not code.
const NEVER: &str = ".git";

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
    /// With its target as it stands in the link.
    Symlink(String),
}

/// A folder's content, in the order of its paths.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) entries: Vec<Entry>,
    /// Sockets, pipes and devices.
    pub(super) left_out: Vec<String>,
    /// What no package can hold.
    pub(super) problems: Vec<String>,
}

pub(super) fn walk(root: &Path) -> Result<Found> {
    let mut found = Found::default();
    let walk = WalkBuilder::new(root)
        .standard_filters(false)
        .add_custom_ignore_filename(IGNORE_FILE)
        .follow_links(false)
        .filter_entry(|entry| entry.depth() == 0 || entry.file_name() != NEVER)
        .build();
    for entry in walk {
        let entry = entry.with_context(|| format!("cannot read {}", root.display()))?;
        if let Some(error) = entry.error() {
            found.problems.push(format!("{IGNORE_FILE}: {error}"));
        }
        if entry.depth() > 0 && entry.file_name() != IGNORE_FILE {
            add(root, &entry, &mut found)?;
        }
    }
    found.entries.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

fn add(root: &Path, entry: &DirEntry, found: &mut Found) -> Result<()> {
    let source = entry.path();
    let relative = source.strip_prefix(root).unwrap_or(source);
    let Some(path) = inner_path(relative) else {
        found.problems.push(format!("the name {} is not UTF-8", escape(&relative.to_string_lossy())));
        return Ok(());
    };
    let metadata = entry.metadata().with_context(|| format!("cannot read {}", source.display()))?;
    let kind = if metadata.is_symlink() {
        match link(source, relative, found)? {
            Some(kind) => kind,
            None => return Ok(()),
        }
    } else if metadata.is_dir() {
        Kind::Folder
    } else if metadata.is_file() {
        Kind::File
    } else {
        found.left_out.push(path);
        return Ok(());
    };
    found.entries.push(Entry {
        mode: mode(&metadata),
        size: if kind == Kind::File { metadata.len() } else { 0 },
        source: source.to_owned(),
        path,
        kind,
    });
    Ok(())
}

/// A symlink, if it stays inside the folder: what it names outside would not be there where the function runs.
fn link(source: &Path, relative: &Path, found: &mut Found) -> Result<Option<Kind>> {
    let target = std::fs::read_link(source).with_context(|| format!("cannot read {}", source.display()))?;
    let shown = || format!("{} -> {}", escape(&relative.to_string_lossy()), escape(&target.to_string_lossy()));
    if leaves(relative, &target) {
        found.problems.push(format!(
            "the symlink {} points out of the folder: replace it by a copy, or name it in {IGNORE_FILE}",
            shown()
        ));
        return Ok(None);
    }
    let Some(text) = inner_path(&target) else {
        found.problems.push(format!("the target of the symlink {} is not UTF-8", shown()));
        return Ok(None);
    };
    Ok(Some(Kind::Symlink(text)))
}

/// Whether a link at `at` (relative to the root) leads out of the root, by its text alone.
fn leaves(at: &Path, target: &Path) -> bool {
    let mut depth = at.components().count().saturating_sub(1);
    for part in target.components() {
        match part {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir => match depth.checked_sub(1) {
                Some(up) => depth = up,
                None => return true,
            },
            Component::RootDir | Component::Prefix(_) => return true,
        }
    }
    false
}

#[cfg(unix)]
fn mode(metadata: &Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o777
}

/// Where there are no modes, everything may be started; the service decides by content.
#[cfg(not(unix))]
fn mode(_: &Metadata) -> u32 {
    0o755
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(at: &str, target: &str, expect: bool) {
        assert_eq!(leaves(Path::new(at), Path::new(target)), expect, "{at} -> {target}");
    }

    #[test]
    fn a_link_that_stays_inside_is_kept() {
        check("a", "b", false);
        check("bin/tool", "../lib/tool", false);
        check("a/b/c", "../../x/../y", false);
        check("a", "./b/..", false);
    }

    #[test]
    fn a_link_that_leads_out_is_not() {
        check("a", "..", true);
        check("bin/tool", "../../lib", true);
        check("a", "b/../../c", true);
        check("a", "/usr/bin/node", true);
    }
}
