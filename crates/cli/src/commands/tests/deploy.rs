use std::fs;

use tempfile::TempDir;

use super::*;

/// A folder named `web` with a good start file.
fn app() -> (TempDir, String) {
    let place = tempfile::tempdir().unwrap();
    let root = place.path().join("web");
    fs::create_dir(&root).unwrap();
    fs::write(root.join("bootstrap"), "node index.js\n").unwrap();
    let path = root.to_string_lossy().into_owned();
    (place, path)
}

/// A service in memory: enough of one for a deploy. `gateway` answers what does not begin with `/v2`.
#[derive(Default)]
struct Service {
    function: Option<Value>,
    triggers: Vec<Value>,
    log: String,
    gateway: Vec<Reply>,
    /// Refusals by `METHOD last-segment`.
    refuses: Vec<(&'static str, Reply)>,
}

impl Service {
    fn start(mut self) -> Server {
        Server::start(move |request| self.answer(request))
    }

    fn answer(&mut self, request: &Received) -> Reply {
        if !request.path.starts_with("/v2") {
            return if self.gateway.len() > 1 { self.gateway.remove(0) } else { self.gateway[0].clone() };
        }
        let last = request.path.rsplit('/').next().unwrap();
        let what = format!("{} {last}", request.method);
        if let Some(at) = self.refuses.iter().position(|(of, _)| *of == what) {
            return self.refuses[at].1.clone();
        }
        match what.as_str() {
            "GET info" => ok(&info_of(&format!("http://{}", request.header("host")))),
            "GET logs" => Reply { status: 200, body: self.log.clone(), ..Reply::default() },
            "GET config" => self.function.as_ref().map_or_else(|| refuse(404, "FSS.1051", "no function"), ok),
            "POST functions" | "PUT config" | "PUT code" => {
                let function = self.function.get_or_insert_with(|| json!({ "user_data": "{\"A\":\"1\"}" }));
                function["func_urn"] = json!(format!("{URN}:latest"));
                function["func_name"] = json!("web");
                function["version"] = json!("latest");
                ok(function)
            }
            _ if request.path.contains("/fgs/triggers/") => self.triggers(request, last),
            _ if request.method == "DELETE" && self.function.take().is_some() => gone(),
            other => panic!("unexpected {other}"),
        }
    }

    fn triggers(&mut self, request: &Received, last: &str) -> Reply {
        let what = format!("{} trigger", request.method);
        if let Some((_, reply)) = self.refuses.iter().find(|(of, _)| *of == what) {
            return reply.clone();
        }
        match request.method.as_str() {
            "GET" => ok(&json!(self.triggers)),
            "DELETE" => {
                self.triggers.retain(|trigger| trigger["trigger_id"] != last);
                gone()
            }
            _ => {
                let mut event_data = request.json()["event_data"].clone();
                let host = event_data["sl_domain"].as_str().unwrap_or("127.0.0.1").to_owned();
                event_data["invoke_url"] = json!(format!("http://{host}:8080{}", event_data["path"].as_str().unwrap()));
                let trigger =
                    json!({ "trigger_id": "t1", "trigger_type_code": "DEDICATEDGATEWAY", "event_data": event_data });
                self.triggers.push(trigger.clone());
                Reply { status: 201, ..ok(&trigger) }
            }
        }
    }
}

fn gone() -> Reply {
    Reply { status: 204, ..Reply::default() }
}

fn answers(status: u16) -> Vec<Reply> {
    vec![Reply { status, ..Reply::default() }]
}

fn refused_by_gateway(status: u16, inner: u32) -> Reply {
    let headers = vec![
        ("x-funcd-error", "FSS.0502".to_owned()),
        ("x-func-err-code", inner.to_string()),
        ("retry-after", "0".to_owned()),
    ];
    Reply { headers, ..refuse(status, "FSS.0502", "the gateway's words") }
}

fn existing() -> Option<Value> {
    let urn = format!("{URN}:latest");
    Some(json!({ "func_name": "web", "func_urn": urn, "user_data": "{\"A\":\"1\"}", "memory_size": 256, "timeout": 3 }))
}

#[test]
fn a_new_function_is_created_published_and_called() {
    let server = Service { gateway: answers(200), ..Service::default() }.start();
    let (_place, path) = app();
    let ended = funcd(&server, &["deploy", &path, "--json", "--env", "A=1"]);
    let expect = json!({
        "name": "web", "function_urn": format!("{URN}:latest"), "version": "latest", "url": "http://web.localhost:8080/",
        "status": 200,
    });
    assert_eq!(ended.json(), expect);
    assert_eq!(
        asked(&server),
        [
            "GET /v2/p0/funcd/info",
            "GET /v2/p0/fgs/functions/URN/config",
            "POST /v2/p0/fgs/functions",
            "POST /v2/p0/fgs/triggers/URN%3Alatest",
            "unsigned GET /",
        ]
    );
    let received = server.received();
    insta::assert_json_snapshot!("trigger", received[3].json());
    assert_eq!(received[4].header("host"), "web.localhost:8080");
}

#[test]
fn the_url_alone_goes_to_standard_output() {
    let server = Service { gateway: answers(404), ..Service::default() }.start();
    let (_place, path) = app();
    let ended = funcd(&server, &["deploy", &path, "--name", "web"]);
    assert_eq!((ended.error, ended.out.as_str()), (None, "http://web.localhost:8080/\n"));
    assert!(ended.messages.contains("deployed web in"), "{}", ended.messages);
}

#[test]
fn an_update_without_settings_sends_code_only() {
    let own = json!({ "trigger_id": "t0", "trigger_type_code": "APIG", "event_data": {
        "invoke_url": "http://elsewhere.localhost:8080/x", "auth": "NONE", "path": "/x" } });
    let server =
        Service { function: existing(), triggers: vec![own], gateway: answers(500), ..Service::default() }.start();
    let (_place, path) = app();
    let ended = funcd(&server, &["deploy", &path, "--json"]);
    assert_eq!(
        (&ended.json()["url"], &ended.json()["status"]),
        (&json!("http://elsewhere.localhost:8080/x"), &json!(500))
    );
    assert_eq!(
        asked(&server)[1..],
        [
            "GET /v2/p0/fgs/functions/URN/config",
            "GET /v2/p0/fgs/triggers/URN",
            "PUT /v2/p0/fgs/functions/URN/code",
            "GET /v2/p0/fgs/functions/URN/config",
            "unsigned GET /x",
        ]
    );
    assert!(ended.messages.contains("\nthe URL answers 500\n"), "{}", ended.messages);
}

#[test]
fn an_update_changes_only_the_settings_given() {
    let server = Service { function: existing(), gateway: answers(200), ..Service::default() }.start();
    let (_place, path) = app();
    let ended = funcd(&server, &["deploy", &path, "--env", "B=2", "--memory", "1024", "--no-wait", "--json"]);
    assert_eq!(ended.json()["status"], Value::Null);
    let change = server.received().into_iter().find(|request| request.method == "PUT").unwrap();
    assert_eq!(change.json(), json!({ "memory_size": 1024, "user_data": "{\"A\":\"1\",\"B\":\"2\"}" }));
}

#[test]
fn refused_code_puts_the_settings_back() {
    let refuses = vec![("PUT code", refuse(400, "FSS.1011", "bad zip"))];
    let server = Service { function: existing(), refuses, ..Service::default() }.start();
    let (_place, path) = app();
    let ended = funcd(&server, &["deploy", &path, "--memory", "1024"]);
    ended.failed("web was not updated: it is as it was: bad zip (FSS.1011, request r1)");
    let received = server.received();
    let undo = received.iter().rfind(|request| request.path.ends_with("/config")).unwrap();
    assert_eq!(undo.json(), json!({ "memory_size": 256 }));
    // The URL that was made for it is gone too.
    assert_eq!(received.last().map(|request| request.method.as_str()), Some("DELETE"));
}

#[test]
fn a_function_that_does_not_start_is_explained_with_its_last_lines() {
    let log =
        "{\"at\":\"T\",\"instance\":\"i1\",\"stream\":\"stderr\",\"text\":\"no such module\\u001b[2J\"}\n".to_owned();
    let server = Service { gateway: vec![refused_by_gateway(502, 4201)], log, ..Service::default() }.start();
    let (_place, path) = app();
    let ended = funcd(&server, &["deploy", &path]);
    ended.failed(
        "web is deployed, but http://web.localhost:8080/ does not answer: the gateway's words (status 502, FSS.0502",
    );
    ended.failed("Its start command in `bootstrap` ended");
    ended.failed("Its last log lines:\n  T i1 stderr: no such module\\u{1b}[2J");
}

#[test]
fn a_busy_host_is_asked_again() {
    let gateway = vec![refused_by_gateway(503, 150_430), Reply { status: 204, ..Reply::default() }];
    let server = Service { gateway, ..Service::default() }.start();
    let (_place, path) = app();
    assert_eq!(funcd(&server, &["deploy", &path, "--json"]).json()["status"], json!(204));
}

#[test]
fn the_bare_address_is_the_default_groups() {
    let server = Service { gateway: answers(200), ..Service::default() }.start();
    let (_place, path) = app();
    let ended = funcd(&server, &["deploy", &path, "--path", "/user/get", "--default-group"]);
    assert_eq!((ended.error, ended.out.as_str()), (None, "http://127.0.0.1:8080/user/get\n"));
    let event = server.received()[3].json()["event_data"].clone();
    assert_eq!((&event["group_id"], &event["sl_domain"]), (&json!("g0"), &Value::Null));
}

#[test]
fn all_that_is_wrong_with_a_folder_is_said_before_anything_is_sent() {
    let server = Service::default().start();
    let (_place, path) = app();
    fs::remove_file(format!("{path}/bootstrap")).unwrap();
    funcd(&server, &["deploy", &path]).failed("there is no `bootstrap`");
    funcd(&server, &["deploy", &path, "--name", "no good"]).failed("'no good' is no function name");
    assert_eq!(asked(&server).len(), 0);
}

#[test]
fn a_refusal_of_settings_is_passed_on() {
    let refuses = vec![("POST functions", refuse(400, "FSS.1007", "memory_size 100 must be one of 128, 256"))];
    let server = Service { refuses, ..Service::default() }.start();
    let (_place, path) = app();
    funcd(&server, &["deploy", &path, "--memory", "100"]).failed("web was not created: memory_size 100 must be one of");
}

/// A trigger that an earlier deploy made.
fn made(id: &str, url: &str, path: &str) -> Value {
    json!({ "trigger_id": id, "trigger_type_code": "DEDICATEDGATEWAY", "event_data": {
        "invoke_url": url, "auth": "NONE", "path": path, "sl_domain": "web.localhost", "group_id": "g1" } })
}

/// What was changed, in order.
fn changes(server: &Server) -> Vec<String> {
    let changes = asked(server).into_iter().filter(|request| !request.contains("GET "));
    changes.map(|request| request.replace("/v2/p0/fgs/", "").replace("%3Alatest", "")).collect()
}

#[test]
fn a_new_function_whose_url_is_taken_is_deleted_again() {
    let refuses = vec![("POST trigger", refuse(409, "FSS.1061", "path / exists"))];
    let server = Service { refuses, ..Service::default() }.start();
    let (_place, path) = app();
    let ended = funcd(&server, &["deploy", &path]);
    ended.failed(
        "web was not created, as it cannot have the URL http://web.localhost:8080/ (choose another --name or --path)",
    );
    ended.failed("path / exists (FSS.1061, request r1)");
    assert_eq!(changes(&server), ["POST functions", "POST triggers/URN", "DELETE functions/URN"]);
}

#[test]
fn a_function_that_could_not_be_deleted_again_is_said() {
    let refuses = vec![
        ("POST trigger", refuse(409, "FSS.1061", "path / exists")),
        ("DELETE urn%3Afss%3Alocal-1%3Ap0%3Afunction%3Adefault%3Aweb", refuse(500, "FSS.0500", "disk full")),
    ];
    let server = Service { refuses, ..Service::default() }.start();
    let (_place, path) = app();
    let ended = funcd(&server, &["deploy", &path]);
    ended
        .failed("web was created without a URL (path / exists (FSS.1061, request r1)), and could not be deleted again");
    ended.failed("disk full");
}

#[test]
fn an_existing_function_whose_new_url_is_taken_is_not_touched() {
    let triggers = vec![made("t0", "http://web.localhost:8080/", "/")];
    let refuses = vec![("POST trigger", refuse(409, "FSS.1061", "path / exists"))];
    let server = Service { function: existing(), triggers, refuses, ..Service::default() }.start();
    let (_place, path) = app();
    let ended = funcd(&server, &["deploy", &path, "--default-group", "--env", "Z=9"]);
    ended.failed("web was not updated, as it cannot have the URL http");
    ended.failed(" (choose another --path): path / exists (FSS.1061, request r1)");
    assert_eq!(changes(&server), ["POST triggers/URN"]);
}

#[test]
fn a_new_url_replaces_the_old_one_once_the_code_is_there() {
    let triggers = vec![made("t0", "http://web.localhost:8080/", "/")];
    let server = Service { function: existing(), triggers, gateway: answers(200), ..Service::default() }.start();
    let (_place, path) = app();
    let ended = funcd(&server, &["deploy", &path, "--path", "/x"]);
    assert_eq!((ended.error, ended.out.as_str()), (None, "http://web.localhost:8080/x\n"));
    let expect = ["POST triggers/URN", "PUT functions/URN/code", "DELETE triggers/URN/DEDICATEDGATEWAY/t0"];
    assert_eq!(changes(&server), expect);
    assert!(ended.messages.contains("removed its URL http://web.localhost:8080/\n"), "{}", ended.messages);
}

#[test]
fn the_urls_stay_where_the_wanted_one_is_there() {
    let triggers = vec![made("t0", "http://web.localhost:8080/", "/"), made("t2", "http://web.localhost:8080/x", "/x")];
    let server = Service { function: existing(), triggers, gateway: answers(200), ..Service::default() }.start();
    let (_place, path) = app();
    let ended = funcd(&server, &["deploy", &path, "--path", "/x"]);
    assert_eq!((ended.error, ended.out.as_str()), (None, "http://web.localhost:8080/x\n"));
    assert_eq!(changes(&server), ["PUT functions/URN/code"]);
    assert!(ended.messages.contains("its URL http://web.localhost:8080/ stays\n"), "{}", ended.messages);
}

#[test]
fn which_of_several_urls_is_replaced_is_not_guessed() {
    let triggers = vec![made("t0", "http://web.localhost:8080/", "/"), made("t2", "http://web.localhost:8080/x", "/x")];
    let server = Service { function: existing(), triggers, ..Service::default() }.start();
    let (_place, path) = app();
    funcd(&server, &["deploy", &path, "--path", "/y", "--env", "Z=9"])
        .failed("web was not updated: it has 2 triggers, and which of them the new URL replaces cannot be told");
    assert_eq!(changes(&server).len(), 0);
}

/// A folder with another name than its function gets.
fn misnamed() -> (TempDir, String) {
    let (place, path) = app();
    let other = place.path().join("-Web");
    fs::rename(path, &other).unwrap();
    let path = other.to_string_lossy().into_owned();
    (place, path)
}

#[test]
fn a_name_that_was_made_is_said() {
    let server = Service { gateway: answers(200), ..Service::default() }.start();
    let (_place, path) = misnamed();
    let ended = funcd(&server, &["deploy", &path]);
    assert!(ended.error.is_none() && ended.messages.contains("'-Web' is deployed as web"), "{ended:?}");
}

#[test]
fn a_name_that_was_made_never_meets_another_function() {
    let server = Service { function: existing(), gateway: answers(200), ..Service::default() }.start();
    let (_place, path) = misnamed();
    funcd(&server, &["deploy", &path]).failed(
        "'-Web' would be deployed as web, and there is a function of that name: give --name web to update it, or another",
    );
    assert_eq!(changes(&server).len(), 0);
    assert_eq!(funcd(&server, &["deploy", &path, "--name", "web"]).error, None);
}
