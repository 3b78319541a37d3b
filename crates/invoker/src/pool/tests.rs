use std::sync::atomic::Ordering;

use futures_util::future::join_all;
use model::Kind;
use tokio::time::{Instant, sleep, timeout};

use crate::Config;
use crate::testing::{World, deaf, hello, kind, ms, ok, secs, starts, version};

/// So many requests at once, each taking 100 ms, and how many instances they got.
async fn check(requests: usize, concurrent_num: u32, max_instances: i32, instances: usize) {
    let world = World::new(Config { starts: 1000, ..Config::default() }, hello(100));
    let version = version("f", 1, |config| {
        config.concurrent_num = concurrent_num;
        config.max_instances = max_instances;
    });
    world.publish(&[&version]);
    for answer in join_all((0..requests).map(|_| world.get(&version))).await {
        assert_eq!(answer.unwrap(), ok("hello"));
    }
    assert_eq!(world.launched(), instances, "{requests} requests, {concurrent_num} at once, at most {max_instances}");
}

#[tokio::test(start_paused = true)]
async fn first_requests_start_only_as_many_instances_as_they_need() {
    check(1, 1, -1, 1).await;
    check(7, 1, -1, 7).await;
    check(100, 50, -1, 2).await;
    check(101, 50, -1, 3).await;
    check(20, 1, 4, 4).await;
    check(20, 3, 1, 1).await;
}

#[tokio::test(start_paused = true)]
async fn an_idle_instance_is_reused_before_a_cold_start_and_the_last_used_first() {
    let world = World::new(Config::default(), hello(10));
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    join_all((0..3).map(|_| world.get(&version))).await;
    sleep(secs(30)).await;
    for _ in 0..40 {
        assert_eq!(world.get(&version).await.unwrap(), ok("hello"));
        sleep(ms(990)).await;
    }
    assert_eq!(world.launched(), 3);
    assert_eq!(world.alive(), 1, "{:?}", world.states());
}

#[tokio::test(start_paused = true)]
async fn an_idle_instance_leaves_after_a_minute() {
    let world = World::new(Config::default(), hello(10));
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    world.get(&version).await.unwrap();
    sleep(ms(59_900)).await;
    assert_eq!(world.states(), ["frozen 0"]);
    sleep(ms(200)).await;
    assert_eq!((world.states().len(), world.puppet(0).terminated.load(Ordering::Relaxed)), (0, 1));
    assert_eq!(world.get(&version).await.unwrap(), ok("hello"));
    assert_eq!(world.launched(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_ignores_sigterm_is_killed_after_the_grace() {
    let mut behaviour = hello(10);
    behaviour.stubborn = true;
    let world = World::new(Config { keep_alive: secs(1), ..Config::default() }, behaviour);
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    world.get(&version).await.unwrap();
    sleep(ms(5900)).await;
    assert_eq!((world.states(), world.alive()), (vec!["draining 0".to_owned()], 1));
    sleep(ms(200)).await;
    assert_eq!((world.states().len(), world.alive()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn requests_wait_in_order_for_a_slot_until_their_time_is_over() {
    let world = World::new(Config::default(), hello(6_000));
    let version = version("f", 1, |config| config.max_instances = 1);
    world.publish(&[&version]);
    let began = Instant::now();
    let ended = |patience| {
        let (world, version) = (&world, &version);
        async move {
            let result = world.get_within(version, secs(patience)).await;
            (result.map_err(|error| (error.kind, error.retry_after)), began.elapsed().as_secs())
        }
    };
    let (first, second, third, fourth) = tokio::join!(ended(30), ended(30), ended(10), ended(30));
    assert_eq!(first, (Ok(ok("hello")), 6));
    assert_eq!(second, (Ok(ok("hello")), 12));
    assert_eq!(third, (Err((Kind::Throttled, Some(secs(1)))), 10));
    assert_eq!(fourth, (Ok(ok("hello")), 18));
}

#[tokio::test(start_paused = true)]
async fn a_full_line_turns_away_at_once() {
    let world = World::new(Config { queue: 2, ..Config::default() }, hello(1_000));
    let version = version("f", 1, |config| config.max_instances = 1);
    world.publish(&[&version]);
    let began = Instant::now();
    let all = join_all((0..4).map(|_| async { (kind(world.get(&version).await), began.elapsed()) })).await;
    let turned_away: Vec<_> = all.iter().filter(|(kind, _)| *kind == Some(Kind::Throttled)).collect();
    assert_eq!(turned_away.len(), 2, "{all:?}");
    assert!(turned_away.iter().all(|(_, after)| *after < ms(50)), "{all:?}");
}

#[tokio::test(start_paused = true)]
async fn a_disabled_function_is_refused() {
    let world = World::new(Config::default(), hello(10));
    let version = version("f", 1, |config| config.max_instances = 0);
    world.publish(&[&version]);
    assert_eq!((kind(world.get(&version).await), world.launched()), (Some(Kind::Disabled), 0));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_given_up_leaves_its_place_and_its_start() {
    let world = World::new(Config { starts: 1, ..Config::default() }, hello(10));
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    let given_up = join_all((0..10).map(|_| timeout(ms(20), world.get(&version)))).await;
    assert!(given_up.iter().all(Result::is_err));
    sleep(secs(1)).await;
    assert_eq!(world.launched(), 1, "starts that nobody waits for did not begin");
    assert_eq!(world.get(&version).await.unwrap(), ok("hello"));
    assert_eq!(world.launched(), 1, "the one that had begun is used");
}

#[tokio::test(start_paused = true)]
async fn starts_that_were_overtaken_by_free_slots_do_not_begin() {
    let world = World::new(Config { starts: 1, ..Config::default() }, hello(1));
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    for answer in join_all((0..50).map(|_| world.get(&version))).await {
        answer.unwrap();
    }
    assert!(world.launched() <= 3, "{}", world.launched());
}

#[tokio::test(start_paused = true)]
async fn who_got_no_turn_to_start_hears_that_the_host_is_busy() {
    let config = Config { starts: 1, start_turn: secs(60), ..Config::default() };
    let world = World::new(config, starts(vec![]));
    let (one, two) = (version("one", 1, |_| {}), version("two", 2, |_| {}));
    world.publish(&[&one, &two]);
    let (one, two) = tokio::join!(world.get_within(&one, secs(5)), world.get_within(&two, secs(5)));
    assert_eq!((kind(one), kind(two)), (Some(Kind::NeverListened), Some(Kind::Busy)));
}

#[tokio::test(start_paused = true)]
async fn a_start_that_only_waits_does_not_keep_its_turn() {
    let world = World::new(Config { starts: 1, ..Config::default() }, starts(vec![]));
    let (one, two) = (version("one", 1, |_| {}), version("two", 2, |_| {}));
    world.publish(&[&one, &two]);
    let (one, two) = tokio::join!(world.get_within(&one, secs(5)), world.get_within(&two, secs(5)));
    assert_eq!((kind(one), kind(two)), (Some(Kind::NeverListened), Some(Kind::NeverListened)));
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_slot_of_a_function_that_serves_is_throttled_whatever_starts_go_on() {
    let world = World::new(Config::default(), deaf(b""));
    let version = version("f", 1, |config| {
        config.max_instances = 1;
        config.timeout_seconds = 3;
    });
    world.publish(&[&version]);
    let first = world.get(&version);
    let second = async {
        sleep(secs(1)).await;
        // The first one's instance is ended after eight seconds; the next one never listens.
        world.behave(starts(vec![]));
        world.get_within(&version, secs(10)).await.unwrap_err()
    };
    let late = async {
        sleep(secs(9)).await;
        kind(world.get_within(&version, secs(5)).await)
    };
    let (first, second, late) = tokio::join!(first, second, late);
    assert_eq!(kind(first), Some(Kind::TimedOut));
    assert_eq!((second.kind, second.retry_after), (Kind::Throttled, Some(secs(1))));
    assert_eq!((late, world.launched()), (Some(Kind::NeverListened), 2));
}
