use model::instances::{Cause, Instances};

use crate::Config;
use crate::testing::{World, hello, secs, starts, version};

fn seen(world: &World, function: &str) -> Instances {
    world.invoker.instances_of(function)
}

#[tokio::test(start_paused = true)]
async fn an_instance_is_seen_while_it_is_there_and_remembered_with_why_it_left() {
    let world = World::new(Config::default(), hello(10));
    let version = version("f", 1, |_| {});
    let urn = version.function.to_string();
    world.publish(&[&version]);
    world.get(&version).await.unwrap();
    let Instances { running, ended } = seen(&world, &urn);
    let [one] = running.as_slice() else { panic!("{running:?}") };
    assert_eq!((one.identity.cause, one.in_flight, one.reserved), (Cause::Request, 0, false));
    assert!(one.identity.start.is_some(), "{one:?}");
    assert_eq!(ended, []);
    tokio::time::sleep(secs(61)).await;
    let Instances { running, ended } = seen(&world, &urn);
    assert_eq!(running, []);
    assert_eq!((ended.len(), ended[0].reason, &ended[0].identity.id), (1, "idle", &one.identity.id));
    assert_eq!(seen(&world, "urn:fss:other"), Instances::default());
}

#[tokio::test(start_paused = true)]
async fn a_start_that_failed_is_remembered_with_what_was_wrong() {
    let world = World::new(Config::default(), starts(vec![]));
    let version = version("f", 1, |_| {});
    let urn = version.function.to_string();
    world.publish(&[&version]);
    assert!(world.get(&version).await.is_err());
    let Instances { running, ended } = seen(&world, &urn);
    assert_eq!(running, []);
    assert_eq!(ended[0].reason, "start_failed");
    assert!(!ended[0].detail.is_empty() && ended[0].identity.start.is_none(), "{ended:?}");
}
