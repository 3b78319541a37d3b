use super::*;

#[tokio::test]
async fn routes_appear_and_disappear_with_their_triggers() {
    let home = Home::new();
    let store = home.open().await;
    let web = create(&store, "web").await;
    let group = default_group(&store).await;
    assert_eq!(routed(&store, "h", "/web"), "none");
    let made = store.create_trigger(trigger(&web.id, &group, "/web")).await.unwrap();
    assert_eq!(routed(&store, "h", "/web/page"), "web");

    let mut moved = made.clone();
    moved.api.path = "/moved".to_owned();
    let moved = store.update_trigger(moved).await.unwrap();
    assert_eq!((routed(&store, "h", "/web"), routed(&store, "h", "/moved")), ("none".to_owned(), "web".to_owned()));
    assert_eq!(moved.created, made.created);
    assert!(moved.updated >= made.updated);
    assert_eq!(store.triggers(&web.id, &Qualifier::Latest).await.unwrap(), [moved]);

    store.delete_trigger(&web.id, &made.id).await.unwrap();
    assert_eq!(routed(&store, "h", "/moved"), "none");
    assert_eq!(store.trigger(&web.id, &made.id).await.unwrap(), None);
}

#[tokio::test]
async fn a_redeploy_keeps_the_triggers_and_routes_to_the_new_revision() {
    let home = Home::new();
    let store = home.open().await;
    let web = create(&store, "web").await;
    store.create_trigger(trigger(&web.id, &default_group(&store).await, "/")).await.unwrap();
    let code = put(&store, "two").await;
    let second = store.update_function(&web.id, None, Some(code)).await.unwrap();
    let snapshots = store.snapshots();
    let snapshot = snapshots.load();
    let route = snapshot.route("h", &http::Method::GET, "/").unwrap();
    assert_eq!(route.choice.as_ref().unwrap().main().revision, second.latest.revision);
}

#[tokio::test]
async fn a_host_of_ones_own_is_made_once_and_goes_with_its_last_function() {
    let home = Home::new();
    let store = home.open().await;
    let (web, api) = (create(&store, "web").await, create(&store, "api").await);
    let group = store.ensure_group(store.project(), None, "web", "Web.localhost").await.unwrap();
    assert_eq!(group.domain.as_deref(), Some("web.localhost"));
    let again = store.ensure_group(store.project(), Some("other"), "other", "WEB.localhost").await.unwrap();
    assert_eq!(again, group);

    store.create_trigger(trigger(&web.id, &group, "/")).await.unwrap();
    store.create_trigger(trigger(&api.id, &group, "/api")).await.unwrap();
    assert_eq!(routed(&store, "web.localhost", "/api/x"), "api");
    store.delete_function(&web.id).await.unwrap();
    assert_eq!(store.groups(store.project()).await.unwrap().len(), 2, "the other function still uses it");
    store.delete_function(&api.id).await.unwrap();
    let left = store.groups(store.project()).await.unwrap();
    assert_eq!(left.iter().map(|group| group.name.as_str()).collect::<Vec<_>>(), ["DEFAULT"]);
}

#[tokio::test]
async fn a_group_id_stands_for_one_domain() {
    let home = Home::new();
    let store = home.open().await;
    let group = store.ensure_group(store.project(), Some("G"), "mine", "a.test").await.unwrap();
    assert_eq!((group.id.as_str(), group.name.as_str()), ("G", "mine"));
    let refused = store.ensure_group(store.project(), Some("G"), "mine", "b.test").await;
    assert_eq!(text(refused), "group G exists and answers at a.test");
}

/// Creates a trigger at `/user` (prefix, any method), then another as `change` makes it; says whether both fit.
async fn check(change: impl FnOnce(&mut Trigger), expect: &str) {
    let home = Home::new();
    let store = home.open().await;
    let (web, api) = (create(&store, "web").await, create(&store, "api").await);
    let group = default_group(&store).await;
    let first = store.create_trigger(trigger(&web.id, &group, "/user")).await.unwrap();
    let mut second = trigger(&api.id, &group, "/user");
    change(&mut second);
    let got = match store.create_trigger(second).await {
        Ok(_) => "both".to_owned(),
        Err(error) => error.to_string().replace(&first.id, "ID").replace(store.project(), "P"),
    };
    assert_eq!(got, expect);
}

const TAKEN: &str = "path /user (method ANY, match mode SWA) exists in API group DEFAULT: it belongs to trigger ID of function \
                     urn:fss:local-1:P:function:default:web:latest";

#[tokio::test]
async fn the_same_path_method_and_mode_belong_to_one_trigger() {
    check(|_| {}, TAKEN).await;
    check(|trigger| trigger.api.path = "/user/".to_owned(), TAKEN).await;
    check(|trigger| trigger.api.path = "/users".to_owned(), "both").await;
    check(|trigger| trigger.api.method = Some("GET".to_owned()), "both").await;
    check(|trigger| trigger.api.match_mode = MatchMode::Exact, "both").await;
}

#[tokio::test]
async fn an_update_may_not_take_anothers_path_but_may_keep_its_own() {
    let home = Home::new();
    let store = home.open().await;
    let web = create(&store, "web").await;
    let group = default_group(&store).await;
    store.create_trigger(trigger(&web.id, &group, "/a")).await.unwrap();
    let mut second = store.create_trigger(trigger(&web.id, &group, "/b")).await.unwrap();
    second.api.timeout_ms = 9;
    assert_eq!(store.update_trigger(second.clone()).await.unwrap().api.timeout_ms, 9);
    second.api.path = "/a".to_owned();
    assert!(text(store.update_trigger(second).await).starts_with("path /a (method ANY"));
}

#[tokio::test]
async fn missing_functions_versions_groups_and_triggers_are_named() {
    let home = Home::new();
    let store = home.open().await;
    let web = create(&store, "web").await;
    let group = default_group(&store).await;
    let missing = id(&store, "nobody");
    let no_function = format!("no function {missing}");
    assert_eq!(text(store.create_trigger(trigger(&missing, &group, "/")).await), no_function);
    assert_eq!(text(store.triggers(&missing, &Qualifier::Latest).await), no_function);
    assert_eq!(text(store.delete_trigger(&missing, "t").await), no_function);
    assert_eq!(text(store.delete_triggers(&missing, &Qualifier::Latest).await), no_function);
    assert_eq!(text(store.delete_trigger(&web.id, "t").await), "no trigger t");

    let mut published = trigger(&web.id, &group, "/");
    published.qualifier = Qualifier::Version("v1".to_owned());
    assert_eq!(text(store.create_trigger(published).await), format!("no version {}:v1", web.id));
    let mut lost = trigger(&web.id, &group, "/");
    assert_eq!(text(store.update_trigger(lost.clone()).await), format!("no trigger {}", lost.id));
    lost.api.group_id = "gone".to_owned();
    assert_eq!(text(store.create_trigger(lost).await), "there is no API group gone any more: try again");
}

#[tokio::test]
async fn a_version_has_at_most_ten_triggers() {
    let home = Home::new();
    let store = home.open().await;
    let web = create(&store, "web").await;
    let group = default_group(&store).await;
    for number in 0..10 {
        store.create_trigger(trigger(&web.id, &group, &format!("/{number}"))).await.unwrap();
    }
    let refused = store.create_trigger(trigger(&web.id, &group, "/10")).await;
    assert_eq!(text(refused), "at most 10 triggers of a function version");
    store.delete_triggers(&web.id, &Qualifier::Latest).await.unwrap();
    store.create_trigger(trigger(&web.id, &group, "/10")).await.unwrap();
    assert_eq!(routed(&store, "h", "/1"), "none");
}

#[tokio::test]
async fn a_trigger_id_is_used_once() {
    let home = Home::new();
    let store = home.open().await;
    let web = create(&store, "web").await;
    let group = default_group(&store).await;
    let first = store.create_trigger(trigger(&web.id, &group, "/a")).await.unwrap();
    let mut second = trigger(&web.id, &group, "/b");
    second.id = first.id.clone();
    assert_eq!(text(store.create_trigger(second).await), format!("trigger {} exists", first.id));
}

#[tokio::test]
async fn another_project_is_not_told_whose_path_it_is() {
    let home = Home::new();
    let store = home.open().await;
    let web = create(&store, "web").await;
    store.create_trigger(trigger(&web.id, &default_group(&store).await, "/")).await.unwrap();
    for statement in [
        "INSERT INTO projects (id, created) VALUES ('p2', 0)",
        "INSERT INTO api_groups (project, id, name) VALUES ('p2', 'g2', 'DEFAULT')",
    ] {
        sqlx::query(statement).execute(store.inner.database.writer()).await.unwrap();
    }
    let theirs = FunctionId { project: "p2".to_owned(), ..id(&store, "web") };
    store.create_function(theirs.clone(), settings(), put(&store, "x").await).await.unwrap();
    let group = default_group_of(&store, "p2").await;
    let refused = text(store.create_trigger(trigger(&theirs, &group, "/")).await);
    assert_eq!(
        refused,
        "path / (method ANY, match mode SWA) exists in API group DEFAULT: it belongs to a function of another project"
    );
    store.ensure_group(store.project(), None, "own", "own.test").await.unwrap();
    let refused = text(store.ensure_group("p2", None, "own", "own.test").await);
    assert_eq!(refused, "the domain own.test belongs to a group of another project");
}

async fn default_group_of(store: &Store, project: &str) -> Group {
    store.groups(project).await.unwrap().into_iter().find(Group::is_default).unwrap()
}
