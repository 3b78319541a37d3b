//! Throttling policies, access lists, plug-ins and responses: managed, bound, and found at the route.

use super::*;

const RELEASE: &str = "DEFAULT_ENVIRONMENT_RELEASE_ID";

/// A function with a trigger at `/web`; gives the ids of its API and publication.
async fn published(api: &Api) -> (String, String) {
    api.create("web", json!({})).await.fine(200);
    let path = api.fgs(&format!("/triggers/{}", api.urn("web")));
    api.post(&path, &new_trigger(json!({"path": "/web"}))).await.fine(201);
    let one = api.store.reachable_apis(&api.credential.project).await.unwrap().remove(0);
    (one.api_id, one.publish_id)
}

fn throttle(name: &str) -> Value {
    json!({"name": name, "time_unit": "MINUTE", "time_interval": 2, "api_call_limits": 10, "user_call_limits": 6, "app_call_limits": 5,
           "ip_call_limits": 4, "type": 1, "remark": "r"})
}

async fn make(api: &Api, path: &str, body: &Value, id: &str) -> String {
    let made = api.post(&api.apig(path).await, body).await.fine(201);
    made[id].as_str().unwrap().to_owned()
}

fn policies(api: &Api) -> Option<Arc<model::snapshot::Policies>> {
    let snapshots = api.store.snapshots();
    let snapshot = snapshots.load();
    snapshot.route("h", &http::Method::GET, "/web")?.policies.clone()
}

#[tokio::test]
async fn a_throttling_policy_is_made_bound_and_deleted_with_its_bindings() {
    let api = Api::new().await;
    let (api_id, publish_id) = published(&api).await;
    let id = make(&api, "/throttles", &throttle("first"), "id").await;
    let shown = api.get(&api.apig(&format!("/throttles/{id}")).await).await.fine(200);
    assert_eq!((&shown["bind_num"], &shown["is_inclu_special_throttle"]), (&json!(0), &json!(2)));
    assert_eq!((&shown["time_unit"], &shown["ip_call_limits"]), (&json!("MINUTE"), &json!(4)));
    let unbound = api.apig(&format!("/throttle-bindings/unbinded-apis?throttle_id={id}")).await;
    let listed = api.get(&unbound).await.fine(200);
    assert_eq!((&listed["apis"][0]["id"], &listed["apis"][0]["publish_id"]), (&json!(api_id), &json!(publish_id)));

    let body = json!({"strategy_id": id, "publish_ids": [publish_id]});
    let bound = api.post(&api.apig("/throttle-bindings").await, &body).await.fine(201);
    assert_eq!(bound["throttle_applys"][0]["publish_id"], json!(publish_id));
    assert_eq!(policies(&api).unwrap().throttle.as_ref().unwrap().limits.ip, Some(4));
    assert_eq!(api.get(&unbound).await.fine(200)["total"], 0);
    let apis = api.apig(&format!("/throttle-bindings/binded-apis?throttle_id={id}&api_name=web")).await;
    assert_eq!(api.get(&apis).await.fine(200)["apis"][0]["throttle_name"], "first");
    let throttles = api.apig(&format!("/throttle-bindings/binded-throttles?api_id={api_id}")).await;
    let listed = api.get(&throttles).await.fine(200);
    assert_eq!((&listed["throttles"][0]["id"], &listed["throttles"][0]["bind_num"]), (&json!(id), &json!(1)));

    let batch = api.apig("/throttle-bindings?action=delete").await;
    let ids = json!({"throttle_bindings": [bound["throttle_applys"][0]["id"], "gone"]});
    let answer = api.put(&batch, &ids).await.fine(200);
    assert_eq!((&answer["success_count"], &answer["failure"][0]["error_code"]), (&json!(1), &json!("APIG.3012")));
    assert!(policies(&api).is_none());
    api.post(&api.apig("/throttle-bindings").await, &body).await.fine(201);
    api.delete(&api.apig(&format!("/throttles/{id}")).await).await.fine(204);
    assert!(policies(&api).is_none());
    api.get(&api.apig(&format!("/throttles/{id}")).await).await.refused(404, "APIG.3005", &[&id]);
    api.delete(&api.apig("/throttle-bindings/gone").await).await.refused(404, "APIG.3012", &["gone"]);
}

#[tokio::test]
async fn everything_wrong_with_a_throttling_policy_is_said_at_once() {
    let api = Api::new().await;
    let path = api.apig("/throttles").await;
    let wrong = json!({"name": "1x", "time_unit": "WEEK", "time_interval": 0, "api_call_limits": 5, "user_call_limits": 6,
        "app_call_limits": 7, "ip_call_limits": 8, "type": 3, "enable_adaptive_control": "TRUE", "remark": "x".repeat(256)});
    let parts = [
        "name must be",
        "time_unit must be",
        "time_interval must be 1 to",
        "user_call_limits must be 0 to 5",
        "app_call_limits",
        "ip_call_limits",
        "type must be 1 or 2",
        "enable_adaptive_control",
        "remark",
    ];
    api.post(&path, &wrong).await.refused(400, "APIG.2012", &parts);
    let parts = ["name is missing", "time_unit is missing", "time_interval is missing", "api_call_limits is missing"];
    api.post(&path, &json!({})).await.refused(400, "APIG.2001", &parts);
    make(&api, "/throttles", &throttle("same"), "id").await;
    api.post(&path, &throttle("same")).await.refused(400, "APIG.3204", &["same exists"]);
    let bind = api.apig("/throttle-bindings").await;
    api.post(&bind, &json!({})).await.refused(400, "APIG.2001", &["strategy_id is missing", "publish_ids is missing"]);
    let nowhere = json!({"strategy_id": "none", "publish_ids": ["p"]});
    api.post(&bind, &nowhere).await.refused(404, "APIG.3005", &["none"]);
    let list = api.apig("/throttle-bindings/binded-apis").await;
    api.get(&list).await.refused(400, "APIG.2001", &["throttle_id is missing"]);
}

#[tokio::test]
async fn an_app_or_user_has_a_limit_of_its_own() {
    let api = Api::new().await;
    let id = make(&api, "/throttles", &throttle("first"), "id").await;
    let path = api.apig(&format!("/throttles/{id}/throttle-specials")).await;
    let project = api.credential.project.clone();
    let body = json!({"call_limits": 9, "object_id": project, "object_type": "USER"});
    let made = api.post(&path, &body).await.fine(201);
    assert_eq!((&made["call_limits"], &made["throttle_id"]), (&json!(9), &json!(id)));
    api.post(&path, &body).await.refused(400, "APIG.3308", &[&project]);
    let app = api.app("shop").await["id"].clone();
    let over = json!({"call_limits": 11, "object_id": app, "object_type": "APP"});
    api.post(&path, &over).await.refused(400, "APIG.2012", &["at most 10"]);
    let nobody = |kind: &str| json!({"call_limits": 1, "object_id": "nobody", "object_type": kind});
    api.post(&path, &nobody("APP")).await.refused(404, "APIG.3004", &["nobody"]);
    let neither = api.project("local-1_other").await;
    for id in ["nobody", &neither] {
        let body = json!({"call_limits": 1, "object_id": id, "object_type": "USER"});
        api.post(&path, &body).await.refused(400, "APIG.2012", &["the project", "the account", id]);
    }
    let account = json!({"call_limits": 8, "object_id": api.store.domain(), "object_type": "USER"});
    let made_too = api.post(&path, &account).await.fine(201);
    assert_eq!(made_too["object_name"], "funcd");
    api.delete(&format!("{path}/{}", made_too["id"].as_str().unwrap())).await.fine(204);
    let wrong = json!({"call_limits": 0, "object_id": "a b", "object_type": "GROUP"});
    api.post(&path, &wrong).await.refused(400, "APIG.2012", &["call_limits", "object_id", "object_type"]);
    let own = format!("{path}/{}", made["id"].as_str().unwrap());
    assert_eq!(api.put(&own, &json!({"call_limits": 3})).await.fine(200)["call_limits"], 3);
    assert_eq!(api.get(&format!("{path}?object_type=APP")).await.fine(200)["total"], 0);
    assert_eq!(api.get(&path).await.fine(200)["throttle_specials"][0]["object_id"], project.as_str());
    api.delete(&own).await.fine(204);
    api.delete(&own).await.refused(404, "APIG.3013", &[]);

    let made = api.post(&path, &json!({"call_limits": 2, "object_id": app, "object_type": "APP"})).await.fine(201);
    assert_eq!((&made["object_name"], &made["app_name"]), (&json!("shop"), &json!("shop")));
    assert_eq!(api.get(&format!("{path}?app_name=shop")).await.fine(200)["total"], 1);
    api.delete(&api.apig(&format!("/apps/{}", app.as_str().unwrap())).await).await.fine(204);
    assert_eq!(api.get(&path).await.fine(200)["total"], 0, "a limit goes with its app");
}

#[tokio::test]
async fn an_access_list_is_made_bound_and_not_deleted_while_it_is() {
    let api = Api::new().await;
    let (api_id, publish_id) = published(&api).await;
    let body = json!({"acl_name": "office", "acl_type": "PERMIT", "entity_type": "IP", "acl_value": "192.0.2.1, 198.51.100.0/24"});
    let id = make(&api, "/acls", &body, "id").await;
    let own = api.apig(&format!("/acls/{id}")).await;
    let bind = json!({"acl_id": id, "publish_ids": [publish_id]});
    let bound = api.post(&api.apig("/acl-bindings").await, &bind).await.fine(201);
    assert_eq!(policies(&api).unwrap().access.len(), 1);
    api.delete(&own).await.refused(409, "APIG.3400", &["office", "unbind"]);
    let of_api = api.apig(&format!("/acl-bindings/binded-acls?api_id={api_id}&env_name=RELEASE")).await;
    assert_eq!(api.get(&of_api).await.fine(200)["acls"][0]["acl_id"], json!(id));
    let of_acl = api.apig(&format!("/acl-bindings/binded-apis?acl_id={id}")).await;
    assert_eq!(api.get(&of_acl).await.fine(200)["apis"][0]["api_id"], json!(api_id));
    let others = api.apig(&format!("/acl-bindings/unbinded-apis?acl_id={id}")).await;
    assert_eq!(api.get(&others).await.fine(200)["total"], 0);
    let list = api.get(&api.apig("/acls?name=off&acl_type=PERMIT").await).await.fine(200);
    assert_eq!((&list["total"], &list["acls"][0]["bind_num"]), (&json!(1), &json!(1)));
    let binding = bound["acl_bindings"][0]["id"].as_str().unwrap();
    let batch = api.apig("/acl-bindings?action=delete").await;
    assert_eq!(api.put(&batch, &json!({"acl_bindings": [binding]})).await.fine(200)["success_count"], 1);
    let deny = json!({"acl_name": "office", "acl_type": "DENY", "entity_type": "IP", "acl_value": "192.0.2.1"});
    assert_eq!(api.put(&own, &deny).await.fine(200)["acl_type"], "DENY");
    let answer = api.put(&api.apig("/acls?action=delete").await, &json!({"acls": [id, "gone"]})).await.fine(200);
    assert_eq!((&answer["success_count"], &answer["failure"][0]["acl_id"]), (&json!(1), &json!("gone")));
    api.get(&own).await.refused(404, "APIG.3007", &[&id]);
    api.put(&api.apig("/acls").await, &json!({"acls": []})).await.refused(400, "APIG.2001", &["action is missing"]);
}

#[tokio::test]
async fn everything_wrong_with_an_access_list_is_said_at_once() {
    let api = Api::new().await;
    let path = api.apig("/acls").await;
    let wrong =
        json!({"acl_name": "x", "acl_type": "ALLOW", "entity_type": "IP", "acl_value": "192.0.2.1/33,example.com"});
    let parts = ["acl_name", "acl_type", "more bits", "'example.com' is not an IP address"];
    api.post(&path, &wrong).await.refused(400, "APIG.2012", &parts);
    let many = vec!["192.0.2.1"; 101].join(",");
    let body = json!({"acl_name": "many", "acl_type": "DENY", "entity_type": "IP", "acl_value": many});
    api.post(&path, &body).await.refused(400, "APIG.2012", &["at most 100"]);
    let body = json!({"acl_name": "names", "acl_type": "DENY", "entity_type": "DOMAIN", "acl_value": "a,,b"});
    api.post(&path, &body).await.refused(400, "APIG.2012", &["'' is no account"]);
}

#[tokio::test]
async fn a_plugin_is_attached_and_another_of_its_type_takes_its_place() {
    let api = Api::new().await;
    let (api_id, _) = published(&api).await;
    let cors = |name: &str| {
        json!({"plugin_name": name, "plugin_type": "cors", "plugin_scope": "global",
               "plugin_content": json!({"allow_origin": "*"}).to_string()})
    };
    let one = make(&api, "/plugins", &cors("one"), "plugin_id").await;
    let two = make(&api, "/plugins", &cors("two"), "plugin_id").await;
    let attach = api.apig(&format!("/plugins/{one}/attach")).await;
    let apis = json!({"env_id": RELEASE, "api_ids": [api_id]});
    let answer = api.post(&attach, &apis).await.fine(201);
    assert_eq!(answer["attached_plugins"][0]["api_id"], json!(api_id));
    assert!(policies(&api).unwrap().cors.is_some());
    api.delete(&api.apig(&format!("/plugins/{one}")).await).await.refused(409, "APIG.3400", &["one"]);
    let to_api = api.apig(&format!("/apis/{api_id}/plugins/attach")).await;
    api.post(&to_api, &json!({"env_id": RELEASE, "plugin_ids": [two]})).await.fine(201);
    let attached = api.get(&api.apig(&format!("/apis/{api_id}/attached-plugins")).await).await.fine(200);
    assert_eq!((&attached["total"], &attached["plugins"][0]["plugin_id"]), (&json!(1), &json!(two)));
    let free = api.get(&api.apig(&format!("/apis/{api_id}/attachable-plugins?plugin_type=cors")).await).await.fine(200);
    assert_eq!((&free["total"], &free["plugins"][0]["plugin_id"]), (&json!(1), &json!(one)));
    let apis_of = |id: &str, what: &str| format!("/plugins/{id}/{what}-apis?env_id={RELEASE}");
    assert_eq!(api.get(&api.apig(&apis_of(&two, "attached")).await).await.fine(200)["total"], 1);
    assert_eq!(api.get(&api.apig(&apis_of(&one, "attachable")).await).await.fine(200)["total"], 1);
    let detach = api.apig(&format!("/apis/{api_id}/plugins/detach")).await;
    api.put(&detach, &json!({"env_id": RELEASE, "plugin_ids": [two]})).await.fine(204);
    let detach = api.apig(&format!("/plugins/{one}/detach")).await;
    api.put(&detach, &apis).await.fine(204);
    assert!(policies(&api).is_none());
    api.delete(&api.apig(&format!("/plugins/{one}")).await).await.fine(204);
    api.get(&api.apig(&format!("/plugins/{one}")).await).await.refused(404, "APIG.3068", &[&one]);
}

#[tokio::test]
async fn a_plugin_that_is_not_there_is_refused_by_name_and_its_document_read() {
    let api = Api::new().await;
    let path = api.apig("/plugins").await;
    let body = |kind: &str, content: Value| json!({"plugin_name": "plug", "plugin_type": kind, "plugin_scope": "global", "plugin_content": content.to_string()});
    for kind in ["kafka_log", "breaker", "third_auth", "proxy_cache", "proxy_mirror", "oidc_auth", "jwt_auth"] {
        let text = format!("plugin_type {kind} is not supported yet");
        api.post(&path, &body(kind, json!({}))).await.refused(400, "APIG.2012", &[&text, "cors"]);
    }
    let parts = ["allow_origin is missing", "max_age"];
    api.post(&path, &body("cors", json!({"max_age": 999_999_999}))).await.refused(400, "APIG.2012", &parts);
    api.post(&path, &body("other", json!({}))).await.refused(400, "APIG.2012", &["plugin_type must be"]);
    let limit = json!({"scope": "basic", "default_interval": 1, "default_time_unit": "second", "api_limit": 5});
    let made = api.post(&path, &body("rate_limit", limit)).await.fine(201);
    let own = format!("{path}/{}", made["plugin_id"].as_str().unwrap());
    let cors = json!({"plugin_name": "plug", "plugin_type": "cors", "plugin_content": "{\"allow_origin\":\"*\"}"});
    api.put(&own, &cors).await.refused(400, "APIG.2012", &["plugin_type cannot be changed"]);
}

#[tokio::test]
async fn a_group_has_default_responses_and_others() {
    let api = Api::new().await;
    let group = api.group("shop").await["id"].as_str().unwrap().to_owned();
    let path = api.apig(&format!("/api-groups/{group}/gateway-responses")).await;
    let listed = api.get(&path).await.fine(200);
    let default = &listed["responses"][0];
    assert_eq!((&listed["total"], &default["default"], &default["name"]), (&json!(1), &json!(true), &json!("default")));
    assert_eq!(
        (&default["responses"]["THROTTLED"]["status"], &default["responses"]["THROTTLED"]["default"]),
        (&json!(429), &json!(true))
    );
    let own = format!("{path}/{}", default["id"].as_str().unwrap());
    let rule = json!({"status": 418, "body": "{\"e\":\"$context.error.code\"}", "headers": [{"key": "X-Why", "value": "$context.error.type"}]});
    let changed = api.put(&format!("{own}/THROTTLED"), &rule).await.fine(200);
    assert_eq!(changed["THROTTLED"]["status"], 418);
    assert_eq!(api.get(&format!("{own}/THROTTLED")).await.fine(200), changed);
    assert_eq!(api.get(&own).await.fine(200)["responses"]["THROTTLED"], changed["THROTTLED"]);
    api.delete(&format!("{own}/THROTTLED")).await.fine(204);
    assert_eq!(api.get(&format!("{own}/THROTTLED")).await.fine(200)["THROTTLED"]["status"], 429);
    api.delete(&own).await.refused(400, "APIG.2012", &["cannot be deleted"]);
    let body = json!({"name": "mine", "responses": {"NOT_FOUND": {"status": 404, "body": "{}"}}});
    let made = api.post(&path, &body).await.fine(201);
    let own = format!("{path}/{}", made["id"].as_str().unwrap());
    assert_eq!(api.put(&own, &json!({"name": "ours"})).await.fine(200)["responses"]["NOT_FOUND"]["default"], true);
    api.delete(&own).await.fine(204);
    api.get(&own).await.refused(404, "APIG.3007", &[]);
    let wrong = json!({"name": "a b", "responses": {"TEAPOT": {}, "NOT_FOUND": {"status": 444, "headers": [{"key": "a:", "value": "[[x"}]}}});
    let parts = ["name must be", "'TEAPOT'", "status must be", "headers[0].key", "headers[0].value"];
    api.post(&path, &wrong).await.refused(400, "APIG.2012", &parts);
    api.get(&format!("{own}/TEAPOT")).await.refused(400, "APIG.2012", &["TEAPOT"]);
    let nowhere = api.apig("/api-groups/none/gateway-responses").await;
    api.get(&nowhere).await.refused(404, "APIG.3001", &["none"]);
}

#[tokio::test]
async fn an_api_has_the_responses_that_it_asks_for() {
    let api = Api::new().await;
    api.create("web", json!({})).await.fine(200);
    let group = api.group("shop").await["id"].as_str().unwrap().to_owned();
    let path = api.apig(&format!("/api-groups/{group}/gateway-responses")).await;
    let body = |status: u16| json!({"name": "mine", "responses": {"THROTTLED": {"status": status, "body": "{}"}}});
    let made = api.post(&path, &body(418)).await.fine(201)["id"].as_str().unwrap().to_owned();
    let definition = |responses: &str| {
        json!({
            "name": "teapot", "type": 1, "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/web", "auth_type": "NONE",
            "match_mode": "NORMAL", "backend_type": "FUNCTION", "group_id": group, "response_id": responses,
            "func_info": {
                "function_urn": api.urn("web"), "invocation_type": "sync", "network_type": "V1", "timeout": 5000,
            },
        })
    };
    api.post(&api.apig("/apis").await, &definition("nobody")).await.refused(404, "APIG.3007", &["nobody"]);
    let one = api.post(&api.apig("/apis").await, &definition(&made)).await.fine(201);
    assert_eq!(one["response_id"], made.as_str());
    let online = json!({"action": "online", "env_id": RELEASE, "api_id": one["id"]});
    api.post(&api.apig("/apis/action").await, &online).await.fine(201);
    let status = || {
        let snapshots = api.store.snapshots();
        let snapshot = snapshots.load();
        let route = snapshot.route(&format!("{group}.localhost"), &http::Method::GET, "/web").unwrap();
        let responses = route.policies.as_ref()?.responses.clone()?;
        responses.of("THROTTLED", http::StatusCode::TOO_MANY_REQUESTS)?.status.map(|status| status.as_u16())
    };
    assert_eq!(status(), Some(418));
    let default = api.get(&path).await.fine(200)["responses"][0]["id"].as_str().unwrap().to_owned();
    api.put(&format!("{path}/{default}/THROTTLED"), &json!({"status": 420, "body": "{}"})).await.fine(200);
    assert_eq!(status(), Some(418));
    api.delete(&format!("{path}/{made}")).await.fine(204);
    assert_eq!(status(), Some(420), "whoever asked for them has the default ones again");
    let shown = api.get(&api.apig(&format!("/apis/{}", one["id"].as_str().unwrap())).await).await.fine(200);
    assert!(shown.get("response_id").is_none(), "{shown}");
}

#[tokio::test]
async fn lists_of_what_is_bound_to_an_api_know_whether_there_is_one() {
    let api = Api::new().await;
    for path in [
        "/throttle-bindings/binded-throttles?api_id=none",
        "/acl-bindings/binded-acls?api_id=none",
        "/app-auths/binded-apps?api_id=none",
        "/apis/none/attached-plugins",
        "/apis/none/attachable-plugins",
    ] {
        api.get(&api.apig(path).await).await.refused(404, "APIG.3002", &["'none'"]);
    }
}

#[tokio::test]
async fn a_change_of_a_policy_is_in_the_audit_trail() {
    let api = Api::new().await;
    make(&api, "/throttles", &throttle("first"), "id").await;
    let traces = api.get(&format!("/v3/{}/traces?trace_type=system", api.credential.project)).await.fine(200);
    let text = traces.to_string();
    assert!(text.contains("ThrottlePolicy") && text.contains("first"), "{text}");
}
