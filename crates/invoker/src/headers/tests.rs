use http::Method;
use model::invoke::{empty, full};

use super::*;
use crate::testing::version;

/// Headers as `name: value` lines, sorted.
fn lines(headers: &HeaderMap) -> Vec<String> {
    let mut lines: Vec<String> =
        headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    lines.sort();
    lines
}

fn headers(text: &[&str]) -> HeaderMap {
    let pair = |line: &&str| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap())
    };
    text.iter().map(pair).collect()
}

/// What the user's server sees of a request besides the platform's headers.
#[track_caller]
fn check(uri: &str, given: &[&str], body: Body, expect: &[&str]) {
    let stamp = Stamp::new(&version("f", 1, |_| {}));
    let mut given_request = Request::new(body);
    *given_request.uri_mut() = uri.parse().unwrap();
    *given_request.headers_mut() = headers(given);
    request(&mut given_request, &stamp, "id", Switch::Allowed);
    strip_platform(given_request.headers_mut());
    let mut seen = vec![given_request.uri().to_string()];
    seen.extend(lines(given_request.headers()));
    assert_eq!(seen, expect);
}

#[test]
fn the_platform_s_headers_are_ours_however_a_client_spells_them() {
    let stamp = Stamp::new(&version("f", 1, |config| config.memory_mb = 256));
    let mut given = Request::new(empty());
    *given.headers_mut() = headers(&[
        "host: h",
        "x-cff-request-id: forged",
        "x_cff_region: forged",
        "x-cff_auth_token: forged",
        "x-cff-invented: forged",
        "x-cffish: kept",
    ]);
    request(&mut given, &stamp, "id-1", Switch::Allowed);
    let expect = [
        "host: h",
        "x-cff-func-name: f",
        "x-cff-func-version: latest",
        "x-cff-memory: 256",
        "x-cff-package: default",
        "x-cff-project-id: p",
        "x-cff-region: r",
        "x-cff-request-id: id-1",
        "x-cff-timeout: 10",
        "x-cffish: kept",
    ];
    assert_eq!(lines(given.headers()), expect);
}

#[test]
fn what_belongs_to_the_client_s_connection_stays_there() {
    let given = [
        "connection: keep-alive, X-Mine, host, content-length",
        "content-length: 3",
        "host: h",
        "keep-alive: timeout=5",
        "proxy-connection: x",
        "te: trailers",
        "trailer: x",
        "transfer-encoding: chunked",
        "upgrade: websocket",
        "expect: 100-continue",
        "x-mine: 1",
    ];
    check("/a?b=c", &given, full("abc"), &["/a?b=c", "content-length: 3", "host: h"]);
}

#[test]
fn an_upgrade_that_is_asked_for_is_passed_on_and_nothing_else_of_its_connection() {
    let given = ["connection: Upgrade, x-mine", "host: h", "upgrade: websocket", "x-mine: 1"];
    check("/", &given, empty(), &["/", "connection: Upgrade", "host: h", "upgrade: websocket"]);
}

#[test]
fn an_upgrade_to_http_or_for_nobody_is_no_upgrade() {
    for protocol in ["h2c", "websocket, H2C", "HTTP/2.0", "TLS/1.0"] {
        let upgrade = format!("upgrade: {protocol}");
        check(
            "/",
            &["connection: Upgrade, HTTP2-Settings", "host: h", "http2-settings: x", &upgrade],
            empty(),
            &["/", "host: h"],
        );
    }
    let mut given = Request::new(empty());
    *given.headers_mut() = headers(&["connection: Upgrade", "upgrade: websocket"]);
    assert_eq!(request(&mut given, &Stamp::new(&version("f", 1, |_| {})), "id", Switch::Denied), None);
    assert!(!given.headers().contains_key("upgrade"));
}

#[test]
fn the_target_is_in_origin_form_and_its_host_is_the_client_s() {
    check("http://there:81/a", &["host: here"], empty(), &["/a", "host: here"]);
    check("http://there:81", &[], empty(), &["/", "host: there:81"]);
    check("/", &[], empty(), &["/", "host: 127.0.0.1:8000"]);
}

#[test]
fn a_body_of_unknown_length_is_chunked_whatever_the_method() {
    let stream = http_body_util::StreamBody::new(futures_util::stream::iter([Ok::<_, std::io::Error>(
        http_body::Frame::data(bytes::Bytes::from_static(b"x")),
    )]));
    let mut given = Request::new(model::invoke::body(stream));
    *given.method_mut() = Method::GET;
    request(&mut given, &Stamp::new(&version("f", 1, |_| {})), "id", Switch::Allowed);
    assert_eq!(given.headers()[header::TRANSFER_ENCODING], "chunked");
}

#[track_caller]
fn check_response(given: &[&str], expect: Result<&[&str], Illegal>) {
    let mut given_response = Response::new(());
    *given_response.headers_mut() = headers(given);
    let passed = response(&mut given_response).map(|()| lines(given_response.headers()));
    assert_eq!(passed, expect.map(|lines| lines.iter().map(|line| (*line).to_owned()).collect()));
}

#[test]
fn a_response_loses_what_is_not_for_the_caller() {
    let given =
        ["connection: close, x-mine", "content-length: 1", "keep-alive: x", "x-cff-request-id: forged", "x-mine: 1"];
    check_response(&given, Ok(&["content-length: 1"]));
    check_response(
        &["transfer-encoding: chunked", "set-cookie: a", "set-cookie: b"],
        Ok(&["set-cookie: a", "set-cookie: b"]),
    );
}

#[test]
fn a_response_with_ambiguous_framing_is_illegal() {
    let both = Illegal("it has both content-length and transfer-encoding");
    check_response(&["content-length: 1", "transfer-encoding: chunked"], Err(both));
    let coding = Illegal("its transfer-encoding is not chunked");
    check_response(&["transfer-encoding: gzip, chunked"], Err(coding));
    check_response(&["transfer-encoding: chunked", "transfer-encoding: chunked"], Err(coding));
    check_response(&["content-length: 1", "content-length: 1"], Err(Illegal("it has more than one content-length")));
}

#[test]
fn a_switch_is_only_to_what_was_asked_for() {
    let check = |asked: &str, given: &[&str], expect: bool| {
        let mut response = Response::new(());
        *response.headers_mut() = headers(given);
        assert_eq!(switched(&mut response, &asked.parse().unwrap()).is_ok(), expect, "{asked} {given:?}");
    };
    check("websocket", &["connection: Upgrade", "upgrade: WebSocket"], true);
    check("h2c, websocket", &["connection: upgrade", "upgrade: websocket"], true);
    check("websocket", &["connection: upgrade", "upgrade: h2c"], false);
    check("websocket", &["upgrade: websocket"], false);
    check("websocket", &["connection: upgrade"], false);
}
