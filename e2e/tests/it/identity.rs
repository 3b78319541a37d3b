//! Users, keys and projects made by the command line, and what a deployed function is lent by its agency.

use std::process::{Command, Output, Stdio};

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::client::get;
use crate::harness::{Funcd, binary, root, shared};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("identity::who has the rights deploys with a key of their own, who only reads is refused", rights),
        Trial::test(
            "identity::a deployed function gets its agency's credentials, which sign requests until it ends",
            lent,
        ),
    ]
}

/// Runs a command as somebody else, from a machine that has nothing but address and keys.
pub(crate) fn act(funcd: &Funcd, (key, project): (&Value, &str), arguments: &[&str]) -> Output {
    let nowhere = tempfile::tempdir().unwrap();
    Command::new(binary())
        .args(arguments)
        .args(["--json", "--endpoint", &format!("http://{}", funcd.api), "--project", project, "--data-dir"])
        .arg(nowhere.path())
        .env("FUNCD_ACCESS_KEY", key["access"].as_str().unwrap())
        .env("FUNCD_SECRET_KEY", key["secret"].as_str().unwrap())
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

pub(crate) fn refused(output: &Output, part: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains(part), "{output:?}");
}

fn rights() -> Result<(), Failed> {
    let funcd = shared();
    let source = root().join("e2e/cases/request-headers/function");
    let source = source.to_str().unwrap();
    let project = funcd.json(&["credentials"])["project_id"].as_str().unwrap().to_owned();
    let person = |name: &str, policy: &str| {
        funcd.json(&["user", "create", name, "--policy", policy]);
        funcd.json(&["key", "create", name])
    };
    let (builder, reader) = (person("builder", "FunctionGraph FullAccess"), person("looker", "ReadOnlyAccess"));

    let deployed = act(&funcd, (&builder, &project), &["deploy", source, "--name", "by-builder"]);
    assert!(deployed.status.success(), "{deployed:?}");
    assert_eq!(get(funcd.gateway, "by-builder.localhost", "/").status, 200);
    refused(&act(&funcd, (&reader, &project), &["deploy", source, "--name", "by-reader"]), "functiongraph:function:");
    refused(&act(&funcd, (&reader, &project), &["delete", "by-builder", "--yes"]), "functiongraph:function:delete");
    let seen = act(&funcd, (&reader, &project), &["list"]);
    assert!(String::from_utf8_lossy(&seen.stdout).contains("by-builder"), "{seen:?}");

    // Another project is another world, and a policy in one gives nothing in the other.
    let other = funcd.json(&["project", "create", "apart"])["id"].as_str().unwrap().to_owned();
    funcd.json(&["user", "create", "guest", "--policy", "FunctionGraph FullAccess", "--in", "apart"]);
    let guest = funcd.json(&["key", "create", "guest"]);
    let empty = act(&funcd, (&guest, &other), &["list"]);
    assert_eq!(String::from_utf8_lossy(&empty.stdout).trim(), "[]", "{empty:?}");
    refused(&act(&funcd, (&guest, &project), &["list"]), "none that the caller may act in");
    funcd.json(&["project", "disable", "apart"]);
    refused(&act(&funcd, (&guest, &other), &["list"]), "suspended");

    // A key that was replaced, and a user that was switched off, are refused at once.
    let renewed = funcd.json(&["key", "rotate", builder["access"].as_str().unwrap()]);
    refused(&act(&funcd, (&builder, &project), &["list"]), "disabled");
    assert!(act(&funcd, (&renewed, &project), &["list"]).status.success());
    funcd.json(&["user", "disable", "builder"]);
    refused(&act(&funcd, (&renewed, &project), &["list"]), "disabled");
    for user in ["builder", "looker", "guest"] {
        funcd.json(&["user", "delete", user, "--yes"]);
    }
    funcd.json(&["delete", "by-builder", "--yes"]);
    Ok(())
}

/// `e2e/sdk/agency.py` in a virtual environment that `e2e/sdk/build.sh` made.
fn lent() -> Result<(), Failed> {
    let funcd = shared();
    let python = root().join("target/sdk/bin/python");
    assert!(python.is_file(), "the SDK is not installed: run e2e/sdk/build.sh");
    let output = Command::new(python)
        .arg(root().join("e2e/sdk/agency.py"))
        .env("FUNCD_CREDENTIALS", funcd.json(&["credentials"]).to_string())
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() { Ok(()) } else { Err(said.into()) }
}
