//! `funcd upgrade`: another process takes the place of the running one, and nobody notices.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use libtest_mimic::{Failed, Trial};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tokio::sync::watch;

use crate::client::{Answer, Connection, get, run};
use crate::harness::{Funcd, binary, root, wait};
use crate::lifecycle::nothing_left;

/// Clients that keep their connection, that make one for each request, and that send one request after each upgrade.
const CLIENTS: [(Kind, usize); 3] = [(Kind::Keeps, 40), (Kind::Anew, 16), (Kind::Rests, 8)];
const UPGRADES: usize = 4;
/// Between two requests of a client: 64 of them are enough for the machine without it.
const PAUSE: Duration = Duration::from_millis(40);

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("upgrade::64 clients notice nothing of four replacements", unnoticed),
        Trial::test("upgrade::a request in flight is finished by the process that began it", in_flight),
        Trial::test("upgrade::a program that cannot take over changes nothing", wrong_programs),
        Trial::test("upgrade::one at a time, and a signal meanwhile stops the service", one_at_a_time),
        Trial::test(
            "upgrade::a service supervisor's socket is served, and clients that came before wait in it",
            inherited,
        ),
        Trial::test(
            "upgrade::a successor that fails with the data folder in hand is followed by the old program",
            failing,
        ),
    ]
}

/// A service of its own whose processes replace each other; the last one ends with it.
pub(crate) struct Chain {
    pub(crate) funcd: Funcd,
    pub(crate) host: String,
}

impl Chain {
    fn start() -> Self {
        let funcd = Funcd::start();
        let host = funcd.deploy(&root().join("e2e/cases/request-headers/function"), "echo", &["--concurrency", "100"]);
        Self { funcd, host }
    }

    /// The process that has the data folder.
    pub(crate) fn pid(&self) -> Pid {
        let text = std::fs::read_to_string(self.funcd.data.join("lock")).unwrap();
        Pid::from_raw(text.trim().parse().unwrap()).unwrap()
    }

    pub(crate) fn upgrade(&self, program: &Path) -> Output {
        self.funcd.cli(&["upgrade", "--binary", program.to_str().unwrap()])
    }

    #[track_caller]
    fn serves(&self) {
        let answer = get(self.funcd.gateway, &self.host, "/");
        assert_eq!(answer.status, 200, "{answer:?}\n{}", self.funcd.said());
        self.funcd.json(&["list"]);
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        let pid = self.pid();
        kill_process(pid, Signal::TERM).unwrap_or_default();
        if pid != self.funcd.pid() && !std::thread::panicking() {
            wait("the last process ends", Duration::from_secs(30), || test_kill_process(pid).is_err());
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Keeps,
    Anew,
    Rests,
}

/// What clients came to.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) stop: AtomicBool,
    pub(crate) answered: AtomicUsize,
    pub(crate) failed: std::sync::Mutex<Vec<String>>,
}

impl Seen {
    /// Whether the connection can be used again.
    pub(crate) fn note(&self, answer: hyper::Result<Answer>) -> bool {
        match answer {
            Ok(answer) if answer.status == 200 => {
                self.answered.fetch_add(1, SeqCst);
                return answer.headers.get("connection").is_none_or(|value| value != "close");
            }
            Ok(answer) => self.failed.lock().unwrap().push(format!("{}: {}", answer.status, answer.text())),
            Err(error) => self.failed.lock().unwrap().push(format!("{error:?}")),
        }
        false
    }
}

async fn client(kind: Kind, chain: Arc<Chain>, seen: Arc<Seen>, mut upgrades: watch::Receiver<usize>) {
    let mut kept = None;
    while !seen.stop.load(SeqCst) {
        let mut connection = match kept.take() {
            Some(connection) => connection,
            None => Connection::open(chain.funcd.gateway, &chain.host).await,
        };
        let again = seen.note(connection.send(Method::GET, "/", &[], Bytes::new()).await);
        if again && kind != Kind::Anew {
            kept = Some(connection);
        }
        match kind {
            // Another process has the connection by then.
            Kind::Rests => upgrades.changed().await.unwrap_or_default(),
            _ => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// One that keeps a connection to the API, which has no body to sign.
async fn operator(chain: Arc<Chain>, seen: Arc<Seen>) {
    let mut kept = None;
    while !seen.stop.load(SeqCst) {
        let mut connection = match kept.take() {
            Some(connection) => connection,
            None => Connection::open(chain.funcd.api, "127.0.0.1").await,
        };
        kept = seen.note(connection.send(Method::GET, "/healthz", &[], Bytes::new()).await).then_some(connection);
        tokio::time::sleep(PAUSE).await;
    }
}

fn unnoticed() -> Result<(), Failed> {
    let (chain, seen, (told, upgrades)) = (Arc::new(Chain::start()), Arc::new(Seen::default()), watch::channel(0));
    chain.serves();
    let counted = || chain.funcd.json(&["stats", "echo"])["invocations"].as_u64().unwrap();
    let counted_before = counted();
    let (own, clients, operators) = (Arc::clone(&chain), Arc::clone(&seen), Arc::new(Seen::default()));
    let api = Arc::clone(&operators);
    let crowd = std::thread::spawn(move || {
        run(async {
            let mut tasks = tokio::task::JoinSet::new();
            for kind in CLIENTS.iter().flat_map(|(kind, number)| std::iter::repeat_n(*kind, *number)) {
                tasks.spawn(client(kind, Arc::clone(&own), Arc::clone(&clients), upgrades.clone()));
            }
            tasks.spawn(operator(Arc::clone(&own), api));
            tasks.join_all().await;
        });
    });
    let mut pids = vec![chain.pid()];
    for number in 1..=UPGRADES {
        let before = seen.answered.load(SeqCst);
        wait("requests flow", Duration::from_secs(60), || seen.answered.load(SeqCst) > before + 500);
        let changed = chain.funcd.cli(&[
            "deploy",
            root().join("e2e/cases/request-headers/function").to_str().unwrap(),
            "--name",
            &format!("made-{number}"),
        ]);
        assert!(changed.status.success(), "{changed:?}");
        let output = chain.upgrade(&binary());
        assert!(output.status.success(), "{output:?}\n{}", chain.funcd.said());
        pids.push(chain.pid());
        told.send_replace(number);
    }
    let before = seen.answered.load(SeqCst);
    wait("requests flow on", Duration::from_secs(60), || seen.answered.load(SeqCst) > before + 500);
    for seen in [&seen, &operators] {
        seen.stop.store(true, SeqCst);
    }
    told.send_replace(UPGRADES + 1);
    crowd.join().unwrap();
    let mut different = pids.clone();
    different.dedup();
    assert_eq!(different.len(), UPGRADES + 1, "{pids:?}");
    for seen in [&seen, &operators] {
        assert_eq!(*seen.failed.lock().unwrap(), [""; 0], "{}", chain.funcd.said());
    }
    eprintln!("{} requests, {} to the API", seen.answered.load(SeqCst), operators.answered.load(SeqCst));
    let answered = seen.answered.load(SeqCst) as u64;
    wait("each request is counted once", Duration::from_secs(20), || counted() - counted_before == answered);
    assert_eq!(chain.funcd.json(&["list"]).as_array().unwrap().len(), 1 + UPGRADES, "what was acknowledged is there");
    for pid in &pids[..UPGRADES] {
        wait("a process that was replaced ends", Duration::from_secs(60), || {
            *pid == chain.funcd.pid() || test_kill_process(*pid).is_err()
        });
    }
    assert!(chain.funcd.wait(Duration::from_secs(30)).success());
    Ok(())
}

/// Slow enough to outlast an upgrade; a second request is served by the next process meanwhile.
fn in_flight() -> Result<(), Failed> {
    let chain = Chain::start();
    let folder = tempfile::tempdir().unwrap();
    let start = "exec /opt/function/runtime/nodejs20.15/rtsp/nodejs/bin/node $RUNTIME_CODE_ROOT/index.js\n";
    let slow = "require('http').createServer((q, r) => q.url === '/slow' ? (r.write('a'), setTimeout(() => r.end('b'), 8000)) : r.end('c')).listen(8000, '127.0.0.1')";
    std::fs::write(folder.path().join("bootstrap"), start).unwrap();
    std::fs::write(folder.path().join("index.js"), slow).unwrap();
    let host = chain.funcd.deploy(folder.path(), "slow", &["--concurrency", "10"]);
    let answer = run(async {
        let mut connection = Connection::open(chain.funcd.gateway, &host).await;
        let response = connection.start(Method::GET, "/slow", &[], Bytes::new()).await.unwrap();
        let output = chain.upgrade(&binary());
        assert!(output.status.success(), "{output:?}");
        let mut other = Connection::open(chain.funcd.gateway, &host).await;
        assert_eq!(other.send(Method::GET, "/", &[], Bytes::new()).await.unwrap().text(), "c");
        http_body_util::BodyExt::collect(response.into_body()).await.unwrap().to_bytes()
    });
    assert_eq!(answer, "ab", "{}", chain.funcd.said());
    assert!(chain.funcd.wait(Duration::from_secs(30)).success(), "the old process ends with its last request");
    chain.serves();
    Ok(())
}

fn script(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn refused(output: &Output, part: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains(part), "{part} is not in {output:?}");
}

fn wrong_programs() -> Result<(), Failed> {
    let (chain, folder) = (Chain::start(), tempfile::tempdir().unwrap());
    let pid = chain.pid();
    let text = folder.path().join("text");
    std::fs::write(&text, "no program").unwrap();
    refused(&chain.upgrade(Path::new("/bin/false")), "exit status 1");
    refused(&chain.upgrade(Path::new("/bin/true")), "exit status 0");
    refused(&chain.upgrade(&script(folder.path(), "killed", "#!/bin/sh\nkill -9 $$\n")), "signal 9");
    refused(&chain.upgrade(&text), "cannot start");
    refused(&chain.upgrade(folder.path()), "cannot start");
    refused(&chain.upgrade(Path::new("/nowhere/funcd")), "there is no program");
    // A configuration that the next process cannot use is told by that process.
    let config = chain.funcd.data.join("funcd.toml");
    std::fs::write(&config, "[gateway]\nlisten = \"127.0.0.1:0\"\nwrong = 1\n").unwrap();
    refused(&chain.upgrade(&binary()), "is not a configuration of funcd");
    std::fs::write(&config, "").unwrap();
    assert_eq!(chain.pid(), pid);
    chain.serves();
    let output = chain.upgrade(&binary());
    assert!(output.status.success(), "{output:?}");
    chain.serves();
    Ok(())
}

fn one_at_a_time() -> Result<(), Failed> {
    let (chain, folder) = (Arc::new(Chain::start()), tempfile::tempdir().unwrap());
    let begun = folder.path().join("begun");
    let slow = format!("#!/bin/sh\ntouch {}\nsleep 3\nexec {} \"$@\"\n", begun.display(), binary().display());
    let slow = script(folder.path(), "slow", &slow);
    let (own, program) = (Arc::clone(&chain), slow);
    let first = std::thread::spawn(move || own.upgrade(&program));
    wait("the first upgrade begins", Duration::from_secs(20), || begun.is_file());
    refused(&chain.upgrade(&binary()), "another upgrade is under way");
    let first = first.join().unwrap();
    assert!(first.status.success(), "{first:?}");
    chain.serves();
    assert!(chain.funcd.wait(Duration::from_secs(30)).success());

    let pid = chain.pid();
    std::fs::remove_file(&begun).unwrap();
    let endless = script(folder.path(), "endless", &format!("#!/bin/sh\ntouch {}\nexec sleep 60\n", begun.display()));
    let own = Arc::clone(&chain);
    let second = std::thread::spawn(move || own.upgrade(&endless));
    wait("the second upgrade begins", Duration::from_secs(20), || begun.is_file());
    kill_process(pid, Signal::INT).unwrap();
    refused(&second.join().unwrap(), "funcd is stopping");
    wait("the service ends", Duration::from_secs(30), || test_kill_process(pid).is_err());
    nothing_left(&chain.funcd);
    Ok(())
}

/// Its log folder cannot be opened: nothing tells so before the data folder was let go.
fn failing() -> Result<(), Failed> {
    let chain = Arc::new(Chain::start());
    let logs = chain.funcd.data.join("logs");
    let away = chain.funcd.data.join("logs-away");
    std::fs::rename(&logs, &away).unwrap();
    std::fs::write(&logs, "").unwrap();
    let own = Arc::clone(&chain);
    let upgrading = std::thread::spawn(move || own.upgrade(&binary()));
    wait("the old program fails too", Duration::from_secs(60), || {
        chain.funcd.said().contains("service.control_plane_is_down")
    });
    // Functions are served all the same.
    assert_eq!(get(chain.funcd.gateway, &chain.host, "/").status, 200);
    std::fs::remove_file(&logs).unwrap();
    std::fs::rename(&away, &logs).unwrap();
    refused(&upgrading.join().unwrap(), "telemetry folder");
    chain.serves();
    assert_ne!(chain.pid(), chain.funcd.pid());
    Ok(())
}

/// What systemd does for a socket unit: the socket is there first, and comes as descriptor 3 with its name.
fn inherited() -> Result<(), Failed> {
    use std::io::{Read as _, Write as _};
    use std::process::{Command, Stdio};
    let folder = tempfile::tempdir().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut early = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (api, _) = crate::harness::free_ports();
    let line = "exec 3<&0 0</dev/null; export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=gateway; exec \"$@\"";
    let mut child = Command::new("sh")
        .args(["-c", line, "sh"])
        .arg(binary())
        .args(["up", "--data-dir"])
        .arg(folder.path())
        .args(["--api", &api.to_string(), "--gateway", "127.0.0.1:1"])
        .stdin(std::os::fd::OwnedFd::from(listener))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    early.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    early.write_all(b"GET / HTTP/1.1\r\nHost: nobody.test\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    let read = early.read_to_string(&mut answer);
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap_or_default();
    let ended = child.wait().unwrap();
    assert!(ended.success(), "{ended} {read:?} {answer}");
    read.unwrap();
    assert!(answer.starts_with("HTTP/1.1 404") && answer.contains("APIG.0101"), "{answer}");
    Ok(())
}
