//! `funcd request`: what is sent is what was written.

use super::*;

const BODY: &str = r#"{"answered": 1}"#;

#[track_caller]
fn check(line: &[&str], expect: (&str, &str, &str)) {
    let server = Server::start(|_| Reply { status: 200, body: BODY.into(), ..Reply::default() });
    let line: Vec<&str> = ["request"].iter().chain(line).copied().collect();
    let ended = funcd(&server, &line);
    assert_eq!((ended.out.as_str(), ended.error), (BODY, None));
    let asked = asked(&server);
    let received = server.received();
    let [one] = received.as_slice() else { panic!("one request, not {}", received.len()) };
    let body = std::str::from_utf8(&one.body).unwrap();
    assert_eq!((asked[0].as_str(), body, one.header("x-project-id")), expect);
}

#[test]
fn a_request_is_signed_and_sent_as_it_was_written() {
    check(&["GET", "/v3/groups"], ("GET /v3/groups", "", "p0"));
    check(&["get", "/v2/p0/x?a=%2F+b&c"], ("GET /v2/p0/x?a=%2F+b&c", "", "p0"));
    check(&["POST", "/v3/x"], ("POST /v3/x", "", "p0"));
    check(&["PUT", "/v3/x", "--data", "{\"a\": \"é\"}"], ("PUT /v3/x", "{\"a\": \"é\"}", "p0"));
    check(&["DELETE", "/v3/x", "--data", "[1]"], ("DELETE /v3/x", "[1]", "p0"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("body.json");
    std::fs::write(&file, "{}").unwrap();
    check(&["PATCH", "/v3/x", "--file", file.to_str().unwrap()], ("PATCH /v3/x", "{}", "p0"));
}

#[test]
fn the_project_of_the_path_is_the_one_that_is_named() {
    check(&["GET", "/v2/other/fgs/functions"], ("GET /v2/other/fgs/functions", "", "other"));
}

#[test]
fn what_no_request_can_be_is_refused_before_it_is_sent() {
    let server = Server::start(|_| panic!("nothing is asked"));
    let failed = |line: &[&str], part: &str| {
        let line: Vec<&str> = ["request"].iter().chain(line).copied().collect();
        funcd(&server, &line).failed(part);
    };
    failed(&["GET", "v2/p0"], "PATH must begin with '/', not 'v2/p0'");
    failed(&["GET", "/v2/a b"], "PATH has ' '");
    failed(&["GET", "/v2/a#b"], "PATH has '#'");
    failed(&["PUT", "/v2/x", "--data", "{"], "the body is not JSON");
    failed(&["PUT", "/v2/x", "--file", "/nowhere/body.json"], "cannot read /nowhere/body.json");
}

#[test]
fn a_refusal_is_told_as_of_every_command() {
    let server = Server::start(|_| refuse(404, "FSS.1051", "no function"));
    funcd(&server, &["request", "GET", "/v2/p0/x"]).failed("no function (FSS.1051, request r1)");
    let foreign = Server::start(|_| Reply { status: 502, body: "<html>".into(), ..Reply::default() });
    funcd(&foreign, &["request", "GET", "/v2/p0/x?y=1"]).failed("it answers GET /v2/p0/x with status 502");
}
