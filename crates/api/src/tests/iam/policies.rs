use super::*;

#[test]
fn every_operation_of_the_specifications_and_every_one_of_ours_has_an_action() {
    let own: Value = serde_json::from_str(include_str!("../../../../../spec/funcd.openapi.json")).unwrap();
    let own = own["paths"].as_object().unwrap().values().flat_map(|methods| methods.as_object().unwrap().values());
    let mut ids: Vec<String> = own.map(|operation| operation["operationId"].as_str().unwrap().to_owned()).collect();
    // Served beside the routes, to everybody: two say nothing about anybody, the third is let in by a token in its path.
    ids.retain(|id| !matches!(id.as_str(), "ShowHealth" | "ShowOpenApi" | "DownloadPackage"));
    ids.extend(crate::unimplemented::operations().iter().map(|(operation, _)| operation.id.to_owned()));
    let without: Vec<_> = ids.iter().filter(|id| crate::actions::of(id).is_none()).collect();
    assert_eq!(without, [] as [&String; 0]);
}

#[tokio::test]
async fn who_has_no_right_is_refused_every_operation_by_the_name_of_its_action() {
    let api = Api::new().await;
    api.create("web", json!({})).await.fine(200);
    // A member of the project, but for one thing only.
    let body = json!({"role": {"display_name": "templates", "policy": {"Version": "1.1", "Statement": [
        {"Effect": "Allow", "Action": ["functiongraph:workflow:callback"]}]}}});
    api.post("/v3.0/OS-ROLE/roles", &body).await.fine(201);
    let user = api.user("nobody", "templates", None).await;
    let key = api.key(&user).await;
    for (operation, _) in crate::unimplemented::operations() {
        let rule = crate::actions::of(operation.id).unwrap();
        let refused = matches!(rule.access, crate::actions::Access::Checked | crate::actions::Access::NamedLater);
        if !refused || rule.action == "functiongraph:workflow:callback" {
            continue;
        }
        let path = operations::uri(&api, operation.path);
        let answer = api.with(&key, operation.method, &path, &Value::Null).await;
        assert_eq!(answer.status, 403, "{} {path}: {answer:?}", operation.id);
        if operation.method != "HEAD" {
            assert!(String::from_utf8_lossy(&answer.body).contains(rule.action), "{}: {answer:?}", operation.id);
        }
    }
}

#[tokio::test]
async fn a_reader_reads_and_a_common_operator_calls_and_neither_changes_anything() {
    let api = Api::new().await;
    api.create("web", json!({})).await.fine(200);
    let reader = api.key(&api.user("reader", "ReadOnlyAccess", None).await).await;
    let common = api.key(&api.user("common", "CommonOperations", None).await).await;
    let (config, call) = (api.fgs("/functions/web/config"), api.fgs("/functions/web/invocations"));
    for key in [&reader, &common] {
        api.with(key, "GET", &config, &Value::Null).await.fine(200);
        api.with(key, "POST", &api.fgs("/functions"), &new_function("x")).await.refused(
            403,
            "FSS.0403",
            &["functiongraph:function:create"],
        );
        api.with(key, "DELETE", &api.fgs("/functions/web"), &Value::Null).await.refused(
            403,
            "FSS.0403",
            &["functiongraph:function:delete", "default/web"],
        );
    }
    api.with(&reader, "POST", &call, &json!({})).await.refused(403, "FSS.0403", &["functiongraph:function:invoke"]);
    assert_ne!(api.with(&common, "POST", &call, &json!({})).await.status, 403);
    api.with(&reader, "GET", "/v3/users", &Value::Null).await.fine(200);
    api.with(&common, "GET", "/v3/users", &Value::Null).await.iam_refused(403, &["iam:users:listUsers"]);
    api.with(&reader, "POST", "/v3/users", &json!({"user": {"name": "x"}}))
        .await
        .iam_refused(403, &["iam:users:createUser"]);
}

#[tokio::test]
async fn a_custom_policy_decides_by_name_and_a_deny_wins() {
    let api = Api::new().await;
    for name in ["web", "secret"] {
        api.create(name, json!({})).await.fine(200);
    }
    let statements = json!([
        {"Effect": "Allow", "Action": ["functiongraph:*:*"], "Resource": ["FUNCTIONGRAPH:*:*:function:default/*"]},
        {"Effect": "Deny", "Action": ["functiongraph:function:*"], "Resource": ["FUNCTIONGRAPH:*:*:function:default/secret*"]},
    ]);
    let body =
        json!({"role": {"display_name": "most", "type": "XA", "policy": {"Version": "1.1", "Statement": statements}}});
    let role = api.post("/v3.0/OS-ROLE/roles", &body).await.fine(201);
    let id = role["role"]["id"].as_str().unwrap().to_owned();
    let key = api.key(&api.user("dev", "most", Some(api.store.project())).await).await;
    api.with(&key, "GET", &api.fgs("/functions/web/config"), &Value::Null).await.fine(200);
    api.with(&key, "POST", &api.fgs("/functions"), &new_function("more")).await.fine(200);
    let refused = api.with(&key, "GET", &api.fgs("/functions/secret/config"), &Value::Null).await;
    refused.refused(403, "FSS.0403", &["functiongraph:function:getConfig", "default/secret"]);
    let urn = api.urn("secret").replace(':', "%3A");
    api.with(&key, "DELETE", &api.fgs(&format!("/functions/{urn}")), &Value::Null).await.refused(
        403,
        "FSS.0403",
        &["default/secret"],
    );
    // The name is in the body, and the policy holds all the same.
    let create = api.with(&key, "POST", &api.fgs("/functions"), &new_function("secret-2")).await;
    create.refused(403, "FSS.0403", &["functiongraph:function:create", "default/secret-2"]);
    // A list is about no one function.
    api.with(&key, "GET", &api.fgs("/functions"), &Value::Null).await.refused(403, "FSS.0403", &["function:list"]);

    // What is changed counts at once.
    let body = json!({"role": {"display_name": "most", "policy": {"Version": "1.1", "Statement": [
        {"Effect": "Allow", "Action": ["functiongraph:function:list"]}]}}});
    api.patch(&format!("/v3.0/OS-ROLE/roles/{id}"), &body).await.fine(200);
    api.with(&key, "GET", &api.fgs("/functions"), &Value::Null).await.fine(200);
    api.with(&key, "GET", &api.fgs("/functions/web/config"), &Value::Null).await.refused(403, "FSS.0403", &[]);
    api.delete(&format!("/v3.0/OS-ROLE/roles/{id}")).await.iam_refused(409, &["granted 1 times"]);
}

#[tokio::test]
async fn a_custom_policy_decides_about_things_of_the_gateway_by_their_ids() {
    let api = Api::new().await;
    let throttle = async |name: &str| {
        let body = json!({"name": name, "api_call_limits": 9, "time_interval": 1, "time_unit": "SECOND"});
        api.post(&api.apig("/throttles").await, &body).await.fine(201)["id"].as_str().unwrap().to_owned()
    };
    let (mine, other) = (throttle("mine").await, throttle("other").await);
    let statements = json!([
        {"Effect": "Allow", "Action": ["apig:throttles:*"], "Resource": [format!("APIG:*:*:throttle:{mine}")]},
        {"Effect": "Allow", "Action": ["apig:apps:*", "apig:appCodes:*"]},
        {"Effect": "Deny", "Action": ["apig:*:*"], "Resource": ["APIG:*:*:app:closed"]},
    ]);
    let body =
        json!({"role": {"display_name": "some", "type": "XA", "policy": {"Version": "1.1", "Statement": statements}}});
    api.post("/v3.0/OS-ROLE/roles", &body).await.fine(201);
    let key = api.key(&api.user("dev", "some", Some(api.store.project())).await).await;
    for (path, status) in [
        (format!("/throttles/{mine}"), 200),
        (format!("/throttles/{mine}/throttle-specials"), 200),
        (format!("/throttles/{other}"), 403),
        ("/throttles".to_owned(), 403),
        ("/apps/open".to_owned(), 404),
        ("/apps/closed".to_owned(), 403),
        ("/apps/closed/app-codes/c".to_owned(), 403),
    ] {
        let answer = api.with(&key, "GET", &api.apig(&path).await, &Value::Null).await;
        assert_eq!(answer.status, status, "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn two_projects_see_nothing_of_each_other() {
    let api = Api::new().await;
    api.create("web", json!({})).await.fine(200);
    let other = api.project("local-1_other").await;
    let path = format!("/v2/{other}/fgs/functions");
    assert_eq!(api.get(&path).await.fine(200)["count"], 0);
    // The same name is another function there.
    api.post(&path, &new_function("web")).await.fine(200);
    assert_eq!(api.get(&path).await.fine(200)["functions"][0]["namespace"], json!(other));
    api.delete(&format!("{path}/web")).await.fine(204);
    api.get(&api.fgs("/functions/web/config")).await.fine(200);

    let info = api.get(&format!("/v2/{other}/funcd/info")).await.fine(200);
    assert_eq!(info["default_group_id"].as_str().unwrap().len(), 32);
    let key = api.key(&api.user("guest", "FullAccess", Some(&other)).await).await;
    api.with(&key, "GET", &path, &Value::Null).await.fine(200);
    let refused = api.with(&key, "GET", &api.fgs("/functions"), &Value::Null).await;
    refused.refused(403, "FSS.0403", &["none that the caller may act in"]);
    let urn = api.urn("web");
    let through = api.with(&key, "GET", &format!("{path}/{urn}/config"), &Value::Null).await;
    through.refused(403, "FSS.0403", &["another project"]);
    let own = api.with(&key, "GET", "/v3/projects?name=local-1", &Value::Null).await.fine(200);
    assert_eq!(own["projects"], json!([]));
    let own = api.with(&key, "GET", "/v3/auth/projects", &Value::Null).await.fine(200);
    assert_eq!(own["projects"][0]["id"], json!(other));
    api.with(&key, "GET", "/v3/users", &Value::Null).await.iam_refused(403, &["iam:users:listUsers"]);

    api.put(&format!("/v3-ext/projects/{other}"), &json!({"project": {"status": "suspended"}})).await.fine(204);
    api.with(&key, "GET", &path, &Value::Null).await.refused(403, "FSS.0403", &["suspended"]);
}

#[tokio::test]
async fn an_import_needs_the_right_to_create_just_that_function() {
    let api = Api::new().await;
    api.create("web", json!({})).await.fine(200);
    let exported = api.get(&api.fgs("/functions/web/export")).await.body;
    let body = json!({"role": {"display_name": "copies", "policy": {"Version": "1.1", "Statement": [
        {"Effect": "Allow", "Action": ["functiongraph:function:create"],
         "Resource": ["FUNCTIONGRAPH:*:*:function:default/copy*"]}]}}});
    api.post("/v3.0/OS-ROLE/roles", &body).await.fine(201);
    let key = api.key(&api.user("copier", "copies", None).await).await;
    let import = |name: &str| json!({"func_name": name, "file_name": "web.zip", "file_type": "zip", "file_code": base64(&exported)});
    let path = api.fgs("/functions/import");
    api.with(&key, "POST", &path, &import("copy-1")).await.fine(200);
    let refused = api.with(&key, "POST", &path, &import("other")).await;
    refused.refused(403, "FSS.0403", &["functiongraph:function:create", "default/other"]);
}
