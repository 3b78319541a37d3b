//! gRPC from a client through the gateway to a function: grpc-go's own interoperability suite, with and without TLS, and what the gateway
//! tells such clients itself.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use libtest_mimic::{Failed, Trial};

use crate::apps::built;
use crate::client::get;
use crate::harness::{Funcd, free_ports, root, shared, wait};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("grpc::the interoperability suite passes over h2c", plain),
        Trial::test(
            "grpc::the interoperability suite passes over TLS with the certificate of every host, and only there",
            secure,
        ),
        Trial::test("grpc::failures of the gateway and of functions are statuses of gRPC", failures),
        Trial::test("grpc::a call that its client cancelled frees its slot", cancelled),
    ]
}

pub(crate) fn client() -> PathBuf {
    let client = built("grpc").parent().unwrap().join("grpc-client");
    assert!(client.is_file(), "{} is not built: run e2e/apps/grpc/build.sh", client.display());
    client
}

/// Runs the client, which must be content.
fn run(address: SocketAddr, host: &str, arguments: &[&str]) {
    let output = Command::new(client())
        .args(["-address", &address.to_string(), "-authority", host])
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
}

fn deploy(funcd: &Funcd, name: &str, more: &[&str]) -> String {
    let mut arguments = vec!["--grpc", "--memory", "128"];
    arguments.extend(more);
    funcd.deploy(&built("grpc"), name, &arguments)
}

fn plain() -> Result<(), Failed> {
    let funcd = shared();
    let host = deploy(&funcd, "grpc-plain", &["--timeout", "60", "--concurrency", "100"]);
    run(funcd.gateway, &host, &["suite"]);
    let refused = get(funcd.gateway, &host, "/");
    assert_eq!((refused.status, refused.json()["error_code"].as_str()), (400, Some("APIG.0607")), "it is no gRPC");
    Ok(())
}

fn secure() -> Result<(), Failed> {
    let (tls, _) = free_ports();
    let funcd = Funcd::start_with(&format!("[gateway.tls]\nlisten = '{tls}'\n"));
    let source = built("grpc");
    let arguments = ["deploy", source.to_str().unwrap(), "--name", "grpc-tls", "--grpc", "--memory", "128"];
    let deployed = funcd.json(&[&arguments[..], &["--timeout", "60", "--concurrency", "100"]].concat());
    let host = "grpc-tls.localhost";
    assert_eq!(deployed["url"], format!("https://{host}:{}/", tls.port()));
    let own = funcd.data.join("tls/default.pem");
    run(tls, host, &["-ca", own.to_str().unwrap(), "suite"]);
    // GRPCS is gRPC with TLS, where there is TLS. INTERNAL is what gRPC makes of a 400.
    run(funcd.gateway, host, &["fails", "INTERNAL"]);
    Ok(())
}

fn failures() -> Result<(), Failed> {
    let funcd = shared();
    run(funcd.gateway, "nobody.localhost", &["fails", "UNIMPLEMENTED"]);
    let host = deploy(&funcd, "grpc-short", &["--timeout", "3"]);
    run(funcd.gateway, &host, &["fails", "DEADLINE_EXCEEDED", "30000"]);
    // Speaks HTTP/1.1 only.
    let other = root().join("e2e/cases/request-headers/function");
    let host = funcd.deploy(&other, "grpc-none", &["--grpc"]);
    run(funcd.gateway, &host, &["fails", "UNAVAILABLE"]);
    wait("its owner reads why", Duration::from_secs(20), || {
        let output = funcd.cli(&["logs", "grpc-none"]);
        String::from_utf8_lossy(&output.stdout).contains("is not HTTP/2")
    });
    Ok(())
}

/// One slot in one instance, and a function that would hold it for longer than anybody waits: whoever comes next is only served when the
/// call before is over for the function, too.
fn cancelled() -> Result<(), Failed> {
    let funcd = shared();
    let source = built("grpc");
    let arguments = ["deploy", source.to_str().unwrap(), "--name", "grpc-one", "--grpc", "--memory", "128"];
    funcd.json(&[&arguments[..], &["--timeout", "300", "--concurrency", "1", "--max-instances", "1"]].concat());
    for _ in 0..4 {
        run(funcd.gateway, "grpc-one.localhost", &["leaves", "200000"]);
    }
    Ok(())
}
