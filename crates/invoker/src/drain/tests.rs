use futures_util::future::join_all;
use model::Kind;
use std::sync::atomic::Ordering;
use tokio::time::{Instant, sleep};

use crate::Config;
use crate::testing::{World, hello, kind, ms, secs, version};

/// Requests of so many milliseconds are in flight and waiting when the drain begins; how they end, and after how many seconds
/// the drain is over.
async fn check(millis: u64, stubborn: bool, expect: &[Option<Kind>], seconds: u64) {
    let mut behaviour = hello(millis);
    behaviour.stubborn = stubborn;
    let world = World::new(Config::default(), behaviour);
    let version = version("f", 1, |config| config.max_instances = 1);
    world.publish(&[&version]);
    let requests = join_all((0..2).map(|_| world.get(&version)));
    let drain = async {
        sleep(ms(100)).await;
        let began = Instant::now();
        let late = async {
            sleep(ms(1)).await;
            assert_eq!(kind(world.get(&version).await), Some(Kind::Draining));
        };
        tokio::join!(world.invoker.drain(secs(3)), late);
        began.elapsed().as_secs()
    };
    let (answers, took) = tokio::join!(requests, drain);
    let kinds: Vec<_> = answers.into_iter().map(kind).collect();
    assert_eq!((kinds.as_slice(), took), (expect, seconds));
    assert_eq!((world.alive(), world.states().len()), (0, 0));
    let puppet = world.puppet(0);
    assert!(puppet.terminated.load(Ordering::Relaxed) > 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_in_flight_finishes_and_then_every_process_ends() {
    check(500, false, &[None, None], 0).await;
}

#[tokio::test(start_paused = true)]
async fn what_takes_longer_than_the_grace_fails() {
    check(60_000, false, &[Some(Kind::Draining), Some(Kind::Draining)], 3).await;
}

#[tokio::test(start_paused = true)]
async fn a_process_that_ignores_the_order_is_killed() {
    check(500, true, &[None, None], 5).await;
}

#[tokio::test(start_paused = true)]
async fn stopping_now_waits_for_nobody() {
    let world = World::new(Config::default(), hello(60_000));
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    let stop = async {
        sleep(ms(100)).await;
        world.invoker.stop_now();
        let began = Instant::now();
        world.invoker.drain(secs(60)).await;
        assert!(began.elapsed() < secs(1));
    };
    let (answer, ()) = tokio::join!(world.get(&version), stop);
    assert_eq!((kind(answer), world.alive()), (Some(Kind::Draining), 0));
}
