use super::*;

#[track_caller]
fn check(bytes: &str, expect: Option<(u16, usize, usize)>) {
    let head = Head::parse(bytes.as_bytes()).unwrap();
    assert_eq!(head.map(|head| (head.status, head.bytes, head.body)), expect);
}

#[test]
fn a_head_ends_with_an_empty_line() {
    check("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello", Some((200, 39, 13)));
    check("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n", None);
}

#[test]
fn the_name_of_the_length_is_found_however_it_is_spelt() {
    check("HTTP/1.1 404 Not Found\r\ncOnTeNt-LeNgTh:2\r\n\r\n", Some((404, 44, 2)));
}

#[test]
fn an_answer_without_a_length_is_an_error() {
    assert!(Head::parse(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
}
