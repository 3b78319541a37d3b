use super::*;

impl Api {
    fn functions(&self, rest: &str) -> String {
        format!("/v2/{}/functions{rest}", self.credential.project)
    }

    async fn tag(&self, function: &str, tags: Value) -> Answer {
        self.post(&self.functions(&format!("/{function}/tags/create")), &json!({"tags": tags})).await
    }

    async fn untag(&self, function: &str, tags: Value) -> Answer {
        let body = json!({"tags": tags}).to_string();
        let path = self.functions(&format!("/{function}/tags/delete"));
        self.send(self.signed("DELETE", &path, &[], body.as_bytes())).await
    }

    async fn tags_of(&self, function: &str) -> Value {
        self.get(&self.functions(&format!("/{function}/tags"))).await.fine(200)["tags"].clone()
    }
}

async fn with_function() -> Api {
    let api = Api::new().await;
    api.create("web", json!({})).await.fine(200);
    api
}

#[tokio::test]
async fn tags_are_added_replaced_removed_and_survive_updates() {
    let api = with_function().await;
    let urn = format!("{}:latest", api.urn("web"));
    let added = api.tag(&urn, json!([{"key": "team", "value": "web"}, {"key": "environment"}])).await;
    assert_eq!((added.status, added.body.len()), (204, 0));
    api.tag("web", json!([{"key": "team", "value": "core/a"}])).await.fine(204);
    api.put(&api.fgs("/functions/web/config"), &json!({"memory_size": 512})).await.fine(200);
    let expect = json!([{"key": "environment", "value": ""}, {"key": "team", "value": "core/a"}]);
    assert_eq!(api.tags_of("web").await, expect);

    let removed = api.untag("web", json!([{"key": "none"}, {"key": "team", "value": "other"}])).await;
    assert_eq!((removed.status, removed.body.len()), (204, 0));
    assert_eq!(api.tags_of("web").await, expect, "one is not there, the other has another value");
    api.untag("web", json!([{"key": "team", "value": "core/a"}])).await.fine(204);
    assert_eq!(api.tags_of("web").await, json!([{"key": "environment", "value": ""}]));
    api.delete(&api.fgs("/functions/web")).await.fine(204);
    api.create("web", json!({})).await.fine(200);
    assert_eq!(api.tags_of("web").await, json!([]));
}

#[tokio::test]
async fn a_new_function_may_have_tags() {
    let api = Api::new().await;
    let list = json!([{"key": "a", "value": "1"}]);
    let given = [list.clone(), json!({"a": "1"}), json!(list.to_string()), json!(r#"{"a":"1"}"#)];
    for (number, tags) in given.into_iter().enumerate() {
        let name = format!("web{number}");
        api.create(&name, json!({"tags": tags})).await.fine(200);
        assert_eq!(api.tags_of(&name).await, list);
    }
    api.create("none", json!({"tags": ""})).await.fine(200);
    api.create("bad", json!({"tags": "a=1"})).await.refused(400, "FSS.0400", &["tags must be a list"]);
    api.create("bad", json!({"tags": {"_sys_a": "1"}})).await.refused(400, "FSS.0400", &["_sys_a"]);
    api.get(&api.functions("/bad/tags")).await.refused(404, "FSS.1051", &[]);
}

#[tokio::test]
async fn every_wrong_tag_is_named() {
    let api = with_function().await;
    for key in ["", " a", "a ", "_sys_a", "a/b", "a\n", &"x".repeat(129)] {
        api.tag("web", json!([{"key": key}])).await.refused(400, "FSS.0400", &["1 to 128 letters"]);
    }
    api.tag("web", json!([{"key": "a", "value": "x".repeat(256)}, {"key": "?"}])).await.refused(
        400,
        "FSS.0400",
        &["at most 255", "'?'"],
    );
    api.tag("web", json!([{"key": "a"}, {"key": "a"}])).await.refused(400, "FSS.0400", &["'a' is there twice"]);
    api.tag("web", json!([])).await.refused(400, "FSS.0400", &["tags is missing"]);
    let path = api.functions("/web/tags/create");
    let system = json!({"tags": [{"key": "a"}], "sys_tags": [{"key": "_sys_b", "value": "c"}], "action": "delete"});
    api.post(&path, &system).await.refused(400, "FSS.0400", &["sys_tags", "action must be create"]);
    let other = format!("/v2/{}/buckets/web/tags", api.credential.project);
    api.get(&other).await.refused(400, "FSS.0400", &["resource_type must be functions"]);
    assert_eq!(api.tags_of("web").await, json!([]));
    api.tag("web", json!([{"key": "Größe 1_.:=+-@", "value": "äß 1_.:/=+-@"}])).await.fine(204);
}

#[tokio::test]
async fn twenty_tags_are_enough() {
    let api = with_function().await;
    let many: Vec<_> = (0..20).map(|number| json!({"key": format!("k{number}"), "value": "v"})).collect();
    api.tag("web", json!(many)).await.fine(204);
    api.tag("web", json!([{"key": "k0", "value": "w"}])).await.fine(204);
    api.tag("web", json!([{"key": "k1", "value": "w"}, {"key": "more"}])).await.refused(
        400,
        "FSS.0400",
        &["at most 20"],
    );
    let tags = api.tags_of("web").await;
    assert_eq!((tags.as_array().unwrap().len(), &tags[0]["value"], &tags[1]["value"]), (20, &json!("w"), &json!("v")));
}

#[tokio::test]
async fn functions_are_found_by_name_and_tags() {
    let api = Api::new().await;
    for (name, tags) in
        [("alpha", json!({"team": "a", "stage": "test"})), ("beta", json!({"team": "b"})), ("gamma", json!(""))]
    {
        api.create(name, json!({"tags": tags})).await.fine(200);
    }
    let find = async |body: Value| -> Vec<String> {
        let found = api.post(&api.functions("/resource-instances/filter"), &body).await.fine(200);
        let count = api.post(&api.functions("/resource-instances/count"), &body).await.fine(200);
        let names: Vec<_> = found["resources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["resource_name"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(count, json!({"total_count": found["total_count"]}));
        names
    };
    assert_eq!(find(json!({})).await, ["alpha", "beta", "gamma"]);
    assert_eq!(find(json!({"matches": [{"key": "resource_name", "value": "eta"}]})).await, ["beta"]);
    assert_eq!(find(json!({"tags": [{"key": "team", "values": []}]})).await, ["alpha", "beta"]);
    assert_eq!(find(json!({"tags": [{"key": "team", "values": ["b", "c"]}]})).await, ["beta"]);
    let both = json!([{"key": "team", "values": ["a", "b"]}, {"key": "stage", "values": ["test"]}]);
    assert_eq!(find(json!({"tags": both})).await, ["alpha"]);
    assert_eq!(find(json!({"without_any_tag": true})).await, ["gamma"]);
    assert_eq!(find(json!({"limit": "1", "offset": "1"})).await, ["beta"]);
    assert_eq!(find(json!({"limit": 100, "offset": 3})).await, [""; 0]);
    let platform = |value: &str| json!({"sys_tags": [{"key": "_sys_enterprise_project_id", "values": [value]}]});
    assert_eq!((find(platform("0")).await.len(), find(platform("1")).await.len()), (3, 0));

    let project = api.get(&api.functions("/tags")).await.fine(200);
    assert_eq!(project["tags"], json!([{"key": "stage", "values": ["test"]}, {"key": "team", "values": ["a", "b"]}]));
    let found = api.post(&api.functions("/resource-instances/filter"), &json!({"limit": 1})).await.fine(200);
    let id = found["resources"][0]["resource_id"].as_str().unwrap().to_owned();
    assert_eq!(found["resources"][0]["resource_detail"]["detailId"], api.urn("alpha"));
    assert_eq!(api.tags_of(&id).await.as_array().unwrap().len(), 2, "a resource_id names the function too");

    let path = api.functions("/resource-instances/filter");
    let wrong = json!({"limit": 0, "matches": [{"key": "id"}], "action": "count"});
    api.post(&path, &wrong).await.refused(400, "FSS.0400", &["limit must be 1 to 1000", "resource_name", "action"]);
    api.post(&api.functions("/resource-instances/list"), &json!({})).await.refused(
        400,
        "FSS.0400",
        &["filter or count"],
    );
}
