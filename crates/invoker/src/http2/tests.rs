use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use h2::server::SendResponse;
use h2::{Reason, RecvStream};
use http::{HeaderMap, Method, Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use model::Kind;
use model::function::Version;
use model::invoke::{Body, empty, full};
use parking_lot::Mutex;
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

use crate::Config;
use crate::testing::{Behaviour, World, kind, ms, says, secs, speaks, version};

type Request2 = Request<RecvStream>;
type Reply = SendResponse<Bytes>;

/// Serves the streams of a connection, all at the same time.
async fn serve<F>(stream: DuplexStream, answer: impl Fn(Request2, Reply) -> F)
where
    F: Future<Output = ()>,
{
    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
    let mut streams = FuturesUnordered::new();
    loop {
        tokio::select! {
            accepted = connection.accept() => match accepted {
                Some(Ok((request, reply))) => streams.push(answer(request, reply)),
                _ => return,
            },
            Some(()) = streams.next() => {}
        }
    }
}

fn answers<F>(answer: impl Fn(Request2, Reply) -> F + Clone + Send + Sync + 'static) -> Behaviour
where
    F: Future<Output = ()> + Send + 'static,
{
    speaks(move |stream| {
        let answer = answer.clone();
        serve(stream, move |request, reply| answer(request, reply).boxed())
    })
}

fn head(fields: &[(&'static str, &'static str)]) -> Response<()> {
    let mut response = Response::new(());
    for (name, value) in fields {
        response.headers_mut().append(*name, value.parse().unwrap());
    }
    response
}

fn status(code: &'static str) -> HeaderMap {
    head(&[("grpc-status", code)]).headers().clone()
}

fn world(behaviour: Behaviour, concurrency: u32) -> (World, Arc<Version>) {
    let mut world = World::new(Config::default(), behaviour);
    world.http2 = true;
    let version = version("f", 1, |config| config.concurrent_num = concurrency);
    world.publish(&[&version]);
    (world, version)
}

fn post(body: Body) -> Request<Body> {
    let mut request = Request::new(body);
    *request.method_mut() = Method::POST;
    *request.uri_mut() = "/p.S/Call?a=b".parse().unwrap();
    request.headers_mut().insert("host", "f.example:8080".parse().unwrap());
    request.headers_mut().insert("te", "trailers".parse().unwrap());
    request
}

/// A body that is fed by hand.
fn fed() -> (mpsc::Sender<Bytes>, Body) {
    let (pieces, came) = mpsc::channel::<Bytes>(4);
    let frames = futures_util::stream::unfold(came, |mut came| async {
        Some((Ok::<_, std::io::Error>(Frame::data(came.recv().await?)), came))
    });
    (pieces, model::invoke::body(StreamBody::new(frames)))
}

async fn echo(mut request: Request2, mut reply: Reply) {
    let mut send = reply.send_response(head(&[("content-type", "application/grpc")]), false).unwrap();
    while let Some(Ok(bytes)) = request.body_mut().data().await {
        request.body_mut().flow_control().release_capacity(bytes.len()).unwrap();
        send.send_data(bytes, false).unwrap();
    }
    send.send_trailers(status("0")).unwrap();
}

/// Never answers; says why it was told to stop.
fn told(reasons: &Arc<Mutex<Vec<Reason>>>) -> Behaviour {
    let reasons = Arc::clone(reasons);
    answers(move |_request, mut reply| {
        let reasons = Arc::clone(&reasons);
        async move {
            let reason = poll_fn(|cx| reply.poll_reset(cx)).await.unwrap();
            reasons.lock().push(reason);
        }
    })
}

#[tokio::test(start_paused = true)]
async fn a_request_is_what_it_was_with_the_platform_s_headers() {
    let seen = Arc::new(Mutex::new(None));
    let sees = Arc::clone(&seen);
    let (world, version) = world(
        answers(move |request, reply| {
            *sees.lock() = Some((request.uri().clone(), request.method().clone(), request.headers().clone()));
            echo(request, reply)
        }),
        1,
    );
    let mut request = post(full("abc"));
    request.headers_mut().insert("x-cff-region", "forged".parse().unwrap());
    request.headers_mut().insert("connection", "keep-alive".parse().unwrap());
    let response = world.invoke(&version, request).await.unwrap();
    let body = response.into_body().collect().await.unwrap();
    assert_eq!(body.trailers().unwrap()["grpc-status"], "0");
    assert_eq!(body.to_bytes(), "abc");
    let (uri, method, headers) = seen.lock().take().unwrap();
    assert_eq!((uri.to_string().as_str(), method), ("http://f.example:8080/p.S/Call?a=b", Method::POST));
    assert_eq!(
        (&headers["te"], &headers["content-length"], &headers["x-cff-region"]),
        (&"trailers".parse().unwrap(), &3.into(), &"r".parse().unwrap())
    );
    assert!(
        headers.contains_key("x-cff-request-id")
            && !headers.contains_key("connection")
            && !headers.contains_key("host")
    );
    let records = world.records(&version).await;
    assert_eq!((records[0].status, records[0].error.as_deref(), records[0].response_bytes), (200, None, 3));
    assert_eq!(world.states(), ["idle 0"]);
}

#[tokio::test(start_paused = true)]
async fn both_directions_flow_at_the_same_time() {
    let (world, version) = world(answers(echo), 1);
    let (pieces, body) = fed();
    let mut response = world.invoke(&version, post(body)).await.unwrap();
    for word in ["one", "two", "three"] {
        pieces.send(word.into()).await.unwrap();
        let frame = response.body_mut().frame().await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), word);
    }
    drop(pieces);
    let last = response.body_mut().frame().await.unwrap().unwrap();
    assert_eq!(last.into_trailers().unwrap()["grpc-status"], "0");
}

#[tokio::test(start_paused = true)]
async fn a_body_larger_than_every_window_comes_whole() {
    let (world, version) = world(
        answers(|mut request: Request2, mut reply: Reply| async move {
            let mut bytes = 0;
            while let Some(Ok(data)) = request.body_mut().data().await {
                request.body_mut().flow_control().release_capacity(data.len()).unwrap();
                bytes += data.len();
            }
            let mut send = reply.send_response(head(&[]), false).unwrap();
            send.send_data(bytes.to_string().into(), true).unwrap();
        }),
        1,
    );
    let (pieces, body) = fed();
    let feeding = async {
        for _ in 0..80 {
            pieces.send(Bytes::from(vec![b'x'; 100_000])).await.unwrap();
        }
        drop(pieces);
    };
    let (answered, ()) = tokio::join!(world.send(&version, post(body)), feeding);
    assert_eq!(answered.unwrap(), (200, "8000000".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn answers_that_are_not_taken_leave_room_for_others() {
    let (world, version) = world(
        answers(|_, mut reply: Reply| async move {
            let mut send = reply.send_response(head(&[]), false).unwrap();
            send.send_data(vec![b'x'; 1 << 20].into(), true).unwrap();
            // Until all of it is taken, or nobody wants it.
            let _reason = poll_fn(|cx| send.poll_reset(cx)).await;
        }),
        65,
    );
    let untaken = join_all((0..64).map(|_| world.invoke(&version, post(empty())))).await;
    sleep(secs(1)).await;
    let (status, body) = timeout(secs(2), world.get(&version)).await.expect("nothing comes").unwrap();
    assert_eq!((status, body.len()), (200, 1 << 20));
    drop(untaken);
}

#[tokio::test(start_paused = true)]
async fn requests_share_a_connection_and_each_takes_a_slot() {
    let (world, version) = world(
        answers(|_, mut reply: Reply| async move {
            sleep(ms(500)).await;
            reply.send_response(head(&[]), true).unwrap();
        }),
        3,
    );
    let calls = join_all((0..4).map(|_| world.get(&version)));
    let looking = async {
        sleep(ms(300)).await;
        let mut states = world.states();
        states.sort();
        states
    };
    let (answered, states) = tokio::join!(calls, looking);
    assert_eq!(answered.into_iter().filter_map(kind).collect::<Vec<_>>(), []);
    assert_eq!(states, ["busy 1", "busy 3"]);
    let mut connects: Vec<usize> = (0..2).map(|at| world.puppet(at).connects.load(Ordering::Relaxed)).collect();
    connects.sort_unstable();
    assert_eq!(connects, [1, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_kept_for_a_second_and_no_longer() {
    let (world, version) = world(answers(echo), 1);
    let connects = || world.puppet(0).connects.load(Ordering::Relaxed);
    for _ in 0..5 {
        world.send(&version, post(full("x"))).await.unwrap();
        sleep(ms(900)).await;
    }
    assert_eq!(connects(), 1);
    sleep(ms(1100)).await;
    world.send(&version, post(full("x"))).await.unwrap();
    assert_eq!(connects(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_leaves_is_heard_of_by_the_server() {
    let reasons = Arc::default();
    let (world, version) = world(told(&reasons), 1);
    assert!(timeout(secs(1), world.send(&version, post(empty()))).await.is_err());
    sleep(ms(10)).await;
    let (pieces, body) = fed();
    assert!(timeout(secs(1), world.send(&version, post(body))).await.is_err());
    sleep(ms(10)).await;
    assert_eq!(*reasons.lock(), [Reason::CANCEL, Reason::CANCEL]);
    assert!(pieces.is_closed());
    assert_eq!(world.states(), ["idle 0"]);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_leaves_in_mid_response_is_heard_of_too() {
    let reasons = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&reasons);
    let (world, version) = world(
        answers(move |_, mut reply: Reply| {
            let heard = Arc::clone(&heard);
            async move {
                let mut send = reply.send_response(head(&[]), false).unwrap();
                send.send_data("first".into(), false).unwrap();
                let reason = poll_fn(|cx| send.poll_reset(cx)).await.unwrap();
                heard.lock().push(reason);
            }
        }),
        1,
    );
    let (_pieces, body) = fed();
    let mut response = world.invoke(&version, post(body)).await.unwrap();
    response.body_mut().frame().await.unwrap().unwrap();
    drop(response);
    sleep(ms(10)).await;
    assert_eq!(*reasons.lock(), [Reason::CANCEL]);
    let records = world.records(&version).await;
    assert_eq!(records[0].error.as_deref(), Some(Kind::Cancelled.name()));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_breaks_off_resets_the_stream() {
    let reasons = Arc::default();
    let (world, version) = world(told(&reasons), 1);
    let broken = futures_util::stream::iter([Ok(Frame::data(Bytes::from("x"))), Err(std::io::Error::other("gone"))]);
    let answered = world.send(&version, post(model::invoke::body(StreamBody::new(broken)))).await;
    assert_eq!(kind(answered), Some(Kind::Cancelled));
    sleep(ms(10)).await;
    assert_eq!(*reasons.lock(), [Reason::CANCEL]);
}

#[tokio::test(start_paused = true)]
async fn what_the_server_refused_is_sent_again_once() {
    let count = Arc::new(AtomicUsize::new(0));
    let counts = Arc::clone(&count);
    let (world, version) = world(
        answers(move |request, mut reply: Reply| {
            let number = counts.fetch_add(1, Ordering::Relaxed);
            async move {
                match number {
                    0 | 2 | 3 => reply.send_reset(Reason::REFUSED_STREAM),
                    _ => echo(request, reply).await,
                }
            }
        }),
        1,
    );
    assert_eq!(world.send(&version, post(full("x"))).await.unwrap(), (200, "x".to_owned()));
    let error = world.send(&version, post(full("x"))).await.unwrap_err();
    assert_eq!((error.kind, count.load(Ordering::Relaxed)), (Kind::BadResponse, 4));
    assert!(error.detail.unwrap().contains("REFUSED_STREAM"));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_closes_its_connection_is_connected_to_again() {
    let (world, version) = world(
        speaks(|stream| async move {
            let mut connection = h2::server::handshake(stream).await.unwrap();
            if let Some(Ok((request, reply))) = connection.accept().await {
                connection.graceful_shutdown();
                tokio::join!(echo(request, reply), async { while connection.accept().await.is_some() {} });
            }
        }),
        1,
    );
    for _ in 0..5 {
        assert_eq!(world.send(&version, post(full("x"))).await.unwrap(), (200, "x".to_owned()));
        sleep(ms(10)).await;
    }
    assert_eq!(world.puppet(0).connects.load(Ordering::Relaxed), 5);
}

/// In real time, in which even a new connection was made a while ago.
#[tokio::test]
async fn a_request_that_a_new_connection_does_not_survive_is_not_sent_again() {
    let seen = Arc::new(AtomicUsize::new(0));
    let sees = Arc::clone(&seen);
    let behaviour = speaks(move |stream| {
        let seen = Arc::clone(&sees);
        async move {
            let mut connection = h2::server::handshake(stream).await.unwrap();
            let _request = connection.accept().await;
            seen.fetch_add(1, Ordering::Relaxed);
        }
        .boxed()
    });
    let (world, version) = world(behaviour, 1);
    let mut request = post(empty());
    *request.method_mut() = Method::GET;
    assert!(world.send(&version, request).await.is_err());
    assert_eq!(seen.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_server_whose_time_is_over_is_told_and_may_go_on() {
    let reasons = Arc::default();
    let (world, version) = world(told(&reasons), 1);
    let began = Instant::now();
    assert_eq!(kind(world.send(&version, post(full("x"))).await), Some(Kind::TimedOut));
    assert!(began.elapsed() < secs(11));
    sleep(ms(10)).await;
    assert_eq!((reasons.lock().as_slice(), world.alive()), ([Reason::CANCEL].as_slice(), 1));
    assert_eq!(world.states(), ["idle 0"]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_even_answer_a_ping_is_ended() {
    let (world, version) = world(
        speaks(|stream| async move {
            let mut connection = h2::server::handshake(stream).await.unwrap();
            let _stream = connection.accept().await;
            std::future::pending::<()>().await;
        }),
        1,
    );
    assert_eq!(kind(world.send(&version, post(full("x"))).await), Some(Kind::TimedOut));
    sleep(secs(10)).await;
    assert_eq!(world.alive(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_caller_s_patience_ends_no_request_of_the_server() {
    let (world, version) = world(
        answers(|_, mut reply: Reply| async move {
            sleep(secs(5)).await;
            reply.send_response(head(&[]), true).unwrap();
        }),
        1,
    );
    let answered = world.invoke_within(&version, post(full("x")), secs(2)).await;
    assert_eq!(kind(answered), Some(Kind::TimedOut));
    assert_eq!(world.states(), ["busy 1"], "the slot is free when the server is");
    sleep(secs(4)).await;
    assert_eq!((world.states(), world.alive()), (vec!["idle 0".to_owned()], 1));
}

#[tokio::test(start_paused = true)]
async fn informational_responses_are_skipped() {
    let (world, version) = world(
        answers(|request, mut reply: Reply| async move {
            let mut hint = head(&[("link", "x")]);
            *hint.status_mut() = http::StatusCode::EARLY_HINTS;
            reply.send_informational(hint).unwrap();
            echo(request, reply).await;
        }),
        1,
    );
    assert_eq!(world.send(&version, post(full("x"))).await.unwrap(), (200, "x".to_owned()));
}

/// A server that answers so gives the caller a 502, and its owner this.
async fn check(behaviour: Behaviour, detail: &str) {
    let (world, version) = world(behaviour, 1);
    let error = world.send(&version, post(full("x"))).await.unwrap_err();
    assert_eq!(error.kind, Kind::BadResponse, "{error:?}");
    let found = error.detail.unwrap();
    assert!(found.contains(detail), "{found:?} has no {detail:?}");
    assert_eq!(world.states(), ["idle 0"], "the slot is free");
}

fn with(fields: &'static [(&'static str, &'static str)]) -> Behaviour {
    answers(move |_, mut reply: Reply| async move {
        let mut send = reply.send_response(head(fields), false).unwrap();
        let _late = send.send_data("a".into(), true);
    })
}

#[tokio::test(start_paused = true)]
async fn what_is_no_legal_response_is_the_function_s_fault() {
    check(says(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"), "not HTTP/2").await;
    check(with(&[("content-length", "1"), ("content-length", "1")]), "content-length").await;
    check(with(&[("content-length", "+1")]), "").await;
    check(with(&[("x", " a")]), "space").await;
    check(with(&[("x", "a ")]), "space").await;
    check(with(&[("x", "a"); 300]), "too many header fields").await;
    check(answers(|_, mut reply: Reply| async move { reply.send_reset(Reason::INTERNAL_ERROR) }), "INTERNAL_ERROR")
        .await;
}
