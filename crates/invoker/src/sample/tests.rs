use futures_util::future::join_all;
use model::statistics::Gauges;

use crate::Config;
use crate::testing::{World, hello, version};

#[tokio::test(start_paused = true)]
async fn the_most_requests_at_the_same_time_are_seen_once_and_instances_as_long_as_they_are_there() {
    let world = World::new(Config::default(), hello(100));
    let version = version("f", 1, |config| config.concurrent_num = 2);
    world.publish(&[&version]);
    for answer in join_all((0..5).map(|_| world.get(&version))).await {
        answer.unwrap();
    }
    let pool = world.invoker.pools.of(&version);
    assert_eq!(pool.gauges(), Some(Gauges { concurrency: 5, instances: 3, reserved: 0 }));
    assert_eq!(pool.gauges(), Some(Gauges { concurrency: 0, instances: 3, reserved: 0 }));
}
