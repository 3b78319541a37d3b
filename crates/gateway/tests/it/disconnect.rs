//! A client that goes away cancels its request, whatever the request is waiting for.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

use gateway::Limits;
use tokio::sync::mpsc;

use crate::support::{Server, channel, get, post, soon, text, within};

/// A server whose function says when it starts, and whose future says when it is dropped by closing the channel.
fn waiting(limits: Limits) -> (Server, mpsc::Receiver<mpsc::Receiver<()>>) {
    let (report, reports) = mpsc::channel(8);
    let server = Server::with(limits, move |invocation| {
        let report = report.clone();
        async move {
            let (alive, dropped) = mpsc::channel(1);
            report.send(dropped).await.unwrap();
            let _held = (alive, invocation);
            std::future::pending().await
        }
    });
    (server, reports)
}

/// Sends `request`, waits until the function has it, then lets the client go by `leave`.
#[track_caller]
fn check(limits: Limits, request: &str, leave: impl FnOnce(TcpStream)) {
    let (server, mut reports) = waiting(limits);
    let mut client = server.connect();
    client.send(request);
    let mut dropped = soon(&mut reports).unwrap();
    assert_eq!(dropped.try_recv(), Err(mpsc::error::TryRecvError::Empty));
    leave(client.stream);
    assert_eq!(soon(&mut dropped), None);
}

fn close(stream: TcpStream) {
    drop(stream);
}

/// A reset instead of an end.
fn reset(stream: TcpStream) {
    rustix::net::sockopt::set_socket_linger(&stream, Some(Duration::ZERO)).unwrap();
    drop(stream);
}

fn impatient() -> Limits {
    Limits { half_close_grace: Duration::from_millis(5), ..Limits::default() }
}

#[test]
fn a_closed_connection_drops_the_invocation() {
    check(Limits::default(), &get("/"), close);
    check(impatient(), &post("/", "unread"), close);
    check(impatient(), &post("/", &"x".repeat(10_000)), close);
    check(impatient(), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf", close);
    check(impatient(), &format!("{}{}", get("/"), get("/next")), close);
}

#[test]
fn a_reset_drops_the_invocation_at_once() {
    let never = Limits { half_close_grace: Duration::from_secs(3600), ..Limits::default() };
    check(never.clone(), &get("/"), reset);
    check(never, &post("/", "unread"), reset);
}

#[test]
fn an_upgrade_that_is_being_decided_is_dropped_too() {
    check(impatient(), "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", close);
}

#[test]
fn a_closed_connection_drops_a_response_that_says_nothing() {
    let (report, mut reports) = mpsc::channel(1);
    let server = Server::with(impatient(), move |_| {
        let report = report.clone();
        async move {
            let (sender, body) = channel();
            report.send(sender).await.unwrap();
            Ok(http::Response::new(body))
        }
    });
    for request in [get("/"), post("/", "unread")] {
        let mut client = server.connect();
        client.send(request);
        let sender = soon(&mut reports).unwrap();
        client.until("\r\n\r\n");
        drop(client);
        within(sender.closed());
    }
}

#[test]
fn a_client_that_has_only_said_all_it_has_to_say_gets_its_answer() {
    let (report, mut reports) = mpsc::channel(1);
    let patient = Limits { half_close_grace: Duration::from_secs(3600), ..Limits::default() };
    let server = Server::with(patient, move |_| {
        let report = report.clone();
        async move {
            let (go, wait) = tokio::sync::oneshot::channel::<()>();
            report.send(go).await.unwrap();
            wait.await.unwrap();
            Ok(text("answer"))
        }
    });
    for request in [get("/"), post("/", "body")] {
        let mut client = server.connect();
        client.send(request);
        let go = soon(&mut reports).unwrap();
        client.end();
        // The end is on its way; a second request cannot be, so nothing else tells when it has arrived.
        let mut other = server.connect();
        other.stream.write_all(b"GET * HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        assert_eq!(other.reply().status, 400);
        go.send(()).unwrap();
        assert_eq!(client.reply().body, "answer");
        client.assert_closed();
    }
}
