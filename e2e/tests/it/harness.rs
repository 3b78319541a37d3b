//! A funcd of the test's own: started on an empty folder and free ports, spoken to through its command line.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Lines of a funcd that are shown when its test fails.
const LAST_LINES: usize = 60;

/// A running funcd; dropping it stops it.
pub(crate) struct Funcd {
    child: Mutex<Child>,
    pub(crate) data: PathBuf,
    _folder: Option<tempfile::TempDir>,
    pub(crate) api: SocketAddr,
    pub(crate) gateway: SocketAddr,
    said: Arc<Mutex<String>>,
}

/// The binary under test.
pub(crate) fn binary() -> PathBuf {
    let path = std::env::var_os("E2E_FUNCD").map_or_else(|| root().join("target/release/funcd"), PathBuf::from);
    assert!(path.is_file(), "{} is missing: build it with `cargo build --release -p funcd`", path.display());
    path
}

/// The project's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Runtimes are installed once for all test folders.
fn shared_runtimes() -> PathBuf {
    root().join("target/e2e-runtimes")
}

static SHARED: OnceLock<Mutex<Option<Arc<Funcd>>>> = OnceLock::new();

/// The funcd that most cases share.
pub(crate) fn shared() -> Arc<Funcd> {
    let mut slot = SHARED.get_or_init(Mutex::default).lock().unwrap();
    Arc::clone(slot.get_or_insert_with(|| Arc::new(Funcd::start())))
}

/// Stops it at the end of the run.
pub(crate) fn stop_shared() {
    if let Some(slot) = SHARED.get() {
        drop(slot.lock().unwrap().take());
    }
}

/// Two ports nobody listens on now.
pub(crate) fn free_ports() -> (SocketAddr, SocketAddr) {
    let first = TcpListener::bind("127.0.0.1:0").unwrap();
    let second = TcpListener::bind("127.0.0.1:0").unwrap();
    (first.local_addr().unwrap(), second.local_addr().unwrap())
}

/// A data folder with nothing but this `funcd.toml` and the runtimes of all.
pub(crate) fn empty(config: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::Builder::new().prefix("funcd-e2e-").tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    std::fs::write(data.join("funcd.toml"), config).unwrap();
    std::fs::create_dir_all(shared_runtimes()).unwrap();
    std::os::unix::fs::symlink(shared_runtimes(), data.join("runtimes")).unwrap();
    (folder, data)
}

/// As [`empty`], but what is installed there is not installed for others.
fn empty_apart() -> (tempfile::TempDir, PathBuf) {
    let (folder, data) = empty("");
    let own = data.join("runtimes");
    std::fs::remove_file(&own).unwrap();
    std::fs::create_dir(&own).unwrap();
    // What says where a runtime's files are.
    for entry in std::fs::read_dir(shared_runtimes()).unwrap().map(Result::unwrap) {
        if entry.path().extension().is_some_and(|extension| extension == "json") {
            std::fs::copy(entry.path(), own.join(entry.file_name())).unwrap();
        }
    }
    (folder, data)
}

impl Funcd {
    /// On an empty folder.
    pub(crate) fn start() -> Self {
        Self::start_with("")
    }

    /// On an empty folder with this `funcd.toml`.
    pub(crate) fn start_with(config: &str) -> Self {
        let (folder, data) = empty(config);
        let mut funcd = Self::start_in(&data);
        funcd._folder = Some(folder);
        funcd
    }

    /// On an empty folder with the runtimes that there are, and its own when it installs more.
    pub(crate) fn start_apart() -> Self {
        let (folder, data) = empty_apart();
        let mut funcd = Self::start_in(&data);
        funcd._folder = Some(folder);
        funcd
    }

    /// On a folder that stays.
    pub(crate) fn start_in(data: &Path) -> Self {
        Self::start_by(Command::new(binary()), data)
    }

    /// On an empty folder, with this many open files at most, and without the right to raise that.
    pub(crate) fn start_with_files(open_files: u32) -> Self {
        let (folder, data) = empty("");
        let mut limited = Command::new("prlimit");
        limited.arg(format!("--nofile={open_files}:{open_files}"));
        limited.args(["setpriv", "--bounding-set=-sys_resource", "--inh-caps=-sys_resource"]).arg(binary());
        let mut funcd = Self::start_by(limited, &data);
        funcd._folder = Some(folder);
        funcd
    }

    fn start_by(mut command: Command, data: &Path) -> Self {
        let (api, gateway) = free_ports();
        let mut child = command
            .args(["up", "--data-dir"])
            .arg(data)
            .args(["--api", &api.to_string(), "--gateway", &gateway.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        keep(child.stdout.take().unwrap(), &said);
        keep(child.stderr.take().unwrap(), &said);
        let funcd = Self { child: Mutex::new(child), data: data.to_owned(), _folder: None, api, gateway, said };
        wait("funcd answers", Duration::from_secs(30), || {
            if let Some(status) = funcd.child.lock().unwrap().try_wait().unwrap() {
                panic!("funcd ended with {status}:\n{}", funcd.said());
            }
            funcd.said().contains("is ready")
        });
        funcd
    }

    /// What it printed so far.
    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// Its process.
    pub(crate) fn pid(&self) -> rustix::process::Pid {
        rustix::process::Pid::from_raw(i32::try_from(self.child.lock().unwrap().id()).unwrap()).unwrap()
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(self.pid(), signal).unwrap();
    }

    /// Waits for its end.
    pub(crate) fn wait(&self, limit: Duration) -> std::process::ExitStatus {
        let mut status = None;
        wait("funcd ends", limit, || {
            status = self.child.lock().unwrap().try_wait().unwrap();
            status.is_some()
        });
        status.unwrap()
    }

    /// Runs a command of the CLI on this installation.
    pub(crate) fn cli(&self, arguments: &[&str]) -> Output {
        Command::new(binary())
            .args(arguments)
            .arg("--data-dir")
            .arg(&self.data)
            .env_remove("FUNCD_ENDPOINT")
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// Runs a command that must work, with `--json`.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let mut all = arguments.to_vec();
        all.push("--json");
        let output = self.cli(&all);
        assert!(
            output.status.success(),
            "funcd {} failed:\n{}\n{}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Deploys a folder or zip under a name; returns the host to call.
    pub(crate) fn deploy(&self, source: &Path, name: &str, arguments: &[&str]) -> String {
        let source = source.to_str().unwrap();
        let mut all = vec!["deploy", source, "--name", name];
        all.extend(arguments);
        let answer = self.json(&all);
        assert_eq!(answer["url"], format!("http://{name}.localhost:{}/", self.gateway.port()), "{answer}");
        assert!(answer["function_urn"].as_str().unwrap().ends_with(&format!(":{name}:latest")), "{answer}");
        assert_eq!(answer["version"], "latest");
        format!("{name}.localhost")
    }

    /// Processes that belong to it or were started by it, itself included.
    pub(crate) fn processes(&self) -> usize {
        let marker = self.data.to_str().unwrap().to_owned();
        std::fs::read_dir("/proc")
            .unwrap()
            .filter_map(Result::ok)
            .filter(|entry| entry.file_name().to_string_lossy().bytes().all(|b| b.is_ascii_digit()))
            .filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok())
            .filter(|line| String::from_utf8_lossy(line).contains(&marker))
            .count()
    }
}

impl Drop for Funcd {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let said = self.said();
            let lines: Vec<&str> = said.lines().collect();
            let last = &lines[lines.len().saturating_sub(LAST_LINES)..];
            eprintln!("the last lines of the funcd of this test:\n{}", last.join("\n"));
        }
        let child = self.child.get_mut().unwrap();
        if child.try_wait().unwrap().is_some() {
            return;
        }
        let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap_or_default();
        let deadline = Instant::now() + Duration::from_secs(60);
        while child.try_wait().unwrap().is_none() {
            if Instant::now() > deadline {
                child.kill().unwrap_or_default();
                child.wait().unwrap();
                eprintln!("funcd did not stop within 60 s and was killed");
                return;
            }
            pause();
        }
    }
}

fn keep(stream: impl std::io::Read + Send + 'static, said: &Arc<Mutex<String>>) {
    let said = Arc::clone(said);
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let mut said = said.lock().unwrap();
            said.push_str(&line);
            said.push('\n');
        }
    });
}

/// Replaces what stands between `<!-- mark -->` and `<!-- end of mark -->` in a document of the project. One at a time.
pub(crate) fn rewrite(document: &str, mark: &str, lines: impl FnOnce(&str) -> String) {
    static DOCUMENT: Mutex<()> = Mutex::new(());
    let _alone = DOCUMENT.lock().unwrap_or_else(PoisonError::into_inner);
    let path = root().join(document);
    let text = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = (format!("<!-- {mark} -->\n"), format!("\n<!-- end of {mark} -->"));
    let (before, rest) = text.split_once(&begin).unwrap();
    let (old, after) = rest.split_once(&end).unwrap();
    std::fs::write(&path, format!("{before}{begin}{}{end}{after}", lines(old))).unwrap();
}

/// Waits for a condition of the outside world.
pub(crate) fn wait(what: &str, limit: Duration, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + limit;
    while !condition() {
        assert!(Instant::now() < deadline, "still not after {limit:?}: {what}");
        pause();
    }
}

#[expect(clippy::disallowed_methods, reason = "there is nothing to wait on in another process but time")]
fn pause() {
    std::thread::sleep(Duration::from_millis(20));
}
