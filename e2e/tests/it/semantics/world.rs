//! The function server bare and in a funcd, so that one probe can ask all of them; behind other proxies in [`super::peers`].

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::certificate::Certificate;
use super::wire::Wire;
use crate::apps;
use crate::harness::{Funcd, free_ports};

/// One way to reach the function.
pub(crate) struct Front {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    /// A port where only HTTP/2 is spoken, for those who cannot tell on one.
    pub(crate) http2: Option<SocketAddr>,
    /// How it shows who it is, where TLS is spoken.
    pub(crate) tls: Option<Arc<Certificate>>,
}

impl Front {
    /// Without TLS.
    pub(crate) fn plain(name: &'static str, address: SocketAddr) -> Self {
        Self { name, address, http2: None, tls: None }
    }

    /// With it.
    pub(crate) fn secure(name: &'static str, address: SocketAddr, certificate: &Arc<Certificate>) -> Self {
        Self { tls: Some(Arc::clone(certificate)), ..Self::plain(name, address) }
    }

    /// A new connection.
    pub(crate) fn wire(&self) -> Wire {
        match &self.tls {
            None => Wire::open(self.address),
            Some(certificate) => Wire::open_tls(self.address, certificate),
        }
    }

    /// Lets a waiting step of the player go on.
    pub(crate) fn go(&self, token: &str) {
        let response = self.wire().get(&format!("/go/{token}")).unwrap();
        assert_eq!(response.head.status, 200, "{response:?}");
    }
}

/// A word that nobody has used before.
pub(crate) fn token() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("t{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// What the player does, as the path of a request.
pub(crate) struct Play(String);

impl Play {
    pub(crate) fn new() -> Self {
        Self("/play/".to_owned())
    }

    fn step(mut self, step: &str) -> Self {
        if !self.0.ends_with('/') {
            self.0.push('.');
        }
        self.0.push_str(step);
        self
    }

    pub(crate) fn send(self, bytes: impl AsRef<[u8]>) -> Self {
        self.step(&format!("s{}", hex::encode(bytes)))
    }

    pub(crate) fn repeat(self, times: usize, bytes: impl AsRef<[u8]>) -> Self {
        self.step(&format!("x{times}-{}", hex::encode(bytes)))
    }

    pub(crate) fn wait(self, token: &str) -> Self {
        self.step(&format!("w{token}"))
    }

    /// Waits until this many bytes of the request's body came.
    pub(crate) fn receive(self, bytes: usize) -> Self {
        self.step(&format!("f{bytes}"))
    }

    /// Reads the request's body to its end.
    pub(crate) fn body(self) -> Self {
        self.step("b")
    }

    /// Reads this many bytes of whatever comes and sends them back.
    pub(crate) fn echo(self, bytes: usize) -> Self {
        self.step(&format!("n{bytes}")).step("e")
    }

    pub(crate) fn close(self) -> Self {
        self.step("c")
    }

    /// Waits until the other side is gone, and says so to whoever waits for the token.
    pub(crate) fn gone(self, token: &str) -> Self {
        self.step(&format!("g{token}"))
    }

    /// The request target.
    pub(crate) fn path(self) -> String {
        self.0
    }
}

/// A child process that ends with its owner.
pub(super) struct Process(pub(super) Child);

impl Drop for Process {
    fn drop(&mut self) {
        // TERM lets nginx end its worker; the player has nothing to tidy up.
        if let Ok(pid) = i32::try_from(self.0.id())
            && let Some(pid) = rustix::process::Pid::from_raw(pid)
        {
            rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap_or_default();
        }
        self.0.wait().unwrap();
    }
}

/// Puts the function server into a folder as a package of its own.
pub(crate) fn package(folder: &Path) {
    // Not written by this process: a descriptor inherited by another test's child would make the file busy.
    let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_player")).arg(folder.join("player")).status().unwrap();
    assert!(copied.success());
    std::fs::write(folder.join("bootstrap"), "exec $RUNTIME_CODE_ROOT/player\n").unwrap();
}

/// The function in a funcd of its own, at the gateway's bare address.
pub(crate) struct InFuncd {
    funcd: Funcd,
    pub(crate) front: Front,
    package: tempfile::TempDir,
}

/// Where the same funcd answers, and with what.
pub(crate) struct Places {
    pub(crate) http: [Front; 2],
    /// At the host [`CALLS`].
    pub(crate) grpc: [Front; 2],
    _world: InFuncd,
    _without: Funcd,
}

/// The host of a function that speaks gRPC.
pub(crate) const CALLS: &str = "calls.localhost";

impl Places {
    /// With the player at the bare address, and in both the server of gRPC's interoperability suite at [`CALLS`].
    pub(crate) fn start(certificate: &Arc<Certificate>) -> Self {
        let (tls, _) = free_ports();
        let world = InFuncd::start(&format!(
            "[gateway.tls]\nlisten = '{tls}'\ncertificate_file = '{}'\nkey_file = '{}'\n",
            certificate.chain().display(),
            certificate.key().display()
        ));
        // Where TLS is spoken, an API of gRPC is not to be had without it.
        let without = Funcd::start();
        let source = apps::built("grpc");
        let deployed = ["deploy", source.to_str().unwrap(), "--name", "calls", "--grpc", "--memory", "128"];
        for funcd in [&world.funcd, &without] {
            funcd.json(&[&deployed[..], &["--timeout", "60", "--concurrency", "200"]].concat());
        }
        let secure = || Front::secure("funcd", tls, certificate);
        let http = [Front::plain("funcd", world.funcd.gateway), secure()];
        let grpc = [Front::plain("funcd", without.gateway), secure()];
        Self { http, grpc, _world: world, _without: without }
    }
}

impl InFuncd {
    /// With this `funcd.toml`.
    pub(crate) fn start(config: &str) -> Self {
        Self::deploy(Funcd::start_with(config))
    }

    /// With this many open files.
    pub(crate) fn start_with_files(open_files: u32) -> Self {
        Self::deploy(Funcd::start_with_files(open_files))
    }

    fn deploy(funcd: Funcd) -> Self {
        let folder = tempfile::tempdir().unwrap();
        package(folder.path());
        let front = Front::plain("funcd", funcd.gateway);
        let world = Self { funcd, front, package: folder };
        world.redeploy("512");
        world
    }

    /// Makes a new version of it, with this much memory, that nobody has called yet.
    pub(crate) fn redeploy(&self, memory: &str) {
        let source = self.package.path().to_str().unwrap();
        let deployed = ["deploy", source, "--name", "player", "--default-group", "--concurrency", "300"];
        self.funcd.json(&[&deployed[..], &["--max-instances", "1", "--timeout", "60", "--memory", memory]].concat());
    }

    /// What it printed so far.
    pub(crate) fn said(&self) -> String {
        self.funcd.said()
    }

    /// Descriptors that the daemon has open.
    pub(crate) fn files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.funcd.pid().as_raw_nonzero())).unwrap().count()
    }

    /// How many it may have.
    pub(crate) fn file_limit(&self) -> u64 {
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", self.funcd.pid().as_raw_nonzero())).unwrap();
        let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    }

    /// Bytes of the daemon that are in memory.
    pub(crate) fn memory(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.funcd.pid().as_raw_nonzero())).unwrap();
        let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")).unwrap();
        kib.parse::<usize>().unwrap() * 1024
    }

    /// Connections of clients that the gateway has open.
    pub(crate) fn connections(&self) -> usize {
        let port = format!(":{:04X} ", self.front.address.port());
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
        let ours = |line: &&str| {
            let mut fields = line.split_whitespace();
            let (local, state) = (fields.nth(1).unwrap_or_default(), fields.nth(1).unwrap_or_default());
            format!("{local} ").ends_with(&port) && state == "01"
        };
        table.lines().filter(ours).count()
    }
}

/// The function server, bare.
pub(crate) struct Bare {
    pub(crate) front: Front,
    _process: Process,
}

impl Bare {
    pub(crate) fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_player"))
            .env("PLAYER_PORT", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").unwrap().parse().unwrap();
        Self { front: Front::plain("direct", address), _process: Process(child) }
    }
}
