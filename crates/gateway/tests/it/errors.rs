//! A failed invocation becomes status, code and message for the caller, and a line in the function's log for its owner.

use std::time::Duration;

use model::{Error, Kind};
use telemetry::Stream;

use crate::support::{Server, get, post, text, wait_until};

#[test]
fn the_caller_gets_the_kinds_status_and_code() {
    for kind in
        [Kind::Throttled, Kind::Disabled, Kind::ExitedAtStart, Kind::TimedOut, Kind::OutOfMemory, Kind::Internal]
    {
        let server = Server::new(move |_| async move { Err(Error::new(kind)) });
        let reply = server.request(&get("/"));
        assert_eq!((reply.status, reply.error().error_code.as_str()), (kind.status(), kind.code()));
        assert_eq!(reply.error().error_msg, kind.text());
        assert_eq!(reply.header("x-func-err-code"), Some(kind.inner_code().to_string().as_str()));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
}

#[test]
fn an_api_that_gives_up_before_its_function_says_so_by_the_vendors_code() {
    let server = Server::new(|invocation| async move {
        tokio::time::sleep(invocation.timeout).await;
        Err(Error::new(Kind::TimedOut).detail("too late"))
    });
    let reply = server.request("GET /brief HTTP/1.1\r\nHost: web.localhost\r\n\r\n");
    assert_eq!((reply.status, reply.error().error_code.as_str()), (504, "APIG.0201"));
    assert_eq!(reply.error().error_msg, "Backend timeout: no answer within the 1 ms of the API's back end");
    assert_eq!(reply.header("x-func-err-code"), Some("4010"));
    assert_eq!(server.gateway.counts().refused, 0, "the client's message is not at fault");
}

#[test]
fn when_to_retry_is_said() {
    let server = Server::new(|_| async { Err(Error::new(Kind::Throttled).retry_after(Duration::from_millis(1500))) });
    assert_eq!(server.request(&get("/")).header("retry-after"), Some("2"));
}

#[test]
fn the_detail_is_for_the_owner_only() {
    let server = Server::new(|_| async { Err(Error::new(Kind::Exited).detail("exit code 7 at 10.0.0.3")) });
    let reply = server.request(&get("/"));
    assert!(!reply.body.contains("exit code 7"), "{reply:?}");
    let function = "urn:fss:r:p:function:default:api";
    wait_until("the line is in the log", || !server.telemetry.tail(function, 10).is_empty());
    let lines = server.telemetry.tail(function, 10);
    assert_eq!((lines[0].stream, lines[0].version.as_str()), (Stream::System, "latest"));
    assert_eq!(lines[0].request_id.as_deref(), reply.header("x-request-id"));
    assert_eq!(lines[0].text, "the function's process ended while it served the request: exit code 7 at 10.0.0.3");
}

#[test]
fn an_informational_status_is_no_answer() {
    for status in [101, 103] {
        let server = Server::new(move |_| async move {
            let mut response = text("");
            *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
            Ok(response)
        });
        let reply = server.request(&get("/"));
        assert_eq!((reply.status, reply.error().error_code.as_str()), (502, "FSS.0502"));
    }
}

#[test]
fn an_error_with_the_body_unread_keeps_small_requests_going() {
    let server = Server::new(|_| async { Err(Error::new(Kind::Throttled)) });
    let mut client = server.connect();
    for _ in 0..3 {
        client.send(post("/", "small"));
        assert_eq!(client.reply().status, 429);
    }
    let large = "x".repeat(1024 * 1024);
    client.send(post("/", &large));
    let reply = client.reply();
    assert_eq!((reply.status, reply.header("connection")), (429, Some("close")));
    client.assert_closed();
}
