//! APIs: edited, published, offline. What answers is read from the Snapshot that the gateway looks at.

use super::*;

const RELEASE: &str = "DEFAULT_ENVIRONMENT_RELEASE_ID";

impl Api {
    /// A definition that calls the function `web`, in a group of its own.
    async fn definition(&self, more: Value) -> Value {
        self.create("web", json!({})).await;
        let groups = self.get(&self.apig("/api-groups?name=shop").await).await.fine(200);
        let group = match groups["groups"].get(0) {
            Some(group) => group.clone(),
            None => self.group("shop").await,
        };
        let mut body = json!({
            "name": "API_test_http", "type": 1, "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/user",
            "auth_type": "NONE", "match_mode": "NORMAL", "backend_type": "FUNCTION", "group_id": group["id"],
            "func_info": {
                "function_urn": self.urn("web"), "invocation_type": "sync", "network_type": "V1", "timeout": 5000,
            },
        });
        for (field, value) in more.as_object().unwrap() {
            body[field] = value.clone();
        }
        body
    }

    async fn api(&self, more: Value) -> Value {
        let body = self.definition(more).await;
        self.post(&self.apig("/apis").await, &body).await.fine(201)
    }

    async fn act(&self, action: &str, id: &Value, env: &str) -> Answer {
        self.post(&self.apig("/apis/action").await, &json!({"action": action, "api_id": id, "env_id": env})).await
    }

    /// Name of the API that answers in the group "shop", or `none`.
    async fn answering(&self, stage: Option<&str>, path: &str) -> String {
        let groups = self.store.groups(&self.credential.project).await.unwrap();
        let host = groups.iter().find(|group| group.name == "shop").unwrap().domain.clone().unwrap();
        let snapshots = self.store.snapshots();
        let snapshot = snapshots.load();
        let route = snapshot.route_in(&host, stage, &http::Method::GET, path);
        route.map_or("none".to_owned(), |route| route.api.name.clone())
    }
}

fn id(value: &Value) -> String {
    value["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_edit_counts_when_it_is_published() {
    let api = Api::new().await;
    let made = api.api(json!({})).await;
    assert_eq!(api.answering(None, "/user").await, "none", "nothing is published yet");
    let published = api.act("online", &made["id"], RELEASE).await.fine(201);
    assert_eq!((&published["api_name"], &published["env_id"]), (&json!("API_test_http"), &json!(RELEASE)));
    assert_eq!(api.answering(None, "/user").await, "API_test_http");

    let path = api.apig(&format!("/apis/{}", id(&made))).await;
    let edited = api.definition(json!({"req_uri": "/user/get"})).await;
    assert_eq!(api.put(&path, &edited).await.fine(200)["req_uri"], "/user/get");
    assert_eq!(
        (api.answering(None, "/user").await.as_str(), api.answering(None, "/user/get").await.as_str()),
        ("API_test_http", "none")
    );
    let running = api.get(&api.apig(&format!("/apis/runtime/{}", id(&made))).await).await.fine(200);
    assert_eq!((&running["req_uri"], &running["run_env_name"]), (&json!("/user"), &json!("RELEASE")));

    api.act("online", &made["id"], RELEASE).await.fine(201);
    assert_eq!(
        (api.answering(None, "/user").await.as_str(), api.answering(None, "/user/get").await.as_str()),
        ("none", "API_test_http")
    );
    api.delete(&path).await.refused(409, "APIG.3416", &["published in RELEASE"]);
    api.act("offline", &made["id"], RELEASE).await.fine(201);
    api.act("offline", &made["id"], RELEASE).await.refused(404, "APIG.3015", &["not published in RELEASE"]);
    assert_eq!(api.answering(None, "/user/get").await, "none");
    api.delete(&path).await.fine(204);
    api.get(&path).await.refused(404, "APIG.3002", &[]);
    api.act("online", &made["id"], RELEASE).await.refused(404, "APIG.3002", &[]);
}

#[tokio::test]
async fn a_triggers_api_is_published_at_once_and_both_go_together() {
    let api = Api::new().await;
    let group = id(&api.group("shop").await);
    api.create("web", json!({})).await.fine(200);
    let event = json!({"name": "API_test_http", "path": "/API_test_http", "group_id": group});
    let trigger = api.post(&api.fgs("/triggers/web"), &new_trigger(event)).await.fine(201);
    let api_id = trigger["event_data"]["api_id"].as_str().unwrap().to_owned();
    let path = api.apig(&format!("/apis/{api_id}")).await;
    let shown = api.get(&path).await.fine(200);
    assert_eq!((&shown["run_env_name"], &shown["req_uri"]), (&json!("RELEASE"), &json!("/API_test_http")));

    // The seed page: edit the path, publish, copy the URL.
    let edited = api.definition(json!({"req_uri": "/user/get", "match_mode": "SWA"})).await;
    api.put(&path, &edited).await.fine(200);
    let url = async || {
        let listed = api.get(&api.fgs("/triggers/web")).await.fine(200);
        listed[0]["event_data"]["invoke_url"].as_str().unwrap_or("gone").to_owned()
    };
    assert!(url().await.ends_with("/API_test_http"));
    api.act("online", &json!(api_id), RELEASE).await.fine(201);
    assert!(url().await.ends_with("/user/get"));
    assert_eq!(api.answering(None, "/user/get/x").await, "API_test_http");

    api.act("offline", &json!(api_id), RELEASE).await.fine(201);
    api.delete(&path).await.fine(204);
    assert_eq!(api.get(&api.fgs("/triggers/web")).await.fine(200), json!([]));

    let trigger = api.post(&api.fgs("/triggers/web"), &new_trigger(json!({"path": "/x"}))).await.fine(201);
    let api_id = trigger["event_data"]["api_id"].as_str().unwrap();
    let own = api.fgs(&format!("/triggers/web/DEDICATEDGATEWAY/{}", trigger["trigger_id"].as_str().unwrap()));
    api.delete(&own).await.fine(204);
    api.get(&api.apig(&format!("/apis/{api_id}")).await).await.refused(404, "APIG.3002", &[]);
}

#[tokio::test]
async fn versions_are_kept_and_switched_between() {
    let api = Api::new().await;
    let made = api.api(json!({"req_uri": "/v0"})).await;
    let path = api.apig(&format!("/apis/{}", id(&made))).await;
    for number in 0..12 {
        let edited = api.definition(json!({"req_uri": format!("/v{number}")})).await;
        api.put(&path, &edited).await.fine(200);
        api.act("online", &made["id"], RELEASE).await.fine(201);
    }
    let versions = api.apig(&format!("/apis/publish/{}", id(&made))).await;
    let listed = api.get(&format!("{versions}?env_name=RELEASE&limit=3")).await.fine(200);
    assert_eq!((&listed["total"], &listed["size"]), (&json!(10), &json!(3)));
    assert_eq!((&listed["api_versions"][0]["status"], &listed["api_versions"][1]["status"]), (&json!(1), &json!(2)));
    assert_eq!(api.get(&format!("{versions}?env_id=none")).await.fine(200)["total"], 0);

    let older = listed["api_versions"][2]["version_id"].as_str().unwrap();
    let own = api.apig(&format!("/apis/versions/{older}")).await;
    assert_eq!(api.get(&own).await.fine(200)["req_uri"], "/v9");
    api.delete(&own).await.refused(404, "APIG.3015", &["does not answer"]);
    api.put(&versions, &json!({"version_id": older})).await.fine(200);
    assert_eq!(
        (api.answering(None, "/v9").await.as_str(), api.answering(None, "/v11").await.as_str()),
        ("API_test_http", "none")
    );
    assert_eq!(api.get(&path).await.fine(200)["req_uri"], "/v11", "what is edited stays");
    api.delete(&own).await.fine(204);
    assert_eq!(api.answering(None, "/v9").await, "none");
    api.put(&versions, &json!({"version_id": "none"})).await.refused(404, "APIG.3022", &["none"]);
    api.get(&api.apig("/apis/versions/none").await).await.refused(404, "APIG.3022", &["none"]);
}

#[tokio::test]
async fn environments_have_their_own_publications_and_variables() {
    let api = Api::new().await;
    let made = api.api(json!({"req_uri": "/#base#/user"})).await;
    let test = id(&api.post(&api.apig("/envs").await, &json!({"name": "test"})).await.fine(201));
    api.act("online", &made["id"], &test).await.refused(404, "APIG.3011", &["#base#"]);
    let variable =
        json!({"group_id": made["group_id"], "env_id": test, "variable_name": "base", "variable_value": "v1"});
    api.post(&api.apig("/env-variables").await, &variable).await.fine(201);
    api.act("online", &made["id"], &test).await.fine(201);
    assert_eq!(
        (api.answering(Some("test"), "/v1/user").await.as_str(), api.answering(None, "/v1/user").await.as_str()),
        ("API_test_http", "none")
    );
    let env = api.apig(&format!("/envs/{test}")).await;
    api.delete(&env).await.refused(409, "APIG.3418", &["published APIs (1)"]);
    api.put(&env, &json!({"name": "stage"})).await.fine(200);
    assert_eq!(
        (
            api.answering(Some("stage"), "/v1/user").await.as_str(),
            api.answering(Some("test"), "/v1/user").await.as_str()
        ),
        ("API_test_http", "none")
    );
}

#[tokio::test]
async fn several_are_published_at_once_and_each_failure_is_told() {
    let api = Api::new().await;
    let (one, two) = (api.api(json!({})).await, api.api(json!({"name": "other", "req_uri": "/other"})).await);
    let path = api.apig("/apis/publish?action=online").await;
    let body = json!({"apis": [one["id"], "none", two["id"]], "env_id": RELEASE});
    let answer = api.post(&path, &body).await.fine(200);
    assert_eq!(
        (answer["success"].as_array().unwrap().len(), &answer["failure"][0]["error_code"]),
        (2, &json!("APIG.3002"))
    );
    assert_eq!(api.answering(None, "/other").await, "other");
    let path = api.apig("/apis/publish?action=offline").await;
    let answer = api.post(&path, &json!({"group_id": one["group_id"], "env_id": RELEASE})).await.fine(200);
    assert_eq!(answer["success"].as_array().unwrap().len(), 2);
    assert_eq!(api.answering(None, "/other").await, "none");
    api.post(&path, &json!({"env_id": RELEASE})).await.refused(400, "APIG.2001", &["apis is missing"]);
    api.post(&api.apig("/apis/publish").await, &body).await.refused(400, "APIG.2001", &["action is missing"]);
}

#[tokio::test]
async fn one_place_belongs_to_one_api() {
    let api = Api::new().await;
    let made = api.api(json!({"req_uri": "/users/{id}"})).await;
    let path = api.apig("/apis").await;
    let same = api.definition(json!({"name": "other", "req_uri": "/users/{user}/"})).await;
    api.post(&path, &same).await.refused(400, "APIG.3301", &["/users/{user}", "API_test_http"]);
    let named = api.definition(json!({"req_uri": "/elsewhere"})).await;
    api.post(&path, &named).await.refused(400, "APIG.3202", &["API_test_http"]);

    // What is published counts, too, when what is edited has moved away.
    api.act("online", &made["id"], RELEASE).await.fine(201);
    let moved = api.definition(json!({"req_uri": "/moved"})).await;
    api.put(&format!("{path}/{}", id(&made)), &moved).await.fine(200);
    let other = api.post(&path, &same).await.fine(201);
    api.act("online", &other["id"], RELEASE).await.refused(400, "APIG.3301", &["API_test_http"]);

    let check = format!("{path}/check");
    let place = json!({"type": "path", "group_id": made["group_id"], "req_method": "GET", "req_uri": "/moved", "match_mode": "NORMAL"});
    api.post(&check, &place).await.refused(400, "APIG.3301", &["/moved"]);
    let mut own = place.clone();
    own["api_id"] = made["id"].clone();
    api.post(&check, &own).await.fine(204);
    api.post(&check, &json!({"type": "name", "name": "other"})).await.refused(400, "APIG.3202", &["other"]);
    api.post(&check, &json!({"type": "name", "name": "free"})).await.fine(204);
    api.post(&check, &json!({"type": "path"})).await.refused(
        400,
        "APIG.2001",
        &["group_id is missing", "req_uri is missing"],
    );
}

#[tokio::test]
async fn an_api_is_shown_as_it_was_made() {
    let api = Api::new().await;
    let made = api
        .api(json!({
            "version": "v1", "remark": "the users", "req_method": "ANY", "req_uri": "/users/{id}", "auth_type": "APP",
            "auth_opt": {"app_code_auth_type": "HEADER"}, "tags": ["a", "b"], "content_type": "application/json",
            "req_params": [
                {"name": "id", "type": "NUMBER", "location": "PATH", "required": 1, "valid_enable": 1, "min_num": 1, "max_num": 9},
                {"name": "q", "type": "STRING", "location": "QUERY", "default_value": "x", "pass_through": 2},
            ],
            "backend_params": [
                {"name": "x-user", "location": "HEADER", "origin": "REQUEST", "value": "id"},
                {"name": "key", "location": "QUERY", "origin": "CONSTANT", "value": "k"},
                {"name": "x-from", "location": "HEADER", "origin": "SYSTEM", "value": "$context.sourceIp"},
            ],
        }))
        .await;
    for (field, expect) in [
        ("req_method", json!("ANY")),
        ("auth_opt", json!({"app_code_auth_type": "HEADER"})),
        ("tags", json!(["a", "b"])),
        ("group_name", json!("shop")),
        ("version", json!("v1")),
    ] {
        assert_eq!(made[field], expect, "{field}");
    }
    assert_eq!(made["func_info"]["function_urn"], api.urn("web"));
    assert_eq!((&made["func_info"]["version"], &made["func_info"]["timeout"]), (&json!("latest"), &json!(5000)));
    assert_eq!((&made["req_params"][0]["max_num"], &made["req_params"][1]["pass_through"]), (&json!(9), &json!(2)));
    assert_eq!(made["backend_params"][0]["req_param_id"], made["req_params"][0]["id"]);
    assert_eq!(made["backend_params"][2]["value"], "$context.sourceIp");
    assert_eq!(api.get(&api.apig(&format!("/apis/{}", id(&made))).await).await.fine(200), made);
    api.api(json!({"name": "other", "req_uri": "/other"})).await;
    let count = async |query: &str| {
        api.get(&api.apig(&format!("/apis?{query}")).await).await.fine(200)["total"].as_u64().unwrap()
    };
    for (query, expect) in [
        ("", 2),
        ("name=API", 1),
        ("name=ther", 1),
        ("name=ther&precise_search=name", 0),
        ("req_uri=/users", 1),
        ("auth_type=APP", 1),
        ("tags=a,b", 1),
        ("tags=c", 0),
        ("req_method=GET", 1),
        ("env_id=DEFAULT_ENVIRONMENT_RELEASE_ID", 0),
        ("vpc_channel_name=v", 0),
        ("type=1&limit=1", 2),
    ] {
        assert_eq!(count(query).await, expect, "{query}");
    }
}

#[tokio::test]
async fn a_version_or_an_alias_of_the_function_is_called_and_what_is_not_there_refused() {
    let api = Api::new().await;
    let missing = api.definition(json!({})).await;
    let with = |field: &str, value: Value| {
        let mut body = missing.clone();
        body["func_info"][field] = value;
        body
    };
    let path = api.apig("/apis").await;
    let refused = api.post(&path, &with("version", json!("v9"))).await;
    refused.refused(404, "APIG.3019", &[":v9"]);
    api.post(&path, &with("function_urn", json!(api.urn("nobody")))).await.refused(404, "APIG.3019", &["nobody"]);
    let alias = format!("{}:!prod", api.urn("web"));
    api.post(&path, &with("alias_urn", json!(alias))).await.refused(404, "APIG.3019", &["!prod"]);
    let made = api.post(&path, &missing).await.fine(201);
    api.act("online", &made["id"], RELEASE).await.fine(201);
    api.delete(&api.fgs("/functions/web")).await.fine(204);
    assert_eq!(api.answering(None, "/user").await, "API_test_http", "the API stays; the gateway answers APIG.0103");
}

#[tokio::test]
async fn every_problem_of_a_definition_is_reported_at_once() {
    let api = Api::new().await;
    let path = api.apig("/apis").await;
    let body = api
        .definition(json!({
            "name": "x", "type": 2, "req_protocol": "GRPC", "req_method": "GOT", "req_uri": "/a/{proxy+}", "auth_type": "TOKEN",
            "match_mode": "REGEX", "backend_type": "HTTP", "cors": true, "backend_api": {"timeout": 1}, "unknown": 1,
            "func_info": {"function_urn": "urn:fss:local-1:other:function:default:web", "invocation_type": "async", "network_type": "V3", "timeout": 60_001},
            "req_params": [{"name": "1", "type": "BOOLEAN", "location": "BODY", "required": 3, "regular": "a+"}],
            "backend_params": [{"name": "X-Cff-Request-Id", "location": "HEADER", "origin": "REQUEST", "value": "none"}],
        }))
        .await;
    let parts = [
        "name must be 3 to 255",
        "type must be 1",
        "req_protocol must be",
        "req_method must be",
        "req_uri must be",
        "not a parameter such as {proxy+}",
        "auth_type must be",
        "match_mode must be",
        "backend_type must be FUNCTION",
        "cors must be false",
        "backend_api is not supported",
        "'unknown'",
        "func_info.function_urn must be",
        "func_info.invocation_type must be sync",
        "func_info.network_type",
        "func_info.timeout must be 1 to 60000 ms, not 60001",
        "req_params.name must be",
        "location must be PATH",
        "type must be STRING or NUMBER",
        "required must be 1 (yes) or 2 (no), not 3",
        "regular is not supported",
        "must not be a header that the gateway writes",
        "the name of one of req_params",
    ];
    api.post(&path, &body).await.refused(400, "APIG.2012", &parts);
    let parts = ["name is missing", "group_id is missing", "req_uri is missing", "func_info.function_urn is missing"];
    api.post(&path, &json!({})).await.refused(400, "APIG.2001", &parts);
    api.post(&path, &api.definition(json!({"group_id": "none"})).await).await.refused(404, "APIG.3001", &["none"]);
}

#[tokio::test]
async fn an_api_chooses_among_its_groups_responses() {
    let api = Api::new().await;
    let made = api.api(json!({})).await;
    let group = made["group_id"].as_str().unwrap();
    let responses = api.apig(&format!("/api-groups/{group}/gateway-responses")).await;
    let rule = |status: u16| json!({"THROTTLED": {"status": status, "body": "slow down"}});
    let own = api.post(&responses, &json!({"name": "own", "responses": rule(503)})).await.fine(201);
    let listed = api.get(&responses).await.fine(200);
    let default = listed["responses"].as_array().unwrap().iter().find(|one| one["default"] == true).unwrap();
    let default = format!("{responses}/{}/THROTTLED", id(default));
    api.put(&default, &rule(420)["THROTTLED"]).await.fine(200);

    let path = api.apig(&format!("/apis/{}", id(&made))).await;
    let missing = api.definition(json!({"response_id": "none"})).await;
    api.put(&path, &missing).await.refused(404, "APIG.3007", &["none"]);
    for (chosen, expect) in [(Value::Null, 420), (own["id"].clone(), 503)] {
        let edited = api.put(&path, &api.definition(json!({"response_id": chosen})).await).await.fine(200);
        assert_eq!(edited["response_id"], chosen);
        api.act("online", &made["id"], RELEASE).await.fine(201);
        assert_eq!(api.status_when_throttled().await, expect);
    }
    api.delete(&format!("{responses}/{}", id(&own))).await.fine(204);
    assert_eq!(api.status_when_throttled().await, 420, "those that were chosen are gone");
}

impl Api {
    /// What a client of the API that answers `/user` gets when it calls too often.
    async fn status_when_throttled(&self) -> u16 {
        let groups = self.store.groups(&self.credential.project).await.unwrap();
        let host = groups.iter().find(|group| group.name == "shop").unwrap().domain.clone().unwrap();
        let snapshots = self.store.snapshots();
        let snapshot = snapshots.load();
        let policies = snapshot.route(&host, &http::Method::GET, "/user").unwrap().policies.clone().unwrap();
        let usual = http::StatusCode::TOO_MANY_REQUESTS;
        policies.responses.as_ref().unwrap().of("THROTTLED", usual).unwrap().status.unwrap().as_u16()
    }
}
