use model::function::Version;

use super::aliases::alias;
use super::*;

pub(super) async fn publish(store: &Store, id: &FunctionId, name: &str) -> Arc<Version> {
    let (function, qualifier) = store.publish_version(id, Some(name.to_owned()), String::new()).await.unwrap();
    Arc::clone(function.version(&qualifier).unwrap())
}

/// A change that makes the next version another one.
pub(super) async fn redeploy(store: &Store, id: &FunctionId, text: &str) -> Arc<Function> {
    let code = put(store, text).await;
    store.update_function(id, None, Some(code)).await.unwrap()
}

/// What a version serves.
fn content(version: &Version) -> String {
    std::fs::read_to_string(version.code.root.join("lib/text")).unwrap()
}

#[tokio::test]
async fn a_published_version_stays_what_it_was_whatever_becomes_of_latest() {
    let home = Home::new();
    let store = home.open().await;
    let web = create(&store, "web").await;
    let secret = model::secret::Secret::new("s").into();
    let config = FunctionConfig { encrypted_user_data: [("K".to_owned(), secret)].into(), ..settings() };
    let web = store.update_function(&web.id, Some(config), None).await.unwrap();
    let v1 = publish(&store, &web.id, "v1").await;
    assert!(v1.same_as(&web.latest, |_, _| false), "code, settings and secrets");
    assert_ne!(v1.revision, web.latest.revision, "it has instances of its own");

    redeploy(&store, &web.id, "two").await;
    let larger = FunctionConfig { memory_mb: 512, ..settings() };
    store.update_function(&web.id, Some(larger), None).await.unwrap();
    let web = store.function(&web.id).unwrap();
    assert!(Arc::ptr_eq(web.version(&v1.qualifier).unwrap(), &v1), "a version nobody changed is the same allocation");
    assert_eq!((content(&v1), v1.config.memory_mb), ("web".to_owned(), 128));

    store.close().await;
    let store = home.open().await;
    let web = store.function(&web.id).unwrap();
    let again = web.version(&v1.qualifier).unwrap();
    assert_eq!((again.revision, content(again)), (v1.revision, "web".to_owned()));
    assert_eq!(opened(&store, again, "K"), "s");
    assert_eq!(web.all_versions().map(|version| version.qualifier.to_string()).collect::<Vec<_>>(), ["latest", "v1"]);
}

#[tokio::test]
async fn nothing_new_is_not_published() {
    let home = Home::new();
    let store = home.open().await;
    let id = create(&store, "web").await.id.clone();
    let again = async || store.publish_version(&id, None, String::new()).await.map(|(_, name)| name.to_string());
    publish(&store, &id, "v1").await;
    let unchanged = format!("nothing changed since {id}:v1 was published: change code or configuration first");
    assert_eq!(text(again().await), unchanged);
    store.update_function(&id, Some(settings()), None).await.unwrap();
    assert_eq!(text(again().await), unchanged, "the same settings again are no change");

    store.update_function(&id, Some(FunctionConfig { memory_mb: 256, ..settings() }), None).await.unwrap();
    publish(&store, &id, "v2").await;
    store.update_function(&id, Some(settings()), None).await.unwrap();
    publish(&store, &id, "v3").await;
    store.delete_version(&id, "v3").await.unwrap();
    again().await.unwrap();
}

#[tokio::test]
async fn a_version_without_a_name_is_called_after_the_time() {
    let home = Home::new();
    let store = home.open().await;
    let id = create(&store, "web").await.id.clone();
    let (function, name) = store.publish_version(&id, None, "first".to_owned()).await.unwrap();
    let name = name.to_string();
    let shape: String = name.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert_eq!(shape, "v00000000-000000");
    let published = &function.versions[&name];
    assert_eq!((published.description.as_str(), published.at >= function.created), ("first", true));
    redeploy(&store, &id, "two").await;
    // In the same second another name is found.
    let (function, second) = store.publish_version(&id, None, String::new()).await.unwrap();
    assert_eq!(function.versions.len(), 2);
    assert_ne!(second.to_string(), name);
}

#[tokio::test]
async fn names_are_unique_and_missing_ones_are_named() {
    let home = Home::new();
    let store = home.open().await;
    let id = create(&store, "web").await.id.clone();
    publish(&store, &id, "v1").await;
    redeploy(&store, &id, "two").await;
    let taken = store.publish_version(&id, Some("v1".to_owned()), String::new()).await;
    assert_eq!(text(taken), format!("version {id}:v1 exists"));
    assert_eq!(text(store.delete_version(&id, "v9").await), format!("no version {id}:v9"));
    let nobody = super::id(&store, "nobody");
    let expect = format!("no function {nobody}");
    assert_eq!(text(store.publish_version(&nobody, None, String::new()).await), expect);
    assert_eq!(text(store.delete_version(&nobody, "v1").await), expect);
}

#[tokio::test]
async fn a_function_has_twenty_versions_with_latest() {
    let home = Home::new();
    let store = home.open().await;
    let id = create(&store, "web").await.id.clone();
    let mut memory = (1..).map(|number| number * 128);
    let mut next = async |name: String| {
        let config = FunctionConfig { memory_mb: memory.next().unwrap(), ..settings() };
        store.update_function(&id, Some(config), None).await.unwrap();
        store.publish_version(&id, Some(name), String::new()).await
    };
    for number in 1..20 {
        next(format!("v{number}")).await.unwrap();
    }
    assert_eq!(text(next("more".to_owned()).await), "at most 20 versions of a function, latest among them");
    store.delete_version(&id, "v3").await.unwrap();
    next("more".to_owned()).await.unwrap();
}

#[tokio::test]
async fn a_deleted_version_takes_its_triggers_and_their_host_along() {
    let home = Home::new();
    let store = home.open().await;
    let web = create(&store, "web").await;
    publish(&store, &web.id, "v1").await;
    let group = store.ensure_group(store.project(), None, "web", "web.localhost").await.unwrap();
    let mut call = trigger(&web.id, &group, "/");
    call.qualifier = Qualifier::from("v1");
    store.create_trigger(call).await.unwrap();
    assert_eq!(routed(&store, "web.localhost", "/"), "web");
    store.delete_version(&web.id, "v1").await.unwrap();
    assert_eq!(routed(&store, "web.localhost", "/"), "none");
    assert_eq!(store.groups(store.project()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_code_of_a_version_is_kept_until_it_is_deleted() {
    let home = Home::new();
    let store = home.open().await;
    let id = create(&store, "web").await.id.clone();
    let v1 = publish(&store, &id, "v1").await;
    redeploy(&store, &id, "two").await;
    let collect = async || store.collect_older_than(&std::collections::HashSet::new(), std::time::Duration::ZERO).await;
    collect().await.unwrap();
    assert_eq!((content(&v1), blobs(&home).len()), ("web".to_owned(), 2));
    store.delete_version(&id, "v1").await.unwrap();
    collect().await.unwrap();
    assert_eq!(blobs(&home), [store.function(&id).unwrap().latest.code.sha256.clone()]);
}

#[tokio::test]
async fn a_deleted_function_takes_versions_aliases_and_triggers_along() {
    let home = Home::new();
    let store = home.open().await;
    let web = create(&store, "web").await;
    publish(&store, &web.id, "v1").await;
    redeploy(&store, &web.id, "two").await;
    publish(&store, &web.id, "v2").await;
    let prod = alias("prod", "v1", Some(("v2", 20)));
    store.create_alias(&web.id, prod).await.unwrap();
    let group = default_group(&store).await;
    for (path, qualifier) in [("/v", "v2"), ("/a", "!prod"), ("/l", "latest")] {
        let mut call = trigger(&web.id, &group, path);
        call.qualifier = qualifier.into();
        store.create_trigger(call).await.unwrap();
    }
    store.delete_function(&web.id).await.unwrap();
    for table in ["versions", "aliases", "triggers"] {
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}")))
            .fetch_one(store.inner.database.readers())
            .await
            .unwrap();
        assert_eq!(count, 0, "{table}");
    }
}
