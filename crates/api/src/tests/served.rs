//! Over real sockets: what a connection sees.

use std::net::SocketAddr;
use std::time::Duration;

use super::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// An API that listens.
struct Served {
    api: Api,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
}

impl Served {
    async fn new() -> Self {
        let api = Api::new().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        #[expect(clippy::disallowed_methods, reason = "joined by the test")]
        let server = tokio::spawn(crate::serve(listener, api.router.clone(), async {
            let _ = stopped.await;
            Duration::ZERO
        }));
        Self { api, address, stop: Some(stop), server }
    }

    /// A request as bytes.
    async fn wire(&self, request: Request<Body>) -> Vec<u8> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let mut text = format!("{} {} HTTP/1.1\r\ncontent-length: {}\r\n", parts.method, parts.uri, body.len());
        for (name, value) in &parts.headers {
            text.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
        }
        [text.as_bytes(), b"\r\n", &body].concat()
    }

    async fn connect(&self, bytes: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream
    }
}

/// What must happen soon; a test that waits in vain fails instead of hanging.
async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), what).await.expect("it did not happen")
}

/// Reads until `part` came.
async fn read_until(stream: &mut TcpStream, part: &str) -> String {
    soon(read_part(stream, part)).await
}

async fn read_part(stream: &mut TcpStream, part: &str) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while !text.contains(part) {
        let read = stream.read(&mut buffer).await.unwrap();
        assert_ne!(read, 0, "ended after {text:?} without {part:?}");
        text.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
    text
}

#[tokio::test]
async fn a_drain_finishes_what_was_begun_and_ends_what_has_no_end() {
    let mut served = Served::new().await;
    served.api.create("web", json!({})).await.fine(200);
    let (begun, mut has_begun) = tokio::sync::mpsc::channel(1);
    let (go, gone) = tokio::sync::watch::channel(false);
    served.api.reply(move |_| {
        let (begun, mut gone) = (begun.clone(), gone.clone());
        async move {
            begun.send(()).await.unwrap();
            gone.wait_for(|go| *go).await.unwrap();
            Ok(http::Response::new(full("done")))
        }
    });
    let event = br#"{"httpMethod":"GET","path":"/"}"#;
    let call = served.api.signed("POST", &served.api.fgs("/functions/web/invocations"), &[], event);
    let mut call = served.connect(&served.wire(call).await).await;
    soon(has_begun.recv()).await.unwrap();
    let project = &served.api.credential.project;
    let follow = served.api.signed("GET", &format!("/v2/{project}/funcd/functions/web/logs?follow=true"), &[], b"");
    let mut follow = served.connect(&served.wire(follow).await).await;
    read_until(&mut follow, "x-ndjson").await;

    served.stop.take().unwrap().send(()).unwrap();
    let mut rest = Vec::new();
    soon(follow.read_to_end(&mut rest)).await.unwrap();
    assert!(!served.server.is_finished());
    go.send(true).unwrap();
    let answer = read_until(&mut call, "isBase64Encoded").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    soon(served.server).await.unwrap();
    assert!(TcpStream::connect(served.address).await.is_err());
}

#[tokio::test]
async fn a_change_completes_though_its_client_goes_away_and_a_call_does_not() {
    let served = Served::new().await;
    let create =
        served.api.signed("POST", &served.api.fgs("/functions"), &[], new_function("web").to_string().as_bytes());
    drop(served.connect(&served.wire(create).await).await);
    let mut generation = served.api.store.generation();
    let project = served.api.credential.project.clone();
    while served.api.store.functions(&project).is_empty() {
        soon(generation.changed()).await.unwrap();
    }
    /// Tells when the invocation is dropped.
    struct Dropped(tokio::sync::mpsc::Sender<()>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            let _ = self.0.try_send(());
        }
    }
    let (begun, mut has_begun) = tokio::sync::mpsc::channel(1);
    let (dropped, mut was_dropped) = tokio::sync::mpsc::channel(1);
    served.api.reply(move |_| {
        let (begun, dropped) = (begun.clone(), Dropped(dropped.clone()));
        async move {
            begun.send(()).await.unwrap();
            let _dropped = dropped;
            std::future::pending().await
        }
    });
    let event = br#"{"httpMethod":"GET","path":"/"}"#;
    let call = served.api.signed("POST", &served.api.fgs("/functions/web/invocations"), &[], event);
    let call = served.connect(&served.wire(call).await).await;
    soon(has_begun.recv()).await.unwrap();
    drop(call);
    soon(was_dropped.recv()).await.unwrap();
}

#[tokio::test]
async fn a_follower_gets_kept_lines_then_live_ones_each_once() {
    let served = Served::new().await;
    served.api.create("web", json!({})).await.fine(200);
    let line = |text: &str| telemetry::Line {
        at: model::time::now(),
        function: served.api.urn("web"),
        version: "latest".into(),
        instance: "i1".into(),
        stream: telemetry::Stream::Stdout,
        request_id: None,
        tags: None,
        text: text.to_owned(),
    };
    served.api.telemetry.log(line("kept"));
    let telemetry = served.api.telemetry.clone();
    tokio::task::spawn_blocking(move || telemetry.flush()).await.unwrap();
    let project = &served.api.credential.project;
    let follow = served.api.signed("GET", &format!("/v2/{project}/funcd/functions/web/logs?follow=true"), &[], b"");
    let mut follow = served.connect(&served.wire(follow).await).await;
    let first = read_until(&mut follow, "kept").await;
    assert_eq!(first.matches("kept").count(), 1);
    served.api.telemetry.log(line("live"));
    let second = read_until(&mut follow, "live").await;
    assert!(!second.contains("kept"));
}

#[tokio::test]
async fn who_follows_a_project_gets_what_each_of_its_functions_does_once() {
    let served = Served::new().await;
    for name in ["web", "shop"] {
        served.api.create(name, json!({})).await.fine(200);
    }
    let ended = |name: &str, id: &str, status| model::record::Record {
        request_id: id.into(),
        function: served.api.urn(name).into(),
        version: "latest".into(),
        revision: 1,
        instance: None,
        source: model::invoke::Source::Gateway,
        method: "GET".into(),
        path: "/".into(),
        status,
        error: None,
        started: model::time::now(),
        timings: model::record::Timings::default(),
        request_bytes: 0,
        response_bytes: 0,
        memory_bytes: 0,
        memory_mb: 0,
    };
    let line = |name: &str, text: &str| telemetry::Line {
        at: model::time::now(),
        function: served.api.urn(name),
        version: "latest".into(),
        instance: "i1".into(),
        stream: telemetry::Stream::Stdout,
        request_id: None,
        tags: None,
        text: text.to_owned(),
    };
    let telemetry = &served.api.telemetry;
    telemetry.record(ended("web", "kept-request", 500));
    telemetry.log(line("shop", "kept-line"));
    let project = &served.api.credential.project;
    let follow = |what: &str| served.api.signed("GET", &format!("/v2/{project}/funcd/{what}"), &[], b"");
    let mut requests = served.connect(&served.wire(follow("requests?follow=true&status=5xx")).await).await;
    let mut lines = served.connect(&served.wire(follow("logs?follow=true")).await).await;
    assert_eq!(read_until(&mut requests, "kept-request").await.matches("kept-request").count(), 1);
    assert_eq!(read_until(&mut lines, "kept-line").await.matches("kept-line").count(), 1);
    telemetry.record(ended("shop", "not-wanted", 200));
    telemetry.record(ended("shop", "live-request", 503));
    telemetry.log(line("web", "live-line"));
    let came = read_until(&mut requests, "live-request").await;
    assert!(!came.contains("kept-request") && !came.contains("not-wanted"), "{came}");
    assert!(!read_until(&mut lines, "live-line").await.contains("kept-line"));
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let served = Served::new().await;
    let large = format!("GET /healthz HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "y".repeat(200 * 1024));
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    // The server may close before it read everything.
    let _ = stream.write_all(large.as_bytes()).await;
    let answer = read_until(&mut stream, "\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn a_client_that_waits_for_permission_gets_it_only_with_a_known_key() {
    let served = Served::new().await;
    let body = new_function("web").to_string();
    let mut known = served.api.signed("POST", &served.api.fgs("/functions"), &[], body.as_bytes());
    known.headers_mut().insert("expect", "100-continue".parse().unwrap());
    let bytes = served.wire(known).await;
    let head = bytes.len() - body.len();
    let mut stream = served.connect(&bytes[..head]).await;
    assert!(read_until(&mut stream, "\r\n\r\n").await.starts_with("HTTP/1.1 100"));
    stream.write_all(&bytes[head..]).await.unwrap();
    assert!(read_until(&mut stream, "func_urn").await.starts_with("HTTP/1.1 200"));

    let unknown = String::from_utf8(bytes[..head].to_vec()).unwrap().replace("Access=", "Access=NOT");
    let mut stream = served.connect(unknown.as_bytes()).await;
    assert!(read_until(&mut stream, "\r\n\r\n").await.starts_with("HTTP/1.1 401"));
}

#[tokio::test]
async fn a_client_that_sends_too_much_gets_the_answer_and_may_go_on() {
    let served = Served::new().await;
    served.api.create("web", json!({})).await.fine(200);
    let body = vec![b' '; model::limits::INVOKE_REQUEST_BYTES + 4 * 1024 * 1024];
    let call = served.api.signed("POST", &served.api.fgs("/functions/web/invocations"), &[], &body);
    // All of it is written before anything is read, as many clients do.
    let mut stream = soon(served.connect(&served.wire(call).await)).await;
    let answer = read_until(&mut stream, "FSS.0413").await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    let next = served.api.signed("GET", &served.api.fgs("/functions"), &[], b"");
    stream.write_all(&served.wire(next).await).await.unwrap();
    read_until(&mut stream, "HTTP/1.1 200").await;
}

#[tokio::test]
async fn a_client_that_waits_for_word_is_answered_without_its_body() {
    let served = Served::new().await;
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 99999999\r\n\r\n",
        served.api.fgs("/functions")
    );
    let mut stream = served.connect(head.as_bytes()).await;
    let mut answer = Vec::new();
    soon(stream.read_to_end(&mut answer)).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 401") && !answer.contains("100 Continue"), "{answer}");
}
