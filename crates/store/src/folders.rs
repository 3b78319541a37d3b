//! Where things lie in the data folder, and who may use it: one process at a time.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::error::{Error, internal};
use crate::faults::Faults;

/// The data folder.
///
/// - `meta.db`: the metadata, with SQLite's `-wal` and `-shm` beside it
/// - `blobs/<2>/<sha256>`: packages as uploaded
/// - `code/<sha256>/`: the same, unpacked
/// - `tmp/`: what is not finished; emptied at every start
/// - `store.lock`: locked while a process has the folder open
#[derive(Clone, Debug)]
pub(crate) struct Folders {
    data: PathBuf,
    pub(crate) faults: Faults,
}

impl Folders {
    /// Makes what is missing, readable by the owner alone; a folder that exists keeps its mode.
    pub(crate) fn make(data: &Path, faults: Faults) -> Result<Self, Error> {
        let denied =
            |path: &Path, cause| internal(format!("cannot make the folder {}: {REMEDY}", path.display()), cause);
        private_folder(data).map_err(|cause| denied(data, cause))?;
        let data = fs::canonicalize(data).map_err(|cause| denied(data, cause))?;
        let folders = Self { data, faults };
        for path in [folders.blobs(), folders.code(), folders.tmp()] {
            private_folder(&path).map_err(|cause| denied(&path, cause))?;
        }
        Ok(folders)
    }

    /// Makes sure that nobody else has the folder open, until the lock is dropped.
    pub(crate) fn lock(&self) -> Result<Lock, Error> {
        let path = self.data.join("store.lock");
        let denied = |cause| internal(format!("cannot open {} for writing: {REMEDY}", path.display()), cause);
        let file = private_file(&path).map_err(denied)?;
        match file.try_lock() {
            Ok(()) => Ok(Lock(file)),
            Err(TryLockError::WouldBlock) => Err(internal(
                format!(
                    "the data folder {} is in use by another funcd: stop that one, or choose another folder",
                    self.data.display()
                ),
                TryLockError::WouldBlock,
            )),
            Err(TryLockError::Error(cause)) => Err(denied(cause)),
        }
    }

    /// The database file, made if absent so that SQLite gives its other files the same mode.
    pub(crate) fn database(&self) -> Result<PathBuf, Error> {
        let path = self.data.join("meta.db");
        private_file(&path)
            .map_err(|cause| internal(format!("cannot open {} for writing: {REMEDY}", path.display()), cause))?;
        Ok(path)
    }

    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    pub(crate) fn blobs(&self) -> PathBuf {
        self.data.join("blobs")
    }

    pub(crate) fn code(&self) -> PathBuf {
        self.data.join("code")
    }

    pub(crate) fn tmp(&self) -> PathBuf {
        self.data.join("tmp")
    }

    /// A path in `tmp/` that nobody else uses; nothing is there yet.
    pub(crate) fn fresh(&self) -> PathBuf {
        self.tmp().join(uuid::Uuid::new_v4().simple().to_string())
    }
}

/// The data folder is ours.
#[derive(Debug)]
pub(crate) struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file is not enough: a process that is being started has a copy of it until its exec.
        if let Err(cause) = self.0.unlock() {
            tracing::warn!(cause = &cause as &dyn std::error::Error, "store.lock.left");
        }
    }
}

const REMEDY: &str = "give the user that funcd runs as the right to write there, or choose another data folder";

fn private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_of_the_lock_in_another_process_does_not_keep_the_folder() {
        let home = tempfile::tempdir().unwrap();
        let folders = Folders::make(home.path(), Faults::none()).unwrap();
        let lock = folders.lock().unwrap();
        let _copy = lock.0.try_clone().unwrap();
        assert!(folders.lock().is_err());
        drop(lock);
        folders.lock().unwrap();
    }
}
