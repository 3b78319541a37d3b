//! The whole gateway with an echo behind it: whatever a client sends, only what everyone takes for a request is invoked, exactly as
//! it was sent, and the client gets well-formed answers.
//!
//! The input is one connection's bytes. It is sent in two pieces with the sending half closed behind it, and everything that comes
//! back is read.
#![no_main]

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use ::fuzz::http1::request::{Conversation, Request, conversation};
use ::fuzz::http1::response::response;
use ::fuzz::http1::{Body, Reading};
use ::fuzz::world::World;
use auth::identity::Directory;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use gateway::{Config, Gateway, Limits};
use http::Response;
use http_body_util::BodyExt as _;
use libfuzzer_sys::fuzz_target;
use model::invoke::{self, Invocation, Invoke};

/// How long a client waits for the gateway before it calls that a hang.
const PATIENCE: Duration = Duration::from_secs(20);

/// A request as the function saw it.
#[derive(Clone, Debug, Default)]
struct Seen {
    method: String,
    path: String,
    headers: Vec<(String, Vec<u8>)>,
    /// `None` when the body broke off.
    body: Option<Vec<u8>>,
}

static SEEN: Mutex<Vec<Seen>> = Mutex::new(Vec::new());

/// Remembers what it is asked, and answers with the body.
struct Echo;

impl Invoke for Echo {
    fn invoke(&self, invocation: Invocation) -> BoxFuture<'static, Result<Response<invoke::Body>, model::Error>> {
        let upgrade = invocation.upgrade;
        let (head, body) = invocation.request.into_parts();
        // What follows a 101 is no body, and there is no 101 here.
        let body = if upgrade { invoke::empty() } else { body };
        let headers = head.headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect();
        // As it is sent on: `Uri` would write a path where there is none.
        let path = head.uri.path_and_query().map_or("", http::uri::PathAndQuery::as_str).to_owned();
        let seen = Seen { method: head.method.to_string(), path, headers, body: None };
        let number = {
            let mut all = SEEN.lock().unwrap();
            all.push(seen);
            all.len() - 1
        };
        async move {
            let Ok(body) = body.collect().await else { return Err(model::Error::new(model::Kind::Cancelled)) };
            let body = body.to_bytes();
            SEEN.lock().unwrap()[number].body = Some(body.to_vec());
            Ok(Response::new(invoke::full(body)))
        }
        .boxed()
    }
}

fn gateway() -> SocketAddr {
    static GATEWAY: OnceLock<(World, Gateway)> = OnceLock::new();
    let (_, gateway) = GATEWAY.get_or_init(|| {
        let world = World::new();
        let mut config = Config::new(SocketAddr::from(([127, 0, 0, 1], 0)));
        config.threads = NonZeroUsize::MIN;
        config.limits = Limits { half_close_grace: Duration::from_secs(2), ..Limits::default() };
        let around = (Arc::clone(&world.snapshots), Arc::new(Directory::nobody()));
        let gateway = Gateway::start(config, around, Arc::new(Echo), world.telemetry.clone());
        (world, gateway.unwrap())
    });
    gateway.local_addr()
}

fuzz_target!(|bytes: &[u8]| {
    // Served as HTTP/2 from there on, which this reading knows nothing of.
    if bytes.starts_with(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") {
        return;
    }
    SEEN.lock().unwrap().clear();
    let answer = exchange(bytes);
    let seen = SEEN.lock().unwrap().clone();
    let told = conversation(bytes);
    if told.large {
        return;
    }
    only_requests_are_invoked(bytes, &told, &seen);
    answers_are_well_formed(&told, &seen, &answer);
});

fn exchange(bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(gateway()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    let cut =
        bytes.iter().fold(7, |sum: usize, &byte| sum.wrapping_mul(31).wrapping_add(byte.into())) % bytes.len().max(1);
    for piece in [&bytes[..cut], &bytes[cut..]] {
        // The gateway may have refused what came before and closed.
        let _closed = stream.write_all(piece);
    }
    let _closed = stream.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
        Err(error) => panic!("the gateway does not close the connection: {error}"),
    }
    answer
}

fn only_requests_are_invoked(bytes: &[u8], told: &Conversation, seen: &[Seen]) {
    let whole = told.whole.iter().map(|(request, body)| (request, Some(body)));
    let mut last = false;
    let mut requests = whole
        .chain(told.broken.iter().map(|request| (request, None)))
        .take_while(|(request, _)| !std::mem::replace(&mut last, request.is_last()));
    for seen in seen {
        // What has no route, such as OPTIONS *, is answered without an invocation.
        let found = requests.by_ref().find(|(request, _)| routed(request));
        let Some((request, body)) = found else {
            panic!("invoked, but no request: {seen:?} in {}", bytes.escape_ascii());
        };
        same(seen, request, body);
    }
}

fn routed(request: &Request) -> bool {
    let host = request.head.all("host").next().unwrap_or_default().to_ascii_lowercase();
    let name = host.split(|&byte| byte == b':').next().unwrap_or_default();
    let name = name.strip_suffix(b".").unwrap_or(name);
    request.head.start[1] != b"*" && !name.ends_with(b".localhost")
}

fn same(seen: &Seen, request: &Request, body: Option<&Body>) {
    assert_eq!(seen.method.as_bytes(), request.method());
    assert_eq!(seen.path.as_bytes(), request.path());
    if let Some(got) = &seen.body {
        assert_eq!(Some(got), body.map(|body| &body.content), "the function got another body");
    }
    let mut hosts = 0;
    for (name, value) in &seen.headers {
        let plain = name.replace('_', "-");
        hosts += usize::from(plain == "host");
        match plain.as_str() {
            name if name.starts_with("x-cff-") || name.starts_with("x-funcd-") => panic!("{name} reaches the function"),
            "transfer-encoding" | "keep-alive" | "proxy-connection" | "trailer" | "expect" | "http2-settings" => {
                panic!("{name} reaches the function")
            }
            "te" => assert_eq!(value, b"trailers"),
            "connection" => assert_eq!(value, b"Upgrade"),
            "upgrade" => assert_eq!(value, b"websocket"),
            "x-real-ip" | "x-forwarded-for" => assert_eq!(value, b"127.0.0.1", "{name} is the client's"),
            "x-forwarded-proto" => assert_eq!(value, b"http"),
            "x-request-id" => assert!(value.len() == 32 && value.iter().all(u8::is_ascii_hexdigit)),
            _ => {}
        }
    }
    assert_eq!(hosts, 1);
}

fn answers_are_well_formed(told: &Conversation, seen: &[Seen], answer: &[u8]) {
    let whole = told.whole.iter().map(|(request, _)| request).chain(&told.broken);
    let methods = whole.map(|request| String::from_utf8_lossy(request.method()).into_owned());
    // A refusal answers what is no request.
    let mut methods = methods.chain(std::iter::once(String::new()));
    let (mut rest, mut answers, mut closing) = (answer, 0, false);
    while !rest.is_empty() {
        assert!(!closing, "more after an answer that closes: {}", answer.escape_ascii());
        let method = methods.next().unwrap_or_else(|| panic!("more answers than requests: {}", answer.escape_ascii()));
        let Reading::Whole(response) = response(rest, &method, true) else {
            panic!("not a response: {}", rest.escape_ascii());
        };
        assert!(response.head.all("date").count() == 1 && response.head.all("x-request-id").count() == 1);
        closing = !response.keeps;
        answers += 1;
        rest = &rest[response.length..];
    }
    let known = told.whole.len() + usize::from(told.broken.is_some());
    assert!(answers <= known || closing, "a refusal that does not close");
    assert!(answers >= seen.iter().filter(|seen| seen.body.is_some()).count(), "an invocation was not answered");
}
