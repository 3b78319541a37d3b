//! The API from the outside: signed requests against a real store, with an echo in place of the invoker.

mod aliases;
mod apig;
mod code;
mod compatibility;
mod console;
mod contract;
mod dependencies;
mod events;
mod funcd;
mod functions;
mod headers;
mod history;
mod iam;
mod installation;
mod instances;
mod invocation;
mod isolation;
mod live;
mod metrics;
mod operations;
mod quotas;
mod reserves;
mod served;
mod signature;
mod system;
mod tags;
mod templates;
mod traces;
mod transfer;
mod triggers;
mod versions;

use std::io::{Cursor, Write as _};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::{HeaderMap, Request};
use http_body_util::BodyExt as _;
use model::invoke::{Invocation, Invoke, full};
use parking_lot::Mutex;
use runtimes::Runtimes;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use store::{Credential, Store};
use telemetry::Telemetry;
use tower::ServiceExt as _;

use crate::{Config, Console, Hosts, Links, State, router};

type Reply =
    Box<dyn Fn(Invocation) -> BoxFuture<'static, Result<http::Response<model::invoke::Body>, model::Error>> + Send>;

/// In place of the invoker: answers as told.
struct Echo(Mutex<Reply>);

impl Invoke for Echo {
    fn invoke(
        &self,
        invocation: Invocation,
    ) -> BoxFuture<'static, Result<http::Response<model::invoke::Body>, model::Error>> {
        (self.0.lock())(invocation)
    }
}

/// An API over a data folder that goes away with the test.
struct Api {
    home: tempfile::TempDir,
    store: Store,
    telemetry: Telemetry,
    echo: Arc<Echo>,
    credential: Credential,
    links: Links,
    router: Router,
}

/// What came back.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// Asserts the status and code of an error, and that its message has each of `parts`.
    #[track_caller]
    fn refused(&self, status: u16, code: &str, parts: &[&str]) {
        let body = self.json();
        assert_eq!((self.status, &body["error_code"]), (status, &json!(code)), "{body}");
        for part in parts {
            assert!(body["error_msg"].as_str().unwrap().contains(part), "{body} lacks {part}");
        }
        assert_eq!(body["request_id"], self.header("x-request-id"));
    }

    #[track_caller]
    fn fine(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{:?}", self.body);
        if self.body.is_empty() { Value::Null } else { self.json() }
    }
}

/// What a gateway would answer that only says which API it found; with `X-Long`, at length.
fn tried(
    snapshot: &model::snapshot::Snapshot,
    request: &Request<Bytes>,
) -> std::future::Ready<http::Response<model::invoke::Body>> {
    let text = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap());
    let host = text("host").unwrap();
    let found = snapshot.route_in(host, text("x-stage"), request.method(), request.uri().path());
    let mut response = match found {
        Some(route) => http::Response::new(full(format!("{} in {}", route.api.name, route.api.env_name))),
        None => http::Response::builder().status(404).body(full("nothing")).unwrap(),
    };
    if text("x-long").is_some() {
        *response.body_mut() = full(vec![b'z'; 3 * 1024 * 1024]);
    }
    std::future::ready(response)
}

/// A machine that lacks something.
fn machine() -> crate::Machine {
    let space = crate::Space { total: 8, free: 3 };
    let node = crate::Node { name: "here".into(), processors: 2, memory: Some(space), ..crate::Node::default() };
    let finding = |name: &str, verdict: &str| crate::Finding {
        name: name.into(),
        verdict: verdict.into(),
        ..crate::Finding::default()
    };
    let findings = vec![finding("kernel", "ok"), finding("swap", "degraded")];
    crate::Machine { doctor: Arc::new(move || findings.clone()), node: Arc::new(move || node.clone()) }
}

impl Api {
    async fn new() -> Self {
        Self::with_hosts(&[]).await
    }

    /// With hosts that packages may be fetched from.
    async fn with_hosts(hosts: &[&str]) -> Self {
        let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
        let home = tempfile::tempdir().unwrap();
        let key = auth::seal::Key::generate();
        let config = store::Config {
            data_dir: home.path().to_owned(),
            key,
            region: "local-1".into(),
            functions: model::limits::FUNCTIONS,
            compile: store::Compile::default(),
        };
        let store = Store::open(config).await.unwrap();
        let telemetry = Telemetry::open(telemetry::Config::new(home.path().join("telemetry"))).unwrap();
        let runtimes = Runtimes::open(home.path()).unwrap();
        let reply: Reply = Box::new(|_| async { Ok(http::Response::new(full("hello"))) }.boxed());
        let echo = Arc::new(Echo(Mutex::new(reply)));
        let links = Links::default();
        let config = Config {
            gateway_url: "http://127.0.0.1:8080".into(),
            gateway_port: 8080,
            gateway_tls_port: Some(8443),
            code_hosts: Hosts::parse(&hosts).unwrap(),
            idle: Duration::from_mins(1),
            console: Console { page: Some(console::PAGE), files: console::FILES, links: links.clone() },
        };
        let state =
            State::new(config, store.clone(), Arc::clone(&echo) as Arc<dyn Invoke>, telemetry.clone(), runtimes)
                .with_machine(machine());
        let credential = store.first_credential().unwrap();
        let state = state.with_debug(Arc::new(|snapshot, _, request| tried(&snapshot, &request).boxed()));
        let router = router(state.with_instances(Arc::new(instances::seen)));
        Self { home, store, telemetry, echo, credential, links, router }
    }

    fn reply<F, R>(&self, reply: F)
    where
        F: Fn(Invocation) -> R + Send + 'static,
        R: Future<Output = Result<http::Response<model::invoke::Body>, model::Error>> + Send + 'static,
    {
        *self.echo.0.lock() = Box::new(move |invocation| reply(invocation).boxed());
    }

    /// `/v2/<project>/fgs<rest>`
    fn fgs(&self, rest: &str) -> String {
        format!("/v2/{}/fgs{rest}", self.credential.project)
    }

    fn urn(&self, name: &str) -> String {
        format!("urn:fss:local-1:{}:function:default:{name}", self.credential.project)
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(self.signed("GET", path, &[], b"")).await
    }

    async fn delete(&self, path: &str) -> Answer {
        self.send(self.signed("DELETE", path, &[], b"")).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.signed("POST", path, &[], body.to_string().as_bytes())).await
    }

    async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(self.signed("PATCH", path, &[], body.to_string().as_bytes())).await
    }

    async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(self.signed("PUT", path, &[], body.to_string().as_bytes())).await
    }

    fn signed(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Request<Body> {
        let Credential { access_key, secret_key, .. } = &self.credential;
        let signer = Signer { access_key, secret_key: secret_key.expose(), now: model::time::now() };
        signer.sign(method, path, headers, body)
    }

    /// The answer, which must be one that the API's own document promises.
    async fn send(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let answer = Answer { status: parts.status.as_u16(), headers: parts.headers, body };
        contract::check(&self.router, &method, &path, &answer).await;
        answer
    }

    /// A function with settings beyond the least.
    async fn create(&self, name: &str, more: Value) -> Answer {
        let mut body = new_function(name);
        for (field, value) in more.as_object().unwrap() {
            body[field] = value.clone();
        }
        self.post(&self.fgs("/functions"), &body).await
    }
}

/// Who signs, and when.
struct Signer<'a> {
    access_key: &'a str,
    secret_key: &'a str,
    now: jiff::Timestamp,
}

impl Signer<'_> {
    /// A request with `X-Sdk-Date` and `Authorization`.
    fn sign(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Request<Body> {
        let mut sent = vec![("host", "127.0.0.1:8081"), ("content-type", "application/json")];
        sent.extend(headers);
        let bytes: Vec<(&str, &[u8])> = sent.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
        let (plain, query) = path.split_once('?').unwrap_or((path, ""));
        let body_sha256 = hex::encode(Sha256::digest(body));
        let request =
            auth::signature::Request { method, path: plain, query, headers: &bytes, body_sha256: &body_sha256 };
        let added = auth::signature::sign(&request, self.access_key, self.secret_key, self.now);
        let mut builder = Request::builder().method(method).uri(path);
        for (name, value) in sent {
            builder = builder.header(name, value);
        }
        for (name, value) in added {
            builder = builder.header(name, value);
        }
        builder.body(Body::from(body.to_vec())).unwrap()
    }
}

/// A package with a `bootstrap`; its digest depends on `text`.
fn package(text: &str) -> Vec<u8> {
    zip(&[("bootstrap", "#!/bin/sh\nexec ./server\n"), ("text", text)])
}

fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().unix_permissions(0o755);
    for (name, content) in files {
        writer.start_file(*name, options).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// What a client must say to make a function.
fn new_function(name: &str) -> Value {
    json!({
        "func_name": name,
        "package": "default",
        "runtime": "http",
        "timeout": 30,
        "handler": "bootstrap",
        "memory_size": 256,
        "code_type": "zip",
        "code_filename": "index.zip",
        "func_code": {"file": base64(&package("1"))},
    })
}

/// What a client must say to make a trigger.
fn new_trigger(event: Value) -> Value {
    let mut body = json!({"trigger_type_code": "DEDICATEDGATEWAY", "event_data": {"auth": "NONE"}});
    for (field, value) in event.as_object().unwrap() {
        body["event_data"][field] = value.clone();
    }
    body
}
