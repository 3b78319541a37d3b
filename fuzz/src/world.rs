//! The smallest world an invocation needs: one function, published at every path of the bare address.

use std::path::PathBuf;
use std::sync::Arc;

use model::apig::{Definition, Published};
use model::function::{self, Code, Entry, Function, Version};
use model::snapshot::{Snapshot, Snapshots};
use model::trigger::Group;
use model::urn::{FunctionId, Qualifier};
use telemetry::Telemetry;

/// What the gateway and the invoker are given.
pub struct World {
    /// The one function's only version.
    pub version: Arc<Version>,
    /// A snapshot with it.
    pub snapshots: Arc<Snapshots>,
    /// Records that nobody reads, in memory.
    pub telemetry: Telemetry,
    _folder: tempfile::TempDir,
}

impl World {
    /// A new one.
    pub fn new() -> Self {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let mut config = telemetry::Config::new(folder.path());
        config.max_bytes = 1024 * 1024;
        let version = version();
        let snapshots = Arc::new(Snapshots::default());
        snapshots.publish(snapshot(&version));
        Self { version, snapshots, telemetry: Telemetry::open(config).unwrap(), _folder: folder }
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

fn version() -> Arc<Version> {
    let mut config = function::Config::new("http", "bootstrap");
    config.timeout_seconds = 10;
    let code = Code {
        code_type: "zip".into(),
        filename: "index.zip".into(),
        sha256: "0".repeat(64),
        sha512: String::new(),
        url: String::new(),
        size: 0,
        root: PathBuf::from("/nowhere"),
        entry: Entry::Shell,
    };
    let function = FunctionId { region: "r".into(), project: "p".into(), package: "default".into(), name: "f".into() };
    Arc::new(Version { function, qualifier: Qualifier::Latest, revision: 1, config, code })
}

fn snapshot(version: &Arc<Version>) -> Snapshot {
    let id = version.function.clone();
    let function = Function::new("f", model::time::now(), Arc::clone(version));
    let group = Group { id: "g".into(), project: "p".into(), name: "g".into(), domain: None };
    let api = Published::in_release("a", &id, Definition::new(&id, "g", "/"));
    Snapshot::build(1, vec![Arc::new(function)], &[group], &[api])
}
