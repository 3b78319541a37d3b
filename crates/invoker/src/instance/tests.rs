use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use http::StatusCode;
use model::Kind;
use model::function::Hook;
use model::invoke::{Body, empty};
use tokio::time::{Instant, sleep};

use crate::Config;
use crate::launch::{Event, Usage};
use crate::testing::{Behaviour, World, hello, kind, ms, ok, secs, serves, starts, text, version};

fn exited(code: i32) -> Event {
    Event::Exited { code: Some(code), signal: None }
}

fn stderr(text: &'static str) -> Event {
    Event::Stderr(Bytes::from_static(text.as_bytes()))
}

/// A request to a function that starts like this fails after so many milliseconds, and the owner reads this.
async fn check(behaviour: Behaviour, expect: Kind, millis: u64, detail: &str) {
    let world = World::new(Config::default(), behaviour);
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    let began = Instant::now();
    let error = world.get(&version).await.unwrap_err();
    assert_eq!(error.kind, expect);
    let took = began.elapsed();
    assert!(took >= ms(millis) && took < ms(millis + 50), "{took:?}");
    let found = error.detail.unwrap();
    assert!(found.contains(detail), "{found:?} has no {detail:?}");
    assert!(!found.contains('\n') && !found.contains("SyntaxError"), "{found:?} repeats the log");
    assert_eq!(error.message, expect.text(), "the caller hears nothing internal");
    sleep(ms(10)).await;
    assert_eq!((world.alive(), world.states().len()), (0, 0), "nothing is left");
    let system = world.lines(&version).into_iter().filter(|line| line.stream == telemetry::Stream::System);
    assert!(system.map(|line| line.text).any(|text| text.contains("failed to start")));
}

#[tokio::test(start_paused = true)]
async fn each_way_to_fail_at_the_start_has_its_own_kind_and_detail() {
    let crash = vec![(ms(20), stderr("SyntaxError\nat index.js:1\n")), (ms(10), exited(1))];
    check(starts(crash), Kind::ExitedAtStart, 30, "exit code 1").await;
    check(starts(vec![(ms(5), exited(0))]), Kind::ExitedAtStart, 5, "foreground").await;
    check(starts(vec![(ms(5), exited(139))]), Kind::ExitedAtStart, 5, "SIGSEGV").await;
    check(starts(vec![]), Kind::NeverListened, 10_000, "nothing listens on 127.0.0.1:8000 after 10 s").await;
    let elsewhere = vec![(ms(5), Event::Elsewhere("127.0.0.1:3000".into()))];
    check(starts(elsewhere), Kind::WrongAddress, 10_000, "127.0.0.1:3000").await;
    check(starts(vec![(ms(5), Event::OutOfMemory)]), Kind::OutOfMemory, 5, "128 MB").await;
    let mut killed = starts(vec![(ms(5), exited(137))]);
    killed.usage = Usage { memory_bytes: 0, oom_kills: 1 };
    check(killed, Kind::OutOfMemory, 5, "128 MB").await;
}

#[tokio::test(start_paused = true)]
async fn a_failed_start_fails_all_who_waited_for_it() {
    let world = World::new(Config::default(), starts(vec![(ms(20), exited(1))]));
    let version = version("f", 1, |config| config.max_instances = 2);
    world.publish(&[&version]);
    let kinds: Vec<_> = join_all((0..5).map(|_| world.get(&version))).await.into_iter().map(kind).collect();
    assert_eq!(kinds, [Some(Kind::ExitedAtStart); 5]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_start_does_not_fail_who_a_running_instance_will_serve() {
    let world = World::new(Config::default(), hello(500));
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    let first = world.get(&version);
    let second = async {
        sleep(ms(100)).await;
        world.behave(starts(vec![(ms(20), exited(1))]));
        world.get(&version).await
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!((first.unwrap(), second.unwrap()), (ok("hello"), ok("hello")));
}

#[tokio::test(start_paused = true)]
async fn a_crash_loop_waits_probes_once_and_recovers() {
    let world = World::new(Config::default(), starts(vec![(ms(20), stderr("no such module\n")), (ms(1), exited(1))]));
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    for _ in 0..2 {
        assert_eq!(kind(world.get(&version).await), Some(Kind::ExitedAtStart));
    }
    let mut loops = 0;
    let began = Instant::now();
    while began.elapsed() < secs(600) {
        let error = world.get(&version).await.unwrap_err();
        if error.kind == Kind::CrashLoop {
            loops += 1;
            assert_eq!(error.detail, None, "the cause is in the log once a start, not once a request");
            assert!(error.retry_after.unwrap() <= secs(60));
        } else {
            assert_eq!(error.kind, Kind::ExitedAtStart);
        }
        sleep(ms(200)).await;
    }
    let launched = world.launched();
    assert!(loops > 2500 && (10..200).contains(&launched), "{loops} refusals, {launched} starts in 10 minutes");
    world.behave(hello(1));
    sleep(secs(61)).await;
    let answers = join_all((0..10).map(|_| world.get(&version))).await;
    assert!(answers.into_iter().all(|answer| answer.is_ok()));
    assert!(world.launched() < launched + 11);
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_ends_before_its_first_answer_counts_as_a_failed_start() {
    let mut behaviour = hello(1_000);
    behaviour.start.push((ms(10), exited(1)));
    let world = World::new(Config::default(), behaviour);
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    let mut kinds = Vec::new();
    for _ in 0..3 {
        kinds.push(kind(world.get(&version).await));
    }
    assert_eq!(kinds, [Some(Kind::Exited); 3]);
    let launched = world.launched();
    let again = kind(world.get(&version).await);
    // The wait is random and can be nearly nothing.
    assert!(again == Some(Kind::CrashLoop) || world.launched() > launched, "{again:?}");
}

#[tokio::test(start_paused = true)]
async fn bad_requests_do_not_lock_others_out_of_a_function_that_works() {
    let world = World::new(Config::default(), hello(1));
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    assert_eq!(world.get(&version).await.unwrap(), ok("hello"));
    sleep(secs(61)).await;
    let mut dies = hello(1_000);
    dies.start.push((ms(10), exited(1)));
    world.behave(dies);
    for _ in 0..10 {
        assert_eq!(kind(world.get(&version).await), Some(Kind::Exited));
    }
    world.behave(hello(1));
    assert_eq!(world.get(&version).await.unwrap(), ok("hello"));
}

/// A function whose initializer takes so long and answers so.
async fn initialized(
    takes: Duration,
    status: StatusCode,
    (handler, seconds): (&str, u32),
) -> (Result<(u16, String), model::Error>, usize) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let world = World::new(
        Config::default(),
        serves(move |request| {
            let calls = Arc::clone(&counted);
            async move {
                if request.uri().path() != "/init" {
                    return text("hello");
                }
                assert_eq!(
                    (request.method().as_str(), &request.headers()["content-type"]),
                    ("POST", &"application/json".parse().unwrap())
                );
                let body = http_body_util::BodyExt::collect(request.into_body()).await.unwrap().to_bytes();
                assert_eq!(body, "{}");
                calls.fetch_add(1, Ordering::Relaxed);
                sleep(takes).await;
                let mut response = http::Response::<Body>::new(empty());
                *response.status_mut() = status;
                response
            }
        }),
    );
    let initializer = Hook { handler: handler.into(), timeout_seconds: seconds };
    let version = version("f", 1, |config| config.initializer = Some(initializer));
    world.publish(&[&version]);
    let first = world.get(&version).await;
    if first.is_ok() {
        world.get(&version).await.unwrap();
    }
    (first, calls.load(Ordering::Relaxed))
}

#[tokio::test(start_paused = true)]
async fn the_initializer_is_called_once_before_the_first_request() {
    let (answer, calls) = initialized(secs(1), StatusCode::OK, ("index.init", 2)).await;
    assert_eq!((answer.unwrap(), calls), (ok("hello"), 1));
}

#[tokio::test(start_paused = true)]
async fn a_time_out_without_a_handler_calls_nothing() {
    let (answer, calls) = initialized(ms(1), StatusCode::NOT_FOUND, ("", 120)).await;
    assert_eq!((answer.unwrap(), calls), (ok("hello"), 0));
}

#[tokio::test(start_paused = true)]
async fn an_initializer_that_fails_or_takes_too_long_fails_the_start() {
    let (answer, calls) = initialized(ms(1), StatusCode::INTERNAL_SERVER_ERROR, ("index.init", 2)).await;
    let error = answer.unwrap_err();
    assert_eq!((error.kind, calls), (Kind::ExitedAtStart, 1));
    assert!(error.message.contains("POST /init answered 500"), "{}", error.message);
    let (answer, _) = initialized(secs(3), StatusCode::OK, ("index.init", 2)).await;
    let error = answer.unwrap_err();
    assert_eq!(error.kind, Kind::NeverListened);
    assert!(error.message.contains("POST /init took longer than 2 s"), "{}", error.message);
    assert_eq!(error.detail, None, "it is said once");
}

#[tokio::test(start_paused = true)]
async fn output_is_logged_with_the_request_it_belongs_to() {
    let world = World::new(Config::default(), hello(500));
    let version = version("f", 1, |config| config.concurrent_num = 2);
    world.publish(&[&version]);
    let said = |text: &str| {
        world.puppet(0).happens(Event::Stdout(Bytes::copy_from_slice(text.as_bytes())));
    };
    let talk = async {
        sleep(ms(100)).await;
        said("alone\n");
        sleep(ms(100)).await;
        let other = world.get(&version);
        let (other, ()) = tokio::join!(other, async {
            sleep(ms(100)).await;
            said("together\n");
        });
        other.unwrap();
        sleep(ms(100)).await;
        said("between\nno end");
        sleep(ms(10)).await;
        world.puppet(0).happens(exited(0));
    };
    let (answer, ()) = tokio::join!(world.get(&version), talk);
    answer.unwrap();
    sleep(secs(1)).await;
    let lines: Vec<_> =
        world.lines(&version).into_iter().filter(|line| line.stream == telemetry::Stream::Stdout).collect();
    let texts: Vec<_> = lines.iter().map(|line| (line.text.as_str(), line.request_id.is_some())).collect();
    assert_eq!(texts, [("alone", true), ("together", false), ("between", false), ("no end", false)]);
}

#[tokio::test(start_paused = true)]
async fn a_redeploy_is_a_new_chance() {
    let world = World::new(Config::default(), starts(vec![(ms(20), exited(1))]));
    let broken = version("f", 1, |_| {});
    world.publish(&[&broken]);
    for _ in 0..10 {
        drop(world.get(&broken).await);
    }
    world.behave(hello(1));
    let fixed = version("f", 2, |_| {});
    world.publish(&[&fixed]);
    assert_eq!(world.get(&fixed).await.unwrap(), ok("hello"));
}

/// A function whose hook answers so, one answer after the other and the last for ever; how long its end took from the moment at
/// which it was not wanted any more, how often the hook was called, and what the owner's log says of it.
async fn stopped(answers: &'static [u16], seconds: u32) -> (u64, usize, Vec<String>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let world = World::new(
        Config::default(),
        serves(move |request| {
            let calls = Arc::clone(&counted);
            async move {
                if request.uri().path() != "/shutdown" {
                    return text("hello");
                }
                assert_eq!((request.method().as_str(), request.headers().get("content-type")), ("GET", None));
                let call = calls.fetch_add(1, Ordering::Relaxed);
                let mut response = http::Response::<Body>::new(empty());
                match answers.get(call).or(answers.last()) {
                    Some(status) => *response.status_mut() = StatusCode::from_u16(*status).unwrap(),
                    None => std::future::pending().await,
                }
                response
            }
        }),
    );
    let old =
        version("f", 1, |config| config.pre_stop = Some(Hook { handler: "stop".into(), timeout_seconds: seconds }));
    world.publish(&[&old]);
    world.get(&old).await.unwrap();
    let began = Instant::now();
    world.publish(&[&version("f", 2, |_| {})]);
    while world.alive() > 0 {
        sleep(ms(1)).await;
    }
    assert_eq!(world.puppet(0).terminated.load(Ordering::Relaxed), 1, "it is asked after its hook");
    sleep(ms(10)).await;
    let said = world.lines(&old).into_iter().map(|line| line.text).filter(|text| text.contains("pre-stop")).collect();
    (began.elapsed().as_secs(), calls.load(Ordering::Relaxed), said)
}

#[tokio::test(start_paused = true)]
async fn the_pre_stop_hook_is_called_before_a_healthy_instance_is_asked_to_end() {
    assert_eq!(stopped(&[200], 9).await, (0, 1, vec![]));
    assert_eq!(stopped(&[404], 9).await, (0, 1, vec!["pre-stop: GET /shutdown answered 404".to_owned()]));
    assert_eq!(stopped(&[503, 503, 204], 30).await, (10, 3, vec![]));
}

#[tokio::test(start_paused = true)]
async fn a_pre_stop_hook_has_its_time_and_no_more() {
    let late = |seconds| vec![format!("pre-stop: GET /shutdown took longer than {seconds} s")];
    assert_eq!(stopped(&[], 90).await, (90, 1, late(90)));
    assert_eq!(stopped(&[500], 12).await, (12, 3, late(12)));
}

#[tokio::test(start_paused = true)]
async fn an_idle_frozen_instance_is_awake_for_its_hook() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let behaviour = serves(move |request| {
        counted.fetch_add(usize::from(request.uri().path() == "/shutdown"), Ordering::Relaxed);
        async { text("hello") }
    });
    let world = World::new(Config { freeze_after: Some(secs(1)), ..Config::default() }, behaviour);
    let version = version("f", 1, |config| config.pre_stop = Some(Hook { handler: "x".into(), timeout_seconds: 5 }));
    world.publish(&[&version]);
    world.get(&version).await.unwrap();
    sleep(secs(120)).await;
    assert_eq!((world.alive(), calls.load(Ordering::Relaxed)), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn every_line_carries_the_tags_of_its_function() {
    let world = World::new(Config::default(), hello(1));
    let tags = [("team".to_owned(), "a".to_owned())].into_iter().collect();
    let version = version("f", 1, |config| config.log.tags = tags);
    world.publish(&[&version]);
    world.get(&version).await.unwrap();
    world.puppet(0).happens(Event::Stdout(Bytes::from_static(b"one\n")));
    sleep(ms(10)).await;
    let lines = world.lines(&version);
    assert!(lines.iter().any(|line| line.text == "one"));
    assert!(lines.iter().all(|line| line.tags.as_deref() == Some(&version.config.log.tags)), "{lines:?}");
}
