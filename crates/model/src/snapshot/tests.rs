use super::*;
use crate::alias::{Additional, Alias, Share};
use crate::apig::Definition;
use crate::function::tests::{publish, version};

mod hosts;

fn function(name: &str) -> Arc<Function> {
    Arc::new(Function::new(name, crate::time::now(), version(name, "latest", 1)))
}

fn published(function: &Function, group: &str, method: Option<&str>, path: &str, match_mode: MatchMode) -> Published {
    let definition =
        Definition { match_mode, method: method.map(str::to_owned), ..Definition::new(&function.id, group, path) };
    Published::in_release(&format!("{}{path}", function.id.name), &function.id, definition)
}

/// The same in another environment.
fn staged(mut published: Published, stage: &str) -> Published {
    let api = Arc::make_mut(&mut published.api);
    api.env_name = stage.into();
    api.api_id = format!("{}@{stage}", api.api_id);
    published
}

fn snapshot() -> Snapshot {
    let (web, api, own) = (function("web"), function("api"), function("own"));
    let groups = [
        Group { id: "g0".into(), project: "p".into(), name: "DEFAULT".into(), domain: None },
        Group { id: "g1".into(), project: "p".into(), name: "own".into(), domain: Some("own.localhost".into()) },
    ];
    let apis = [
        published(&web, "g0", None, "/", MatchMode::Prefix),
        published(&api, "g0", Some("GET"), "/user/get", MatchMode::Exact),
        published(&api, "g0", None, "/user", MatchMode::Prefix),
        published(&own, "g1", None, "/", MatchMode::Prefix),
        published(&own, "gone", None, "/lost", MatchMode::Prefix),
        published(&api, "g1", None, "/users/{id}", MatchMode::Exact),
        published(&api, "g1", None, "/users/me", MatchMode::Exact),
        staged(published(&api, "g1", None, "/", MatchMode::Prefix), "test"),
    ];
    Snapshot::build(1, vec![web, api, own], &groups, &apis)
}

#[track_caller]
fn check(host: &str, method: http::Method, path: &str, expect: &str) {
    let snapshot = snapshot();
    let found = snapshot.route(host, &method, path).map_or("none", |route| route.api.api_id.as_str());
    assert_eq!(found, expect);
}

#[test]
fn exact_comes_before_prefix_and_longer_before_shorter() {
    check("127.0.0.1", http::Method::GET, "/user/get", "api/user/get");
    check("127.0.0.1", http::Method::POST, "/user/get", "api/user");
    check("127.0.0.1", http::Method::GET, "/other", "web/");
}

#[test]
fn a_prefix_ends_at_a_segment() {
    check("h", http::Method::GET, "/user/a/b", "api/user");
    check("h", http::Method::GET, "/username", "web/");
}

#[test]
fn a_group_domain_is_found_in_any_case_and_an_unknown_localhost_name_is_not_the_default() {
    check("OWN.localhost", http::Method::GET, "/x", "own/");
    check("nobody.localhost", http::Method::GET, "/x", "none");
}

#[test]
fn a_literal_part_comes_before_a_parameter() {
    check("own.localhost", http::Method::GET, "/users/me", "api/users/me");
    check("own.localhost", http::Method::GET, "/users/7", "api/users/{id}");
    check("own.localhost", http::Method::GET, "/users/7/photos", "own/");
}

#[test]
fn an_environment_has_its_own_routes_and_an_unknown_one_has_none() {
    let snapshot = snapshot();
    let found = |stage| {
        let route = snapshot.route_in("own.localhost", stage, &http::Method::GET, "/x");
        route.map_or("none", |route| route.api.api_id.as_str())
    };
    assert_eq!([None, Some("RELEASE"), Some("test"), Some("nobody")].map(found), ["own/", "own/", "api/@test", "none"]);
}

/// The versions that requests for `/` reach when an alias with this second version is what the trigger calls.
fn reached(additional: Option<Additional>) -> Vec<u64> {
    let at = crate::time::now();
    let mut web = Function::clone(&function("web"));
    publish(&mut web, version("web", "v1", 2));
    publish(&mut web, version("web", "v2", 3));
    let alias = Alias {
        name: "prod".into(),
        version: Qualifier::Version("v1".into()),
        additional,
        description: String::new(),
        created: at,
        modified: at,
    };
    web.aliases.insert("prod".into(), alias);
    let mut api = published(&web, "g0", None, "/", MatchMode::Prefix);
    Arc::make_mut(&mut api.definition).qualifier = "!prod".into();
    let group = Group { id: "g0".into(), project: "p".into(), name: "DEFAULT".into(), domain: None };
    let snapshot = Snapshot::build(1, vec![Arc::new(web)], &[group], &[api]);
    let Some(route) = snapshot.route("h", &http::Method::GET, "/") else { return Vec::new() };
    let Some(choice) = &route.choice else { return Vec::new() };
    [0, 99].map(|draw| choice.pick(&http::HeaderMap::new(), || draw).revision).to_vec()
}

#[test]
fn a_trigger_on_an_alias_calls_what_the_alias_stands_for() {
    let second = |version: &str| Some(Additional { version: version.into(), share: Share::Weight(20) });
    assert_eq!(reached(None), [2, 2]);
    assert_eq!(reached(second("v2")), [3, 2]);
    assert_eq!(reached(second("gone")), [] as [u64; 0], "a choice with a hole is no choice");
}

#[test]
fn a_qualifier_names_a_version_or_an_aliass_main_one() {
    let mut web = Function::clone(&function("web"));
    publish(&mut web, version("web", "v1", 2));
    let id = web.id.clone();
    let snapshot = Snapshot::build(1, vec![Arc::new(web)], &[], &[]);
    let revision = |qualifier: &str| snapshot.resolve(&id, &qualifier.into()).map(|version| version.revision);
    assert_eq!((revision("latest"), revision("v1"), revision("v2"), revision("!prod")), (Some(1), Some(2), None, None));
}
