//! Encrypted variables: what a function sees, and what nobody else does.

use std::fs;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use libtest_mimic::{Failed, Trial};
use rustix::process::Signal;
use serde_json::{Value, json};
use sha2::Digest as _;

use crate::client::{Connection, get, run};
use crate::harness::{Funcd, binary, empty};

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("secrets::a variable is in the clear in its instance, and not in the daemon's memory", unseen)]
}

/// Answers the digest of its variable, so that the value itself never comes by the gateway.
const DIGEST: &str =
    "const digest = require('crypto').createHash('sha256').update(process.env.HIDDEN_CANARY_NAME || '').digest('hex');
require('http').createServer((req, res) => res.end(digest)).listen(8000, '127.0.0.1');
";

fn unseen() -> Result<(), Failed> {
    let (folder, data) = empty("");
    let source = folder.path().join("function");
    fs::create_dir_all(&source).unwrap();
    fs::write(source.join("index.js"), DIGEST).unwrap();
    fs::write(source.join("bootstrap"), "/opt/function/runtime/nodejs20.15/rtsp/nodejs/bin/node index.js\n").unwrap();
    let first = hex::encode(sha2::Sha512::digest(b"the first value"));
    let second = hex::encode(sha2::Sha512::digest(b"the second value"));

    let funcd = Funcd::start_in(&data);
    let host = funcd.deploy(&source, "hidden", &[]);
    set(&funcd, &first);
    assert_eq!(get(funcd.gateway, &host, "/").text(), digest(&first));
    funcd.signal(Signal::INT);
    funcd.wait(Duration::from_secs(30));
    drop(funcd);

    // A process that was never sent the value, but started an instance with it.
    let funcd = Funcd::start_in(&data);
    assert_eq!(get(funcd.gateway, &host, "/").text(), digest(&first));
    let daemon = funcd.pid().as_raw_nonzero().get();
    let ours: Vec<i32> = std::iter::once(daemon).chain(children(daemon)).collect();
    assert!(ours.len() > 1, "the daemon and its launcher");
    assert!(holds(daemon, b"HIDDEN_CANARY_NAME"), "the search itself works: names are no secrets");
    for pid in ours {
        assert!(!holds(pid, first.as_bytes()), "the value is in the memory of process {pid}");
    }

    // The next value is the next revision's: the instance of before answers nobody any more.
    set(&funcd, &second);
    assert_eq!(get(funcd.gateway, &host, "/").text(), digest(&second));
    Ok(())
}

fn digest(text: &str) -> String {
    hex::encode(sha2::Sha256::digest(text.as_bytes()))
}

/// Sets the variable by the API, with a token for the first access key.
fn set(funcd: &Funcd, value: &str) {
    let own = funcd.json(&["credentials"]);
    let keys = json!({"access": {"key": own["access_key"]}, "secret": {"key": own["secret_key"]}});
    let scope = json!({"project": {"id": own["project_id"]}});
    let auth = json!({"auth": {"identity": {"methods": ["hw_ak_sk"], "hw_ak_sk": keys}, "scope": scope}});
    let project = own["project_id"].as_str().unwrap();
    let path = format!("/v2/{project}/fgs/functions/urn:fss:local-1:{project}:function:default:hidden:latest/config");
    run(async {
        let mut api = Connection::open(funcd.api, "127.0.0.1").await;
        let made = api.send(Method::POST, "/v3/auth/tokens", &[], body(&auth)).await.unwrap();
        assert_eq!(made.status, 201, "{}", made.text());
        let token = made.headers["x-subject-token"].to_str().unwrap().to_owned();
        let change = json!({"encrypted_user_data": json!({"HIDDEN_CANARY_NAME": value}).to_string()});
        let headers = [("x-auth-token", token.as_str()), ("content-type", "application/json")];
        let set = api.send(Method::PUT, &path, &headers, body(&change)).await.unwrap();
        assert_eq!(set.status, 200, "{}", set.text());
        assert!(!set.text().contains(value), "answers are blank");
    });
}

fn body(value: &Value) -> Bytes {
    Bytes::from(value.to_string())
}

/// Its own processes: instances are children of the launcher.
fn children(pid: i32) -> Vec<i32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let of_task = |task: fs::DirEntry| fs::read_to_string(task.path().join("children")).unwrap_or_default();
    let all: Vec<String> = tasks.map(|task| of_task(task.unwrap())).collect();
    let all = all.iter().flat_map(|text| text.split_whitespace());
    let program = |pid: &i32| fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|exe| exe.ends_with(name()));
    all.map(|pid| pid.parse().unwrap()).filter(program).collect()
}

fn name() -> std::ffi::OsString {
    Path::new(&binary()).file_name().unwrap().to_owned()
}

/// How much memory is looked at at once.
const PIECE: usize = 1 << 20;

/// Whether the text is anywhere in what a process can write.
fn holds(pid: i32, needle: &[u8]) -> bool {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
    let memory = fs::File::open(format!("/proc/{pid}/mem")).unwrap();
    let writable =
        maps.lines().filter(|line| line.split_whitespace().nth(1).is_some_and(|mode| mode.starts_with("rw")));
    let ranges = writable.filter_map(|line| {
        let (from, to) = line.split_whitespace().next()?.split_once('-')?;
        Some((u64::from_str_radix(from, 16).ok()?, u64::from_str_radix(to, 16).ok()?))
    });
    let pieces = ranges.flat_map(|(from, to)| (from..to).step_by(PIECE).map(move |at| (at, to)));
    let mut pieces = pieces.map(|(at, to)| {
        // They overlap, so that none cuts the text in two.
        let length = usize::try_from(to - at).unwrap().min(PIECE + needle.len());
        let mut piece = vec![0; length];
        // What went away meanwhile holds nothing.
        let read = memory.read_at(&mut piece, at).unwrap_or(0);
        piece.truncate(read);
        piece
    });
    pieces.any(|piece| found(&piece, needle))
}

fn found(piece: &[u8], needle: &[u8]) -> bool {
    let first = needle[0];
    let mut rest = piece;
    while let Some(at) = rest.iter().position(|byte| *byte == first) {
        rest = &rest[at..];
        if rest.starts_with(needle) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}
