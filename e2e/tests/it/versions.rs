//! Published versions and aliases of a real function: weights and rules at the gateway, flips under load, deletions.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::client::{Connection, run};
use crate::harness::{Funcd, shared, wait};

const CLIENTS: usize = 16;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("versions::a weight divides the requests of 16 clients within what chance allows", weight),
        Trial::test("versions::rules send exactly the requests they name to the additional version", rules),
        Trial::test("versions::flips under load fail no request and show no third version", flips),
        Trial::test("versions::what is needed is not deleted and what is deleted answers no more", deletions),
    ]
}

/// A function that answers with what is in its code and the version it was told it is: `one v1`.
fn source(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let server = format!(
        "require('http').createServer((req, res) => res.end(`{text} ${{req.headers['x-cff-func-version']}}`))\
         .listen(8000, '127.0.0.1');\n"
    );
    fs::write(folder.path().join("index.js"), server).unwrap();
    let start = "/opt/function/runtime/nodejs20.15/rtsp/nodejs/bin/node index.js\n";
    fs::write(folder.path().join("bootstrap"), start).unwrap();
    folder
}

/// A function with `one` as v1, `two` as v2 and `three` as latest, and an alias `prod` of v1; gives the alias's host.
fn made(funcd: &Funcd, name: &str) -> String {
    for (text, version) in [("one", Some("v1")), ("two", Some("v2")), ("three", None)] {
        funcd.deploy(source(text).path(), name, &["--concurrency", "50", "--max-instances", "2"]);
        if let Some(version) = version {
            let published = funcd.json(&["publish", name, "--version", version, "--description", text]);
            assert_eq!((&published["version"], &published["version_description"]), (&version.into(), &text.into()));
        }
    }
    let host = format!("prod-{name}.localhost");
    let alias = funcd.json(&["alias", "set", name, "prod", "v1", "--domain", &host]);
    assert_eq!(alias["urls"][0], format!("http://{host}:{}/", funcd.gateway.port()), "{alias}");
    host
}

/// What one request reaches.
async fn reach(connection: &mut Connection, headers: &[(&str, &str)]) -> String {
    let answer = connection.send(Method::GET, "/", headers, Bytes::new()).await.expect("no connection breaks");
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.text()
}

fn weight() -> Result<(), Failed> {
    const TURNS: usize = 250;
    let funcd = shared();
    let host = made(&funcd, "weighted");
    funcd.json(&["alias", "set", "weighted", "prod", "v1", "--additional", "v2", "--weight", "20"]);
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (host, gateway) = (host.clone(), funcd.gateway);
            std::thread::spawn(move || run(count(gateway, host, TURNS)))
        })
        .collect();
    let mut seen = BTreeMap::<String, usize>::new();
    for client in clients {
        for (text, count) in client.join().unwrap() {
            *seen.entry(text).or_default() += count;
        }
    }
    assert_eq!(seen.keys().collect::<Vec<_>>(), ["one v1", "two v2"], "code and version belong together");
    // 800 of 4,000 are expected, with a standard deviation of 25: further off than five of them is no chance.
    assert!((674..=926).contains(&seen["two v2"]), "{seen:?}");
    let requests = funcd.json(&["show", "weighted"])["requests"].clone();
    let versions: Vec<&Value> = requests.as_array().unwrap().iter().map(|request| &request["version"]).collect();
    assert!(versions.iter().all(|version| **version == "v1" || **version == "v2"), "{requests}");
    Ok(())
}

async fn count(gateway: SocketAddr, host: String, turns: usize) -> BTreeMap<String, usize> {
    let mut connection = Connection::open(gateway, &host).await;
    let mut seen = BTreeMap::new();
    for _ in 0..turns {
        *seen.entry(reach(&mut connection, &[]).await).or_default() += 1;
    }
    seen
}

/// What the main or the additional version says.
fn answer_of(additional: bool) -> &'static str {
    if additional { "two v2" } else { "one v1" }
}

fn rules() -> Result<(), Failed> {
    let funcd = shared();
    let host = made(&funcd, "ruled");
    let set = |options: &[&str]| {
        let line: Vec<&str> =
            ["alias", "set", "ruled", "prod", "v1", "--additional", "v2"].iter().chain(options).copied().collect();
        funcd.json(&line)
    };
    let check = |lines: &[(&[(&str, &str)], bool)]| {
        run(async {
            let mut connection = Connection::open(funcd.gateway, &host).await;
            // Five times each: a draw would not fall the same way as often.
            for (headers, additional) in lines.iter().cycle().take(5 * lines.len()) {
                assert_eq!(reach(&mut connection, headers).await, answer_of(*additional), "{headers:?}");
            }
        });
    };
    set(&["--header", "X-Beta=yes"]);
    check(&[
        (&[("x-beta", "yes")], true),
        (&[("X-BETA", " yes ")], true),
        (&[("x-beta", "Yes")], false),
        (&[("x-beta", "no")], false),
        (&[], false),
    ]);
    set(&["--cookie", "tier=gold,silver"]);
    check(&[
        (&[("cookie", "a=b; tier=silver")], true),
        (&[("cookie", "a=b"), ("cookie", "tier=gold")], true),
        (&[("cookie", "tier=bronze")], false),
        (&[("cookie", "Tier=gold")], false),
        (&[("tier", "gold")], false),
    ]);
    set(&["--header", "X-Beta=yes", "--cookie", "tier=gold"]);
    check(&[(&[("x-beta", "yes"), ("cookie", "tier=gold")], true), (&[("x-beta", "yes")], false)]);
    set(&["--header", "X-Beta=yes", "--cookie", "tier=gold", "--any"]);
    check(&[(&[("cookie", "tier=gold")], true), (&[("x-beta", "yes")], true), (&[], false)]);
    Ok(())
}

fn flips() -> Result<(), Failed> {
    const FLIPS: usize = 20;
    let funcd = shared();
    let host = made(&funcd, "flipped");
    let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (stop, done, host, gateway) = (Arc::clone(&stop), Arc::clone(&done), host.clone(), funcd.gateway);
            std::thread::spawn(move || run(until(stop, done, gateway, host)))
        })
        .collect();
    for turn in 0..FLIPS {
        let (version, expect) = if turn % 2 == 0 { ("v2", "two v2") } else { ("v1", "one v1") };
        funcd.json(&["alias", "set", "flipped", "prod", version]);
        let seen = run(async { reach(&mut Connection::open(funcd.gateway, &host).await, &[]).await });
        assert_eq!(seen, expect, "a request after the change was acknowledged");
        let before = done.load(Ordering::Relaxed);
        wait("requests flow", Duration::from_secs(60), || {
            done.load(Ordering::Relaxed) > before + CLIENTS || clients.iter().any(|client| client.is_finished())
        });
    }
    stop.store(true, Ordering::Relaxed);
    let mut seen = BTreeMap::<String, usize>::new();
    for client in clients {
        for (text, count) in client.join().unwrap() {
            *seen.entry(text).or_default() += count;
        }
    }
    assert_eq!(seen.keys().collect::<Vec<_>>(), ["one v1", "two v2"], "{seen:?}");
    Ok(())
}

/// What a client sees that never stops asking.
async fn until(
    stop: Arc<AtomicBool>,
    done: Arc<AtomicUsize>,
    gateway: SocketAddr,
    host: String,
) -> BTreeMap<String, usize> {
    let mut connection = Connection::open(gateway, &host).await;
    let mut seen = BTreeMap::new();
    while !stop.load(Ordering::Relaxed) {
        *seen.entry(reach(&mut connection, &[]).await).or_default() += 1;
        done.fetch_add(1, Ordering::Relaxed);
    }
    seen
}

fn deletions() -> Result<(), Failed> {
    let funcd = shared();
    let host = made(&funcd, "kept");
    let refused = |arguments: &[&str], code: &str| {
        let line: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
        let output = funcd.cli(&line);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let error: Value = serde_json::from_str(said.trim()).unwrap_or_else(|_| panic!("{said}"));
        assert!(!output.status.success());
        assert_eq!(error["error"]["error_code"], code, "{error}");
    };
    funcd.json(&["alias", "set", "kept", "prod", "v1", "--additional", "v2", "--weight", "0"]);
    refused(&["delete", "kept", "--version", "v2", "--yes"], "FSS.1094");
    refused(&["delete", "kept", "--version", "v1", "--yes"], "FSS.1154");
    refused(&["alias", "delete", "kept", "prod"], "FSS.1154");
    refused(&["delete", "kept", "--version", "latest", "--yes"], "FSS.1015");
    refused(&["delete", "kept", "--version", "v9", "--yes"], "FSS.1052");
    refused(&["alias", "set", "kept", "beta", "v1"], "FSS.1066");
    refused(&["publish", "kept", "--version", "v1"], "FSS.1062");
    funcd.json(&["publish", "kept", "--version", "v3"]);
    refused(&["publish", "kept", "--version", "v4"], "FSS.1016");

    let at = |host: &str| {
        run(async {
            let mut connection = Connection::open(funcd.gateway, host).await;
            let answer = connection.send(Method::GET, "/", &[], Bytes::new()).await.unwrap();
            (answer.status, answer.text())
        })
    };
    assert_eq!((at(&host).1, at("kept.localhost").1), ("one v1".to_owned(), "three latest".to_owned()));
    funcd.json(&["delete", "kept", "--yes"]);
    assert_eq!((at(&host).0, at("kept.localhost").0), (404, 404));
    Ok(())
}
