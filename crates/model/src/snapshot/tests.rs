use std::path::PathBuf;

use super::*;
use crate::function::{Code, Config, Entry};
use crate::trigger::{Api, Kind};

fn function(name: &str) -> Arc<Function> {
    let id = FunctionId { region: "r".into(), project: "p".into(), package: "default".into(), name: name.into() };
    let code = Code {
        code_type: "zip".into(),
        filename: "index.zip".into(),
        sha256: String::new(),
        url: String::new(),
        sha512: String::new(),
        size: 0,
        root: PathBuf::new(),
        entry: Entry::Shell,
    };
    let latest = Version {
        function: id.clone(),
        qualifier: Qualifier::Latest,
        revision: 1,
        config: Config::new("http", "bootstrap"),
        code,
    };
    let at = crate::time::now();
    Arc::new(Function {
        id,
        func_id: name.into(),
        domain: String::new(),
        pinned: false,
        created: at,
        modified: at,
        latest: Arc::new(latest),
    })
}

fn trigger(function: &Function, group: &str, method: Option<&str>, path: &str, match_mode: MatchMode) -> Trigger {
    let at = function.created;
    let api = Api {
        id: String::new(),
        name: String::new(),
        group_id: group.into(),
        path: path.into(),
        match_mode,
        method: method.map(str::to_owned),
        protocol: "HTTP".into(),
        auth: Auth::None,
        timeout_ms: 5000,
        visibility: 1,
        env_id: String::new(),
        env_name: String::new(),
        instance_id: None,
    };
    Trigger {
        id: format!("{}{path}", function.id.name),
        function: function.id.clone(),
        qualifier: Qualifier::Latest,
        kind: Kind::Apig,
        created: at,
        updated: at,
        api,
    }
}

fn snapshot() -> Snapshot {
    let (web, api, own) = (function("web"), function("api"), function("own"));
    let groups = [
        Group { id: "g0".into(), project: "p".into(), name: "DEFAULT".into(), domain: None },
        Group { id: "g1".into(), project: "p".into(), name: "own".into(), domain: Some("own.localhost".into()) },
    ];
    let triggers = [
        trigger(&web, "g0", None, "/", MatchMode::Prefix),
        trigger(&api, "g0", Some("GET"), "/user/get", MatchMode::Exact),
        trigger(&api, "g0", None, "/user", MatchMode::Prefix),
        trigger(&own, "g1", None, "/", MatchMode::Prefix),
        trigger(&own, "gone", None, "/lost", MatchMode::Prefix),
    ];
    Snapshot::build(1, vec![web, api, own], &groups, &triggers)
}

#[track_caller]
fn check(host: &str, method: http::Method, path: &str, expect: &str) {
    let snapshot = snapshot();
    let found = snapshot.route(host, &method, path).map_or("none", |route| route.trigger_id.as_str());
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
