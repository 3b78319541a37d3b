//! The gateway's APIs by real clients: the vendor's Python SDK with the steps of its page and with every operation that is there, and
//! the command line.

use libtest_mimic::{Failed, Trial};
use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;

use crate::apps::built;
use crate::clients::{python, run};
use crate::harness::Funcd;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("apig sdk::the vendor's page \"Create an HTTP function\" works as it is written", walk),
        Trial::test("apig sdk::every operation of the gateway is called, right and wrong, and seen at work", every),
        Trial::test("apig sdk::the vendor's page works by the command line", command_line),
    ]
}

/// `e2e/sdk/apig_walk.py`.
fn walk() -> Result<(), Failed> {
    run(python("apig_walk.py"))
}

/// `e2e/sdk/apig_every.py`; an operation that funcd has and no group of it calls fails it.
fn every() -> Result<(), Failed> {
    let folder = certificate();
    let mut command = python("apig_every.py");
    command.env("APIG_CERTIFICATE", folder.path());
    run(command)
}

/// A folder with `chain.pem` and `key.pem` of shop.example.com.
pub(crate) fn certificate() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["shop.example.com".to_owned()]).unwrap().self_signed(&key).unwrap();
    std::fs::write(folder.path().join("chain.pem"), certificate.pem()).unwrap();
    std::fs::write(folder.path().join("key.pem"), key.serialize_pem()).unwrap();
    folder
}

/// The status line of an answer of the gateway's bare address.
fn fetch(funcd: &Funcd, path: &str) -> u16 {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(funcd.gateway).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", funcd.gateway).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let line = String::from_utf8_lossy(&answer[..answer.len().min(16)]).into_owned();
    line.split(' ').nth(1).unwrap().parse().unwrap()
}

/// Deploy, make an API, edit its path, publish, call; then a version back, offline, gone.
fn command_line() -> Result<(), Failed> {
    let funcd = Funcd::start();
    funcd.deploy(&built("seed-node12"), "http-function", &[]);
    let made = funcd.json(&[
        "api",
        "create",
        "API_test_http",
        "--function",
        "http-function",
        "--path",
        "/http-function",
        "--publish",
    ]);
    assert_eq!(made["url"], format!("http://{}/http-function", funcd.gateway), "{made}");
    assert_eq!(fetch(&funcd, "/http-function"), 200);

    funcd.json(&["api", "edit", "API_test_http", "--path", "/user/get"]);
    assert_eq!((fetch(&funcd, "/http-function"), fetch(&funcd, "/user/get")), (200, 404));
    let tried = funcd.json(&["api", "debug", "API_test_http"]);
    assert!(tried["request"].as_str().unwrap().starts_with("GET /user/get HTTP/1.1"), "{tried}");
    assert!(tried["response"].as_str().unwrap().contains("This is http function."), "{tried}");
    let published = funcd.json(&["api", "publish", "API_test_http"]);
    assert_eq!(published["url"], format!("http://{}/user/get", funcd.gateway), "{published}");
    assert_eq!((fetch(&funcd, "/http-function"), fetch(&funcd, "/user/get")), (404, 200));

    let versions = funcd.json(&["api", "versions", "API_test_http"]);
    let older = versions[1]["version_id"].as_str().unwrap();
    funcd.json(&["api", "switch", "API_test_http", older]);
    assert_eq!((fetch(&funcd, "/http-function"), fetch(&funcd, "/user/get")), (200, 404));
    let refused = funcd.cli(&["api", "delete", "API_test_http", "--yes"]);
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("offline"), "{refused:?}");
    funcd.json(&["api", "offline", "API_test_http"]);
    assert_eq!(fetch(&funcd, "/http-function"), 404);
    funcd.json(&["api", "delete", "API_test_http", "--yes"]);
    let left = funcd.json(&["api", "list", "--group", "DEFAULT"]);
    assert_eq!(left, serde_json::json!([]), "{left}");

    let group = funcd.json(&["group", "create", "shop"]);
    let listed = funcd.json(&["group", "list"]);
    assert!(listed.as_array().unwrap().iter().any(|one| one["id"] == group["id"]), "{listed}");
    funcd.json(&["group", "delete", "shop", "--yes"]);
    assert!(!funcd.cli(&["group", "show", "shop"]).status.success());
    Ok(())
}
