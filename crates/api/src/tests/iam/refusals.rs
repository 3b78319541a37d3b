use super::*;

#[tokio::test]
async fn everything_wrong_with_an_identity_is_said_at_once() {
    let api = Api::new().await;
    let body = json!({"user": {"name": "a/b", "password": "short", "access_mode": "x", "domain_id": "d", "typo": 1}});
    let parts =
        ["'user.typo'", "user.name must be", "user.domain_id", "user.password must be 8 to 32", "access_mode must be"];
    api.post("/v3/users", &body).await.iam_refused(400, &parts);
    api.post("/v3/users", &json!({"user": {}})).await.iam_refused(400, &["user.name is missing"]);
    api.post("/v3/users", &json!({})).await.iam_refused(400, &["an object 'user'"]);
    let named = json!({"user": {"name": "bob", "password": "x-bob-1234"}});
    api.post("/v3/users", &named).await.iam_refused(400, &["user's name"]);
    api.post("/v3/projects", &json!({"project": {"name": "mine"}})).await.iam_refused(400, &["begin with 'local-1_'"]);
    let agency = json!({"agency": {"name": "a", "trust_domain_name": "x", "duration": "TWODAYS"}});
    api.post("/v3.0/OS-AGENCY/agencies", &agency)
        .await
        .iam_refused(400, &["trust_domain_name must be", "agency.duration"]);
    let statement =
        json!({"Effect": "Allow", "Action": ["functiongraph:function:fly"], "Condition": {"Bool": {"x": ["y"]}}});
    let policy = json!({"role": {"display_name": "p", "policy": {"Version": "1.1", "Statement": [statement]}}});
    let parts = ["means no action there is", "Condition is not supported"];
    api.post("/v3.0/OS-ROLE/roles", &policy).await.iam_refused(400, &parts);
    let totp = json!({"auth": {"identity": {"methods": ["password", "totp"]}}});
    api.post("/v3/auth/tokens", &totp).await.iam_refused(400, &["no second factor"]);
}

#[tokio::test]
async fn names_are_taken_once_and_what_is_not_there_is_not_found() {
    let api = Api::new().await;
    api.post("/v3/users", &json!({"user": {"name": "one"}})).await.fine(201);
    api.post("/v3/users", &json!({"user": {"name": "one"}})).await.iam_refused(409, &["a user named one"]);
    api.post("/v3/groups", &json!({"group": {"name": "admin"}})).await.iam_refused(409, &["a group named admin"]);
    api.project("local-1_a").await;
    let again = json!({"project": {"name": "local-1_a"}});
    api.post("/v3/projects", &again).await.iam_refused(409, &["a project named local-1_a"]);
    for path in [
        "/v3/users/x",
        "/v3/groups/x",
        "/v3/projects/x",
        "/v3/roles/x",
        "/v3.0/OS-ROLE/roles/x",
        "/v3.0/OS-AGENCY/agencies/x",
        "/v3/users/x/groups",
        "/v3/groups/x/users",
        "/v3/regions/x",
        "/v3/services/x",
        "/v3/endpoints/x",
    ] {
        api.get(path).await.iam_refused(404, &["could not find"]);
    }
}

#[tokio::test]
async fn the_first_user_keeps_their_rights() {
    let api = Api::new().await;
    let first = api.store.identities().first_user.clone();
    let groups = api.get(&format!("/v3/users/{first}/groups")).await.fine(200);
    let group = groups["groups"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v3/users/{first}");
    api.delete(&path).await.iam_refused(403, &["first user cannot be deleted"]);
    api.patch(&path, &json!({"user": {"enabled": false}})).await.iam_refused(403, &["cannot be disabled"]);
    api.delete(&format!("/v3/groups/{group}")).await.iam_refused(403, &["cannot be deleted"]);
    api.delete(&format!("/v3/groups/{group}/users/{first}")).await.iam_refused(403, &["cannot leave"]);
    let role = api.role("FullAccess").await;
    let grant = format!("/v3/domains/{}/groups/{group}/roles/{role}", api.store.domain());
    api.delete(&grant).await.iam_refused(403, &["cannot be taken away"]);
    let system = api.delete(&format!("/v3.0/OS-ROLE/roles/{role}")).await;
    system.iam_refused(403, &["a policy of the system"]);
}

#[tokio::test]
async fn what_clients_ask_first_is_answered() {
    let api = Api::new().await;
    for path in ["/", "/v3"] {
        api.bearing("", "GET", path, &Value::Null).await.fine(200);
    }
    let domains = api.get("/v3/auth/domains").await.fine(200);
    assert_eq!(domains["domains"][0]["id"], json!(api.store.domain()));
    let projects = api.get("/v3/projects?name=local-1").await.fine(200);
    assert_eq!(
        (projects["projects"].as_array().unwrap().len(), &projects["projects"][0]["id"]),
        (1, &json!(api.store.project()))
    );
    assert_eq!(api.get("/v3/regions").await.fine(200)["regions"][0]["id"], "local-1");
    assert_eq!(api.get("/v3/services?type=fgs").await.fine(200)["services"][0]["name"], "functiongraph");
    let quotas = api.get(&format!("/v3.0/OS-QUOTA/domains/{}?type=user", api.store.domain())).await.fine(200);
    assert_eq!(quotas["quotas"]["resources"][0]["used"], 1);
    let wrong = api.signed("GET", "/v3/users", &[("x-domain-id", "d")], b"");
    api.send(wrong).await.iam_refused(403, &["X-Domain-Id"]);
}

#[tokio::test]
async fn no_secret_of_anybody_is_in_any_answer() {
    let api = Api::new().await;
    let user = api.user("worker", "FullAccess", None).await;
    let (_, secret) = api.key(&user).await;
    let paths = [
        "/v3/users".to_owned(),
        format!("/v3/users/{user}"),
        format!("/v3.0/OS-USER/users/{user}"),
        format!("/v3.0/OS-CREDENTIAL/credentials?user_id={user}"),
    ];
    for path in paths {
        let text = String::from_utf8(api.get(&path).await.body.to_vec()).unwrap();
        assert!(!text.contains(&secret) && !text.contains("argon2") && !text.contains(PASSWORD), "{text}");
    }
}
