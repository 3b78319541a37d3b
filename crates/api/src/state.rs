//! What every handler can reach.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use auth::lockout::Lockout;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use model::invoke::{self, Invoke};
use model::snapshot::Snapshot;
use runtimes::Runtimes;
use store::Store;
use telemetry::Telemetry;
use tokio::sync::{Mutex, Semaphore};
use wire::funcd::system::{Finding, Node};

use crate::attempts::Attempts;
use crate::console::Console;
use crate::fetch::Hosts;
use crate::session::Ended;

/// KiB of large request bodies held at the same time; the next one waits.
const LARGE_BODIES_KIB: usize = 256 * 1024;
/// Packages fetched at the same time: each is in memory while it is unpacked.
const FETCHES: usize = 1;
/// APIs called for tests at the same time: each may hold 4 MiB.
const DEBUGGED: usize = 8;
/// Passwords checked at the same time.
const PASSWORDS: usize = 2;

/// What the API must know about its surroundings.
#[derive(Clone, Debug)]
pub struct Config {
    /// The gateway's bare address, where APIs of the default group answer, such as `http://127.0.0.1:8080`; no trailing `/`.
    pub gateway_url: String,
    /// The gateway's port, part of the address of every other group.
    pub gateway_port: u16,
    /// The port at which the gateway speaks TLS, if it does.
    pub gateway_tls_port: Option<u16>,
    /// Where packages may be fetched from.
    pub code_hosts: Hosts,
    /// How long an instance stays without a request.
    pub idle: Duration,
    /// The web console.
    pub console: Console,
}

/// Calls an API for a test: in this Snapshot, by https or not, with this request; gives the answer, whoever made it. A closure, so that
/// nothing here knows what a gateway is.
pub type Debug =
    Arc<dyn Fn(Snapshot, bool, Request<Bytes>) -> BoxFuture<'static, Response<invoke::Body>> + Send + Sync>;

/// Looks at the machine: what `funcd doctor` says of it, and what it has now. Closures, so that nothing here knows what a sandbox needs;
/// both block.
#[derive(Clone)]
pub struct Machine {
    /// Every finding.
    pub doctor: Arc<dyn Fn() -> Vec<Finding> + Send + Sync>,
    /// The machine as it is now.
    pub node: Arc<dyn Fn() -> Node + Send + Sync>,
}

/// The instances of a function, by its URN without version. A closure, so that nothing here knows what an invoker is.
pub type Instances = Arc<dyn Fn(&str) -> model::instances::Instances + Send + Sync>;

/// Cheap clone.
#[derive(Clone)]
pub struct State {
    pub(crate) config: Arc<Config>,
    pub(crate) store: Store,
    pub(crate) invoke: Arc<dyn Invoke>,
    pub(crate) telemetry: Telemetry,
    pub(crate) runtimes: Runtimes,
    pub(crate) large_bodies: Arc<Semaphore>,
    pub(crate) fetches: Arc<Semaphore>,
    /// Passwords checked at the same time: each takes 19 MiB and tens of milliseconds of a processor.
    pub(crate) passwords: Arc<Semaphore>,
    /// Access keys and users that fail too often.
    pub(crate) lockout: Arc<parking_lot::Mutex<Lockout>>,
    /// Refusals that were written into the audit trail lately.
    pub(crate) attempts: Arc<parking_lot::Mutex<Attempts>>,
    /// Console sessions that were ended.
    pub(crate) ended: Ended,
    /// Held by whoever changes part of something, from reading the rest until the whole is stored.
    pub(crate) changing: Arc<Mutex<()>>,
    /// None where there is no gateway.
    pub(crate) debug: Option<Debug>,
    /// APIs called for tests at the same time.
    pub(crate) debugged: Arc<Semaphore>,
    /// None where there is nothing to look at.
    pub(crate) machine: Option<Machine>,
    /// Held by whoever looks at the machine.
    pub(crate) looking: Arc<Semaphore>,
    /// None where nothing is started.
    pub(crate) instances: Option<Instances>,
}

impl State {
    /// Puts together what the handlers use.
    pub fn new(
        config: Config,
        store: Store,
        invoke: Arc<dyn Invoke>,
        telemetry: Telemetry,
        runtimes: Runtimes,
    ) -> Self {
        let config = Arc::new(config);
        let large_bodies = Arc::new(Semaphore::new(LARGE_BODIES_KIB));
        let fetches = Arc::new(Semaphore::new(FETCHES));
        let passwords = Arc::new(Semaphore::new(PASSWORDS));
        let lockout = Arc::clone(store.directory().lockout());
        let (attempts, changing, ended) = (Arc::default(), Arc::default(), Ended::default());
        Self {
            config,
            store,
            invoke,
            telemetry,
            runtimes,
            large_bodies,
            fetches,
            passwords,
            lockout,
            attempts,
            ended,
            changing,
            debug: None,
            debugged: Arc::new(Semaphore::new(DEBUGGED)),
            machine: None,
            looking: Arc::new(Semaphore::new(1)),
            instances: None,
        }
    }

    /// With a gateway that calls APIs for tests.
    #[must_use]
    pub fn with_debug(self, debug: Debug) -> Self {
        Self { debug: Some(debug), ..self }
    }

    /// With instances to be seen.
    #[must_use]
    pub fn with_instances(self, instances: Instances) -> Self {
        Self { instances: Some(instances), ..self }
    }

    /// With a machine to look at.
    #[must_use]
    pub fn with_machine(self, machine: Machine) -> Self {
        Self { machine: Some(machine), ..self }
    }
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Machine")
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("config", &self.config).finish_non_exhaustive()
    }
}
