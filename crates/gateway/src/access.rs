//! One event per request when it is over, for operators who ask for it: `gateway::access` at level debug.

use http::{Request, StatusCode};
use model::function::Version;
use model::invoke::BodyError;
use tokio::time::Instant;

use crate::connection::Client;

/// What is written when it is dropped: nothing, unless somebody listens.
#[derive(Debug, Default)]
pub(crate) struct Access(Option<Box<Entry>>);

#[derive(Debug)]
struct Entry {
    id: String,
    client: String,
    method: http::Method,
    host: String,
    path: String,
    began: Instant,
    function: String,
    /// None until there is an answer: the client went away before.
    status: Option<StatusCode>,
    bytes: u64,
    broken: Option<String>,
}

impl Access {
    pub(crate) fn begin<B>(id: &str, client: &Client, request: &Request<B>) -> Self {
        if !tracing::enabled!(target: "gateway::access", tracing::Level::DEBUG) {
            return Self(None);
        }
        let text = |value: Option<&http::HeaderValue>| {
            value.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).unwrap_or_default()
        };
        Self(Some(Box::new(Entry {
            id: id.to_owned(),
            client: text(Some(&client.ip)),
            method: request.method().clone(),
            host: text(request.headers().get(http::header::HOST)),
            path: request.uri().path().to_owned(),
            began: Instant::now(),
            function: String::new(),
            status: None,
            bytes: 0,
            broken: None,
        })))
    }

    pub(crate) fn function(&mut self, version: &Version) {
        if let Some(entry) = &mut self.0 {
            entry.function = version.urn();
        }
    }

    pub(crate) fn status(&mut self, status: StatusCode) {
        if let Some(entry) = &mut self.0 {
            entry.status = Some(status);
        }
    }

    pub(crate) fn sent(&mut self, bytes: usize) {
        if let Some(entry) = &mut self.0 {
            entry.bytes += bytes as u64;
        }
    }

    pub(crate) fn broken(&mut self, error: &BodyError) {
        if let Some(entry) = &mut self.0 {
            entry.broken = Some(error.to_string());
        }
    }
}

impl Drop for Access {
    fn drop(&mut self) {
        let Some(entry) = &self.0 else { return };
        tracing::debug!(
            target: "gateway::access",
            request_id = entry.id,
            client = entry.client,
            method = %entry.method,
            host = entry.host,
            path = entry.path,
            function = entry.function,
            status = entry.status.map_or(499, |status| status.as_u16()),
            bytes = entry.bytes,
            ms = u64::try_from(entry.began.elapsed().as_millis()).unwrap_or(u64::MAX),
            broken = entry.broken.as_deref(),
            "request"
        );
    }
}
