//! Start, stop, crash: what a user does to the process itself.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use libtest_mimic::{Failed, Trial};
use rustix::process::Signal;

use crate::client::{Connection, get, run};
use crate::harness::{Funcd, binary, free_ports, wait};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("lifecycle::the first start says where things are and keeps secrets sealed", first_start),
        Trial::test("lifecycle::ctrl-c finishes the requests in flight and stops every instance", || {
            drains(Signal::INT)
        }),
        Trial::test("lifecycle::sigterm finishes the requests in flight and stops every instance", || {
            drains(Signal::TERM)
        }),
        Trial::test("lifecycle::a second ctrl-c stops at once", second_signal),
        Trial::test("lifecycle::after sigkill the next start reaps orphans and serves what was deployed", killed),
        Trial::test("lifecycle::a second funcd on the same folder is refused in one line", second_funcd),
        Trial::test("lifecycle::a port in use is refused in one line", port_in_use),
        Trial::test("lifecycle::a folder without rights is refused in one line", no_rights),
        Trial::test("lifecycle::a wrong configuration names every problem", wrong_configuration),
        Trial::test("lifecycle::doctor prints a verdict and a remedy for each finding", doctor),
    ]
}

const SLOW: &str = "let busy = 0;
require('http').createServer((req, res) => {
  if (req.url !== '/slow') return res.end(req.url === '/busy' ? String(busy) : 'ok');
  busy += 1;
  setTimeout(() => { busy -= 1; res.end('ok'); }, 2000);
}).listen(8000, '127.0.0.1');
";

/// A function in a folder of its own that answers `/` at once, `/slow` after two seconds, and `/busy` with how many of those it has.
fn slow_function(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("index.js"), SLOW).unwrap();
    fs::write(folder.join("bootstrap"), "/opt/function/runtime/nodejs20.15/rtsp/nodejs/bin/node index.js\n").unwrap();
}

fn first_start() -> Result<(), Failed> {
    let funcd = Funcd::start();
    let credentials = funcd.json(&["credentials"]);
    let secret = credentials["secret_key"].as_str().unwrap().to_owned();
    assert_eq!(credentials["project_id"].as_str().unwrap().len(), 32);
    assert_eq!(credentials["region"], "local-1");
    assert_eq!(credentials["api"], format!("http://{}", funcd.api));
    assert_eq!(credentials["gateway"], format!("http://{}", funcd.gateway));
    wait("the banner is printed", Duration::from_secs(5), || funcd.said().contains("funcd credentials"));
    assert!(!funcd.said().contains(&secret), "the secret key is printed");
    let mut files = Vec::new();
    walk(&funcd.data, &mut files);
    assert!(files.len() > 3);
    for file in files {
        let content = fs::read(&file).unwrap_or_default();
        assert!(
            !content.windows(secret.len()).any(|window| window == secret.as_bytes()),
            "{} holds the secret",
            file.display()
        );
    }
    let key = fs::metadata(funcd.data.join("secret.key")).unwrap();
    assert_eq!(key.permissions().mode() & 0o077, 0, "the key is not private");
    Ok(())
}

fn walk(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            walk(&entry.path(), files);
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
}

fn drains(signal: Signal) -> Result<(), Failed> {
    let funcd = Funcd::start();
    let folder = tempfile::tempdir().unwrap();
    slow_function(folder.path());
    let host = funcd.deploy(folder.path(), "slow", &["--timeout", "10"]);
    let answer = run(async {
        let mut connection = Connection::open(funcd.gateway, &host).await;
        let request = connection.send(Method::GET, "/slow", &[], Bytes::new());
        let stop = async {
            in_flight(&funcd, &host).await;
            funcd.signal(signal);
        };
        tokio::join!(request, stop).0
    });
    let answer = answer.unwrap_or_else(|error| panic!("{error}: {}", funcd.said()));
    assert_eq!(answer.text(), "ok", "the request in flight must be finished: {}", funcd.said());
    assert!(funcd.wait(Duration::from_secs(20)).success(), "{}", funcd.said());
    nothing_left(&funcd);
    Ok(())
}

pub(crate) fn nothing_left(funcd: &Funcd) {
    wait("no process is left", Duration::from_secs(10), || funcd.processes() == 0);
    let left: Vec<String> = cgroups(&funcd.data);
    assert!(left.is_empty(), "cgroups are left: {left:?}");
}

/// Cgroups of an installation that still exist.
fn cgroups(data: &Path) -> Vec<String> {
    cgroup_folders(data).into_iter().map(|path| path.display().to_string()).collect()
}

/// Folders of an installation's instances in all hierarchies.
pub(crate) fn cgroup_folders(data: &Path) -> Vec<std::path::PathBuf> {
    use sha2::Digest as _;
    let digest = hex::encode(sha2::Sha256::digest(data.canonicalize().unwrap().as_os_str().as_encoded_bytes()));
    let name = format!("funcd-{}", &digest[..8]);
    let roots = [
        "/sys/fs/cgroup",
        "/sys/fs/cgroup/unified",
        "/sys/fs/cgroup/memory",
        "/sys/fs/cgroup/pids",
        "/sys/fs/cgroup/cpu",
        "/sys/fs/cgroup/freezer",
    ];
    let mut found = Vec::new();
    for root in roots {
        // Processes that replaced each other have one each.
        let Ok(trees) = fs::read_dir(root) else { continue };
        for tree in trees.flatten().filter(|tree| tree.file_name().to_string_lossy().starts_with(&name)) {
            let Ok(entries) = fs::read_dir(tree.path()) else { continue };
            found.extend(entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()));
        }
    }
    found
}

/// Waits until the function has the slow request.
async fn in_flight(funcd: &Funcd, host: &str) {
    let mut connection = Connection::open(funcd.gateway, host).await;
    while connection.send(Method::GET, "/busy", &[], Bytes::new()).await.unwrap().text() != "1" {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn second_signal() -> Result<(), Failed> {
    let funcd = Funcd::start();
    let folder = tempfile::tempdir().unwrap();
    slow_function(folder.path());
    let host = funcd.deploy(folder.path(), "slow", &["--timeout", "10"]);
    run(async {
        let mut connection = Connection::open(funcd.gateway, &host).await;
        let request = connection.send(Method::GET, "/slow", &[], Bytes::new());
        let stop = async {
            in_flight(&funcd, &host).await;
            funcd.signal(Signal::INT);
            tokio::time::sleep(Duration::from_millis(300)).await;
            funcd.signal(Signal::INT);
        };
        let (answer, ()) = tokio::join!(request, stop);
        assert!(answer.is_err() || answer.is_ok_and(|answer| answer.status != 200), "the request was cut");
    });
    funcd.wait(Duration::from_secs(5));
    nothing_left(&funcd);
    Ok(())
}

fn killed() -> Result<(), Failed> {
    let first = Funcd::start();
    let folder = tempfile::tempdir().unwrap();
    slow_function(folder.path());
    let host = first.deploy(folder.path(), "stays", &[]);
    first.signal(Signal::KILL);
    first.wait(Duration::from_secs(5));
    let second = Funcd::start_in(&first.data);
    assert_eq!(cgroups(&first.data).iter().filter(|path| path.contains("stays")).count(), 0);
    let answer = get(second.gateway, &host, "/");
    assert_eq!((answer.status, answer.text().as_str()), (200, "ok"), "what was acknowledged is served");
    second.signal(Signal::TERM);
    assert!(second.wait(Duration::from_secs(20)).success());
    nothing_left(&second);
    Ok(())
}

/// Runs `funcd up` that must fail; returns its one line.
fn refused(arguments: &[&str]) -> String {
    let output = Command::new(binary()).arg("up").args(arguments).output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.trim().lines().filter(|line| line.starts_with("error")).count(), 1, "{said}");
    said
}

fn second_funcd() -> Result<(), Failed> {
    let first = Funcd::start();
    let (api, gateway) = free_ports();
    let said = refused(&[
        "--data-dir",
        first.data.to_str().unwrap(),
        "--api",
        &api.to_string(),
        "--gateway",
        &gateway.to_string(),
    ]);
    assert!(said.contains("another funcd") && said.contains(&first.pid().as_raw_nonzero().to_string()), "{said}");
    assert!(said.contains("--data-dir"), "{said}");
    Ok(())
}

fn port_in_use() -> Result<(), Failed> {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (api, _) = free_ports();
    let address = taken.local_addr().unwrap().to_string();
    let said =
        refused(&["--data-dir", folder.path().to_str().unwrap(), "--api", &api.to_string(), "--gateway", &address]);
    assert!(said.contains(&address) && said.contains("--gateway"), "{said}");
    Ok(())
}

fn no_rights() -> Result<(), Failed> {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let inner = folder.path().join("data");
    // The binary may be below a folder that others cannot enter.
    let copy = tempfile::Builder::new().prefix("funcd-bin-").tempdir().unwrap();
    fs::set_permissions(copy.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let program = copy.path().join("funcd");
    // Not written by this process: a descriptor inherited by another test's child would make the file busy.
    assert!(Command::new("cp").arg(binary()).arg(&program).status().unwrap().success());
    use std::os::unix::process::CommandExt as _;
    let output =
        Command::new(&program).args(["up", "--data-dir"]).arg(&inner).uid(65_534).gid(65_534).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success() && said.contains(inner.to_str().unwrap()) && said.contains("--data-dir"),
        "{said}"
    );
    Ok(())
}

fn wrong_configuration() -> Result<(), Failed> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("funcd.toml"), "region = 'No!'\napi.listen = 'nowhere'\n").unwrap();
    let said = refused(&["--data-dir", folder.path().to_str().unwrap()]);
    assert!(said.contains("region") && said.contains("api.listen"), "{said}");
    Ok(())
}

fn doctor() -> Result<(), Failed> {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(binary()).args(["doctor", "--json", "--data-dir"]).arg(folder.path()).output().unwrap();
    let findings: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert!(findings.len() > 10, "{findings:?}");
    for finding in &findings {
        let verdict = finding["verdict"].as_str().unwrap();
        assert!(["ok", "degraded", "missing"].contains(&verdict), "{finding}");
        assert!(verdict == "ok" || !finding["remedy"].as_str().unwrap().is_empty(), "{finding}");
    }
    Ok(())
}
