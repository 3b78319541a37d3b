use super::*;

/// A server with a function `web` that answers `reply` to what is under test.
fn with(what: &'static str, reply: Reply) -> Server {
    Server::start(move |request| {
        let last = request.path.rsplit('/').next().unwrap();
        match format!("{} {last}", request.method).as_str() {
            asked if asked == what => reply.clone(),
            "GET info" => ok(&info_of("http://127.0.0.1:8080")),
            "GET config" => ok(&json!({ "func_name": "web", "func_urn": format!("{URN}:latest") })),
            _ if request.path.contains("/triggers/") => ok(&json!([{ "event_data": { "invoke_url": "http://web/" } }])),
            other => panic!("unexpected {other}"),
        }
    })
}

#[test]
fn a_list_walks_every_page_and_ends() {
    let server = Server::start(|request| {
        let page = |name: &str, next: u64| {
            ok(&json!({ "functions": [{ "func_name": name, "func_urn": URN }], "next_marker": next, "count": 2 }))
        };
        match request.query.as_str() {
            "marker=0&maxitems=400" => page("a", 1),
            "marker=1&maxitems=400" => page("b", 2),
            "" => ok(&json!([])),
            other => panic!("unexpected {other}"),
        }
    });
    let rows = funcd(&server, &["list", "--json"]).json();
    assert_eq!((&rows[0]["name"], &rows[1]["name"], &rows[2]), (&json!("a"), &json!("b"), &Value::Null));
    assert_eq!(asked(&server).len(), 4);
}

#[test]
fn a_list_of_none_is_still_json() {
    let server = with("GET functions", ok(&json!({ "functions": [], "next_marker": 0, "count": 0 })));
    assert_eq!(funcd(&server, &["list", "--json"]).json(), json!([]));
    let ended = funcd(&server, &["list"]);
    assert_eq!((ended.out.as_str(), ended.messages.contains("funcd deploy DIR")), ("", true));
}

#[test]
fn logs_are_asked_for_with_every_filter() {
    let line = json!({ "at": "T", "instance": "i1", "stream": "stdout", "text": "hi", "version": "latest" });
    let server = with("GET logs", Reply { status: 200, body: format!("{line}\n\n"), ..Reply::default() });
    let ended = funcd(&server, &["logs", "web", "-n", "5", "--instance", "i1", "--request", "r/1"]);
    assert_eq!((ended.error, ended.out.as_str()), (None, "T i1 hi\n"));
    assert_eq!(asked(&server)[1], "GET /v2/p0/funcd/functions/URN/logs?limit=5&instance=i1&request_id=r%2F1");
    funcd(&server, &["logs", "web", "--since", "2h"]);
    let since =
        asked(&server)[3].split_once("&since=").unwrap().1.replace("%3A", ":").parse::<jiff::Timestamp>().unwrap();
    let ago = jiff::Timestamp::now().duration_since(since);
    assert!((7200..7260).contains(&ago.as_secs()), "{ago}");
    let followed = funcd(&server, &["logs", "web", "-f", "--json"]);
    assert_eq!(serde_json::from_str::<Value>(&followed.out).unwrap(), line);
    assert!(followed.error.unwrap().contains("the service ended the log"));
}

#[test]
fn what_is_not_there_is_said_by_its_name() {
    for command in [vec!["logs", "web"], vec!["delete", "web", "--yes"], vec!["show", "web"]] {
        let server = Server::start(|request| match request.path.ends_with("/info") {
            true => ok(&info_of("http://127.0.0.1:8080")),
            false => refuse(404, "FSS.1051", "no function"),
        });
        funcd(&server, &command).failed("there is no function 'web': `funcd list` shows those there are");
    }
}

#[test]
fn nothing_is_deleted_unasked() {
    let deleted = "DELETE urn%3Afss%3Alocal-1%3Ap0%3Afunction%3Adefault%3Aweb";
    let server = with(deleted, Reply { status: 204, ..Reply::default() });
    funcd(&server, &["delete", "web"]).failed("deleting web needs a yes: add --yes");
    assert!(!asked(&server).iter().any(|request| request.starts_with("DELETE")));
    let ended = funcd(&server, &["delete", "web", "--yes", "--json"]);
    assert_eq!(ended.json(), json!({ "function_urn": URN, "deleted": true }));
}

#[test]
fn a_version_is_published_listed_and_deleted_alone() {
    let version = json!({ "version": "v2", "func_urn": format!("{URN}:v2"), "version_description": "d" });
    let server = with("POST versions", ok(&version));
    let ended = funcd(&server, &["publish", "web", "--version", "v2", "--description", "d"]);
    assert_eq!(ended.out, "published v2 of web\n");
    assert_eq!(server.received()[1].json(), json!({ "version": "v2", "description": "d" }));

    let server = Server::start(move |request| match request.path.rsplit('/').next().unwrap() {
        "info" => ok(&info_of("http://127.0.0.1:8080")),
        "versions" => ok(&json!({ "versions": [{ "version": "latest" }, version], "count": 2 })),
        _ => ok(&json!([{ "name": "prod", "version": "latest", "additional_version_weights": { "v2": 20 } }])),
    });
    let rows = funcd(&server, &["versions", "web", "--json"]).json();
    assert_eq!((&rows[0]["aliases"], &rows[1]["aliases"]), (&json!(["prod"]), &json!(["prod"])));
    assert!(funcd(&server, &["versions", "web"]).out.contains("v2       prod"));

    let deleted = "DELETE urn%3Afss%3Alocal-1%3Ap0%3Afunction%3Adefault%3Aweb%3Av2";
    let server = with(deleted, Reply { status: 204, ..Reply::default() });
    let ended = funcd(&server, &["delete", "web", "--version", "v2", "--yes"]);
    assert_eq!((ended.error, ended.out.as_str()), (None, "deleted version v2 of web\n"));
    assert_eq!(asked(&server).len(), 2);
}

/// What `alias set` with these options asks for, for an alias that is there.
#[track_caller]
fn set(options: &[&str]) -> Value {
    let server = Server::start(|request| match (request.method.as_str(), request.path.rsplit('/').next().unwrap()) {
        ("GET", "info") => ok(&info_of("http://127.0.0.1:8080")),
        ("GET", "prod") => ok(&json!({ "name": "prod" })),
        ("PUT", "prod") => ok(&json!({ "name": "prod", "version": "v1", "alias_urn": format!("{URN}:!prod") })),
        ("GET", _) if request.path.contains("/triggers/") => ok(&json!([])),
        other => panic!("unexpected {other:?}"),
    });
    let line: Vec<&str> = ["alias", "set", "web", "prod", "v1"].iter().chain(options).copied().collect();
    let ended = funcd(&server, &line);
    assert_eq!((ended.error, ended.out.as_str()), (None, "prod stands for v1\n"));
    server.received()[2].json()
}

#[test]
fn an_alias_is_set_with_a_weight_or_with_rules() {
    assert_eq!(set(&[]), json!({ "version": "v1" }));
    let weighted = json!({ "version": "v1", "additional_version_weights": { "v2": 20 } });
    assert_eq!(set(&["--additional", "v2", "--weight", "20"]), weighted);
    let ruled = set(&["--additional", "v2", "--header", "X-Beta=yes", "--cookie", "tier=gold,silver", "--any"]);
    let rules = json!([
        { "rule_type": "header", "param": "X-Beta", "op": "=", "value": "yes" },
        { "rule_type": "cookie", "param": "tier", "op": "in", "value": "gold,silver" },
    ]);
    assert_eq!(ruled["additional_version_strategy"], json!({ "v2": { "rules": rules, "combine_type": "or" } }));

    let server = with("", Reply::default());
    let needs = "needs --weight, --header or --cookie";
    funcd(&server, &["alias", "set", "web", "prod", "v1", "--additional", "v2"]).failed(needs);
    let line = ["alias", "set", "web", "prod", "v1", "--additional", "v2", "--header", "beta"];
    funcd(&server, &line).failed("--header 'beta' must be NAME=VALUE");
}

#[test]
fn an_alias_that_is_not_there_is_made_and_given_a_url() {
    let server = Server::start(|request| match (request.method.as_str(), request.path.rsplit('/').next().unwrap()) {
        ("GET", "info") => ok(&info_of("http://127.0.0.1:8080")),
        ("GET", "prod") => refuse(404, "FSS.1053", "no alias"),
        ("POST", "aliases") => ok(&json!({ "name": "prod", "version": "v1", "alias_urn": format!("{URN}:!prod") })),
        ("POST", _) => ok(&json!({})),
        _ => ok(&json!([])),
    });
    let ended = funcd(&server, &["alias", "set", "web", "prod", "v1", "--domain", "Prod.localhost", "--json"]);
    assert_eq!(ended.json()["urls"], json!([]));
    let sent: Vec<_> = server.received().iter().filter(|sent| sent.method == "POST").map(Received::json).collect();
    assert_eq!(sent[0], json!({ "name": "prod", "version": "v1" }));
    assert_eq!(sent[1]["event_data"]["sl_domain"], "prod.localhost");

    let server = with("DELETE prod", Reply { status: 204, ..Reply::default() });
    assert_eq!(funcd(&server, &["alias", "delete", "web", "prod"]).out, "deleted alias prod\n");
    let server = with("GET aliases", ok(&json!([])));
    assert!(funcd(&server, &["alias", "list", "web"]).messages.contains("no aliases yet"));
}

#[test]
fn credentials_of_another_machine_are_put_together() {
    let server = with("", Reply::default());
    let credentials = funcd(&server, &["credentials", "--json"]).json();
    let expect = json!({
        "access_key": "AK", "secret_key": SECRET, "project_id": "p0", "region": "local-1",
        "api": format!("http://{}", server.address), "gateway": "http://127.0.0.1:8080",
    });
    assert_eq!(credentials, expect);
}

#[test]
fn a_runtime_is_installed_from_where_it_is_said() {
    let server = with("POST nodejs18.15", ok(&json!({ "id": "nodejs18.15", "installed": true, "version": "18.15.0" })));
    let ended = funcd(&server, &["runtime", "install", "nodejs18.15", "--from", "/opt/node"]);
    assert!(ended.out.starts_with("installed nodejs18.15 (18.15.0)"), "{ended:?}");
    assert_eq!(server.received()[0].json(), json!({ "from": "/opt/node" }));
    assert_eq!(asked(&server).len(), 1);
}

#[test]
fn whoever_is_not_funcd_is_told_so() {
    let server = Server::start(|_| Reply { status: 200, body: "<html>".into(), ..Reply::default() });
    funcd(&server, &["show", "web"]).failed("is not funcd: its answer to ShowFuncdInfo cannot be read");
    let server = Server::start(|_| Reply { status: 404, body: "<html>".into(), ..Reply::default() });
    funcd(&server, &["show", "web"]).failed("is not funcd: it answers ShowFuncdInfo with status 404");
}

#[test]
fn a_service_that_is_not_there_is_told_so() {
    let server = Server::start(|_| Reply::default());
    let address = server.address;
    drop(server);
    funcd_at(address, &["list"]).failed("nothing listens there. Start it with `funcd up`");
}

#[test]
fn a_wrong_clock_is_told_from_a_wrong_key() {
    let late = (jiff::Timestamp::now() - jiff::SignedDuration::from_mins(20)).strftime("%a, %d %b %Y %H:%M:%S GMT");
    for (date, expect) in [(Some(late.to_string()), "clock is 20 minutes ahead of"), (None, "Check access key AK")] {
        let server = Server::start(move |_| Reply {
            headers: date.clone().map(|date| ("date", date)).into_iter().collect(),
            ..refuse(401, "APIG.0301", "wrong signature")
        });
        funcd(&server, &["list"]).failed(expect);
    }
}

#[test]
fn completions_are_printed_for_every_shell() {
    let server = Server::start(|_| Reply::default());
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ended = funcd(&server, &["completions", shell]);
        assert!(ended.error.is_none() && ended.out.contains("deploy"), "{shell}");
    }
}

#[test]
fn the_version_is_data() {
    let server = Server::start(|_| Reply::default());
    assert_eq!(funcd(&server, &["version", "--json"]).json()["version"], json!(env!("CARGO_PKG_VERSION")));
    assert!(asked(&server).is_empty());
}

#[test]
fn a_function_is_switched_off_and_on_and_pinned() {
    let answer = |number: i64| ok(&json!({ "func_urn": URN, "strategy_config": { "concurrency": number } }));
    let server = with("PUT config-max-instance", answer(0));
    assert_eq!(funcd(&server, &["disable", "web"]).out, "web is disabled\n");
    assert_eq!(server.received()[1].body, b"{\"max_instance_num\":0}");
    assert_eq!(asked(&server)[1], "PUT /v2/p0/fgs/functions/URN/config-max-instance");
    let server = with("PUT config-max-instance", answer(-1));
    let enabled = funcd(&server, &["enable", "web", "--max-instances", "-1", "--json"]).json();
    assert_eq!((&enabled["max_instances"], &enabled["function_urn"]), (&json!(-1), &json!(URN)));
    assert_eq!(server.received()[1].body, b"{\"max_instance_num\":-1}");

    let server = with("PUT true", ok(&json!({})));
    assert_eq!(funcd(&server, &["pin", "web", "--json"]).json()["pinned"], true);
    assert_eq!(asked(&server)[1], "PUT /v2/p0/fgs/functions/URN/collect/true");
    assert_eq!(funcd(&with("PUT false", ok(&json!({}))), &["pin", "web", "--off"]).out, "web is in its place again\n");
}

#[test]
fn a_function_goes_into_a_file_and_comes_out_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("web.zip").to_string_lossy().into_owned();
    let server = with("GET export", Reply { status: 200, body: "PK".to_owned(), ..Reply::default() });
    let written = funcd(&server, &["export", "web", "-o", &file, "--json"]).json();
    assert_eq!((&written["bytes"], std::fs::read(&file).unwrap().as_slice()), (&json!(2), b"PK".as_slice()));
    assert_eq!(asked(&server)[1], "GET /v2/p0/fgs/functions/URN/export?code=true&config=true");
    funcd(&server, &["export", "web", "-o", &file]).failed("-o FILE names another");
    let other = folder.path().join("other.zip").to_string_lossy().into_owned();
    funcd(&server, &["export", "web", "--only", "code", "-o", &other]);
    assert_eq!(asked(&server)[5], "GET /v2/p0/fgs/functions/URN/export?code=true&config=false");

    let server = with("POST import", ok(&json!({ "func_urn": URN })));
    assert_eq!(funcd(&server, &["import", &file, "--name", "copy"]).out, format!("imported {URN}\n"));
    let sent: Value = serde_json::from_slice(&server.received()[0].body).unwrap();
    assert_eq!(sent, json!({ "func_name": "copy", "file_name": "web.zip", "file_type": "zip", "file_code": "UEs=" }));
    funcd(&server, &["import", "/nowhere/x.zip"]).failed("cannot read /nowhere/x.zip");
}

#[test]
fn dependencies_are_added_listed_and_deleted() {
    let dependency = json!({ "id": "D", "name": "lib", "version": 2, "runtime": "http", "size": 7 });
    let version = |number: u64| json!({ "id": format!("V{number}"), "dep_id": "D", "name": "lib", "version": number });
    let server = Server::start(move |request| match format!("{} {}", request.method, request.path).as_str() {
        "GET /v2/p0/fgs/dependencies" => ok(&json!({ "dependencies": [dependency], "next_marker": 0, "count": 1 })),
        "GET /v2/p0/fgs/dependencies/D/version" => {
            ok(&json!({ "dependencies": [version(2), version(1)], "next_marker": 0, "count": 2 }))
        }
        "POST /v2/p0/fgs/dependencies/version" => ok(&version(3)),
        "DELETE /v2/p0/fgs/dependencies/D/version/1" | "DELETE /v2/p0/fgs/dependencies/D" => {
            Reply { status: 204, ..Reply::default() }
        }
        other => panic!("unexpected {other}"),
    });
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("a.js"), "1").unwrap();
    let folder = home.path().to_str().unwrap();
    assert_eq!(funcd(&server, &["dependency", "add", folder, "--name", "lib"]).out, "lib:3\n");
    assert_eq!(funcd(&server, &["dependency", "list", "--json"]).json()[0]["name"], "lib");
    assert_eq!(funcd(&server, &["dependency", "list", "lib", "--json"]).json()[1]["id"], "V1");
    let unasked = funcd(&server, &["dependency", "delete", "lib"]);
    assert!(unasked.error.unwrap().contains("--yes"));
    let deleted = funcd(&server, &["dependency", "delete", "lib:1", "--yes", "--json"]).json();
    assert_eq!(deleted, json!({ "dependency": "lib:1", "deleted": true }));
    assert_eq!(funcd(&server, &["dependency", "delete", "lib", "--yes"]).out, "deleted lib\n");
    for (typed, part) in [("lib:9", "no such version"), ("none", "funcd dependency list"), ("lib:x", "NAME:VERSION")] {
        let error = funcd(&server, &["dependency", "delete", typed, "--yes"]).error.unwrap();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn headers_are_kept_shown_and_forgotten() {
    let capture = |names: &[&str]| json!({ "function": URN, "running": true, "started": "S", "ends": "T", "names": names, "requests": 1 });
    let server = with("PUT header-capture", ok(&capture(&["x-tenant"])));
    let ended = funcd(&server, &["headers", "start", "web", "--for", "1h", "--show", "X-Tenant"]);
    let told = "headers of web are kept until T, with the values of x-tenant\nthose of 1 request are there\n";
    assert_eq!((ended.error, ended.out.as_str()), (None, told));
    assert_eq!(server.received()[1].json(), json!({ "seconds": 3600, "names": ["X-Tenant"] }));
    assert_eq!(asked(&server)[1], "PUT /v2/p0/funcd/functions/URN/header-capture");

    let fields = json!([
        { "name": "accept", "bytes": 3, "value": "x/y" },
        { "name": "cookie", "bytes": 9 },
        { "name": "etag", "bytes": 2000, "value": "e\u{1b}", "cut": true },
    ]);
    let head = json!({ "method": "GET", "path": "/a", "query_bytes": 7, "headers": fields, "left_out": 2 });
    let answer = json!({ "status": 204, "headers": [], "left_out": 0 });
    let server = with("GET headers", ok(&json!({ "request_id": "r/1", "request": head, "answer": answer })));
    let ended = funcd(&server, &["headers", "show", "web", "r/1"]);
    let told = "GET /a?(7 bytes hidden)\naccept: x/y\ncookie: (9 bytes hidden)\netag: e\\u{1b}... (2000 bytes)\n\
                (2 more fields had no room)\n\n204\n";
    assert_eq!((ended.error, ended.out.as_str()), (None, told));
    assert_eq!(asked(&server)[1], "GET /v2/p0/funcd/functions/URN/requests/r%2F1/headers");

    let server = with("GET headers", ok(&json!({ "request_id": "r1" })));
    let ended = funcd(&server, &["headers", "show", "web", "r1", "--json"]);
    assert_eq!(ended.json(), json!({ "request_id": "r1" }));
    assert!(ended.messages.contains("`funcd headers start web` keeps those that come"), "{}", ended.messages);

    let server = with("GET header-captures", ok(&json!({ "captures": [capture(&[])] })));
    assert_eq!(funcd(&server, &["headers", "list", "--json"]).json()[0]["function"], URN);
    assert!(funcd(&server, &["headers", "list"]).out.contains("web       T            1"));

    let server = with("DELETE header-capture", Reply { status: 204, ..Reply::default() });
    let ended = funcd(&server, &["headers", "stop", "web"]);
    assert_eq!(ended.out, "no headers of web are kept, and none are there\n");
}
