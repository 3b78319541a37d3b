//! Who gets what: every component is made here, with its own small configuration, and taken down here in the opposite order.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use model::function::Version;
use model::secret::Secret;
use tokio::net::UnixListener;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Config;
use crate::console;
use crate::folder::Folder;
use crate::up::certificate;
use crate::up::control::{self, Asked};
use crate::up::machine;
use crate::up::sockets::Sockets;
use crate::up::successor::{Heirs, Predecessor};
use crate::up::{SharedInvoke, api_url, forward_names, gateway_url, leave_credentials};

/// How often code that nobody uses any more is looked for.
const GARBAGE: Duration = Duration::from_secs(600);

/// How long clients of the API may use a connection that they have, once another process takes over.
const LEAVE: Duration = Duration::from_secs(1);

/// How often installed runtimes are looked for.
const RUNTIMES: Duration = Duration::from_secs(10);

/// The running parts.
pub(crate) struct Service {
    pub(crate) api_address: SocketAddr,
    pub(crate) gateway_address: SocketAddr,
    pub(crate) gateway: Arc<gateway::Gateway>,
    invoker: invoker::Invoker,
    telemetry: telemetry::Telemetry,
    store: store::Store,
    links: api::Links,
    tasks: TaskTracker,
    stop: CancellationToken,
    /// Those of `tasks` that use the store.
    changes: TaskTracker,
    /// Another process takes the store.
    leaving: CancellationToken,
    cut: CancellationToken,
}

/// Makes everything, lower parts first.
pub(crate) async fn start(
    config: &Config,
    folder: &Folder,
    key: auth::seal::Key,
    launcher: sandbox::Launcher,
    sockets: Sockets,
) -> Result<(Service, Api)> {
    let data_dir = folder.path();
    let (tasks, stop, cut) = (TaskTracker::new(), CancellationToken::new(), CancellationToken::new());
    let (changes, leaving) = (TaskTracker::new(), stop.child_token());
    let gateway_address = sockets.gateway.local_addr()?;
    let api_address = sockets.api.local_addr()?;
    let runtimes = runtimes::Runtimes::open(data_dir)?;
    let launch = invoker::Sandboxed::new(Arc::new(launcher), runtimes.mounts());
    let (data, region) = (data_dir.to_owned(), config.region.clone());
    let compile = compile(&launch);
    let store_config = store::Config { data_dir: data, key: key.clone(), region, functions: config.functions, compile };
    let store = store::Store::open(store_config).await?;
    if config.region_is_asked && store.region() != config.region {
        tracing::warn!(kept = store.region(), asked = config.region, "service.region_is_that_of_the_installation");
    }
    let telemetry = telemetry(config, folder)?;
    let around = invoker::Around {
        launcher: Arc::new(launch.clone().with_variables(open_variables(&store))),
        snapshots: store.snapshots(),
        generation: store.generation(),
        telemetry: telemetry.clone(),
    };
    let invoker = invoker::Invoker::new(
        invoker::Config { agencies: agencies(&store), ..invoker_config(config) },
        around,
        Handle::current(),
    );
    let invoke: SharedInvoke = Arc::new(invoker.clone());
    let source = certificate::Source::new(config, folder, &store);
    let mut gateway_config = gateway_config((config, &source), sockets.gateway, sockets.tls)?;
    gateway_config.challenges = order_certificates(config, folder, &store, (&changes, &leaving));
    let seen = (store.snapshots(), store.directory());
    let gateway = gateway::Gateway::start(gateway_config, seen, Arc::clone(&invoke), telemetry.clone())?;
    let gateway = Arc::new(gateway);
    tasks.spawn(stop.clone().run_until_cancelled_owned(launch.clone().keep()));
    tasks.spawn(forward_names(stop.clone()));
    tasks.spawn(look_for_runtimes(runtimes.clone(), stop.clone()));
    changes.spawn(collect_garbage(store.clone(), invoker.clone(), leaving.clone()));
    let parts = (store.clone(), invoke, telemetry.clone(), runtimes);
    certificate::start(config, source, &gateway, (&changes, &leaving));
    let service = Service {
        api_address,
        gateway_address,
        gateway,
        invoker,
        telemetry,
        store,
        links: api::Links::default(),
        tasks,
        stop,
        changes,
        leaving,
        cut,
    };
    // Whoever sees the API answer finds the keys for it.
    service.leave_credentials(config, folder, &key).await?;
    let state = service.api_state(config, data_dir, parts);
    Ok((service, Api { listener: sockets.api, state }))
}

/// Orders certificates from now on, if they are to be; gives what the gateway answers meanwhile.
fn order_certificates(
    config: &Config,
    folder: &Folder,
    store: &store::Store,
    (changes, leaving): (&TaskTracker, &CancellationToken),
) -> Option<Arc<model::snapshot::Challenges>> {
    let wanted = config.acme.clone()?;
    let challenges = Arc::default();
    let config = certificates::Config {
        directory: wanted.directory,
        contact: wanted.contact,
        ca_file: wanted.ca_file,
        account_file: folder.path().join("acme-account"),
    };
    let acme = certificates::Acme::new(config, store.clone(), Arc::clone(&challenges));
    changes.spawn(acme.run(leaving.clone()));
    Some(challenges)
}

/// The API before it answers.
pub(crate) struct Api {
    listener: TcpListener,
    state: api::State,
}

/// Packages are compiled where functions run, and only there.
fn compile(launch: &invoker::Sandboxed) -> store::Compile {
    let launch = launch.clone();
    store::Compile::with(move |root| {
        let launch = launch.clone();
        Box::pin(async move {
            let files = launch.byte_code(root).await.into_iter();
            files.map(|(path, bytes)| store::Compiled { path, bytes }).collect()
        })
    })
}

fn telemetry(config: &Config, folder: &Folder) -> Result<telemetry::Telemetry> {
    Ok(telemetry::Telemetry::open(telemetry::Config {
        dir: folder.path().join("logs"),
        max_bytes: config.logs.bytes_per_function,
        max_age: config.logs.keep,
        rate_bytes: config.logs.rate_bytes,
        burst_bytes: config.logs.burst_bytes,
    })?)
}

/// The execution agency of a function lends it credentials; the configuration agency where there is no other (`behaviour.md` 5.2).
fn agencies(store: &store::Store) -> invoker::Agencies {
    let store = store.clone();
    invoker::Agencies::with(move |version| {
        let config = &version.config;
        let name = if config.app_xrole.is_empty() { &config.xrole } else { &config.app_xrole };
        let (token, key) = store.lend(name, &version.function.project)?;
        let security_token = key.seal(store.token_key());
        Some(invoker::Credentials { token, access_key: key.access_key, secret_key: key.secret_key, security_token })
    })
}

fn invoker_config(config: &Config) -> invoker::Config {
    let freeze_after = config.instances.freeze_after.filter(|_| sandbox::probe::can_freeze());
    if config.instances.freeze_after.is_some() && freeze_after.is_none() {
        tracing::warn!(remedy = "see `funcd doctor`", "instances.are_not_frozen");
    }
    invoker::Config {
        keep_alive: config.instances.idle,
        freeze_after,
        // Whether there is swap is looked at each time: it can be switched on and off.
        memory_low: if sandbox::probe::may_page_out() { config.instances.memory_low } else { 0 },
        queue: config.instances.queue,
        starts: config.instances.starts_at_once,
        response_body_bytes: config.gateway.response_bytes,
        ..invoker::Config::default()
    }
}

fn gateway_config(
    (config, certificate): (&Config, &certificate::Source),
    listener: TcpListener,
    tls: Option<TcpListener>,
) -> Result<gateway::Config> {
    let mut gateway = gateway::Config::new(listener);
    if let (Some(tls), Some(listener)) = (&config.gateway.tls, tls) {
        let default = Some(certificate.read()?);
        gateway.tls = Some(gateway::Tls { listen: listener.into(), min_version: tls.min_version, default });
        gateway.https.port = tls.public_port;
        gateway.limits.handshakes = tls.handshakes;
        gateway.limits.handshake_timeout = tls.handshake;
    }
    gateway.https.redirect = config.gateway.https.redirect;
    gateway.https.hsts = config.gateway.https.hsts;
    gateway.threads = NonZeroUsize::new(config.gateway.threads).unwrap_or(NonZeroUsize::MIN);
    gateway.subdomain_daily_limit = config.gateway.subdomain_daily_limit;
    gateway.trusted_proxies = config.gateway.trusted_proxies.clone();
    gateway.limits.head_bytes = config.gateway.head_bytes;
    gateway.limits.uri_bytes = config.gateway.uri_bytes;
    gateway.limits.body_bytes = config.gateway.body_bytes;
    gateway.limits.connections = config.gateway.connections;
    gateway.limits.connections_per_client = config.gateway.connections_per_client;
    let patience = &config.gateway.patience;
    gateway.limits.head_timeout = patience.head;
    gateway.limits.idle_timeout = patience.idle;
    gateway.limits.body_stall_timeout = patience.body;
    gateway.limits.write_stall_timeout = patience.write;
    gateway.limits.body_rate = patience.body_rate;
    gateway.limits.response_rate = patience.response_rate;
    Ok(gateway)
}

/// Runtimes come and go beside the daemon: another process installs one, a package of the host is removed.
async fn look_for_runtimes(runtimes: runtimes::Runtimes, stop: CancellationToken) {
    let mut turns = tokio::time::interval(RUNTIMES);
    while stop.run_until_cancelled(turns.tick()).await.is_some() {
        let runtimes = runtimes.clone();
        if let Err(error) = tokio::task::spawn_blocking(move || runtimes.refresh()).await {
            tracing::warn!(%error, "runtimes.not_refreshed");
        }
    }
}

async fn collect_garbage(store: store::Store, invoker: invoker::Invoker, stop: CancellationToken) {
    let mut turns = tokio::time::interval(GARBAGE);
    turns.tick().await;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = turns.tick() => {}
        }
        if let Err(error) = store.collect_garbage(&invoker.in_use_code()).await {
            tracing::warn!(%error, "store.garbage_not_collected");
        }
    }
}

/// How an instance that starts gets its encrypted variables.
fn open_variables(store: &store::Store) -> impl Fn(&Version) -> Result<BTreeMap<String, Secret>, model::Error> + use<> {
    let open = store.open_variables();
    move |version| open(version).map_err(|error| model::Error::new(model::Kind::Internal).detail(error.to_string()))
}

/// What the handlers of the API use.
type ApiParts = (store::Store, SharedInvoke, telemetry::Telemetry, runtimes::Runtimes);

impl Service {
    fn api_state(&self, config: &Config, data_dir: &Path, parts: ApiParts) -> api::State {
        let (store, invoke, telemetry, runtimes) = parts;
        let machine = machine::machine(data_dir, runtimes.clone());
        let gateway_url = gateway_url(config, self.gateway_address);
        let gateway_port = self.gateway_address.port();
        let (code_hosts, idle) = (config.code_hosts.clone(), config.instances.idle);
        let public = config.gateway.tls.as_ref().and_then(|tls| tls.public_port);
        let gateway_tls_port = self.gateway.tls_addr().map(|address| public.unwrap_or(address.port()));
        let console = console::built_in(self.links.clone());
        let api_config = api::Config { gateway_url, gateway_port, gateway_tls_port, code_hosts, idle, console };
        let debugger = self.gateway.debugger();
        let debug = move |snapshot, secure, request| {
            Box::pin(debugger.clone().call(snapshot, secure, request)) as Pin<Box<dyn Future<Output = _> + Send>>
        };
        let invoker = self.invoker.clone();
        api::State::new(api_config, store, invoke, telemetry, runtimes)
            .with_debug(Arc::new(debug))
            .with_machine(machine)
            .with_instances(Arc::new(move |function| invoker.instances_of(function)))
    }

    /// Answers at the API from now on, on these threads.
    pub(crate) fn serve_api(&self, Api { listener, state }: Api, threads: &Handle) -> Result<()> {
        let _registering = threads.enter();
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let (stop, leaving) = (self.stop.clone(), self.leaving.clone());
        let ended = async move {
            leaving.cancelled().await;
            if stop.is_cancelled() { Duration::ZERO } else { LEAVE }
        };
        let serving = api::serve(listener, api::router(state), ended);
        self.changes.spawn_on(self.cut.clone().run_until_cancelled_owned(serving), threads);
        Ok(())
    }

    /// Where the console is; with a link that signs in as long as the first user has the password that was made for them.
    pub(crate) fn console(&self) -> String {
        let api = api_url(self.api_address);
        match self.store.first_login() {
            Some((_, Some(_))) => console::address(&api, &self.links),
            _ => format!("{api}/console/"),
        }
    }

    /// Hears those at this machine who may replace the service, or sign in without a password.
    pub(crate) fn take_requests(&self, listener: UnixListener, asked: mpsc::Sender<Asked>) {
        let (api, links) = (api_url(self.api_address), self.links.clone());
        let make_link = Arc::new(move || console::address(&api, &links));
        self.tasks.spawn(control::serve(listener, asked, make_link, self.stop.clone()));
    }

    /// Writes into the audit trail that this process has taken another's place. A trail that cannot be written does not stop it.
    pub(crate) async fn note_upgrade(&self) {
        let actor = store::audit::Actor { event: "upgrade".to_owned(), ..store::audit::actor() };
        let now = format!("version {}, process {}", env!("CARGO_PKG_VERSION"), std::process::id());
        let what = (store::audit::Elsewhere::Program, "funcd");
        if let Err(error) = self.store.note_elsewhere(actor, what, ("", &now)).await {
            tracing::error!(%error, "audit.not_written");
        }
    }

    /// Tells the process before this one that it serves, and takes the clients it still has.
    pub(crate) fn follow(&self, predecessor: Predecessor) -> Result<()> {
        predecessor.ready(self.heirs(), &self.tasks, self.stop.clone())
    }

    /// What takes what the process before this one leaves.
    pub(crate) fn heirs(&self) -> Heirs {
        Heirs { gateway: Arc::clone(&self.gateway), telemetry: self.telemetry.clone() }
    }

    /// Writes everything that was recorded; what is from now on goes to a successor.
    pub(crate) async fn leave_records(&self, heir: telemetry::Heir) {
        let telemetry = self.telemetry.clone();
        if tokio::task::spawn_blocking(move || telemetry.leave_to(heir)).await.is_err() {
            tracing::warn!("telemetry.not_flushed");
        }
    }

    /// Changes nothing any more and lets the store go; invocations go on by what is in memory.
    pub(crate) async fn let_go(&self) {
        self.leaving.cancel();
        self.changes.close();
        self.changes.wait().await;
        self.store.close().await;
    }

    async fn flush(&self) {
        let telemetry = self.telemetry.clone();
        if tokio::task::spawn_blocking(move || telemetry.flush()).await.is_err() {
            tracing::warn!("telemetry.not_flushed");
        }
    }

    async fn leave_credentials(&self, config: &Config, folder: &Folder, key: &auth::seal::Key) -> Result<()> {
        let first = self.store.first_credential().context("the first user has no active access key")?;
        let login = self.store.first_login().and_then(|(user, password)| {
            let domain = self.store.identities().domain.name.clone();
            Some(cli::credentials::Login { domain, user, password: password?.expose().parse().ok()? })
        });
        let content = cli::credentials::Credentials {
            access_key: first.access_key.clone(),
            secret_key: first.secret_key.expose().parse()?,
            project_id: first.project.clone(),
            region: self.store.region().to_owned(),
            api: api_url(self.api_address),
            gateway: gateway_url(config, self.gateway_address),
            login,
        };
        leave_credentials(folder.path(), &content.sealed(key, &config.key_file))
    }

    /// From the outside in: no new request, those in flight finished within `limit` (at once when `hurry` is cancelled),
    /// instances ended, logs and database closed.
    pub(crate) async fn drain(self, limit: Duration, hurry: CancellationToken) {
        self.stop.cancel();
        self.tasks.close();
        self.changes.close();
        let orderly = async {
            self.gateway.drain(limit).await;
            self.changes.wait().await;
            self.tasks.wait().await;
            self.invoker.drain(limit).await;
        };
        if hurry.run_until_cancelled(orderly).await.is_none() {
            self.cut.cancel();
            self.gateway.stop_now();
            self.invoker.stop_now();
            self.changes.wait().await;
            self.tasks.wait().await;
        }
        self.flush().await;
        self.store.close().await;
    }
}
