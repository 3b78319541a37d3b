//! Requests to a service: signed, sent, and what comes back read.
//!
//! A [`Connection`] says where and who; an [`Operation`] of `wire` says what. Every failure is an [`Error`] that says what
//! happened, whose fault it is and what to do.

use std::cell::Cell;
use std::io::{BufRead, BufReader, Cursor};
use std::time::Duration;

use indicatif::ProgressBar;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use ureq::http::{HeaderMap, Request, Response};
use ureq::{Agent, Body, SendBody};
use wire::Operation;

use crate::connection::Connection;

mod agent;
mod error;
mod forward;
mod proxy;
mod query;

pub(crate) use agent::agent;
pub(crate) use error::Error;

/// Bytes of an answer, a page of functions with all their variables included.
const LARGEST_ANSWER: u64 = 64 * 1024 * 1024;
/// How long an ordinary answer may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a deploy or an installation may take.
pub(crate) const LONG_PATIENCE: Duration = Duration::from_secs(600);
/// A followed log sends something every 10 s; after this silence the connection is dead.
const SILENCE: Duration = Duration::from_secs(35);

/// One service and the keys for it.
#[derive(Debug)]
pub(crate) struct Client {
    agent: Agent,
    connection: Connection,
    server_time: Cell<Option<Timestamp>>,
}

/// What goes with an operation.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    /// Path parameters, without the project whose path it is.
    pub(crate) arguments: &'a [&'a str],
    pub(crate) query: &'a [(&'a str, String)],
    /// Headers that the operation reads; they are signed.
    pub(crate) headers: &'a [(&'static str, &'a str)],
    /// A JSON body.
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) patience: Duration,
    /// How long the answer may be silent between its bytes.
    pub(crate) silence: Option<Duration>,
    /// Advances while the body is sent.
    pub(crate) progress: ProgressBar,
}

/// A request as somebody wrote it.
#[derive(Debug)]
pub(crate) struct Written<'a> {
    /// Upper case.
    pub(crate) method: &'a str,
    /// With its query.
    pub(crate) path: &'a str,
}

/// A request before it is signed.
struct Plain<'a> {
    /// What errors call it.
    name: &'a str,
    method: &'a str,
    path: String,
    query: String,
    project: &'a str,
}

impl<'a> Call<'a> {
    pub(crate) fn of(arguments: &'a [&'a str]) -> Self {
        Self {
            arguments,
            query: &[],
            headers: &[],
            body: None,
            patience: PATIENCE,
            silence: None,
            progress: ProgressBar::hidden(),
        }
    }

    pub(crate) fn body(mut self, body: &impl Serialize) -> Result<Self, Error> {
        self.body = Some(serde_json::to_vec(body).map_err(Error::Unwritable)?);
        Ok(self)
    }
}

impl Client {
    pub(crate) fn new(connection: Connection) -> anyhow::Result<Self> {
        let agent = agent(&connection.endpoint, connection.ca_file.as_deref())?;
        Ok(Self { agent, connection, server_time: Cell::new(None) })
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The service's clock when it last answered, to the second.
    pub(crate) fn server_time(&self) -> Option<Timestamp> {
        self.server_time.get()
    }

    /// Sends an operation and reads its JSON answer.
    pub(crate) fn call<T: DeserializeOwned>(&self, operation: Operation, call: Call<'_>) -> Result<T, Error> {
        self.call_with_head(operation, call).map(|(_, answer)| answer)
    }

    /// The same with the headers of the answer.
    pub(crate) fn call_with_head<T: DeserializeOwned>(
        &self,
        operation: Operation,
        call: Call<'_>,
    ) -> Result<(HeaderMap, T), Error> {
        let (head, body) = self.read(operation, call)?;
        let answer = serde_json::from_slice(&body);
        Ok((head, answer.map_err(|error| Error::unreadable(operation, &self.connection, &error))?))
    }

    /// Sends an operation whose answer says nothing more than that it succeeded.
    pub(crate) fn perform(&self, operation: Operation, call: Call<'_>) -> Result<(), Error> {
        self.read(operation, call).map(drop)
    }

    /// Sends an operation and hands its answer out line by line, as long as it lives.
    pub(crate) fn lines(&self, operation: Operation, call: Call<'_>) -> Result<impl BufRead + use<>, Error> {
        let call = Call { silence: Some(SILENCE), ..call };
        Ok(BufReader::new(self.send(operation, call)?.into_body().into_reader()))
    }

    /// Sends an operation and reads its answer, whatever it is.
    pub(crate) fn bytes(&self, operation: Operation, call: Call<'_>) -> Result<Vec<u8>, Error> {
        self.read(operation, call).map(|(_, body)| body)
    }

    fn read(&self, operation: Operation, call: Call<'_>) -> Result<(HeaderMap, Vec<u8>), Error> {
        let (head, body) = self.send(operation, call)?.into_parts();
        let read = body.into_with_config().limit(LARGEST_ANSWER).read_to_vec();
        Ok((head.headers, read.map_err(|error| Error::unreachable(&self.connection.endpoint, error))?))
    }

    /// Sends a request as somebody wrote it, and gives its answer as it comes.
    pub(crate) fn written(&self, written: &Written<'_>, call: Call<'_>) -> Result<Response<Body>, Error> {
        let (path, query) = written.path.split_once('?').unwrap_or((written.path, ""));
        let name = format!("{} {path}", written.method);
        // The path decides the project, and a header that says another one is refused.
        let project = path.strip_prefix("/v2/").and_then(|rest| rest.split('/').next());
        let plain = Plain {
            name: &name,
            method: written.method,
            path: format!("{}{path}", self.connection.endpoint.prefix),
            query: query.to_owned(),
            project: project.unwrap_or(&self.connection.project_id),
        };
        self.deliver(&plain, Call { silence: Some(SILENCE), ..call })
    }

    /// The answer, if it is a success.
    fn send(&self, operation: Operation, call: Call<'_>) -> Result<Response<Body>, Error> {
        let Connection { endpoint, project_id, .. } = &self.connection;
        // Operations of a project have it right behind the version; identities belong to no project.
        let own = operation.path.split('/').nth(2) == Some("{project_id}");
        let own = own.then_some(project_id.as_str());
        let all: Vec<&str> = own.into_iter().chain(call.arguments.iter().copied()).collect();
        let plain = Plain {
            name: operation.id,
            method: operation.method,
            path: format!("{}{}", endpoint.prefix, operation.uri(&all)),
            query: query::text(call.query),
            project: project_id,
        };
        self.deliver(&plain, call)
    }

    fn deliver(&self, plain: &Plain<'_>, mut call: Call<'_>) -> Result<Response<Body>, Error> {
        let body = call.body.take().unwrap_or_default();
        let now = Timestamp::now();
        let request = self.signed(plain, call.headers, &body, now)?;
        let sent = match body.is_empty() {
            true => SendBody::none(),
            false => SendBody::from_owned_reader(call.progress.wrap_read(Cursor::new(body))),
        };
        let request = self
            .agent
            .configure_request(request.map(|()| sent))
            .timeout_recv_response(Some(call.patience))
            .timeout_per_read(call.silence)
            .build();
        let answer = self.agent.run(request).map_err(|error| Error::unreachable(&self.connection.endpoint, error))?;
        let server_time = date(&answer);
        self.server_time.set(server_time.or(self.server_time.get()));
        if answer.status().is_success() {
            return Ok(answer);
        }
        Err(Error::refused(plain.name, &self.connection, answer, server_time.map(|at| (at, now))))
    }

    fn signed(
        &self,
        plain: &Plain<'_>,
        more: &[(&'static str, &str)],
        body: &[u8],
        now: Timestamp,
    ) -> Result<Request<()>, Error> {
        let Connection { endpoint, access_key, secret_key, .. } = &self.connection;
        let Plain { method, path, query, project, .. } = plain;
        let authority = endpoint.authority();
        let mut headers: Vec<(&str, &[u8])> = vec![
            ("host", authority.as_bytes()),
            ("content-type", b"application/json"),
            ("x-project-id", project.as_bytes()),
        ];
        headers.extend(more.iter().map(|(name, value)| (*name, value.as_bytes())));
        let described = auth::signature::Request {
            method,
            path,
            query,
            headers: &headers,
            body_sha256: &hex::encode(Sha256::digest(body)),
        };
        let added = auth::signature::sign(&described, access_key, secret_key.expose(), now);
        let scheme = if endpoint.tls { "https" } else { "http" };
        let mark = if query.is_empty() { "" } else { "?" };
        let mut request = Request::builder().method(*method).uri(format!("{scheme}://{authority}{path}{mark}{query}"));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        for (name, value) in &added {
            request = request.header(name, value);
        }
        // Also of an empty one, where a body has a meaning (RFC 9110 section 8.6): without it, it would be sent in chunks.
        if !body.is_empty() || matches!(*method, "POST" | "PUT" | "PATCH") {
            request = request.header("content-length", body.len());
        }
        request.body(()).map_err(|error| Error::Unsendable(error.to_string()))
    }
}

/// The answer's `Date`.
fn date(answer: &Response<Body>) -> Option<Timestamp> {
    let text = answer.headers().get("date")?.to_str().ok()?;
    jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp())
}
