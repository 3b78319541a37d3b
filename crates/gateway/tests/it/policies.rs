//! Policies as clients meet them: what is refused, by whom, and what a function never hears of.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use model::apig::acls::{self, Effect, Entity};
use model::apig::plugins::{self, Plugin};
use model::apig::policies::{Binding, Book, Kind};
use model::apig::responses::{Responses, Rule};
use model::apig::throttles::{self, Limits, Period, Unit};
use model::trigger::RELEASE_ENV_ID;

use crate::support::{Server, echo, get, proxies, text};

fn bind(book: &mut Book, kind: Kind, id: &str) {
    let (api_id, created) = ("api".to_owned(), model::time::now());
    let (id, policy_id, env_id) = (format!("b{id}"), id.to_owned(), RELEASE_ENV_ID.to_owned());
    book.bindings.insert(id.clone(), Binding { id, kind, policy_id, api_id, env_id, created });
}

pub(crate) fn throttle(book: &mut Book, limits: Limits, unit: Unit) {
    let policy = throttles::Policy {
        id: "t".into(),
        project: "p".into(),
        name: "t".into(),
        remark: String::new(),
        shared: false,
        period: Period { interval: 1, unit },
        limits,
        created: model::time::now(),
    };
    book.throttles.insert("t".into(), policy);
    bind(book, Kind::Throttle, "t");
}

/// A limit for each user of an API, and another one for this user.
pub(crate) fn of_users(api: &str, user: &str) -> Book {
    let mut book = Book::default();
    throttle(&mut book, Limits { api: Some(9), user: Some(5), ..Limits::default() }, Unit::Hour);
    book.bindings.values_mut().for_each(|binding| binding.api_id = api.to_owned());
    let special = throttles::Special {
        id: "s".into(),
        throttle_id: "t".into(),
        object: throttles::Object::User,
        object_id: user.into(),
        limit: 7,
        applied: model::time::now(),
    };
    book.specials.insert("s".into(), special);
    book
}

pub(crate) fn acl(book: &mut Book, effect: Effect, value: &str) {
    let policy = acls::Policy {
        id: "a".into(),
        project: "p".into(),
        name: "a".into(),
        effect,
        entity: Entity::Ip,
        value: value.into(),
        modified: model::time::now(),
    };
    book.acls.insert("a".into(), policy);
    bind(book, Kind::Acl, "a");
}

fn plugin(book: &mut Book, kind: plugins::Kind, content: &str) {
    let (id, created) = (kind.code().to_owned(), model::time::now());
    let plugin = Plugin {
        id: id.clone(),
        project: "p".into(),
        name: id.clone(),
        kind,
        content: content.into(),
        remark: String::new(),
        created,
        modified: created,
    };
    book.plugins.insert(id.clone(), plugin);
    bind(book, Kind::Plugin, &id);
}

fn responses(book: &mut Book, kind: &str, rule: Rule) {
    let at = model::time::now();
    let responses = Responses {
        id: "r".into(),
        project: "p".into(),
        group_id: "bare".into(),
        name: "default".into(),
        default: true,
        rules: [(kind.to_owned(), rule)].into(),
        created: at,
        modified: at,
    };
    book.responses.insert("r".into(), responses);
}

/// Counts what reaches the function.
fn counting() -> (Server, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let server = Server::new(move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
        async { Ok(text("hello")) }
    });
    (server, calls)
}

#[test]
fn what_is_over_a_limit_is_told_when_to_come_again_and_reaches_no_function() {
    let (server, calls) = counting();
    let mut book = Book::default();
    throttle(&mut book, Limits { api: Some(3), ..Limits::default() }, Unit::Day);
    server.apply(book);
    let statuses: Vec<u16> = (0..8).map(|_| server.request(&get("/")).status).collect();
    assert_eq!(statuses, [200, 200, 200, 429, 429, 429, 429, 429]);
    let reply = server.request(&get("/"));
    assert_eq!(reply.error().error_code, "APIG.0308");
    assert_eq!(
        reply.error().error_msg,
        "The throttling threshold has been reached: policy api over ratelimit,limit:3,time:1 day"
    );
    assert_eq!(Some(reply.error().request_id.as_str()), reply.header("x-request-id"));
    assert!(reply.header("retry-after").unwrap().parse::<u64>().unwrap() > 86_000);
    assert_eq!(calls.load(Ordering::Relaxed), 3);
}

#[test]
fn a_new_policy_holds_at_once_and_goes_on_counting() {
    let (server, calls) = counting();
    let mut client = server.connect();
    let mut send = |path: &str| {
        client.send(get(path));
        client.reply().status
    };
    for (limit, expect) in [(2, [200, 200, 429]), (3, [200, 429, 429]), (1, [429, 429, 429])] {
        let mut book = Book::default();
        throttle(&mut book, Limits { api: Some(limit), ..Limits::default() }, Unit::Day);
        server.apply(book);
        assert_eq!([send("/"), send("/"), send("/")], expect, "limit {limit}");
    }
    server.apply(Book::default());
    assert_eq!((send("/"), calls.load(Ordering::Relaxed)), (200, 4));
}

#[test]
fn what_is_left_is_told_to_who_asks() {
    let (server, _) = counting();
    let mut book = Book::default();
    throttle(&mut book, Limits { api: Some(9), ip: Some(5), ..Limits::default() }, Unit::Hour);
    server.apply(book);
    let reply = server.request("GET / HTTP/1.1\r\nHost: a\r\nX-Apig-Mode: debug\r\n\r\n");
    assert_eq!(reply.header("x-apig-ratelimit-api"), Some("remain:8,limit:9,time:1 hour"));
    assert_eq!(reply.header("x-apig-ratelimit-ip"), Some("remain:4,limit:5,time:1 hour"));
    assert_eq!(server.request(&get("/")).header("x-apig-ratelimit-api"), None);
}

#[test]
fn an_address_passes_as_its_list_says() {
    let (server, calls) = counting();
    for (effect, value, expect) in [
        (Effect::Permit, "127.0.0.0/8", 200),
        (Effect::Permit, "192.0.2.1", 403),
        (Effect::Deny, "127.0.0.1", 403),
        (Effect::Deny, "192.0.2.0/24,::1", 200),
    ] {
        let mut book = Book::default();
        acl(&mut book, effect, value);
        server.apply(book);
        let reply = server.request(&get("/"));
        assert_eq!(reply.status, expect, "{value}");
        if expect == 403 {
            assert_eq!(reply.error().error_code, "APIG.0402");
        }
    }
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}

#[test]
fn behind_a_trusted_proxy_each_client_has_its_own_address() {
    let server = Server::start(|config| config.trusted_proxies = proxies("127.0.0.1"), Vec::new(), echo);
    let from = |chain: &str| {
        let reply = server.request(&format!("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: {chain}\r\n\r\n"));
        (reply.status, if reply.status == 200 { String::new() } else { reply.error().error_code })
    };
    let mut book = Book::default();
    throttle(&mut book, Limits { api: Some(9), ip: Some(1), ..Limits::default() }, Unit::Day);
    acl(&mut book, Effect::Deny, "192.0.2.66");
    server.apply(book);
    let refused = |status, code: &str| (status, code.to_owned());
    assert_eq!(from("192.0.2.1").0, 200);
    assert_eq!(from("192.0.2.1"), refused(429, "APIG.0308"));
    assert_eq!(from("192.0.2.2").0, 200);
    assert_eq!(from("198.51.100.1, 192.0.2.2"), refused(429, "APIG.0308"), "what the client itself wrote is not read");
    assert_eq!(from("192.0.2.3, 192.0.2.66"), refused(403, "APIG.0402"));
}

#[test]
fn a_preflight_wakes_no_function_and_a_refusal_can_be_read_by_the_page() {
    let (server, calls) = counting();
    let mut book = Book::default();
    let cors = r#"{"allow_origin":"https://a.example","allow_methods":"PUT","allow_headers":"x-a","max_age":60}"#;
    plugin(&mut book, plugins::Kind::Cors, cors);
    throttle(&mut book, Limits { api: Some(1), ..Limits::default() }, Unit::Day);
    server.apply(book);
    let preflight = |origin: &str| {
        server.request(&format!(
            "OPTIONS /x HTTP/1.1\r\nHost: a\r\nOrigin: {origin}\r\nAccess-Control-Request-Method: PUT\r\n\r\n"
        ))
    };
    let reply = preflight("https://a.example");
    assert_eq!((reply.status, reply.header("access-control-allow-methods")), (204, Some("PUT")));
    assert_eq!(reply.header("access-control-allow-origin"), Some("https://a.example"));
    assert_eq!(preflight("https://b.example").header("access-control-allow-origin"), None);
    assert_eq!(calls.load(Ordering::Relaxed), 0);
    for status in [200, 429] {
        let reply =
            server.request("PUT /x HTTP/1.1\r\nHost: a\r\nOrigin: https://a.example\r\nContent-Length: 0\r\n\r\n");
        assert_eq!((reply.status, reply.header("access-control-allow-origin")), (status, Some("https://a.example")));
    }
    let plain = server.request("OPTIONS /user/get HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(plain.status, 429, "OPTIONS without an origin is a call like others");
}

#[test]
fn a_rule_limits_the_requests_that_it_names() {
    let (server, calls) = counting();
    let mut book = Book::default();
    let limit = r#"{"default_interval":1,"default_time_unit":"day","api_limit":5,
        "parameters":[{"type":"header","name":"tier","value":"X-Tier"},{"type":"path","name":"path"}],
        "rules":[{"rule_name":"free","match_regex":"[\"tier\",\"==\",\"free\"]","limit":1},
            {"rule_name":"slow","match_regex":"[\"path\",\"pattern\",\"^/slow\"]","time_unit":"hour","interval":2,"limit":2}]}"#;
    plugin(&mut book, plugins::Kind::RateLimit, limit);
    server.apply(book);
    let ask =
        |path: &str, tier: &str| server.request(&format!("GET {path} HTTP/1.1\r\nHost: a\r\nX-Tier: {tier}\r\n\r\n"));
    let statuses: Vec<u16> = [("/", "free"), ("/", "free"), ("/slow", "paid"), ("/slow/x", "paid"), ("/slow", "paid")]
        .map(|(path, tier)| ask(path, tier).status)
        .to_vec();
    assert_eq!(statuses, [200, 429, 200, 200, 429]);
    let told = ask("/slow", "paid").error();
    let text = "The throttling threshold has been reached: policy rule over ratelimit,limit:2,time:2 hour";
    assert_eq!((told.error_code.as_str(), told.error_msg.as_str()), ("APIG.0308", text));
    // Who was refused took nothing of what the API has for all.
    assert_eq!([ask("/", "paid").status, ask("/", "paid").status, ask("/", "paid").status], [200, 200, 429]);
    assert_eq!(calls.load(Ordering::Relaxed), 5);
}

#[test]
fn a_groups_sub_domain_is_limited_a_day_where_that_is_asked_for() {
    let server = Server::start(|config| config.subdomain_daily_limit = Some(2), Vec::new(), echo);
    let ask = |host: &str, path: &str| {
        server.request(&format!("POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n"))
    };
    let statuses =
        [ask("web.localhost", "/only/post"), ask("WEB.localhost:80", "/only/post"), ask("web.localhost", "/only/post")];
    assert_eq!(statuses.each_ref().map(|reply| reply.status), [200, 200, 429]);
    let text = "The throttling threshold has been reached: policy domain over ratelimit,limit:2,time:1 day";
    assert_eq!(statuses[2].error().error_msg, text);
    assert_eq!([(); 3].map(|()| ask("127.0.0.1", "/").status), [200, 200, 200], "the bare address is not one");
}

#[test]
fn response_headers_are_changed_but_not_the_gateways_own() {
    let (server, _) = counting();
    let mut book = Book::default();
    let changes = r#"{"response_headers":[{"name":"X-Tag","value":"t","action":"override"}]}"#;
    plugin(&mut book, plugins::Kind::SetRespHeaders, changes);
    server.apply(book);
    let reply = server.request(&get("/"));
    assert_eq!((reply.status, reply.header("x-tag"), reply.body.as_str()), (200, Some("t"), "hello"));
}

#[test]
fn a_group_answers_in_its_own_words() {
    let (server, _) = counting();
    let mut book = Book::default();
    throttle(&mut book, Limits { api: Some(1), ..Limits::default() }, Unit::Day);
    let body =
        r#"{"why":"$context.error.code","at":"$context.reqPath","api":"$context.apiId","from":"$context.sourceIp"}"#;
    let headers = vec![("X-Type".to_owned(), "$context.error.type".to_owned())];
    responses(&mut book, "THROTTLED", Rule { status: Some(503), body: body.into(), headers });
    server.apply(book);
    server.request(&get("/"));
    let reply = server.request(&get("/a%22b"));
    assert_eq!((reply.status, reply.header("x-type")), (503, Some("THROTTLED")));
    assert_eq!(reply.body, r#"{"why":"APIG.0308","at":"/a%22b","api":"api","from":"127.0.0.1"}"#);
    assert!(reply.header("retry-after").is_some() && reply.header("x-request-id").is_some());
}
