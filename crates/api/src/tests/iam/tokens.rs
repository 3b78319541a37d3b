use super::*;

#[tokio::test]
async fn the_first_user_logs_in_with_the_password_made_for_them() {
    let api = Api::new().await;
    let (name, password) = api.store.first_login().unwrap();
    let answer = api.log_in(&name, password.unwrap().expose(), json!({"project": {"id": api.store.project()}})).await;
    let token = &answer.fine(201)["token"];
    assert_eq!(token["user"]["name"], "admin");
    assert_eq!(token["project"]["name"], "local-1");
    assert_eq!(token["project"]["domain"]["id"], json!(api.store.domain()));
    assert_eq!(
        token["catalog"][1]["endpoints"][0]["url"],
        json!(format!("http://127.0.0.1:8081/v2/{}", api.store.project()))
    );
    let functions = api.bearing(answer.header("x-subject-token"), "GET", &api.fgs("/functions"), &Value::Null).await;
    functions.fine(200);
}

#[tokio::test]
async fn a_token_is_good_where_it_was_asked_for() {
    let api = Api::new().await;
    let other = api.project("local-1_other").await;
    api.user("worker", "FullAccess", None).await;
    let token = api.token("worker").await;
    api.bearing(&token, "GET", &api.fgs("/functions"), &Value::Null).await.fine(200);
    let path = format!("/v2/{other}/fgs/functions");
    api.bearing(&token, "GET", &path, &Value::Null).await.refused(403, "FSS.0403", &["not the one the token is for"]);
    let domain = api.log_in("worker", PASSWORD, Value::Null).await;
    assert_eq!(domain.fine(201)["token"]["domain"]["name"], "funcd");
    let domain = domain.header("x-subject-token");
    api.bearing(domain, "GET", "/v3/users", &Value::Null).await.fine(200);
    api.bearing(domain, "GET", &path, &Value::Null).await.refused(403, "FSS.0403", &["scope.project"]);
    api.log_in("worker", PASSWORD, json!({"project": {"name": "nowhere"}})).await.iam_refused(403, &["no project"]);
}

#[tokio::test]
async fn a_token_is_validated_by_whom_it_belongs_to_or_who_may() {
    let api = Api::new().await;
    api.user("one", "CommonOperations", None).await;
    api.user("two", "CommonOperations", None).await;
    let (one, two) = (api.token("one").await, api.token("two").await);
    let validate = |by: &str, subject: &str| {
        let request = Request::get("/v3/auth/tokens?nocatalog=true")
            .header("x-auth-token", by)
            .header("x-subject-token", subject);
        api.send(request.body(Body::empty()).unwrap())
    };
    let own = validate(&one, &one).await;
    assert_eq!(own.fine(200)["token"]["user"]["name"], "one");
    assert_eq!((own.json()["token"]["catalog"].clone(), own.header("x-subject-token")), (json!([]), one.as_str()));
    validate(&one, &two).await.iam_refused(403, &["iam:tokens:getToken"]);
    validate(&one, "x").await.iam_refused(404, &["could not find the token"]);
    let by_admin = api.signed("GET", "/v3/auth/tokens", &[("x-subject-token", &two)], b"");
    api.send(by_admin).await.fine(200);
    let without = api.get("/v3/auth/tokens").await;
    without.iam_refused(400, &["X-Subject-Token is missing"]);
}

#[tokio::test]
async fn a_token_ends_with_the_password_the_user_and_their_being_enabled() {
    let api = Api::new().await;
    let user = api.user("worker", "FullAccess", None).await;
    let path = format!("/v3/users/{user}");
    let functions = api.fgs("/functions");
    let old = api.token("worker").await;
    let change = json!({"user": {"original_password": PASSWORD, "password": "Another-Horse-2"}});
    api.bearing(&old, "POST", &format!("{path}/password"), &change).await.fine(204);
    api.bearing(&old, "GET", &functions, &Value::Null).await.refused(401, "APIG.0301", &["revoked"]);
    api.log_in("worker", PASSWORD, Value::Null).await.iam_refused(401, &["username or password is wrong"]);
    api.patch(&path, &json!({"user": {"password": PASSWORD}})).await.fine(200);
    let next = api.token("worker").await;
    api.patch(&path, &json!({"user": {"enabled": false}})).await.fine(200);
    api.bearing(&next, "GET", &functions, &Value::Null).await.refused(401, "APIG.0301", &["revoked"]);
    api.log_in("worker", PASSWORD, Value::Null).await.iam_refused(401, &["username or password is wrong"]);
    api.patch(&path, &json!({"user": {"enabled": true}})).await.fine(200);
    api.bearing(&next, "GET", &functions, &Value::Null).await.refused(401, "APIG.0301", &["revoked"]);
    let last = api.token("worker").await;
    api.delete(&path).await.fine(204);
    api.bearing(&last, "GET", &functions, &Value::Null).await.refused(401, "APIG.0301", &["revoked"]);
    let mut other = last.clone();
    other.replace_range(40..41, if &last[40..41] == "A" { "B" } else { "A" });
    api.bearing(&other, "GET", &functions, &Value::Null).await.refused(401, "APIG.0301", &["not a token"]);
}

#[tokio::test]
async fn five_wrong_passwords_lock_a_name_whether_somebody_has_it_or_not() {
    let api = Api::new().await;
    api.user("worker", "FullAccess", None).await;
    for name in ["worker", "stranger"] {
        for _ in 0..5 {
            api.log_in(name, "Wrong-Horse-1", Value::Null).await.iam_refused(401, &["username or password is wrong"]);
        }
        let locked = api.log_in(name, PASSWORD, Value::Null).await;
        locked.iam_refused(401, &["locked after five wrong tries"]);
    }
}

#[tokio::test]
async fn an_agency_is_assumed_by_whom_it_trusts_and_a_policy_allows() {
    let api = Api::new().await;
    let agency = |name: &str, trusted: &str| json!({"agency": {"name": name, "domain_id": api.store.domain(), "trust_domain_name": trusted}});
    let made = api.post("/v3.0/OS-AGENCY/agencies", &agency("ours", "funcd")).await.fine(201);
    api.post("/v3.0/OS-AGENCY/agencies", &agency("functions", "op_svc_functiongraph")).await.fine(201);
    let id = made["agency"]["id"].as_str().unwrap();
    let role = api.role("CommonOperations").await;
    let project = api.store.project();
    api.put(&format!("/v3.0/OS-AGENCY/projects/{project}/agencies/{id}/roles/{role}"), &json!({})).await.fine(204);
    let assume = |name: &str| {
        json!({"auth": {"identity": {"methods": ["assume_role"], "assume_role": {"domain_name": "funcd", "agency_name": name}},
            "scope": {"project": {"id": project}}}})
    };
    let answer = api.post("/v3/auth/tokens", &assume("ours")).await;
    let token = &answer.fine(201)["token"];
    assert_eq!((&token["user"]["name"], &token["assumed_by"]["user"]["name"]), (&json!("funcd/ours"), &json!("admin")));
    let bearer = answer.header("x-subject-token");
    api.bearing(bearer, "GET", &api.fgs("/functions"), &Value::Null).await.fine(200);
    let create = api.bearing(bearer, "POST", &api.fgs("/functions"), &new_function("x")).await;
    create.refused(403, "FSS.0403", &["functiongraph:function:create"]);
    api.bearing(bearer, "POST", "/v3/auth/tokens", &assume("ours")).await.iam_refused(403, &["cannot assume another"]);
    api.bearing("", "POST", "/v3/auth/tokens", &assume("ours")).await.iam_refused(401, &["somebody known"]);
    api.post("/v3/auth/tokens", &assume("functions")).await.iam_refused(403, &["trusts the service"]);
    api.post("/v3/auth/tokens", &assume("nothing")).await.iam_refused(404, &["could not find agency"]);
    let reader = api.key(&api.user("reader", "ReadOnlyAccess", None).await).await;
    api.with(&reader, "POST", "/v3/auth/tokens", &assume("ours")).await.iam_refused(403, &["iam:agencies:assume"]);
    let path = format!("/v3/{project}/traces?resource_type=agency&resource_name=ours&trace_rating=normal");
    let traces = api.get(&path).await.fine(200)["traces"].clone();
    let assumed: Vec<_> = traces.as_array().unwrap().iter().filter(|one| one["code"] == "201").collect();
    assert_eq!((assumed.len(), &assumed[0]["user"]["name"]), (1, &json!("admin")), "{traces}");
}

/// Asks for a token by access key, unsigned unless `signer` signs it.
async fn by_key(api: &Api, signer: Option<&(String, String)>, access: Option<&str>, secret: Option<&str>) -> Answer {
    let mut keys = json!({});
    for (half, key) in [("access", access), ("secret", secret)] {
        if let Some(key) = key {
            keys[half] = json!({"key": key});
        }
    }
    let scope = json!({"project": {"name": "local-1"}});
    let body = json!({"auth": {"identity": {"methods": ["hw_ak_sk"], "hw_ak_sk": keys}, "scope": scope}});
    match signer {
        Some(signer) => api.with(signer, "POST", "/v3/auth/tokens", &body).await,
        None => api.bearing("", "POST", "/v3/auth/tokens", &body).await,
    }
}

#[tokio::test]
async fn an_access_key_gets_its_own_user_a_token_by_its_secret_or_its_signature() {
    let api = Api::new().await;
    let user = api.user("worker", "FullAccess", None).await;
    let key = api.key(&user).await;
    let (access, secret) = (Some(key.0.as_str()), Some(key.1.as_str()));
    for answer in [
        by_key(&api, None, access, secret).await,
        by_key(&api, Some(&key), None, None).await,
        by_key(&api, Some(&key), access, None).await,
        by_key(&api, Some(&key), access, secret).await,
    ] {
        let token = &answer.fine(201)["token"];
        assert_eq!((&token["user"]["name"], &token["methods"]), (&json!("worker"), &json!(["hw_ak_sk"])));
        assert_eq!(token["project"]["name"], "local-1");
        let bearer = answer.header("x-subject-token").to_owned();
        api.bearing(&bearer, "GET", &api.fgs("/functions"), &Value::Null).await.fine(200);
    }
    let other = api.key(&user).await;
    let not_the_signer = by_key(&api, Some(&other), access, secret).await;
    not_the_signer.iam_refused(400, &["access.key is not the key that signed"]);
    by_key(&api, None, None, None).await.iam_refused(400, &["access.key is missing", "secret.key is missing"]);
    by_key(&api, None, access, None).await.iam_refused(400, &["secret.key is missing"]);
    by_key(&api, None, Some("NOBODYS"), secret).await.iam_refused(401, &["no access key 'NOBODYS'"]);
    by_key(&api, None, access, Some(&other.1)).await.iam_refused(401, &["the secret key is not the one"]);
    let path = format!("/v3.0/OS-CREDENTIAL/credentials/{}", other.0);
    api.put(&path, &json!({"credential": {"status": "inactive"}})).await.fine(200);
    by_key(&api, None, Some(&other.0), Some(&other.1)).await.iam_refused(401, &["is disabled"]);
}

#[tokio::test]
async fn five_wrong_secret_keys_lock_the_access_key_for_signatures_too() {
    let api = Api::new().await;
    let user = api.user("worker", "FullAccess", None).await;
    let key = api.key(&user).await;
    for _ in 0..5 {
        by_key(&api, None, Some(&key.0), Some("wrong")).await.iam_refused(401, &["secret key"]);
    }
    by_key(&api, None, Some(&key.0), Some(&key.1)).await.iam_refused(401, &["locked after five wrong tries"]);
    let signed = api.with(&key, "GET", &api.fgs("/functions"), &Value::Null).await;
    signed.refused(401, "APIG.0301", &["locked after five wrong tries"]);
}
