//! `funcd invoke`: what is asked, and what is printed where.

use super::*;

/// A server whose function answers with this status and body.
fn answering(status: u16, body: &'static str) -> Server {
    Server::start(move |request| match request.path.rsplit('/').next().unwrap() {
        "info" => ok(&info_of("http://127.0.0.1:8080")),
        "config" if request.path.contains("function%3Ashop%3Aweb") => {
            ok(&json!({ "func_name": "web", "func_urn": format!("{URN}:latest") }))
        }
        "config" => refuse(404, "FSS.1051", "no function"),
        "invocations" => {
            use base64::Engine as _;
            let body = base64::engine::general_purpose::STANDARD.encode(body);
            let headers = json!({ "Content-Type": ["text/plain"] });
            let result =
                json!({ "statusCode": status, "headers": headers, "body": body, "isBase64Encoded": true }).to_string();
            let summary = json!({ "duration": 1.5, "billingDuration": 2, "memorySize": 128, "memoryUsed": 20.0 });
            Reply {
                status: 200,
                headers: vec![("x-cff-invoke-summary", summary.to_string())],
                body: json!({ "request_id": "r1", "result": result, "log": "hello\n", "status": 200 }).to_string(),
            }
        }
        other => panic!("unexpected {other}"),
    })
}

/// The event that a command line sends.
#[track_caller]
fn sent(options: &[&str]) -> Value {
    let server = answering(200, "");
    let line: Vec<&str> = ["invoke", "web"].iter().chain(options).copied().collect();
    assert_eq!(funcd(&server, &line).error, None);
    server.received().last().unwrap().json()
}

/// The function that a name calls.
#[track_caller]
fn calls(name: &str, expect: &str) {
    let server = answering(200, "");
    assert_eq!(funcd(&server, &["invoke", name]).error, None);
    let path = server.received().last().unwrap().path.replace("%3A", ":").replace("%21", "!");
    let called = path.split(":function:").nth(1).unwrap();
    assert_eq!(called, format!("{expect}/invocations"));
}

#[test]
fn a_request_becomes_an_event_and_with_a_body_a_post() {
    let event = sent(&["--path", "/a?b=c", "--header", "Accept: x", "--header", "accept-language: zh"]);
    let headers = json!({ "Accept": ["x"], "accept-language": ["zh"] });
    let expect =
        json!({ "httpMethod": "GET", "path": "/a?b=c", "headers": headers, "body": "", "isBase64Encoded": false });
    assert_eq!(event, expect);
    assert_eq!(sent(&["--data", "x"])["httpMethod"], "POST");
    assert_eq!(sent(&["--data", "x", "--method", "put"])["httpMethod"], "PUT");
}

#[test]
fn a_body_that_is_no_text_goes_as_base64() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), b"\xff\x00").unwrap();
    let event = sent(&["--file", file.path().to_str().unwrap()]);
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("/wA="), &json!(true)));
}

#[test]
fn an_event_is_sent_as_it_is_and_must_be_an_object() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), r#"{"httpMethod":"GET","path":"/","user_data":1}"#).unwrap();
    let name = file.path().to_str().unwrap();
    assert_eq!(sent(&["--event", name]), json!({ "httpMethod": "GET", "path": "/", "user_data": 1 }));
    std::fs::write(file.path(), "[]").unwrap();
    let server = answering(200, "");
    funcd(&server, &["invoke", "web", "--event", name]).failed("is no event: it must be a JSON object");
    assert!(server.received().is_empty(), "nothing was asked");
}

#[test]
fn versions_and_aliases_are_named_behind_the_function() {
    calls("web", "default:web");
    calls("web:!prod", "default:web:!prod");
    calls("web:v1", "default:web:v1");
    calls("shop:web", "shop:web");
    calls("shop:web:v1", "shop:web:v1");
    calls("urn:fss:r:p:function:a:b:v2", "a:b:v2");
    let server = answering(200, "");
    funcd(&server, &["invoke", "a:b:c:d"]).failed("names no function");
    funcd(&server, &["invoke", "web", "--path", "x"]).failed("--path must begin with '/'");
}

#[test]
fn the_body_is_data_and_the_rest_is_told_beside_it() {
    let server = answering(200, "the body");
    let ended = funcd(&server, &["invoke", "web", "--log"]);
    assert_eq!((ended.error, ended.code, ended.out.as_str()), (None, Some(ExitCode::SUCCESS), "the body"));
    let told = "HTTP 200\nContent-Type: text/plain\n| hello\n1.5 ms, billed 2 ms, 20.0 of 128 MB, request r1\n";
    assert_eq!(ended.messages, told);
    let request = server.received().pop().unwrap();
    assert_eq!((request.header("x-cff-log-type"), request.header("x-cff-request-version")), ("tail", "v1"));
    assert!(request.header("authorization").contains("x-cff-log-type"), "it is signed");
}

#[test]
fn a_failure_of_the_function_is_seen_in_the_exit_code() {
    let ended = funcd(&answering(500, "broken"), &["invoke", "web"]);
    assert_eq!((ended.error, ended.code, ended.out.as_str()), (None, Some(ExitCode::from(3)), "broken"));
    let ended = funcd(&answering(404, "none"), &["invoke", "web", "--json"]);
    assert_eq!(ended.code, Some(ExitCode::from(3)));
    let answer = ended.json();
    assert_eq!(
        (&answer["status"], &answer["body"], &answer["request_id"]),
        (&json!(404), &json!("none"), &json!("r1"))
    );
    assert_eq!(answer["summary"]["memorySize"], 128);
}
