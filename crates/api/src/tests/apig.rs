//! The API gateway's management, resource by resource.

mod apis;
mod app_auths;
mod app_codes;
mod apps;
mod authorizers;
mod debug;
mod domains;
mod environments;
mod groups;
mod policies;

use super::*;

impl Api {
    /// `/v2/<project>/apigw/instances/<id><rest>`
    pub(super) async fn apig(&self, rest: &str) -> String {
        let project = &self.credential.project;
        let instances = self.get(&format!("/v2/{project}/apigw/instances")).await.fine(200);
        let id = instances["instances"][0]["id"].as_str().unwrap().to_owned();
        format!("/v2/{project}/apigw/instances/{id}{rest}")
    }

    /// A new app.
    pub(super) async fn app(&self, name: &str) -> Value {
        self.post(&self.apig("/apps").await, &json!({"name": name})).await.fine(201)
    }

    /// A function with a trigger that asks for `auth`; gives the API's id.
    pub(super) async fn api_with(&self, name: &str, auth: &str) -> String {
        self.create(name, json!({})).await.fine(200);
        let path = self.fgs(&format!("/triggers/{}", self.urn(name)));
        let made = self.post(&path, &new_trigger(json!({"auth": auth, "path": format!("/{name}")}))).await.fine(201);
        made["event_data"]["api_id"].as_str().unwrap().to_owned()
    }

    /// A group of its own; gives what was answered.
    pub(super) async fn group(&self, name: &str) -> Value {
        self.post(&self.apig("/api-groups").await, &json!({"name": name})).await.fine(201)
    }
}

/// The id of what was made.
fn id(made: &Value) -> &str {
    made["id"].as_str().unwrap()
}

#[tokio::test]
async fn there_is_one_gateway_and_it_is_named_in_every_path() {
    let api = Api::new().await;
    let project = &api.credential.project;
    let listed = api.get(&format!("/v2/{project}/apigw/instances")).await.fine(200);
    assert_eq!((&listed["size"], &listed["total"]), (&json!(1), &json!(1)));
    let shown = api.get(&api.apig("").await).await.fine(200);
    assert_eq!((&shown["id"], &shown["status"]), (&listed["instances"][0]["id"], &json!("Running")));
    assert_eq!(shown["ingress_ip"], "127.0.0.1:8080");
    assert_eq!(shown["listeners"], json!({"http": "127.0.0.1:8080", "https": "127.0.0.1:8443"}));
    let now = model::time::now().as_millisecond();
    let made = shown["create_time"].as_i64().unwrap();
    assert!((now - 600_000..=now).contains(&made), "{made}, and it is {now}");
    assert_eq!(listed["instances"][0]["create_time"], made);
    assert_eq!(api.get(&api.apig("/progress").await).await.fine(200)["end_time"], made);
    let none = api.get(&format!("/v2/{project}/apigw/instances?status=Frozen&limit=5")).await.fine(200);
    assert_eq!((&none["total"], &none["instances"]), (&json!(0), &json!([])));

    let wrong = format!("/v2/{project}/apigw/instances/other/api-groups");
    api.get(&wrong).await.refused(404, "APIG.3030", &["'other'", shown["id"].as_str().unwrap()]);
    api.get(&api.apig("/envs?limit=501&offset=x").await).await.refused(
        400,
        "APIG.2012",
        &["offset must be at least 0, not 'x'", "limit must be 1 to 500, not '501'"],
    );
    assert_eq!(api.get(&api.apig("/progress").await).await.fine(200)["status"], "success");
    let features = api.get(&api.apig("/features").await).await.fine(200);
    assert_eq!((&features["total"], &features["features"][0]["name"]), (&json!(1), &json!("backend_timeout")));
    assert_eq!(features["features"][0]["config"], "{\"max\": 60000}");
    assert_eq!(api.get(&api.apig("/instance-features").await).await.fine(200)["features"][1], "route");
}

#[tokio::test]
async fn limits_and_what_is_used_of_them_are_told() {
    let api = Api::new().await;
    api.create("web", json!({})).await.fine(200);
    api.post(&api.fgs("/triggers/web"), &new_trigger(json!({"path": "/web"}))).await.fine(201);
    api.group("shop").await;
    let configs = api.get(&api.apig("/project/configs").await).await.fine(200);
    let used = |name: &str| {
        let all = configs["configs"].as_array().unwrap();
        all.iter().find(|one| one["config_name"] == name).unwrap()["used"].clone()
    };
    assert_eq!([used("API_NUM_LIMIT"), used("APIGROUP_NUM_LIMIT"), used("ENVIRONMENT_NUM_LIMIT")], [1, 2, 1]);
    let apis = api.get(&api.apig("/resources/outline/apis").await).await.fine(200);
    assert_eq!(apis, json!({"instance_num": 1, "nums_on_release": 1, "nums_off_release": 0}));
    let groups = api.get(&api.apig("/resources/outline/groups").await).await.fine(200);
    assert_eq!(groups, json!({"offsell_nums": 2, "onsell_nums": 0}));
}
