//! The data folder: made private, locked by one funcd at a time, with the key that seals its secrets.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use rustix::fs::{FlockOperation, flock};

/// The data folder, and whether this process owns it.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    lock: Option<File>,
}

/// A place for the instances of one process, so that those of the process it replaces can end beside them: a folder for the launcher,
/// and the name of a cgroup and a network. Held until dropped.
#[derive(Debug)]
pub(crate) struct Lane {
    /// For the launcher's own files.
    pub(crate) run_dir: PathBuf,
    /// A name that tells this installation's cgroups from another's on the same host.
    pub(crate) cgroup: String,
    _lock: File,
}

/// Processes of an installation at the same time: one serves, the others finish what they began.
const LANES: usize = 8;

impl Folder {
    /// Makes the folder (mode 0711: instances' code below it is bound by path, its content stays unlisted) and takes its lock.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let mut folder = Self::find(path)?;
        folder.lock()?;
        Ok(folder)
    }

    /// Makes the folder without taking its lock: another process has it, and will let it go.
    pub(crate) fn find(path: &Path) -> Result<Self> {
        fs::DirBuilder::new().recursive(true).mode(0o711).create(path).with_context(|| {
            format!("cannot make the data folder {}: choose another with --data-dir", path.display())
        })?;
        let path = path.canonicalize().with_context(|| format!("cannot resolve {}", path.display()))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o711)).with_context(|| no_rights(&path))?;
        Ok(Self { path, lock: None })
    }

    /// Takes the lock.
    pub(crate) fn lock(&mut self) -> Result<()> {
        let path = &self.path;
        let lock_path = path.join("lock");
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&lock_path)
            .with_context(|| no_rights(path))?;
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
        self.lock = Some(lock);
        Ok(())
    }

    /// Lets another process have the folder.
    pub(crate) fn let_go(&mut self) {
        self.lock = None;
    }

    /// The first place for instances that no other process has; what killed processes left in the places that nobody has is removed
    /// by the launcher that `clear` starts there.
    pub(crate) fn lane(&self, clear: impl Fn(&Lane) -> Result<()>) -> Result<Lane> {
        let mut first = None;
        for number in 0..LANES {
            let run_dir = self.path.join(if number == 0 { "run".to_owned() } else { format!("run-{number}") });
            let used = run_dir.try_exists()?;
            if !used && first.is_some() {
                continue;
            }
            let cgroup = self.cgroup_name() + &if number == 0 { String::new() } else { format!("-{number}") };
            let Some(lane) = Lane::take(run_dir, cgroup)? else { continue };
            if first.is_none() {
                first = Some(lane);
                continue;
            }
            clear(&lane)?;
            fs::remove_dir_all(&lane.run_dir).with_context(|| no_rights(&self.path))?;
        }
        first.with_context(|| {
            format!("{LANES} funcds that were replaced still finish what they began: wait for one to end")
        })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn cgroup_name(&self) -> String {
        use sha2::Digest as _;
        let digest = sha2::Sha256::digest(self.path.as_os_str().as_encoded_bytes());
        let short: String = hex::encode(digest).chars().take(8).collect();
        format!("funcd-{short}")
    }
}

impl Lane {
    /// `None` while another process has it.
    fn take(run_dir: PathBuf, cgroup: String) -> Result<Option<Self>> {
        fs::DirBuilder::new().recursive(true).mode(0o711).create(&run_dir).with_context(|| no_rights(&run_dir))?;
        let path = run_dir.join("lane.lock");
        let mut options = OpenOptions::new();
        let lock = options.read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
        let lock = lock.with_context(|| no_rights(&run_dir))?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Self { run_dir, cgroup, _lock: lock })),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot lock {}", path.display())),
        }
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
    fn each_process_has_a_lane_and_those_nobody_has_are_cleared() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::find(dir.path()).unwrap();
        let cleared = std::cell::RefCell::new(Vec::new());
        let clear = |lane: &Lane| {
            cleared.borrow_mut().push(lane.cgroup.clone());
            Ok(())
        };
        let first = folder.lane(clear).unwrap();
        let second = folder.lane(clear).unwrap();
        assert_eq!(first.run_dir, folder.path().join("run"));
        assert_eq!(
            (second.run_dir.clone(), second.cgroup.clone()),
            (folder.path().join("run-1"), first.cgroup.clone() + "-1")
        );
        drop((first, second));
        let again = folder.lane(clear).unwrap();
        assert_eq!(again.run_dir, folder.path().join("run"));
        assert_eq!(*cleared.borrow(), [again.cgroup.clone() + "-1"]);
        assert!(!folder.path().join("run-1").try_exists().unwrap());
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
