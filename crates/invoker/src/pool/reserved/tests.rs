use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use model::function::Version;
use model::reserve::Reserve;
use model::urn::Qualifier;
use tokio::time::sleep;

use crate::Config;
use crate::testing::{World, hello, ms, ok, secs, starts, version};

fn reserve(version: &Arc<Version>, count: u32, idle_mode: bool) -> Reserve {
    let function = version.function.clone();
    Reserve { function, qualifier: Qualifier::Latest, count, idle_mode, policies: Vec::new() }
}

/// A function with so many reserved instances, started.
async fn world(config: Config, count: u32, idle_mode: bool, max: i32) -> (World, Arc<Version>) {
    let world = World::new(config, hello(100));
    let version = version("f", 1, |config| config.max_instances = max);
    *world.reserves.lock() = vec![reserve(&version, count, idle_mode)];
    world.publish(&[&version]);
    sleep(secs(1)).await;
    (world, version)
}

fn reserved(world: &World) -> usize {
    world.invoker.instances().iter().filter(|status| status.reserved).count()
}

#[tokio::test(start_paused = true)]
async fn reserved_instances_are_there_before_traffic_and_stay_without() {
    let (world, version) = world(Config::default(), 2, false, -1).await;
    assert_eq!(world.states(), ["idle 0", "idle 0"]);
    sleep(Duration::from_hours(2)).await;
    assert_eq!((world.states(), world.launched()), (vec!["idle 0".to_owned(), "idle 0".to_owned()], 2));
    assert_eq!(world.get(&version).await.unwrap(), ok("hello"));
    assert_eq!(world.launched(), 2);
}

#[tokio::test(start_paused = true)]
async fn reserved_ones_serve_first_and_what_came_beside_them_leaves() {
    let (world, version) = world(Config::default(), 2, false, -1).await;
    for answer in join_all((0..5).map(|_| world.get(&version))).await {
        answer.unwrap();
    }
    assert_eq!((world.launched(), reserved(&world)), (5, 2));
    for _ in 0..70 {
        world.get(&version).await.unwrap();
        sleep(ms(900)).await;
    }
    assert_eq!((world.alive(), reserved(&world), world.launched()), (2, 2, 5));
}

#[tokio::test(start_paused = true)]
async fn only_in_idle_mode_they_are_frozen_while_nobody_asks() {
    let (world, version) = world(Config::default(), 1, true, -1).await;
    sleep(secs(3600)).await;
    assert_eq!(world.states(), ["frozen 0"]);
    assert_eq!(world.get(&version).await.unwrap(), ok("hello"));
    sleep(secs(60)).await;
    assert_eq!(world.states(), ["frozen 0"]);
    *world.reserves.lock() = vec![reserve(&version, 1, false)];
    world.publish(&[&version]);
    sleep(secs(1)).await;
    assert_eq!((world.states(), world.launched()), (vec!["idle 0".to_owned()], 1));
}

#[tokio::test(start_paused = true)]
async fn one_that_ends_is_replaced_and_one_that_keeps_ending_waits_longer_each_time() {
    let (world, _) = world(Config::default(), 2, false, -1).await;
    world.puppet(0).happens(crate::Event::Exited { code: Some(1), signal: None });
    sleep(secs(1)).await;
    assert_eq!((world.alive(), world.launched(), reserved(&world)), (2, 3, 2));
    let broken = starts(vec![(ms(1), crate::Event::Exited { code: Some(1), signal: None })]);
    world.behave(broken);
    world.puppet(1).happens(crate::Event::Exited { code: Some(1), signal: None });
    sleep(secs(600)).await;
    let tries = world.launched() - 3;
    assert!((3..60).contains(&tries), "{tries} starts in ten minutes");
    world.behave(hello(100));
    sleep(secs(120)).await;
    assert_eq!((world.alive(), reserved(&world)), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn together_with_those_on_demand_they_are_no_more_than_allowed() {
    let (world, version) = world(Config::default(), 5, false, 3).await;
    assert_eq!((world.alive(), reserved(&world)), (3, 3));
    for answer in join_all((0..9).map(|_| world.get(&version))).await {
        assert_eq!(answer.unwrap(), ok("hello"));
    }
    assert_eq!(world.launched(), 3);
    let (world, _) = self::world(Config::default(), 5, false, 0).await;
    assert_eq!(world.launched(), 0);
}

#[tokio::test(start_paused = true)]
async fn those_of_a_new_version_are_up_before_the_old_ones_leave() {
    let (world, first) = world(Config::default(), 2, false, -1).await;
    world.behave(hello(100));
    let second = version("f", 2, |_| {});
    world.publish(&[&second]);
    let mut least = usize::MAX;
    for _ in 0..200 {
        sleep(ms(1)).await;
        let ready = world.invoker.instances().into_iter().filter(|status| matches!(status.state, "idle" | "busy"));
        least = least.min(ready.count());
    }
    sleep(secs(10)).await;
    assert!(least >= 2, "{least}");
    let revisions: Vec<u64> = world.invoker.instances().iter().map(|status| status.revision).collect();
    assert_eq!((revisions, world.launched()), (vec![2, 2], 4));
    assert_eq!(world.get(&first).await.unwrap(), ok("hello"));
}

#[tokio::test(start_paused = true)]
async fn old_ones_leave_also_when_the_new_version_does_not_start() {
    let (world, _) = world(Config::default(), 1, false, -1).await;
    world.behave(starts(vec![]));
    world.publish(&[&version("f", 2, |_| {})]);
    sleep(secs(60)).await;
    assert!(world.invoker.instances().iter().all(|status| status.revision == 2), "{:?}", world.invoker.instances());
}

#[tokio::test(start_paused = true)]
async fn another_memory_size_has_instances_of_its_own() {
    let world = World::new(Config::default(), hello(10));
    let small = version("f", 1, |_| {});
    let large = version("f", 1, |config| config.memory_mb = 512);
    world.publish(&[&small]);
    for version in [&small, &large, &small, &large] {
        assert_eq!(world.get(version).await.unwrap(), ok("hello"));
    }
    assert_eq!(world.launched(), 2);
    let sizes: Vec<u32> = world.records(&small).await.iter().map(|record| record.memory_mb).collect();
    assert_eq!(sizes, [128, 512, 128, 512]);
}

#[tokio::test(start_paused = true)]
async fn fewer_and_none_of_them_are_wanted_later() {
    let (world, version) = world(Config::default(), 3, false, -1).await;
    *world.reserves.lock() = vec![reserve(&version, 1, false)];
    world.publish(&[&version]);
    sleep(secs(90)).await;
    assert_eq!((world.alive(), reserved(&world)), (1, 1));
    world.reserves.lock().clear();
    world.publish(&[&version]);
    sleep(secs(90)).await;
    assert_eq!(world.alive(), 0);
}
