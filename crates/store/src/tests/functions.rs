use super::*;
use crate::faults::{Fault, Faults, Step};

#[tokio::test]
async fn a_function_is_listed_under_its_name_until_it_is_deleted() {
    let home = Home::new();
    let store = home.open().await;
    for name in ["web", "api"] {
        create(&store, name).await;
    }
    let listed: Vec<_> = store.functions(store.project()).iter().map(|function| function.id.name.clone()).collect();
    assert_eq!(listed, ["api", "web"]);
    assert!(store.functions("another").is_empty());

    store.delete_function(&id(&store, "web")).await.unwrap();
    assert!(store.function(&id(&store, "web")).is_none());
    assert_eq!(store.functions(store.project()).len(), 1);
}

#[tokio::test]
async fn names_are_unique_and_missing_ones_are_said_to_be_missing() {
    let home = Home::new();
    let store = home.open().await;
    let function = create(&store, "web").await;
    let urn = id(&store, "web").to_string();
    let again = store.create_function(function.id.clone(), settings(), function.latest.code.clone()).await;
    assert_eq!(text(again), format!("function {urn} exists"));

    let missing = id(&store, "nobody");
    let expect = format!("no function {missing}");
    assert_eq!(text(store.update_function(&missing, Some(settings()), None).await), expect);
    assert_eq!(text(store.update_function(&missing, None, None).await), expect);
    assert_eq!(text(store.delete_function(&missing).await), expect);
}

#[tokio::test]
async fn a_name_of_another_region_or_project_is_nobodys() {
    let home = Home::new();
    let store = home.open().await;
    let code = put(&store, "x").await;
    let elsewhere = FunctionId { region: "moon".to_owned(), ..id(&store, "web") };
    let stranger = FunctionId { project: "p".to_owned(), ..id(&store, "web") };
    let created = store.create_function(elsewhere.clone(), settings(), code.clone()).await;
    assert_eq!(text(created), format!("cannot create {elsewhere}: this is region local-1"));
    let created = store.create_function(stranger.clone(), settings(), code).await;
    assert_eq!(text(created), format!("cannot create {stranger}: there is no project p"));

    create(&store, "web").await;
    assert_eq!(text(store.delete_function(&elsewhere).await), format!("no function {elsewhere}"));
    assert_eq!(*store.generation().borrow(), 1, "what was refused is not a generation");
}

#[tokio::test]
async fn every_change_has_a_new_revision_and_the_rest_stays() {
    let home = Home::new();
    let store = home.open().await;
    let first = create(&store, "web").await;
    let other = create(&store, "other").await;
    assert!(other.latest.revision > first.latest.revision);

    let larger = FunctionConfig { memory_mb: 512, ..settings() };
    let second = store.update_function(&first.id, Some(larger), None).await.unwrap();
    assert!(second.latest.revision > other.latest.revision);
    assert_eq!((second.latest.config.memory_mb, &second.latest.code), (512, &first.latest.code));
    assert_eq!((&second.func_id, second.created), (&first.func_id, first.created));
    assert!(second.modified >= first.modified);

    let code = put(&store, "two").await;
    let third = store.update_function(&first.id, None, Some(code.clone())).await.unwrap();
    assert_eq!((third.latest.config.memory_mb, &third.latest.code), (512, &code));

    let unchanged = store.update_function(&first.id, None, None).await.unwrap();
    assert_eq!(unchanged.latest.revision, third.latest.revision);
    let neighbour = store.function(&other.id).unwrap();
    assert!(Arc::ptr_eq(&neighbour.latest, &other.latest), "a version nobody changed is the same allocation");
}

#[tokio::test]
async fn a_name_used_again_is_another_function() {
    let home = Home::new();
    let store = home.open().await;
    let first = create(&store, "web").await;
    store.delete_function(&first.id).await.unwrap();
    let second = create(&store, "web").await;
    assert_ne!(first.func_id, second.func_id);
    assert!(second.latest.revision > first.latest.revision);
}

#[tokio::test]
async fn the_four_hundred_and_first_function_is_refused() {
    let home = Home::new();
    let store = home.open().await;
    let code = put(&store, "shared").await;
    for number in 0..model::limits::FUNCTIONS {
        store.create_function(id(&store, &format!("f{number}")), settings(), code.clone()).await.unwrap();
    }
    let refused = store.create_function(id(&store, "more"), settings(), code.clone()).await;
    assert_eq!(text(refused), "at most 400 functions in a project");

    store.delete_function(&id(&store, "f7")).await.unwrap();
    store.create_function(id(&store, "more"), settings(), code).await.unwrap();
}

#[tokio::test]
async fn the_bytes_of_a_projects_packages_are_limited_together() {
    let home = Home::new();
    let store = home.open().await;
    let limit = model::limits::PROJECT_CODE_BYTES;
    let code = put(&store, "x").await;
    let sized = |size| Code { size, ..code.clone() };
    let web = store.create_function(id(&store, "web"), settings(), sized(limit - 10)).await.unwrap();
    let expect = format!("at most {limit} bytes of code in a project");
    assert_eq!(text(store.create_function(id(&store, "api"), settings(), sized(11)).await), expect);
    store.create_function(id(&store, "api"), settings(), sized(10)).await.unwrap();
    assert_eq!(text(store.update_function(&web.id, None, Some(sized(limit - 9))).await), expect);
    // The package that is replaced does not count.
    store.update_function(&web.id, None, Some(sized(limit - 11))).await.unwrap();
}

#[tokio::test]
async fn a_restart_keeps_everything_that_was_acknowledged() {
    let home = Home::new();
    let store = home.open().await;
    let config = FunctionConfig {
        description: "é 世界 '\"; DROP TABLE functions".to_owned(),
        user_data: [("K".to_owned(), "V".to_owned())].into(),
        max_instances: -1,
        ..settings()
    };
    let code = put(&store, "web").await;
    let before = store.create_function(id(&store, "web"), config, code).await.unwrap();
    let group = default_group(&store).await;
    let made = store.create_trigger(trigger(&before.id, &group, "/web")).await.unwrap();
    let (key, generation) = (store.first_credential().unwrap(), *store.generation().borrow());
    store.close().await;

    // Another region is asked for; the first one stays.
    let other = Config { region: "other".to_owned(), ..config_of(&home) };
    let store = Store::open(other).await.unwrap();
    assert_eq!(store.region(), "local-1");
    let after = store.function(&before.id).unwrap();
    assert_eq!(format!("{after:?}"), format!("{before:?}"));
    assert_eq!(after.latest.revision, before.latest.revision);
    assert_eq!(store.trigger(&before.id, &made.id).await.unwrap(), Some(made));
    assert_eq!(default_group(&store).await, group);
    assert_eq!(*store.generation().borrow(), generation);
    let credential = store.first_credential().unwrap();
    assert_eq!(credential.secret_key, key.secret_key);
    assert_eq!(credential.project, store.project());
    assert_eq!(routed(&store, "127.0.0.1", "/web/x"), "web");
    assert_eq!(std::fs::read_to_string(after.latest.code.root.join("lib/text")).unwrap(), "web");
}

fn config_of(home: &Home) -> Config {
    config(home.0.path())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_writers_at_once_lose_nothing_and_snapshots_only_grow() {
    let home = Home::new();
    let store = home.open().await;
    create(&store, "shared").await;
    let shared = id(&store, "shared");
    let mut seen = store.generation();
    let watcher = store.snapshots();
    let writers: tokio::task::JoinSet<()> = (0..8).map(|writer| write_a_lot(store.clone(), writer)).collect();
    let watching = async {
        let mut last = 0;
        while last < 1 + 8 * 25 {
            seen.changed().await.unwrap();
            let announced = *seen.borrow_and_update();
            let published = watcher.load().generation;
            assert!(published >= announced, "announced after it was published");
            assert!(announced > last, "generations only grow");
            last = announced;
        }
    };
    tokio::join!(writers.join_all(), watching);
    assert_eq!(store.functions(store.project()).len(), 1 + 8 * 5);
    store.close().await;
    assert_eq!(home.open().await.functions(&shared.project).len(), 1 + 8 * 5);
}

/// 25 changes: ten creates, ten updates of what all writers share, five deletes.
async fn write_a_lot(store: Store, writer: u8) {
    for turn in 0..10 {
        let name = format!("w{writer}t{turn}");
        create(&store, &name).await;
        let config = FunctionConfig { description: name.clone(), ..settings() };
        let updated = store.update_function(&id(&store, "shared"), Some(config), None).await.unwrap();
        assert_eq!(updated.latest.config.description, name, "a writer is shown its own change");
        if turn % 2 == 0 {
            store.delete_function(&id(&store, &name)).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_change_whose_caller_went_away_is_finished_and_published() {
    let home = Home::new();
    let store = home.open().await;
    let code = put(&store, "x").await;
    let mut seen = store.generation();
    let mut creating = Box::pin(store.create_function(id(&store, "web"), settings(), code));
    // One poll starts it; then the caller is gone.
    assert!(futures_util::poll!(&mut creating).is_pending());
    drop(creating);
    let published = tokio::time::timeout(std::time::Duration::from_secs(20), seen.changed());
    published.await.expect("the change goes on without its caller").unwrap();
    assert!(store.function(&id(&store, "web")).is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_change_waits_until_this_one_is_published() {
    let home = Home::new();
    let faults = Faults::none();
    let store = Store::open_with(config(home.0.path()), faults.clone()).await.unwrap();
    let code = put(&store, "web").await;
    let barrier = Arc::new(std::sync::Barrier::new(2));
    faults.plan(Step::Committed, Fault::Hold(Arc::clone(&barrier)));
    let looking = {
        let store = store.clone();
        tokio::task::spawn_blocking(move || {
            barrier.wait();
            // Committed, and held before it is published.
            let seen = (store.inner.database.busy(), store.function(&id(&store, "web")).is_some());
            barrier.wait();
            seen
        })
    };
    store.create_function(id(&store, "web"), settings(), code).await.unwrap();
    assert_eq!(looking.await.unwrap(), (true, false));
    assert!(!store.inner.database.busy());
}

#[tokio::test]
async fn a_closed_store_still_shows_its_snapshot_and_refuses_changes() {
    let home = Home::new();
    let store = home.open().await;
    let web = create(&store, "web").await;
    store.close().await;
    assert!(store.function(&web.id).is_some());
    assert_eq!(text(store.delete_function(&web.id).await), "cannot begin a change");
    assert_eq!(text(store.groups(store.project()).await), "cannot read the groups");
}

#[tokio::test]
async fn a_pin_is_kept_and_changes_no_revision() {
    let home = Home::new();
    let store = home.open().await;
    let (a, b) = (create(&store, "a").await, create(&store, "b").await);
    let pinned = store.pin_function(&b.id, true).await.unwrap();
    assert_eq!((pinned.pinned, pinned.latest.revision), (true, b.latest.revision));
    store.close().await;
    let store = home.open().await;
    let names = |store: &Store| -> Vec<String> {
        store.functions(store.project()).iter().map(|function| function.id.name.clone()).collect()
    };
    assert_eq!(names(&store), ["b", "a"]);
    store.pin_function(&b.id, false).await.unwrap();
    assert_eq!(names(&store), ["a", "b"]);
    store.delete_function(&a.id).await.unwrap();
    assert_eq!(text(store.pin_function(&a.id, true).await), format!("no function {}", a.id));
}
