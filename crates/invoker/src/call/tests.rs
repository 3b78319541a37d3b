use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use futures_util::future::join_all;
use http::{Method, Request};
use http_body::Frame;
use http_body_util::StreamBody;
use model::invoke::{Body, empty, full};
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{sleep, timeout};

use super::*;
use crate::Config;
use crate::launch::{Event, Usage};
use crate::testing::{Behaviour, World, deaf, hello, kind, ms, ok, repeat, says, secs, serves, speaks, text, version};

fn post(body: Body) -> Request<Body> {
    let mut request = Request::new(body);
    *request.method_mut() = Method::POST;
    request
}

/// A server that answers so gives the caller this.
async fn check(behaviour: Behaviour, expect: Kind, detail: &str) {
    let world = World::new(Config::default(), behaviour);
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    let error = world.get(&version).await.unwrap_err();
    assert_eq!(error.kind, expect, "{error:?}");
    let found = error.detail.unwrap();
    assert!(found.contains(detail), "{found:?} has no {detail:?}");
    assert_eq!(error.message, expect.text());
    let records = world.records(&version).await;
    let record = &records[0];
    assert_eq!((record.status, record.error.as_deref()), (expect.status(), Some(expect.name())));
    assert_eq!(world.states(), ["idle 0"], "the slot is free");
}

#[tokio::test(start_paused = true)]
async fn what_is_no_legal_response_is_the_function_s_fault() {
    let bad = Kind::BadResponse;
    check(says(b""), bad, "closed before the head").await;
    check(says(b"HTTP/1.1 200 OK\r\ncontent-le"), bad, "closed before the head").await;
    check(says(b"hello\r\n\r\n"), bad, "does not begin with HTTP/1.1").await;
    check(says(b"HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n"), bad, "control character").await;
    check(says(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab"), bad, "content-length").await;
    check(says(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\na"), bad, "content-length").await;
    check(says(b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\na"), bad, "content-length").await;
    let both = b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n";
    check(says(both), bad, "both content-length and transfer-encoding").await;
    check(says(b"HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"), bad, "transfer-encoding").await;
    check(says(b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nx"), bad, "not chunked").await;
    check(says(b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"), bad, "not asked for")
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_informational_responses_ends() {
    let flood = speaks(|mut stream| async move {
        drop(stream.read(&mut [0; 4096]).await);
        while stream.write_all(&b"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(100)).await.is_ok() {}
    });
    check(flood, Kind::BadResponse, "1 MiB").await;
    let mut head = b"HTTP/1.1 200 OK\r\nx: ".to_vec();
    head.extend(std::iter::repeat_n(b'a', 70_000));
    head.extend(b"\r\n\r\n");
    check(says(head.leak()), Kind::BadResponse, "").await;
}

#[tokio::test(start_paused = true)]
async fn informational_responses_before_the_answer_are_skipped() {
    let world = World::new(
        Config::default(),
        says(b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"),
    );
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    assert_eq!(world.get(&version).await.unwrap(), ok("hello"));
}

#[tokio::test(start_paused = true)]
async fn connections_are_kept_for_a_second_and_no_longer() {
    let world = World::new(Config::default(), hello(1));
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    let connects = || world.puppet(0).connects.load(Ordering::Relaxed);
    for _ in 0..10 {
        world.get(&version).await.unwrap();
        sleep(ms(900)).await;
    }
    assert_eq!(connects(), 1);
    sleep(ms(200)).await;
    world.get(&version).await.unwrap();
    assert_eq!(connects(), 2);
}

#[tokio::test(start_paused = true)]
async fn idle_connections_are_closed_so_that_a_server_for_one_at_a_time_goes_on() {
    let open = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&open);
    let world = World::new(
        Config::default(),
        speaks(move |mut stream| {
            let open = Arc::clone(&counted);
            async move {
                open.fetch_add(1, Ordering::Relaxed);
                repeat(&mut stream, |_| b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello").await;
                open.fetch_sub(1, Ordering::Relaxed);
            }
        }),
    );
    let version = version("f", 1, |config| config.concurrent_num = 8);
    world.publish(&[&version]);
    sleep(ms(1)).await;
    join_all((0..8).map(|_| world.get(&version))).await;
    assert_eq!(open.load(Ordering::Relaxed), 8);
    sleep(ms(2_500)).await;
    assert_eq!(open.load(Ordering::Relaxed), 0);
}

/// A server that closes each connection after its first response, without a word. The second request is this.
async fn second_on_a_closed_connection(request: Request<Body>) -> (Option<Kind>, usize) {
    let served = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&served);
    let world = World::new(
        Config::default(),
        speaks(move |mut stream| {
            let served = Arc::clone(&counted);
            async move {
                let mut bytes = [0; 4096];
                drop(stream.read(&mut bytes).await);
                served.fetch_add(1, Ordering::Relaxed);
                drop(stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello").await);
                // It reads the next request and dies before it answers.
                if served.load(Ordering::Relaxed) == 1 {
                    drop(stream.read(&mut bytes).await);
                }
            }
        }),
    );
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    world.get(&version).await.unwrap();
    let kind = kind(world.send(&version, request).await);
    (kind, served.load(Ordering::Relaxed))
}

#[tokio::test(start_paused = true)]
async fn a_request_that_failed_on_a_kept_connection_is_sent_again_only_if_that_can_do_no_harm() {
    assert_eq!(second_on_a_closed_connection(Request::new(empty())).await, (None, 2));
    assert_eq!(second_on_a_closed_connection(post(full("x"))).await, (Some(Kind::BadResponse), 1));
    let mut delete = post(empty());
    *delete.method_mut() = Method::DELETE;
    assert_eq!(second_on_a_closed_connection(delete).await, (Some(Kind::BadResponse), 1));
    assert_eq!(second_on_a_closed_connection(post(empty())).await, (Some(Kind::BadResponse), 1));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_its_instance_has_read_is_never_sent_to_another() {
    let read = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&read);
    let process = Arc::new(Mutex::new(None::<Arc<crate::testing::Puppet>>));
    let dying = Arc::clone(&process);
    let world = World::new(
        Config::default(),
        speaks(move |mut stream| {
            let (read, dying) = (Arc::clone(&counted), Arc::clone(&dying));
            async move {
                let mut bytes = [0; 4096];
                drop(stream.read(&mut bytes).await);
                drop(stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello").await);
                drop(stream.read(&mut bytes).await);
                read.fetch_add(1, Ordering::Relaxed);
                // The request is what the process dies of.
                let process = dying.lock().take();
                process.inspect(|process| process.happens(Event::Exited { code: Some(3), signal: None }));
            }
        }),
    );
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    world.get(&version).await.unwrap();
    *process.lock() = Some(world.puppet(0));
    assert_eq!(kind(world.get(&version).await), Some(Kind::Exited));
    assert_eq!((read.load(Ordering::Relaxed), world.launched()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_kept_connection_that_was_closed_meanwhile_costs_no_request() {
    let world = World::new(Config::default(), says(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"));
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    for _ in 0..3 {
        assert_eq!(world.send(&version, post(full("x"))).await.unwrap(), ok("hello"));
        sleep(ms(1)).await;
    }
    assert_eq!(world.puppet(0).connects.load(Ordering::Relaxed), 3);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_ends_while_it_serves_is_named_without_what_is_in_its_log() {
    let mut behaviour = hello(10_000);
    behaviour.start.push((ms(100), Event::Stderr(Bytes::from_static(b"fatal: out of luck\n"))));
    behaviour.start.push((ms(1), Event::Exited { code: Some(3), signal: None }));
    let world = World::new(Config::default(), behaviour.clone());
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    let error = world.get(&version).await.unwrap_err();
    let detail = error.detail.unwrap();
    assert_eq!(error.kind, Kind::Exited);
    assert_eq!(detail, "its process ended with exit code 3");
    behaviour.usage = Usage { memory_bytes: 1, oom_kills: 1 };
    world.behave(behaviour);
    assert_eq!(kind(world.get(&version).await), Some(Kind::OutOfMemory));
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_cannot_be_reached_is_replaced_and_the_request_is_not_lost() {
    let world = World::new(Config::default(), hello(1));
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    world.get(&version).await.unwrap();
    sleep(secs(2)).await;
    world.puppet(0).happens(Event::Exited { code: Some(0), signal: None });
    // The driver has not heard of it yet.
    assert_eq!(world.get(&version).await.unwrap(), ok("hello"));
    assert_eq!(world.launched(), 2);
}

/// Answers each connection's request after the milliseconds its path names, whatever the other side does meanwhile.
fn stubborn() -> Behaviour {
    speaks(|mut stream| async move {
        let mut bytes = [0; 4096];
        let read = stream.read(&mut bytes).await.unwrap();
        let head = String::from_utf8_lossy(&bytes[..read]).into_owned();
        let millis = head.split(['/', ' ']).nth(2).unwrap().parse().unwrap();
        sleep(ms(millis)).await;
        drop(stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello").await);
    })
}

fn get(path: &str) -> Request<Body> {
    let mut request = Request::new(empty());
    *request.uri_mut() = path.parse().unwrap();
    request
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_does_not_give_up_a_request_over_the_function_s_timeout_is_ended_after_the_grace() {
    let world = World::new(Config::default(), deaf(b""));
    let version = version("f", 1, |config| config.timeout_seconds = 3);
    world.publish(&[&version]);
    let began = Instant::now();
    let error = world.get(&version).await.unwrap_err();
    assert_eq!(error.kind, Kind::TimedOut);
    assert!(error.detail.unwrap().contains("3 s"));
    assert!(began.elapsed() < ms(3_100), "the caller does not wait for the grace");
    sleep(ms(4_900)).await;
    assert_eq!((world.alive(), world.states()), (1, vec!["busy 1".to_owned()]), "nobody else gets the slot");
    sleep(ms(200)).await;
    assert_eq!((world.alive(), world.states().len()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_gives_up_or_answers_what_took_too_long_stays() {
    // A server that ends a request whose client hung up, and one that answers all the same.
    for behaviour in [hello(60_000), stubborn()] {
        let world = World::new(Config::default(), behaviour);
        let version = version("f", 1, |config| config.timeout_seconds = 3);
        world.publish(&[&version]);
        assert_eq!(kind(world.send(&version, get("/7000")).await), Some(Kind::TimedOut));
        sleep(ms(4_500)).await;
        assert_eq!((world.states(), world.puppet(0).terminated.load(Ordering::Relaxed)), (vec!["idle 0".into()], 0));
    }
}

#[tokio::test(start_paused = true)]
async fn other_requests_of_an_instance_that_hangs_get_its_grace() {
    let world = World::new(Config::default(), stubborn());
    let version = version("f", 1, |config| {
        config.timeout_seconds = 3;
        config.concurrent_num = 10;
    });
    world.publish(&[&version]);
    let get = |path: &'static str, after| {
        let (world, version) = (&world, &version);
        async move {
            sleep(ms(after)).await;
            kind(world.send(version, get(path)).await)
        }
    };
    let all = tokio::join!(get("/60000", 0), get("/2500", 6_500), get("/10", 8_500));
    // The last one came when the instance took no more requests, and got another.
    assert_eq!(all, (Some(Kind::TimedOut), None, None));
    assert_eq!(world.launched(), 2);
    sleep(ms(1_000)).await;
    assert_eq!(world.alive(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_waits_less_than_the_function_may_take_costs_the_instance_nothing_but_the_slot() {
    let world = World::new(Config::default(), hello(7_000));
    let version = version("f", 1, |config| {
        config.timeout_seconds = 30;
        config.max_instances = 1;
    });
    world.publish(&[&version]);
    for _ in 0..5 {
        assert_eq!(kind(world.get_within(&version, secs(5)).await), Some(Kind::TimedOut));
        assert_eq!(world.states(), ["busy 1"], "it still works on the request");
        sleep(secs(3)).await;
        assert_eq!(world.states(), ["idle 0"]);
    }
    // Who comes while it works gets the slot when it is truly free.
    assert_eq!(kind(world.get_within(&version, secs(5)).await), Some(Kind::TimedOut));
    let began = Instant::now();
    assert_eq!(world.get_within(&version, secs(10)).await.unwrap(), ok("hello"));
    assert!(began.elapsed() >= ms(8_900), "{:?}", began.elapsed());
    assert_eq!((world.launched(), world.alive()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_its_caller_gave_up_is_ended_at_the_function_s_timeout() {
    let world = World::new(Config::default(), deaf(b""));
    let version = version("f", 1, |config| config.timeout_seconds = 30);
    world.publish(&[&version]);
    assert_eq!(kind(world.get_within(&version, secs(5)).await), Some(Kind::TimedOut));
    sleep(secs(29)).await;
    assert_eq!(world.states(), ["busy 1"]);
    sleep(secs(2)).await;
    assert_eq!(world.alive(), 0);
}

/// A client that sends `abc` and then nothing more.
fn stalled() -> Body {
    let frames =
        futures_util::stream::iter([Ok::<_, model::invoke::BodyError>(Frame::data(Bytes::from_static(b"abc")))]);
    model::invoke::body(StreamBody::new(frames.chain(futures_util::stream::pending())))
}

#[tokio::test(start_paused = true)]
async fn a_client_that_stalls_its_upload_does_not_cost_the_instance() {
    let world = World::new(
        Config::default(),
        serves(|request| async move {
            drop(http_body_util::BodyExt::collect(request.into_body()).await);
            text("hello")
        }),
    );
    let version = version("f", 1, |config| config.concurrent_num = 2);
    world.publish(&[&version]);
    let stall = |patience| world.invoke_within(&version, post(stalled()), secs(patience));
    let error = stall(30).await.err().unwrap();
    assert_eq!((error.kind, error.kind.status()), (Kind::SlowRequest, 408));
    assert_eq!(world.states(), ["idle 0"]);
    assert_eq!(kind(stall(3).await), Some(Kind::SlowRequest));
    assert_eq!(world.states(), ["idle 0"]);
    assert_eq!(world.get(&version).await.unwrap(), ok("hello"));
    assert_eq!((world.launched(), world.alive()), (1, 1));
    assert_eq!(world.records(&version).await[0].error.as_deref(), Some("slow_request"));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_take_the_body_is_not_the_client_s_fault() {
    let slow = speaks(|mut stream| async move {
        let mut bytes = [0; 8192];
        drop(stream.read(&mut bytes).await);
        // It makes room after it was hung up on, and that is no sign that it gives up.
        sleep(secs(4)).await;
        drop(stream.read(&mut bytes).await);
        std::future::pending::<()>().await;
    });
    let world = World::new(Config::default(), slow);
    let version = version("f", 1, |config| config.timeout_seconds = 3);
    world.publish(&[&version]);
    let pieces = futures_util::stream::repeat_with(|| {
        Ok::<_, model::invoke::BodyError>(Frame::data(Bytes::from_static(&[0; 10_000])))
    });
    let request = post(model::invoke::body(StreamBody::new(pieces)));
    assert_eq!(kind(world.send(&version, request).await), Some(Kind::TimedOut));
    sleep(ms(4_900)).await;
    assert_eq!(world.states(), ["busy 1"]);
    sleep(ms(200)).await;
    assert_eq!(world.alive(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_goes_away_ends_its_request_and_frees_its_slot() {
    let ended = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&ended);
    let world = World::new(
        Config::default(),
        speaks(move |mut stream| {
            let ended = Arc::clone(&counted);
            async move {
                repeat(&mut stream, |_| b"").await;
                ended.fetch_add(1, Ordering::Relaxed);
            }
        }),
    );
    let version = version("f", 1, |config| config.max_instances = 1);
    world.publish(&[&version]);
    assert!(timeout(secs(1), world.get(&version)).await.is_err());
    sleep(ms(10)).await;
    assert_eq!((ended.load(Ordering::Relaxed), world.states()), (1, vec!["idle 0".to_owned()]));
    let records = world.records(&version).await;
    let record = &records[0];
    assert_eq!((record.status, record.error.as_deref()), (499, Some("cancelled")));
}

/// A request body that fails after its first bytes.
fn broken(error: impl Fn() -> model::invoke::BodyError + Send + 'static) -> Body {
    let frames = futures_util::stream::iter([Ok(Frame::data(Bytes::from_static(b"abc")))])
        .chain(futures_util::stream::once(async move { Err(error()) }));
    model::invoke::body(StreamBody::new(frames))
}

use futures_util::StreamExt as _;

#[tokio::test(start_paused = true)]
async fn a_request_body_that_breaks_off_is_the_caller_s_answer() {
    let world = World::new(
        Config::default(),
        serves(|request| async move {
            drop(http_body_util::BodyExt::collect(request.into_body()).await);
            text("hello")
        }),
    );
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    let too_large = || model::invoke::BodyError::from(Error::new(Kind::RequestTooLarge));
    assert_eq!(kind(world.send(&version, post(broken(too_large))).await), Some(Kind::RequestTooLarge));
    assert_eq!(kind(world.send(&version, post(broken(|| "reset".into()))).await), Some(Kind::Cancelled));
    assert_eq!(world.records(&version).await[0].request_bytes, 3);
    assert_eq!(world.states(), ["idle 0"]);
}
