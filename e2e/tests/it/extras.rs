//! Test events, tags, dependencies, quotas and templates: with the vendor's SDK, and from the command line.

use std::process::Command;

use libtest_mimic::{Failed, Trial};

use crate::client::get;
use crate::harness::{root, shared};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test(
            "extras::the vendor's Python SDK keeps events, tags and dependencies, and deploys each template",
            sdk,
        ),
        Trial::test("extras::the command line adds a dependency and begins with a template", command_line),
        Trial::test("extras::the command line calls a function and tells its failure by the exit code", invoke),
    ]
}

/// `e2e/sdk/extras.py` in a virtual environment that `e2e/sdk/build.sh` made.
fn sdk() -> Result<(), Failed> {
    let funcd = shared();
    let python = root().join("target/sdk/bin/python");
    assert!(python.is_file(), "the SDK is not installed: run e2e/sdk/build.sh");
    let output = Command::new(python)
        .arg(root().join("e2e/sdk/extras.py"))
        .env("FUNCD_CREDENTIALS", funcd.json(&["credentials"]).to_string())
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() { Ok(()) } else { Err(said.into()) }
}

/// A module of a dependency answers; the dependency cannot go before the function.
fn command_line() -> Result<(), Failed> {
    let funcd = shared();
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
    let module = home.path().join("layer/node_modules/greet");
    std::fs::create_dir_all(&module).unwrap();
    std::fs::write(module.join("index.js"), "module.exports = 'from the dependency';").unwrap();
    let added = funcd.json(&["dependency", "add", &path("layer"), "--name", "cli-greet", "--runtime", "Node.js18.15"]);
    assert_eq!(added["version"], 1, "{added}");

    let made = funcd.json(&["template", "new", "nodejs-http", &path("shop")]);
    assert!(made["files"].as_array().unwrap().len() >= 2, "{made}");
    let server = "require('http').createServer((q, r) => r.end(require('greet'))).listen(8000, '127.0.0.1')";
    std::fs::write(home.path().join("shop/index.js"), server).unwrap();
    let host = funcd.deploy(&home.path().join("shop"), "cli-shop", &["--dependency", "cli-greet:1"]);
    let page = get(funcd.gateway, &host, "/");
    assert_eq!((page.status, page.text()), (200, "from the dependency".to_owned()));

    let refused = funcd.cli(&["dependency", "delete", "cli-greet", "--yes"]);
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("in use"), "{refused:?}");
    // An update leaves it as it is, unless told.
    funcd.deploy(&home.path().join("shop"), "cli-shop", &[]);
    assert_eq!(get(funcd.gateway, &host, "/").text(), "from the dependency");
    funcd.json(&["delete", "cli-shop", "--yes"]);
    funcd.json(&["dependency", "delete", "cli-greet", "--yes"]);
    // Others keep theirs here meanwhile.
    let left = funcd.json(&["dependency", "list"]);
    assert!(left.as_array().unwrap().iter().all(|one| one["name"] != "cli-greet"), "{left}");
    Ok(())
}

/// A request, a version, an event, and a status that is a failure; what is printed is the function's own answer.
fn invoke() -> Result<(), Failed> {
    let funcd = shared();
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
    funcd.json(&["template", "new", "nodejs-http", &path("echo")]);
    let server = "require('http').createServer((q, r) => { const parts = []; q.on('data', (d) => parts.push(d)); q.on('end', () => {
        console.log('asked', q.url); r.statusCode = q.url === '/fail' ? 500 : 200;
        r.end(q.method + ' ' + q.url + ' ' + (q.headers['x-a'] || '') + ' ' + Buffer.concat(parts)); }); }).listen(8000, '127.0.0.1')";
    std::fs::write(home.path().join("echo/index.js"), server).unwrap();
    funcd.deploy(&home.path().join("echo"), "cli-echo", &[]);
    funcd.json(&["publish", "cli-echo", "--version", "v1"]);
    let called = |arguments: &[&str]| {
        let output = funcd.cli(&[&["invoke"][..], arguments].concat());
        let [said, told] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
        (output.status.code(), said, told)
    };
    let (code, said, told) =
        called(&["cli-echo", "--path", "/a?b=1", "--header", "x-a: 2", "--data", "three", "--log"]);
    assert_eq!((code, said.as_str()), (Some(0), "POST /a?b=1 2 three"), "{told}");
    assert!(told.starts_with("HTTP 200\n") && told.contains("| ") && told.contains("asked /a?b=1"), "{told}");
    let (code, said, told) = called(&["cli-echo:v1", "--path", "/fail"]);
    assert_eq!((code, said.as_str()), (Some(3), "GET /fail  "), "{told}");
    std::fs::write(path("event.json"), r#"{"httpMethod":"PUT","path":"/e","body":"eA==","isBase64Encoded":true}"#)
        .unwrap();
    let (code, said, told) = called(&["cli-echo", "--event", &path("event.json")]);
    assert_eq!((code, said.as_str()), (Some(0), "PUT /e  x"), "{told}");
    let (code, said, told) = called(&["cli-echo:v9"]);
    assert_eq!((code, said.as_str()), (Some(1), ""), "{told}");
    assert!(told.contains("v9"), "{told}");
    funcd.json(&["delete", "cli-echo", "--yes"]);
    Ok(())
}
