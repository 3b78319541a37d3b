//! The contract with clients is the document at `/openapi.json`. Every answer that any test of this crate gets is compared with it:
//! status, headers, body. The tests here walk it: every path with every method, every operation unsigned, every body, query and
//! path parameter with values of the wrong kind.

use std::collections::{BTreeMap, BTreeSet};

use tokio::sync::OnceCell;

use super::*;
use crate::unimplemented::operations as specified;

mod schema;

const OWN: &str = include_str!("../../../../spec/funcd.openapi.json");
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// The document, read once: it is the same for every router.
async fn document(router: &Router) -> &'static Value {
    static DOCUMENT: OnceCell<Value> = OnceCell::const_new();
    let read = || async {
        let request = Request::get("/openapi.json").body(Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200);
        serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap()
    };
    DOCUMENT.get_or_init(read).await
}

/// Fails when the answer is not one that the document promises. What is not in the document is not there: nothing to compare.
pub(super) async fn check(router: &Router, method: &str, path: &str, answer: &Answer) {
    let document = document(router).await;
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    let Some(operation) = find(document, method, path) else { return };
    // A fixed path of an operation that is not there, where a function of that name would be.
    if answer.status == 405 {
        return;
    }
    let id = operation["operationId"].as_str().unwrap();
    assert!(!answer.header("x-request-id").is_empty(), "{id}: an answer without X-Request-Id");
    let responses = operation["responses"].as_object().unwrap();
    let class = format!("{}XX", answer.status / 100);
    let response = responses.get(&answer.status.to_string()).or_else(|| responses.get(&class));
    let Some(response) = response else {
        let known: Vec<_> = responses.keys().collect();
        panic!("{id} answered {}, which is not in its documented {known:?}: {:?}", answer.status, answer.body);
    };
    // What the Terraform provider takes for success.
    let good: &[u16] = match method {
        "GET" => &[200],
        "PUT" | "POST" => &[200, 201, 202, 204],
        _ => &[200, 202, 204],
    };
    assert!(answer.status >= 300 || good.contains(&answer.status), "{id} answered {}", answer.status);
    // HTTP gives it no body.
    if method == "HEAD" {
        return;
    }
    if let Err(problem) = schema::answer(document, response, answer) {
        panic!("{id} answered {} with a body that breaks its schema: {problem}: {:?}", answer.status, answer.body);
    }
}

/// The operation that a request meets: fixed segments win over parameters.
fn find<'a>(document: &'a Value, method: &str, path: &str) -> Option<&'a Value> {
    let segments: Vec<_> = path.split('/').collect();
    let fits = |template: &str| {
        let template: Vec<_> = template.split('/').collect();
        template.len() == segments.len()
            && template.iter().zip(&segments).all(|(one, other)| one.starts_with('{') || one == other)
    };
    let paths = document["paths"].as_object().unwrap().iter();
    let best = paths.filter(|(template, _)| fits(template)).min_by_key(|(template, _)| template.matches('{').count());
    best?.1.get(method.to_lowercase())
}

/// The function that most paths name, unless the last request deleted it.
async fn ensure(api: &Api) {
    if api.store.functions(&api.credential.project).is_empty() {
        api.create("web", json!({})).await.fine(200);
    }
}

/// Id, method, path and description of every operation of the document.
async fn there(api: &Api) -> Vec<(String, String, String, &'static Value)> {
    let mut all = Vec::new();
    for (path, methods) in document(&api.router).await["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            all.push((id.to_owned(), method.to_uppercase(), path.clone(), operation));
        }
    }
    all
}

#[tokio::test]
async fn the_document_has_only_what_a_specification_has() {
    let api = Api::new().await;
    let own: Value = serde_json::from_str(OWN).unwrap();
    let mut known: BTreeSet<_> =
        specified().iter().map(|(one, _)| (one.id.to_owned(), one.method.to_owned(), one.path.to_owned())).collect();
    for (path, methods) in own["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            known.insert((operation["operationId"].as_str().unwrap().to_owned(), method.to_uppercase(), path.clone()));
        }
    }
    let there = there(&api).await;
    for (id, method, path, _) in &there {
        let operation = (id.clone(), method.clone(), path.clone());
        assert!(known.contains(&operation), "{operation:?} is in no specification under this name");
    }
    let document = document(&api.router).await;
    assert_eq!(schema::dangling(document, document), None);
    for (name, type_of) in [("ListQuotas", "fgs_func_num"), ("ShowDomainQuota", "user")] {
        let (.., operation) = there.iter().find(|(id, ..)| id == name).unwrap();
        let body = json!({"quotas": {"resources": [{"type": type_of}]}});
        assert_eq!(schema::body(document, operation, &body), Ok(()), "{name} has its own specification's Resources");
    }
    let ids: BTreeSet<_> = there.iter().map(|(id, ..)| id).collect();
    assert_eq!(ids.len(), there.len(), "each id names one operation");
}

#[tokio::test]
async fn what_answers_501_is_what_the_document_does_not_have() {
    let api = Api::new().await;
    let there: BTreeSet<_> = there(&api).await.into_iter().map(|(_, method, path, _)| (method, path)).collect();
    for (operation, _) in specified() {
        ensure(&api).await;
        let path = operations::uri(&api, operation.path);
        let answer = api.send(api.signed(operation.method, &path, &[], b"")).await;
        let documented = there.contains(&(operation.method.to_owned(), operation.path.to_owned()));
        assert_eq!(answer.status != 501, documented, "{} {}: {answer:?}", operation.method, operation.path);
    }
}

#[tokio::test]
async fn every_path_refuses_the_methods_that_no_specification_gives_it() {
    let api = Api::new().await;
    let mut paths: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for (operation, _) in specified() {
        paths.entry(operations::uri(&api, operation.path)).or_default().insert(operation.method);
    }
    // Ours at the vendor's paths.
    for (_, method, path, _) in there(&api).await {
        let method = METHODS.into_iter().find(|one| *one == method).unwrap();
        if let Some(methods) = paths.get_mut(&operations::uri(&api, &path)) {
            methods.insert(method);
        }
    }
    for (path, methods) in paths {
        let by_get = methods.contains("GET").then_some("HEAD");
        for method in METHODS.iter().filter(|one| !methods.contains(*one) && Some(**one) != by_get) {
            let answer = api.send(api.signed(method, &path, &[], b"")).await;
            assert_eq!(answer.status, 405, "{method} {path}: {answer:?}");
            let allowed: BTreeSet<_> = answer.header("allow").split(',').filter(|one| *one != "HEAD").collect();
            let given: BTreeSet<_> = methods.iter().copied().filter(|one| *one != "HEAD").collect();
            assert_eq!(allowed, given, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn no_operation_answers_an_unsigned_request_but_those_that_say_so() {
    let api = Api::new().await;
    let there = there(&api).await;
    let open = |path: &str, method: &str| {
        there.iter().any(|(_, m, p, operation)| m == method && p == path && operation["security"] == json!([]))
    };
    let own = there.iter().map(|(_, method, path, _)| (method.as_str(), path.as_str()));
    let all: BTreeSet<_> = specified().iter().map(|(one, _)| (one.method, one.path)).chain(own).collect();
    for (method, path) in all {
        let uri = operations::uri(&api, path);
        let answer = api.send(Request::builder().method(method).uri(&uri).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status == 401, !open(path, method), "{method} {path}: {answer:?}");
    }
}

/// Bodies that no operation takes for one, and some that hardly any does.
fn bodies() -> Vec<Vec<u8>> {
    let nested = [b"[".repeat(20_000), b"]".repeat(20_000)].concat();
    let texts =
        ["", "null", "[]", "[{}]", "\"text\"", "0", "true", "{", "{}", "{\"\":null}", "{\"x\":1}", "{\"x\":1,\"x\":2}"];
    texts.iter().map(|text| text.as_bytes().to_vec()).chain([b"\xff\xfe{}".to_vec(), nested]).collect()
}

/// Values of every kind, with the edges of each.
fn values() -> Vec<Value> {
    let long = "x".repeat(70_000);
    vec![
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1e300),
        json!(""),
        json!("x"),
        json!("\0"),
        json!("../../x"),
        json!("\u{202e}\u{10ffff}"),
        json!(long),
        json!([]),
        json!([null]),
        json!([[1]]),
        json!({}),
        json!({"": null}),
    ]
}

#[tokio::test]
async fn a_body_of_the_wrong_kind_is_the_callers_fault() {
    let api = Api::new().await;
    for (id, method, path, operation) in there(&api).await {
        let schemas = schema::request(document(&api.router).await, operation);
        let fields: BTreeSet<&String> =
            schemas.iter().filter_map(|one| one["properties"].as_object()).flat_map(|all| all.keys()).collect();
        let ones = fields.iter().flat_map(|field| values().into_iter().map(move |value| json!({*field: value})));
        let ones = ones.map(|body| body.to_string().into_bytes());
        for body in bodies().into_iter().chain(ones) {
            ensure(&api).await;
            let answer = api.send(api.signed(&method, &operations::uri(&api, &path), &[], &body)).await;
            let shown = String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned();
            assert!(answer.status < 500, "{id} with {shown}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn a_parameter_of_the_wrong_kind_is_the_callers_fault() {
    const TEXTS: [&str; 12] =
        ["", "0", "-1", "401", "99999999999999999999", "1e9", "x", "%00", "%ff", "%", "a%2Fb", "%E2%80%AE%3A%21"];
    let api = Api::new().await;
    for (id, method, path, operation) in there(&api).await {
        let uri = operations::uri(&api, &path);
        let queries = operation["parameters"].as_array().into_iter().flatten().filter(|one| one["in"] == "query");
        let in_query =
            queries.flat_map(|one| TEXTS.map(|text| format!("{uri}?{}={text}", one["name"].as_str().unwrap())));
        let of_caller = |segment: &str| segment == "{project_id}" && path.starts_with("/v2/");
        let parameters = path.split('/').enumerate().filter(|(_, one)| one.starts_with('{') && !of_caller(one));
        let in_path = parameters.flat_map(|(at, _)| TEXTS.map(|text| replaced(&uri, at, text)));
        let targets: Vec<String> = in_query.chain(in_path).collect();
        for target in targets {
            ensure(&api).await;
            let answer = api.send(api.signed(&method, &target, &[], b"{}")).await;
            assert!(answer.status < 500, "{id} {target}: {answer:?}");
        }
    }
}

/// A path with another segment at this place.
fn replaced(path: &str, at: usize, segment: &str) -> String {
    let mut segments: Vec<_> = path.split('/').collect();
    segments[at] = segment;
    segments.join("/")
}
