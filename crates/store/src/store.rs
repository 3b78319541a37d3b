//! The handle everybody holds, and what is behind it.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use model::snapshot::Snapshots;
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use crate::code::{Compile, Packages};
use crate::database::Database;
use crate::error::{Error, internal};
use crate::faults::{Faults, Step};
use crate::folders::{Folders, Lock};
use crate::identity::{self, Directory};
use crate::settings::Settings;
use crate::snapshot::Apis;
use crate::{audit, garbage, snapshot};

/// Where the store lies and how its secrets are sealed.
#[derive(Clone, Debug)]
pub struct Config {
    /// The data folder; the store owns `meta.db`, `store.lock`, `blobs/`, `code/` and `tmp/` in it.
    pub data_dir: PathBuf,
    /// Seals secret keys and encrypted user data. The same one must be given for the life of the folder.
    pub key: auth::seal::Key,
    /// Region of this installation at its first start; later the stored one wins.
    pub region: String,
    /// Functions that a project may have, at least 1.
    pub functions: usize,
    /// Makes byte code of packages as they are unpacked.
    pub compile: Compile,
}

/// What survives a restart, and the Snapshot of it. A cheap clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) database: Database,
    pub(crate) packages: Packages,
    pub(crate) key: auth::seal::Key,
    pub(crate) settings: Settings,
    /// Functions that a project may have.
    pub(crate) functions: u64,
    pub(crate) directory: Arc<Directory>,
    /// When each access key last signed something, as far as it was noted in this process.
    pub(crate) last_used: Mutex<HashMap<String, Timestamp>>,
    pub(crate) snapshots: Arc<Snapshots>,
    /// Of the last Snapshot.
    pub(crate) apis: Mutex<Arc<Apis>>,
    pub(crate) generation: watch::Sender<u64>,
    pub(crate) tasks: TaskTracker,
    lock: Mutex<Option<Lock>>,
}

impl Store {
    /// Opens or makes the database and brings its tables up to date; makes the domain, the project, its default group, the first user
    /// and an access key when there is none; unpacks code that is missing; publishes the first Snapshot.
    ///
    /// # Errors
    /// [`Error::Internal`] with what to do: the folder cannot be written, another process has it open, the database is damaged
    /// or of a newer funcd, the key is not the one it was sealed with. [`Error::DiskFull`].
    pub async fn open(config: Config) -> Result<Self, Error> {
        Self::open_with(config, Faults::none()).await
    }

    pub(crate) async fn open_with(config: Config, faults: Faults) -> Result<Self, Error> {
        let Config { data_dir, key, region, functions, compile } = config;
        let folders = Folders::make(&data_dir, faults.clone())?;
        let lock = folders.lock()?;
        let database = Database::open(&folders.database()?, &key).await?;
        faults.reach(Step::Migrated).map_err(|cause| internal("cannot prepare the database", cause))?;

        let settings = Settings::load_or_make(&database, &key, &region).await?;
        faults.reach(Step::Settled).map_err(|cause| internal("cannot prepare the database", cause))?;
        let identities = {
            let mut turn = database.turn().await?;
            identity::load(&mut turn.transaction, &settings, &key).await?
        };
        let directory = Arc::new(Directory::new(identities, key.clone()));
        let packages = Packages::new(folders, compile)?;
        garbage::recover(&database, &packages).await?;

        let inner = Inner {
            database,
            packages,
            key,
            settings,
            functions: functions as u64,
            directory,
            last_used: Mutex::default(),
            snapshots: Arc::default(),
            apis: Mutex::default(),
            generation: watch::Sender::new(0),
            tasks: TaskTracker::new(),
            lock: Mutex::new(Some(lock)),
        };
        snapshot::publish_first(&inner).await?;
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The Snapshots as they are published; the current one is always whole.
    pub fn snapshots(&self) -> Arc<Snapshots> {
        Arc::clone(&self.inner.snapshots)
    }

    /// Changes to the generation number after each published Snapshot.
    pub fn generation(&self) -> watch::Receiver<u64> {
        self.inner.generation.subscribe()
    }

    /// Region of this installation.
    pub fn region(&self) -> &str {
        &self.inner.settings.region
    }

    /// The project made at the first start.
    pub fn project(&self) -> &str {
        &self.inner.settings.project
    }

    /// Id of the account that everything belongs to.
    pub fn domain(&self) -> &str {
        &self.inner.settings.domain
    }

    /// Functions that a project may have.
    pub fn function_limit(&self) -> u64 {
        self.inner.functions
    }

    /// Seals bytes so that only this installation can open them, and only as what `context` says they are.
    pub fn seal(&self, context: &str, plain: &[u8]) -> Vec<u8> {
        self.inner.key.seal(&sealed_for(context), plain)
    }

    /// Opens what [`Store::seal`] gave for the same `context`; nothing for anything else.
    pub fn unseal(&self, context: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        self.inner.key.open(&sealed_for(context), sealed).ok()
    }

    /// Waits for the changes under way, closes the database and lets the folder go. Later changes and listings fail; what is in
    /// memory stays.
    pub async fn close(&self) {
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
        self.inner.database.close().await;
        self.inner.lock.lock().take();
    }

    /// Runs a change to its end even when the caller goes away: a transaction that commits is always published.
    pub(crate) async fn finish<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Error> {
        let actor = audit::actor();
        let task = self.inner.tasks.spawn(audit::acting(actor, work).in_current_span());
        task.await.unwrap_or_else(|cause| Err(internal("a change of the store broke off", cause)))
    }
}

/// Apart from the contexts of what is sealed in the database.
fn sealed_for(context: &str) -> String {
    format!("outside/{context}")
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let generation = *self.inner.generation.borrow();
        f.debug_struct("Store").field("generation", &generation).finish_non_exhaustive()
    }
}
