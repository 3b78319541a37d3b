use super::*;

fn event(name: &str, content: &str) -> Value {
    json!({"name": name, "content": base64(content.as_bytes())})
}

async fn with_function() -> (Api, String) {
    let api = Api::new().await;
    api.create("web", json!({})).await.fine(200);
    let path = api.fgs("/functions/web/events");
    (api, path)
}

#[tokio::test]
async fn an_event_is_kept_changed_and_deleted() {
    let (api, path) = with_function().await;
    let created = api.post(&path, &event("first", r#"{"key":"value"}"#)).await.fine(200);
    let id = created["id"].as_str().unwrap().to_owned();
    assert_eq!(created, json!({"id": &id, "name": "first"}));
    let own = format!("{path}/{id}");
    let shown = api.get(&own).await.fine(200);
    assert_eq!((&shown["name"], &shown["content"]), (&json!("first"), &json!(base64(br#"{"key":"value"}"#))));
    assert!((shown["last_modified"].as_i64().unwrap() - model::time::now().as_second()).abs() < 60);

    let changed = api.put(&own, &json!({"content": base64(b"[1]")})).await.fine(200);
    assert_eq!(changed, created);
    assert_eq!(api.get(&own).await.fine(200)["content"], base64(b"[1]"));
    api.post(&path, &event("second", "{}")).await.fine(200);
    // The Terraform provider sends the name with every change.
    let renamed = api.put(&own, &event("other", "[2]")).await.fine(200);
    assert_eq!(renamed, json!({"id": &id, "name": "other"}));
    api.put(&own, &event("second", "[3]")).await.refused(403, "FSS.1073", &["second exists"]);
    api.put(&own, &event("1", "{")).await.refused(400, "FSS.1074", &["name must be", "content must be JSON"]);
    api.put(&own, &event("first", "[2]")).await.fine(200);
    let list = api.get(&path).await.fine(200);
    let names: Vec<_> = list["events"].as_array().unwrap().iter().filter_map(|event| event["name"].as_str()).collect();
    assert_eq!((names, &list["count"], &list["next_marker"]), (vec!["first", "second"], &json!(2), &json!(0)));

    let deleted = api.delete(&own).await;
    assert_eq!((deleted.status, deleted.body.len()), (204, 0));
    api.get(&own).await.refused(404, "FSS.1070", &[&id]);
    api.put(&own, &json!({"content": base64(b"1")})).await.refused(404, "FSS.1070", &[&id]);
    api.delete(&own).await.refused(404, "FSS.1070", &[&id]);
}

#[tokio::test]
async fn every_wrong_field_is_named() {
    let (api, path) = with_function().await;
    for name in ["", "1st", "a_", "a b", "ä", &"x".repeat(26)] {
        api.post(&path, &event(name, "{}")).await.refused(400, "FSS.1074", &["1 to 25 letters"]);
    }
    api.post(&path, &event(&"x".repeat(25), "{}")).await.fine(200);
    let both = api.post(&path, &json!({"name": "1", "content": base64(b"{")})).await;
    both.refused(400, "FSS.1074", &["name must be", "content must be JSON"]);
    api.post(&path, &json!({})).await.refused(400, "FSS.1074", &["name is missing", "content is missing"]);
    api.post(&path, &json!({"name": "a", "content": "%"})).await.refused(400, "FSS.1074", &["content"]);
    let large = format!("\"{}\"", "x".repeat(4095));
    api.post(&path, &event("large", &large)).await.refused(403, "FSS.1069", &["4096 bytes", "not 4097"]);
    api.post(&path, &event("large", &large[1..].replace('"', "").replace('x', "1"))).await.fine(200);
}

#[tokio::test]
async fn names_are_taken_once_and_ten_is_enough() {
    let (api, path) = with_function().await;
    for number in 0..10 {
        api.post(&path, &event(&format!("e{number}"), "{}")).await.fine(200);
    }
    api.post(&path, &event("e0", "{}")).await.refused(403, "FSS.1073", &["e0 exists"]);
    api.post(&path, &event("e10", "{}")).await.refused(403, "FSS.1068", &["at most 10"]);
    api.create("other", json!({})).await.fine(200);
    api.post(&api.fgs("/functions/other/events"), &event("e0", "{}")).await.fine(200);
}

#[tokio::test]
async fn events_belong_to_their_function_and_go_with_it() {
    let (api, path) = with_function().await;
    api.create("other", json!({})).await.fine(200);
    let id = api.post(&path, &event("e", "{}")).await.fine(200)["id"].as_str().unwrap().to_owned();
    api.get(&api.fgs(&format!("/functions/other/events/{id}"))).await.refused(404, "FSS.1070", &[]);
    api.get(&api.fgs("/functions/none/events")).await.refused(404, "FSS.1051", &[]);
    api.delete(&api.fgs("/functions/web")).await.fine(204);
    api.create("web", json!({})).await.fine(200);
    assert_eq!(api.get(&path).await.fine(200)["count"], 0);
}
