//! An instance that nobody needs for a moment, in the real funcd: frozen, thawed, and gone when it should be.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use libtest_mimic::{Failed, Trial};
use rustix::process::Signal;

use crate::client::{Answer, Connection, get, run};
use crate::harness::{Funcd, wait};
use crate::lifecycle::{cgroup_folders, nothing_left};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("freeze::a frozen instance answers the next request and has lost nothing", answers),
        Trial::test("freeze::work after the response goes on until the instance is frozen", background),
        Trial::test("freeze::a redeploy replaces a frozen instance at once", redeploys),
        Trial::test("freeze::sigterm and a second start after sigkill leave no frozen instance", stops),
        Trial::test("freeze::it can be switched off", switched_off),
    ]
}

/// Counts requests, and the tenths of a second in which it runs.
const COUNTS: &str = "let requests = 0, ticks = 0; setInterval(() => ticks++, 100);
require('http').createServer((req, res) => { res.end(JSON.stringify({ requests: ++requests, ticks, pid: process.pid, word: 'WORD' })); })
.listen(8000, '127.0.0.1');";

fn function(word: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("index.js"), COUNTS.replace("WORD", word)).unwrap();
    fs::write(folder.path().join("bootstrap"), "/opt/function/runtime/nodejs20.15/rtsp/nodejs/bin/node index.js\n")
        .unwrap();
    folder
}

/// A funcd that freezes after a second, with the function deployed and called; a deploy calls it as well.
fn world() -> (Funcd, String, Answer) {
    let funcd = Funcd::start_with("[instances]\nfreeze_after = '1s'\n");
    let host = funcd.deploy(function("first").path(), "counts", &[]);
    let first = get(funcd.gateway, &host, "/");
    assert_eq!(first.status, 200, "{}", first.text());
    (funcd, host, first)
}

/// Folders of instances whose processes the kernel has stopped.
fn frozen(data: &Path) -> Vec<PathBuf> {
    let is_frozen = |dir: &PathBuf| {
        let read = |file: &str| fs::read_to_string(dir.join(file)).unwrap_or_default();
        read("cgroup.events").contains("frozen 1") || read("freezer.state").trim() == "FROZEN"
    };
    cgroup_folders(data).into_iter().filter(is_frozen).collect()
}

fn wait_until_frozen(funcd: &Funcd) {
    wait("the instance is frozen", Duration::from_secs(30), || frozen(&funcd.data).len() == 1);
}

fn timed(funcd: &Funcd, host: &str) -> Answer {
    let headers = &[("x-funcd-timing", "1")];
    run(async {
        Connection::open(funcd.gateway, host).await.send(Method::GET, "/", headers, Bytes::new()).await.unwrap()
    })
}

fn answers() -> Result<(), Failed> {
    let (funcd, host, first) = world();
    let before = first.json();
    for turn in 1..4 {
        wait_until_frozen(&funcd);
        let answer = timed(&funcd, &host);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let json = answer.json();
        assert_eq!(json["requests"].as_u64(), before["requests"].as_u64().map(|requests| requests + turn), "{json}");
        assert_eq!(json["pid"], before["pid"], "another process answered");
        assert!(frozen(&funcd.data).is_empty(), "it answered and is frozen");
        let timing = answer.headers["server-timing"].to_str().unwrap();
        assert!(timing.contains("thaw;dur=") && !timing.contains("thaw;dur=0.000"), "{timing}");
    }
    Ok(())
}

fn background() -> Result<(), Failed> {
    let (funcd, host, _) = world();
    wait_until_frozen(&funcd);
    let at_thaw = get(funcd.gateway, &host, "/").json()["ticks"].as_u64().unwrap();
    assert!(at_thaw >= 5, "it did not run for most of a second after the response: {at_thaw} ticks");
    wait_until_frozen(&funcd);
    let then = std::time::Instant::now();
    wait("time passes", Duration::from_secs(10), || then.elapsed() > Duration::from_secs(3));
    let later = get(funcd.gateway, &host, "/").json()["ticks"].as_u64().unwrap();
    assert!(later - at_thaw < 25, "it ran while it was frozen: {} ticks", later - at_thaw);
    Ok(())
}

fn redeploys() -> Result<(), Failed> {
    let (funcd, host, _) = world();
    wait_until_frozen(&funcd);
    let old = fs::read_to_string(frozen(&funcd.data)[0].join("cgroup.procs")).unwrap();
    assert!(old.lines().count() > 1, "init and the server: {old:?}");
    funcd.deploy(function("second").path(), "counts", &[]);
    assert_eq!(get(funcd.gateway, &host, "/").json()["word"], "second");
    wait("the old instance is gone", Duration::from_secs(20), || {
        old.lines().all(|pid| !Path::new("/proc").join(pid).try_exists().unwrap())
    });
    Ok(())
}

fn stops() -> Result<(), Failed> {
    let (first, host, _) = world();
    wait_until_frozen(&first);
    first.signal(Signal::KILL);
    first.wait(Duration::from_secs(5));
    let second = Funcd::start_in(&first.data);
    assert!(frozen(&first.data).is_empty(), "{:?}", frozen(&first.data));
    assert_eq!(get(second.gateway, &host, "/").json()["requests"], 1);
    wait_until_frozen(&second);
    second.signal(Signal::TERM);
    assert!(second.wait(Duration::from_secs(20)).success());
    nothing_left(&second);
    Ok(())
}

fn switched_off() -> Result<(), Failed> {
    let funcd = Funcd::start_with("[instances]\nfreeze_after = 'off'\nidle_seconds = 3\n");
    let host = funcd.deploy(function("first").path(), "counts", &[]);
    get(funcd.gateway, &host, "/");
    wait("the idle instance is gone", Duration::from_secs(20), || {
        assert!(frozen(&funcd.data).is_empty());
        funcd.cli(&["logs", "counts"]).stdout.windows(5).any(|word| word == b"ended")
    });
    Ok(())
}
