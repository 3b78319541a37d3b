//! Commands against a service that answers as each test says: what is asked, in which order, and what is printed.

use std::net::SocketAddr;

use clap::{CommandFactory as _, Parser};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use self::server::{Received, Reply, Server};
use super::*;
use crate::output::captured::Captured;

mod api;
mod app;
mod deploy;
mod help;
mod identity;
mod invoke;
mod others;
mod request;
mod server;

const SECRET: &str = "SKexample000000000000000000000000000000";
const URN: &str = "urn:fss:local-1:p0:function:default:web";

/// The command line of a binary that has nothing but these commands.
#[derive(Debug, Parser)]
#[command(name = "funcd", version)]
struct Binary {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Command,
}

/// How a command ended: what it printed, and its error.
#[derive(Debug)]
struct Ended {
    out: String,
    messages: String,
    /// The exit code, if it is no error.
    code: Option<ExitCode>,
    error: Option<String>,
}

impl Ended {
    #[track_caller]
    fn json(&self) -> Value {
        assert_eq!(self.error, None);
        serde_json::from_str(&self.out).unwrap()
    }

    #[track_caller]
    fn failed(&self, part: &str) {
        assert_eq!(self.out, "", "a failure prints no data");
        let error = self.error.as_deref().unwrap();
        assert!(error.contains(part), "{error}");
    }
}

/// Runs a command line against a server.
fn funcd(server: &Server, arguments: &[&str]) -> Ended {
    funcd_at(server.address, arguments)
}

fn funcd_at(address: SocketAddr, arguments: &[&str]) -> Ended {
    let nowhere = tempfile::tempdir().unwrap();
    let endpoint = format!("http://{address}");
    let data_dir = nowhere.path().to_string_lossy().into_owned();
    let keys = ["--access-key", "AK", "--secret-key", SECRET, "--project", "p0"];
    let place = ["--endpoint", &endpoint, "--data-dir", &data_dir];
    let line = ["funcd"].iter().chain(&keys).chain(&place).chain(arguments);
    let Binary { options, command } = Binary::try_parse_from(line).unwrap();
    // The environment of whoever runs the tests has no say.
    let options = Options { profile: None, region: None, ..options };
    let captured = Captured::default();
    let ended = run_to(captured.output(options.json), &options, command, Binary::command());
    let (out, messages) = captured.text();
    let (code, error) = match ended {
        Ok(code) => (Some(code), None),
        Err(error) => (None, Some(format!("{error:#}"))),
    };
    Ended { out, messages, code, error }
}

fn ok(body: &Value) -> Reply {
    Reply { status: 200, body: body.to_string(), ..Reply::default() }
}

fn refuse(status: u16, code: &str, message: &str) -> Reply {
    let body = json!({ "error_code": code, "error_msg": message, "request_id": "r1" });
    Reply { status, body: body.to_string(), ..Reply::default() }
}

fn info_of(gateway: &str) -> Value {
    json!({
        "version": "0.1.0", "region": "local-1", "project_id": "p0", "gateway_url": gateway, "gateway_port": 8080,
        "default_group_id": "g0",
    })
}

/// Each signed request as `METHOD path?query`, the URN shortened; unsigned ones are marked.
#[track_caller]
fn asked(server: &Server) -> Vec<String> {
    let encoded = URN.replace(':', "%3A");
    let line = |request: &Received| {
        let mark = if request.header("authorization").is_empty() { "unsigned " } else { "" };
        let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
        format!("{mark}{} {}{query}", request.method, request.path.replace(&encoded, "URN"))
    };
    let received = server.received();
    received.iter().filter(|request| !request.header("authorization").is_empty()).for_each(verify);
    received.iter().map(line).collect()
}

/// That the signature is the request's.
#[track_caller]
fn verify(request: &Received) {
    let authorization = auth::signature::Authorization::parse(request.header("authorization")).unwrap();
    assert_eq!(authorization.access_key, "AK");
    let headers: Vec<(&str, &[u8])> = request.headers.iter().map(|(n, v)| (n.as_str(), v.as_slice())).collect();
    let described = auth::signature::Request {
        method: &request.method,
        path: &request.path,
        query: &request.query,
        headers: &headers,
        body_sha256: &hex::encode(Sha256::digest(&request.body)),
    };
    for name in ["host", "content-type", "x-project-id", "x-sdk-date"] {
        assert!(authorization.signs(name), "{name} is signed");
    }
    auth::signature::verify(&described, &authorization, SECRET, jiff::Timestamp::now()).unwrap();
}
