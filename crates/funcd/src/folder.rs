//! The data folder: made private, locked by one funcd at a time, with the key that seals its secrets.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use rustix::fs::{FlockOperation, flock};

/// The data folder while this process owns it; the lock goes with the value.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes the folder (mode 0711: instances' code below it is bound by path, its content stays unlisted) and takes its lock.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        fs::DirBuilder::new().recursive(true).mode(0o711).create(path).with_context(|| {
            format!("cannot make the data folder {}: choose another with --data-dir", path.display())
        })?;
        let path = path.canonicalize().with_context(|| format!("cannot resolve {}", path.display()))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o711)).with_context(|| no_rights(&path))?;
        let lock_path = path.join("lock");
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&lock_path)
            .with_context(|| no_rights(&path))?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let mut owner = String::new();
                lock.read_to_string(&mut owner).unwrap_or_default();
                bail!(
                    "another funcd (pid {}) runs on {}: stop it, or choose another folder with --data-dir",
                    owner.trim(),
                    path.display()
                );
            }
            Err(error) => return Err(error).with_context(|| format!("cannot lock {}", lock_path.display())),
        }
        lock.set_len(0)?;
        writeln!(lock, "{}", std::process::id())?;
        Ok(Self { path, _lock: lock })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A name that tells this installation's cgroups from another's on the same host.
    pub(crate) fn cgroup_name(&self) -> String {
        use sha2::Digest as _;
        let digest = sha2::Sha256::digest(self.path.as_os_str().as_encoded_bytes());
        let short: String = hex::encode(digest).chars().take(8).collect();
        format!("funcd-{short}")
    }
}

fn no_rights(path: &Path) -> String {
    format!("no right to write in {}: run as its owner, or choose another folder with --data-dir", path.display())
}

/// Reads the sealing key, or makes one on the first start.
///
/// Losing the file means losing the sealed secrets, so a data folder that has a database but no key is refused.
pub(crate) fn sealing_key(key_file: &Path, has_database: bool) -> Result<auth::seal::Key> {
    match fs::read_to_string(key_file) {
        Ok(text) => auth::seal::Key::from_hex(&text)
            .with_context(|| format!("{} is not a sealing key (64 hexadecimal digits)", key_file.display())),
        Err(error) if error.kind() == io::ErrorKind::NotFound && has_database => bail!(
            "the sealing key {} is missing, but the data folder has sealed secrets: restore the file from a backup",
            key_file.display()
        ),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = auth::seal::Key::generate();
            write_private(key_file, format!("{}\n", key.to_hex()).as_bytes())?;
            Ok(key)
        }
        Err(error) => Err(error).with_context(|| format!("cannot read {}", key_file.display())),
    }
}

/// Writes a file that only its owner can read, whole or not at all.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> Result<()> {
    let folder = path.parent().with_context(|| format!("{} has no folder", path.display()))?;
    let mut file =
        tempfile::NamedTempFile::new_in(folder).with_context(|| format!("cannot write in {}", folder.display()))?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path).with_context(|| format!("cannot write {}", path.display()))?;
    File::open(folder)?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_owner_is_told_who_the_first_is() {
        let dir = tempfile::tempdir().unwrap();
        let first = Folder::open(dir.path()).unwrap();
        let error = Folder::open(dir.path()).unwrap_err().to_string();
        assert!(error.contains(&format!("another funcd (pid {})", std::process::id())), "{error}");
        drop(first);
        Folder::open(dir.path()).unwrap();
    }

    #[test]
    fn the_key_is_private_and_stays_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret.key");
        let first = sealing_key(&path, false).unwrap().to_hex();
        assert_eq!(sealing_key(&path, true).unwrap().to_hex(), first);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_lost_key_is_not_replaced_silently() {
        let dir = tempfile::tempdir().unwrap();
        let error = sealing_key(&dir.path().join("secret.key"), true).unwrap_err().to_string();
        assert!(error.contains("restore the file from a backup"), "{error}");
    }
}
