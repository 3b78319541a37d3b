//! gRPC: grpc-go's own interoperability suite, case by case, each by a client of its own.

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::peers::free;
use super::probes::{Ask, Semantic, Verdict};
use super::world::{CALLS, Front, Process};
use crate::apps::built;
use crate::harness::wait;

/// The rows.
pub(crate) static SEMANTICS: [Semantic; 15] = [
    row("empty unary"),
    row("large unary"),
    row("client streaming"),
    row("server streaming"),
    row("ping pong"),
    row("empty stream"),
    row("timeout on a sleeping server"),
    row("cancel after begin"),
    row("cancel after the first response"),
    row("custom metadata"),
    row("status code and message"),
    row("special status message"),
    row("unimplemented service"),
    row("unimplemented method"),
    row("many at the same time"),
];

/// How long a case may take.
const PATIENCE: &str = "15s";

const fn row(name: &'static str) -> Semantic {
    Semantic { name, ask: Ask::Call(name) }
}

/// The server of the suite, bare.
pub(crate) struct Server {
    pub(crate) front: Front,
    _process: Process,
}

impl Server {
    pub(crate) fn start() -> Self {
        let [address] = free();
        let child = Command::new(built("grpc").join("server"))
            .env("GRPC_ADDRESS", address.to_string())
            .stdout(Stdio::null())
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let process = Process(child);
        wait("the server of gRPC answers", Duration::from_secs(20), || std::net::TcpStream::connect(address).is_ok());
        Self { front: Front::plain("direct", address), _process: process }
    }
}

/// Runs one case.
pub(crate) fn probe(front: &Front, case: &str) -> Verdict {
    let address: SocketAddr = front.address;
    let mut command = Command::new(crate::grpc::client());
    command.args(["-address", &address.to_string(), "-authority", CALLS, "-within", PATIENCE]);
    if let Some(certificate) = &front.tls {
        command.arg("-ca").arg(certificate.authority());
    }
    let output = command.args(["case", case]).output().unwrap();
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).replace('|', "/");
    let status = said.lines().last().unwrap_or_default().split("rpc error: code = ").nth(1);
    Err(status.map_or_else(
        || "another status".to_owned(),
        |status| status.split(", want").next().unwrap_or_default().replace(" desc =", ":"),
    ))
}
