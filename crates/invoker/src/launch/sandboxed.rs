//! Instances in real sandboxes.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use arc_swap::ArcSwap;
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use model::function::{Entry, Mount};
use model::{Error, Kind};
use sandbox::{Jail, Launcher};

use super::{Launch, Launched, Memory, Order, Process, Socket, Usage, reach, spec, watch};

/// Starts instances in sandboxes of this host.
#[derive(Clone)]
pub struct Sandboxed {
    launcher: Arc<Launcher>,
    mounts: Arc<ArcSwap<Vec<Mount>>>,
}

impl Sandboxed {
    /// Over a launcher process that runs; `mounts` are the runtimes that instances see, looked at for each start.
    pub fn new(launcher: Arc<Launcher>, mounts: Arc<ArcSwap<Vec<Mount>>>) -> Self {
        Self { launcher, mounts }
    }
}

impl fmt::Debug for Sandboxed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandboxed").field("mounts", &self.mounts).finish_non_exhaustive()
    }
}

impl Launch for Sandboxed {
    fn launch(&self, order: Order) -> BoxFuture<'static, Result<Launched, Error>> {
        let Self { launcher, mounts } = self.clone();
        Box::pin(async move {
            let entry = order.version.code.entry;
            let work = move || launcher.launch(&spec::spec(&order, &mounts.load()));
            // The jail of a start that nobody waits for any more is dropped, and with it the process ended.
            let jail = tokio::task::spawn_blocking(work).await.map_err(|error| internal(&error))?;
            let jail = jail.map_err(|error| not_executed(entry, &error).unwrap_or_else(|| internal(&error)))?;
            let jail = Arc::new(jail);
            let events = watch::events(Arc::clone(&jail)).map_err(|error| internal(&error))?.boxed();
            Ok(Launched { process: Arc::new(Jailed(jail)), events })
        })
    }

    fn memory(&self) -> io::Result<Memory> {
        Memory::read()
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
        let usage = self.0.usage();
        Usage { memory_bytes: usage.memory_bytes, oom_kills: usage.oom_kills }
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
