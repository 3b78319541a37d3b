//! Starting, draining and stopping.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use gateway::{Config, Error, Gateway, Heir, Limits};
use http::Response;
use model::invoke::{self, Body, Invocation, Invoke};
use model::snapshot::Snapshots;
use telemetry::Telemetry;
use tokio::sync::{Semaphore, mpsc};

use crate::client::Client;
use crate::support::{PATIENCE, Server, echo, get, soon, text, wait_until, within};

struct Never;

impl Invoke for Never {
    fn invoke(&self, _: Invocation) -> futures_util::future::BoxFuture<'static, Result<Response<Body>, model::Error>> {
        Box::pin(async { Ok(Response::new(invoke::empty())) })
    }
}

fn start(config: Config) -> Result<Gateway, Error> {
    let dir = tempfile::tempdir().unwrap();
    let telemetry = Telemetry::open(telemetry::Config::new(dir.path())).unwrap();
    Gateway::start(config, (Arc::new(Snapshots::default()), crate::iam::directory()), Arc::new(Never), telemetry)
}

#[test]
fn a_port_in_use_is_said_with_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let error = start(Config::new(address)).unwrap_err().to_string();
    assert!(error.starts_with(&format!("port {} of 127.0.0.1 is in use: stop the program", address.port())), "{error}");
}

#[test]
fn a_second_gateway_cannot_share_the_port_of_the_first() {
    let first = start(Config::new(SocketAddr::from(([127, 0, 0, 1], 0)))).unwrap();
    assert!(matches!(start(Config::new(first.local_addr())), Err(Error::InUse { .. })));
}

#[test]
fn wrong_limits_are_all_named() {
    let mut config = Config::new(SocketAddr::from(([127, 0, 0, 1], 0)));
    config.limits = Limits { connections: 0, body_bytes: 0, ..Limits::default() };
    let error = start(config).unwrap_err().to_string();
    assert!(error.contains("connections is 0") && error.contains("body_bytes is 0"), "{error}");
}

#[test]
fn a_listener_that_is_bound_already_is_taken_over() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let early = TcpStream::connect(address).unwrap();
    let gateway = start(Config::new(listener)).unwrap();
    assert_eq!(gateway.local_addr(), address);
    wait_until("the early client is accepted", || gateway.counts().accepted == 1);
    drop(early);
}

#[test]
fn draining_finishes_what_is_in_flight_and_closes_the_rest() {
    static GO: Semaphore = Semaphore::const_new(0);
    let (started, mut starts) = mpsc::channel(1);
    let server = Server::new(move |invocation| {
        let started = started.clone();
        async move {
            if invocation.request.uri().path() == "/slow" {
                started.send(()).await.unwrap();
                GO.acquire().await.unwrap().forget();
            }
            Ok(text("done"))
        }
    });
    let (mut fresh, mut idle, mut busy) = (server.connect(), server.connect(), server.connect());
    idle.send(get("/"));
    assert_eq!(idle.reply().body, "done");
    busy.send(get("/slow"));
    soon(&mut starts).unwrap();
    std::thread::scope(|scope| {
        let drained = scope.spawn(|| server.drain(PATIENCE));
        idle.assert_closed();
        fresh.assert_closed();
        wait_until("nobody gets in", || TcpStream::connect(server.gateway.local_addr()).is_err());
        assert!(!drained.is_finished());
        GO.add_permits(1);
        let reply = busy.reply();
        assert_eq!((reply.body.as_str(), reply.header("connection")), ("done", Some("close")));
        busy.assert_closed();
        assert_eq!(drained.join().unwrap(), 0);
    });
}

#[test]
fn a_request_that_was_sent_before_the_drain_is_answered() {
    let server = Server::new(echo);
    let mut clients: Vec<_> = (0..20).map(|_| server.connect()).collect();
    for client in &mut clients {
        client.send(get("/"));
    }
    wait_until("all are accepted", || server.gateway.counts().accepted == 20);
    assert_eq!(server.drain(PATIENCE), 0);
    for client in &mut clients {
        assert_eq!(client.reply().status, 200);
    }
}

#[test]
fn the_first_request_of_a_new_connection_is_answered_while_draining() {
    let server = Server::new(echo);
    let mut client = server.connect();
    wait_until("it is accepted", || server.gateway.counts().accepted == 1);
    std::thread::scope(|scope| {
        let drained = scope.spawn(|| server.drain(PATIENCE));
        wait_until("nobody gets in", || TcpStream::connect(server.gateway.local_addr()).is_err());
        client.send(get("/"));
        assert_eq!(client.reply().status, 200);
        assert_eq!(drained.join().unwrap(), 0);
    });
}

#[test]
fn a_client_that_is_not_accepted_yet_is_answered() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut early = Client::connect(listener.local_addr().unwrap());
    early.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    let gateway = start(Config::new(listener)).unwrap();
    assert_eq!(within(gateway.drain(PATIENCE)), 0);
    assert_eq!(early.reply().status, 404);
}

#[test]
fn what_does_not_end_within_the_grace_is_cut() {
    let (report, mut reports) = mpsc::channel(1);
    let server = Server::new(move |_| {
        let report = report.clone();
        async move {
            let (alive, dropped) = mpsc::channel::<()>(1);
            report.send(dropped).await.unwrap();
            let _held = alive;
            std::future::pending().await
        }
    });
    let mut client = server.connect();
    client.send(get("/"));
    let mut dropped = soon(&mut reports).unwrap();
    assert_eq!(server.drain(Duration::from_millis(20)), 1);
    assert_eq!(soon(&mut dropped), None);
    client.assert_closed();
}

#[test]
fn stopping_cuts_everything_and_frees_the_port() {
    let server = Server::new(|_| std::future::pending());
    let address = server.gateway.local_addr();
    let mut client = server.connect();
    client.send(get("/"));
    wait_until("it is there", || server.gateway.counts().open == 1);
    server.gateway.stop_now();
    client.assert_closed();
    drop(client);
    assert_eq!(start(Config::new(address)).unwrap().local_addr(), address);
}

/// A function that says whose it is, and waits for `/slow`.
fn named(name: &'static str, go: &'static Semaphore, started: mpsc::Sender<()>) -> Server {
    Server::new(move |invocation| {
        let started = started.clone();
        async move {
            if invocation.request.uri().path() == "/slow" {
                started.send(()).await.unwrap();
                go.acquire().await.unwrap().forget();
            }
            Ok(text(name))
        }
    })
}

#[test]
fn clients_between_requests_are_handed_over_and_those_in_flight_are_answered() {
    static GO: Semaphore = Semaphore::const_new(0);
    let (started, mut starts) = mpsc::channel(1);
    let (old, next) = (named("old", &GO, started.clone()), Arc::new(named("next", &GO, started)));
    let (mut fresh, mut begun, mut idle, mut busy) = (old.connect(), old.connect(), old.connect(), old.connect());
    idle.send(get("/"));
    assert_eq!(idle.reply().body, "old");
    begun.send("GET / HTTP/1.1\r\n");
    busy.send(get("/slow"));
    soon(&mut starts).unwrap();
    wait_until("all are accepted", || old.gateway.counts().accepted == 4);
    let heir = Arc::clone(&next);
    within(old.gateway.hand_over(Heir::new(move |socket| {
        heir.gateway.adopt(socket).unwrap();
        Ok(())
    })));
    wait_until("two were handed over", || next.gateway.counts().open == 2);

    for client in [&mut fresh, &mut idle] {
        client.send(get("/"));
        let reply = client.reply();
        assert_eq!((reply.body.as_str(), reply.header("connection")), ("next", None));
    }
    begun.send("Host: a\r\n\r\n");
    let reply = begun.reply();
    assert_eq!((reply.status, reply.header("connection")), (200, Some("close")), "{reply:?}");
    GO.add_permits(1);
    let reply = busy.reply();
    assert_eq!((reply.body.as_str(), reply.header("connection")), ("old", Some("close")));
    assert_eq!(old.drain(PATIENCE), 0);
    idle.send(get("/"));
    assert_eq!(idle.reply().body, "next");
}

#[test]
fn a_connection_that_the_heir_cannot_take_at_once_is_offered_again() {
    static GO: Semaphore = Semaphore::const_new(0);
    let (started, _starts) = mpsc::channel(1);
    let (old, next) = (named("old", &GO, started.clone()), Arc::new(named("next", &GO, started)));
    let mut idle = old.connect();
    idle.send(get("/"));
    assert_eq!(idle.reply().body, "old");
    let (heir, refusals) = (Arc::clone(&next), std::sync::atomic::AtomicUsize::new(3));
    within(old.gateway.hand_over(Heir::new(move |socket| {
        use std::sync::atomic::Ordering::SeqCst;
        if refusals.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok() {
            return Err(socket);
        }
        heir.gateway.adopt(socket).unwrap();
        Ok(())
    })));
    wait_until("it was handed over", || next.gateway.counts().open == 1);
    idle.send(get("/"));
    assert_eq!(idle.reply().body, "next");
}
