use http::Request;

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
fn check(uri: &str, given: &[&str], expect: &[&str]) {
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.uri = uri.parse().unwrap();
    parts.headers = headers(given);
    request(&mut parts, false, Switch::Allowed);
    let mut seen = vec![parts.uri.to_string()];
    seen.extend(lines(&parts.headers));
    assert_eq!(seen, expect);
}

#[test]
fn the_platform_s_headers_are_ours_however_a_client_spells_them() {
    let forged = [
        "host: h",
        "x-cff-request-id: forged",
        "x_cff_region: forged",
        "x-cff_auth_token: forged",
        "x-cff-invented: forged",
        "x-cffish: kept",
    ];
    check("/", &forged, &["/", "host: h", "x-cffish: kept"]);
    let stamp = Stamp::new(&version("f", 1, |config| config.memory_mb = 256), &Agencies::default());
    let mut out = BytesMut::new();
    stamp.write(&mut out, "id-1");
    let expect = [
        "x-cff-memory: 256",
        "x-cff-timeout: 10",
        "x-cff-func-version: latest",
        "x-cff-func-name: f",
        "x-cff-project-id: p",
        "x-cff-package: default",
        "x-cff-region: r",
        "x-cff-request-id: id-1",
        "",
    ];
    assert_eq!(out, expect.join("\r\n"));
}

#[test]
fn a_name_that_is_no_legal_value_is_left_out() {
    let mut out = BytesMut::new();
    Stamp::new(&version("f\r\nx: y", 1, |_| {}), &Agencies::default()).write(&mut out, "a\nb");
    let text = String::from_utf8(out.to_vec()).unwrap();
    assert!(!text.contains("x: y") && !text.contains("request-id") && text.contains("x-cff-region: r\r\n"), "{text}");
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
    let kept = ["/a?b=c", "connection: TE", "content-length: 3", "host: h", "te: trailers"];
    check("/a?b=c", &given, &kept);
    check("/", &["te: deflate", "host: h"], &["/", "host: h"]);
}

#[test]
fn an_upgrade_that_is_asked_for_is_passed_on_and_nothing_else_of_its_connection() {
    let given = ["connection: Upgrade, x-mine", "host: h", "upgrade: websocket", "x-mine: 1"];
    check("/", &given, &["/", "connection: Upgrade", "host: h", "upgrade: websocket"]);
}

#[test]
fn an_upgrade_to_http_or_for_nobody_is_no_upgrade() {
    for protocol in ["h2c", "websocket, H2C", "HTTP/2.0", "TLS/1.0"] {
        let upgrade = format!("upgrade: {protocol}");
        check(
            "/",
            &["connection: Upgrade, HTTP2-Settings", "host: h", "http2-settings: x", &upgrade],
            &["/", "host: h"],
        );
    }
    let (mut given, ()) = Request::new(()).into_parts();
    given.headers = headers(&["connection: Upgrade", "upgrade: websocket"]);
    assert_eq!(request(&mut given, false, Switch::Denied), None);
    assert!(!given.headers.contains_key("upgrade"));
}

#[test]
fn the_target_is_in_origin_form_and_its_host_is_the_client_s() {
    check("http://there:81/a", &["host: here"], &["/a", "host: here"]);
    check("http://there:81", &[], &["/", "host: there:81"]);
    check("/", &[], &["/", "host: 127.0.0.1:8000"]);
}

#[test]
fn a_request_that_is_cleaned_twice_is_the_same() {
    for given in [["connection: Upgrade", "upgrade: websocket"], ["te: trailers", "trailer: sum"]] {
        let (mut parts, ()) = Request::new(()).into_parts();
        parts.headers = headers(&given);
        let upgrade = request(&mut parts, true, Switch::Allowed);
        let once = lines(&parts.headers);
        assert_eq!(request(&mut parts, true, Switch::Allowed), upgrade);
        assert_eq!(lines(&parts.headers), once);
    }
}

#[test]
fn a_response_loses_what_is_not_for_the_caller() {
    let check = |given: &[&str], expect: &[&str]| {
        let mut given = headers(given);
        response(&mut given);
        assert_eq!(lines(&given), expect);
    };
    let given =
        ["connection: close, x-mine", "content-length: 1", "keep-alive: x", "x-cff-request-id: forged", "x-mine: 1"];
    check(&given, &["content-length: 1"]);
    check(&["transfer-encoding: chunked", "set-cookie: a", "set-cookie: b"], &["set-cookie: a", "set-cookie: b"]);
    check(&["trailer: sum"], &["trailer: sum"]);
}

#[test]
fn trailers_do_not_say_what_only_a_head_can() {
    let mut given = headers(&[
        "authorization: x",
        "connection: x-hop",
        "content-length: 1",
        "grpc-status: 0",
        "host: h",
        "set-cookie: a",
        "te: x",
        "trailer: x",
        "transfer-encoding: chunked",
        "x-auth-token: x",
        "x-cff-request-id: forged",
        "x-hop: x",
        "x-sum: 1",
    ]);
    trailers(&mut given);
    assert_eq!(lines(&given), ["grpc-status: 0", "x-sum: 1"]);
}

#[test]
fn a_switch_is_only_to_what_was_asked_for() {
    let check = |asked: &str, given: &[&str], expect: bool| {
        let mut given = headers(given);
        assert_eq!(switched(&mut given, Some(&asked.parse().unwrap())).is_ok(), expect, "{asked} {given:?}");
        assert!(switched(&mut given, None).is_err());
    };
    check("websocket", &["connection: Upgrade", "upgrade: WebSocket"], true);
    check("h2c, websocket", &["connection: upgrade", "upgrade: websocket"], true);
    check("websocket", &["connection: upgrade", "upgrade: h2c"], false);
    check("websocket", &["upgrade: websocket"], false);
    check("websocket", &["connection: upgrade"], false);
}

#[tokio::test(start_paused = true)]
async fn credentials_are_lent_for_ten_minutes_to_a_version_that_asks_for_them() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let agencies = Agencies::with(move |version| {
        let number = counter.fetch_add(1, Ordering::Relaxed);
        (version.config.app_xrole == "helper" && number > 0).then(|| crate::agencies::Credentials {
            token: format!("T{number}"),
            access_key: "AK".to_owned(),
            secret_key: "SK".to_owned(),
            security_token: "ST".to_owned(),
        })
    });
    let text = |stamp: &Stamp| {
        let mut out = BytesMut::new();
        stamp.write(&mut out, "id");
        String::from_utf8(out.to_vec()).unwrap()
    };
    let silent = Stamp::new(&version("f", 1, |config| config.app_xrole = "helper".to_owned()), &agencies);
    assert!(!text(&silent).contains("token"));
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    let asks = version("f", 1, |config| {
        config.app_xrole = "helper".to_owned();
        config.auth_in_header = true;
    });
    let stamp = Stamp::new(&asks, &agencies);
    assert!(!text(&stamp).contains("x-cff-auth-token"), "there is no such agency yet");
    for _ in 0..3 {
        let lines = "x-cff-auth-token: T1\r\nx-cff-security-access-key: AK\r\nx-cff-security-secret-key: SK\r\nx-cff-security-token: ST\r\n";
        assert!(text(&stamp).contains(lines));
    }
    tokio::time::advance(std::time::Duration::from_secs(600)).await;
    assert!(text(&stamp).contains("x-cff-auth-token: T2\r\n"));
}
