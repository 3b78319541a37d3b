use model::alias::{Additional, Alias, Combine, Op, Place, Rule, Rules, Share};

use super::versions::{publish, redeploy};
use super::*;

pub(super) fn alias(name: &str, version: &str, additional: Option<(&str, u8)>) -> Alias {
    let at = model::time::now();
    let second =
        |(version, weight): (&str, u8)| Additional { version: version.to_owned(), share: Share::Weight(weight) };
    Alias {
        name: name.to_owned(),
        version: version.into(),
        additional: additional.map(second),
        description: String::new(),
        created: at,
        modified: at,
    }
}

/// A function with the versions v1, v2 and v3.
async fn three(store: &Store) -> FunctionId {
    let id = create(store, "web").await.id.clone();
    for name in ["v1", "v2", "v3"] {
        redeploy(store, &id, name).await;
        publish(store, &id, name).await;
    }
    id
}

/// What is made of `first`, then of `second`.
async fn check(first: Alias, second: Alias, expect: &str) {
    let home = Home::new();
    let store = home.open().await;
    let id = three(&store).await;
    store.create_alias(&id, first).await.unwrap();
    let got = match store.create_alias(&id, second).await {
        Ok(_) => "both".to_owned(),
        Err(error) => error.to_string().replace(&id.to_string(), "URN"),
    };
    assert_eq!(got, expect);
}

#[tokio::test]
async fn an_alias_needs_a_name_and_a_main_version_of_its_own() {
    let prod = || alias("prod", "v1", None);
    check(prod(), alias("beta", "v2", Some(("v1", 10))), "both").await;
    check(prod(), alias("beta", "latest", None), "both").await;
    check(prod(), alias("prod", "v2", None), "alias URN:!prod exists").await;
    check(prod(), alias("beta", "v1", None), "version v1 has an alias: prod").await;
    check(prod(), alias("beta", "v9", None), "no version URN:v9").await;
    check(prod(), alias("beta", "v2", Some(("v9", 10))), "no version URN:v9").await;
}

#[tokio::test]
async fn an_alias_is_replaced_as_a_whole_and_survives_a_restart() {
    let home = Home::new();
    let store = home.open().await;
    let id = three(&store).await;
    let made = store.create_alias(&id, alias("prod", "v1", Some(("v2", 20)))).await.unwrap();
    let rule = Rule {
        place: Place::Cookie,
        rule_type: "Cookie".to_owned(),
        param: "tier".to_owned(),
        op: Op::In,
        value: "a,b".to_owned(),
    };
    let share = Share::Rules(Rules { combine: Combine::Or, rules: vec![rule] });
    let mut wanted = alias("prod", "v2", None);
    wanted.additional = Some(Additional { version: "v3".to_owned(), share });
    wanted.description = "é".to_owned();
    let stored = store.update_alias(&id, wanted.clone()).await.unwrap();
    assert_eq!((&stored.version, &stored.additional), (&wanted.version, &wanted.additional));
    assert!(stored.created == made.created && stored.modified >= made.modified);
    let function = store.function(&id).unwrap();
    assert_eq!(function.aliases["prod"], stored);

    store.close().await;
    assert_eq!(home.open().await.function(&id).unwrap().aliases["prod"], stored);
}

#[tokio::test]
async fn a_function_has_ten_aliases() {
    let home = Home::new();
    let store = home.open().await;
    let id = create(&store, "web").await.id.clone();
    for number in 0..11_u32 {
        store.update_function(&id, Some(FunctionConfig { memory_mb: 128 + number, ..settings() }), None).await.unwrap();
        publish(&store, &id, &format!("v{number}")).await;
        let made = store.create_alias(&id, alias(&format!("a{number}"), &format!("v{number}"), None)).await;
        match number {
            10 => assert_eq!(text(made), "at most 10 aliases of a function"),
            _ => assert!(made.is_ok()),
        }
    }
}

#[tokio::test]
async fn a_version_goes_with_its_alias_but_not_while_another_needs_it() {
    let home = Home::new();
    let store = home.open().await;
    let id = three(&store).await;
    store.create_alias(&id, alias("prod", "v1", Some(("v2", 20)))).await.unwrap();
    let used = "version v2 is the additional version of alias prod: change the alias first";
    assert_eq!(text(store.delete_version(&id, "v2").await), used);
    store.delete_version(&id, "v1").await.unwrap();
    assert!(store.function(&id).unwrap().aliases.is_empty());
    store.delete_version(&id, "v2").await.unwrap();
    assert_eq!(text(store.delete_alias(&id, "prod").await), format!("no alias {id}:!prod"));
    assert_eq!(text(store.update_alias(&id, alias("prod", "v3", None)).await), format!("no alias {id}:!prod"));
}

#[tokio::test]
async fn an_alias_with_triggers_stays_and_so_does_its_version() {
    let home = Home::new();
    let store = home.open().await;
    let id = three(&store).await;
    store.create_alias(&id, alias("prod", "v1", None)).await.unwrap();
    let mut call = trigger(&id, &default_group(&store).await, "/");
    call.qualifier = "!prod".into();
    let call = store.create_trigger(call).await.unwrap();
    assert_eq!(store.triggers(&id, &"!prod".into()).await.unwrap(), std::slice::from_ref(&call));
    let kept = "alias prod has triggers (1): delete them first";
    assert_eq!(text(store.delete_alias(&id, "prod").await), kept);
    assert_eq!(text(store.delete_version(&id, "v1").await), kept);

    let revision = || {
        let snapshots = store.snapshots();
        let snapshot = snapshots.load();
        snapshot.route("h", &http::Method::GET, "/").unwrap().choice.as_ref().unwrap().main().revision
    };
    let before = revision();
    store.update_alias(&id, alias("prod", "v2", None)).await.unwrap();
    assert!(revision() > before, "the trigger follows the alias");
    store.delete_trigger(&id, &call.id).await.unwrap();
    store.delete_alias(&id, "prod").await.unwrap();
    assert!(store.function(&id).unwrap().versions.contains_key("v2"));

    let mut lost = trigger(&id, &default_group(&store).await, "/");
    lost.qualifier = "!prod".into();
    assert_eq!(text(store.create_trigger(lost).await), format!("no alias {id}:!prod"));
}
