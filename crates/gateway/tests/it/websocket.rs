//! A WebSocket is a tunnel that the invoker holds, opened by a 101 that was asked for and by nothing else.

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body::Frame;
use http_body_util::BodyExt as _;
use model::invoke::{self, Body, Invocation};

use crate::support::{Server, echo, get, path};

const ASK: &str = "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Key: k\r\n\r\n";

/// As the invoker does: takes the client's connection, answers 101, tunnels.
async fn tunnel(invocation: Invocation) -> Result<Response<Body>, model::Error> {
    if path(&invocation.request) != "/ws" {
        return echo(invocation).await;
    }
    assert_eq!(invocation.request.headers()["connection"], "Upgrade");
    assert_eq!(invocation.request.headers()["upgrade"], "websocket");
    assert!(invocation.upgrade);
    let louder = |frame: Frame<Bytes>| frame.map_data(|data| Bytes::from(data.to_ascii_uppercase()));
    let body = invoke::body(invocation.request.into_body().map_frame(louder));
    let response = Response::builder().status(StatusCode::SWITCHING_PROTOCOLS).header("sec-websocket-accept", "yes");
    Ok(response.body(body).unwrap())
}

fn server() -> Server {
    Server::new(tunnel)
}

#[test]
fn bytes_flow_both_ways_after_the_101() {
    let server = server();
    let mut client = server.connect();
    client.send(ASK);
    let reply = client.reply();
    assert_eq!((reply.status, reply.header("sec-websocket-accept")), (101, Some("yes")));
    assert_eq!((reply.header("connection"), reply.header("upgrade")), (Some("Upgrade"), Some("websocket")));
    for word in ["one\r\n\r\n", "two", "not http \n\n"] {
        client.send(word);
        client.until(&word.to_ascii_uppercase());
    }
    assert_eq!(server.gateway.counts().open, 1);
    client.end();
    assert_eq!(client.rest(), "");
}

#[test]
fn what_a_client_sends_too_early_waits_for_the_101() {
    let server = server();
    let mut client = server.connect();
    client.send(format!("{ASK}{}", get("/early")));
    assert_eq!(client.reply().status, 101);
    assert_eq!(client.until("\r\n\r\n"), get("/early").to_ascii_uppercase());
}

#[test]
fn a_refused_upgrade_leaves_ordinary_http() {
    let server = Server::new(|mut invocation| async {
        if invocation.upgrade {
            *invocation.request.body_mut() = invoke::empty(); // it is what comes after a 101
        }
        let mut response = echo(invocation).await?;
        *response.status_mut() = StatusCode::FORBIDDEN;
        Ok(response)
    });
    let mut client = server.connect();
    client.send(format!("{ASK}{}GET /bad HTTP/1.1\n\n", get("/next")));
    assert_eq!(client.reply().status, 403);
    let next = client.reply();
    assert_eq!((next.status, next.seen().uri.as_str()), (403, "/next"));
    assert_eq!(client.reply().status, 400);
    client.assert_closed();
}

#[test]
fn other_protocols_are_not_offered() {
    let server = Server::new(|invocation| async {
        assert!(!invocation.upgrade);
        echo(invocation).await
    });
    let asks = [
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: foo\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    ];
    for ask in asks {
        let reply = server.request(ask);
        assert_eq!((reply.status, reply.seen().header("upgrade")), (200, vec![]), "{ask}");
    }
}

#[test]
fn a_pipelined_upgrade_waits_its_turn() {
    let server = server();
    let mut client = server.connect();
    client.send(format!("{}{ASK}late", get("/first")));
    assert_eq!(client.reply().seen().uri, "/first");
    assert_eq!(client.reply().status, 101);
    assert_eq!(client.until("LATE"), "LATE");
}
