use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::apig::ApiRef;
use crate::apig::throttles::Limits;

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
        "algorithm": "token", "rules": [{"rule_name": "r", "limit": 0}], "specials": [{"type": "app", "policies": [{"key": "", "limit": 9}]}]});
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

/// Whether a rule with this condition is a request's, on the parameters of the vendor's sample and some more.
#[track_caller]
fn fits(condition: &serde_json::Value, expect: bool) {
    let parameter = |kind: &str, name: &str| json!({"id": "3wuj", "type": kind, "name": name, "value": name});
    let document = json!({
        "default_interval": 60, "api_limit": -1,
        "parameters": [parameter("path", "reqPath"), parameter("method", "method"), parameter("header", "Host"), parameter("query", "q"),
            {"type": "system", "name": "from", "value": "sourceIp"}],
        "rules": [{"match_regex": condition.to_string(), "rule_name": "u8mb", "time_unit": "minute", "interval": 2, "limit": 5}],
    });
    let Content::RateLimit(limit) = read(Kind::RateLimit, &document) else { panic!("no limit") };
    let throttle = limit.throttle("p", "a", "e");
    assert_eq!((throttle.limits, throttle.period.length().as_secs()), (Limits::default(), 60));
    let rule = &throttle.rules[0];
    assert_eq!((rule.name.as_str(), rule.limit, rule.period.length().as_secs()), ("u8mb", 5, 120));
    let headers = HeaderMap::from_iter([(http::header::HOST, HeaderValue::from_static("www.abc.com"))]);
    let uri = "/users/7?x=1&q=a%20b+c&q=2".parse().unwrap();
    let seen = Seen {
        method: &http::Method::PUT,
        uri: &uri,
        headers: &headers,
        source: [192, 0, 2, 7].into(),
        api: &ApiRef::default(),
    };
    assert_eq!(rule.fits(seen), expect, "{condition}");
}

#[test]
fn a_rule_is_for_the_requests_that_its_conditions_name() {
    fits(&json!(["Host", "==", "www.abc.com"]), true);
    fits(&json!(["Host", "=", "abc.com"]), false);
    fits(&json!(["Host", "!=", "abc.com"]), true);
    fits(&json!(["q", "==", "a b c"]), true);
    fits(&json!(["method", "enum", "GET, PUT"]), true);
    fits(&json!(["method", "enum", "GET,POST"]), false);
    fits(&json!(["reqPath", "pattern", "^/users/[0-9]+$"]), true);
    fits(&json!(["reqPath", "pattern", "^/users/\\d\\d"]), false);
    fits(&json!(["from", "==", "192.0.2.7"]), true);
    fits(&json!([["method", "==", "PUT"], ["Host", "==", "www.abc.com"]]), true);
    fits(&json!([["method", "==", "PUT"], ["Host", "==", "x"]]), false);
}

#[test]
fn a_rule_without_a_period_has_the_documents() {
    let rule =
        json!({"match_regex": r#"["m","==","GET"]"#, "rule_name": "r", "time_unit": "day", "interval": 0, "limit": 5});
    let document = json!({"default_interval": 3, "default_time_unit": "minute", "api_limit": 9, "rules": [rule],
        "parameters": [{"type": "method", "name": "m"}]});
    let Content::RateLimit(limit) = read(Kind::RateLimit, &document) else { panic!("no limit") };
    assert_eq!(limit.throttle("p", "a", "e").rules[0].period.length().as_secs(), 180);
}

#[test]
fn everything_wrong_with_rules_is_said() {
    let rule = |condition: &str, name: &str| json!({"match_regex": condition, "rule_name": name, "limit": 1});
    let wrong = json!({"api_limit": 0, "parameters": [{"type": "cookie", "name": "a"}, {"type": "header", "name": "a b"},
            {"type": "system", "name": "requestId"}, {"type": "path", "name": "p"}],
        "rules": [rule("", "a"), rule("[]", "b"), rule(r#"["x","==","y"]"#, "c"), rule(r#"["p","~","y"]"#, "d"), rule(r#"["p","pattern","("]"#, "e"),
            rule(r#"["p","pattern","(a{999}){999}"]"#, "f"), rule(r#"["p","==","y"]"#, "g"), rule(r#"["p","==","y"]"#, "g")]});
    let parts = [
        "api_limit must be 1",
        "parameters[0].type",
        "parameters[1].value",
        "parameters[2].value",
        "rules[0].match_regex must be a condition",
        "rules[1].match_regex must be a condition",
        "rules[2].match_regex names 'x'",
        "rules[3].match_regex has the operator '~'",
        "rules[4].match_regex has a pattern that is no",
        "rules[5].match_regex has a pattern that is too large",
        "rules[7].rule_name 'g' is there twice",
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
