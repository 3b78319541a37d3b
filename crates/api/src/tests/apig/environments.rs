use super::*;

const RELEASE: &str = "DEFAULT_ENVIRONMENT_RELEASE_ID";

async fn environment(api: &Api, name: &str) -> String {
    let made = api.post(&api.apig("/envs").await, &json!({"name": name, "remark": "r"})).await.fine(201);
    made["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn release_is_there_and_others_come_and_go() {
    let api = Api::new().await;
    let test = environment(&api, "test").await;
    let listed = api.get(&api.apig("/envs").await).await.fine(200);
    let names: Vec<_> = listed["envs"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
    assert_eq!((names, &listed["envs"][0]["id"]), (vec![json!("RELEASE"), json!("test")], &json!(RELEASE)));
    let path = api.apig(&format!("/envs/{test}")).await;
    let changed = api.put(&path, &json!({"name": "stage"})).await.fine(200);
    assert_eq!((&changed["name"], &changed["remark"]), (&json!("stage"), &json!("r")));
    api.delete(&path).await.fine(204);
    api.delete(&path).await.refused(404, "APIG.3003", &[&test]);
    let release = api.apig(&format!("/envs/{RELEASE}")).await;
    api.delete(&release).await.refused(400, "APIG.2012", &["RELEASE cannot be deleted"]);
    api.put(&release, &json!({"name": "other"})).await.refused(400, "APIG.2012", &["RELEASE cannot be changed"]);
}

#[tokio::test]
async fn environments_are_few_and_their_names_unique() {
    let api = Api::new().await;
    let path = api.apig("/envs").await;
    for number in 1..10 {
        environment(&api, &format!("env{number}")).await;
    }
    api.post(&path, &json!({"name": "env10"})).await.refused(403, "APIG.3104", &["at most 10"]);
    api.post(&path, &json!({"name": "env1"})).await.refused(400, "APIG.3205", &["env1"]);
    api.post(&path, &json!({"name": "RELEASE"})).await.refused(400, "APIG.3205", &["RELEASE"]);
    api.post(&path, &json!({"name": "1x"})).await.refused(400, "APIG.2012", &["name must be 3 to 64"]);
    api.post(&path, &json!({})).await.refused(400, "APIG.2001", &["name is missing"]);
}

#[tokio::test]
async fn a_variable_belongs_to_a_group_in_an_environment() {
    let api = Api::new().await;
    let (group, test) = (api.group("shop").await, environment(&api, "test").await);
    let path = api.apig("/env-variables").await;
    let body = json!({"group_id": group["id"], "env_id": test, "variable_name": "base", "variable_value": "v1"});
    let made = api.post(&path, &body).await.fine(201);
    api.post(&path, &body).await.refused(400, "APIG.3209", &["base"]);
    let own = format!("{path}/{}", made["id"].as_str().unwrap());
    assert_eq!(api.get(&own).await.fine(200), made);
    assert_eq!(api.put(&own, &json!({"variable_value": "v2"})).await.fine(200)["variable_value"], "v2");
    let listed =
        api.get(&format!("{path}?group_id={}&variable_name=ba", group["id"].as_str().unwrap())).await.fine(200);
    assert_eq!((&listed["total"], &listed["variables"][0]["variable_value"]), (&json!(1), &json!("v2")));
    api.get(&path).await.refused(400, "APIG.2001", &["group_id is missing"]);
    api.delete(&own).await.fine(204);
    api.get(&own).await.refused(404, "APIG.3011", &[]);
    api.delete(&own).await.refused(404, "APIG.3011", &[]);

    for (field, value, expect) in [
        ("group_id", "none", (404, "APIG.3001")),
        ("env_id", "none", (404, "APIG.3003")),
        ("variable_name", "a#", (400, "APIG.2012")),
        ("variable_value", "a b", (400, "APIG.2012")),
        ("variable_value", "", (400, "APIG.2001")),
    ] {
        let mut wrong = body.clone();
        wrong[field] = json!(value);
        api.post(&path, &wrong).await.refused(expect.0, expect.1, &[]);
    }
}

#[tokio::test]
async fn nothing_of_an_environment_is_left() {
    let api = Api::new().await;
    let (app, one) = (api.app("shop").await, api.api_with("one", "APP").await);
    let test = environment(&api, "test").await;
    let act = async |action: &str| {
        let body = json!({"action": action, "env_id": test, "api_id": one});
        api.post(&api.apig("/apis/action").await, &body).await.fine(201)
    };
    let publish_id = act("online").await["publish_id"].clone();
    let auth = json!({"env_id": test, "app_ids": [app["id"]], "api_ids": [one]});
    api.post(&api.apig("/app-auths").await, &auth).await.fine(201);
    let acl = json!({"acl_name": "office", "acl_type": "DENY", "entity_type": "IP", "acl_value": "192.0.2.1"});
    let acl = api.post(&api.apig("/acls").await, &acl).await.fine(201)["id"].clone();
    let bind = json!({"acl_id": acl, "publish_ids": [publish_id]});
    api.post(&api.apig("/acl-bindings").await, &bind).await.fine(201);
    act("offline").await;
    api.delete(&api.apig(&format!("/envs/{test}")).await).await.fine(204);
    let bound = api.get(&api.apig(&format!("/acl-bindings/binded-acls?api_id={one}")).await).await.fine(200);
    assert_eq!(bound["total"], 0);
    let listed = api.get(&api.apig("/acls").await).await.fine(200);
    assert_eq!(listed["acls"][0]["bind_num"], 0);
    let allowed = api.apig(&format!("/app-auths/binded-apps?api_id={one}")).await;
    assert_eq!(api.get(&allowed).await.fine(200)["total"], 0);
    assert!(api.store.callers().clients().all(|client| client.grants.is_empty()), "the Snapshot has forgotten it too");
}
