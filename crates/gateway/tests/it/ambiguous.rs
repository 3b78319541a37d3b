//! Every collected message that servers read differently is refused and the connection closed, or goes through as what it is.

use std::collections::BTreeSet;

use crate::client::Client;
use crate::support::Server;

#[derive(serde::Deserialize)]
struct Case {
    name: String,
    raw_latin1: Option<String>,
}

/// What becomes of a case.
#[derive(Debug)]
enum Expect {
    /// This status, then the connection is closed.
    Refused(u16),
    /// The function sees exactly these bodies, one per request, and none of these requests is anything else than it looks like.
    Passes(&'static [&'static str]),
    /// The head is in order; the body is refused when it breaks the rule.
    BodyRefused(u16),
}

#[rustfmt::skip] // a table: one row a case
fn expected(name: &str) -> Expect {
    use Expect::{BodyRefused, Passes, Refused};
    match name {
        "CL.TE both" | "TE.CL both" | "dup CL differ" | "CL list same" | "CL -1" | "CL 03" | "CL huge u64+" => Refused(400),
        "TE chunked VT" | "TE chunked,identity" | "TE chunked twice" | "TE chunked,chunked" | "TE quoted" => Refused(400),
        "space before colon" | "TE space before colon" | "obs-fold TE" | "leading space 1st hdr" => Refused(400),
        "bare LF one hdr" | "bare CR as EOL" | "NUL in value" | "ctl 0x01 value" | "empty name" | "no colon line" => Refused(400),
        "no Host" | "Host w/ userinfo" | "abs-URI vs Host" | "asterisk GET" => Refused(400),
        "space in target" | "double space" | "raw utf8 target" | "leading CRLF" => Refused(400),
        "TE xchunked" | "TE identity" | "lower method" => Refused(501),
        "HTTP/2.0 line" => Refused(505),
        "Expect weird" => Refused(417),
        "300KB header" => Refused(431),
        "chunk ext bare LF" | "chunk size LF" | "chunk final LF" | "chunk +3" | "chunk sp 3" => BodyRefused(400),
        "chunk overflow" | "chunk no crlf after" => BodyRefused(400),
        // White space around a value is not part of it (RFC 9110, 5.5).
        "CL \" 3 \" trailing sp" => Passes(&["abc"]),
        // Bytes over 0x7f are legal in values and are handed on as they are.
        "obs-text value" => Passes(&[""]),
        // A body is a body, whatever it looks like.
        "GET w/ CL body" => Passes(&["GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"]),
        // Leading zeros of a chunk size are legal, and the body is framed anew.
        "chunk 0003" => Passes(&["abc"]),
        // An unknown upgrade is ignored, so what follows is the next request, checked like any other.
        "Upgrade then data" => Passes(&["", ""]),
        "Upgrade h2c" | "Connection strips XFF" => Passes(&[""]),
        other => panic!("no expectation for {other:?}"),
    }
}

fn cases() -> Vec<(String, Vec<u8>)> {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../../../../spec/ambiguous-requests.json")).unwrap();
    let large = || format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(300 * 1024));
    let latin1 = |text: String| text.chars().map(|char| u8::try_from(u32::from(char)).unwrap()).collect();
    cases.into_iter().map(|case| (case.name, latin1(case.raw_latin1.unwrap_or_else(large)))).collect()
}

fn check(server: &Server, name: &str, bytes: &[u8]) {
    let mut client = server.connect();
    client.send(bytes);
    match expected(name) {
        Expect::Refused(status) | Expect::BodyRefused(status) => refused(&mut client, name, status),
        Expect::Passes(bodies) => passes(&mut client, name, bodies),
    }
}

fn refused(client: &mut Client, name: &str, status: u16) {
    let reply = client.reply();
    assert_eq!((reply.status, reply.header("connection")), (status, Some("close")), "{name}: {reply:?}");
    assert!(reply.error().error_code.starts_with("APIG.0"), "{name}: {reply:?}");
    client.assert_closed();
}

fn passes(client: &mut Client, name: &str, bodies: &[&str]) {
    for body in bodies {
        let reply = client.reply();
        assert_eq!(reply.status, 200, "{name}: {reply:?}");
        let seen = reply.seen();
        assert_eq!(seen.body, *body, "{name}");
        for gone in ["upgrade", "transfer-encoding", "connection", "x-cff-request-id", "http2-settings"] {
            assert_eq!(seen.header(gone), Vec::<&str>::new(), "{name}: {gone}");
        }
    }
}

#[test]
fn each_is_refused_or_made_harmless() {
    let server = Server::echo();
    let cases = cases();
    for (name, bytes) in &cases {
        check(&server, name, bytes);
    }
    let names: BTreeSet<_> = cases.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), 50);
    let refused = cases.iter().filter(|(name, _)| !matches!(expected(name), Expect::Passes(_))).count();
    assert_eq!(server.gateway.counts().refused, refused as u64);
}

#[test]
fn nothing_behind_a_refused_message_is_served() {
    let server = Server::echo();
    for (name, mut bytes) in cases() {
        if let Expect::Refused(status) = expected(&name) {
            bytes.extend_from_slice(b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
            let mut client = server.connect();
            client.send(&bytes);
            refused(&mut client, &name, status);
        }
    }
}

/// hyper answers what it cannot parse by itself, without a body and without our headers. It must never have to.
#[test]
fn hyper_understands_all_that_passes() {
    let server = Server::echo();
    let request = b"POST http://a:80/b?c=%20 HTTP/1.1\r\nHost: a:80\r\nX-Y: z\r\nContent-Length: 2\r\n\r\nok";
    let bytes = b"\0\t\n\r !\"#%&,/0:;<=?@AZ[\\]^`az{|}~\x7f\x80\xff";
    for at in 0..request.len() {
        for &byte in bytes {
            let mut mutated = request.to_vec();
            mutated[at] = byte;
            let mut client = server.connect();
            client.send(&mutated);
            client.end();
            let answers = client.rest();
            let (all, ours) = (answers.matches("\r\ndate: ").count(), answers.matches("\r\nx-request-id: ").count());
            assert_eq!(all, ours, "{}: {answers}", mutated.escape_ascii());
        }
    }
}
