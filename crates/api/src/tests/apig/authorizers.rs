use super::*;

impl Api {
    /// An authorizer that asks the function `judge`, with more or other fields.
    fn judge(&self, more: &Value) -> Value {
        let mut body = json!({
            "name": "by_word", "type": "FRONTEND", "authorizer_type": "FUNC", "authorizer_uri": self.urn("judge"), "ttl": 60,
            "network_type": "V2", "user_data": "sesame", "identities": [{"name": "X-Word", "location": "HEADER"}],
        });
        for (field, value) in more.as_object().unwrap() {
            body[field] = value.clone();
        }
        body
    }
}

#[tokio::test]
async fn an_authorizer_is_made_shown_listed_changed_and_deleted() {
    let api = Api::new().await;
    api.create("judge", json!({})).await.fine(200);
    let path = api.apig("/authorizers").await;
    let made = api.post(&path, &api.judge(&json!({}))).await.fine(201);
    assert_eq!((&made["name"], &made["ttl"], &made["user_data"]), (&json!("by_word"), &json!(60), &json!("sesame")));
    let own = format!("{path}/{}", id(&made));
    assert_eq!(api.get(&own).await.fine(200), made);
    let total = async |query: &str| api.get(&format!("{path}?{query}")).await.fine(200)["total"].clone();
    assert_eq!((total("name=by_").await, total("name=to_").await), (json!(1), json!(0)));
    assert_eq!((total("type=FRONTEND").await, total("type=BACKEND").await), (json!(1), json!(0)));
    let changed = api.put(&own, &api.judge(&json!({"ttl": 0, "identities": []}))).await.fine(200);
    assert_eq!((&changed["ttl"], &changed["identities"]), (&json!(0), &json!([])));
    api.delete(&own).await.fine(204);
    for answer in [api.get(&own).await, api.delete(&own).await, api.put(&own, &api.judge(&json!({}))).await] {
        answer.refused(404, "APIG.3007", &["authorizer"]);
    }
}

#[tokio::test]
async fn everything_wrong_with_an_authorizer_is_said_at_once() {
    let api = Api::new().await;
    api.create("judge", json!({})).await.fine(200);
    let path = api.apig("/authorizers").await;
    let wrong = api.judge(&json!({
        "name": "1", "type": "BACKEND", "authorizer_type": "LD", "network_type": "V3", "ttl": 3601, "user_data": "u".repeat(2049),
        "ld_api_id": "x", "identities": [{"name": "a b", "location": "COOKIE", "validation": "."}],
    }));
    let parts = [
        "name must be",
        "FRONTEND",
        "authorizer_type",
        "network_type",
        "ttl must be 0 to 3600",
        "user_data",
        "ld_api_id",
        "HEADER or QUERY",
        "validation",
    ];
    api.post(&path, &wrong).await.refused(400, "APIG.2012", &parts);
    let parts = ["name is missing", "type is missing", "authorizer_type is missing", "authorizer_uri is missing"];
    api.post(&path, &json!({})).await.refused(400, "APIG.2001", &parts);
    let kept = api.judge(&json!({"identities": []}));
    api.post(&path, &kept).await.refused(400, "APIG.2012", &["identities must be given"]);
    let nobody = api.judge(&json!({"authorizer_uri": api.urn("nobody")}));
    api.post(&path, &nobody).await.refused(404, "APIG.3019", &["there is no function"]);
    let version = api.judge(&json!({"authorizer_version": "v9"}));
    api.post(&path, &version).await.refused(404, "APIG.3019", &["v9"]);
    api.post(&path, &api.judge(&json!({}))).await.fine(201);
    api.post(&path, &api.judge(&json!({}))).await.refused(400, "APIG.3203", &["by_word exists"]);
}

#[tokio::test]
async fn an_authorizer_that_apis_ask_stays() {
    let api = Api::new().await;
    api.create("judge", json!({})).await.fine(200);
    let group = api.group("shop").await;
    let path = api.apig("/authorizers").await;
    let judge = api.post(&path, &api.judge(&json!({}))).await.fine(201);
    let definition = |judge: &str| {
        json!({
            "name": "judged", "type": 1, "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/judged",
            "auth_type": "AUTHORIZER", "authorizer_id": judge, "match_mode": "NORMAL", "backend_type": "FUNCTION",
            "group_id": group["id"],
            "func_info": {
                "function_urn": api.urn("judge"), "invocation_type": "sync", "network_type": "V1", "timeout": 5000,
            },
        })
    };
    let apis = api.apig("/apis").await;
    api.post(&apis, &definition("nobody")).await.refused(404, "APIG.3007", &["nobody"]);
    api.post(&apis, &definition("")).await.refused(400, "APIG.2001", &["authorizer_id is missing"]);
    let one = api.post(&apis, &definition(id(&judge))).await.fine(201);
    assert_eq!(one["authorizer_id"], judge["id"]);
    let own = format!("{path}/{}", id(&judge));
    api.delete(&own).await.refused(409, "APIG.3400", &["judged", "change that first"]);
    api.delete(&format!("{apis}/{}", id(&one))).await.fine(204);
    api.delete(&own).await.fine(204);
}
