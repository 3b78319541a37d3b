//! APIs called for a test: what is refused, and what a gateway gets to see. Here the gateway says which API it found.

use super::*;

const RELEASE: &str = "DEFAULT_ENVIRONMENT_RELEASE_ID";

impl Api {
    /// The API `one` at `/one` of a group of its own; gives its id.
    async fn draft(&self) -> String {
        self.create("web", json!({})).await.fine(200);
        let group = self.group("shop").await;
        let body = json!({
            "name": "one", "type": 1, "req_protocol": "BOTH", "req_method": "ANY", "req_uri": "/one", "auth_type": "NONE",
            "match_mode": "SWA", "backend_type": "FUNCTION", "group_id": group["id"],
            "func_info": {
                "function_urn": self.urn("web"), "invocation_type": "sync", "network_type": "V1", "timeout": 5000,
            },
        });
        id(&self.post(&self.apig("/apis").await, &body).await.fine(201)).to_owned()
    }

    async fn debug(&self, api: &str, more: &Value) -> Answer {
        let mut body = json!({"mode": "DEVELOPER", "scheme": "HTTP", "method": "GET", "path": "/one/more"});
        for (field, value) in more.as_object().unwrap() {
            body[field] = value.clone();
        }
        self.post(&self.apig(&format!("/apis/debug/{api}")).await, &body).await
    }
}

#[tokio::test]
async fn a_draft_is_called_as_if_it_were_published() {
    let api = Api::new().await;
    let one = api.draft().await;
    let more = json!({"method": "POST", "query": {"a": ["1", "x y"]}, "header": {"X-Test": ["b"]}, "body": "hello"});
    let answer = api.debug(&one, &more).await.fine(200);
    let request = answer["request"].as_str().unwrap();
    assert!(
        request.starts_with("POST /one/more?a=1&a=x%20y HTTP/1.1\r\n") && request.ends_with("\r\n\r\nhello"),
        "{request}"
    );
    assert!(request.contains("x-test: b\r\n") && !request.contains("x-stage"), "{request}");
    let response = answer["response"].as_str().unwrap();
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n") && response.ends_with("one in RELEASE"), "{response}");
    assert!(answer["log"].as_str().unwrap().contains("as it is edited"), "{answer}");
    assert!(answer["latency"].as_i64().unwrap() >= 0);
    let elsewhere = api.debug(&one, &json!({"path": "/two"})).await.fine(200);
    assert!(elsewhere["response"].as_str().unwrap().starts_with("HTTP/1.1 404 "), "{elsewhere}");
}

#[tokio::test]
async fn what_is_published_is_called_where_it_is() {
    let api = Api::new().await;
    let one = api.draft().await;
    let there = json!({"mode": "CONSUMER"});
    api.debug(&one, &there).await.refused(404, "APIG.3015", &["one is not published in RELEASE"]);
    let online = json!({"action": "online", "env_id": RELEASE, "api_id": one});
    api.post(&api.apig("/apis/action").await, &online).await.fine(201);
    let answer = api.debug(&one, &there).await.fine(200);
    assert!(answer["request"].as_str().unwrap().contains("x-stage: RELEASE\r\n"), "{answer}");
    assert!(answer["response"].as_str().unwrap().ends_with("one in RELEASE"), "{answer}");
    api.debug(&one, &json!({"mode": "CONSUMER", "stage": "test"})).await.refused(404, "APIG.3015", &["test"]);
}

#[tokio::test]
async fn a_long_answer_is_cut() {
    let api = Api::new().await;
    let one = api.draft().await;
    let answer = api.debug(&one, &json!({"header": {"X-Long": "yes"}})).await.fine(200);
    let response = answer["response"].as_str().unwrap();
    assert!(response.ends_with("zz[TRUNCATED]") && response.len() < 2_097_152 + 1000, "{}", response.len());
    assert!(answer["log"].as_str().unwrap().contains("longer than what is shown"), "{}", answer["log"]);
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_with_every_problem() {
    let api = Api::new().await;
    let one = api.draft().await;
    let wrong = json!({
        "mode": "MARKET", "scheme": "FTP", "method": "ANY", "path": "one?x", "stage": "a\nb", "domain": "a b",
        "header": {"X-Stage": ["x"], "Host": ["h"], "X-Apig-Mode": ["debug"], "X-Fine": ["\n"], "X-Number": [1]},
        "query": {"x-stage": ["x"], "1": ["x"]}, "app_key": "key", "body": "b".repeat(2_097_153),
    });
    let parts = [
        "mode must be",
        "scheme must be",
        "method must be",
        "path must be",
        "stage must be",
        "domain must be",
        "'X-Stage'",
        "'Host'",
        "'X-Apig-Mode'",
        "'X-Fine' has a value",
        "'X-Number' must be a text",
        "query 'x-stage'",
        "query '1'",
        "app_key and app_secret",
        "body must have at most",
    ];
    api.debug(&one, &wrong).await.refused(400, "APIG.2012", &parts);
    let parts = ["mode is missing", "scheme is missing", "method is missing", "path is missing"];
    let path = api.apig(&format!("/apis/debug/{one}")).await;
    api.post(&path, &json!({})).await.refused(400, "APIG.2001", &parts);
    let proof = json!({"mode": "CONSUMER", "header": {"Authorization": ["x"]}});
    api.debug(&one, &proof).await.refused(400, "APIG.2012", &["'Authorization'"]);
    api.debug("nobody", &json!({})).await.refused(404, "APIG.3002", &["nobody"]);
}
