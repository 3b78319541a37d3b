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
