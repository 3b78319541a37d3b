//! HTTP/2 with prior knowledge, by a real client of it.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use model::invoke::{self, Body};
use tokio::net::TcpStream;
use tokio::sync::Barrier;
use tokio_util::task::TaskTracker;

use crate::support::{Seen, Server, echo, within};

pub(crate) async fn connect(server: &Server, tasks: &TaskTracker) -> SendRequest<Body> {
    let stream = TcpStream::connect(server.gateway.local_addr()).await.unwrap();
    let (sender, driver) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tasks.spawn(async move {
        let _ = driver.await;
    });
    sender
}

fn post(body: Body) -> Request<Body> {
    Request::post("http://a/x?y").header("x-cff-request-id", "forged").header("x-own", "1").body(body).unwrap()
}

#[test]
fn a_stream_is_a_request_like_any_other() {
    let server = Server::echo();
    within(async {
        let mut client = connect(&server, &TaskTracker::new()).await;
        let response = client.send_request(post(invoke::full("abc"))).await.unwrap();
        assert_eq!(response.status(), 200);
        let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        let seen: Seen = serde_json::from_slice(&response.collect().await.unwrap().to_bytes()).unwrap();
        assert_eq!((seen.method.as_str(), seen.uri.as_str(), seen.body.as_str()), ("POST", "/x?y", "abc"));
        assert_eq!((seen.header("host"), seen.header("x-own")), (vec!["a"], vec!["1"]));
        assert_eq!(seen.request_id, id);
        assert!(!seen.header("x-cff-request-id").contains(&"forged"));
    });
}

#[test]
fn streams_are_served_at_the_same_time() {
    let barrier = Arc::new(Barrier::new(8));
    let server = Server::new(move |_| {
        let barrier = Arc::clone(&barrier);
        async move {
            barrier.wait().await;
            Ok(Response::new(invoke::empty()))
        }
    });
    within(async {
        let client = connect(&server, &TaskTracker::new()).await;
        let all = (0..8).map(|_| {
            let mut client = client.clone();
            async move { client.send_request(post(invoke::empty())).await.unwrap().status() }
        });
        let statuses = futures_util::future::join_all(all).await;
        assert!(statuses.iter().all(|status| *status == StatusCode::OK));
        assert_eq!(server.gateway.counts().accepted, 1);
    });
}

#[test]
fn trailers_and_data_flow_both_ways() {
    let server = Server::new(|invocation| async { Ok(Response::new(invocation.request.into_body())) });
    within(async {
        let mut trailers = HeaderMap::new();
        trailers.insert("x-sum", "7".parse().unwrap());
        trailers.insert("x-cff-x", "forged".parse().unwrap());
        let frames =
            [Ok::<_, invoke::BodyError>(Frame::data(Bytes::from_static(b"ab"))), Ok(Frame::trailers(trailers))];
        let body = invoke::body(StreamBody::new(futures_util::stream::iter(frames)));
        let mut client = connect(&server, &TaskTracker::new()).await;
        let got = client.send_request(post(body)).await.unwrap().collect().await.unwrap();
        let names: Vec<_> = got.trailers().unwrap().keys().map(ToString::to_string).collect();
        assert_eq!(names, ["x-sum"]);
        assert_eq!(got.to_bytes(), "ab");
    });
}

#[track_caller]
fn check(request: Request<Body>, expect: u16) {
    let server = Server::new(echo);
    within(async {
        let mut client = connect(&server, &TaskTracker::new()).await;
        let uri = request.uri().clone();
        assert_eq!(client.send_request(request).await.unwrap().status(), expect, "{uri}");
        let after = client.send_request(post(invoke::full("abc"))).await.unwrap();
        assert_eq!(after.status(), 200, "the connection goes on");
    });
}

#[test]
fn what_is_refused_of_http_1_is_refused_here() {
    let request = |uri: &str| Request::get(uri).body(invoke::empty()).unwrap();
    check(request("http://a/nothing%00"), 200);
    check(request(&format!("http://a/{}", "x".repeat(9000))), 414);
    check(Request::trace("http://a/").body(invoke::empty()).unwrap(), 405);
    check(Request::get("http://a/").header("host", "b").body(invoke::empty()).unwrap(), 400);
    check(Request::get("http://a/").header("expect", "tea").body(invoke::empty()).unwrap(), 417);
    check(
        Request::post("http://a/")
            .header("x", "1")
            .body(invoke::body(Full::new(Bytes::from(vec![0; 70_000_000]))))
            .unwrap(),
        413,
    );
}

/// A call of gRPC, by a method that the function reads its script from.
async fn grpc(server: &Server, place: &str) -> (StatusCode, HeaderMap, HeaderMap) {
    let mut client = connect(server, &TaskTracker::new()).await;
    let request =
        Request::post(format!("http://{place}")).header("content-type", "application/grpc").header("te", "trailers");
    let response = client.send_request(request.body(invoke::full("x")).unwrap()).await.unwrap();
    let (head, body) = response.into_parts();
    let trailers = body.collect().await.unwrap().trailers().cloned().unwrap_or_default();
    (head.status, head.headers, trailers)
}

#[test]
fn a_grpc_client_gets_a_status_of_grpc() {
    let server = Server::new(|invocation| async move {
        match invocation.request.uri().path() {
            "/x/late" => Err(model::Error::new(model::Kind::TimedOut)),
            "/x/broken" => {
                let late = model::Error::new(model::Kind::TimedOut);
                let frames = [Ok(Frame::data(Bytes::from_static(b"ab"))), Err(invoke::BodyError::from(late))];
                Ok(Response::new(invoke::body(StreamBody::new(futures_util::stream::iter(frames)))))
            }
            _ => Err(model::Error::new(model::Kind::Exited).detail("secret")),
        }
    });
    within(async {
        for (place, code) in [("nobody.localhost/", "12"), ("a/x/late", "4"), ("a/x/exited", "14")] {
            let (status, headers, trailers) = grpc(&server, place).await;
            assert_eq!(
                (status, &headers["grpc-status"], trailers.len()),
                (StatusCode::OK, &code.parse().unwrap(), 0),
                "{place}"
            );
            assert_eq!(headers["content-type"], "application/grpc");
            assert!(headers.contains_key("x-request-id") && headers.contains_key("x-funcd-error"), "{headers:?}");
            assert!(!headers["grpc-message"].to_str().unwrap().contains("secret"));
        }
        let (status, headers, trailers) = grpc(&server, "a/x/broken").await;
        assert_eq!((status, headers.get("grpc-status")), (StatusCode::OK, None));
        assert_eq!(trailers["grpc-status"], "4");
    });
}
