use super::*;

#[tokio::test]
async fn a_secret_key_is_shown_once_and_signs_at_once() {
    let api = Api::new().await;
    let user = api.user("reader", "ReadOnlyAccess", None).await;
    let key = api.key(&user).await;
    api.with(&key, "GET", &api.fgs("/functions"), &Value::Null).await.fine(200);
    let path = format!("/v3.0/OS-CREDENTIAL/credentials/{}", key.0);
    let shown = api.get(&path).await.fine(200);
    assert_eq!(shown["credential"].get("secret"), None);
    assert!(shown["credential"]["last_use_time"].as_str().unwrap().starts_with("20"));
    let listed = api.with(&key, "GET", "/v3.0/OS-CREDENTIAL/credentials", &Value::Null).await.fine(200);
    assert_eq!(listed["credentials"].as_array().unwrap().len(), 1);
    assert!(!listed.to_string().contains(&key.1));
}

#[tokio::test]
async fn keys_are_rotated_switched_off_and_deleted() {
    let api = Api::new().await;
    let user = api.user("worker", "FullAccess", None).await;
    let (old, new) = (api.key(&user).await, api.key(&user).await);
    let path = format!("/v3.0/OS-CREDENTIAL/credentials/{}", old.0);
    let functions = api.fgs("/functions");
    api.put(&path, &json!({"credential": {"status": "inactive"}})).await.fine(200);
    api.with(&old, "GET", &functions, &Value::Null).await.refused(401, "APIG.0301", &["disabled"]);
    api.put(&path, &json!({"credential": {"status": "active"}})).await.fine(200);
    api.with(&old, "GET", &functions, &Value::Null).await.fine(200);
    api.delete(&path).await.fine(204);
    api.with(&old, "GET", &functions, &Value::Null).await.refused(401, "APIG.0301", &["no access key"]);
    api.with(&new, "GET", &functions, &Value::Null).await.fine(200);
    api.patch(&format!("/v3/users/{user}"), &json!({"user": {"enabled": false}})).await.fine(200);
    api.with(&new, "GET", &functions, &Value::Null).await.refused(401, "APIG.0301", &["disabled"]);
    api.delete(&format!("/v3/users/{user}")).await.fine(204);
    api.with(&new, "GET", &functions, &Value::Null).await.refused(401, "APIG.0301", &["no access key"]);
}

#[tokio::test]
async fn everybody_has_their_own_keys_and_nobody_elses() {
    let api = Api::new().await;
    let user = api.user("one", "ReadOnlyAccess", Some(api.store.project())).await;
    let key = api.key(&user).await;
    let path = "/v3.0/OS-CREDENTIAL/credentials";
    let own = api.with(&key, "POST", path, &json!({"credential": {}})).await.fine(201);
    let made = own["credential"]["access"].as_str().unwrap();
    api.with(&key, "DELETE", &format!("{path}/{made}"), &Value::Null).await.fine(204);
    let first = api.credential.access_key.clone();
    for (method, path) in
        [("GET", format!("{path}/{first}")), ("DELETE", format!("{path}/{first}")), ("GET", format!("{path}/NOBODY"))]
    {
        api.with(&key, method, &path, &Value::Null).await.iam_refused(403, &["policy doesn't allow iam:credentials:"]);
    }
    let first_user = api.store.identities().first_user.clone();
    let body = json!({"credential": {"user_id": first_user}});
    api.with(&key, "POST", path, &body).await.iam_refused(403, &["iam:credentials:createCredential"]);
}

#[tokio::test]
async fn five_wrong_signatures_lock_a_key_and_a_right_one_does_not_open_it() {
    let api = Api::new().await;
    let user = api.user("worker", "FullAccess", None).await;
    let key = api.key(&user).await;
    let wrong = (key.0.clone(), "guess".to_owned());
    let path = api.fgs("/functions");
    for _ in 0..4 {
        api.with(&wrong, "GET", &path, &Value::Null).await.refused(401, "APIG.0301", &["does not match"]);
    }
    api.with(&key, "GET", &path, &Value::Null).await.fine(200);
    for _ in 0..5 {
        api.with(&wrong, "GET", &path, &Value::Null).await.refused(401, "APIG.0301", &["does not match"]);
    }
    let locked = api.with(&key, "GET", &path, &Value::Null).await;
    locked.refused(401, "APIG.0301", &["locked after five wrong tries"]);
    assert!(locked.header("retry-after").parse::<u32>().unwrap() > 290);
    // Other keys are not locked, those of the same user included.
    api.with(&api.key(&user).await, "GET", &path, &Value::Null).await.fine(200);
    api.get(&path).await.fine(200);
}

#[tokio::test]
async fn a_temporary_key_signs_with_its_token_only_and_ends_with_its_agency() {
    let api = Api::new().await;
    let body = json!({"agency": {"name": "helper", "domain_id": api.store.domain(), "trust_domain_name": "funcd"}});
    let agency = api.post("/v3.0/OS-AGENCY/agencies", &body).await.fine(201);
    let agency = agency["agency"]["id"].as_str().unwrap().to_owned();
    let role = api.role("ReadOnlyAccess").await;
    let place = format!("/v3.0/OS-AGENCY/projects/{}/agencies/{agency}/roles", api.store.project());
    api.put(&format!("{place}/{role}"), &json!({})).await.fine(204);
    assert_eq!(api.get(&place).await.fine(200)["roles"][0]["display_name"], "ReadOnlyAccess");

    let identity =
        json!({"methods": ["assume_role"], "assume_role": {"agency_name": "helper", "duration_seconds": 900}});
    let made = api.post("/v3.0/OS-CREDENTIAL/securitytokens", &json!({"auth": {"identity": identity}})).await.fine(201);
    let text = |field: &str| made["credential"][field].as_str().unwrap().to_owned();
    let (access, secret, token) = (text("access"), text("secret"), text("securitytoken"));
    let signer = Signer { access_key: &access, secret_key: &secret, now: model::time::now() };
    let path = api.fgs("/functions");
    let send = |token: Option<&str>| {
        // Added after signing, as the Terraform provider does.
        let mut request = signer.sign("GET", &path, &[], b"");
        if let Some(token) = token {
            request.headers_mut().insert("x-security-token", token.parse().unwrap());
        }
        api.send(request)
    };
    send(Some(&token)).await.fine(200);
    send(None).await.refused(401, "APIG.0301", &["X-Security-Token"]);
    send(Some("x")).await.refused(401, "APIG.0301", &["X-Security-Token"]);
    let create =
        signer.sign("POST", &path, &[("x-security-token", &token)], new_function("web").to_string().as_bytes());
    api.send(create).await.refused(403, "FSS.0403", &["functiongraph:function:create", "agency 'helper'"]);
    api.delete(&format!("/v3.0/OS-AGENCY/agencies/{agency}")).await.fine(204);
    send(Some(&token)).await.refused(401, "APIG.0301", &["revoked"]);
}

#[tokio::test]
async fn a_temporary_key_from_a_token_may_no_more_than_its_policy() {
    let api = Api::new().await;
    api.user("worker", "FullAccess", None).await;
    let token = api.token("worker").await;
    let policy =
        json!({"Version": "1.1", "Statement": [{"Effect": "Allow", "Action": ["functiongraph:function:list"]}]});
    let identity = json!({"methods": ["token"], "token": {"id": token}, "policy": policy});
    let made =
        api.bearing("", "POST", "/v3.0/OS-CREDENTIAL/securitytokens", &json!({"auth": {"identity": identity}})).await;
    let made = made.fine(201);
    let text = |field: &str| made["credential"][field].as_str().unwrap().to_owned();
    let (access, secret, token) = (text("access"), text("secret"), text("securitytoken"));
    let signer = Signer { access_key: &access, secret_key: &secret, now: model::time::now() };
    let headers = [("x-security-token", token.as_str())];
    api.send(signer.sign("GET", &api.fgs("/functions"), &headers, b"")).await.fine(200);
    let quotas = api.send(signer.sign("GET", &api.fgs("/dependencies"), &headers, b"")).await;
    quotas.refused(403, "FSS.0403", &["functiongraph:dependency:list"]);
    let project = "0123456789abcdef0123456789abcdef";
    let other = format!("/v2/{project}/fgs/functions");
    api.send(signer.sign("GET", &other, &headers, b"")).await.refused(
        403,
        "FSS.0403",
        &["not the one the token is for"],
    );
}
