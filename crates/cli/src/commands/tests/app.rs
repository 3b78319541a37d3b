use super::*;

const RELEASE: &str = "DEFAULT_ENVIRONMENT_RELEASE_ID";

/// A service with the app `shop`, which may call `old`, and with the API `orders`, which it may not call yet.
fn service() -> Server {
    Server::start(|request| {
        let app = |name: &str| json!({ "id": format!("a-{name}"), "name": name, "app_key": "k", "app_secret": "s" });
        let rest = request.path.strip_prefix("/v2/p0/apigw/instances").unwrap();
        match format!("{} {rest}", request.method).as_str() {
            "GET " => ok(&json!({ "instances": [{ "id": "i" }] })),
            "GET /i/apps" => ok(&json!({ "apps": [app("shop")], "size": 1, "total": 1 })),
            "POST /i/apps" => Reply { status: 201, ..ok(&app(request.json()["name"].as_str().unwrap())) },
            "PUT /i/apps/a-shop/app-codes" => Reply { status: 201, ..ok(&json!({ "app_code": "c0de", "id": "c" })) },
            "GET /i/app-auths/binded-apis" => {
                ok(&json!({ "auths": [{ "id": "g-old", "api_id": "old-id", "api_name": "old" }] }))
            }
            "GET /i/app-auths/unbinded-apis" => ok(&json!({ "apis": [{ "id": "orders-id", "name": "orders" }] })),
            "POST /i/app-auths" => {
                let result = json!({ "api_id": request.json()["api_ids"][0], "auth_result": { "status": "SUCCESS" } });
                Reply { status: 201, ..ok(&json!({ "auths": [result] })) }
            }
            "DELETE /i/app-auths/g-old" | "DELETE /i/apps/a-shop" => Reply { status: 204, ..Reply::default() },
            other => panic!("unexpected {other}"),
        }
    })
}

#[test]
fn an_app_is_made_listed_and_deleted() {
    let server = service();
    let made = funcd(&server, &["app", "create", "new", "--description", "d", "--json"]).json();
    assert_eq!((&made["name"], &made["app_secret"]), (&json!("new"), &json!("s")));
    assert!(funcd(&server, &["app", "list"]).out.contains("shop"));
    assert_eq!(funcd(&server, &["app", "delete", "shop"]).out, "deleted app shop\n");
    assert!(funcd(&server, &["app", "delete", "nobody"]).error.unwrap().contains("there is no app nobody"));
}

#[test]
fn an_app_is_authorized_by_the_names_of_both_and_cancelled() {
    let server = service();
    funcd(&server, &["app", "authorize", "shop", "orders"]);
    let sent: Vec<_> = server.received().into_iter().filter(|request| request.method == "POST").collect();
    let expect = json!({ "env_id": RELEASE, "app_ids": ["a-shop"], "api_ids": ["orders-id"] });
    assert_eq!(sent[0].json(), expect);
    let cancelled = funcd(&server, &["app", "authorize", "a-shop", "old", "--cancel", "--json"]).json();
    assert_eq!(cancelled["api_id"], "old-id");
    let wrong = funcd(&server, &["app", "authorize", "shop", "nothing"]);
    assert!(wrong.error.unwrap().contains("no API nothing with auth APP"));
}

#[test]
fn a_code_is_all_that_is_printed() {
    assert_eq!(funcd(&service(), &["app", "code", "shop"]).out, "c0de\n");
}
