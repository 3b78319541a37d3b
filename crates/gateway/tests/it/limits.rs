//! Every limit: the number, the answer, and that nothing is held for those who break it.

use std::time::Duration;

use gateway::Limits;
use http_body_util::BodyExt as _;
use tokio::sync::mpsc;

use crate::support::{Server, echo, get, post, proxies, read, soon, text, wait_until};

fn small() -> Limits {
    Limits { body_bytes: 1000, ..Limits::default() }
}

#[test]
fn a_body_that_says_it_is_too_large_is_refused_before_it_comes() {
    let server = Server::with(small(), |_| async { panic!("must not be invoked") });
    let mut client = server.connect();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n");
    let reply = client.reply();
    assert_eq!((reply.status, reply.header("connection")), (413, Some("close")));
    assert_eq!(reply.error().error_msg, "the request body is larger than the limit of 1000 bytes");
    assert_eq!(reply.header("x-func-err-code"), Some("4140"));
    client.assert_closed();
}

#[test]
fn a_client_that_goes_on_sending_still_gets_the_refusal() {
    let server = Server::with(small(), |_| async { panic!("must not be invoked") });
    let mut client = server.connect();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n");
    assert_eq!(client.reply().status, 413);
    let piece = "x".repeat(64 * 1024);
    for _ in 0..20 {
        client.send(&piece); // fails when the connection was reset
    }
    client.assert_closed();
}

#[test]
fn a_chunked_body_is_refused_where_it_becomes_too_large() {
    let server = Server::with(small(), echo);
    let mut client = server.connect();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.send(format!("3e8\r\n{}\r\n", "x".repeat(1000)));
    client.send("1\r\nx\r\n");
    let reply = client.reply();
    assert_eq!((reply.status, reply.header("connection")), (413, Some("close")));
    assert_eq!(reply.header("x-func-err-code"), Some("4140"));
    client.assert_closed();
}

#[test]
fn the_invocation_learns_why_its_body_broke_before_it_ends() {
    let (told, mut kinds) = mpsc::channel(1);
    let server = Server::with(small(), move |invocation| {
        let told = told.clone();
        async move {
            let error = invocation.request.into_body().collect().await.unwrap_err();
            // An invoker needs a while to give up its instance; only then it writes its record.
            tokio::time::sleep(Duration::from_millis(10)).await;
            let error = *error.downcast::<model::Error>().unwrap();
            told.send(error.kind).await.unwrap();
            Err(error)
        }
    });
    let mut client = server.connect();
    client.send(format!(
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n{}\r\n",
        "x".repeat(2000)
    ));
    assert_eq!(client.reply().status, 413);
    assert_eq!(soon(&mut kinds), Some(model::Kind::RequestTooLarge));
}

#[test]
fn a_refusal_in_the_body_does_not_wait_for_the_function() {
    // This one reads the body elsewhere, and never answers.
    let server = Server::with(small(), |invocation| async {
        let reading = tokio::task::JoinSet::from_iter([read(invocation.request.into_body())]);
        let _reading = reading;
        std::future::pending().await
    });
    let mut client = server.connect();
    client.send(format!(
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n{}\r\n",
        "x".repeat(2000)
    ));
    assert_eq!(client.reply().status, 413);
}

#[test]
fn bodies_up_to_the_limit_pass() {
    let server = Server::with(small(), echo);
    let body = "x".repeat(1000);
    assert_eq!(server.request(&post("/", &body)).seen().body, body);
}

#[test]
fn targets_and_heads_are_bounded() {
    let server = Server::echo();
    let long = server.request(&get(&format!("/{}", "x".repeat(8 * 1024))));
    assert_eq!((long.status, long.error().error_code.as_str()), (414, "APIG.0201"));
    let large = server.request(&format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(32 * 1024)));
    assert_eq!((large.status, large.error().error_code.as_str()), (431, "APIG.0201"));
    let many = server.request(&format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(100)));
    assert_eq!((many.status, many.error().error_code.as_str()), (431, "APIG.0201"));
    let fits = server.request(&format!(
        "GET / HTTP/1.1\r\nHost: a\r\n{}X: {}\r\n\r\n",
        "X: y\r\n".repeat(98),
        "x".repeat(30 * 1024)
    ));
    assert_eq!(fits.status, 200);
}

#[test]
fn more_fields_are_a_matter_of_configuration() {
    let server = Server::with(Limits { head_fields: 300, ..Limits::default() }, echo);
    let many = server.request(&format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(299)));
    assert_eq!(many.seen().header("x").len(), 299);
}

#[test]
fn a_head_that_does_not_come_is_given_up() {
    let limits = Limits { head_timeout: Duration::from_millis(50), ..Limits::default() };
    let server = Server::with(limits, echo);
    let mut client = server.connect();
    client.send("GET / HTTP/1.1\r\nHost:");
    let reply = client.reply();
    assert_eq!((reply.status, reply.header("connection")), (408, Some("close")));
    client.assert_closed();
}

#[test]
fn a_silent_connection_is_closed_without_a_word() {
    let limits = Limits { head_timeout: Duration::from_millis(50), ..Limits::default() };
    Server::with(limits, echo).connect().assert_closed();
}

#[test]
fn an_idle_connection_is_closed_without_a_word() {
    let hour = Duration::from_secs(3600);
    let limits = Limits { idle_timeout: Duration::from_millis(50), head_timeout: hour, ..Limits::default() };
    let server = Server::with(limits, echo);
    let mut client = server.connect();
    client.send(get("/"));
    assert_eq!(client.reply().status, 200);
    client.assert_closed();
}

#[test]
fn an_idle_connection_is_not_held_to_the_time_of_a_head() {
    let limits = Limits { head_timeout: Duration::from_millis(50), ..Limits::default() };
    let server = Server::with(limits, echo);
    let mut idle = server.connect();
    idle.send(get("/"));
    assert_eq!(idle.reply().status, 200);
    server.connect().assert_closed(); // a silent one, younger than the idle one
    idle.send(get("/"));
    assert_eq!(idle.reply().status, 200);
}

#[test]
fn waiting_for_the_function_is_not_idle() {
    let limits = Limits {
        idle_timeout: Duration::from_millis(10),
        head_timeout: Duration::from_millis(10),
        body_stall_timeout: Duration::from_millis(10),
        ..Limits::default()
    };
    let server = Server::with(limits, |_| async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        Ok(text("late"))
    });
    assert_eq!(server.request(&get("/")).body, "late");
    assert_eq!(server.request(&post("/", "unread")).body, "late");
}

#[test]
fn a_body_that_stalls_is_given_up() {
    let limits = Limits { body_stall_timeout: Duration::from_millis(50), ..Limits::default() };
    let server = Server::with(limits, echo);
    for head in ["Content-Length: 10\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc"] {
        let mut client = server.connect();
        client.send(format!("POST / HTTP/1.1\r\nHost: a\r\n{head}"));
        let reply = client.reply();
        assert_eq!((reply.status, reply.header("connection")), (408, Some("close")));
        client.assert_closed();
    }
}

#[test]
fn connections_are_bounded() {
    let limits = Limits { connections: 2, ..Limits::default() };
    let server = Server::with(limits, echo);
    let mut kept = [server.connect(), server.connect()];
    for client in &mut kept {
        client.send(get("/"));
        assert_eq!(client.reply().status, 200);
    }
    server.connect().assert_closed();
    assert_eq!(server.gateway.counts().turned_away, 1);
    drop(kept);
    wait_until("places are free again", || server.gateway.counts().open == 0);
    assert_eq!(server.request(&get("/")).status, 200);
}

#[test]
fn a_client_that_takes_nothing_is_cut() {
    let limits = Limits { write_stall_timeout: Duration::from_millis(50), ..Limits::default() };
    let (gone, mut cut) = mpsc::channel::<()>(1);
    let server = Server::with(limits, move |_| {
        let gone = gone.clone();
        async move {
            let frames = futures_util::stream::repeat_with(move || {
                let _held = &gone;
                Ok::<_, std::io::Error>(http_body::Frame::data(bytes::Bytes::from_static(&[0; 64 * 1024])))
            });
            Ok(http::Response::new(model::invoke::body(http_body_util::StreamBody::new(frames))))
        }
    });
    let mut client = server.connect();
    client.send(get("/"));
    client.until("\r\n\r\n");
    wait_until("the connection is cut", || server.gateway.counts().open == 0);
    drop(server);
    assert!(soon(&mut cut).is_none());
}

#[test]
fn one_client_gets_so_many_connections_and_no_more() {
    let server = Server::with(Limits { connections_per_client: 2, ..Limits::default() }, echo);
    let mut first = server.connect();
    let mut second = server.connect();
    for client in [&mut first, &mut second] {
        client.send(get("/"));
        assert_eq!(client.reply().status, 200);
    }
    server.connect().assert_closed();
    assert_eq!(server.gateway.counts().turned_away, 1);
    drop(first);
    wait_until("a place is free", || server.gateway.counts().open == 1);
    assert_eq!(server.request(&get("/")).status, 200);
}

#[test]
fn a_trusted_proxy_is_more_than_one_client() {
    let limits = Limits { connections_per_client: 1, ..Limits::default() };
    let configure =
        |config: &mut gateway::Config| (config.limits, config.trusted_proxies) = (limits, proxies("127.0.0.1"));
    let server = Server::start(configure, Vec::new(), echo);
    let mut clients = [server.connect(), server.connect()];
    for client in &mut clients {
        client.send(get("/"));
        assert_eq!(client.reply().status, 200);
    }
}

#[test]
fn a_chunk_that_says_it_is_too_large_is_refused_before_it_comes() {
    let server = Server::with(small(), echo);
    let mut client = server.connect();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n");
    assert_eq!(client.reply().status, 413);
    client.assert_closed();
}
