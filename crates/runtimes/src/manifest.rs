//! `<data>/runtimes/<id>.json`: that a runtime is installed, which version, where from, and what instances mount.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use model::function::Mount;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) id: String,
    /// What it said when it was run.
    pub(crate) version: String,
    /// For people: where it is from.
    pub(crate) source: String,
    /// On the host.
    pub(crate) executable: PathBuf,
    pub(crate) mounts: Vec<Mount>,
}

impl Manifest {
    /// The manifest of an installed runtime whose files are all still there.
    pub(crate) fn read(folder: &Path, id: &str) -> Option<Self> {
        let text = std::fs::read(file(folder, id)).ok()?;
        let manifest: Self = serde_json::from_slice(&text).ok()?;
        let mounts = manifest.mounts.iter().all(|mount| mount.source.is_dir());
        (mounts && crate::command::is_executable(&manifest.executable)).then_some(manifest)
    }

    /// Written whole or not at all.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        let mut new = tempfile::Builder::new().prefix(".manifest-").tempfile_in(folder)?;
        serde_json::to_writer_pretty(&mut new, self)?;
        new.write_all(b"\n")?;
        new.as_file().sync_all()?;
        new.persist(file(folder, &self.id))?;
        Ok(())
    }

    /// Before its files are replaced.
    pub(crate) fn remove(folder: &Path, id: &str) -> io::Result<()> {
        match std::fs::remove_file(file(folder, id)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done,
        }
    }
}

fn file(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("{id}.json"))
}
