use super::*;
use crate::audit::{Actor, Elsewhere, Event, Verdict, Wanted, acting};
use crate::faults::{Fault, Faults, Step};

fn actor(event: &str) -> Actor {
    Actor {
        project: "p".to_owned(),
        user_id: "u0".to_owned(),
        user_name: "ada".to_owned(),
        access_key: "AK".to_owned(),
        address: "127.0.0.1".to_owned(),
        request_id: "r".to_owned(),
        operation: "Operation".to_owned(),
        event: event.to_owned(),
    }
}

/// All events that the project "p" sees, oldest first.
async fn events(store: &Store) -> Vec<Event> {
    let mut all = store.audit("p", &Wanted { limit: 100, ..Wanted::default() }).await.unwrap();
    all.reverse();
    all
}

/// What each event says of its change: name, kind of resource, and whether it was there before and after.
async fn story(store: &Store) -> Vec<(String, String, bool, bool)> {
    let line =
        |event: Event| (event.actor.event, event.resource_type, !event.before.is_empty(), !event.after.is_empty());
    events(store).await.into_iter().map(line).collect()
}

fn said(event: &str, kind: &str, before: bool, after: bool) -> (String, String, bool, bool) {
    (event.to_owned(), kind.to_owned(), before, after)
}

#[tokio::test]
async fn every_change_is_an_event_with_the_state_before_and_after() {
    let home = Home::new();
    let store = home.open().await;
    let function = acting(actor("create"), create(&store, "web")).await;
    let changed = FunctionConfig { memory_mb: 512, ..settings() };
    acting(actor("config"), store.update_function(&function.id, Some(changed.clone()), None)).await.unwrap();
    acting(actor("same"), store.update_function(&function.id, Some(changed), None)).await.unwrap();
    let group = default_group(&store).await;
    acting(actor("trigger"), store.create_trigger(trigger(&function.id, &group, "/a"))).await.unwrap();
    acting(actor("delete"), store.delete_function(&function.id)).await.unwrap();
    assert_eq!(
        story(&store).await,
        [
            said("create", "Functions", false, true),
            said("config", "Functions", true, true),
            said("trigger", "Trigger", false, true),
            said("delete", "Functions", true, false),
            said("delete", "Trigger", true, false),
        ]
    );
    let all = events(&store).await;
    assert_eq!(all[0].after, all[1].before, "one state has one digest");
    assert_eq!((all[0].actor.clone(), all[0].resource_name.as_str()), (actor("create"), "web"));
    assert_eq!(all[0].resource_id, function.func_id);
}

#[tokio::test]
async fn what_does_not_happen_is_no_event_and_what_is_refused_is_one() {
    let home = Home::new();
    let faults = Faults::none();
    let store = Store::open_with(config(home.0.path()), faults.clone()).await.unwrap();
    let code = put(&store, "x").await;
    faults.plan(Step::Written, Fault::DiskFull);
    let lost = acting(actor("create"), store.create_function(id(&store, "web"), settings(), code)).await;
    assert_eq!(text(lost), "no space left on the data folder's disk");
    assert!(events(&store).await.is_empty());

    store.note_refusal(actor("create"), "/v2/p/fgs/functions", 409, "exists").await.unwrap();
    let refused = events(&store).await.remove(0);
    assert_eq!((refused.status, refused.message.as_str()), (409, "exists"));
    assert_eq!(refused.resource_name, "/v2/p/fgs/functions");
}

#[tokio::test]
async fn what_is_changed_elsewhere_is_an_event_if_it_is_changed() {
    let home = Home::new();
    let store = home.open().await;
    let runtime = (Elsewhere::Runtime, "java17");
    store.note_elsewhere(actor("install"), runtime, ("", "17.0.1")).await.unwrap();
    store.note_elsewhere(actor("again"), runtime, ("17.0.1", "17.0.1")).await.unwrap();
    store.note_elsewhere(actor("other"), runtime, ("17.0.1", "17.0.2")).await.unwrap();
    let expect = [said("install", "Runtimes", false, true), said("other", "Runtimes", true, true)];
    assert_eq!(story(&store).await, expect);
    let all = events(&store).await;
    assert_eq!(all[0].after, all[1].before, "one state has one digest");
    assert_eq!((all[1].resource_name.as_str(), all[1].message.as_str()), ("java17", "17.0.2"));
}

#[tokio::test]
async fn another_project_sees_nothing_of_it() {
    let home = Home::new();
    let store = home.open().await;
    acting(actor("create"), create(&store, "web")).await;
    assert!(store.audit("q", &Wanted { limit: 9, ..Wanted::default() }).await.unwrap().is_empty());
}

#[tokio::test]
async fn events_are_found_by_each_of_their_marks_and_page_by_page() {
    let home = Home::new();
    let store = home.open().await;
    for name in ["a", "b", "c"] {
        acting(actor(name), create(&store, name)).await;
    }
    let found = async |wanted: Wanted| -> String {
        let found = store.audit("p", &Wanted { limit: 2, ..wanted }).await.unwrap();
        found.into_iter().map(|event| event.resource_name).collect::<Vec<_>>().join(" ")
    };
    let all = Wanted::default;
    assert_eq!(found(all()).await, "c b");
    assert_eq!(found(Wanted { before: Some(2), ..all() }).await, "a");
    assert_eq!(found(Wanted { event: "b".to_owned(), ..all() }).await, "b");
    assert_eq!(found(Wanted { resource_name: "a".to_owned(), ..all() }).await, "a");
    assert_eq!(found(Wanted { user: "nobody".to_owned(), ..all() }).await, "");
    assert_eq!(found(Wanted { refused: Some(true), ..all() }).await, "");
    assert_eq!(found(Wanted { from: Some(model::time::now()), ..all() }).await, "");
    assert_eq!(found(Wanted { to: Some(jiff::Timestamp::UNIX_EPOCH), ..all() }).await, "");
}

/// Four events, and what somebody with the database in their hands does: without its triggers.
async fn tampered(home: &Home, tampering: &str) -> Store {
    let store = home.open().await;
    for name in ["a", "b", "c", "d"] {
        acting(actor("create"), create(&store, name)).await;
    }
    let before = store.verify_audit().await.unwrap();
    assert_eq!((before.events, before.broken_at), (4, None));
    let refused = sqlx::query(sqlx::AssertSqlSafe(tampering.to_owned())).execute(store.inner.database.writer()).await;
    if !tampering.contains("audit_head") {
        assert!(refused.unwrap_err().to_string().contains("only ever added to"), "{tampering}");
    }
    let free = "DROP TRIGGER audit_update; DROP TRIGGER audit_delete; DROP TRIGGER audit_insert;";
    let all = sqlx::AssertSqlSafe(format!("{free} {tampering}"));
    sqlx::raw_sql(all).execute(store.inner.database.writer()).await.unwrap();
    store
}

/// What the chain says then, at once, after a restart and with one more event.
async fn verdict_after(tampering: &str) -> Option<u64> {
    let home = Home::new();
    let store = tampered(&home, tampering).await;
    let broken_at = store.verify_audit().await.unwrap().broken_at;
    store.close().await;
    let store = home.open().await;
    assert_eq!(store.verify_audit().await.unwrap().broken_at, broken_at, "{tampering}");
    acting(actor("create"), create(&store, "e")).await;
    assert!(store.verify_audit().await.unwrap().broken_at.is_some(), "{tampering}: it does not heal");
    broken_at
}

#[tokio::test]
async fn whoever_changes_removes_or_inserts_an_event_is_noticed() {
    assert_eq!(verdict_after("UPDATE audit SET user_name = 'bob' WHERE number = 2").await, Some(2));
    assert_eq!(verdict_after("UPDATE audit SET at = at + 1 WHERE number = 1").await, Some(1));
    assert_eq!(verdict_after("DELETE FROM audit WHERE number = 3").await, Some(4));
    assert_eq!(verdict_after("UPDATE audit SET hash = 'x' WHERE number = 2").await, Some(2));
}

#[tokio::test]
async fn whoever_cuts_the_end_off_is_noticed() {
    assert_eq!(verdict_after("DELETE FROM audit WHERE number = 4").await, Some(4));
    assert_eq!(verdict_after("DELETE FROM audit WHERE number > 1").await, Some(2));
    assert_eq!(verdict_after("DELETE FROM audit").await, Some(1));
    assert_eq!(verdict_after("DELETE FROM audit_head").await, Some(5));
    assert_eq!(verdict_after("UPDATE audit_head SET seal = 'AAAA'").await, Some(5));
}

#[tokio::test]
async fn the_database_itself_refuses_what_is_not_an_addition() {
    let home = Home::new();
    tampered(&home, "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE number = 2").await;
}

/// The folder of a funcd that kept no heads yet.
#[tokio::test]
async fn a_trail_of_before_is_taken_as_it_is_and_guarded_from_then_on() {
    let home = Home::new();
    let store = home.open().await;
    for name in ["a", "b", "c"] {
        acting(actor("create"), create(&store, name)).await;
    }
    let before = "DROP TRIGGER audit_update; DROP TRIGGER audit_delete; DROP TRIGGER audit_insert; DROP TABLE audit_head; \
                  DELETE FROM _sqlx_migrations WHERE version = 12";
    sqlx::raw_sql(before).execute(store.inner.database.writer()).await.unwrap();
    store.close().await;
    let store = home.open().await;
    acting(actor("create"), create(&store, "d")).await;
    let verdict = store.verify_audit().await.unwrap();
    assert_eq!((verdict.events, verdict.broken_at), (4, None));
    store.close().await;
    assert_eq!(verdict_of(&home, "DELETE FROM audit WHERE number > 2").await, Some(3));
}

async fn verdict_of(home: &Home, tampering: &str) -> Option<u64> {
    let store = home.open().await;
    let free = "DROP TRIGGER audit_update; DROP TRIGGER audit_delete; DROP TRIGGER audit_insert;";
    let all = sqlx::AssertSqlSafe(format!("{free} {tampering}"));
    sqlx::raw_sql(all).execute(store.inner.database.writer()).await.unwrap();
    store.verify_audit().await.unwrap().broken_at
}

#[tokio::test]
async fn the_chain_goes_on_after_a_restart() {
    let home = Home::new();
    let store = home.open().await;
    acting(actor("create"), create(&store, "a")).await;
    let Verdict { head, .. } = store.verify_audit().await.unwrap();
    store.close().await;
    drop(store);
    let store = home.open().await;
    assert_eq!(store.verify_audit().await.unwrap().head, head);
    acting(actor("create"), create(&store, "b")).await;
    let Verdict { events, broken_at, head: later } = store.verify_audit().await.unwrap();
    assert_eq!((events, broken_at), (2, None));
    assert_ne!(later, head);
}
