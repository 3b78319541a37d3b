use super::*;
use crate::unimplemented::operations;

/// Parameters filled with something of their kind.
pub(super) fn uri(api: &Api, path: &str) -> String {
    let segment = |segment: &str| match segment {
        "{project_id}" if path.starts_with("/v2/") => api.credential.project.clone(),
        "{function_urn}" | "{func_urn}" => "web".to_owned(),
        "{state}" => "true".to_owned(),
        other if other.starts_with('{') => "x".to_owned(),
        other => other.to_owned(),
    };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// The message of an error in the shape of its service.
fn message(body: &Value, iam: bool) -> &str {
    let text = if iam { &body["error"]["message"] } else { &body["error_msg"] };
    text.as_str().unwrap_or_else(|| panic!("{body}"))
}

#[tokio::test]
async fn every_operation_of_the_specifications_is_there_or_says_that_it_is_not() {
    let api = Api::new().await;
    api.create("web", json!({})).await.fine(200);
    for (operation, _) in operations() {
        let path = uri(&api, operation.path);
        let answer = api.send(api.signed(operation.method, &path, &[], b"")).await;
        assert!(!answer.header("x-request-id").is_empty());
        if answer.status == 501 && operation.method != "HEAD" {
            let iam = crate::answer::is_iam(operation.path);
            assert_eq!(message(&answer.json(), iam), format!("{} is not implemented yet", operation.id));
            continue;
        }
        let elsewhere = String::from_utf8_lossy(&answer.body).contains("APIG.0101");
        assert!(!elsewhere && answer.status != 405, "{} {path}: {answer:?}", operation.method);
    }
    // 92 + 127 + 61 operations, 10 historical and 5 of the provider. docs/compatibility.md says how many of them are there.
    assert_eq!(operations().len(), 295);
}

#[tokio::test]
async fn what_is_missing_has_the_code_of_its_service() {
    let api = Api::new().await;
    let workflows = api.get(&api.fgs("/workflows")).await;
    workflows.refused(501, "FSS.0501", &["ListWorkflow is not implemented yet"]);
    let project = &api.credential.project;
    let keys = api.get(&format!("/v2/{project}/apigw/instances/i/signs")).await;
    keys.refused(501, "APIG.0501", &["ListSignatureKeysV2"]);
    let logins = api.post("/v3.0/OS-AUTH/securitytoken/logintokens", &json!({})).await;
    assert_eq!(
        logins.json(),
        json!({"error": {"code": 501, "message": "CreateLoginToken is not implemented yet", "title": "Not Implemented"}})
    );
}

#[tokio::test]
async fn what_is_nowhere_is_told_from_what_has_another_method() {
    let api = Api::new().await;
    api.get("/v2/p/nothing").await.refused(404, "APIG.0101", &["'/v2/p/nothing'"]);
    api.put(&api.fgs("/functions"), &json!({})).await.refused(405, "APIG.0101", &["PUT"]);
    assert_eq!(api.put(&api.fgs("/functions"), &json!({})).await.header("allow"), "GET,HEAD,POST");
}

#[tokio::test]
async fn a_function_may_have_the_name_of_a_fixed_path() {
    let api = Api::new().await;
    for name in ["import", "statistics", "reservedinstances"] {
        api.create(name, json!({})).await.fine(200);
        let config = api.get(&api.fgs(&format!("/functions/{name}/config"))).await.fine(200);
        assert_eq!(config["func_name"], name);
        let urn = api.urn(name);
        api.delete(&api.fgs(&format!("/functions/{urn}"))).await.fine(204);
    }
}
