//! Bodies flow both ways as they come; nothing waits for an end. Order is proven by turns, never by the clock.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response};
use http_body_util::BodyExt as _;
use model::invoke;
use tokio::sync::mpsc;

use crate::support::{Server, channel, echo, path, post, read, soon, text, within};

#[test]
fn each_event_arrives_before_the_next_is_made() {
    let (hand_out, mut events) = mpsc::channel(1);
    let server = Server::new(move |_| {
        let hand_out = hand_out.clone();
        async move {
            let (sender, body) = channel();
            hand_out.send(sender).await.unwrap();
            Ok(Response::builder().header("content-type", "text/event-stream").body(body).unwrap())
        }
    });
    let mut client = server.connect();
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    let events: mpsc::Sender<Bytes> = soon(&mut events).unwrap();
    let head = client.until("\r\n\r\n");
    assert!(head.contains("transfer-encoding: chunked"), "{head}");
    for number in 0..5 {
        let event = format!("data: {number}\n\n");
        events.blocking_send(Bytes::from(event.clone())).unwrap();
        assert_eq!(client.until("\n\n\r\n"), format!("9\r\n{event}\r\n"));
    }
    drop(events);
    assert_eq!(client.until("0\r\n\r\n"), "0\r\n\r\n");
}

#[test]
fn upload_and_download_flow_at_the_same_time() {
    let server = Server::new(|invocation| async { Ok(Response::new(invocation.request.into_body())) });
    let mut client = server.connect();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.until("\r\n\r\n");
    for word in ["one", "two", "six"] {
        client.send(format!("3\r\n{word}\r\n"));
        assert_eq!(client.until(word), format!("3\r\n{word}"));
        client.until("\r\n");
    }
    client.send("0\r\n\r\n");
    client.until("0\r\n\r\n");
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok");
    assert_eq!(client.reply().body, "ok");
}

#[test]
fn a_large_upload_arrives_whole_in_both_framings() {
    let server = Server::new(|invocation| async {
        let body = read(invocation.request.into_body()).await?;
        let sum = body.iter().fold(0u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)));
        Ok(Response::new(invoke::full(format!("{} {sum}", body.len()))))
    });
    let body: Vec<u8> = (0..5_000_000u32).map(|number| (number % 251) as u8).collect();
    let sum = body.iter().fold(0u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)));
    let expect = format!("{} {sum}", body.len());
    let mut client = server.connect();
    client.send(format!("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", body.len()));
    client.send(&body);
    assert_eq!(client.reply().body, expect);
    client.send("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for chunk in body.chunks(77_777) {
        client.send(format!("{:x}\r\n", chunk.len()));
        client.send(chunk);
        client.send("\r\n");
    }
    client.send("0\r\n\r\n");
    assert_eq!(client.reply().body, expect);
}

#[test]
fn a_large_download_arrives_whole() {
    let server = Server::new(|_| async {
        let frames = futures_util::stream::iter((0..200u8).map(|number| {
            Ok::<_, std::io::Error>(http_body::Frame::data(Bytes::from(vec![b'a' + number % 26; 50_000])))
        }));
        Ok(Response::new(invoke::body(http_body_util::StreamBody::new(frames))))
    });
    let mut client = server.connect();
    for _ in 0..2 {
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        let body = client.reply().body;
        assert_eq!(body.len(), 200 * 50_000);
        assert!(body.ends_with(&"r".repeat(50_000)));
    }
}

#[test]
fn a_response_that_breaks_off_is_not_taken_for_whole() {
    let server = Server::new(|_| async {
        let frames = [Ok(http_body::Frame::data(Bytes::from_static(b"half"))), Err(std::io::Error::other("gone"))];
        Ok(Response::new(invoke::body(http_body_util::StreamBody::new(futures_util::stream::iter(frames)))))
    });
    let mut client = server.connect();
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    let rest = client.rest();
    assert!(!rest.ends_with("0\r\n\r\n"), "{rest}");
}

#[test]
fn a_client_that_expects_100_sends_its_body_when_the_function_wants_it() {
    let server = Server::new(|invocation| async {
        Ok(Response::new(invoke::full(read(invocation.request.into_body()).await?)))
    });
    let mut client = server.connect();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    assert_eq!(client.reply().status, 100);
    client.send("abc");
    assert_eq!(client.reply().body, "abc");
}

#[test]
fn a_client_that_expects_100_is_answered_without_when_nobody_wants_its_body() {
    let server = Server::new(|_| async { Err(model::Error::new(model::Kind::Throttled)) });
    let mut client = server.connect();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    let reply = client.reply();
    assert_eq!((reply.status, reply.header("connection")), (429, Some("close")));
    client.assert_closed();
}

#[test]
fn http_1_0_gets_a_stream_that_ends_with_the_connection() {
    let server = Server::new(|_| async {
        let frames = [Ok::<_, std::io::Error>(http_body::Frame::data(Bytes::from_static(b"ab")))];
        Ok(Response::new(invoke::body(http_body_util::StreamBody::new(futures_util::stream::iter(frames)))))
    });
    let reply = server.request("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
    assert_eq!((reply.header("transfer-encoding"), reply.body.as_str()), (None, "ab"));
}

#[test]
fn trailers_reach_a_client_that_can_take_them() {
    let server = Server::new(|_| async {
        let trailers = async {
            let mut trailers = HeaderMap::new();
            trailers.insert("x-sum", HeaderValue::from_static("7"));
            trailers.insert("x-request-id", HeaderValue::from_static("forged"));
            Some(Ok(trailers))
        };
        let frames = [Ok::<_, invoke::BodyError>(http_body::Frame::data(Bytes::from_static(b"ab")))];
        let body = http_body_util::StreamBody::new(futures_util::stream::iter(frames)).with_trailers(trailers);
        Ok(Response::builder().header("trailer", "x-sum, x-request-id").body(invoke::body(body)).unwrap())
    });
    let mut client = server.connect();
    client.send("GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\n\r\n");
    client.until("\r\n\r\n");
    assert_eq!(client.until("\r\n\r\n"), "2\r\nab\r\n0\r\nx-sum: 7\r\n\r\n");
}

#[test]
fn an_early_answer_does_not_wait_for_the_upload() {
    let server = Server::new(|_| async { Ok(text("enough")) });
    let mut client = server.connect();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc");
    assert_eq!(client.reply().body, "enough");
}

#[test]
fn trailers_of_a_request_reach_the_function() {
    let server = Server::new(|invocation| async {
        let body = invocation.request.into_body().collect().await.unwrap();
        let names = |trailers: &HeaderMap| trailers.keys().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let names = body.trailers().map(names).unwrap_or_default();
        Ok(Response::new(invoke::full(names)))
    });
    let mut client = server.connect();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n");
    client.send("X-Sum: 7\r\nX-CFF-Request-Id: forged\r\nHost: b\r\nContent-Length: 3\r\nX_Real_Ip: me\r\n\r\n");
    assert_eq!(client.reply().body, "x-sum");
}

#[test]
fn early_hints_come_before_the_answer() {
    let (go, wait) = tokio::sync::oneshot::channel::<()>();
    let wait = std::sync::Mutex::new(Some(wait));
    let server = Server::new(move |invocation| {
        let wait = wait.lock().unwrap().take();
        async move {
            let hint = Response::builder().status(103).header("link", "</a>").header("x-request-id", "forged");
            if let Some(hints) = &invocation.hints {
                hints.push(hint.body(()).unwrap());
            }
            if let Some(wait) = wait {
                wait.await.unwrap();
            }
            Ok(text("done"))
        }
    });
    let mut client = server.connect();
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(client.until("\r\n\r\n"), "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n");
    go.send(()).unwrap();
    assert_eq!(client.reply().body, "done");
    client.send("GET / HTTP/1.0\r\n\r\n");
    assert_eq!(client.reply().status, 200, "HTTP/1.0 knows no hints");
}

#[test]
fn a_body_that_is_broken_from_the_start_is_answered_with_502() {
    let server = Server::new(|_| async {
        let broken = model::Error::new(model::Kind::BadResponse);
        let frames = [Err::<http_body::Frame<Bytes>, invoke::BodyError>(broken.into())];
        let body = http_body_util::StreamBody::new(futures_util::stream::iter(frames));
        Ok(Response::new(invoke::body(body)))
    });
    let mut client = server.connect();
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(client.reply().status, 502);
}

#[test]
fn a_body_that_outlives_its_request_gets_nothing_of_the_next() {
    let (keep, mut kept) = mpsc::channel(1);
    let server = Server::new(move |invocation| {
        let keep = keep.clone();
        async move {
            if path(&invocation.request) == "/hold" {
                keep.send(invocation.request.into_body()).await.unwrap();
                return Ok(text("early"));
            }
            echo(invocation).await
        }
    });
    let mut client = server.connect();
    client.send("POST /hold HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab");
    assert_eq!(client.reply().body, "early");
    client.send(format!("c{}", post("/", "second")));
    assert_eq!(client.reply().seen().body, "second");
    let held = soon(&mut kept).unwrap();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
    assert!(within(held.collect()).is_err());
    client.send("third");
    assert_eq!(client.reply().seen().body, "third");
}
