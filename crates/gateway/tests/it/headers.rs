//! What the function sees of a request, and what the client sees of a response.

use http::Response;
use model::invoke;
use model::record::{Outcome, Timings};

use crate::support::{Server, echo, post, proxies, text};

#[test]
fn the_request_arrives_as_it_was_sent() {
    let reply = Server::echo().request(
        "POST /a%2Fb//c?d=e&d=%C3%A4 HTTP/1.1\r\nHost: a\r\nX-Own: 1\r\nX-Own: 2\r\nContent-Length: 3\r\n\r\nabc",
    );
    let seen = reply.seen();
    assert_eq!(
        (seen.method.as_str(), seen.uri.as_str(), seen.body.as_str()),
        ("POST", "/a%2Fb//c?d=e&d=%C3%A4", "abc")
    );
    assert_eq!(seen.header("x-own"), ["1", "2"]);
    assert_eq!(seen.header("content-length"), ["3"]);
    assert_eq!(seen.timeout_ms, 5000);
}

#[test]
fn the_function_learns_who_asked() {
    let reply = Server::echo().request(
        "GET / HTTP/1.1\r\nHost: a:81\r\nX-Forwarded-For: 192.0.2.7\r\nX-Real-IP: 1\r\nX-Request-Id: 2\r\n\r\n",
    );
    let seen = reply.seen();
    assert_eq!(seen.header("x-forwarded-for"), ["127.0.0.1"]);
    assert_eq!(seen.header("x-real-ip"), ["127.0.0.1"]);
    assert_eq!(seen.header("x-forwarded-host"), ["a:81"]);
    assert_eq!(seen.header("x-forwarded-port"), ["81"]);
    assert_eq!(seen.header("x-forwarded-proto"), ["http"]);
    assert_eq!(seen.header("x-request-id"), [seen.request_id.as_str()]);
}

#[test]
fn a_trusted_proxy_says_who_asked_and_others_do_not() {
    let told =
        "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 198.51.100.1, 192.0.2.7\r\nX-Forwarded-Proto: https\r\n\r\n";
    for (trusted, client, scheme, port) in
        [("127.0.0.1", "192.0.2.7", "https", "443"), ("10.0.0.1", "127.0.0.1", "http", "")]
    {
        let server = Server::start(|config| config.trusted_proxies = proxies(trusted), Vec::new(), echo);
        let seen = server.request(told).seen();
        let own = server.gateway.local_addr().port().to_string();
        let port = if port.is_empty() { &own } else { port };
        assert_eq!(seen.header("x-real-ip"), [client], "{trusted}");
        assert_eq!(seen.header("x-forwarded-for"), [client], "{trusted}");
        assert_eq!((seen.header("x-forwarded-proto"), seen.header("x-forwarded-port")), (vec![scheme], vec![port]));
    }
}

#[test]
fn the_request_id_is_one_and_the_same_everywhere() {
    let reply = Server::echo().request(&post("/", "x"));
    let id = reply.seen().request_id;
    assert_eq!(id.len(), 32);
    assert_eq!(reply.header("x-request-id"), Some(id.as_str()));
    assert_eq!(reply.header("x-cff-request-id"), Some(id.as_str()));
}

#[test]
fn a_request_that_comes_back_again_and_again_is_refused() {
    let server = Server::echo();
    let mut hops = String::new();
    for level in 1..=10 {
        let seen = server.request(&format!("GET / HTTP/1.1\r\nHost: a\r\n{hops}\r\n")).seen();
        assert_eq!(seen.header("x-apig-hops"), [level.to_string()]);
        // As a function does that hands on what it got.
        hops = format!("X-Apig-Hops: {level}\r\n");
    }
    let reply = server.request(&format!("GET / HTTP/1.1\r\nHost: a\r\n{hops}\r\n"));
    assert_eq!((reply.status, reply.error().error_code.as_str()), (500, "APIG.0612"));
    let seen = server.request("GET / HTTP/1.1\r\nHost: a\r\nX-Apig-Hops: many\r\nX-Apig-Hops: 99\r\n\r\n").seen();
    assert_eq!(seen.header("x-apig-hops"), ["1"]);
}

#[test]
fn a_client_cannot_set_what_is_ours() {
    let reply = Server::echo().request(
        "GET / HTTP/1.1\r\nHost: a\r\nX-CFF-Request-Id: 1\r\nx_cff_memory: 2\r\nX-Cff_Region: 3\r\nForwarded: for=4\r\n\
         Connection: close, X-Real-IP\r\n\r\n",
    );
    let seen = reply.seen();
    assert!(!seen.headers.iter().any(|(name, _)| name.replace('_', "-").starts_with("x-cff-")), "{seen:?}");
    assert_eq!(seen.header("forwarded"), Vec::<&str>::new());
    assert_eq!(seen.header("x-real-ip"), ["127.0.0.1"]);
    assert_eq!(reply.header("connection"), Some("close"));
}

#[test]
fn a_chunked_upload_loses_its_framing_but_not_its_bytes() {
    let reply = Server::echo().request(
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-CFF-Memory: 1\r\n\r\n",
    );
    let seen = reply.seen();
    assert_eq!(seen.body, "abcde");
    assert_eq!((seen.header("transfer-encoding"), seen.header("content-length")), (vec![], vec![]));
}

#[test]
fn a_function_cannot_speak_for_the_gateway() {
    let server = Server::new(|_| async {
        let response = Response::builder()
            .header("X-Request-Id", "forged")
            .header("X-Cff-Request-Id", "forged")
            .header("X-Funcd-Error", "forged")
            .header("X-Func-Err-Code", "forged")
            .header("Connection", "close, x-hop")
            .header("X-Hop", "1")
            .header("Keep-Alive", "timeout=1")
            .header("X-Own", "1");
        Ok(response.body(invoke::full("x")).unwrap())
    });
    let reply = server.request(&post("/", ""));
    assert!(!reply.headers.iter().any(|(_, value)| value == "forged"), "{reply:?}");
    assert_eq!((reply.header("connection"), reply.header("x-hop"), reply.header("keep-alive")), (None, None, None));
    assert_eq!(reply.header("x-own"), Some("1"));
    assert!(reply.header("date").is_some());
}

/// `given` is status, `Content-Length` and body of the function's answer; `expect` is `content-length` at the client.
#[track_caller]
fn check_length(method: &'static str, given: (u16, Option<&'static str>, &'static str), expect: (Option<&str>, &str)) {
    let (status, length, body) = given;
    let server = Server::new(move |_| async move {
        let mut response = Response::builder().status(status);
        if let Some(length) = length {
            response = response.header("content-length", length);
        }
        let body = if body.is_empty() { invoke::empty() } else { invoke::full(body) };
        Ok(response.body(body).unwrap())
    });
    let mut client = server.connect();
    client.send(format!("{method} / HTTP/1.1\r\nHost: a\r\n\r\n"));
    let reply = client.reply_to(method);
    assert_eq!((reply.header("content-length"), reply.body.as_str()), expect, "{method} {given:?}");
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(client.reply().status, status, "the connection is in order: {method} {given:?}");
}

#[test]
fn lengths_are_kept_where_they_are_true() {
    check_length("GET", (200, Some("3"), "abc"), (Some("3"), "abc"));
    check_length("GET", (200, Some("9"), "abc"), (Some("3"), "abc"));
    check_length("GET", (200, Some("+3"), "abc"), (Some("3"), "abc"));
    check_length("GET", (200, None, "abc"), (Some("3"), "abc"));
    check_length("GET", (200, Some("3"), ""), (Some("0"), ""));
}

#[test]
fn responses_that_have_no_body_get_none() {
    check_length("HEAD", (200, Some("3"), ""), (Some("3"), ""));
    check_length("HEAD", (200, Some("3"), "abc"), (Some("3"), ""));
    check_length("GET", (204, Some("3"), "abc"), (None, ""));
    check_length("GET", (304, Some("3"), "abc"), (None, ""));
}

#[test]
fn timings_are_told_to_those_who_ask() {
    let server = Server::new(|_| async {
        let timings = Timings {
            gateway_us: 7,
            queue_us: 1234,
            sandbox_us: 200,
            boot_us: 3,
            thaw_us: 150,
            first_byte_us: 45_000,
            total_us: 0,
        };
        let mut response = text("x");
        response.headers_mut().insert("server-timing", "own;dur=1".parse().unwrap());
        response.extensions_mut().insert(Outcome { timings, ..Outcome::default() });
        Ok(response)
    });
    let timings = |ask: &str| {
        let reply = server.request(&format!("GET / HTTP/1.1\r\nHost: a\r\n{ask}\r\n\r\n"));
        let own = reply.headers.into_iter().filter(|(name, _)| name == "server-timing");
        own.map(|(_, value)| value).collect::<Vec<_>>()
    };
    let ours =
        "gateway;dur=0.007, queue;dur=1.234, sandbox;dur=0.200, boot;dur=0.003, thaw;dur=0.150, function;dur=45.000";
    assert_eq!(timings("X-Funcd-Timing: 1"), ["own;dur=1", ours]);
    assert_eq!(timings("X-Funcd-Timing: 0"), ["own;dur=1"]);
}
