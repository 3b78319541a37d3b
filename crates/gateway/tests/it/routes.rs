//! Host, method and path lead to a function, or to an answer that says why not.

use crate::client::Reply;
use crate::support::Server;

fn ask(server: &Server, method: &str, target: &str, host: &str) -> Reply {
    server.request(&format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"))
}

/// `expect` is the function that answers, or `code status`.
#[track_caller]
fn check(request: (&str, &str, &str), expect: &str) {
    let server = Server::echo();
    let (method, target, host) = request;
    let reply = ask(&server, method, target, host);
    let got = match reply.status {
        200 => reply.seen().function,
        status => format!("{} {status}", reply.error().error_code),
    };
    assert_eq!(got, expect, "{request:?}: {reply:?}");
}

#[test]
fn the_bare_address_answers_for_the_default_group() {
    check(("GET", "/", "127.0.0.1:8080"), "api");
    check(("DELETE", "/any/thing?x=y", "example.com"), "api");
    check(("GET", "/user/get", "[::1]:8080"), "get");
    check(("GET", "/user/get/more", "a"), "get");
    check(("POST", "/user/get", "a"), "api");
}

#[test]
fn a_host_of_its_own_answers_for_its_group_only() {
    check(("POST", "/only/post", "web.localhost"), "web");
    check(("POST", "/only/post", "WEB.localhost.:8080"), "web");
    check(("POST", "/other", "web.localhost:8080"), "APIG.0101 404");
    check(("GET", "/only/post", "web.localhost"), "APIG.0101 404");
    check(("GET", "/", "unknown.localhost:8080"), "APIG.0101 404");
}

#[test]
fn an_absolute_target_is_routed_by_its_host() {
    check(("POST", "http://web.localhost/only/post", "web.localhost"), "web");
    check(("GET", "http://a", "a"), "api");
}

/// The function gets the target without the authority, and always with a path.
#[test]
fn an_absolute_target_without_a_path_asks_for_the_root() {
    let server = Server::echo();
    for (target, expect) in
        [("http://a", "/"), ("http://a?b=c", "/?b=c"), ("http://a/?b", "/?b"), ("http://a/x?y", "/x?y")]
    {
        assert_eq!(ask(&server, "GET", target, "a").seen().uri, expect, "{target}");
    }
}

#[test]
fn paths_are_compared_as_they_are_written() {
    check(("POST", "/only/%70ost", "web.localhost"), "APIG.0101 404");
    check(("POST", "/only/../only/post", "web.localhost"), "APIG.0101 404");
    check(("POST", "/only/poster", "web.localhost"), "APIG.0101 404");
    check(("OPTIONS", "*", "a"), "APIG.0101 404");
}

#[test]
fn apis_that_ask_for_credentials_stay_closed() {
    check(("GET", "/app", "closed.localhost"), "APIG.0303 401");
    check(("GET", "/iam", "closed.localhost"), "APIG.0301 401");
    let reply = ask(&Server::echo(), "GET", "/app", "closed.localhost");
    assert_eq!(reply.header("www-authenticate"), Some("SDK-HMAC-SHA256"));
}

#[test]
fn the_answer_without_a_route_says_what_was_asked_for() {
    let reply = ask(&Server::echo(), "GET", "/nope?secret", "web.localhost:8080");
    let message = reply.error().error_msg;
    assert!(message.starts_with("no API is published at GET web.localhost:8080/nope;"), "{message}");
}

#[test]
fn the_environment_is_the_one_that_x_stage_names() {
    let server = Server::echo();
    for (stage, expect) in [
        ("", "APIG.0101"),
        ("X-Stage: \r\n", "APIG.0101"),
        ("X-Stage: RELEASE\r\n", "APIG.0101"),
        ("x-stage: test\r\n", "get"),
        ("X-Stage: Test\r\n", "APIG.0101"),
        ("X-Stage: nobody\r\n", "APIG.0101"),
        ("X-Stage: \u{e9}\r\n", "APIG.0101"),
    ] {
        let reply = server.request(&format!("GET /only/test HTTP/1.1\r\nHost: web.localhost\r\n{stage}\r\n"));
        let got = if reply.status == 200 { reply.seen().function } else { reply.error().error_code };
        assert_eq!(got, expect, "{stage:?}");
    }
    let reply = server.request("GET /x HTTP/1.1\r\nHost: a\r\nX-Stage: nobody\r\n\r\n");
    let message = reply.error().error_msg;
    assert!(message.starts_with("no API is published at GET a/x in the environment nobody"), "{message}");
}

#[test]
fn parameters_are_checked_and_mapped() {
    let server = Server::echo();
    let ask = |path: &str| {
        server
            .request(&format!("GET {path} HTTP/1.1\r\nHost: web.localhost\r\nX-Source: 1.2.3.4\r\nX-User: me\r\n\r\n"))
    };
    let seen = ask("/users/7").seen();
    assert_eq!((seen.header("x-user"), seen.header("x-source")), (vec!["7"], vec!["127.0.0.1"]));
    let refused = ask("/users/seven");
    assert_eq!((refused.status, refused.error().error_code.as_str()), (400, "APIG.0201"));
    assert_eq!(refused.error().error_msg, "path parameter id must be a number");
    assert_eq!(ask("/users/").status, 404);
}

#[test]
fn an_api_without_its_function_says_so() {
    check(("GET", "/gone", "web.localhost"), "APIG.0103 500");
}

#[test]
fn http_1_0_without_host_reaches_the_default_group() {
    let reply = Server::echo().request("GET /x HTTP/1.0\r\n\r\n");
    assert_eq!(reply.seen().function, "api");
}
