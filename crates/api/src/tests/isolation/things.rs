//! What the first project has: one of everything, with [`WORD`] in what is said about it.

use model::invoke::Source;
use model::record::{Record, Timings};
use rcgen::{CertificateParams, KeyPair};
use telemetry::{Line, Stream};

use super::*;

/// In names, descriptions and contents of the first project, and in nothing that the second one sends by itself.
pub(super) const WORD: &str = "amber";
/// Of a domain.
pub(super) const HOST: &str = "api.amber.example";
pub(super) const RELEASE: &str = "DEFAULT_ENVIRONMENT_RELEASE_ID";

/// What a path parameter stands for, and other ids that bodies name.
pub(super) type Things = BTreeMap<&'static str, String>;

/// A certificate of the domain and its key.
pub(super) fn certificate() -> Value {
    let key = KeyPair::generate().unwrap();
    let chain = CertificateParams::new([HOST.to_owned()]).unwrap().self_signed(&key).unwrap().pem();
    json!({"name": "mine", "cert_content": chain, "private_key": key.serialize_pem()})
}

pub(super) fn dependency(name: &str) -> Value {
    let file = base64(&zip(&[("lib.js", name)]));
    json!({"name": name, "runtime": "Node.js18.15", "depend_type": "zip", "depend_file": file, "description": WORD})
}

/// What is made with `body`, which must succeed.
async fn made(api: &Api, path: &str, body: &Value) -> Value {
    let answer = api.post(path, body).await;
    assert!((200..300).contains(&answer.status), "{path}: {answer:?}");
    answer.json()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// Makes everything.
pub(super) async fn make(api: &Api) -> Things {
    let mut things = Things::new();
    for (name, value) in [
        ("action", "filter"),
        ("alias_name", "prod"),
        ("period", "60"),
        ("request_id", "amber-request"),
        ("resource_type", "functions"),
        ("response_type", "THROTTLED"),
        ("state", "true"),
        ("trigger_type_code", "DEDICATEDGATEWAY"),
        ("version", "1"),
        ("runtime_id", "nodejs18.15"),
    ] {
        things.insert(name, value.to_owned());
    }
    things.insert("project", api.credential.project.clone());
    function(api, &mut things).await;
    trigger(api, &mut things).await;
    group(api, &mut things).await;
    callers(api, &mut things).await;
    policies(api, &mut things).await;
    seen(api).await;
    heads(api).await;
    things
}

async fn function(api: &Api, things: &mut Things) {
    let dependencies = api.fgs("/dependencies/version");
    let used = made(api, &dependencies, &dependency("amber-used")).await;
    let free = made(api, &dependencies, &dependency("amber-free")).await;
    things.insert("depend_id", text(&free["dep_id"]));
    things.insert("dependency", text(&used["id"]));
    let more = json!({"description": WORD, "user_data": json!({"WORD": WORD}).to_string(), "depend_version_list": [used["id"]]});
    api.create("web", more).await.fine(200);
    api.create("judge", json!({})).await.fine(200);
    for name in ["function_urn", "func_urn", "resource_id"] {
        things.insert(name, api.urn("web"));
    }
    let version = json!({"version": "v1", "description": WORD});
    made(api, &api.fgs("/functions/web/versions"), &version).await;
    let alias = json!({"name": "prod", "version": "v1", "description": WORD});
    made(api, &api.fgs("/functions/web/aliases"), &alias).await;
    let event = json!({"name": WORD, "content": base64(br#"{"word":"amber"}"#)});
    things.insert("event_id", text(&made(api, &api.fgs("/functions/web/events"), &event).await["id"]));
    let tags = format!("/v2/{}/functions/web/tags/create", api.credential.project);
    api.post(&tags, &json!({"tags": [{"key": WORD, "value": WORD}]})).await.fine(204);
    let reserve = api.fgs(&format!("/functions/{}/reservedinstances", api.urn("web")));
    api.put(&reserve, &json!({"count": 1})).await.fine(200);
    let templates = api.get(&api.fgs("/templates")).await.fine(200);
    things.insert("template_id", text(&templates["func_templates"][0]["id"]));
}

async fn trigger(api: &Api, things: &mut Things) {
    let event = json!({"auth": "APP", "path": "/amber", "sl_domain": "amber.localhost", "name": "amber_api"});
    let trigger = made(api, &api.fgs("/triggers/web"), &new_trigger(event)).await;
    things.insert("trigger_id", text(&trigger["trigger_id"]));
    things.insert("api_id", text(&trigger["event_data"]["api_id"]));
    things.insert("group_id", text(&trigger["event_data"]["group_id"]));
    let one = api.store.reachable_apis(&api.credential.project).await.unwrap().remove(0);
    things.insert("publication", one.publish_id);
    let versions = api.apig(&format!("/apis/publish/{}", things["api_id"])).await;
    things.insert("version_id", text(&api.get(&versions).await.fine(200)["api_versions"][0]["version_id"]));
}

async fn group(api: &Api, things: &mut Things) {
    let group = api.apig(&format!("/api-groups/{}", things["group_id"])).await;
    let domain = made(api, &format!("{group}/domains"), &json!({"url_domain": HOST})).await;
    let certified = format!("{group}/domains/{}/certificate", text(&domain["id"]));
    things.insert("certificate_id", text(&made(api, &certified, &certificate()).await["ssl_id"]));
    things.insert("domain_id", text(&domain["id"]));
    let responses = json!({"name": WORD, "responses": {"NOT_FOUND": {"status": 404, "body": "{\"word\":\"amber\"}"}}});
    let response = made(api, &format!("{group}/gateway-responses"), &responses).await;
    things.insert("response_id", text(&response["id"]));
    let environment = made(api, &api.apig("/envs").await, &json!({"name": "amber_env", "remark": WORD})).await;
    things.insert("env_id", text(&environment["id"]));
    let variable = variable(things, "amber_name");
    things.insert("env_variable_id", text(&made(api, &api.apig("/env-variables").await, &variable).await["id"]));
}

pub(super) fn variable(things: &Things, name: &str) -> Value {
    json!({"group_id": things["group_id"], "env_id": things["env_id"], "variable_name": name, "variable_value": WORD})
}

async fn callers(api: &Api, things: &mut Things) {
    let app = made(api, &api.apig("/apps").await, &json!({"name": "amber_app", "remark": WORD})).await;
    things.insert("app_id", text(&app["id"]));
    things.insert("key", text(&app["app_key"]));
    let codes = api.apig(&format!("/apps/{}/app-codes", things["app_id"])).await;
    things.insert("app_code_id", text(&made(api, &codes, &json!({"app_code": "a".repeat(64)})).await["id"]));
    let addresses = api.apig(&format!("/apps/{}/app-acl", things["app_id"])).await;
    api.put(&addresses, &json!({"app_acl_type": "PERMIT", "app_acl_values": ["192.0.2.1"]})).await.fine(201);
    let pair = json!({"env_id": RELEASE, "app_ids": [things["app_id"]], "api_ids": [things["api_id"]]});
    let auths = made(api, &api.apig("/app-auths").await, &pair).await;
    things.insert("app_auth_id", text(&auths["auths"][0]["id"]));
    let judge = authorizer(&api.urn("judge"), "amber_judge");
    things.insert("authorizer_id", text(&made(api, &api.apig("/authorizers").await, &judge).await["id"]));
}

pub(super) fn authorizer(function: &str, name: &str) -> Value {
    json!({
        "name": name, "type": "FRONTEND", "authorizer_type": "FUNC", "authorizer_uri": function, "ttl": 60, "network_type": "V2",
        "user_data": WORD, "identities": [{"name": "X-Word", "location": "HEADER"}],
    })
}

pub(super) fn throttle(name: &str) -> Value {
    json!({"name": name, "time_unit": "MINUTE", "time_interval": 2, "api_call_limits": 10, "remark": WORD})
}

pub(super) fn acl(name: &str) -> Value {
    json!({"acl_name": name, "acl_type": "PERMIT", "entity_type": "IP", "acl_value": "192.0.2.1"})
}

pub(super) fn plugin(name: &str) -> Value {
    let content = json!({"allow_origin": "*"}).to_string();
    json!({"plugin_name": name, "plugin_type": "cors", "plugin_scope": "global", "plugin_content": content, "remark": WORD})
}

async fn policies(api: &Api, things: &mut Things) {
    let publications = json!([things["publication"]]);
    let policy = made(api, &api.apig("/throttles").await, &throttle("amber_throttle")).await;
    things.insert("throttle_id", text(&policy["id"]));
    let specials = api.apig(&format!("/throttles/{}/throttle-specials", things["throttle_id"])).await;
    let special = json!({"call_limits": 2, "object_id": things["app_id"], "object_type": "APP"});
    things.insert("strategy_id", text(&made(api, &specials, &special).await["id"]));
    let bind = json!({"strategy_id": things["throttle_id"], "publish_ids": publications});
    let bound = made(api, &api.apig("/throttle-bindings").await, &bind).await;
    things.insert("throttle_binding_id", text(&bound["throttle_applys"][0]["id"]));

    let list = made(api, &api.apig("/acls").await, &acl("amber_acl")).await;
    things.insert("acl_id", text(&list["id"]));
    let bind = json!({"acl_id": list["id"], "publish_ids": publications});
    let bound = made(api, &api.apig("/acl-bindings").await, &bind).await;
    things.insert("acl_bindings_id", text(&bound["acl_bindings"][0]["id"]));

    let one = made(api, &api.apig("/plugins").await, &plugin("amber_plugin")).await;
    things.insert("plugin_id", text(&one["plugin_id"]));
    let attach = api.apig(&format!("/plugins/{}/attach", things["plugin_id"])).await;
    made(api, &attach, &json!({"env_id": RELEASE, "api_ids": [things["api_id"]]})).await;
}

/// Headers of that request.
async fn heads(api: &Api) {
    let path = format!("/v2/{}/funcd/functions/web/header-capture", api.credential.project);
    api.put(&path, &json!({"seconds": 3600, "names": ["x-amber"]})).await.fine(200);
    headers::keep(api, "web", "amber-request", &[("x-amber", WORD)]);
}

/// A line of the log and a record of a request.
async fn seen(api: &Api) {
    let now = model::time::now();
    let (function, version) = (api.urn("web"), "latest".to_owned());
    api.telemetry.log(Line {
        at: now,
        function: function.clone(),
        version: version.clone(),
        instance: "i1".into(),
        stream: Stream::Stderr,
        request_id: Some("amber-request".into()),
        tags: None,
        text: WORD.into(),
    });
    api.telemetry.record(Record {
        request_id: "amber-request".into(),
        function: function.into(),
        version: version.into(),
        revision: 1,
        instance: Some("i1".into()),
        source: Source::Gateway,
        method: "GET".into(),
        path: "/amber".into(),
        status: 200,
        error: None,
        started: now,
        timings: Timings {
            gateway_us: 7,
            queue_us: 1,
            sandbox_us: 2,
            boot_us: 3,
            thaw_us: 6,
            first_byte_us: 4,
            total_us: 5,
        },
        request_bytes: 6,
        response_bytes: 7,
        memory_bytes: 8,
        memory_mb: 128,
    });
    let telemetry = api.telemetry.clone();
    tokio::task::spawn_blocking(move || telemetry.flush()).await.unwrap();
}
