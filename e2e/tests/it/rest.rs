//! The REST API with the vendor's own SDK, and pieces of protocol that need raw bytes.

use std::net::SocketAddr;
use std::process::Command;

use libtest_mimic::{Failed, Trial};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::apps::built;
use crate::client::get;
use crate::harness::{root, shared};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("rest::the vendor's Python SDK manages, triggers and invokes a function", python_sdk),
        Trial::test(
            "rest::the vendor's Python SDK configures, exports, pins and switches a function",
            python_sdk_configuration,
        ),
        Trial::test("rest::a trigger of the default group answers at the bare address", bare_address),
    ]
}

fn python_sdk() -> Result<(), Failed> {
    walk("walk.py")
}

fn python_sdk_configuration() -> Result<(), Failed> {
    walk("configuration.py")
}

/// A script of `e2e/sdk` in a virtual environment that `e2e/sdk/build.sh` made.
fn walk(script: &str) -> Result<(), Failed> {
    let funcd = shared();
    let python = root().join("target/sdk/bin/python");
    assert!(python.is_file(), "the SDK is not installed: run e2e/sdk/build.sh");
    let credentials = funcd.json(&["credentials"]);
    let output = Command::new(python)
        .arg(root().join("e2e/sdk").join(script))
        .arg(built("seed-node12"))
        .env("FUNCD_CREDENTIALS", credentials.to_string())
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() { Ok(()) } else { Err(said.into()) }
}

/// The seed page's `/user/get` at the gateway's own address.
fn bare_address() -> Result<(), Failed> {
    let funcd = shared();
    let source = built("seed-node12");
    let answer =
        funcd.json(&["deploy", source.to_str().unwrap(), "--name", "bare", "--path", "/user/get", "--default-group"]);
    assert_eq!(answer["url"], format!("http://{}/user/get", funcd.gateway), "{answer}");
    let page = get(funcd.gateway, "127.0.0.1", "/user/get");
    assert_eq!((page.status, page.text().contains("This is http function.")), (200, true), "{page:?}");
    let elsewhere = get(funcd.gateway, "127.0.0.1", "/user/other");
    assert_eq!((elsewhere.status, elsewhere.json()["error_code"].as_str()), (404, Some("APIG.0101")));
    Ok(())
}

/// Opens a WebSocket, sends one masked text frame and expects the same text back (RFC 6455 sections 4.1, 5.2).
pub(crate) async fn web_socket_echo(gateway: SocketAddr, host: &str, text: &str) {
    let mut stream = tokio::net::TcpStream::connect(gateway).await.unwrap();
    let port = gateway.port();
    let head = format!(
        "GET / HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.windows(4).any(|window| window == b"\r\n\r\n") {
        assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0, "{}", String::from_utf8_lossy(&answer));
    }
    let shown = String::from_utf8_lossy(&answer).into_owned();
    assert!(shown.starts_with("HTTP/1.1 101 "), "{shown}");
    assert!(shown.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "the accept key is computed by the function: {shown}");
    let mask = [1_u8, 2, 3, 4];
    let mut frame = vec![0x81, 0x80 | u8::try_from(text.len()).unwrap()];
    frame.extend(mask);
    frame.extend(text.bytes().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    stream.write_all(&frame).await.unwrap();
    let mut echo = vec![0; text.len() + 2];
    stream.read_exact(&mut echo).await.unwrap();
    assert_eq!(&echo[2..], text.as_bytes());
}
