//! The warm path for a profiler: the real gateway, invoker and telemetry in one process, one function, no control plane, no sandbox.
//!
//! `warm-path FOLDER SERVER` serves the server at that address as a function with its state in `FOLDER`, prints the gateway's address,
//! and ends when its input does. At `/` the function may be called at will, at `/used-up` once a day. `funcd up` itself cannot be watched by Valgrind, which has neither seccomp nor process descriptors.
#![forbid(unsafe_code)]

use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use gateway::Gateway;
use invoker::{Around, Event, Invoker, Launch, Launched, Memory, Order, Process, Socket, Usage};
use model::apig::policies::{Binding, Book, Kind};
use model::apig::throttles::{self, Limits, Period, Unit};
use model::apig::{Definition, Published};
use model::function::{Code, Config as Settings, Entry, Function, Version};
use model::snapshot::{Snapshot, Snapshots};
use model::trigger::{Group, RELEASE_ENV_ID};
use model::urn::{FunctionId, Qualifier};
use telemetry::Telemetry;
use tokio::sync::watch;

/// An instance that is there already: a server on this host.
struct Outside(SocketAddr);

impl Launch for Outside {
    fn launch(&self, _: Order) -> BoxFuture<'static, Result<Launched, model::Error>> {
        let process = Arc::new(Self(self.0));
        let events = futures_util::stream::iter([Event::Ready]).chain(futures_util::stream::pending()).boxed();
        Box::pin(async move { Ok(Launched { process, events }) })
    }

    /// Never short.
    fn memory(&self) -> io::Result<Memory> {
        Ok(Memory::default())
    }
}

impl Process for Outside {
    fn connect(&self) -> BoxFuture<'static, io::Result<Socket>> {
        let address = self.0;
        Box::pin(async move {
            let stream = tokio::net::TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            Ok(Box::new(stream) as Socket)
        })
    }

    fn terminate(&self) {}

    fn kill(&self) {}

    fn usage(&self) -> Usage {
        Usage::default()
    }

    fn freeze(&self) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn is_frozen(&self) -> bool {
        false
    }

    fn thaw(&self) -> io::Result<()> {
        Ok(())
    }

    fn page_out(&self, _: &AtomicBool) -> io::Result<u64> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(server)) = (arguments.next(), arguments.next()) else {
        bail!("usage: warm-path FOLDER SERVER");
    };
    let server = server.parse().with_context(|| format!("'{server}' is not an address and port"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(serve(server, Path::new(&folder)))?;
    // Its process cannot be ended, so there is nothing to wait for.
    runtime.shutdown_background();
    Ok(())
}

async fn serve(server: SocketAddr, folder: &Path) -> Result<()> {
    let telemetry = Telemetry::open(telemetry::Config::new(folder.join("logs")))?;
    let snapshots = Arc::new(Snapshots::default());
    snapshots.publish(snapshot());
    let (_generation, generation) = watch::channel(1);
    let around = Around {
        launcher: Arc::new(Outside(server)),
        snapshots: Arc::clone(&snapshots),
        generation,
        telemetry: telemetry.clone(),
    };
    let invoker = Invoker::new(invoker::Config::default(), around, tokio::runtime::Handle::current());
    let mut config = gateway::Config::new(SocketAddr::from(([127, 0, 0, 1], 0)));
    config.threads = NonZeroUsize::MIN;
    let around = (snapshots, Arc::new(auth::identity::Directory::nobody()));
    let gateway = Gateway::start(config, around, Arc::new(invoker.clone()), telemetry.clone())?;
    let mut output = io::stdout();
    writeln!(output, "{}", gateway.local_addr())?;
    output.flush()?;
    tokio::task::spawn_blocking(|| io::stdin().read_to_end(&mut Vec::new())).await??;
    gateway.drain(Duration::from_secs(5)).await;
    invoker.stop_now();
    tokio::task::spawn_blocking(move || telemetry.flush()).await?;
    Ok(())
}

/// One function at the bare address, with room for a hundred requests at once.
fn snapshot() -> Snapshot {
    let text = |text: &str| text.to_owned();
    let id = FunctionId { region: text("r"), project: text("p"), package: text("default"), name: text("f") };
    let code = Code {
        code_type: text("zip"),
        filename: text("index.zip"),
        sha256: "0".repeat(64),
        sha512: String::new(),
        url: String::new(),
        size: 0,
        root: PathBuf::new(),
        entry: Entry::Shell,
    };
    let mut config = Settings::new("http", "bootstrap");
    config.memory_mb = 4096;
    config.concurrent_num = 100;
    let latest = Arc::new(Version { function: id.clone(), qualifier: Qualifier::Latest, revision: 1, config, code });
    let function = Function::new("f", model::time::now(), latest);
    let group = Group { id: text("g"), project: text("p"), name: text("g"), domain: None };
    let definition = Definition { timeout_ms: 60_000, ..Definition::new(&id, "g", "/") };
    let limited = Definition { timeout_ms: 60_000, ..Definition::new(&id, "g", "/used-up") };
    let apis = [Published::in_release("a", &id, definition), Published::in_release("limited", &id, limited)];
    Snapshot::build_with(1, vec![Arc::new(function)], &[group], &apis, Arc::new(once_a_day("limited")))
}

/// A throttling policy of one call a day for an API.
fn once_a_day(api: &str) -> Book {
    let (text, created) = (|text: &str| text.to_owned(), model::time::now());
    let throttle = throttles::Policy {
        id: text("t"),
        project: text("p"),
        name: text("t"),
        remark: String::new(),
        shared: false,
        period: Period { interval: 1, unit: Unit::Day },
        limits: Limits { api: Some(1), user: Some(1), app: Some(1), ip: Some(1) },
        created,
    };
    let binding = Binding {
        id: text("b"),
        kind: Kind::Throttle,
        policy_id: text("t"),
        api_id: text(api),
        env_id: text(RELEASE_ENV_ID),
        created,
    };
    let mut book = Book::default();
    book.throttles.insert(text("t"), throttle);
    book.bindings.insert(text("b"), binding);
    book
}
