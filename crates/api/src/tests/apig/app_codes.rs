use super::*;

#[tokio::test]
async fn codes_are_made_given_shown_listed_and_deleted() {
    let api = Api::new().await;
    let app = api.app("shop").await;
    let codes = api.apig(&format!("/apps/{}/app-codes", id(&app))).await;
    let made = api.put(&codes, &json!({})).await.fine(201);
    assert_eq!((made["app_code"].as_str().unwrap().len(), &made["app_id"]), (64, &app["id"]));
    let own = api.post(&codes, &json!({"app_code": format!("+{}", "a-_!@#$%/=".repeat(7))})).await.fine(201);
    assert_eq!(api.get(&format!("{codes}/{}", id(&own))).await.fine(200), own);
    let listed = api.get(&codes).await.fine(200);
    assert_eq!(listed, json!({"size": 2, "total": 2, "app_codes": [made, own]}));
    api.delete(&format!("{codes}/{}", id(&made))).await.fine(204);
    for answer in
        [api.get(&format!("{codes}/{}", id(&made))).await, api.delete(&format!("{codes}/{}", id(&made))).await]
    {
        answer.refused(404, "APIG.3007", &["AppCode", "does not exist"]);
    }
}

#[tokio::test]
async fn an_app_has_at_most_five_codes_and_no_two_apps_have_the_same() {
    let api = Api::new().await;
    let (one, other) = (api.app("one").await, api.app("other").await);
    let base = api.apig("/apps").await;
    let codes = |app: &Value| format!("{base}/{}/app-codes", id(app));
    let same = json!({"app_code": "a".repeat(64)});
    api.post(&codes(&one), &same).await.fine(201);
    api.post(&codes(&other), &same).await.refused(400, "APIG.3203", &["AppCode exists"]);
    for _ in 0..4 {
        api.put(&codes(&one), &json!({})).await.fine(201);
    }
    api.put(&codes(&one), &json!({})).await.refused(403, "APIG.3100", &["at most 5"]);
    for (code, part) in [("a".repeat(63), "64 to 180"), ("a".repeat(181), "64 to 180"), ("-".repeat(64), "begin with")]
    {
        api.post(&codes(&other), &json!({"app_code": code})).await.refused(400, "APIG.2012", &[part]);
    }
    api.post(&codes(&other), &json!({})).await.refused(400, "APIG.2012", &["app_code is missing"]);
}
