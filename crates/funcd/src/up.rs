//! `funcd up`: the service from its first check to its last file.
//!
//! 1. Configuration, data folder, ports and the host are checked; whatever is wrong is one line with what to do.
//! 2. The launcher of sandboxes starts (and reaps what a killed funcd left), then store, telemetry, runtimes, invoker.
//! 3. Gateway and API answer; addresses and keys are left in the data folder for the commands.
//! 4. A signal drains from the outside in: gateway and API, instances, logs, store. A second signal stops at once.
//! 5. `funcd upgrade` puts another process in its place ([`running`], [`predecessor`], [`successor`]), which gets ports, clients and data
//!    folder one after the other; then this one drains.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio_util::sync::CancellationToken;

use crate::config::{self, Config};
use crate::dns::Forwarder;
use crate::folder::{Folder, Lane, sealing_key};

mod banner;
mod certificate;
pub(crate) mod control;
mod files;
mod link;
mod machine;
mod predecessor;
mod running;
mod signals;
mod sockets;
mod successor;
mod supervisor;
mod threads;
mod wiring;

use self::running::Running;
use self::signals::Signals;
use self::sockets::Sockets;
use self::successor::Predecessor;
use self::threads::Threads;

/// What a process is told that takes another's place.
const TAKE_OVER: &str = "--take-over";

/// How long until the address of the name forwarder is tried again.
const NAMES_AGAIN: Duration = Duration::from_millis(500);

/// Options of `funcd up`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Everything else is in funcd.toml in the data folder (or --config FILE); docs/guide.md lists it.\n\
                  Ctrl-C and SIGTERM finish the requests in flight and stop every instance; a second one stops at once."
)]
pub(crate) struct Arguments {
    /// Where the REST API listens [default: 127.0.0.1:8081].
    #[arg(long, value_name = "ADDR", env = "FUNCD_API")]
    api: Option<String>,
    /// Where the gateway listens [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDR", env = "FUNCD_GATEWAY")]
    gateway: Option<String>,
    /// Configuration file [default: funcd.toml in the data folder].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Log of the daemon itself, such as `info` or `info,invoker=debug`.
    #[arg(long, value_name = "FILTER", env = "FUNCD_LOG", default_value = "info")]
    log: String,
    /// Print the daemon's own log as JSON lines.
    #[arg(long)]
    log_json: bool,
    /// Said by a funcd that is replaced: standard input leads to it.
    #[arg(long, hide = true)]
    take_over: bool,
}

/// Runs the service until a signal ends it or another process takes its place.
pub(crate) fn run(options: &cli::Options, arguments: &Arguments) -> Result<ExitCode> {
    start_log(arguments)?;
    let predecessor = arguments.take_over.then(Predecessor::of_stdin).transpose()?;
    let ran = run_after(predecessor.as_ref(), options, arguments);
    if let (Err(error), Some(predecessor)) = (&ran, &predecessor) {
        predecessor.failed(error);
    }
    ran
}

/// Everything that can be checked is checked before anything is changed, and before a predecessor is asked to let go.
fn run_after(predecessor: Option<&Predecessor>, options: &cli::Options, arguments: &Arguments) -> Result<ExitCode> {
    let data_dir = cli::data_dir::resolve(options)?;
    let mut config = configuration(data_dir, options, arguments)?;
    let mut folder =
        if predecessor.is_some() { Folder::find(&config.data_dir)? } else { Folder::open(&config.data_dir)? };
    check_host()?;
    config.gateway.connections = clients(config.gateway.connections);
    let sockets = match predecessor {
        Some(predecessor) => predecessor.sockets(&config)?,
        None => Sockets::open(&config)?,
    };
    let key = sealing_key(&config.key_file, folder.path().join("meta.db").try_exists()?)?;
    // One that starts removes what is left where it starts, and ends.
    let lane = folder.lane(|lane| launcher(&config, lane, 0).map(drop))?;
    let launcher = launcher(&config, &lane, config.instances.blanks)?;
    if let Some(predecessor) = predecessor {
        predecessor.prepared()?;
        folder.lock()?;
    }
    let threads = Threads::start()?;
    let runtime = &threads.service;
    // A signal that comes while everything starts ends it in order, afterwards.
    let signals = runtime.block_on(async { Signals::listen() })?;
    let again = sockets.again()?;
    let (service, api) = runtime.block_on(wiring::start(&config, &folder, key, launcher, sockets))?;
    if let Some(predecessor) = predecessor {
        predecessor.serving(&service.heirs())?;
    }
    service.serve_api(api, threads.api.handle())?;
    let running = Running { config, folder, service, sockets: again, signals };
    runtime.block_on(running.serve(predecessor))
}

fn launcher(config: &Config, lane: &Lane, blanks: usize) -> Result<sandbox::Launcher> {
    Ok(sandbox::Launcher::start(&sandbox::Config {
        run_dir: lane.run_dir.clone(),
        cgroup: lane.cgroup.clone(),
        blanks,
        read_rate: config.instances.read_rate,
        helper: vec!["/proc/self/exe".to_owned(), "launcher".to_owned()],
    })?)
}

/// How many connections clients may have open on this host.
fn clients(configured: usize) -> usize {
    let open_files = files::raise();
    let connections = files::connections(configured, open_files);
    if connections < configured {
        tracing::warn!(configured, connections, open_files, remedy = "raise LimitNOFILE", "gateway.fewer_connections");
    }
    connections
}

fn start_log(arguments: &Arguments) -> Result<()> {
    use std::io::IsTerminal as _;
    let filter = tracing_subscriber::EnvFilter::try_new(&arguments.log).with_context(|| {
        format!("--log: '{}' is not a filter such as `info` or `info,invoker=debug`", arguments.log)
    })?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if arguments.log_json {
        log.json().init();
    } else {
        log.with_ansi(std::io::stderr().is_terminal()).init();
    }
    Ok(())
}

fn configuration(data_dir: PathBuf, options: &cli::Options, arguments: &Arguments) -> Result<Config> {
    let path = arguments.config.clone().unwrap_or_else(|| data_dir.join("funcd.toml"));
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && arguments.config.is_none() => String::new(),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let file: config::File =
        toml::from_str(&text).with_context(|| format!("{} is not a configuration of funcd", path.display()))?;
    let flags = config::Flags {
        data_dir,
        api: arguments.api.clone(),
        gateway: arguments.gateway.clone(),
        region: options.region.clone(),
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    config::resolve(file, flags, cores)
        .map_err(|problems| anyhow::anyhow!("the configuration cannot be used: {}", problems.join("; ")))
}

/// What instances cannot do without, in one line.
fn check_host() -> Result<()> {
    let missing: Vec<String> = sandbox::probe::run()
        .into_iter()
        .filter(|finding| finding.required && finding.verdict == sandbox::probe::Verdict::Missing)
        .map(|finding| format!("{}: {} ({})", finding.name, finding.found, finding.remedy))
        .collect();
    if !missing.is_empty() {
        bail!("this host cannot run functions: {}; `funcd doctor` has the whole list", missing.join("; "));
    }
    Ok(())
}

/// Names for functions, until `stop`. Another funcd on this host may hold the address and answer for both; when it ends, this
/// one takes over. A host without egress has no such address and needs no names.
pub(crate) async fn forward_names(stop: CancellationToken) {
    let mut said = false;
    loop {
        match Forwarder::bind(sandbox::egress::GATEWAY).await {
            Ok(forwarder) => return forwarder.run(stop).await,
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                tracing::debug!("functions.names_served_by_another_funcd");
            }
            Err(error) if !said => {
                said = true;
                tracing::warn!(%error, "functions.no_name_resolution");
            }
            Err(_) => {}
        }
        if stop.run_until_cancelled(tokio::time::sleep(NAMES_AGAIN)).await.is_none() {
            return;
        }
    }
}

/// Where the gateway is from the outside.
pub(crate) fn gateway_url(config: &Config, address: SocketAddr) -> String {
    format!("http://{}:{}", config.gateway.public_host, address.port())
}

/// Where the API is for commands on this machine.
pub(crate) fn api_url(address: SocketAddr) -> String {
    let ip = address.ip();
    match ip {
        ip if ip.is_unspecified() => format!("http://127.0.0.1:{}", address.port()),
        _ => format!("http://{address}"),
    }
}

/// Leaves address and sealed keys for the commands of this machine.
pub(crate) fn leave_credentials(folder: &Path, content: &[u8]) -> Result<()> {
    crate::folder::write_private(&folder.join(cli::credentials::FILE), content)
}

/// Shared by those who run an invocation.
pub(crate) type SharedInvoke = Arc<dyn model::invoke::Invoke>;
