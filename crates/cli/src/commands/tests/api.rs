use super::*;

const RELEASE: &str = "DEFAULT_ENVIRONMENT_RELEASE_ID";

fn api(name: &str) -> Value {
    json!({
        "id": format!("{name}-id"), "name": name, "group_id": "g", "group_name": "shop", "req_method": "ANY", "req_uri": "/orders",
        "match_mode": "SWA", "auth_type": "NONE", "type": 1, "req_protocol": "BOTH", "backend_type": "FUNCTION",
        "run_env_id": RELEASE, "run_env_name": "RELEASE", "sl_domain": "g.localhost",
        "func_info": { "id": "f", "function_urn": URN, "timeout": 5000, "invocation_type": "sync", "network_type": "V2" },
        "req_params": [{ "id": "p", "name": "x", "location": "QUERY", "type": "STRING" }],
    })
}

/// A service with the groups `DEFAULT` and `shop`, and in that the API `orders`, which is published in RELEASE.
fn service() -> Server {
    Server::start(|request| {
        if request.path == "/v2/p0/funcd/info" {
            return ok(&json!({
                "region": "local-1", "project_id": "p0", "gateway_url": "http://127.0.0.1:8080", "gateway_port": 8080,
                "gateway_tls_url": "https://127.0.0.1:8443", "gateway_tls_port": 8443, "default_group_id": "d",
            }));
        }
        let rest = request.path.strip_prefix("/v2/p0/apigw/instances").unwrap();
        let published = || json!({ "publish_id": "p", "api_id": "orders-id", "api_name": "orders", "env_id": RELEASE, "version_id": "v" });
        match format!("{} {rest}", request.method).as_str() {
            "GET " => ok(&json!({ "instances": [{ "id": "i" }] })),
            "GET /i/api-groups" => ok(&json!({ "groups": [
                { "id": "d", "name": "DEFAULT", "sl_domain": "127.0.0.1" }, { "id": "g", "name": "shop", "sl_domain": "g.localhost" },
            ] })),
            "POST /i/api-groups" => {
                Reply { status: 201, ..ok(&json!({ "id": "n", "name": "new", "sl_domain": "n.localhost" })) }
            }
            "GET /i/apis" => ok(&json!({ "apis": [api("orders")] })),
            "GET /i/apis/orders-id" | "GET /i/apis/runtime/orders-id" | "PUT /i/apis/orders-id" => ok(&api("orders")),
            "POST /i/apis" => Reply { status: 201, ..ok(&api("orders")) },
            "GET /i/envs" => {
                ok(&json!({ "envs": [{ "id": RELEASE, "name": "RELEASE" }, { "id": "t", "name": "test" }] }))
            }
            "POST /i/apis/action" => Reply { status: 201, ..ok(&published()) },
            "GET /i/apis/publish/orders-id" => ok(&json!({ "api_versions": [
                { "version_id": "v2", "version_no": "20260102", "env_id": RELEASE, "env_name": "RELEASE", "status": 1 },
                { "version_id": "v1", "version_no": "20260101", "env_id": RELEASE, "env_name": "RELEASE", "status": 2 },
            ] })),
            "PUT /i/apis/publish/orders-id" => ok(&published()),
            "POST /i/apis/debug/orders-id" => ok(&json!({
                "request": "GET /orders HTTP/1.1\r\n\r\n", "response": "HTTP/1.1 200 OK\r\n\r\n\u{1b}[31mhello", "latency": 3, "log": "one\ntwo\n",
            })),
            "DELETE /i/api-groups/g" => Reply { status: 204, ..Reply::default() },
            other => panic!("unexpected {other}"),
        }
    })
}

/// The body of the only request of this method whose path ends like this.
#[track_caller]
fn sent(server: &Server, method: &str, end: &str) -> Value {
    let fits = |request: &Received| request.method == method && request.path.ends_with(end);
    server.received().into_iter().find(fits).unwrap().json()
}

#[test]
fn an_api_is_made_with_what_is_usual_and_what_is_said() {
    let server = service();
    let line = [
        "api",
        "create",
        "orders",
        "--function",
        "web",
        "--group",
        "shop",
        "--path",
        "/orders/{id}",
        "--method",
        "get",
        "--match",
        "exact",
        "--auth",
        "app",
        "--simple-auth",
        "--timeout",
        "9",
        "--alias",
        "prod",
        "--description",
        "d",
    ];
    assert!(funcd(&server, &line).out.contains("`funcd api publish orders` lets it answer"));
    let body = sent(&server, "POST", "/apis");
    assert_eq!(
        body,
        json!({
            "name": "orders", "type": 1, "req_protocol": "BOTH", "req_method": "GET", "req_uri": "/orders/{id}", "auth_type": "APP",
            "auth_opt": { "app_code_auth_type": "HEADER" }, "match_mode": "NORMAL", "backend_type": "FUNCTION", "remark": "d",
            "group_id": "g", "func_info": {
                "function_urn": URN, "invocation_type": "sync", "network_type": "V2", "timeout": 9, "alias_urn": format!("{URN}:!prod"),
            },
        })
    );
}

#[test]
fn an_edit_keeps_what_is_not_said() {
    let server = service();
    assert!(funcd(&server, &["api", "edit", "shop/orders", "--path", "/user/get"]).out.contains("api publish orders"));
    let body = sent(&server, "PUT", "/apis/orders-id");
    assert_eq!(
        (&body["req_uri"], &body["name"], &body["group_id"]),
        (&json!("/user/get"), &json!("orders"), &json!("g"))
    );
    assert_eq!(
        body["func_info"],
        json!({ "function_urn": URN, "timeout": 5000, "invocation_type": "sync", "network_type": "V2" })
    );
    assert_eq!(body["req_params"], json!([{ "name": "x", "location": "QUERY", "type": "STRING" }]));
    assert!(body.get("run_env_id").is_none() && body.get("id").is_none(), "{body}");
}

#[test]
fn an_api_is_published_switched_and_taken_offline_by_names() {
    let server = service();
    let published = funcd(&server, &["api", "publish", "orders", "--env", "RELEASE"]);
    assert_eq!(published.out, "published API orders in RELEASE\nhttp://g.localhost:8080/orders\n", "{published:?}");
    assert_eq!(
        sent(&server, "POST", "/action"),
        json!({ "action": "online", "env_id": RELEASE, "api_id": "orders-id" })
    );
    assert!(funcd(&server, &["api", "versions", "orders"]).out.contains("20260101"));
    funcd(&server, &["api", "switch", "orders", "20260101", "--json"]).json();
    assert_eq!(sent(&server, "PUT", "/publish/orders-id"), json!({ "version_id": "v1" }));
    funcd(&server, &["api", "switch", "orders", "v9"]).failed("no version 'v9'");
    let server = service();
    assert_eq!(funcd(&server, &["api", "offline", "orders", "--env", "test"]).out, "API orders is offline in test\n");
    assert_eq!(sent(&server, "POST", "/action"), json!({ "action": "offline", "env_id": "t", "api_id": "orders-id" }));
    funcd(&server, &["api", "publish", "orders", "--env", "nowhere"]).failed("there are RELEASE, test");
    funcd(&server, &["api", "publish", "nobody"]).failed("`funcd api list` shows those there are");
    funcd(&server, &["api", "delete", "orders", "--yes"]).failed("take it offline first");
}

#[test]
fn a_test_says_what_was_asked_and_shows_no_colours_of_the_answer() {
    let server = service();
    let line = [
        "api",
        "debug",
        "orders",
        "--query",
        "a=1",
        "--query",
        "a=2",
        "--header",
        "X-Test: b",
        "--data",
        "{}",
        "--env",
        "test",
    ];
    let shown = funcd(&server, &line).out;
    assert!(shown.contains("HTTP/1.1 200 OK") && shown.ends_with("one\ntwo\n") && !shown.contains('\u{1b}'), "{shown}");
    assert_eq!(
        sent(&server, "POST", "/debug/orders-id"),
        json!({
            "mode": "CONSUMER", "stage": "test", "scheme": "HTTP", "method": "GET", "path": "/orders", "query": { "a": ["1", "2"] },
            "header": { "X-Test": ["b"] }, "body": "{}",
        })
    );
    funcd(&server, &["api", "debug", "orders", "--query", "a"]).failed("--query 'a' must be NAME=VALUE");
}

#[test]
fn apis_and_groups_are_listed_and_shown() {
    let server = service();
    let list = funcd(&server, &["api", "list", "--group", "shop"]).out;
    assert!(list.contains("orders") && list.contains("/orders/*") && list.contains("RELEASE"), "{list}");
    let shown = funcd(&server, &["api", "show", "orders", "--json"]).json();
    assert_eq!(
        (&shown["url"], &shown["published"][0]["id"]),
        (&json!("http://g.localhost:8080/orders"), &json!("orders-id"))
    );
    assert_eq!(funcd(&server, &["api", "list", "--group", "DEFAULT", "--json"]).json(), json!([]));
    assert_eq!(funcd(&server, &["group", "create", "new"]).out, "group new answers at n.localhost\n");
    let group = funcd(&server, &["group", "show", "shop"]).out;
    assert!(group.contains("g.localhost") && group.contains("orders"), "{group}");
    assert_eq!(funcd(&server, &["group", "delete", "shop", "--yes"]).out, "deleted group shop\n");
    funcd(&server, &["group", "show", "nobody"]).failed("there are DEFAULT, shop");
}
