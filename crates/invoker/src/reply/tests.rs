use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};
use http::Request;
use http_body::Body as _;
use http_body_util::{BodyExt as _, StreamBody};
use model::invoke::{Source, empty};
use model::record::Outcome;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, sleep};

use super::*;
use crate::Config;
use crate::testing::{Behaviour, World, deaf, hello, ms, ok, repeat, says, secs, serves, speaks, version};

/// Sends `pieces` pieces of 1,000 bytes, one every `millis` milliseconds.
fn drips(pieces: usize, millis: u64) -> Behaviour {
    serves(move |_| async move {
        let pieces = stream::iter(0..pieces).then(move |_| async move {
            sleep(ms(millis)).await;
            Ok::<_, BodyError>(Frame::data(Bytes::from(vec![b'x'; 1000])))
        });
        Response::new(model::invoke::body(StreamBody::new(pieces)))
    })
}

/// What the owner's record says of a response whose body is read to its end.
async fn check(config: Config, behaviour: Behaviour, expect: Result<usize, Kind>, states: &[&str]) {
    let world = World::new(config, behaviour);
    let version = version("f", 1, |config| config.timeout_seconds = 10);
    world.publish(&[&version]);
    let result = world.get(&version).await.map(|(_, body)| body.len()).map_err(|error| error.kind);
    assert_eq!(result, expect);
    sleep(ms(10)).await;
    assert_eq!(world.states(), states);
    let records = world.records(&version).await;
    assert_eq!(records[0].error.as_deref(), expect.err().map(Kind::name));
    if let Ok(bytes) = expect {
        assert_eq!((records[0].status, records[0].response_bytes), (200, bytes as u64));
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_streams_as_it_comes_within_the_function_s_timeout() {
    check(Config::default(), drips(10, 900), Ok(10_000), &["idle 0"]).await;
    // A server that notices that nobody waits any more stays.
    check(Config::default(), drips(100, 900), Err(Kind::TimedOut), &["idle 0"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_does_not_read_keeps_the_slot_no_longer_than_the_function_s_timeout() {
    let world = World::new(Config::default(), drips(200, 1));
    let version = version("f", 1, |config| {
        config.timeout_seconds = 10;
        config.max_instances = 1;
    });
    world.publish(&[&version]);
    let mut response = world.invoke(&version, Request::new(empty())).await.unwrap();
    for _ in 0..100 {
        response.body_mut().frame().await.unwrap().unwrap();
    }
    // It holds the body and asks for nothing more.
    let before = Instant::now();
    let next = world.get_within(&version, secs(30)).await.unwrap();
    assert_eq!(next.1.len(), 200_000);
    assert!(before.elapsed() < secs(12), "{:?}", before.elapsed());
    assert!(response.body_mut().frame().await.unwrap().is_err(), "a cut response must not look complete");
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_does_not_give_up_a_response_over_the_function_s_timeout_is_ended() {
    let half = deaf(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello");
    check(Config::default(), half.clone(), Err(Kind::TimedOut), &["busy 1"]).await;
    check(Config { stop_grace: ms(1), ..Config::default() }, half, Err(Kind::TimedOut), &[]).await;
}

#[tokio::test(start_paused = true)]
async fn a_body_over_the_limit_is_cut_and_one_that_announces_it_is_refused() {
    let config = Config { response_body_bytes: 2_500, ..Config::default() };
    check(config.clone(), drips(2, 1), Ok(2_000), &["idle 0"]).await;
    check(config.clone(), drips(3, 1), Err(Kind::ResponseTooLarge), &["idle 0"]).await;
    let announced = says(b"HTTP/1.1 200 OK\r\ncontent-length: 2501\r\n\r\nx");
    check(config, announced, Err(Kind::ResponseTooLarge), &["idle 0"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_body_that_breaks_off_is_an_error_and_not_an_end() {
    let bad = Err(Kind::BadResponse);
    let config = Config::default;
    check(config(), says(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello"), bad, &["idle 0"]).await;
    let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n";
    check(config(), says(chunked), bad, &["idle 0"]).await;
    let nonsense = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n";
    check(config(), says(nonsense), bad, &["idle 0"]).await;
    // Without a length the end of the connection is the end of the body.
    check(config(), says(b"HTTP/1.0 200 OK\r\n\r\nhello"), Ok(5), &["idle 0"]).await;
}

#[tokio::test(start_paused = true)]
async fn trailers_are_passed_on_but_those_that_only_a_head_may_have() {
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x\r\n\r\n5\r\nhello\r\n0\r\n";
    for (trailers, expect) in
        [("x: y\r\ncontent-length: 1\r\nx-cff-region: z\r\n\r\n", vec![("x", "y")]), ("set-cookie: a\r\n\r\n", vec![])]
    {
        let world = World::new(Config::default(), says(format!("{head}{trailers}").leak().as_bytes()));
        let version = version("f", 1, |_| {});
        world.publish(&[&version]);
        let response = world.invoke(&version, Request::new(empty())).await.unwrap();
        assert_eq!(response.headers()["trailer"], "x");
        let collected = response.into_body().collect().await.unwrap();
        let found = collected.trailers().into_iter().flatten();
        let found: Vec<_> = found.map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        assert_eq!(found, expect);
        assert_eq!(collected.to_bytes(), "hello");
        assert_eq!(world.states(), ["idle 0"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_drops_the_body_ends_the_request_and_the_instance_stays() {
    let world = World::new(Config::default(), drips(1_000, 1));
    let version = version("f", 1, |config| config.max_instances = 1);
    world.publish(&[&version]);
    let mut response = world.invoke(&version, Request::new(empty())).await.unwrap();
    drop(response.body_mut().frame().await);
    drop(response);
    assert_eq!(world.states(), ["idle 0"]);
    assert_eq!(world.get(&version).await.unwrap().1.len(), 1_000_000);
    let records = world.records(&version).await;
    let errors: Vec<_> = records.iter().map(|record| record.error.as_deref()).collect();
    assert_eq!(errors, [Some("cancelled"), None]);
    assert_eq!(records[0].status, 200);
    assert_eq!(world.launched(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_slot_is_free_with_the_last_byte_even_if_nobody_asks_for_the_end() {
    let world = World::new(
        Config::default(),
        speaks(|mut stream| async move {
            drop(stream.read(&mut [0; 4096]).await);
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe").await.unwrap();
            sleep(ms(10)).await;
            stream.write_all(b"llo").await.unwrap();
            std::future::pending::<()>().await;
        }),
    );
    let version = version("f", 1, |config| config.max_instances = 1);
    world.publish(&[&version]);
    let mut response = world.invoke(&version, Request::new(empty())).await.unwrap();
    assert_eq!((world.states(), response.body().size_hint().exact()), (vec!["busy 1".into()], Some(5)));
    assert_eq!(response.body_mut().frame().await.unwrap().unwrap().into_data().unwrap(), "he");
    assert!(!response.body().is_end_stream());
    assert_eq!(response.body_mut().frame().await.unwrap().unwrap().into_data().unwrap(), "llo");
    assert!(response.body().is_end_stream());
    assert_eq!(world.states(), ["idle 0"]);
    assert_eq!(response.body().size_hint().exact(), Some(0));
}

#[tokio::test(start_paused = true)]
async fn heads_without_a_body_keep_what_they_say() {
    let world = World::new(
        Config::default(),
        speaks(|mut stream| async move {
            let head = b"HTTP/1.1 200 OK\r\ncontent-length: 77\r\n\r\n";
            let none = b"HTTP/1.1 204 No Content\r\n\r\n";
            repeat(&mut stream, |request| if request.starts_with(b"HEAD") { head } else { none }).await;
        }),
    );
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    let mut head = Request::new(empty());
    *head.method_mut() = http::Method::HEAD;
    let response = world.invoke(&version, head).await.unwrap();
    assert_eq!((response.headers()["content-length"].as_bytes(), world.states()), (&b"77"[..], vec!["idle 0".into()]));
    assert_eq!(world.get(&version).await.unwrap(), (204, String::new()));
    assert_eq!(world.puppet(0).connects.load(std::sync::atomic::Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn the_outcome_and_the_record_say_where_the_time_went() {
    let mut behaviour = hello(30);
    behaviour.usage.memory_bytes = 7 << 20;
    let world = World::new(Config::default(), behaviour);
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    let began = Instant::now();
    let cold = world.invoke(&version, Request::new(empty())).await.unwrap();
    let outcome = cold.extensions().get::<Outcome>().unwrap().clone();
    assert!(outcome.cold && outcome.timings.boot_us >= 50_000 && outcome.timings.queue_us >= 50_000, "{outcome:?}");
    assert!(outcome.timings.first_byte_us >= 30_000 && outcome.memory_bytes == 7 << 20, "{outcome:?}");
    assert_eq!(crate::testing::read(cold).await.unwrap(), ok("hello"));
    sleep(secs(1)).await;
    let took = u64::try_from(began.elapsed().as_micros()).unwrap();
    let warm = world.invoke(&version, Request::new(empty())).await.unwrap();
    let outcome = warm.extensions().get::<Outcome>().unwrap().clone();
    assert!(!outcome.cold && outcome.timings.boot_us == 0 && outcome.timings.queue_us < 1_000, "{outcome:?}");
    let records = world.records(&version).await;
    let record = &records[0];
    assert_eq!(record.timings.gateway_us, 7_000);
    assert!(record.timings.total_us >= 80_000 && record.timings.total_us < 1_000_000 && took > 1_000_000, "{record:?}");
    assert_eq!((record.memory_bytes, record.instance.as_deref()), (7 << 20, Some(&*outcome.instance)));
    assert_eq!((record.request_id.is_empty(), &*record.method, record.path.as_str()), (false, "GET", "/"));
}

/// The driver looks at the memory a moment after the first requests were sent.
#[tokio::test(start_paused = true)]
async fn requests_that_end_before_the_first_look_at_the_memory_have_a_figure_of_it() {
    for source in [Source::Gateway, Source::Api] {
        let mut behaviour = hello(0);
        behaviour.usage.memory_bytes = 7 << 20;
        let mut world = World::new(Config::default(), behaviour);
        world.source = source;
        let version = version("f", 1, |config| config.concurrent_num = 40);
        world.publish(&[&version]);
        let responses = join_all((0..40).map(|_| world.invoke(&version, Request::new(empty())))).await;
        for response in responses {
            let response = response.unwrap();
            let outcome = response.extensions().get::<Outcome>().unwrap().clone();
            assert!(source == Source::Gateway || outcome.memory_bytes == 7 << 20, "{outcome:?}");
            assert_eq!(crate::testing::read(response).await.unwrap(), ok("hello"));
        }
        let records = world.records(&version).await;
        assert_eq!(records.len(), 40);
        assert!(records.iter().all(|record| record.memory_bytes == 7 << 20), "{records:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn bodies_go_both_ways_at_the_same_time_and_are_counted() {
    let world = World::new(
        Config::default(),
        serves(|request| async move { Response::new(model::invoke::body(request.into_body())) }),
    );
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    let (send, receive) = tokio::sync::mpsc::channel::<Bytes>(1);
    let frames = stream::unfold(receive, |mut receive| async {
        let bytes = receive.recv().await?;
        Some((Ok::<_, BodyError>(Frame::data(bytes)), receive))
    });
    let mut request = Request::new(model::invoke::body(StreamBody::new(frames)));
    *request.method_mut() = http::Method::POST;
    let mut body = world.invoke(&version, request).await.unwrap().into_body();
    for piece in ["one", "two", "three"] {
        send.send(Bytes::from_static(piece.as_bytes())).await.unwrap();
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), piece);
    }
    drop(send);
    assert!(body.frame().await.is_none());
    let records = world.records(&version).await;
    assert_eq!((records[0].request_bytes, records[0].response_bytes), (11, 11));
}
