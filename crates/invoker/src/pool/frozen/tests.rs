use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::future::join_all;
use model::Kind;
use model::function::Version;
use tokio::time::{sleep, timeout};

use crate::launch::{Event, Memory, Usage};
use crate::testing::{Behaviour, World, hello, kind, ms, ok, secs, version};
use crate::{BackOff, Config};

/// A world in which one request was answered, so many seconds ago.
async fn after(seconds: u64, config: Config, behaviour: Behaviour) -> (World, Arc<Version>) {
    let world = World::new(config, behaviour);
    let version = version("f", 1, |config| config.concurrent_num = 2);
    world.publish(&[&version]);
    assert_eq!(world.get(&version).await.unwrap(), ok("hello"));
    sleep(secs(seconds)).await;
    (world, version)
}

fn short_of_memory() -> Memory {
    Memory { total: 1 << 30, available: 1 << 20, swap_free: 1 << 30, stalled_percent: 0.0 }
}

#[track_caller]
fn check(world: &World, states: &[&str], frozen: bool) {
    assert_eq!(
        (world.states(), world.puppet(0).is_frozen()),
        (states.iter().map(|s| (*s).to_owned()).collect(), frozen)
    );
}

#[tokio::test(start_paused = true)]
async fn an_instance_is_frozen_ten_seconds_after_its_last_request_and_not_before() {
    let (world, _) = after(9, Config::default(), hello(10)).await;
    check(&world, &["idle 0"], false);
    sleep(secs(2)).await;
    check(&world, &["frozen 0"], true);
}

#[tokio::test(start_paused = true)]
async fn a_request_thaws_it_over_a_new_connection_and_the_record_says_how_long_that_took() {
    let config = Config { connection_idle: secs(30), ..Config::default() };
    let (world, version) = after(15, config, hello(10)).await;
    check(&world, &["frozen 0"], true);
    assert_eq!(world.get(&version).await.unwrap(), ok("hello"));
    check(&world, &["idle 0"], false);
    assert_eq!(world.launched(), 1);
    assert_eq!(world.puppet(0).connects.load(Ordering::Relaxed), 2, "a connection kept over the frost was used");
    let records = world.records(&version).await;
    assert!(records.iter().all(|record| record.timings.thaw_us <= record.timings.queue_us), "{records:?}");
    sleep(secs(11)).await;
    check(&world, &["frozen 0"], true);
}

#[tokio::test(start_paused = true)]
async fn all_requests_of_a_thaw_are_answered() {
    let (world, version) = after(15, Config::default(), hello(10)).await;
    for answer in join_all((0..2).map(|_| world.get(&version))).await {
        assert_eq!(answer.unwrap(), ok("hello"));
    }
    assert_eq!((world.launched(), world.states()), (1, vec!["idle 0".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_given_up_during_the_thaw_leaves_an_idle_instance() {
    let (world, version) = after(15, Config::default(), hello(10)).await;
    assert!(timeout(ms(0), world.get(&version)).await.is_err());
    sleep(secs(1)).await;
    check(&world, &["idle 0"], false);
    sleep(secs(10)).await;
    check(&world, &["frozen 0"], true);
}

#[tokio::test(start_paused = true)]
async fn an_awake_instance_is_taken_before_a_frozen_one_and_a_frozen_one_before_a_start() {
    let world = World::new(Config::default(), hello(100));
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    join_all((0..3).map(|_| world.get(&version))).await;
    for _ in 0..30 {
        world.get(&version).await.unwrap();
        sleep(ms(500)).await;
    }
    let mut states = world.states();
    states.sort();
    assert_eq!(states, ["frozen 0", "frozen 0", "idle 0"]);
    join_all((0..2).map(|_| world.get(&version))).await;
    let frozen = |world: &World| world.states().iter().filter(|state| *state == "frozen 0").count();
    assert_eq!((world.launched(), frozen(&world)), (3, 1));
}

#[tokio::test(start_paused = true)]
async fn a_frozen_instance_leaves_after_a_minute_and_hears_sigterm() {
    let (world, _) = after(59, Config::default(), hello(10)).await;
    check(&world, &["frozen 0"], true);
    sleep(secs(2)).await;
    assert_eq!(world.states().len(), 0);
    let puppet = world.puppet(0);
    assert_eq!((puppet.terminated.load(Ordering::Relaxed), puppet.is_frozen()), (1, false));
}

#[tokio::test(start_paused = true)]
async fn a_redeploy_ends_frozen_instances_at_once() {
    let (world, _) = after(15, Config::default(), hello(10)).await;
    check(&world, &["frozen 0"], true);
    world.publish(&[&version("f", 2, |_| {})]);
    sleep(ms(10)).await;
    assert_eq!((world.states().len(), world.alive(), world.puppet(0).terminated.load(Ordering::Relaxed)), (0, 0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_drain_and_a_hurried_stop_end_frozen_instances() {
    let (world, _) = after(15, Config::default(), hello(10)).await;
    world.invoker.drain(secs(30)).await;
    assert_eq!((world.alive(), world.puppet(0).terminated.load(Ordering::Relaxed)), (0, 1));
    let (world, _) = after(15, Config::default(), hello(10)).await;
    world.invoker.stop_now();
    sleep(ms(10)).await;
    assert_eq!(world.alive(), 0);
    assert!(world.puppet(0).killed.load(Ordering::Relaxed) > 0);
}

#[tokio::test(start_paused = true)]
async fn it_can_be_switched_off() {
    let (world, _) = after(50, Config { freeze_after: None, ..Config::default() }, hello(10)).await;
    check(&world, &["idle 0"], false);
    assert_eq!(world.puppet(0).froze.load(Ordering::Relaxed), 0);
}

#[tokio::test(start_paused = true)]
async fn what_does_not_stop_runs_on_and_is_tried_again() {
    let mut behaviour = hello(10);
    behaviour.restless = true;
    let (world, version) = after(15, Config::default(), behaviour).await;
    check(&world, &["idle 0"], false);
    assert_eq!(world.get(&version).await.unwrap(), ok("hello"));
    sleep(secs(25)).await;
    assert!(world.puppet(0).froze.load(Ordering::Relaxed) > 1);
    sleep(secs(40)).await;
    assert_eq!(world.alive(), 0, "it leaves all the same");
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_an_instance_that_cannot_be_thawed_gets_another() {
    let mut behaviour = hello(10);
    behaviour.hibernates = true;
    let (world, version) = after(15, Config { back_off: BackOff::default(), ..Config::default() }, behaviour).await;
    world.behave(hello(10));
    assert_eq!(world.get(&version).await.unwrap(), ok("hello"));
    assert_eq!((world.launched(), world.alive()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_frozen_instance_that_is_killed_from_outside_is_replaced() {
    let (world, version) = after(15, Config::default(), hello(10)).await;
    world.puppet(0).happens(Event::Exited { code: None, signal: Some(9) });
    assert_eq!(world.get(&version).await.unwrap(), ok("hello"));
    assert_eq!(world.launched(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_takes_longer_than_the_freezing_time_is_not_frozen() {
    let config = Config { freeze_after: Some(secs(1)), ..Config::default() };
    let (world, version) = after(0, config, hello(5_000)).await;
    assert_eq!((kind(world.get(&version).await), world.puppet(0).froze.load(Ordering::Relaxed)), (None::<Kind>, 0));
}

#[tokio::test(start_paused = true)]
async fn short_of_memory_the_one_frozen_longest_gives_up_its_own_and_a_request_still_wakes_it() {
    let mut behaviour = hello(10);
    behaviour.usage = Usage { memory_bytes: 200 << 20, oom_kills: 0 };
    let world = World::new(Config::default(), behaviour);
    let (first, second) = (version("first", 1, |_| {}), version("second", 2, |_| {}));
    world.publish(&[&first, &second]);
    world.get(&first).await.unwrap();
    sleep(secs(3)).await;
    world.get(&second).await.unwrap();
    sleep(secs(12)).await;
    assert_eq!(world.states(), ["frozen 0", "frozen 0"]);
    *world.stage.memory.lock() = short_of_memory();
    sleep(ms(1_500)).await;
    *world.stage.memory.lock() = Memory { available: 1 << 30, ..short_of_memory() };
    sleep(secs(5)).await;
    let paged_out = |at: usize| world.puppet(at).paged_out.load(Ordering::Relaxed);
    assert_eq!((paged_out(0), paged_out(1)), (1, 0), "{:?}", world.states());
    assert_eq!(world.get(&first).await.unwrap(), ok("hello"));
    assert_eq!((world.launched(), paged_out(0)), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn with_memory_enough_or_without_swap_nothing_is_paged_out() {
    for memory in [Memory { available: 1 << 30, ..short_of_memory() }, Memory { swap_free: 0, ..short_of_memory() }] {
        let (world, _) = after(0, Config::default(), hello(10)).await;
        *world.stage.memory.lock() = memory;
        sleep(secs(30)).await;
        check(&world, &["frozen 0"], true);
    }
}
