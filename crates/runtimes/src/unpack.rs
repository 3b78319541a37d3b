//! Unpacking an archive of a runtime, and making a tree readable for instances, which run under ids of their own.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::command;
use crate::install::Refusal;

const LIMIT: Duration = Duration::from_mins(10);

/// Unpacks a tar archive, whatever it is compressed with, into an empty folder; returns the folder in it that has `executable`:
/// the top, or the one folder there.
pub(crate) fn unpack(archive: &Path, folder: &Path, executable: &Path) -> Result<PathBuf, Refusal> {
    let refused = |why: String| {
        Refusal::new(
            format!("{}: {why}", archive.display()),
            "name a folder or a .tgz, .tar.gz or .tar.xz of the runtime",
        )
    };
    let mut tar = Command::new("tar");
    // GNU tar itself refuses names with "..", cuts leading slashes, and makes links that lead out only at the end.
    tar.args(["--extract", "--no-same-owner", "--no-same-permissions", "--file"])
        .arg(archive)
        .arg("--directory")
        .arg(folder);
    let finished = command::run(&mut tar, LIMIT).map_err(|error| refused(format!("tar: {error}")))?;
    if !finished.status.success() {
        return Err(refused(format!("tar: {}", finished.last_words())));
    }
    let top = std::fs::read_dir(folder).map_err(|error| refused(error.to_string()))?;
    let below: Vec<PathBuf> = top.flatten().map(|entry| entry.path()).collect();
    let home = match below.as_slice() {
        [only] if !has(folder, executable) => only.clone(),
        _ => folder.to_owned(),
    };
    if has(&home, executable) { Ok(home) } else { Err(refused(format!("there is no {} in it", executable.display()))) }
}

/// Whether the folder really holds the executable, not a link out of it.
fn has(folder: &Path, executable: &Path) -> bool {
    let file = folder.join(executable);
    let inside = || Some(std::fs::canonicalize(&file).ok()?.starts_with(std::fs::canonicalize(folder).ok()?));
    command::is_executable(&file) && inside().unwrap_or(false)
}

/// Lets everybody read everything and nobody but the owner write; takes set-id bits away. Links are left alone.
pub(crate) fn make_readable(path: &Path) -> io::Result<()> {
    let metadata = std::fs::symlink_metadata(path)?;
    if metadata.is_symlink() {
        return Ok(());
    }
    let mode = metadata.permissions().mode();
    let execute = if metadata.is_dir() || mode & 0o100 != 0 { 0o111 } else { 0 };
    std::fs::set_permissions(path, Permissions::from_mode((mode & 0o200) | 0o444 | execute))?;
    if metadata.is_dir() {
        for entry in std::fs::read_dir(path)? {
            make_readable(&entry?.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packs `files` (executable) and unpacks them looking for bin/node; the home's path below the folder, or the refusal.
    fn check(files: &[&str], expect: Result<&str, &str>) {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for file in files {
            let file = from.path().join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, "x").unwrap();
            std::fs::set_permissions(&file, Permissions::from_mode(0o700)).unwrap();
        }
        let archive = tempfile::NamedTempFile::new().unwrap();
        let packed = Command::new("tar")
            .args(["-C", from.path().to_str().unwrap(), "-czf"])
            .arg(archive.path())
            .arg(".")
            .status();
        assert!(packed.unwrap().success());
        match (unpack(archive.path(), to.path(), Path::new("bin/node")), expect) {
            (Ok(home), Ok(below)) => assert_eq!(home, to.path().join(below)),
            (Err(refusal), Err(why)) => assert!(refusal.why.contains(why), "{}", refusal.why),
            (got, _) => panic!("{got:?}"),
        }
    }

    #[test]
    fn the_runtime_is_found_at_the_top_or_one_folder_deep() {
        check(&["bin/node"], Ok(""));
        check(&["bin/node", "LICENSE"], Ok(""));
        check(&["node-v12-linux-x64/bin/node", "node-v12-linux-x64/LICENSE"], Ok("node-v12-linux-x64"));
    }

    #[test]
    fn an_archive_without_the_executable_is_refused() {
        check(&["bin/python3"], Err("there is no bin/node in it"));
        check(&["a/bin/node", "b/bin/node"], Err("there is no bin/node in it"));
    }

    #[test]
    fn what_is_no_archive_is_refused() {
        let (folder, file) = (tempfile::tempdir().unwrap(), tempfile::NamedTempFile::new().unwrap());
        std::fs::write(file.path(), "text").unwrap();
        let refusal = unpack(file.path(), folder.path(), Path::new("bin/node")).unwrap_err();
        assert!(refusal.why.contains("tar: "), "{}", refusal.why);
    }

    #[test]
    fn an_executable_that_is_a_link_out_of_the_archive_is_none() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/bin/sh", folder.path().join("node")).unwrap();
        assert!(!has(folder.path(), Path::new("node")));
    }

    #[test]
    fn instances_may_read_and_run_what_only_its_owner_could() {
        let folder = tempfile::tempdir().unwrap();
        let mode_after = |mode: u32| {
            let file = folder.path().join("file");
            std::fs::write(&file, "x").unwrap();
            std::fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
            make_readable(folder.path()).unwrap();
            std::fs::metadata(&file).unwrap().permissions().mode() & 0o7777
        };
        assert_eq!([0o700, 0o600, 0o4755, 0o666].map(mode_after), [0o755, 0o644, 0o755, 0o644]);
    }
}
