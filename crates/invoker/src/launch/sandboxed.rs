//! Instances in real sandboxes.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::os::fd::{AsFd as _, AsRawFd, OwnedFd, RawFd};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use arc_swap::ArcSwap;
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use model::function::{Entry, Mount, Version};
use model::secret::Secret;
use model::{Error, Kind};
use sandbox::{Jail, Launcher, Spec, Starting};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::watch::Watch;
use super::{Launch, Launched, Memory, Order, Process, Socket, Usage, reach, spec};

/// How long a start may take until the program is executed: it takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long until a launcher that could not be started is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// Starts instances in sandboxes of this host.
#[derive(Clone)]
pub struct Sandboxed {
    pub(super) launcher: Arc<Launcher>,
    pub(super) mounts: Arc<ArcSwap<Vec<Mount>>>,
    variables: Arc<OpenVariables>,
}

/// Opens the encrypted variables of a version, for one instance.
type OpenVariables = dyn Fn(&Version) -> Result<BTreeMap<String, Secret>, Error> + Send + Sync;

impl Sandboxed {
    /// Over a launcher process that runs; `mounts` are the runtimes that instances see, looked at for each start.
    pub fn new(launcher: Arc<Launcher>, mounts: Arc<ArcSwap<Vec<Mount>>>) -> Self {
        let none = |version: &Version| match version.config.encrypted_user_data.is_empty() {
            true => Ok(BTreeMap::new()),
            false => Err(Error::new(Kind::Internal).detail("nothing here opens encrypted variables")),
        };
        Self { launcher, mounts, variables: Arc::new(none) }
    }

    /// Opens encrypted variables by `open`, which is called once for each instance; nothing keeps what it gives.
    #[must_use]
    pub fn with_variables(
        self,
        open: impl Fn(&Version) -> Result<BTreeMap<String, Secret>, Error> + Send + Sync + 'static,
    ) -> Self {
        Self { variables: Arc::new(open), ..self }
    }

    /// Starts the launcher process again whenever it ends, at once and not only for the next instance; for ever.
    pub async fn keep(self) {
        loop {
            let socket = self.launcher.socket();
            if let Err(error) = ended(Arc::clone(&socket)).await {
                tracing::warn!(%error, "launcher.not_watched");
                return;
            }
            tracing::warn!("launcher.ended");
            let launcher = Arc::clone(&self.launcher);
            let renewed = tokio::task::spawn_blocking(move || launcher.renew(&socket)).await;
            match renewed.map_err(|error| internal(&error)).and_then(|done| done.map_err(|error| internal(&error))) {
                Ok(()) => tracing::info!("launcher.started_again"),
                Err(error) => {
                    tracing::error!(%error, "launcher.not_started_again");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }
}

/// Waits until the process at the other end of `socket`, on which it says nothing, is gone.
async fn ended(socket: Arc<OwnedFd>) -> io::Result<()> {
    #[allow(deprecated, reason = "what replaces it is unsafe; the descriptor is owned here")]
    let socket = AsyncFd::with_interest(socket, Interest::READABLE)?;
    socket.readable().await.map(drop)
}

impl fmt::Debug for Sandboxed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandboxed").field("mounts", &self.mounts).finish_non_exhaustive()
    }
}

impl Launch for Sandboxed {
    fn launch(&self, order: Order) -> BoxFuture<'static, Result<Launched, Error>> {
        let Self { launcher, mounts, variables } = self.clone();
        Box::pin(async move {
            let entry = order.version.code.entry;
            let spec = spec::spec(&order, &variables(&order.version)?, &mounts.load());
            let started = start(launcher, spec).await?;
            started.map_err(|error| not_executed(entry, &error).unwrap_or_else(|| internal(&error)))
        })
    }

    fn memory(&self) -> io::Result<Memory> {
        Memory::read()
    }
}

/// Starts a process: everything that is needed to look after it is made ready while it still comes to be. What is dropped on
/// the way, or because nobody waits any more, ends it.
pub(super) async fn start(launcher: Arc<Launcher>, spec: Spec) -> Result<Result<Launched, sandbox::Error>, Error> {
    let starting = match launcher.try_begin(&spec) {
        Ok(Some(starting)) => Ok(starting),
        // The launcher process is gone, or has a great many requests.
        Ok(None) => {
            let begin = tokio::task::spawn_blocking(move || launcher.begin(&spec));
            begin.await.map_err(|error| internal(&error))?
        }
        Err(error) => Err(error),
    };
    let answered = async {
        let jail = match answer(starting?).await {
            Ok(jail) => Arc::new(jail?),
            Err(error) => return Ok(Err(internal(&error))),
        };
        let mut watch = match Watch::new(Arc::clone(&jail)) {
            Ok(watch) => watch,
            Err(error) => return Ok(Err(internal(&error))),
        };
        watch.executed().await?;
        Ok(Ok(Launched { process: Arc::new(Jailed(jail)), events: watch.events().boxed() }))
    };
    match tokio::time::timeout(PATIENCE, answered).await {
        Ok(Ok(Ok(launched))) => Ok(Ok(launched)),
        Ok(Ok(Err(internal))) => Err(internal),
        Ok(Err(error)) => Ok(Err(error)),
        Err(_) => Err(Error::new(Kind::Internal).detail("the launcher process does not answer")),
    }
}

/// Waits for what the launcher has to give.
async fn answer(starting: Starting) -> io::Result<Result<Jail, sandbox::Error>> {
    #[allow(deprecated, reason = "what replaces it is unsafe; the start owns its descriptor, as it must")]
    let starting = AsyncFd::with_interest(Lease(starting), Interest::READABLE)?;
    loop {
        let mut ready = starting.readable().await?;
        match starting.get_ref().0.jail().transpose() {
            Some(answer) => return Ok(answer),
            None => ready.clear_ready(),
        }
    }
}

/// A start that is under way, as its descriptor.
struct Lease(Starting);

impl AsRawFd for Lease {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_fd().as_raw_fd()
    }
}

fn internal(error: &dyn std::error::Error) -> Error {
    Error::new(Kind::Internal).detail(format!("the sandbox could not be started: {}", chain(error)))
}

/// The start of a bootstrap that is no program is the owner's to mend, not ours.
fn not_executed(entry: Entry, error: &sandbox::Error) -> Option<Error> {
    let sandbox::Error::Step { step, source, .. } = error else { return None };
    if entry != Entry::Direct || !step.starts_with("execute ") {
        return None;
    }
    let hint = match source.kind() {
        io::ErrorKind::NotFound => "the interpreter that its first line names does not exist in the instance",
        _ => "it must be a script that begins with #! or a program for this processor",
    };
    Some(Error::new(Kind::ExitedAtStart).detail(format!("bootstrap cannot be executed: {source}; {hint}")))
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let next = error.to_string();
        // Many errors already end with what their source says.
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        source = error.source();
    }
    text
}

struct Jailed(Arc<Jail>);

impl Process for Jailed {
    fn connect(&self) -> BoxFuture<'static, io::Result<Socket>> {
        let socket = self.0.socket();
        Box::pin(async move { reach::connect(socket?).await })
    }

    fn terminate(&self) {
        if let Err(error) = self.0.terminate() {
            tracing::debug!(pid = self.0.pid, %error, "instance.terminate");
        }
    }

    fn kill(&self) {
        if let Err(error) = self.0.kill() {
            tracing::warn!(pid = self.0.pid, %error, "instance.kill");
        }
    }

    fn usage(&self) -> Usage {
        Usage { memory_bytes: self.0.memory_bytes(), oom_kills: self.0.oom_kills() }
    }

    fn freeze(&self) -> io::Result<()> {
        self.0.freeze().map_err(io::Error::other)
    }

    fn is_frozen(&self) -> bool {
        self.0.is_frozen()
    }

    fn thaw(&self) -> io::Result<()> {
        self.0.thaw().map_err(io::Error::other)
    }

    fn page_out(&self, stop: &AtomicBool) -> io::Result<u64> {
        self.0.page_out(stop).map_err(io::Error::other)
    }
}
