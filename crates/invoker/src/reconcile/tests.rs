use futures_util::StreamExt as _;
use futures_util::future::join_all;
use model::Kind;
use model::function::{Function, Published};
use tokio::time::sleep;

use super::*;
use crate::Config;
use crate::testing::{World, hello, kind, ms, ok, secs, version};

/// A pool of revision 5 in this standing, while the snapshot has `current` as the function's revision.
#[track_caller]
fn check(standing: Standing, current: Option<u64>, expect: Action) {
    let at = model::time::now();
    let function = |revision| Arc::new(Function::new("f", at, version("f", revision, |_| {})));
    let desired = Snapshot::build(1, current.into_iter().map(function).collect(), &[], &[]);
    let observed = Observed { version: version("f", 5, |_| {}), standing };
    assert_eq!(plan(&desired, &[observed]), [expect], "{standing:?} {current:?}");
}

#[test]
fn a_pool_is_retired_by_a_newer_version_or_a_deletion_and_by_nothing_else() {
    check(Standing::Current, Some(5), Action::Review);
    check(Standing::Current, Some(4), Action::Review);
    check(Standing::Current, Some(6), Action::Supersede);
    check(Standing::Current, None, Action::Orphan);
    check(Standing::Orphaned, Some(6), Action::Supersede);
    check(Standing::Orphaned, None, Action::Forget);
    check(Standing::Superseded, Some(6), Action::Forget);
    check(Standing::Superseded, None, Action::Forget);
    check(Standing::Stopped, Some(6), Action::Review);
}

/// What becomes of a pool of v1, of revision 5, while the function is at revision 9 and has `published`.
#[track_caller]
fn check_published(published: Option<u64>, expect: Action) {
    let named = |revision, name: &str| {
        Arc::new(Version { qualifier: name.into(), ..Version::clone(&version("f", revision, |_| {})) })
    };
    let at = model::time::now();
    let mut function = Function::new("f", at, version("f", 9, |_| {}));
    function.versions = published
        .map(|revision| ("v1".to_owned(), Published { version: named(revision, "v1"), description: String::new(), at }))
        .into_iter()
        .collect();
    let desired = Snapshot::build(1, vec![Arc::new(function)], &[], &[]);
    let observed = Observed { version: named(5, "v1"), standing: Standing::Current };
    assert_eq!(plan(&desired, &[observed]), [expect], "{published:?}");
}

#[test]
fn a_published_version_outlives_every_change_of_latest_until_it_is_deleted() {
    check_published(Some(5), Action::Review);
    check_published(None, Action::Orphan);
    // Deleted and published again under the same name: another one.
    check_published(Some(8), Action::Supersede);
}

#[tokio::test(start_paused = true)]
async fn a_redeploy_finishes_what_is_in_flight_and_sends_everything_later_to_the_new_version() {
    let world = World::new(Config::default(), hello(2_000));
    let (old, new) = (version("f", 1, |_| {}), version("f", 2, |_| {}));
    world.publish(&[&old]);
    let in_flight = join_all((0..3).map(|_| world.get(&old)));
    let redeploy = async {
        sleep(secs(1)).await;
        world.publish(&[&new]);
        sleep(ms(1)).await;
        // A request that was routed before the change still names the old version.
        let late = world.get(&old).await;
        sleep(ms(100)).await;
        late
    };
    let (answers, late) = tokio::join!(in_flight, redeploy);
    assert!(answers.into_iter().chain([late]).all(|answer| answer.unwrap() == ok("hello")));
    let revisions: Vec<u64> = world.records(&old).await.iter().map(|record| record.revision).collect();
    assert_eq!(revisions, [1, 1, 1, 2]);
    assert_eq!((world.launched(), world.alive()), (4, 1));
    sleep(secs(11)).await;
    assert_eq!(world.invoker.in_use_code(), [new.code.sha256.clone()].into());
}

#[tokio::test(start_paused = true)]
async fn idle_instances_of_an_old_version_end_at_once() {
    let world = World::new(Config::default(), hello(1));
    let (old, new) = (version("f", 1, |_| {}), version("f", 2, |_| {}));
    world.publish(&[&old]);
    world.get(&old).await.unwrap();
    world.publish(&[&new]);
    sleep(ms(10)).await;
    assert_eq!(world.alive(), 0);
}

#[tokio::test(start_paused = true)]
async fn requests_that_wait_for_the_old_version_are_served_by_the_new_in_their_order() {
    let world = World::new(Config::default(), hello(1_000));
    let one = |config: &mut model::function::Config| config.max_instances = 1;
    let (old, new) = (version("f", 1, one), version("f", 2, one));
    world.publish(&[&old]);
    let waiting = join_all((0..5).map(|_| world.get(&old)));
    let redeploy = async {
        sleep(ms(500)).await;
        world.publish(&[&new]);
    };
    let (answers, ()) = tokio::join!(waiting, redeploy);
    assert!(answers.into_iter().all(|answer| answer.is_ok()));
    let revisions: Vec<u64> = world.records(&old).await.iter().map(|record| record.revision).collect();
    assert_eq!(revisions, [1, 2, 2, 2, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_starting_instance_of_the_old_version_is_given_up() {
    let world = World::new(Config::default(), hello(1));
    let (old, new) = (version("f", 1, |_| {}), version("f", 2, |_| {}));
    world.publish(&[&old]);
    let redeploy = async {
        sleep(ms(10)).await;
        world.publish(&[&new]);
    };
    let (answer, ()) = tokio::join!(world.get(&old), redeploy);
    assert_eq!(answer.unwrap(), ok("hello"));
    assert_eq!((world.launched(), world.puppet(0).is_gone()), (2, true));
}

#[tokio::test(start_paused = true)]
async fn requests_for_a_function_that_is_deleted_meanwhile_are_served() {
    let world = World::new(Config::default(), hello(100));
    let version = version("f", 1, |config| config.max_instances = 1);
    world.publish(&[&version]);
    let deletion = async {
        sleep(ms(10)).await;
        world.publish(&[]);
    };
    let (answers, ()) = tokio::join!(join_all((0..3).map(|_| world.get(&version))), deletion);
    assert!(answers.into_iter().all(|answer| answer.is_ok()));
    sleep(ms(10)).await;
    assert_eq!(world.alive(), 0, "{:?}", world.states());
    sleep(secs(11)).await;
    assert!(world.invoker.in_use_code().is_empty());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_when_versions_follow_one_another_under_load() {
    let world = World::new(Config::default(), hello(30));
    let versions: Vec<_> =
        (1..=20).map(|revision| version("f", revision, |config| config.concurrent_num = 3)).collect();
    world.publish(&[&versions[0]]);
    let clients = join_all((0..16_usize).map(|client| {
        let (world, versions) = (&world, &versions);
        // Whatever versions the router saw.
        let seen = (0..40).map(move |round| &versions[(client * 7 + round) % versions.len()]);
        futures_util::stream::iter(seen).for_each(move |version| async move {
            assert_eq!(kind(world.get(version).await), None::<Kind>);
        })
    }));
    let deploys = async {
        for version in &versions {
            world.publish(&[version]);
            sleep(ms(40)).await;
        }
    };
    tokio::join!(clients, deploys);
    assert_eq!(world.records(&versions[0]).await.len(), 640);
}
