use super::*;

const RELEASE: &str = "DEFAULT_ENVIRONMENT_RELEASE_ID";

fn pair(app: &Value, api: &str) -> Value {
    json!({"env_id": RELEASE, "app_ids": [app["id"]], "api_ids": [api]})
}

#[tokio::test]
async fn an_app_is_authorized_listed_from_both_sides_and_cancelled() {
    let api = Api::new().await;
    let (app, one) = (api.app("shop").await, api.api_with("one", "APP").await);
    let others = api.apig(&format!("/app-auths/unbinded-apis?app_id={}&env_id={RELEASE}", id(&app))).await;
    assert_eq!(api.get(&others).await.fine(200)["apis"][0]["id"], one.as_str());
    let made = api.post(&api.apig("/app-auths").await, &pair(&app, &one)).await.fine(201)["auths"][0].clone();
    assert_eq!((&made["auth_result"]["status"], &made["api_id"]), (&json!("SUCCESS"), &json!(one)));
    let again = api.post(&api.apig("/app-auths").await, &pair(&app, &one)).await.fine(201)["auths"][0].clone();
    assert_eq!((&again["auth_result"]["status"], &again["id"]), (&json!("SKIPPED"), &made["id"]));
    assert_eq!(api.get(&others).await.fine(200)["total"], 0);
    let from_app = api.get(&api.apig(&format!("/app-auths/binded-apis?app_id={}", id(&app))).await).await.fine(200);
    let from_api = api.get(&api.apig(&format!("/app-auths/binded-apps?api_id={one}")).await).await.fine(200);
    assert_eq!(from_app, from_api);
    let auth = &from_app["auths"][0];
    assert_eq!((&auth["id"], &auth["env_name"], &auth["app_name"]), (&made["id"], &json!("RELEASE"), &json!("shop")));
    assert!(!auth["publish_id"].as_str().unwrap().is_empty());
    assert_eq!(api.get(&api.apig("/apps").await).await.fine(200)["apps"][0]["bind_num"], 1);

    let cancel = api.apig(&format!("/app-auths/{}", id(&made))).await;
    api.delete(&cancel).await.fine(204);
    api.delete(&cancel).await.refused(404, "APIG.3009", &["does not exist"]);
    assert_eq!(api.get(&api.apig(&format!("/app-auths/binded-apps?api_id={one}")).await).await.fine(200)["total"], 0);
}

#[tokio::test]
async fn what_cannot_be_authorized_is_told_from_the_rest() {
    let api = Api::new().await;
    let (app, open) = (api.app("shop").await, api.api_with("open", "NONE").await);
    let one = api.api_with("one", "APP").await;
    let body = json!({"env_id": RELEASE, "app_ids": [app["id"]], "api_ids": [open, one, "nowhere"]});
    let answer = api.post(&api.apig("/app-auths").await, &body).await.fine(201);
    let mut results: Vec<_> = answer["auths"]
        .as_array()
        .unwrap()
        .iter()
        .map(|auth| {
            (auth["auth_result"]["status"].as_str().unwrap(), auth["auth_result"]["error_code"].as_str().unwrap())
        })
        .collect();
    results.sort_unstable();
    assert_eq!(results, [("FAILED", "APIG.3002"), ("FAILED", "APIG.3408"), ("SUCCESS", "")]);
    let nobody = json!({"env_id": RELEASE, "app_ids": ["x"], "api_ids": [one]});
    api.post(&api.apig("/app-auths").await, &nobody).await.refused(404, "APIG.3004", &["app x does not exist"]);
    let nowhere = json!({"env_id": "x", "app_ids": [app["id"]], "api_ids": [one]});
    api.post(&api.apig("/app-auths").await, &nowhere).await.refused(404, "APIG.3003", &["environment 'x'"]);
    let parts = ["env_id", "app_ids", "api_ids"];
    api.post(&api.apig("/app-auths").await, &json!({})).await.refused(400, "APIG.2012", &parts);
    api.get(&api.apig("/app-auths/binded-apis").await).await.refused(400, "APIG.2012", &["app_id"]);
}

#[tokio::test]
async fn an_authorization_goes_with_its_app_or_its_api() {
    let api = Api::new().await;
    let (app, other) = (api.app("shop").await, api.app("other").await);
    let one = api.api_with("one", "APP").await;
    for app in [&app, &other] {
        api.post(&api.apig("/app-auths").await, &pair(app, &one)).await.fine(201);
    }
    api.delete(&api.apig(&format!("/apps/{}", id(&app))).await).await.fine(204);
    let list = api.apig(&format!("/app-auths/binded-apis?app_id={}", id(&other))).await;
    assert_eq!(api.get(&list).await.fine(200)["total"], 1);
    api.delete(&api.fgs(&format!("/functions/{}", api.urn("one")))).await.fine(204);
    assert_eq!(api.get(&list).await.fine(200)["total"], 0);
    let callers = api.store.callers();
    assert!(callers.clients().all(|client| client.grants.is_empty()), "the Snapshot has forgotten it too");
}
