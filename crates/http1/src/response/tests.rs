use super::*;

const LIMITS: Limits = Limits { bytes: 1024, fields: 8 };

/// Status, framing, whether the connection stays, and what is left; or the rule that is broken.
fn read(text: &str, piece: usize) -> Result<(u16, Framing, bool, String), &'static str> {
    let mut reader = Reader::default();
    let mut bytes = BytesMut::new();
    let mut rest = text.as_bytes();
    loop {
        match reader.read(&mut bytes, LIMITS) {
            Err(Malformed(rule)) => return Err(rule),
            Ok(Some(head)) => {
                bytes.extend_from_slice(rest);
                let left = String::from_utf8(bytes.to_vec()).unwrap();
                return Ok((head.status.as_u16(), head.framing, head.keep_alive, left));
            }
            Ok(None) => {
                assert!(!rest.is_empty(), "{text:?} is not complete");
                let (now, later) = rest.split_at(piece.min(rest.len()));
                bytes.extend_from_slice(now);
                rest = later;
            }
        }
    }
}

#[track_caller]
fn check(text: &str, expect: Result<(u16, Framing, bool, &str), &str>) {
    for piece in [1, 3, text.len()] {
        let read = read(text, piece);
        let read = read.as_ref().map(|(status, framing, keep, left)| (*status, *framing, *keep, left.as_str()));
        assert_eq!(read.map_err(|rule| *rule), expect, "{text:?} in pieces of {piece}");
    }
}

#[track_caller]
fn refused(text: &str) {
    for piece in [1, 3, text.len()] {
        assert!(read(text, piece).is_err(), "{text:?} in pieces of {piece}");
    }
}

#[test]
fn a_head_says_how_long_the_body_is() {
    check("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", Ok((200, Framing::Length(3), true, "abc")));
    check("HTTP/1.1 200\r\ntransfer-encoding: Chunked\r\n\r\n", Ok((200, Framing::Chunked, true, "")));
    check("HTTP/1.1 404 \r\n\r\nrest", Ok((404, Framing::ToClose, true, "rest")));
    check("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", Ok((200, Framing::Length(0), false, "")));
    check(
        "HTTP/1.0 200 OK\r\nConnection: x, Keep-Alive\r\nContent-Length: 0\r\n\r\n",
        Ok((200, Framing::Length(0), true, "")),
    );
    check("HTTP/1.1 204 No\r\nConnection: close\r\n\r\n", Ok((204, Framing::Length(0), false, "")));
    check("HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n", Ok((204, Framing::Length(0), false, "")));
    check("HTTP/1.1 304 x\r\nContent-Length: 9\r\n\r\n", Ok((304, Framing::Length(0), true, "")));
    check("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP", Ok((103, Framing::Length(0), true, "HTTP")));
    check("HTTP/1.1 101 Go\r\nUpgrade: x\r\n\r\n\x00", Ok((101, Framing::ToClose, true, "\x00")));
}

#[test]
fn doubt_about_the_end_is_refused() {
    let with = |fields: &str| format!("HTTP/1.1 200 OK\r\n{fields}\r\n");
    check(
        &with("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"),
        Err("it has both content-length and transfer-encoding"),
    );
    check(&with("Content-Length: 3\r\nContent-Length: 3\r\n"), Err("it has more than one content-length"));
    for value in ["3, 3", "+3", "-1", "0x3", "3 3", "", "99999999999999999999", "03"] {
        check(&with(&format!("Content-Length: {value}\r\n")), Err("its content-length is not one decimal number"));
    }
    for value in ["gzip, chunked", "chunked, chunked", "identity", "xchunked", ""] {
        check(&with(&format!("Transfer-Encoding: {value}\r\n")), Err("its transfer-encoding is not chunked"));
    }
    refused("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
}

#[test]
fn what_is_no_head_is_refused() {
    for text in [
        "\r\nHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n",
        "HTTP/1.2 200 OK\r\n\r\n",
        "HTTP/2 200 OK\r\n\r\n",
        "http/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 1000 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 200\x01\r\n\r\n",
        "HTTP/1.1 200 a\x00b\r\n\r\n",
        "HTTP/1.1 200 OK\n\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\x00\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: b\r\n\r\n",
        "garbage\r\n\r\n",
    ] {
        refused(text);
    }
}

#[test]
fn a_head_is_bounded() {
    refused(&format!("HTTP/1.1 200 OK\r\nA: {}\r\n\r\n", "x".repeat(LIMITS.bytes)));
    refused(&format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: b\r\n".repeat(LIMITS.fields + 1)));
    check(
        &format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: b\r\n".repeat(LIMITS.fields)),
        Ok((200, Framing::ToClose, true, "")),
    );
}

#[test]
fn an_unusual_reason_is_kept() {
    let mut bytes = BytesMut::from("HTTP/1.1 200 Fine\r\n\r\n");
    let head = Reader::default().read(&mut bytes, LIMITS).unwrap().unwrap();
    assert_eq!(head.reason.as_deref(), Some(&b"Fine"[..]));
}
