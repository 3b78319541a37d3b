//! Heads that are kept while a function's owner wants to see them.

use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use model::heads::{Field, Heads, Names, Value};
use model::invoke;
use model::urn::FunctionId;
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

use crate::apps::CODE;
use crate::client::Reply;
use crate::support::{Server, get, soon, text, wait_until, within};

fn id(name: &str) -> FunctionId {
    FunctionId { region: "r".into(), project: "p".into(), package: "default".into(), name: name.into() }
}

fn start(server: &Server, function: &str, listed: &[&str]) {
    let mut names = Names::default();
    listed.iter().for_each(|name| names.list(name).unwrap());
    server.telemetry.captures().start(&id(function), names, Duration::from_mins(10)).unwrap();
}

fn kept(server: &Server, function: &str, reply: &Reply) -> Option<Arc<Heads>> {
    server.telemetry.captures().find(&id(function), reply.header("x-request-id").unwrap())
}

/// Fields as text; of what is hidden the length.
fn fields(fields: &model::heads::Fields) -> Vec<String> {
    let line = |field: &Field| match &field.value {
        Value::Hidden => format!("{} ({})", field.name, field.bytes),
        Value::Whole(text) => format!("{}: {text}", field.name),
        Value::Beginning(text) => format!("{}: {text}...", field.name),
    };
    fields.kept().iter().map(line).collect()
}

const ASKED: &str = "POST /a?token=secret HTTP/1.1\r\nHost: a\r\nAccept: x/y\r\nAuthorization: Bearer abc\r\nX-Tenant: t1\r\n\
                     X-Tenant: t2\r\nX-CFF-Forged: 1\r\nContent-Length: 3\r\n\r\nabc";

#[test]
fn a_request_is_kept_as_it_was_sent_and_its_answer_as_it_went_out() {
    let server = Server::new(|_| async {
        let answer = Response::builder().status(201).header("etag", "e").header("set-cookie", "s=1");
        Ok(answer.header("x-cff-own", "dropped").body(invoke::full("abc")).unwrap())
    });
    let before = server.request(ASKED);
    start(&server, "api", &["x-tenant"]);
    let reply = server.request(ASKED);
    assert!(kept(&server, "api", &before).is_none(), "nobody wanted it");
    let heads = kept(&server, "api", &reply).unwrap();
    assert_eq!((heads.asked.method.as_str(), heads.asked.path.as_str()), ("POST", "/a"));
    assert_eq!(heads.asked.query_bytes, Some(12));
    let asked = [
        "host: a",
        "accept: x/y",
        "authorization (10)",
        "x-tenant: t1",
        "x-tenant: t2",
        "x-cff-forged (1)",
        "content-length: 3",
    ];
    let mut got = fields(&heads.asked.fields);
    got.sort_unstable();
    let mut expect = asked.to_vec();
    expect.sort_unstable();
    assert_eq!(got, expect);
    let answered = heads.answered.as_ref().unwrap();
    assert_eq!(answered.status, 201);
    let told = |name: &str| reply.header(name).unwrap().to_owned();
    let mut expect = vec![
        "etag: e".to_owned(),
        "set-cookie (3)".to_owned(),
        format!("date: {}", told("date")),
        format!("x-request-id: {}", told("x-request-id")),
        format!("x-cff-request-id: {}", told("x-request-id")),
        "content-length: 3".to_owned(),
    ];
    let mut got = fields(&answered.fields);
    got.sort_unstable();
    expect.sort_unstable();
    assert_eq!(got, expect);
    server.telemetry.captures().stop(&id("api"));
    assert!(kept(&server, "api", &server.request(ASKED)).is_none(), "nobody wants it any more");
}

#[test]
fn only_those_are_kept_whom_the_gateway_let_in() {
    let server = Server::new(|_| async { Ok(text("ok")) });
    start(&server, "app", &[]);
    start(&server, "web", &[]);
    let ask = |more: &str| server.request(&format!("GET /simple HTTP/1.1\r\nHost: closed.localhost\r\n{more}\r\n"));
    let refused = ask("X-Apig-AppCode: wrong\r\n");
    assert_eq!(refused.status, 401);
    let reply = ask(&format!("X-Apig-AppCode: {CODE}\r\n"));
    assert_eq!(reply.status, 200);
    assert!(kept(&server, "app", &refused).is_none());
    let heads = kept(&server, "app", &reply).unwrap();
    assert!(fields(&heads.asked.fields).contains(&format!("x-apig-appcode ({})", CODE.len())), "{heads:?}");
    assert_eq!(server.telemetry.captures().state(&id("app")).unwrap().requests, 1);
}

#[test]
fn an_answer_of_the_gateways_own_is_kept_and_that_a_client_left_too() {
    let (report, mut reports) = mpsc::channel(8);
    let server = Server::new(move |invocation| {
        let report = report.clone();
        async move {
            if invocation.request.uri().path() == "/fails" {
                return Err(model::Error::new(model::Kind::TimedOut));
            }
            report.send(()).await.unwrap();
            std::future::pending().await
        }
    });
    start(&server, "api", &[]);
    let failed = server.request(&get("/fails"));
    let answered = kept(&server, "api", &failed).unwrap().answered.clone().unwrap();
    assert_eq!(answered.status, failed.status);
    assert!(fields(&answered.fields).contains(&"content-type: application/json".to_owned()), "{answered:?}");
    let mut client = server.connect();
    client.send(get("/waits"));
    soon(&mut reports).unwrap();
    drop(client);
    wait_until("the request that was left is kept", || {
        server.telemetry.captures().state(&id("api")).unwrap().requests == 2
    });
}

#[test]
fn a_stream_of_http2_is_kept_like_any_other() {
    let server = Server::echo();
    start(&server, "api", &[]);
    within(async {
        let mut client = crate::http2::connect(&server, &TaskTracker::new()).await;
        let ask = || Request::get("http://a/x?y").header("accept", "x/y").header("cookie", "a=1").body(invoke::empty());
        let response = client.send_request(ask().unwrap()).await.unwrap();
        let told = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        let found = server.telemetry.captures().find(&id("api"), &told("x-request-id"));
        let heads = found.unwrap();
        let mut asked = fields(&heads.asked.fields);
        asked.sort_unstable();
        assert_eq!(asked, ["accept: x/y", "cookie (3)", "host: a"]);
        let sent = fields(&heads.answered.as_ref().unwrap().fields);
        for name in ["date", "content-length", "x-request-id"] {
            assert!(sent.contains(&format!("{name}: {}", told(name))), "{name}: {sent:?}");
        }
        assert_eq!(sent.len(), response.headers().len(), "{sent:?}");
    });
}
