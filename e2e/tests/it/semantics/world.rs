//! The function server three times: bare, in a funcd, and behind an nginx, so that one probe can ask all of them.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

use super::wire::Wire;
use crate::harness::{Funcd, wait};

/// One way to reach the function.
pub(crate) struct Front {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    /// A port where only HTTP/2 is spoken, for those who cannot tell on one.
    pub(crate) http2: Option<SocketAddr>,
}

impl Front {
    /// A new connection.
    pub(crate) fn wire(&self) -> Wire {
        Wire::open(self.address)
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

    /// The request target.
    pub(crate) fn path(self) -> String {
        self.0
    }
}

/// A child process that ends with its owner.
struct Process(Child);

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
        let front = Front { name: "funcd", address: funcd.gateway, http2: None };
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
        Self { front: Front { name: "direct", address, http2: None }, _process: Process(child) }
    }
}

/// An nginx in front of the bare server, in a folder of its own.
pub(crate) struct Nginx {
    pub(crate) version: String,
    /// Nothing but `proxy_pass`.
    pub(crate) defaults: Front,
    /// Set up for streaming, as its documentation says.
    pub(crate) tuned: Front,
    _process: Process,
    _folder: tempfile::TempDir,
}

impl Nginx {
    pub(crate) fn start(backend: SocketAddr) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [defaults, tuned, http2] = free();
        let config = format!(
            "pid {dir}/pid; user root; worker_processes 1; error_log {dir}/error.log;
             events {{ worker_connections 1024; }}
             http {{
               access_log off;
               client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/fastcgi;
               uwsgi_temp_path {dir}/uwsgi; scgi_temp_path {dir}/scgi;
               upstream function {{ server {backend}; keepalive 16; }}
               map $http_upgrade $connection_wanted {{ default upgrade; '' ''; }}
               server {{ listen {defaults}; location / {{ proxy_pass http://{backend}; }} }}
               server {{
                 listen {tuned}; listen {http2} http2;
                 client_max_body_size 0;
                 location / {{
                   proxy_pass http://function; proxy_http_version 1.1;
                   proxy_buffering off; proxy_request_buffering off;
                   proxy_set_header Host $http_host; proxy_set_header X-CFF-Request-Id $request_id;
                   proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_wanted;
                 }}
               }}
             }}",
            dir = folder.path().display(),
        );
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, config).unwrap();
        let process = Command::new("nginx")
            .args(["-g", "daemon off;", "-p"])
            .arg(folder.path())
            .arg("-c")
            .arg(&file)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx is missing: install nginx-light, or run script/test, which does");
        let process = Process(process);
        wait("nginx answers", std::time::Duration::from_secs(10), || std::net::TcpStream::connect(tuned).is_ok());
        let front = |name, address, http2| Front { name, address, http2 };
        Self {
            version: version(),
            defaults: front("nginx, defaults", defaults, None),
            tuned: front("nginx, set up", tuned, Some(http2)),
            _process: process,
            _folder: folder,
        }
    }
}

fn version() -> String {
    let output = Command::new("nginx").arg("-v").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    said.trim().rsplit_once('/').map(|(_, version)| version.to_owned()).unwrap()
}

/// Three ports nobody listens on now.
fn free() -> [SocketAddr; 3] {
    let listeners = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap())
}
