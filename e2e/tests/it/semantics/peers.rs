//! Other proxies in front of the same servers, each set up for streaming as its documentation says.

mod caddy;
mod envoy;
mod haproxy;
mod nginx;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use super::certificate::Certificate;
use super::world::{Front, Process};
use crate::harness::{root, wait};

/// What is configured and started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// The program, in `target/peers/bin` or on the path.
    program: &'static str,
    /// Makes it say its version.
    version: &'static [&'static str],
    /// How to get it.
    pub(crate) install: &'static str,
    /// Writes its configuration and says how it is run.
    set_up: fn(&Setting<'_>) -> Vec<String>,
}

/// In the order of the columns.
pub(crate) const KINDS: [Kind; 4] = [nginx::KIND, haproxy::KIND, caddy::KIND, envoy::KIND];

/// What a configuration is made of.
struct Setting<'a> {
    folder: &'a Path,
    certificate: &'a Certificate,
    /// The server that speaks HTTP/1.1.
    server: SocketAddr,
    /// The one that speaks gRPC.
    calls: SocketAddr,
    ports: Ports,
}

impl Setting<'_> {
    fn write(&self, name: &str, text: &str) -> String {
        let file = self.folder.join(name);
        std::fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    }
}

/// Where it listens.
#[derive(Clone, Copy, Debug)]
struct Ports {
    plain: SocketAddr,
    tls: SocketAddr,
    /// Of those who cannot tell HTTP/2 from HTTP/1.1 without TLS.
    http2: SocketAddr,
    calls: SocketAddr,
    calls_tls: SocketAddr,
    /// Without any setting but where to pass requests on to.
    defaults: SocketAddr,
}

/// One that runs.
pub(crate) struct Peer {
    pub(crate) version: String,
    pub(crate) http: [Front; 2],
    pub(crate) grpc: [Front; 2],
    /// With nothing but an address to pass requests on to, where that is another thing.
    pub(crate) defaults: Option<Front>,
    _process: Process,
    _folder: tempfile::TempDir,
}

impl Kind {
    fn program(&self) -> PathBuf {
        let own = root().join("target/peers/bin").join(self.program);
        if own.is_file() { own } else { PathBuf::from(self.program) }
    }

    /// None where it is not installed.
    pub(crate) fn version(&self) -> Option<String> {
        let output = Command::new(self.program()).args(self.version).output().ok()?;
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        let mut parts = said.split(|character: char| !character.is_ascii_digit() && character != '.');
        parts.find(|part| part.matches('.').count() == 2).map(str::to_owned)
    }

    /// None where it is not installed.
    pub(crate) fn start(&self, [server, calls]: [SocketAddr; 2], certificate: &Arc<Certificate>) -> Option<Peer> {
        let version = self.version()?;
        let folder = tempfile::tempdir().unwrap();
        let [plain, tls, http2, calls_port, calls_tls, defaults] = free();
        let ports = Ports { plain, tls, http2, calls: calls_port, calls_tls, defaults };
        let setting = Setting { folder: folder.path(), certificate, server, calls, ports };
        let said = std::fs::File::create(folder.path().join("said")).unwrap();
        let process = Command::new(self.program())
            .args((self.set_up)(&setting))
            // Some keep what they know below it.
            .env("HOME", folder.path())
            .env("XDG_DATA_HOME", folder.path())
            .env("XDG_CONFIG_HOME", folder.path())
            .stdin(Stdio::null())
            .stdout(said.try_clone().unwrap())
            .stderr(said)
            .spawn()
            .unwrap();
        let mut process = Process(process);
        wait(&format!("{} answers", self.name), Duration::from_secs(20), || {
            if process.0.try_wait().unwrap().is_some() {
                let said = std::fs::read_to_string(folder.path().join("said")).unwrap_or_default();
                panic!("{} ended: {said}", self.name);
            }
            [plain, tls, calls_port, calls_tls].iter().all(|address| TcpStream::connect(address).is_ok())
        });
        let nginx = self.name == "nginx";
        let front = |address| Front::plain(self.name, address);
        let secure = |address| Front::secure(self.name, address, certificate);
        Some(Peer {
            version,
            http: [Front { http2: nginx.then_some(http2), ..front(plain) }, secure(tls)],
            grpc: [front(calls_port), secure(calls_tls)],
            defaults: nginx.then(|| Front::plain("nginx, defaults", defaults)),
            _process: process,
            _folder: folder,
        })
    }
}

/// nginx in front of this server, which the black-box suite needs to check itself.
pub(crate) fn nginx(server: SocketAddr) -> Peer {
    let started = nginx::KIND.start([server, server], &Certificate::make());
    started.expect("nginx is missing: install nginx-light, or run script/test, which does")
}

/// Ports nobody listens on now.
pub(super) fn free<const N: usize>() -> [SocketAddr; N] {
    let listeners = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap())
}
