use super::*;

async fn traces(api: &Api, query: &str) -> Vec<Value> {
    let path = format!("/v3/{}/traces{query}", api.credential.project);
    api.get(&path).await.fine(200)["traces"].as_array().unwrap().clone()
}

#[tokio::test]
async fn changes_and_refusals_are_traces_and_looks_are_none() {
    let api = Api::new().await;
    api.create("web", json!({})).await.fine(200);
    let twice = api.create("web", json!({})).await;
    twice.refused(409, "FSS.1061", &[]);
    api.get(&api.fgs("/functions/nobody/config")).await.refused(404, "FSS.1051", &[]);
    let all = traces(&api, "").await;
    let marks: Vec<_> =
        all.iter().map(|trace| (&trace["trace_name"], &trace["code"], &trace["trace_rating"])).collect();
    let name = json!("createFunction");
    assert_eq!(marks, [(&name, &json!("409"), &json!("warning")), (&name, &json!("200"), &json!("normal"))]);
    assert_eq!(all[0]["request_id"], twice.header("x-request-id"));
    assert!(all[0]["message"].as_str().unwrap().contains("FSS.1061"), "{}", all[0]);
    assert_eq!(all[1]["user"]["access_key_id"], api.credential.access_key.as_str());
    assert_eq!((&all[1]["service_type"], &all[1]["resource_type"]), (&json!("FunctionGraph"), &json!("Functions")));
    assert_eq!((&all[1]["resource_name"], &all[1]["trace_type"]), (&json!("web"), &json!("ApiCall")));
}

#[tokio::test]
async fn traces_are_paged_and_filtered() {
    let api = Api::new().await;
    for name in ["a", "b", "c"] {
        api.create(name, json!({})).await.fine(200);
    }
    let first = api.get(&format!("/v3/{}/traces?limit=2", api.credential.project)).await.fine(200);
    assert_eq!(first["meta_data"], json!({"count": 2, "marker": "2"}));
    let rest = traces(&api, "?limit=2&next=2").await;
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0]["resource_name"], "a");
    assert_eq!(traces(&api, "?resource_name=b").await.len(), 1);
    assert_eq!(traces(&api, "?trace_rating=warning").await.len(), 0);
    assert_eq!(traces(&api, "?service_type=IAM").await.len(), 0);
}

#[tokio::test]
async fn a_page_of_one_service_is_as_full_as_there_are_events_of_it() {
    let api = Api::new().await;
    for name in ["a", "b"] {
        api.post("/v3/users", &json!({"user": {"name": name}})).await.fine(201);
        api.create(name, json!({})).await.fine(200);
    }
    let page = |service: &str| format!("?limit=1&service_type={service}");
    for (service, expect) in [("IAM", "b"), ("iam", "b"), ("FunctionGraph", "b")] {
        let found = traces(&api, &page(service)).await;
        assert_eq!((found.len(), &found[0]["resource_name"]), (1, &json!(expect)), "{service}");
    }
    let marks: Vec<_> =
        traces(&api, "?service_type=FUNCTIONGRAPH").await.iter().map(|one| one["resource_type"].clone()).collect();
    assert_eq!(marks, ["Functions", "Functions"]);
    assert_eq!(traces(&api, "?service_type=APIG").await.len(), 0);
    assert_eq!(traces(&api, "?service_type=ECS").await.len(), 0);
}

#[tokio::test]
async fn wrong_queries_are_refused_in_the_usual_shape() {
    let api = Api::new().await;
    let path = format!("/v3/{}/traces?limit=0&trace_type=data&trace_rating=bad&from=x", api.credential.project);
    api.get(&path).await.refused(400, "FSS.1001", &["limit must be 1 to 200", "trace_type", "trace_rating", "from"]);
    api.get("/v3/p/traces").await.refused(403, "FSS.0403", &["'p'"]);
}

#[tokio::test]
async fn the_chain_is_verified() {
    let api = Api::new().await;
    api.create("web", json!({})).await.fine(200);
    let chain = api.get(&format!("/v2/{}/funcd/traces/chain", api.credential.project)).await.fine(200);
    assert_eq!((&chain["intact"], &chain["events"]), (&json!(true), &json!(1)));
    assert_eq!(chain["head"].as_str().unwrap().len(), 64);
}

#[tokio::test]
async fn a_runtime_that_is_installed_is_in_the_trail_once() {
    let api = Api::new().await;
    let folder = api.home.path().join("node/bin");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("node"), "#!/bin/sh\necho v18.15.0\n").unwrap();
    std::fs::set_permissions(folder.join("node"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!("/v2/{}/funcd/runtimes/nodejs18.15", api.credential.project);
    let from = json!({"from": api.home.path().join("node")});
    for body in [from, json!({})] {
        assert_eq!(api.post(&path, &body).await.fine(200)["version"], "18.15.0");
    }
    let all = traces(&api, "?trace_name=installRuntime").await;
    assert_eq!(all.len(), 1, "what is there is not installed again: {all:?}");
    assert_eq!((&all[0]["resource_type"], &all[0]["resource_name"]), (&json!("Runtimes"), &json!("nodejs18.15")));
    assert_eq!((&all[0]["user"]["name"], &all[0]["code"]), (&json!("admin"), &json!("200")));
    assert!(all[0]["message"].as_str().unwrap().starts_with("18.15.0 from "), "{}", all[0]);
}

#[tokio::test]
async fn a_user_that_is_made_is_in_the_trail() {
    let api = Api::new().await;
    api.post("/v3/users", &json!({"user": {"name": "ada"}})).await.fine(201);
    let all = traces(&api, "?service_type=IAM").await;
    assert_eq!((&all[0]["trace_name"], &all[0]["resource_type"]), (&json!("createUser"), &json!("user")));
    assert_eq!((&all[0]["resource_name"], &all[0]["user"]["name"]), (&json!("ada"), &json!("admin")));
}
