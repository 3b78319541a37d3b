//! Headers of requests; what the gateway takes is put in here by hand.

use model::heads::{Answered, Asked, Fields, Heads};
use telemetry::Captures;

use super::*;

/// Keeps the head of a request with these fields, and an answer, if the function's heads are wanted.
pub(super) fn keep(api: &Api, function: &str, request_id: &str, fields: &[(&str, &str)]) {
    let captures: &Captures = api.telemetry.captures();
    let id = model::urn::Urn::parse(function, "local-1", &api.credential.project).unwrap().function;
    let Some(names) = captures.wanted(&id) else { return };
    let mut asked = Asked::new("GET", "/", Some("token=1"));
    fields.iter().for_each(|(name, value)| asked.fields.add(name, value.as_bytes(), &names));
    let mut sent = Fields::default();
    sent.add("etag", "x".repeat(2000).as_bytes(), &names);
    let answered = Some(Answered { status: 200, fields: sent });
    captures.keep(&id, &names, Heads { request_id: request_id.into(), asked, answered });
}

fn capture(api: &Api) -> String {
    format!("/v2/{}/funcd/functions/web/header-capture", api.credential.project)
}

fn headers(api: &Api, request: &str) -> String {
    format!("/v2/{}/funcd/functions/web/requests/{request}/headers", api.credential.project)
}

#[tokio::test]
async fn headers_are_kept_from_start_to_stop_with_the_values_that_may_be_seen() {
    let api = Api::new().await;
    api.create("web", json!({})).await.fine(200);
    let urn = api.urn("web");
    let none = json!({"function": urn, "running": false, "names": [], "requests": 0});
    assert_eq!(api.get(&capture(&api)).await.fine(200), none);
    keep(&api, "web", "early", &[("accept", "a")]);
    assert_eq!(api.get(&headers(&api, "early")).await.fine(200), json!({"request_id": "early"}));

    let body = json!({"seconds": 60, "names": ["X-Tenant"]});
    let started = api.put(&capture(&api), &body).await.fine(200);
    assert_eq!((&started["running"], &started["names"]), (&json!(true), &json!(["x-tenant"])));
    let time = |field: &str| started[field].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert_eq!(time("ends").duration_since(time("started")).as_secs(), 60);
    keep(&api, "web", "r1", &[("accept", "a"), ("x-tenant", "t1"), ("authorization", "Bearer s"), ("x-key", "k")]);
    let shown = api.get(&headers(&api, "r1")).await.fine(200);
    let fields = json!([
        {"name": "accept", "bytes": 1, "value": "a"},
        {"name": "x-tenant", "bytes": 2, "value": "t1"},
        {"name": "authorization", "bytes": 8},
        {"name": "x-key", "bytes": 1},
    ]);
    let request = json!({"method": "GET", "path": "/", "query_bytes": 7, "headers": fields, "left_out": 0});
    let field = json!({"name": "etag", "bytes": 2000, "value": "x".repeat(1024), "cut": true});
    let answer = json!({"status": 200, "headers": [field], "left_out": 0});
    assert_eq!(shown, json!({"request_id": "r1", "request": request, "answer": answer}));
    let list = format!("/v2/{}/funcd/header-captures", api.credential.project);
    let running = api.get(&list).await.fine(200);
    assert_eq!((&running["captures"][0]["function"], &running["captures"][0]["requests"]), (&json!(urn), &json!(1)));

    assert_eq!(api.delete(&capture(&api)).await.status, 204);
    assert_eq!(api.get(&capture(&api)).await.fine(200), none);
    assert_eq!(api.get(&headers(&api, "r1")).await.fine(200), json!({"request_id": "r1"}));
    assert_eq!(api.get(&list).await.fine(200), json!({"captures": []}));
    assert_eq!(api.delete(&capture(&api)).await.status, 204, "what is not there can be stopped");
}

#[tokio::test]
async fn what_cannot_be_kept_is_named_with_field_limit_and_value() {
    let api = Api::new().await;
    api.create("web", json!({})).await.fine(200);
    let many: Vec<String> = (0..33).map(|number| format!("x-{number}")).collect();
    for (body, parts) in [
        (json!({"seconds": 0}), &["seconds must be 1 to 3600, not 0"][..]),
        (json!({"seconds": 3601}), &["seconds must be 1 to 3600, not 3601"]),
        (json!({"seconds": -1}), &["not -1"]),
        (json!({"names": ["x-a", "Authorization"]}), &["names: 'Authorization' cannot be listed", "never kept"]),
        (json!({"names": ["X_Auth_Token"]}), &["'X_Auth_Token' cannot be listed"]),
        (json!({"names": ["cookie", "x y"], "seconds": 0}), &["'cookie'", "'x y' is no name of a header", "seconds"]),
        (json!({"names": many}), &["names may list 32 headers, not 33"]),
        (json!({"name": ["x"]}), &["'name' is not a field"]),
    ] {
        api.put(&capture(&api), &body).await.refused(400, "FSS.0400", parts);
    }
    assert_eq!(api.get(&capture(&api)).await.fine(200)["running"], false);
    let nobody = capture(&api).replace("/web/", "/nobody/");
    api.put(&nobody, &json!({})).await.refused(404, "FSS.1051", &["nobody"]);
    api.put(&capture(&api).replace("/web/", "/p1:default:web:latest/"), &json!({})).await.refused(403, "FSS.0403", &[]);

    for number in 0..17 {
        api.create(&format!("web{number}"), json!({})).await.fine(200);
        let answer = api.put(&capture(&api).replace("/web/", &format!("/web{number}/")), &json!({})).await;
        match number {
            16 => answer.refused(400, "FSS.0400", &["headers of 16 functions of the project are being kept"]),
            _ => drop(answer.fine(200)),
        }
    }
}

#[tokio::test]
async fn start_and_stop_are_in_the_trail_and_who_only_reads_may_do_neither() {
    let api = Api::new().await;
    api.create("web", json!({})).await.fine(200);
    api.put(&capture(&api), &json!({"names": ["x-tenant"]})).await.fine(200);
    api.get(&capture(&api)).await.fine(200);
    api.delete(&capture(&api)).await;
    api.delete(&capture(&api)).await;
    let traces = api.get(&format!("/v3/{}/traces", api.credential.project)).await.fine(200);
    let all: Vec<_> = traces["traces"].as_array().unwrap().iter().filter(|one| one["resource_name"] == "web").collect();
    let names: Vec<_> = all.iter().map(|one| one["trace_name"].as_str().unwrap()).collect();
    assert_eq!(names, ["stopHeaderCapture", "startHeaderCapture", "createFunction"]);
    let said = all[1]["message"].as_str().unwrap();
    assert!(said.starts_with("until 2") && said.ends_with(", with the values of x-tenant"), "{said}");
    assert_eq!(all[1]["resource_type"], "HeaderCaptures");

    let project = api.credential.project.clone();
    let reader = api.key(&api.user("reader", "ReadOnlyAccess", Some(&project)).await).await;
    assert_eq!(api.with(&reader, "GET", &capture(&api), &Value::Null).await.status, 200);
    assert_eq!(api.with(&reader, "GET", &headers(&api, "r1"), &Value::Null).await.status, 200);
    for method in ["PUT", "DELETE"] {
        let refused = api.with(&reader, method, &capture(&api), &json!({})).await;
        refused.refused(403, "FSS.0403", &["functiongraph:function:captureHeaders"]);
    }
    assert_eq!(api.get(&capture(&api)).await.fine(200)["running"], false);
}

#[tokio::test]
async fn a_function_that_is_deleted_takes_its_headers_along() {
    let api = Api::new().await;
    api.create("web", json!({})).await.fine(200);
    api.put(&capture(&api), &json!({})).await.fine(200);
    keep(&api, "web", "r1", &[]);
    let urn = api.urn("web");
    api.delete(&api.fgs(&format!("/functions/{urn}"))).await.fine(204);
    api.create("web", json!({})).await.fine(200);
    assert_eq!(api.get(&capture(&api)).await.fine(200)["running"], false);
    assert_eq!(api.get(&headers(&api, "r1")).await.fine(200), json!({"request_id": "r1"}));
}
