//! A client of the REST API: signed requests over one kept connection.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::daemon::Daemon;
use crate::http::{Answer, Connection};

/// Who signs, and where to.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    address: SocketAddr,
    access_key: String,
    secret_key: String,
    project: String,
}

/// One client.
#[derive(Debug)]
pub(crate) struct Client<'a> {
    access: &'a Access,
    connection: Connection,
}

impl Access {
    /// What `funcd credentials` prints.
    pub(crate) fn of(daemon: &Daemon) -> Result<Self> {
        let told: Value = serde_json::from_str(&daemon.cli(&["credentials", "--json"])?)?;
        let text =
            |name| told.get(name).and_then(Value::as_str).with_context(|| format!("no {name} in the credentials"));
        let address = text("api")?.strip_prefix("http://").context("the API is not spoken to over HTTP")?.parse()?;
        let (access_key, secret_key) = (text("access_key")?.to_owned(), text("secret_key")?.to_owned());
        Ok(Self { address, access_key, secret_key, project: text("project_id")?.to_owned() })
    }

    pub(crate) fn connect(&self) -> Result<Client<'_>> {
        Ok(Client { access: self, connection: Connection::open(self.address, &self.address.to_string())? })
    }
}

impl Client<'_> {
    /// A request to `/v2/<project>/fgs<rest>` that must be answered with one of the statuses of success.
    pub(crate) fn call(&mut self, method: &str, rest: &str, body: &str) -> Result<Answer> {
        self.send(method, &format!("/v2/{}/fgs{rest}", self.access.project), body)
    }

    fn send(&mut self, method: &str, target: &str, body: &str) -> Result<Answer> {
        let answer = self.connection.exchange(&self.signed(method, target, body))?;
        if answer.status >= 300 {
            bail!("{method} {target} answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
        }
        Ok(answer)
    }

    /// A request to `/v2/<project>/apigw/instances/<instance><rest>`; what it answers.
    pub(crate) fn apig(&mut self, method: &str, rest: &str, body: &Value) -> Result<Value> {
        let instances = format!("/v2/{}/apigw/instances", self.access.project);
        let listed = self.json("GET", &instances, "")?;
        let instance = listed.pointer("/instances/0/id").and_then(Value::as_str).context("there is no gateway")?;
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.json(method, &format!("{instances}/{instance}{rest}"), &body)
    }

    fn json(&mut self, method: &str, target: &str, body: &str) -> Result<Value> {
        let answer = self.send(method, target, body)?;
        if answer.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&answer.body).with_context(|| format!("{method} {target} answers no JSON"))
    }

    fn signed(&self, method: &str, target: &str, body: &str) -> Vec<u8> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let body_sha256 = hex::encode(Sha256::digest(body));
        let host = self.access.address.to_string();
        let headers: [(&str, &[u8]); 2] = [("host", host.as_bytes()), ("content-type", b"application/json")];
        let request = auth::signature::Request { method, path, query, headers: &headers, body_sha256: &body_sha256 };
        let Access { access_key, secret_key, .. } = self.access;
        let added = auth::signature::sign(&request, access_key, secret_key, jiff::Timestamp::now());
        let mut text = format!(
            "{method} {target} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
            body.len()
        );
        for (name, value) in added {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        text.push_str(body);
        text.into_bytes()
    }
}
