use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;
use serde_json::json;

use super::*;

#[track_caller]
fn read(kind: Kind, document: &serde_json::Value) -> Content {
    Content::read(kind, &document.to_string()).unwrap()
}

/// Each part is in one of the problems.
#[track_caller]
fn refused(kind: Kind, document: &serde_json::Value, parts: &[&str]) {
    let problems = Content::read(kind, &document.to_string()).unwrap_err();
    for part in parts {
        assert!(problems.iter().any(|problem| problem.contains(part)), "{problems:?} lack {part}");
    }
}

fn cors(document: &serde_json::Value) -> Cors {
    let Content::Cors(cors) = read(Kind::Cors, document) else { panic!("no CORS") };
    cors
}

fn shown(headers: &HeaderMap) -> Vec<String> {
    let mut lines: Vec<String> =
        headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    lines.sort();
    lines
}

#[test]
fn a_preflight_from_a_listed_origin_is_told_what_it_may() {
    let cors = cors(&json!({"allow_origin": "https://a.example, https://b.example:8443", "allow_methods": "GET,PUT",
        "allow_headers": "content-type", "expose_headers": "X-Seen", "max_age": 60, "allow_credentials": true}));
    let mut headers = HeaderMap::new();
    cors.preflight(&HeaderValue::from_static("https://b.example:8443"), &mut headers);
    let expect = [
        "access-control-allow-credentials: true",
        "access-control-allow-headers: content-type",
        "access-control-allow-methods: GET,PUT",
        "access-control-allow-origin: https://b.example:8443",
        "access-control-max-age: 60",
        "vary: Origin",
    ];
    assert_eq!(shown(&headers), expect);
    let mut headers = HeaderMap::new();
    cors.preflight(&HeaderValue::from_static("https://b.example"), &mut headers);
    assert_eq!(shown(&headers), ["vary: Origin"]);
}

#[test]
fn a_response_shows_what_the_gateway_says_and_not_the_function() {
    let cors = cors(&json!({"allow_origin": "*", "expose_headers": "X-Seen", "allow_credentials": true}));
    let mut headers = HeaderMap::new();
    headers.insert("access-control-allow-origin", HeaderValue::from_static("https://evil.example"));
    cors.stamp(Some(&HeaderValue::from_static("https://x.example")), &mut headers);
    let expect = [
        "access-control-allow-credentials: true",
        "access-control-allow-origin: *",
        "access-control-expose-headers: X-Seen",
    ];
    assert_eq!(shown(&headers), expect);
}

#[test]
fn everything_wrong_with_a_cors_document_is_said() {
    let wrong =
        json!({"allow_origin": "example.com", "allow_methods": "get", "allow_headers": "a b", "max_age": 999_999});
    refused(Kind::Cors, &wrong, &["'example.com'", "'get'", "'a b'", "max_age"]);
    refused(Kind::Cors, &json!({"allow_origin": ""}), &["allow_origin is missing"]);
    refused(Kind::Cors, &json!({"allow_origin": "*", "allow_origins": "*"}), &["allow_origins"]);
    refused(Kind::Cors, &json!([]), &["cannot be read"]);
}

#[track_caller]
fn changed(action: &str, before: &[&'static str], expect: &[&str]) {
    let document = json!({"response_headers": [{"name": "X-Tag", "value": "new", "action": action}]});
    let Content::SetRespHeaders(change) = read(Kind::SetRespHeaders, &document) else { panic!("no headers") };
    let mut headers = HeaderMap::new();
    for value in before {
        headers.append("x-tag", HeaderValue::from_static(value));
    }
    change.apply(&mut headers);
    let after: Vec<_> = headers.get_all("x-tag").iter().map(|value| value.to_str().unwrap()).collect();
    assert_eq!(after, expect, "{action} {before:?}");
}

#[test]
fn each_action_does_what_the_vendor_says() {
    for (action, none, one, two) in [
        ("override", &["new"][..], &["new"][..], &["new"][..]),
        ("append", &["new"], &["a,new"], &["a,b,new"]),
        ("delete", &[], &[], &[]),
        ("skip", &["new"], &["a"], &["a", "b"]),
        ("add", &["new"], &["a", "new"], &["a", "b", "new"]),
    ] {
        changed(action, &[], none);
        changed(action, &["a"], one);
        changed(action, &["a", "b"], two);
    }
}

#[test]
fn headers_of_the_gateway_are_left_alone() {
    for name in ["Content-Length", "transfer-encoding", "X-Request-Id", "x-apig-mode", "X-CFF-Request-Id", "a b"] {
        let entry = json!({"name": name, "value": "x", "action": "override"});
        refused(Kind::SetRespHeaders, &json!({"response_headers": [entry]}), &["response_headers[0].name"]);
    }
    let entry = |name: &str, action: &str, value: &str| json!({"name": name, "action": action, "value": value});
    let wrong = json!({"response_headers": [entry("a", "add", "x"), entry("A", "add", "x"), entry("b", "move", "x"), entry("c", "add", ""),
        entry("d", "add", "x\ny")]});
    refused(Kind::SetRespHeaders, &wrong, &["[1].name 'a' is there twice", "[2].action", "[3].value", "[4].value"]);
    refused(Kind::SetRespHeaders, &json!({"response_headers": []}), &["1 to 10"]);
}

#[test]
fn a_rate_limit_counts_as_a_policy_does() {
    let document = json!({"scope": "basic", "default_interval": 60, "default_time_unit": "second", "api_limit": 100, "app_limit": 50,
        "user_limit": 50, "ip_limit": 20, "algorithm": "counter",
        "specials": [{"type": "app", "policies": [{"key": "a1", "limit": 10}]}]});
    let Content::RateLimit(limit) = read(Kind::RateLimit, &document) else { panic!("no limit") };
    let throttle = limit.throttle("p", "a", "e");
    assert_eq!((throttle.scope.as_str(), throttle.period.length().as_secs()), ("p a e", 60));
    assert_eq!((throttle.limits.ip, throttle.of_app("a1"), throttle.of_app("b")), (Some(20), Some(10), Some(50)));
}

#[test]
fn everything_wrong_with_a_rate_limit_is_said() {
    let wrong = json!({"scope": "all", "default_interval": 0, "default_time_unit": "week", "api_limit": 5, "user_limit": 6, "ip_limit": 7,
        "algorithm": "token", "rules": [{}], "specials": [{"type": "app", "policies": [{"key": "", "limit": 9}]}]});
    let parts = [
        "scope",
        "default_interval",
        "default_time_unit",
        "user_limit",
        "ip_limit",
        "algorithm",
        "rules",
        "key",
        "limit must be 1 to 5",
    ];
    refused(Kind::RateLimit, &wrong, &parts);
}

proptest! {
    #[test]
    fn any_text_is_a_document_or_says_why_not(text in ".{0,200}", kind in 0..3usize) {
        if let Err(problems) = Content::read(Kind::ALL[kind], &text) {
            prop_assert!(!problems.is_empty());
        }
    }
}
