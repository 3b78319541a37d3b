use super::*;

/// `(invoke_url, group_id)` of a new trigger.
pub(super) async fn place(api: &Api, event: Value) -> (String, String) {
    let trigger = api.post(&api.fgs("/triggers/web"), &new_trigger(event)).await.fine(201);
    let text = |field: &str| trigger["event_data"][field].as_str().unwrap().to_owned();
    (text("invoke_url"), text("group_id"))
}

async fn with_function() -> Api {
    let api = Api::new().await;
    api.create("web", json!({})).await.fine(200);
    api
}

#[tokio::test]
async fn a_trigger_is_shown_with_every_field() {
    let api = with_function().await;
    // What the Terraform provider sends (api.md f), but for the authentication.
    let body = json!({
        "trigger_type_code": "DEDICATEDGATEWAY", "trigger_status": "ACTIVE", "event_type_code": "MessageCreated",
        "event_data": {
            "env_name": "RELEASE", "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "group_id": "G",
            "sl_domain": "G.apic.example", "protocol": "HTTPS", "auth": "NONE", "name": "api1", "path": "/api1",
            "backend_type": "FUNCTION", "match_mode": "SWA", "req_method": "ANY", "type": 1,
            "func_info": {"timeout": 5000}, "instance_id": "I",
        },
    });
    let created = api.post(&api.fgs("/triggers/web"), &body).await.fine(201);
    insta::with_settings!({filters => vec![
        (&*api.credential.project, "PROJECT"),
        (r"[0-9a-f]{32}", "ID"),
        (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME"),
    ]}, {
        insta::assert_json_snapshot!(created);
    });
    let id = created["trigger_id"].as_str().unwrap();
    assert_eq!(created["event_data"]["triggerid"], id);
    let shown = api.get(&api.fgs(&format!("/triggers/web/DEDICATEDGATEWAY/{id}"))).await.fine(200);
    assert_eq!(shown, created);
    assert_eq!(api.get(&api.fgs("/triggers/web")).await.fine(200), json!([created]));
}

#[tokio::test]
async fn the_group_decides_the_host() {
    let api = with_function().await;
    let groups = api.store.groups(&api.credential.project).await.unwrap();
    let default = groups[0].id.clone();
    let bare = |path: &str| format!("http://127.0.0.1:8080{path}");
    assert_eq!(place(&api, json!({})).await, (bare("/web"), default.clone()));
    assert_eq!(place(&api, json!({"group_id": "DEFAULT", "path": "/a"})).await, (bare("/a"), default.clone()));
    assert_eq!(place(&api, json!({"group_id": &default, "path": "/b"})).await, (bare("/b"), default.clone()));
    assert_eq!(place(&api, json!({"group_name": "DEFAULT", "name": "c"})).await, (bare("/c"), default.clone()));

    let (url, own) = place(&api, json!({"sl_domain": "Web.LocalHost", "path": "/"})).await;
    assert_eq!(url, "http://web.localhost:8080/");
    assert_eq!(
        place(&api, json!({"group_id": &own, "path": "/x"})).await,
        ("http://web.localhost:8080/x".into(), own.clone())
    );
    let with_default = json!({"group_id": "DEFAULT", "sl_domain": "web.localhost", "path": "/y"});
    assert_eq!(place(&api, with_default).await.1, own);
    let named = json!({"group_id": "g1", "group_name": "shop", "sl_domain": "shop.example", "path": "/"});
    assert_eq!(place(&api, named).await, ("http://shop.example:8080/".into(), "g1".into()));
}

#[tokio::test]
async fn a_group_that_is_not_there_or_answers_elsewhere_is_explained() {
    let api = with_function().await;
    let path = api.fgs("/triggers/web");
    let default = api.store.groups(&api.credential.project).await.unwrap()[0].id.clone();
    place(&api, json!({"group_id": "g1", "sl_domain": "one.example"})).await;
    let unknown = api.post(&path, &new_trigger(json!({"group_id": "nope"}))).await;
    unknown.refused(400, "FSS.1417", &["'nope' is no API group", &default, "sl_domain"]);
    let mut apig = new_trigger(json!({"group_name": "nope"}));
    apig["trigger_type_code"] = json!("APIG");
    api.post(&path, &apig).await.refused(400, "FSS.1107", &["event_data.group_name 'nope'"]);
    for (event, part) in [
        (json!({"group_id": "g2", "sl_domain": "one.example"}), "belongs to API group 'g1'"),
        (json!({"group_id": "g1", "sl_domain": "two.example"}), "answers at 'one.example'"),
        (json!({"sl_domain": "two.example:80"}), "without a port"),
        (json!({"sl_domain": "-two.example"}), "must be a host name"),
        (json!({"sl_domain": "127.0.0.1"}), "bare address"),
        (json!({"sl_domain": "localhost"}), "bare address"),
    ] {
        api.post(&path, &new_trigger(event)).await.refused(400, "FSS.1417", &[part]);
    }
    assert_eq!(api.store.groups(&api.credential.project).await.unwrap().len(), 2);
}

#[tokio::test]
async fn every_problem_of_a_trigger_is_reported_at_once() {
    let api = with_function().await;
    let path = api.fgs("/triggers/web");
    let event = json!({
        "auth": "BASIC", "path": "a", "type": 2, "protocol": "FTP", "req_method": "TRACE", "match_mode": "X",
        "env_id": "other", "backend_type": "MOCK", "func_info": {"timeout": 60001, "invocation_type": "async",
        "function_urn": "urn:fss:local-1:p:function:default:other", "version": "v1"}, "api_id": "mine",
        "group_id": "nope", "schedule": "3m", "name": 7,
    });
    let mut body = new_trigger(event);
    body["trigger_status"] = json!("DISABLED");
    api.post(&path, &body).await.refused(
        400,
        "FSS.1417",
        &[
            "trigger_status DISABLED",
            "'event_data.schedule' is not a field",
            "event_data.name: invalid type",
            "event_data.auth must be NONE, APP or IAM, not 'BASIC'",
            "event_data.path must be",
            "event_data.type must be 1 (public), as private APIs (2) are not supported yet, not 2",
            "event_data.protocol",
            "event_data.req_method",
            "event_data.match_mode",
            "event_data.env_id",
            "event_data.backend_type",
            "event_data.func_info.timeout must be 1 to 60000 ms, not 60001",
            "event_data.func_info.invocation_type",
            "event_data.func_info.function_urn",
            "event_data.func_info.version",
            "event_data.api_id",
            "'nope'",
        ],
    );
    let silent = json!({"trigger_type_code": "APIG", "event_data": {}});
    api.post(&path, &silent).await.refused(400, "FSS.1107", &["event_data.auth is missing"]);
    let bare = json!({"trigger_type_code": "APIG"});
    api.post(&path, &bare).await.refused(400, "FSS.1107", &["event_data is missing"]);
}

#[tokio::test]
async fn only_the_gateways_trigger_types_are_there() {
    let api = with_function().await;
    let path = api.fgs("/triggers/web");
    for (kind, part) in [("TIMER", "an HTTP function has no TIMER trigger"), ("APIC", "APIC"), ("NOPE", "not 'NOPE'")] {
        let body = json!({"trigger_type_code": kind, "event_data": {"name": "t", "schedule": "3m"}});
        api.post(&path, &body).await.refused(400, "FSS.1101", &[part]);
    }
    api.post(&path, &json!({})).await.refused(400, "FSS.1101", &["trigger_type_code is missing"]);
    api.post(&api.fgs("/triggers/none"), &new_trigger(json!({}))).await.refused(404, "FSS.1051", &["none"]);
}

#[tokio::test]
async fn two_triggers_never_answer_at_the_same_place() {
    let api = with_function().await;
    api.create("other", json!({})).await.fine(200);
    place(&api, json!({"path": "/user"})).await;
    let again = api.post(&api.fgs("/triggers/other"), &new_trigger(json!({"path": "/user"}))).await;
    again.refused(409, "FSS.1147", &["/user"]);
    for index in 1..10 {
        place(&api, json!({"path": format!("/{index}")})).await;
    }
    let eleventh = json!({"path": "/11", "sl_domain": "eleven.example"});
    api.post(&api.fgs("/triggers/web"), &new_trigger(eleventh)).await.refused(403, "FSS.1124", &["10"]);
    assert_eq!(api.store.groups(&api.credential.project).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_trigger_is_changed_by_an_object_or_a_list() {
    let api = with_function().await;
    let created =
        api.post(&api.fgs("/triggers/web"), &new_trigger(json!({"name": "n", "instance_id": "i"}))).await.fine(201);
    let id = created["trigger_id"].as_str().unwrap();
    let path = api.fgs(&format!("/triggers/web/DEDICATEDGATEWAY/{id}"));
    let change = json!({"trigger_status": "ACTIVE", "event_data": {"path": "/new", "req_method": "GET"}});
    let after = api.put(&path, &change).await.fine(200);
    let mut expect = created.clone();
    expect["event_data"]["path"] = json!("/new");
    expect["event_data"]["req_method"] = json!("GET");
    expect["event_data"]["invoke_url"] = json!("http://127.0.0.1:8080/new");
    expect["last_updated_time"] = after["last_updated_time"].clone();
    assert_eq!(after, expect);
    let listed = json!({"event_data": [{"match_mode": "NORMAL", "func_info": {"timeout": 100}}]});
    let after = api.put(&path, &listed).await.fine(200);
    assert_eq!(
        (&after["event_data"]["match_mode"], &after["event_data"]["func_info"]["timeout"]),
        (&json!("NORMAL"), &json!(100))
    );
    assert_eq!(api.put(&path, &json!({"event_data": []})).await.fine(200)["event_data"], after["event_data"]);
    assert_eq!(api.put(&path, &after).await.status, 400, "an answer has fields that a request has not");
    let back = json!({"event_data": after["event_data"].clone()});
    assert_eq!(api.put(&path, &back).await.fine(200)["event_data"], after["event_data"]);
    let moved = json!({"event_data": {"sl_domain": "web.example"}});
    assert_eq!(api.put(&path, &moved).await.fine(200)["event_data"]["invoke_url"], "http://web.example:8080/new");
    let wrong = json!({"trigger_status": "DISABLED", "event_data": [{"polling_interval": 5}]});
    api.put(&path, &wrong).await.refused(400, "FSS.1417", &["cannot be disabled", "polling_interval"]);
}

#[tokio::test]
async fn triggers_are_deleted_one_by_one_and_all_at_once() {
    let api = with_function().await;
    let all = api.fgs("/triggers/web");
    let created = api.post(&all, &new_trigger(json!({}))).await.fine(201);
    let id = created["trigger_id"].as_str().unwrap();
    let other_type = api.fgs(&format!("/triggers/web/APIG/{id}"));
    api.get(&other_type).await.refused(404, "FSS.1138", &[id]);
    api.delete(&api.fgs(&format!("/triggers/web/TIMER/{id}"))).await.refused(404, "FSS.1131", &[id]);
    let path = api.fgs(&format!("/triggers/web/DEDICATEDGATEWAY/{id}"));
    assert!(api.delete(&path).await.fine(204).is_null());
    api.delete(&path).await.refused(404, "FSS.1138", &[id]);
    api.get(&path).await.refused(404, "FSS.1138", &[id]);
    api.post(&all, &new_trigger(json!({}))).await.fine(201);
    api.delete(&all).await.fine(204);
    api.delete(&all).await.fine(204);
    assert_eq!(api.get(&all).await.fine(200), json!([]));
}

#[tokio::test]
async fn a_trigger_publishes_where_it_says_and_moves_with_what_it_says() {
    let api = with_function().await;
    let env = async |name: &str| {
        let made = api.post(&api.apig("/envs").await, &json!({"name": name})).await.fine(201);
        made["id"].as_str().unwrap().to_owned()
    };
    let (test, other) = (env("TEST").await, env("OTHER").await);
    let event = json!({"env_id": &test, "env_name": "TEST", "path": "/users/{id}", "match_mode": "NORMAL"});
    let made = api.post(&api.fgs("/triggers/web"), &new_trigger(event)).await.fine(201);
    let shown = |made: &Value| (made["event_data"]["env_id"].clone(), made["event_data"]["env_name"].clone());
    assert_eq!(shown(&made), (json!(test), json!("TEST")));
    assert_eq!(made["event_data"]["path"], "/users/{id}");
    let answers = |stage: Option<&str>, path: &str| {
        let snapshots = api.store.snapshots();
        snapshots.load().route_in("h", stage, &http::Method::GET, path).map(|route| route.api.env_id.clone())
    };
    assert_eq!((answers(Some("TEST"), "/users/7"), answers(None, "/users/7")), (Some(test.clone()), None));
    assert_eq!(answers(Some("TEST"), "/users/7/x"), None, "a parameter is one part");

    let path = api.fgs(&format!("/triggers/web/APIG/{}", made["trigger_id"].as_str().unwrap()));
    let path = path.replace("APIG", made["trigger_type_code"].as_str().unwrap());
    let moved = api.put(&path, &json!({"event_data": {"env_name": "OTHER"}})).await.fine(200);
    assert_eq!(shown(&moved), (json!(other), json!("OTHER")));
    assert_eq!((answers(Some("TEST"), "/users/7"), answers(Some("OTHER"), "/users/7")), (None, Some(other.clone())));
    let kept = api.put(&path, &json!({"event_data": {"path": "/{a}/{b}"}})).await.fine(200);
    assert_eq!((shown(&kept), answers(Some("OTHER"), "/x/y")), (shown(&moved), Some(other.clone())));
    assert_eq!(api.get(&path).await.fine(200), kept);

    let refused = |event: Value, part: &'static str| {
        let (api, path) = (&api, &path);
        async move { api.put(path, &json!({"event_data": event})).await.refused(400, "FSS.1417", &[part]) }
    };
    refused(json!({"env_name": "NOWHERE"}), "event_data.env_name must be the name of an environment").await;
    refused(json!({"env_id": "none"}), "event_data.env_id must be the id of an environment").await;
    refused(json!({"env_id": &test, "env_name": "OTHER"}), "'OTHER' is not the name of event_data.env_id").await;
    refused(json!({"path": "/{a}/{a}"}), "each name once").await;
    refused(json!({"path": "/{proxy+}"}), "match_mode SWA").await;
}

#[tokio::test]
async fn two_triggers_share_a_path_only_where_environments_or_shapes_differ() {
    let api = with_function().await;
    let named = api.post(&api.apig("/envs").await, &json!({"name": "TEST"})).await.fine(201);
    let path = api.fgs("/triggers/web");
    api.post(&path, &new_trigger(json!({"path": "/users/{id}"}))).await.fine(201);
    let same = new_trigger(json!({"path": "/users/{name}"}));
    api.post(&path, &same).await.refused(409, "FSS.1147", &["/users/{name}", "exists"]);
    api.post(&path, &new_trigger(json!({"path": "/users/all"}))).await.fine(201);
    let elsewhere = json!({"path": "/users/{id}", "env_id": named["id"], "sl_domain": "other.example"});
    api.post(&path, &new_trigger(elsewhere)).await.fine(201);
}

#[tokio::test]
async fn an_environment_that_goes_leaves_its_triggers_to_release() {
    let api = with_function().await;
    let env = api.post(&api.apig("/envs").await, &json!({"name": "TEST"})).await.fine(201)["id"].clone();
    let env = env.as_str().unwrap();
    let made = api.post(&api.fgs("/triggers/web"), &new_trigger(json!({"env_id": env}))).await.fine(201);
    let gone = api.apig(&format!("/envs/{env}")).await;
    api.delete(&gone).await.refused(409, "APIG.3418", &[]);
    let offline = json!({"action": "offline", "api_id": made["event_data"]["api_id"], "env_id": env});
    api.post(&api.apig("/apis/action").await, &offline).await.fine(201);
    api.delete(&gone).await.fine(204);
    let listed = api.get(&api.fgs("/triggers/web")).await.fine(200);
    assert_eq!(listed[0]["event_data"]["env_name"], "RELEASE");
}
