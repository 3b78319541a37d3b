use super::*;

#[tokio::test]
async fn a_group_has_a_host_of_its_own_where_triggers_can_be_made() {
    let api = Api::new().await;
    let group = api.group("shop").await;
    let id = group["id"].as_str().unwrap();
    assert_eq!(group["sl_domain"], format!("{id}.localhost"));
    assert_eq!((&group["is_default"], &group["status"]), (&json!(2), &json!(1)));
    let shown = api.get(&api.apig(&format!("/api-groups/{id}")).await).await.fine(200);
    assert_eq!(shown, group);

    api.create("web", json!({})).await.fine(200);
    let body = new_trigger(json!({"path": "/web", "group_id": id, "sl_domain": group["sl_domain"]}));
    let trigger = api.post(&api.fgs("/triggers/web"), &body).await.fine(201);
    assert_eq!(trigger["event_data"]["invoke_url"], format!("http://{id}.localhost:8080/web"));
    let path = api.apig(&format!("/api-groups/{id}")).await;
    api.delete(&path).await.refused(409, "APIG.3415", &["has APIs (1)"]);
    api.delete(&api.fgs("/functions/web")).await.fine(204);
    api.get(&path).await.fine(200);
    api.delete(&path).await.fine(204);
    api.get(&path).await.refused(404, "APIG.3001", &[id]);
    api.delete(&path).await.refused(404, "APIG.3001", &[id]);
}

#[tokio::test]
async fn the_default_group_is_there_and_stays() {
    let api = Api::new().await;
    api.group("shop").await;
    let listed = api.get(&api.apig("/api-groups").await).await.fine(200);
    assert_eq!((&listed["total"], &listed["groups"][0]["name"]), (&json!(2), &json!("DEFAULT")));
    assert_eq!(
        (&listed["groups"][0]["sl_domain"], &listed["groups"][0]["is_default"]),
        (&json!("127.0.0.1"), &json!(1))
    );
    api.create("web", json!({})).await.fine(200);
    let event = json!({"group_id": listed["groups"][0]["id"], "sl_domain": "127.0.0.1"});
    let trigger = api.post(&api.fgs("/triggers/web"), &new_trigger(event)).await.fine(201);
    assert_eq!(trigger["event_data"]["invoke_url"], "http://127.0.0.1:8080/web");
    let default = api.apig(&format!("/api-groups/{}", listed["groups"][0]["id"].as_str().unwrap())).await;
    api.delete(&default).await.refused(400, "APIG.2012", &["DEFAULT cannot be deleted"]);
    api.put(&default, &json!({"name": "other"})).await.refused(400, "APIG.2012", &["DEFAULT keeps its name"]);
    let changed = api.put(&default, &json!({"name": "DEFAULT", "remark": "ours"})).await.fine(200);
    assert_eq!(changed["remark"], "ours");
}

#[tokio::test]
async fn groups_are_listed_by_what_is_asked_for_page_by_page() {
    let api = Api::new().await;
    for name in ["shop", "shop2", "other"] {
        api.group(name).await;
    }
    let list = async |query: &str| {
        let listed = api.get(&api.apig(&format!("/api-groups?{query}")).await).await.fine(200);
        let names = listed["groups"].as_array().unwrap().iter().map(|group| group["name"].as_str().unwrap().to_owned());
        (names.collect::<Vec<_>>().join(" "), listed["size"].as_u64().unwrap(), listed["total"].as_u64().unwrap())
    };
    assert_eq!(list("name=shop").await, ("shop shop2".to_owned(), 2, 2));
    assert_eq!(list("name=shop&precise_search=name").await, ("shop".to_owned(), 1, 1));
    assert_eq!(list("offset=1&limit=2").await, ("shop shop2".to_owned(), 2, 4));
    assert_eq!(list("offset=9").await, (String::new(), 0, 4));
}

#[tokio::test]
async fn names_are_unique_and_what_is_wrong_is_told_at_once() {
    let api = Api::new().await;
    api.group("shop").await;
    let path = api.apig("/api-groups").await;
    api.post(&path, &json!({"name": "shop"})).await.refused(400, "APIG.3201", &["shop"]);
    api.post(&path, &json!({"remark": "x"})).await.refused(400, "APIG.2001", &["name is missing"]);
    let body = json!({"name": "-x", "remark": "r".repeat(1001), "roma_app_id": "r", "version": "V2", "more": 1});
    let parts = ["name must be", "'-x'", "not 1001", "roma_app_id is not supported", "version must be V1", "'more'"];
    api.post(&path, &body).await.refused(400, "APIG.2012", &parts);
    let check = format!("{path}/check");
    api.post(&check, &json!({"group_name": "shop"})).await.refused(400, "APIG.3201", &["shop"]);
    api.post(&check, &json!({"group_name": "free"})).await.fine(204);
}
