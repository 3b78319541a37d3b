//! Who is measured: the same servers behind each proxy, all running for the whole scenario, one of them working at a time.

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::Layout;
use crate::daemon::{Daemon, Options, free_address};
use crate::functions::{self, Function};
use crate::peers::{self, Hop};
use crate::process::{self, Running, wait_for};
use crate::{Setup, http};

/// A server that is measured, as a function and bare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    Rust,
    Node,
    /// Writes head and body apart.
    Python,
}

const SERVERS: [Server; 3] = [Server::Rust, Server::Node, Server::Python];

impl Server {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::Node => "Node",
            Self::Python => "Python",
        }
    }

    fn function(self, setup: &Setup) -> Result<Function> {
        match self {
            Self::Rust => functions::rust(setup),
            Self::Node => Ok(functions::node(setup)),
            Self::Python => Ok(functions::python(setup)),
        }
    }
}

/// One way to the servers.
#[derive(Debug)]
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    /// Where each server is reached, in the order of [`SERVERS`], and by which `Host`.
    ways: Vec<(SocketAddr, String)>,
    process: Option<Process>,
}

#[derive(Debug)]
enum Process {
    Funcd(Daemon),
    Peer(Running),
}

impl Contender {
    /// Where a server is reached, and by which `Host`.
    pub(crate) fn at(&self, server: Server) -> Result<(SocketAddr, &str)> {
        let way = SERVERS.iter().position(|other| *other == server).and_then(|at| self.ways.get(at));
        way.map(|(address, host)| (*address, host.as_str())).context("no such server")
    }

    /// The proxy's processes, without the servers.
    pub(crate) fn processes(&self) -> Result<Vec<u32>> {
        match &self.process {
            None => Ok(Vec::new()),
            Some(Process::Funcd(daemon)) => daemon.platform(),
            Some(Process::Peer(running)) => process::tree(running.pid()),
        }
    }
}

/// All of them, and the servers behind them.
#[derive(Debug)]
pub(crate) struct Contenders {
    each: Vec<Contender>,
    servers: Vec<Running>,
}

impl Contenders {
    pub(crate) fn start(setup: &Setup, layout: Layout) -> Result<Self> {
        let scratch = functions::scratch(setup, &format!("warm-{}", layout.name))?;
        let bare = SERVERS.iter().map(|_| free_address()).collect::<Result<Vec<_>>>()?;
        let mut each = vec![funcd(setup, layout, &scratch)?];
        let servers = start_servers(setup, layout, &bare)?;
        let ways = |addresses: Vec<SocketAddr>| addresses.into_iter().map(|at| (at, at.to_string())).collect();
        let threads = layout.threads();
        for (name, log) in [("nginx", false), ("nginx with log", true)] {
            if setup.wants(name) {
                let hops = hops(&bare)?;
                let peer = peers::nginx(&scratch.join(name.replace(' ', "-")), &hops, threads, log, layout.proxy)?;
                let ways = ways(hops.iter().map(|hop| hop.listen).collect());
                each.push(Contender { name, ways, process: Some(Process::Peer(peer)) });
            }
        }
        if setup.wants("haproxy") {
            let hops = hops(&bare)?;
            let peer = peers::haproxy(&scratch.join("haproxy"), &hops, threads, layout.proxy)?;
            let ways = ways(hops.iter().map(|hop| hop.listen).collect());
            each.push(Contender { name: "haproxy", ways, process: Some(Process::Peer(peer)) });
        }
        if setup.wants("direct") {
            each.push(Contender { name: "direct", ways: ways(bare), process: None });
        }
        Ok(Self { each, servers })
    }

    pub(crate) fn each(&self) -> impl Iterator<Item = &Contender> {
        self.each.iter()
    }

    /// Everybody must answer the same.
    pub(crate) fn check(&self, server: Server, path: &str) -> Result<()> {
        let mut first: Option<Vec<u8>> = None;
        for contender in &self.each {
            let (address, host) = contender.at(server)?;
            let body = http::get(address, host, path).with_context(|| contender.name)?.body;
            if first.get_or_insert_with(|| body.clone()) != &body {
                bail!("{} answers {path} with another body than {}", contender.name, "the others");
            }
        }
        Ok(())
    }

    /// Nobody died meanwhile.
    pub(crate) fn alive(&mut self) -> Result<()> {
        for contender in &mut self.each {
            match &mut contender.process {
                Some(Process::Peer(running)) => running.check()?,
                Some(Process::Funcd(daemon)) => daemon.check()?,
                None => {}
            }
        }
        self.servers.iter_mut().try_for_each(Running::check)
    }
}

fn hops(servers: &[SocketAddr]) -> Result<Vec<Hop>> {
    servers.iter().map(|server| Ok(Hop { listen: free_address()?, server: *server })).collect()
}

fn start_servers(setup: &Setup, layout: Layout, addresses: &[SocketAddr]) -> Result<Vec<Running>> {
    let mut running = Vec::new();
    for (server, address) in SERVERS.iter().zip(addresses) {
        let command = server.function(setup)?.bare(setup, *address)?;
        let log = setup.folder.path().join(format!("server-{}.log", server.name()));
        let mut process = Running::start(server.name(), command, layout.rest, &log)?;
        wait_for(Duration::from_secs(20), Duration::from_millis(5), || {
            process.check()?;
            Ok(TcpStream::connect(address).is_ok())
        })
        .with_context(|| format!("the bare {} server does not listen, see {}", server.name(), log.display()))?;
        running.push(process);
    }
    Ok(running)
}

/// funcd with everything on and the servers as functions with room: one instance each, 4 GB (3.4 cores), 100 requests at once.
///
/// The sandboxes inherit the daemon's core; their processes are moved to the core of the servers once they run, because a proxy
/// does not share its core with the servers in this layout either.
fn funcd(setup: &Setup, layout: Layout, scratch: &std::path::Path) -> Result<Contender> {
    let config = format!("[gateway]\nthreads = {}\n[instances]\nidle_seconds = 86400\n", layout.threads());
    let options = Options { binary: &setup.funcd, runtimes: &setup.runtimes, config: &config, cores: layout.proxy };
    let daemon = Daemon::start(&scratch.join("funcd"), &options)?;
    let mut ways = Vec::new();
    for server in SERVERS {
        let name = server.name().to_lowercase();
        let room = ["--memory", "4096", "--concurrency", "100", "--max-instances", "1"];
        ways.push((daemon.gateway, daemon.deploy(&server.function(setup)?.folder, &name, &room)?));
    }
    if let Some(core) = layout.rest {
        let core = core.parse()?;
        daemon.functions()?.into_iter().try_for_each(|pid| process::move_to(pid, core))?;
    }
    Ok(Contender { name: "funcd", ways, process: Some(Process::Funcd(daemon)) })
}
