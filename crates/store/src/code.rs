//! Packages: kept as uploaded, by digest, and unpacked once on this node.

mod blobs;
mod compiled;
mod merged;
mod tree;

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::future::OptionFuture;
use futures_util::stream::BoxStream;
use model::dependency::Dependency;
use model::function::{Code, Entry};
use model::limits;
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256, Sha512};
use tokio::sync::{RwLock, RwLockReadGuard, Semaphore};
use tokio::time::Instant;

use crate::error::{Error, internal};
use crate::faults::{Faults, Step};
use crate::folders::Folders;
use crate::store::Store;
use blobs::{Blobs, Put};
pub use compiled::{Compile, Compiled};
pub(crate) use merged::name as tree_name;

/// How long a package that nothing refers to stays: a deploy takes seconds between its upload and its transaction.
pub(crate) const GRACE: Duration = Duration::from_hours(1);
/// Packages unpacked at the same time; more would only share the processors. Any number may wait for the disk.
const UNPACKING: usize = 2;
/// Packages that may appear at the same time, if their names fall apart.
const TURNS: usize = 16;

/// `blobs/` and `code/`.
#[derive(Debug)]
pub(crate) struct Packages {
    folders: Folders,
    blobs: Blobs,
    compile: Compile,
    unpacking: Semaphore,
    /// Shared while files appear in `blobs/` and `code/`, alone while they leave, so that neither happens under the other's feet.
    moving: RwLock<()>,
    /// What appears under one name does so one after another; each waits for the disk several times, and other names need not.
    turns: [tokio::sync::Mutex<()>; TURNS],
    /// When each digest was last uploaded to this process: what a deploy under way may be about to use.
    uploaded: Mutex<HashMap<String, Instant>>,
}

/// While something appears.
struct Appearing<'a> {
    _turn: Option<tokio::sync::MutexGuard<'a, ()>>,
    _moving: RwLockReadGuard<'a, ()>,
}

/// What a package is for, which decides what must be in it and where it is unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It starts a function.
    Code,
    /// It completes code.
    Dependency,
}

impl Role {
    /// The name of its folder in `code/`: a package that may complete code may still be no code.
    pub(crate) fn folder(self, sha256: &str) -> String {
        match self {
            Self::Code => sha256.to_owned(),
            Self::Dependency => format!("{sha256}.dependency"),
        }
    }
}

/// The digests of a package.
#[derive(Clone, Debug)]
struct Digests {
    sha256: String,
    sha512: String,
}

impl Digests {
    fn of(bytes: &[u8]) -> Self {
        Self { sha256: hex::encode(Sha256::digest(bytes)), sha512: hex::encode(Sha512::digest(bytes)) }
    }
}

impl Store {
    /// Checks, stores and unpacks a package. Doing it twice is harmless, also at the same time; a package that is then not used by
    /// any function is removed after an hour. `code_type` and `filename` are carried into the [`Code`].
    ///
    /// # Errors
    /// [`Error::PackageTooLarge`]; [`Error::Package`] with everything wrong in it; [`Error::DiskFull`]. Nothing is left then.
    pub async fn put_code(&self, zip: Bytes, code_type: &str, filename: &str) -> Result<Code, Error> {
        let (size, limit) = (zip.len() as u64, limits::PACKAGE_BYTES as u64);
        if size > limit {
            return Err(Error::PackageTooLarge { size, limit });
        }
        self.put(zip, code_type, filename).await
    }

    /// As [`Store::put_code`], for a package that was fetched into a file of [`Store::incoming`] from `url`; it may be larger.
    ///
    /// # Errors
    /// As [`Store::put_code`].
    pub async fn put_fetched(&self, file: File, url: &str, filename: &str) -> Result<Code, Error> {
        let zip = fetched(file).await?;
        let code = self.put(zip, "obs", filename).await?;
        Ok(Code { url: url.to_owned(), ..code })
    }

    /// A file without a name on the data folder's disk; it goes when it is closed, whatever happens.
    ///
    /// # Errors
    /// [`Error::DiskFull`], [`Error::Internal`].
    pub async fn incoming(&self) -> Result<File, Error> {
        let tmp = self.inner.packages.folders.tmp();
        blocking(move || tempfile::tempfile_in(tmp).map_err(|cause| internal("cannot make a temporary file", cause)))
            .await
    }

    async fn put(&self, zip: Bytes, code_type: &str, filename: &str) -> Result<Code, Error> {
        let size = zip.len() as u64;
        let store = self.clone();
        let (code_type, filename) = (code_type.to_owned(), filename.to_owned());
        self.finish(async move {
            let packages = &store.inner.packages;
            let (digests, entry) = packages.put(zip).await?;
            let root = packages.root(&digests.sha256);
            let Digests { sha256, sha512 } = digests;
            Ok(Code { code_type, filename, url: String::new(), sha256, sha512, size, root, entry })
        })
        .await
    }

    /// The package as uploaded.
    ///
    /// # Errors
    /// [`Error::Internal`] when it is gone, or its bytes are not the ones its digest says.
    pub async fn package(&self, code: &Code) -> Result<Bytes, Error> {
        self.inner.packages.blobs.get(&code.sha256).await
    }

    /// The package as uploaded, piece by piece. All of it was compared with its digest before the first piece.
    ///
    /// # Errors
    /// As [`Store::package`].
    pub async fn package_stream(&self, sha256: &str) -> Result<BoxStream<'static, Result<Bytes, Error>>, Error> {
        let blobs = self.inner.packages.blobs.clone();
        blobs.check(sha256).await?;
        Ok(blobs.pieces(sha256.to_owned()).boxed())
    }
}

impl Packages {
    pub(crate) fn new(folders: Folders, compile: Compile) -> Result<Self, Error> {
        let blobs = Blobs::open(&folders.blobs())?;
        let unpacking = Semaphore::new(UNPACKING);
        let (moving, turns, uploaded) = (RwLock::default(), Default::default(), Mutex::default());
        Ok(Self { folders, blobs, compile, unpacking, moving, turns, uploaded })
    }

    pub(crate) fn faults(&self) -> &Faults {
        &self.folders.faults
    }

    /// What instances see as their code.
    pub(crate) fn root(&self, sha256: &str) -> PathBuf {
        tree::root(&self.folders, sha256)
    }

    /// Whether `code/` has it whole. Looks at the marker only.
    pub(crate) async fn installed(&self, sha256: &str) -> Result<bool, Error> {
        let (folders, sha256) = (self.folders.clone(), sha256.to_owned());
        blocking(move || Ok(tree::marker(&folders, &sha256).is_some())).await
    }

    async fn put(&self, zip: Bytes) -> Result<(Digests, Entry), Error> {
        let hashed = zip.clone();
        let digests = blocking(move || Ok(Digests::of(&hashed))).await?;
        self.uploaded.lock().insert(digests.sha256.clone(), Instant::now());
        let entry = self.install((&digests.sha256, Role::Code), zip, Source::Upload).await?;
        Ok((digests, entry))
    }

    /// Checks, stores and unpacks a package that completes code; gives its digest.
    pub(crate) async fn put_dependency(&self, zip: Bytes) -> Result<String, Error> {
        let hashed = zip.clone();
        let sha256 = blocking(move || Ok(hex::encode(Sha256::digest(&hashed)))).await?;
        self.keep_for_now([sha256.clone(), Role::Dependency.folder(&sha256)]);
        self.install((&sha256, Role::Dependency), zip, Source::Upload).await?;
        Ok(sha256)
    }

    /// What a deploy under way may be about to use.
    fn keep_for_now(&self, names: impl IntoIterator<Item = String>) {
        let now = Instant::now();
        self.uploaded.lock().extend(names.into_iter().map(|name| (name, now)));
    }

    /// Makes the folder that instances see of code with dependencies, unless it is there whole; whether it had to.
    pub(crate) async fn merge(&self, sha256: &str, dependencies: &[Dependency]) -> Result<bool, Error> {
        let name = merged::name(sha256, dependencies);
        // The later wins over the earlier, the code over all of them.
        let layers = dependencies.iter().rev().map(|dependency| (dependency.sha256.as_str(), Role::Dependency));
        let layers: Vec<_> = std::iter::once((sha256, Role::Code)).chain(layers).collect();
        self.keep_for_now(layers.iter().map(|(sha256, role)| role.folder(sha256)).chain([name.clone()]));
        if dependencies.is_empty() || self.whole(&name).await?.is_some() {
            return Ok(false);
        }
        for (sha256, role) in &layers {
            self.restore(sha256, *role).await?;
        }
        let folders: Vec<_> = layers.iter().map(|(sha256, role)| role.folder(sha256)).collect();
        let staged = self.stage_merged(&name, folders).await?;
        let staged = self.sync(staged).await?;
        let _appearing = self.appearing(&name).await;
        self.place(&name, Ok(staged)).await?;
        Ok(true)
    }

    async fn stage_merged(&self, name: &str, layers: Vec<String>) -> Result<tree::Staged, Error> {
        let _permit = self.unpacking.acquire().await.map_err(|cause| internal("the store is closed", cause))?;
        let (folders, own) = (self.folders.clone(), name.to_owned());
        let staged = blocking(move || tree::stage_merged(&folders, &own, &layers)).await?;
        let compiled = self.compile.compile(staged.root()).await;
        let own = name.to_owned();
        blocking(move || tree::complete(&own, staged, compiled)).await
    }

    /// Brings a package, whose digest is known, into `blobs/` and `code/`.
    async fn install(&self, (sha256, role): (&str, Role), zip: Bytes, source: Source) -> Result<Entry, Error> {
        let folder = role.folder(sha256);
        let staged = match self.whole(&folder).await? {
            Some(entry) => Err(entry),
            None => Ok(self.unpack((sha256, role), zip.clone()).await?),
        };
        let _appearing = self.appearing(sha256).await;
        let synced = async {
            match staged {
                Ok(staged) => self.sync(staged).await.map(Ok),
                Err(entry) => Ok(Err(entry)),
            }
        };
        let put = async {
            match source {
                Source::Upload => self.blobs.put(sha256, zip).await,
                Source::Blob => Ok(Put::There),
            }
        };
        // Each waits for the disk; neither needs the other.
        let (staged, put) = tokio::join!(synced, put);
        let new = matches!(put, Ok(Put::New));
        let placed = match (staged, put) {
            (Ok(staged), Ok(_)) => self.place(&folder, staged).await,
            (Err(cause), _) => Err(cause),
            (Ok(staged), Err(cause)) => {
                // Here, and not where it falls out of scope: removing many files blocks.
                blocking(move || {
                    drop(staged);
                    Ok(())
                })
                .await?;
                Err(cause)
            }
        };
        if placed.is_err() && new {
            self.blobs.remove(sha256).await;
        }
        placed
    }

    /// Until the guards are dropped nothing leaves, and nothing else appears under this name.
    async fn appearing(&self, name: &str) -> Appearing<'_> {
        let place = name.bytes().fold(0usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
        let turn = self.turns.get(place % TURNS);
        let turn = OptionFuture::from(turn.map(tokio::sync::Mutex::lock)).await;
        Appearing { _turn: turn, _moving: self.moving.read().await }
    }

    /// How it starts, if `code/` has all files of this folder.
    async fn whole(&self, folder: &str) -> Result<Option<Entry>, Error> {
        let (folders, folder) = (self.folders.clone(), folder.to_owned());
        blocking(move || Ok(tree::whole(&folders, &folder))).await
    }

    async fn unpack(&self, (sha256, role): (&str, Role), zip: Bytes) -> Result<tree::Staged, Error> {
        let _permit = self.unpacking.acquire().await.map_err(|cause| internal("the store is closed", cause))?;
        let (folders, name) = (self.folders.clone(), sha256.to_owned());
        let staged = blocking(move || tree::stage(&folders, (&name, role), &zip)).await?;
        let compiled = match role {
            Role::Code => self.compile.compile(staged.root()).await,
            // Only the code it will complete says for which Python.
            Role::Dependency => Vec::new(),
        };
        let name = sha256.to_owned();
        blocking(move || tree::complete(&name, staged, compiled)).await
    }

    async fn sync(&self, staged: tree::Staged) -> Result<tree::Staged, Error> {
        let folders = self.folders.clone();
        blocking(move || tree::sync(&folders, staged)).await
    }

    async fn place(&self, sha256: &str, staged: Result<tree::Staged, Entry>) -> Result<Entry, Error> {
        let failed = |cause| internal("cannot keep the package", cause);
        self.faults().reach(Step::Stored).map_err(failed)?;
        let (folders, sha256) = (self.folders.clone(), sha256.to_owned());
        let entry = blocking(move || match staged {
            Ok(staged) => tree::place(&folders, &sha256, staged),
            Err(entry) => Ok(entry),
        })
        .await?;
        self.faults().reach(Step::Placed).map_err(failed)?;
        Ok(entry)
    }

    /// Unpacks a stored package again if `code/` does not have it whole; whether it had to. What is there in part goes first, so
    /// that nothing runs it if this fails.
    pub(crate) async fn restore(&self, sha256: &str, role: Role) -> Result<bool, Error> {
        let folder = role.folder(sha256);
        if self.whole(&folder).await?.is_some() {
            return Ok(false);
        }
        let folders = self.folders.clone();
        blocking(move || tree::remove(&folders, &folder)).await?;
        let zip = self.blobs.get(sha256).await?;
        self.install((sha256, role), zip, Source::Blob).await?;
        Ok(true)
    }

    /// Empties `tmp/` and removes what unfinished writes left in `blobs/`; then makes everything that is there durable, because
    /// the process that wrote it may have ended before it did.
    pub(crate) async fn clear_unfinished(&self) -> Result<(), Error> {
        let folders = self.folders.clone();
        blocking(move || tree::clear_unfinished(&folders)).await
    }

    /// Takes out packages and folders whose digest is not in `used`, that were not uploaded in the last `grace`, and whose files
    /// are older than that. The folders are still to be deleted.
    pub(crate) async fn collect(&self, used: &HashSet<String>, grace: Duration) -> Result<Garbage, Error> {
        let _moving = self.moving.write().await;
        let mut keep = used.clone();
        {
            let mut uploaded = self.uploaded.lock();
            uploaded.retain(|_, at| at.elapsed() < grace);
            keep.extend(uploaded.keys().cloned());
        }
        let blobs = self.blobs.collect(&keep, grace).await?;
        let folders = self.folders.clone();
        let folders = blocking(move || tree::collect(&folders, &keep, grace)).await?;
        Ok(Garbage { blobs, folders })
    }
}

/// What was taken out.
#[derive(Debug)]
pub(crate) struct Garbage {
    blobs: usize,
    folders: Vec<PathBuf>,
}

impl Garbage {
    /// Deletes the folders, which takes longer than anyone should wait for. Gives how many things went.
    pub(crate) async fn delete(self) -> Result<usize, Error> {
        let removed = self.blobs + self.folders.len();
        blocking(move || {
            self.folders.iter().for_each(|path| tree::discard(path));
            Ok(removed)
        })
        .await
    }
}

/// Where an installation's bytes come from.
#[derive(Clone, Copy, Debug)]
enum Source {
    Upload,
    Blob,
}

/// The bytes of a package that was fetched into a file.
pub(crate) async fn fetched(mut file: File) -> Result<Bytes, Error> {
    blocking(move || {
        let failed = |cause: io::Error| internal("cannot read the package that was fetched", cause);
        let size = file.metadata().map_err(failed)?.len();
        let limit = limits::FETCHED_PACKAGE_BYTES;
        if size > limit {
            return Err(Error::PackageTooLarge { size, limit });
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        file.rewind().and_then(|()| file.read_to_end(&mut bytes)).map_err(failed)?;
        Ok(Bytes::from(bytes))
    })
    .await
}

/// File system work, away from the threads that serve requests.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    let span = tracing::Span::current();
    let task = tokio::task::spawn_blocking(move || span.in_scope(work));
    task.await.unwrap_or_else(|cause| Err(internal("work on the data folder broke off", cause)))
}
