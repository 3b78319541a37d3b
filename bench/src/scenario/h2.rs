//! HTTP/2 with and without TLS, and HTTP/1.1 over TLS: funcd, nginx and HAProxy in front of the same server, which speaks HTTP/1.1, with one
//! certificate for all. Layout A as in [`super::warm`]: the proxy has core 1 alone.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::quiet;
use crate::daemon::{Daemon, Options, free_address};
use crate::h2load::{Found, Load};
use crate::machine::cores;
use crate::peers::{self, Hop};
use crate::process::{self, Running, wait_for};
use crate::report::{Key, Report};
use crate::scenario::warm::{APART, Layout, MIXED};
use crate::{Setup, functions, say};

const SCENARIO: &str = "h2";

/// What is asked of everybody.
#[derive(Clone, Copy, Debug)]
struct Case {
    name: &'static str,
    tls: bool,
    http1: bool,
    connections: usize,
    streams: usize,
}

const CASES: [Case; 3] = [
    Case { name: "HTTP/1.1 over TLS, 64 connections", tls: true, http1: true, connections: 64, streams: 1 },
    Case { name: "HTTP/2 over TLS, 8 connections of 8 streams", tls: true, http1: false, connections: 8, streams: 8 },
    Case {
        name: "HTTP/2 without TLS, 8 connections of 8 streams",
        tls: false,
        http1: false,
        connections: 8,
        streams: 8,
    },
];

/// Where a proxy is reached.
#[derive(Debug)]
struct Contender {
    name: &'static str,
    host: String,
    tls: SocketAddr,
    plain: SocketAddr,
    process: Process,
}

#[derive(Debug)]
enum Process {
    Funcd(Daemon),
    Peer(Running),
}

impl Contender {
    fn processes(&self) -> Result<Vec<u32>> {
        match &self.process {
            Process::Funcd(daemon) => daemon.platform(),
            Process::Peer(running) => process::tree(running.pid()),
        }
    }
}

/// Measures all cases in turns.
pub(crate) fn run(setup: &Setup, report: &mut Report) -> Result<()> {
    let layout = if cores() < 2 { MIXED } else { APART };
    let scratch = functions::scratch(setup, SCENARIO)?;
    let certificate = Certificate::make(&scratch)?;
    let funcd = funcd(setup, layout, (&scratch, &certificate))?;
    let (_server, server) = server(setup, layout)?;
    let mut contenders = vec![funcd];
    if setup.wants("nginx") {
        contenders.push(nginx(&scratch.join("nginx"), server, layout, &certificate)?);
    }
    if setup.wants("haproxy") {
        contenders.push(haproxy(&scratch.join("haproxy"), server, layout, &certificate)?);
    }
    let rounds = setup.rounds.unwrap_or(if setup.quick { 1 } else { 5 });
    let seconds = if setup.quick { 1 } else { 2 };
    for case in CASES.iter().filter(|case| setup.wants_case(case.name)) {
        for contender in &contenders {
            sample(setup, contender, *case, (layout, 1))?;
        }
        for contender in (0..rounds).flat_map(|_| &contenders) {
            let key = Key { scenario: SCENARIO, case: case.name, of: contender.name };
            let (found, cpu, foreign) = sample(setup, contender, *case, (layout, seconds))?;
            report.add(&key, ("throughput", "requests/s"), found.per_second, foreign);
            report.add(&key, ("CPU of the proxy", "µs a request"), cpu, foreign);
            let (rate, name) = (found.per_second, case.name);
            say(&format!("{name:<48} {:<8} {rate:>9.0}/s {cpu:>6.1} µs  foreign {foreign:.2}", contender.name));
        }
    }
    Ok(())
}

fn sample(
    setup: &Setup,
    contender: &Contender,
    case: Case,
    (layout, seconds): (Layout, u64),
) -> Result<(Found, f64, f64)> {
    let load = Load {
        scheme: if case.tls { "https" } else { "http" },
        address: if case.tls { contender.tls } else { contender.plain },
        host: &contender.host,
        http1: case.http1,
        connections: case.connections,
        streams: case.streams,
        time: Duration::from_secs(seconds),
        cores: layout.rest,
    };
    let ((found, cpu), foreign) = quiet(setup, || {
        let processes = contender.processes()?;
        let before = process::cpu(&processes);
        let found = load.run().with_context(|| format!("{} at {}", contender.name, case.name))?;
        Ok((found, (process::cpu(&processes) - before) * 1e6 / found.requests as f64))
    })?;
    Ok((found, cpu, foreign))
}

/// Files of the one that all of them show.
#[derive(Debug)]
struct Certificate {
    chain: PathBuf,
    key: PathBuf,
    /// Chain and key in one.
    both: PathBuf,
}

impl Certificate {
    fn make(folder: &Path) -> Result<Self> {
        let made = rcgen::generate_simple_self_signed(["rust.localhost".to_owned()])?;
        let (chain, key) = (made.cert.pem(), made.signing_key.serialize_pem());
        let file = |name: &str| folder.join(name);
        let own = Self { chain: file("chain.pem"), key: file("key.pem"), both: file("both.pem") };
        fs::create_dir_all(folder)?;
        fs::write(&own.chain, &chain)?;
        fs::write(&own.key, &key)?;
        fs::write(&own.both, chain + &key)?;
        Ok(own)
    }
}

fn funcd(setup: &Setup, layout: Layout, (scratch, certificate): (&Path, &Certificate)) -> Result<Contender> {
    let tls = free_address()?;
    let config = format!(
        "[gateway]\nthreads = {}\n[gateway.tls]\nlisten = '{tls}'\ncertificate_file = '{}'\nkey_file = '{}'\n\
         [instances]\nidle_seconds = 86400\n",
        layout.threads(),
        certificate.chain.display(),
        certificate.key.display()
    );
    let options = Options { binary: &setup.funcd, runtimes: &setup.runtimes, config: &config, cores: layout.proxy };
    let daemon = Daemon::start(&scratch.join("funcd"), &options)?;
    let room = ["--memory", "4096", "--concurrency", "100", "--max-instances", "1"];
    daemon.deploy(&functions::rust(setup)?.folder, "rust", &room)?;
    if let Some(core) = layout.rest {
        let core = core.parse()?;
        daemon.functions()?.into_iter().try_for_each(|pid| process::move_to(pid, core))?;
    }
    let (host, plain) = ("rust.localhost".to_owned(), daemon.gateway);
    Ok(Contender { name: "funcd", host, tls, plain, process: Process::Funcd(daemon) })
}

fn server(setup: &Setup, layout: Layout) -> Result<(Running, SocketAddr)> {
    let address = free_address()?;
    let command = functions::rust(setup)?.bare(setup, address)?;
    let mut running = Running::start("server", command, layout.rest, &setup.folder.path().join("server-h2.log"))?;
    wait_for(Duration::from_secs(20), Duration::from_millis(5), || {
        running.check()?;
        Ok(std::net::TcpStream::connect(address).is_ok())
    })
    .context("the bare server does not listen")?;
    Ok((running, address))
}

/// The place for TLS, then the plain one.
fn hops(server: SocketAddr) -> Result<[Hop; 2]> {
    Ok([Hop { listen: free_address()?, server }, Hop { listen: free_address()?, server }])
}

fn peer(name: &'static str, [tls, plain]: [Hop; 2], running: Running) -> Contender {
    let host = "rust.localhost".to_owned();
    Contender { name, host, tls: tls.listen, plain: plain.listen, process: Process::Peer(running) }
}

fn nginx(folder: &Path, server: SocketAddr, layout: Layout, certificate: &Certificate) -> Result<Contender> {
    let hops = hops(server)?;
    let [tls, plain] = hops.map(|hop| hop.listen);
    let (chain, key) = (certificate.chain.display(), certificate.key.display());
    let secure = format!("listen {tls} ssl http2; ssl_certificate {chain}; ssl_certificate_key {key};");
    let text = peers::nginx_config(folder, &hops, layout.threads(), false)
        .replace(&format!("listen {tls};"), &secure)
        .replace(&format!("listen {plain};"), &format!("listen {plain} http2;"));
    Ok(peer("nginx", hops, peers::start_nginx(folder, &text, &hops, layout.proxy)?))
}

fn haproxy(folder: &Path, server: SocketAddr, layout: Layout, certificate: &Certificate) -> Result<Contender> {
    let hops = hops(server)?;
    let [tls, plain] = hops.map(|hop| hop.listen);
    let secure = format!("bind {tls} ssl crt {} alpn h2,http/1.1\n", certificate.both.display());
    let text = peers::haproxy_config(&hops, layout.threads())
        .replace(&format!("bind {tls}\n"), &secure)
        .replace(&format!("bind {plain}\n"), &format!("bind {plain} proto h2\n"));
    Ok(peer("haproxy", hops, peers::start_haproxy(folder, &text, &hops, layout.proxy)?))
}
