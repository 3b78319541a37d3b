use super::*;

/// `expect` is the status of the refusal, or what the framing learns.
#[track_caller]
fn check(head: &str, expect: &str) {
    check_bytes(head.as_bytes(), expect);
}

#[track_caller]
fn check_bytes(head: &[u8], expect: &str) {
    let limits = Limits { head_bytes: 1024, uri_bytes: 256, head_fields: 8, ..Limits::default() };
    let whole = outcome(Reader::default().read(&mut BytesMut::from(head), &limits));
    assert_eq!(whole, expect, "{}", head.escape_ascii());
    // The same, a byte at a time.
    let mut reader = Reader::default();
    let mut bytes = BytesMut::new();
    let mut drip = |byte: &u8| {
        bytes.extend_from_slice(&[*byte]);
        reader.read(&mut bytes, &limits)
    };
    let dripped = head.iter().map(&mut drip).find(|read| !matches!(read, Ok(None)));
    assert_eq!(outcome(dripped.unwrap_or(Ok(None))), expect, "dripped: {}", head.escape_ascii());
}

fn outcome(read: Result<Option<Head>, Failure>) -> String {
    match read {
        Ok(None) => "incomplete".to_owned(),
        Ok(Some(Head { websocket: true, .. })) => "websocket".to_owned(),
        Ok(Some(Head { body: Framing::Chunked, .. })) => "chunked".to_owned(),
        Ok(Some(Head { body: Framing::Length(length), .. })) => length.to_string(),
        Ok(Some(Head { body: Framing::ToClose, .. })) => "to the end".to_owned(),
        Err(failure) => failure.status.as_u16().to_string(),
    }
}

/// A GET with one more line.
#[track_caller]
fn check_field(line: &str, expect: &str) {
    check(&format!("GET / HTTP/1.1\r\nHost: a\r\n{line}\r\n\r\n"), expect);
}

#[track_caller]
fn check_line(line: &str, expect: &str) {
    check(&format!("{line}\r\nHost: a\r\n\r\n"), expect);
}

#[test]
fn ordinary_heads_pass() {
    check("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "0");
    check("GET / HTTP/1.0\r\n\r\n", "0");
    check("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "0");
    check("POST /a%20b?c=d&e[]={|}^`\\ HTTP/1.1\r\nhost: a.localhost:8080\r\ncontent-length: 12\r\n\r\n", "12");
    check("PUT / HTTP/1.1\r\nHost:\t[::1]:80 \r\nTRANSFER-ENCODING:  Chunked\t\r\n\r\n", "chunked");
    check("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "0");
    check("VERSION-CONTROL / HTTP/1.1\r\nHost: a\r\n\r\n", "0");
    check_bytes(b"GET / HTTP/1.1\r\nHost: a\r\nX: \xff\xfe\r\n\r\n", "0");
}

#[test]
fn a_head_without_its_end_is_incomplete() {
    check("GET / HTTP/1.1\r\nHost: a\r\n", "incomplete");
    check("GET / HTTP/1.1\r\nHost: a\r\n\r", "incomplete");
    check("GE", "incomplete");
}

#[test]
fn lines_end_in_crlf_and_nothing_else() {
    check("GET / HTTP/1.1\nHost: a\n\n", "400");
    check("GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", "400");
    check("GET / HTTP/1.1\rHost: a\r\r", "400");
    check_field("X: a\rb", "400");
    check("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "400");
}

#[test]
fn methods_are_capital_names() {
    check_line("get / HTTP/1.1", "501");
    check_line("GET1 / HTTP/1.1", "501");
    check_line(&format!("{} / HTTP/1.1", "A".repeat(33)), "501");
    check_line("CONNECT a:80 HTTP/1.1", "405");
    check_line("TRACE / HTTP/1.1", "405");
    check_line("G@T / HTTP/1.1", "400");
    check_line(" / HTTP/1.1", "400");
}

#[test]
fn targets_have_one_form_and_no_strange_character() {
    for target in ["*", "a", "a:80", "/a#b", "/\u{e4}", "/a\\b", "/a`", "/\"", "/<", "/\u{7f}", "ftp://a/", "http:///x"]
    {
        check_line(&format!("GET {target} HTTP/1.1"), "400");
    }
    check_line("GET /a b HTTP/1.1", "400");
    check_line("GET  / HTTP/1.1", "400");
    check_line("GET / HTTP/1.1 ", "400");
    check_line("GET\t/ HTTP/1.1", "400");
    check_line("GET /", "400");
}

#[test]
fn an_absolute_target_names_the_host_again() {
    check_line("GET http://a/x HTTP/1.1", "0");
    check_line("GET HTTPS://A?x HTTP/1.1", "0");
    check_line("GET http://b/x HTTP/1.1", "400");
    check_line("GET http://a:80/x HTTP/1.1", "400");
    check_line("GET http://u@a/x HTTP/1.1", "400");
    check("\r\nGET http://a/x HTTP/1.1\r\nX: y\r\nHost: a \r\n\r\n", "0");
}

#[test]
fn versions_are_1_0_and_1_1() {
    for version in ["HTTP/2.0", "HTTP/1.2", "HTTP/0.9"] {
        check_line(&format!("GET / {version}"), "505");
    }
    for version in ["HTTP/1", "http/1.1", "HTTP/1.10", "XTTP/1.1", "HTTP/1,1"] {
        check_line(&format!("GET / {version}"), "400");
    }
    check("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505");
}

#[test]
fn the_host_is_said_once() {
    check("GET / HTTP/1.1\r\nX: a\r\n\r\n", "400");
    check_field("Host: a", "400");
    for host in [
        "", "x@a", "a b", "a,b", "a/b", "a:", "a:x", "a:65536", "a:123456", ":80", "[::1", "[]", "[g]", "[::1]x",
        "\u{e4}",
    ] {
        check(&format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"), "400");
    }
    check("GET / HTTP/1.1\r\nHost: a_b-c.D:65535\r\n\r\n", "0");
}

#[test]
fn a_field_is_a_name_a_colon_and_printable_text() {
    for line in
        ["X : a", " X: a", "\tX: a", ": a", "junk", "X: a\u{0}b", "X: a\u{1}b", "X: a\u{7f}", "X\u{e4}: a", "X: \u{b}"]
    {
        check_field(line, "400");
    }
    check_field("X: a\r\n folded", "400");
    check_field("X:", "0");
    check_field("X:a\tb ", "0");
}

#[test]
fn a_length_is_one_plain_number() {
    for length in ["-1", "+1", "03", "3, 3", "3 3", "0x3", "", "1e3", "18446744073709551617", "18446744073709551615"] {
        check_field(&format!("Content-Length: {length}"), "400");
    }
    check_field("Content-Length: 3\r\nContent-Length: 3", "400");
    check_field("Content-Length: 3\r\nContent-Length: 4", "400");
    check_field("Content-Length: 3 ", "3");
    check_field("Content-Length: 0", "0");
}

#[test]
fn the_only_transfer_coding_is_chunked_alone() {
    for coding in ["xchunked", "identity", "gzip, chunked", "gzip"] {
        check_field(&format!("Transfer-Encoding: {coding}"), "501");
    }
    for coding in
        ["chunked, identity", "chunked, chunked", "\"chunked\"", "", "chunked,", "\u{b}chunked", "chunked;q=1"]
    {
        check_field(&format!("Transfer-Encoding: {coding}"), "400");
    }
    check_field("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "400");
    check_field("Transfer-Encoding: chunked\r\nContent-Length: 3", "400");
    check_field("Content-Length: 3\r\nTransfer-Encoding: chunked", "400");
    check("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "400");
}

#[test]
fn the_only_expectation_is_100_continue() {
    check_field("Expect: 100-Continue", "0");
    check_field("Expect: 100-continuexx", "417");
    check_field("Expect: 100-continue\r\nExpect: 100-continue", "417");
}

#[test]
fn a_websocket_is_asked_for_in_one_way() {
    check_field("Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket", "websocket");
    check_field("Upgrade: websocket", "0");
    check_field("Connection: upgrade\r\nUpgrade: h2c", "0");
    check_field("Connection: upgrade\r\nUpgrade: websocket\r\nUpgrade: websocket", "0");
    check_field("Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 3", "3");
    check("POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", "0");
    check("GET / HTTP/1.0\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", "0");
}

#[test]
fn heads_are_bounded() {
    check_line(&format!("GET /{} HTTP/1.1", "a".repeat(255)), "0");
    check_line(&format!("GET /{} HTTP/1.1", "a".repeat(256)), "414");
    check(&format!("GET /{}", "a".repeat(400)), "414");
    check_field(&format!("X: {}", "a".repeat(1024)), "431");
    check(&format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}", "a".repeat(1024)), "431");
    check_field(&["X: a"; 7].join("\r\n"), "0");
    check_field(&["X: a"; 8].join("\r\n"), "431");
}
