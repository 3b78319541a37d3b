//! What every test starts from: an invoker with its own sandboxes, and a function made of files.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use invoker::{Around, Config, Invoker, Sandboxed};
use model::Error;
use model::function::{Code, Config as Settings, Entry, Function, Mount, Version};
use model::invoke::{Body, Invocation, Invoke as _, Source};
use model::snapshot::{Snapshot, Snapshots};
use model::urn::{FunctionId, Qualifier};
use telemetry::{Query, Telemetry};
use tempfile::TempDir;
use tokio::runtime::Handle;
use tokio::sync::watch;

/// A server with one path for each thing that can happen.
pub(crate) const SERVER: &str = include_str!("server.py");

static COUNT: AtomicU32 = AtomicU32::new(0);

pub(crate) struct World {
    pub(crate) invoker: Invoker,
    pub(crate) telemetry: Telemetry,
    pub(crate) sandboxed: Sandboxed,
    snapshots: Arc<Snapshots>,
    generation: watch::Sender<u64>,
    pub(crate) folder: TempDir,
}

impl World {
    /// `None`, said aloud, where these tests cannot run.
    pub(crate) fn new(config: Config) -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            eprintln!("SKIPPED: real sandboxes need root");
            return None;
        }
        let folder = TempDir::new().unwrap();
        // Instances run as nobody of this host.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let own = std::env::current_exe().unwrap().into_os_string().into_string().unwrap();
        let helper = [&own, "launcher", "--exact", "--ignored", "--nocapture", "--test-threads=1"];
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let launcher = sandbox::Launcher::start(&sandbox::Config {
            run_dir: folder.path().join("run"),
            cgroup: format!("funcd-invoker-test-{}-{number}", std::process::id()),
            blanks: 1,
            read_rate: 0,
            helper: helper.iter().map(|word| (*word).to_owned()).collect(),
        });
        let telemetry = Telemetry::open(telemetry::Config::new(folder.path().join("telemetry"))).unwrap();
        let (generation, receiver) = watch::channel(0);
        let snapshots = Arc::new(Snapshots::default());
        // A runtime whose folder was removed is nobody's trouble.
        let mount = Mount { source: folder.path().join("gone"), target: "/opt/function/runtime/gone".into() };
        let sandboxed = Sandboxed::new(Arc::new(launcher.unwrap()), Arc::new(ArcSwap::from_pointee(vec![mount])));
        let around = Around {
            launcher: Arc::new(sandboxed.clone()),
            snapshots: Arc::clone(&snapshots),
            generation: receiver,
            telemetry: telemetry.clone(),
        };
        let invoker = Invoker::new(config, around, Handle::current());
        Some(Self { invoker, telemetry, sandboxed, snapshots, generation, folder })
    }

    /// A version of the function `f` from a bootstrap and a `server.py`, and makes it the current one.
    pub(crate) fn deploy(&self, bootstrap: &str, set: impl FnOnce(&mut Settings)) -> Arc<Version> {
        let revision = *self.generation.borrow() + 1;
        let root = self.folder.path().join(format!("code-{revision}"));
        let direct = bootstrap.starts_with("#!");
        write(&root, "bootstrap", bootstrap, direct);
        write(&root, "server.py", SERVER, false);
        let mut config = Settings::new("http", "bootstrap");
        config.memory_mb = 256;
        config.timeout_seconds = 20;
        set(&mut config);
        let code = Code {
            code_type: "zip".into(),
            filename: "index.zip".into(),
            sha256: format!("{revision:064}"),
            sha512: String::new(),
            url: String::new(),
            size: 0,
            root,
            entry: if direct { Entry::Direct } else { Entry::Shell },
        };
        let function =
            FunctionId { region: "r-1".into(), project: "p".into(), package: "default".into(), name: "f".into() };
        let version = Arc::new(Version { function, qualifier: Qualifier::Latest, revision, config, code });
        self.publish(&version);
        version
    }

    fn publish(&self, version: &Arc<Version>) {
        let function = Function::new("f", model::time::now(), Arc::clone(version));
        self.snapshots.publish(Snapshot::build(version.revision, vec![Arc::new(function)], &[], &[]));
        self.generation.send_replace(version.revision);
    }

    pub(crate) async fn get(&self, version: &Arc<Version>, path: &str) -> Result<(u16, String), Error> {
        let mut request = Request::new(model::invoke::empty());
        *request.uri_mut() = path.parse().unwrap();
        let (head, body) = self.send(version, request).await?.into_parts();
        let body = body.collect().await.map_err(|error| *error.downcast::<Error>().unwrap())?.to_bytes();
        Ok((head.status.as_u16(), String::from_utf8_lossy(&body).into_owned()))
    }

    pub(crate) async fn send(&self, version: &Arc<Version>, request: Request<Body>) -> Result<Response<Body>, Error> {
        let invocation = Invocation {
            request_id: format!("request-{}", COUNT.fetch_add(1, Ordering::Relaxed)).into(),
            version: Arc::clone(version),
            request,
            timeout: Duration::from_secs(60),
            upgrade: false,
            http2: false,
            hints: None,
            source: Source::Gateway,
            held: Duration::ZERO,
        };
        self.invoker.invoke(invocation).await
    }

    pub(crate) fn records(&self, version: &Version) -> Vec<model::record::Record> {
        self.telemetry.flush();
        self.telemetry.records(&version.function.to_string(), &Query::default()).unwrap()
    }

    pub(crate) fn lines(&self, version: &Version) -> Vec<telemetry::Line> {
        self.telemetry.tail(&version.function.to_string(), 100_000)
    }

    /// Ends everything; nothing of it may be left.
    pub(crate) async fn end(self) {
        self.invoker.drain(Duration::from_secs(10)).await;
        assert_eq!(self.invoker.instances(), []);
    }
}

pub(crate) fn write(root: &Path, name: &str, text: &str, executable: bool) {
    std::fs::create_dir_all(root).unwrap();
    let path = root.join(name);
    std::fs::write(&path, text).unwrap();
    let mode = if executable { 0o755 } else { 0o644 };
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Waits until something holds; fails the test after ten seconds.
pub(crate) async fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..1000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what}: not within ten seconds");
}
