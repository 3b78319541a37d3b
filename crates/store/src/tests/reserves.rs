use model::reserve::{Policy, Reserve};

use super::aliases::alias;
use super::versions::{publish, redeploy};
use super::*;

fn reserve(function: &FunctionId, qualifier: &str, count: u32) -> Reserve {
    let policy = Policy { name: "day".into(), cron: "0 0 9 * * *".into(), count: 9, start: 1, expired: 2 };
    let policies = if count > 0 { vec![policy] } else { Vec::new() };
    Reserve { function: function.clone(), qualifier: qualifier.into(), count, idle_mode: true, policies }
}

/// A function with a version and an alias of it.
async fn published(store: &Store) -> FunctionId {
    let id = create(store, "web").await.id.clone();
    redeploy(store, &id, "v1").await;
    publish(store, &id, "v1").await;
    store.create_alias(&id, alias("prod", "v1", None)).await.unwrap();
    id
}

#[tokio::test]
async fn reserved_instances_survive_a_restart_and_end_with_what_has_them() {
    let home = Home::new();
    let store = home.open().await;
    let id = published(&store).await;
    store.set_reserve(reserve(&id, "latest", 1)).await.unwrap();
    store.set_reserve(reserve(&id, "!prod", 2)).await.unwrap();
    store.set_reserve(reserve(&id, "!prod", 3)).await.unwrap();
    let all = vec![reserve(&id, "!prod", 3), reserve(&id, "latest", 1)];
    assert_eq!(store.reserves(&id.project), all);
    assert_eq!(store.reserves("other"), []);
    store.close().await;
    drop(store);
    let store = home.open().await;
    assert_eq!(store.reserves(&id.project), all);
    store.delete_alias(&id, "prod").await.unwrap();
    assert_eq!(store.reserves(&id.project), all[1..]);
    store.set_reserve(reserve(&id, "latest", 0)).await.unwrap();
    assert_eq!(store.reserves(&id.project), []);
    store.set_reserve(reserve(&id, "v1", 1)).await.unwrap();
    store.delete_function(&id).await.unwrap();
    assert_eq!(store.reserves(&id.project), []);
}

#[tokio::test]
async fn a_version_and_its_alias_do_not_both_have_them() {
    let home = Home::new();
    let store = home.open().await;
    let id = published(&store).await;
    store.set_reserve(reserve(&id, "v1", 1)).await.unwrap();
    let error = store.set_reserve(reserve(&id, "!prod", 1)).await.unwrap_err();
    assert!(matches!(&error, Error::ReservedElsewhere(urn) if urn.ends_with(":v1")), "{error}");
    store.set_reserve(reserve(&id, "!prod", 0)).await.unwrap();
    store.set_reserve(reserve(&id, "v1", 0)).await.unwrap();
    store.set_reserve(reserve(&id, "!prod", 1)).await.unwrap();
    let missing = store.set_reserve(reserve(&id, "v9", 1)).await.unwrap_err();
    assert!(matches!(missing, Error::VersionMissing(_)), "{missing}");
}
