//! The warm path for a profiler: the real gateway, invoker and telemetry in one process, one function, no control plane.
//!
//! `warm-path FUNCD FOLDER CODE` starts `FUNCD launcher` for the sandbox (as a process of its own, which a profiler need not follow),
//! serves the function in `CODE` with its state in `FOLDER`, prints the gateway's address, and ends when its input does. `funcd up`
//! itself refuses to run under Valgrind, which hides seccomp from it.
#![forbid(unsafe_code)]

use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use arc_swap::ArcSwap;
use gateway::Gateway;
use invoker::{Around, Invoker, Sandboxed};
use model::function::{Code, Config as Settings, Entry, Function, Version};
use model::snapshot::{Snapshot, Snapshots};
use model::trigger::{Api, Auth, Group, Kind, MatchMode, Trigger};
use model::urn::{FunctionId, Qualifier};
use telemetry::Telemetry;
use tokio::sync::watch;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &str| {
        arguments.next().with_context(|| format!("usage: warm-path FUNCD FOLDER CODE ({what} is missing)"))
    };
    let (funcd, folder, code) = (next("FUNCD")?, PathBuf::from(next("FOLDER")?), PathBuf::from(next("CODE")?));
    let launcher = sandbox::Launcher::start(&sandbox::Config {
        run_dir: folder.join("run"),
        cgroup: format!("funcd-warm-path-{}", std::process::id()),
        blanks: 1,
        helper: vec![funcd, "launcher".to_owned()],
    })?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(serve(launcher, &folder, code))
}

async fn serve(launcher: sandbox::Launcher, folder: &Path, code: PathBuf) -> Result<()> {
    let telemetry = Telemetry::open(telemetry::Config::new(folder.join("logs")))?;
    let snapshots = Arc::new(Snapshots::default());
    snapshots.publish(snapshot(code));
    let (_generation, generation) = watch::channel(1);
    let around = Around {
        launcher: Arc::new(Sandboxed::new(Arc::new(launcher), Arc::new(ArcSwap::default()))),
        snapshots: Arc::clone(&snapshots),
        generation,
        telemetry: telemetry.clone(),
    };
    let invoker = Invoker::new(invoker::Config::default(), around, tokio::runtime::Handle::current());
    let mut config = gateway::Config::new(SocketAddr::from(([127, 0, 0, 1], 0)));
    config.threads = NonZeroUsize::MIN;
    let gateway = Gateway::start(config, snapshots, Arc::new(invoker.clone()), telemetry.clone())?;
    let mut output = std::io::stdout();
    writeln!(output, "{}", gateway.local_addr())?;
    output.flush()?;
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    gateway.drain(Duration::from_secs(5)).await;
    invoker.drain(Duration::from_secs(5)).await;
    tokio::task::spawn_blocking(move || telemetry.flush()).await?;
    Ok(())
}

/// One function at the bare address, with room for a hundred requests at once.
fn snapshot(root: PathBuf) -> Snapshot {
    let text = |text: &str| text.to_owned();
    let id = FunctionId { region: text("r"), project: text("p"), package: text("default"), name: text("f") };
    let code = Code {
        code_type: text("zip"),
        filename: text("index.zip"),
        sha256: "0".repeat(64),
        sha512: String::new(),
        size: 0,
        root,
        entry: Entry::Shell,
    };
    let mut config = Settings::new("http", "bootstrap");
    config.memory_mb = 4096;
    config.concurrent_num = 100;
    let latest = Arc::new(Version { function: id.clone(), qualifier: Qualifier::Latest, revision: 1, config, code });
    let at = model::time::now();
    let function = Function { func_id: text("f"), id: id.clone(), created: at, modified: at, latest };
    let group = Group { id: text("g"), project: text("p"), name: text("g"), domain: None };
    let api = Api {
        id: text("a"),
        name: text("a"),
        group_id: text("g"),
        path: text("/"),
        match_mode: MatchMode::Prefix,
        method: None,
        protocol: text("HTTP"),
        auth: Auth::None,
        timeout_ms: 60_000,
        visibility: 1,
        env_id: String::new(),
        env_name: String::new(),
        instance_id: None,
    };
    let kind = Kind::Apig;
    let trigger =
        Trigger { id: text("t"), function: id, qualifier: Qualifier::Latest, kind, created: at, updated: at, api };
    Snapshot::build(1, vec![Arc::new(function)], &[group], &[trigger])
}
