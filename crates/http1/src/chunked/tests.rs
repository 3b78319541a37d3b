use super::*;

/// The data, the trailers and what is left behind the body; `None` when it is refused.
fn read(body: &str, piece: usize) -> Option<(String, Vec<String>, String)> {
    let mut decoder = Decoder::default();
    let mut data = Vec::new();
    let mut trailers = Vec::new();
    let mut bytes = BytesMut::new();
    let mut rest = body.as_bytes();
    loop {
        match decoder.next(&mut bytes) {
            Err(_) => return None,
            Ok(Piece::Data(more)) => data.extend_from_slice(&more),
            Ok(Piece::Trailers(map)) => trailers.extend(map.iter().map(|(name, value)| format!("{name}={value:?}"))),
            Ok(Piece::End) => break,
            Ok(Piece::More) => {
                assert!(!rest.is_empty(), "{body:?} is not complete");
                let (now, later) = rest.split_at(piece.min(rest.len()));
                bytes.extend_from_slice(now);
                rest = later;
            }
        }
    }
    bytes.extend_from_slice(rest);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Some((text(&data), trailers, text(&bytes)))
}

#[track_caller]
fn check(body: &str, expect: Option<(&str, &[&str], &str)>) {
    for piece in [1, 2, 7, body.len()] {
        let read = read(body, piece);
        let read = read.as_ref().map(|(data, trailers, rest)| {
            (data.as_str(), trailers.iter().map(String::as_str).collect::<Vec<_>>(), rest.as_str())
        });
        let expect = expect.map(|(data, trailers, rest)| (data, trailers.to_vec(), rest));
        assert_eq!(read, expect, "{body:?} in pieces of {piece}");
    }
}

#[test]
fn a_body_ends_where_its_last_chunk_does() {
    check("3\r\nabc\r\n0\r\n\r\nGET /", Some(("abc", &[], "GET /")));
    check("0\r\n\r\n", Some(("", &[], "")));
    check("0003\r\nabc\r\n0\r\n\r\n", Some(("abc", &[], "")));
    check("A\r\n0123456789\r\na\r\n0123456789\r\n000\r\n\r\n", Some(("01234567890123456789", &[], "")));
    check("3;a=b\r\nabc\r\n0;x\r\n\r\n", Some(("abc", &[], "")));
    check("1\r\na\r\n0\r\nX-Sum: 1\r\nY:\r\n\r\nrest", Some(("a", &["x-sum=\"1\"", "y=\"\""], "rest")));
}

#[test]
fn what_others_read_differently_is_refused() {
    for body in [
        "+3\r\nabc\r\n0\r\n\r\n",
        " 3\r\nabc\r\n0\r\n\r\n",
        "3 \r\nabc\r\n0\r\n\r\n",
        "3\nabc\r\n0\r\n\r\n",
        "3\r\r\nabc\r\n0\r\n\r\n",
        "3;a\nabc\r\n0\r\n\r\n",
        "3\r\nabcXX0\r\n\r\n",
        "3\r\nabc\n0\r\n\r\n",
        "0x3\r\nabc\r\n0\r\n\r\n",
        "\r\n0\r\n\r\n",
        ";a\r\n",
        "10000000000000003\r\nabc\r\n0\r\n\r\n",
        "0\r\n\n",
        "0\r\nX : 1\r\n\r\n",
        "0\r\n folded\r\n\r\n",
        "0\r\nX: 1\n\r\n",
        "0\r\nX: \u{1}\r\n\r\n",
    ] {
        check(body, None);
    }
}

#[test]
fn extensions_and_trailers_are_bounded() {
    check(&format!("0;{}\r\n\r\n", "x".repeat(EXTENSION_BYTES + 1)), None);
    check(&format!("0\r\nX: {}\r\n\r\n", "x".repeat(TRAILER_BYTES)), None);
    check(&format!("0\r\n{}\r\n", "X: y\r\n".repeat(TRAILER_FIELDS + 1)), None);
    let trailers = vec!["x=\"y\""; TRAILER_FIELDS];
    check(&format!("0\r\n{}\r\n", "X: y\r\n".repeat(TRAILER_FIELDS)), Some(("", &trailers, "")));
}
