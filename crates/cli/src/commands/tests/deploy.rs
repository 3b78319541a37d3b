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
            "GET info" => ok(&info_of(&format!("http://{}", request.header("host").trim()))),
            "GET logs" => Reply { status: 200, body: self.log.clone(), ..Reply::default() },
            "GET config" => self.function.as_ref().map_or_else(|| refuse(404, "FSS.1051", "no function"), ok),
            "POST functions" | "PUT config" | "PUT code" => {
                let function = self.function.get_or_insert_with(|| json!({ "user_data": "{\"A\":\"1\"}" }));
                function["func_urn"] = json!(format!("{URN}:latest"));
                function["func_name"] = json!("web");
                function["version"] = json!("latest");
                ok(function)
            }
            "POST urn%3Afss%3Alocal-1%3Ap0%3Afunction%3Adefault%3Aweb%3Alatest" => {
                let mut event_data = request.json()["event_data"].clone();
                let host = event_data["sl_domain"].as_str().unwrap_or("127.0.0.1").to_owned();
                event_data["invoke_url"] = json!(format!("http://{host}:8080{}", event_data["path"].as_str().unwrap()));
                let trigger =
                    json!({ "trigger_id": "t1", "trigger_type_code": "DEDICATEDGATEWAY", "event_data": event_data });
                self.triggers.push(trigger.clone());
                Reply { status: 201, ..ok(&trigger) }
            }
            _ if request.path.contains("/fgs/triggers/") => ok(&json!(self.triggers)),
            other => panic!("unexpected {other}"),
        }
    }
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
    Some(json!({ "func_name": "web", "user_data": "{\"A\":\"1\"}", "memory_size": 256, "timeout": 3 }))
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
            "GET /v2/p0/fgs/triggers/URN%3Alatest",
            "POST /v2/p0/fgs/triggers/URN%3Alatest",
            "unsigned GET /",
        ]
    );
    let received = server.received();
    insta::assert_json_snapshot!("trigger", received[4].json());
    assert_eq!(received[5].header("host").trim(), "web.localhost:8080");
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
            "PUT /v2/p0/fgs/functions/URN/code",
            "GET /v2/p0/fgs/functions/URN/config",
            "GET /v2/p0/fgs/triggers/URN%3Alatest",
            "unsigned GET /x",
        ]
    );
}

#[test]
fn an_update_changes_only_the_settings_given() {
    let server = Service { function: existing(), gateway: answers(200), ..Service::default() }.start();
    let (_place, path) = app();
    let ended = funcd(&server, &["deploy", &path, "--env", "B=2", "--memory", "1024", "--no-wait", "--json"]);
    assert_eq!(ended.json()["status"], Value::Null);
    let change = server.received()[2].clone();
    assert_eq!(change.method, "PUT");
    assert_eq!(change.json(), json!({ "memory_size": 1024, "user_data": "{\"A\":\"1\",\"B\":\"2\"}" }));
}

#[test]
fn refused_code_puts_the_settings_back() {
    let refuses = vec![("PUT code", refuse(400, "FSS.1011", "bad zip"))];
    let server = Service { function: existing(), refuses, ..Service::default() }.start();
    let (_place, path) = app();
    let ended = funcd(&server, &["deploy", &path, "--memory", "1024"]);
    ended.failed("web was not updated: it is as it was: bad zip (FSS.1011, request r1)");
    assert_eq!(server.received()[4].json(), json!({ "memory_size": 256 }));
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
    let event = server.received()[4].json()["event_data"].clone();
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
