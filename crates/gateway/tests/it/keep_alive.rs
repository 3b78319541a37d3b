//! Connections are used again when that is safe, requests are answered in order, and what is refused ends the connection.

use tokio::sync::{Semaphore, mpsc};

use crate::support::{Server, echo, get, path, post, soon, text};

#[test]
fn a_connection_serves_many_requests() {
    let server = Server::echo();
    let mut client = server.connect();
    for body in ["a", "", "c"] {
        client.send(post("/", body));
        assert_eq!(client.reply().seen().body, body);
    }
    assert_eq!(server.gateway.counts().accepted, 1);
}

#[test]
fn no_route_and_no_credentials_keep_the_connection() {
    let server = Server::echo();
    let mut client = server.connect();
    for (host, status) in [("none.localhost", 404), ("closed.localhost", 404), ("a", 200)] {
        client.send(format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        assert_eq!(client.reply().status, status);
    }
}

#[test]
fn a_client_that_wants_to_close_is_closed() {
    let server = Server::echo();
    let mut client = server.connect();
    client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert_eq!(client.reply().header("connection"), Some("close"));
    client.assert_closed();
}

#[test]
fn http_1_0_is_closed_unless_it_asks() {
    let server = Server::echo();
    let mut client = server.connect();
    client.send("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
    assert_eq!(client.reply().header("connection"), Some("keep-alive"));
    client.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
    assert_eq!(client.reply().status, 200);
    client.assert_closed();
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let server = Server::echo();
    let mut client = server.connect();
    client.send((0..20).map(|number| post(&format!("/{number}"), "body")).collect::<String>());
    for number in 0..20 {
        let seen = client.reply().seen();
        assert_eq!((seen.uri, seen.body.as_str()), (format!("/{number}"), "body"));
    }
}

#[test]
fn a_refusal_does_not_overtake_the_answer_before_it() {
    static GO: Semaphore = Semaphore::const_new(0);
    let server = Server::new(|_| async {
        GO.acquire().await.unwrap().forget();
        Ok(text("first"))
    });
    let mut client = server.connect();
    client.send(format!("{}GET / HTTP/1.1\nbad\n\n{}", get("/"), get("/")));
    GO.add_permits(1);
    assert_eq!(client.reply().body, "first");
    assert_eq!(client.reply().status, 400);
    client.assert_closed();
}

#[test]
fn the_next_request_waits_until_the_one_before_is_answered() {
    static GO: Semaphore = Semaphore::const_new(0);
    let (started, mut starts) = mpsc::channel(8);
    let server = Server::new(move |invocation| {
        let started = started.clone();
        async move {
            started.send(path(&invocation.request).to_owned()).await.unwrap();
            GO.acquire().await.unwrap().forget();
            echo(invocation).await
        }
    });
    let mut client = server.connect();
    client.send(format!("{}{}", get("/1"), get("/2")));
    assert_eq!(soon(&mut starts).unwrap(), "/1");
    assert!(starts.try_recv().is_err());
    GO.add_permits(2);
    assert_eq!(client.reply().seen().uri, "/1");
    assert_eq!(client.reply().seen().uri, "/2");
}

#[test]
fn heads_may_come_in_single_bytes() {
    let server = Server::echo();
    let mut client = server.connect();
    for _ in 0..2 {
        for byte in post("/slow", "body").as_bytes() {
            client.send([*byte]);
        }
        assert_eq!(client.reply().seen().body, "body");
    }
}
