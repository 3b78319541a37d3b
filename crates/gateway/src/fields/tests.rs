use super::*;

fn headers(lines: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines.split_terminator("; ") {
        let (name, value) = line.split_once(": ").unwrap();
        headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    headers
}

/// Both are `name: value; ...`.
#[track_caller]
fn check(clean: fn(&mut HeaderMap), given: &str, expect: &str) {
    let mut given = headers(given);
    clean(&mut given);
    assert_eq!(given, headers(expect));
}

#[test]
fn what_concerns_one_connection_does_not_travel() {
    let hop = "connection: close; keep-alive: x; proxy-connection: x; transfer-encoding: chunked; upgrade: h2c; \
               proxy-authorization: x; a: b";
    check(clean_request, &format!("{hop}; te: gzip; trailer: x; expect: 100-continue; http2-settings: x"), "a: b");
    check(clean_response, hop, "a: b");
    check(clean_response, "trailer: x-sum", "trailer: x-sum");
}

#[test]
fn what_connection_names_does_not_travel_but_framing_and_host_do() {
    let named = "connection: close, X-One, host; connection: x-two ,content-length,,@";
    check(
        clean_request,
        &format!("{named}; x-one: 1; x-two: 2; host: a; content-length: 3"),
        "host: a; content-length: 3",
    );
    check(clean_response, &format!("{named}; x-one: 1; x-two: 2; content-length: 3"), "content-length: 3");
}

#[test]
fn names_that_are_ours_cannot_be_set_by_a_client_in_any_spelling() {
    for name in [
        "X-CFF-Request-Id",
        "x-cff-",
        "x_cff_request_id",
        "X-Cff_Memory",
        "X_CFF-Project-Id",
        "x-funcd-timing",
        "x-request-id",
        "x_request_id",
        "x-real-ip",
        "x_real_ip",
        "x-forwarded-for",
        "x-forwarded-host",
        "x_forwarded_for",
        "X_Forwarded_Proto",
        "forwarded",
        "content_length",
        "transfer_encoding",
        "Host_".trim_end_matches('_'),
    ] {
        let kept = if name == "Host" { "host: 1" } else { "" };
        check(clean_request, &format!("{name}: 1"), kept);
    }
}

#[test]
fn other_names_travel_whatever_their_spelling() {
    let fine = "api_key: 2; x-cffx: 3; x-custom: 4; cookie: a; cookie: b; authorization: c";
    check(clean_request, fine, fine);
}

#[test]
fn a_function_cannot_speak_for_the_gateway() {
    let forged =
        "x-request-id: 1; x-cff-request-id: 2; x-funcd-error: 3; x-func-err-code: 4; x-is-func-err: true; x-own: 5";
    check(clean_response, forged, "x-own: 5");
}
