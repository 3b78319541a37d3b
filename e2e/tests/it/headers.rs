//! Headers of requests, kept in memory for a while: by the command line, as a user would.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use libtest_mimic::{Failed, Trial};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::client::{Connection, run};
use crate::harness::{Funcd, root, wait};
use crate::identity::{act, refused};

/// Values that nothing else says, so that they are found wherever they are.
const LISTED: &str = "tenant-7f3a9c51";
const HIDDEN: &str = "hidden-0b6e2d84";
/// As many as are kept of a function.
const KEPT: u64 = 100;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test(
            "headers::are kept when somebody wants to see them, in memory, with no value that nobody may see",
            kept,
        ),
        Trial::test("headers::are of the newest requests, and end by themselves, by a stop and by a restart", ended),
        Trial::test("headers::are nobody else's: another project and who only reads", others),
    ]
}

fn deploy(funcd: &Funcd, name: &str) -> String {
    funcd.deploy(&root().join("e2e/cases/request-headers/function"), name, &["--concurrency", "10"])
}

/// One request with values of every kind; its id.
async fn ask(connection: &mut Connection) -> String {
    let bearer = format!("Bearer {HIDDEN}");
    let cookie = format!("s={HIDDEN}");
    let headers = [
        ("x-tenant", LISTED),
        ("x-key", HIDDEN),
        ("authorization", bearer.as_str()),
        ("cookie", cookie.as_str()),
        ("accept", "text/plain"),
    ];
    let path = format!("/a?token={HIDDEN}");
    let answer = connection.send(Method::GET, &path, &headers, Bytes::new()).await.unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.headers["x-cff-request-id"].to_str().unwrap().to_owned()
}

fn once(funcd: &Funcd, host: &str) -> String {
    run(async { ask(&mut Connection::open(funcd.gateway, host).await).await })
}

/// The fields of a head by name, each without it.
fn field<'a>(head: &'a Value, name: &str) -> Vec<&'a Value> {
    head["headers"].as_array().unwrap().iter().filter(|one| one["name"] == name).collect()
}

/// Files below a folder that have a text in them. The daemon makes and removes some meanwhile.
fn holding(folder: &Path, text: &str, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
        let (Ok(kind), path) = (entry.file_type(), entry.path()) else { continue };
        if kind.is_dir() {
            holding(&path, text, found);
        } else if kind.is_file()
            && std::fs::read(&path).unwrap_or_default().windows(text.len()).any(|window| window == text.as_bytes())
        {
            found.push(path.display().to_string());
        }
    }
}

fn kept() -> Result<(), Failed> {
    let funcd = Funcd::start();
    let host = deploy(&funcd, "web");
    let before = once(&funcd, &host);
    assert_eq!(funcd.json(&["headers", "show", "web"])["running"], false);
    for (name, part) in [
        ("Authorization", "'Authorization' cannot be listed"),
        ("proxy-authorization", "cannot be listed"),
        ("Cookie", "cannot be listed"),
        ("Set-Cookie", "cannot be listed"),
        ("X-Apig-AppCode", "cannot be listed"),
        ("X_Auth_Token", "cannot be listed"),
        ("X-Security-Token", "cannot be listed"),
        ("X-CFF-Security-Secret-Key", "cannot be listed"),
        ("a b", "is no name of a header"),
    ] {
        refused(&funcd.cli(&["headers", "start", "web", "--show", name]), part);
    }
    assert_eq!(funcd.json(&["headers", "show", "web"])["running"], false, "what was refused was done");

    let started = funcd.json(&["headers", "start", "web", "--for", "5m", "--show", "X-Tenant"]);
    assert_eq!((&started["running"], &started["names"]), (&json!(true), &json!(["x-tenant"])));
    let id = once(&funcd, &host);
    let found = funcd.json(&["headers", "show", "web", &id]);
    let (request, answer) = (&found["request"], &found["answer"]);
    assert_eq!((&request["method"], &request["path"]), (&json!("GET"), &json!("/a")));
    assert_eq!(request["query_bytes"], json!("token=".len() + HIDDEN.len()));
    assert_eq!(field(request, "x-tenant"), [&json!({"name": "x-tenant", "bytes": 15, "value": LISTED})]);
    assert_eq!(field(request, "accept")[0]["value"], "text/plain");
    assert_eq!(field(request, "x-key"), [&json!({"name": "x-key", "bytes": 15})]);
    assert_eq!(field(request, "authorization"), [&json!({"name": "authorization", "bytes": 22})]);
    assert_eq!(field(request, "cookie"), [&json!({"name": "cookie", "bytes": 17})]);
    // As the client sent it: without what the gateway adds for the function.
    assert_eq!(field(request, "x-forwarded-for"), [] as [&Value; 0]);
    assert_eq!(
        (&answer["status"], &field(answer, "content-type")[0]["value"]),
        (&json!(200), &json!("application/json"))
    );
    assert_eq!(field(answer, "x-cff-request-id")[0]["value"], json!(id));
    assert!(!found.to_string().contains(HIDDEN), "{found}");
    assert_eq!(funcd.json(&["headers", "show", "web", &before]), json!({"request_id": before}));

    // The record is on disk, and has none of it; nor has anything else.
    wait("the record is written", Duration::from_secs(10), || {
        let mut files = Vec::new();
        holding(&funcd.data.join("logs"), &id, &mut files);
        !files.is_empty()
    });
    for text in [LISTED, HIDDEN] {
        let mut files = Vec::new();
        holding(&funcd.data, text, &mut files);
        assert_eq!(files, [] as [String; 0], "{text} is on disk");
    }
    Ok(())
}

fn ended() -> Result<(), Failed> {
    let funcd = Funcd::start();
    let host = deploy(&funcd, "web");
    let there = |id: &str| funcd.json(&["headers", "show", "web", id])["request"].is_object();
    let state = || funcd.json(&["headers", "show", "web"]);
    funcd.json(&["headers", "start", "web"]);
    let ids = run(async {
        let mut connection = Connection::open(funcd.gateway, &host).await;
        let mut ids = Vec::new();
        for _ in 0..KEPT + 2 {
            ids.push(ask(&mut connection).await);
        }
        ids
    });
    assert_eq!(state()["requests"], KEPT);
    assert_eq!([0, 1, 2, 101].map(|at: usize| there(&ids[at])), [false, false, true, true]);
    funcd.json(&["headers", "stop", "web"]);
    assert_eq!((&state()["running"], &state()["requests"]), (&json!(false), &json!(0)));
    assert!(!there(&ids[101]) && !there(&once(&funcd, &host)));

    funcd.json(&["headers", "start", "web", "--for", "2s"]);
    let in_time = once(&funcd, &host);
    assert!(there(&in_time));
    wait("it ends by itself", Duration::from_secs(10), || state()["running"] == false);
    let late = once(&funcd, &host);
    assert!(there(&in_time) && !there(&late), "what was kept can still be read, and no more is kept");

    funcd.json(&["headers", "start", "web"]);
    let last = once(&funcd, &host);
    assert!(there(&last));
    funcd.signal(Signal::TERM);
    assert!(funcd.wait(Duration::from_secs(30)).success());
    let second = Funcd::start_in(&funcd.data);
    assert_eq!(second.json(&["headers", "show", "web"])["running"], false);
    assert_eq!(second.json(&["headers", "show", "web", &last]), json!({"request_id": last}));
    assert_eq!(second.json(&["headers", "list"]), json!([]));
    Ok(())
}

fn others() -> Result<(), Failed> {
    let funcd = Funcd::start();
    let host = deploy(&funcd, "web");
    let project = funcd.json(&["credentials"])["project_id"].as_str().unwrap().to_owned();
    let urn = format!("urn:fss:local-1:{project}:function:default:web");
    let other = funcd.json(&["project", "create", "apart"])["id"].as_str().unwrap().to_owned();
    funcd.json(&["user", "create", "guest", "--policy", "FunctionGraph FullAccess", "--in", "apart"]);
    funcd.json(&["user", "create", "looker", "--policy", "ReadOnlyAccess"]);
    let (guest, looker) = (funcd.json(&["key", "create", "guest"]), funcd.json(&["key", "create", "looker"]));
    funcd.json(&["headers", "start", "web", "--show", "x-tenant"]);
    let id = once(&funcd, &host);

    let foreign: [&[&str]; 4] = [
        &["headers", "show", &urn, &id],
        &["headers", "show", &urn],
        &["headers", "start", &urn],
        &["headers", "stop", &urn],
    ];
    for command in foreign {
        refused(&act(&funcd, (&guest, &other), command), "belongs to another project");
        refused(&act(&funcd, (&guest, &project), command), "none that the caller may act in");
    }
    refused(&act(&funcd, (&guest, &other), &["headers", "show", "web", &id]), "there is no function 'web'");
    let listed = act(&funcd, (&guest, &other), &["headers", "list"]);
    assert_eq!(String::from_utf8_lossy(&listed.stdout).trim(), "[]", "{listed:?}");

    let seen = act(&funcd, (&looker, &project), &["headers", "show", "web", &id]);
    assert!(String::from_utf8_lossy(&seen.stdout).contains(LISTED), "{seen:?}");
    for command in [["headers", "start", "web"], ["headers", "stop", "web"]] {
        refused(&act(&funcd, (&looker, &project), &command), "functiongraph:function:captureHeaders");
    }
    assert_eq!(funcd.json(&["headers", "show", "web"])["requests"], 1);
    funcd.json(&["headers", "stop", "web"]);
    let trail = funcd.json(&["audit", "--limit", "20"]).to_string();
    for event in ["startHeaderCapture", "stopHeaderCapture"] {
        assert!(trail.contains(event), "{event} is not in {trail}");
    }
    Ok(())
}
