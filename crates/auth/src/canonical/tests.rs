use super::*;

#[track_caller]
fn check(canonical: fn(&str) -> String, raw: &str, expect: &str) {
    assert_eq!(canonical(raw), expect, "canonical form of {raw:?}");
}

#[test]
fn a_path_ends_in_a_slash_once() {
    check(path, "/v2/p/fgs", "/v2/p/fgs/");
    check(path, "/v2/p/fgs/", "/v2/p/fgs/");
    check(path, "/", "/");
    check(path, "", "/");
}

#[test]
fn raw_and_encoded_urns_have_one_canonical_path() {
    let encoded = "/urn%3Afss%3Ar%3A%21prod/";
    check(path, "/urn:fss:r:!prod", encoded);
    check(path, "/urn%3afss%3Ar%3A%21prod", encoded);
}

#[test]
fn an_encoded_slash_is_a_slash_and_a_plus_in_a_path_is_a_plus() {
    check(path, "/a%2Fb+c", "/a/b%2Bc/");
}

#[test]
fn a_broken_escape_is_taken_as_it_is() {
    check(path, "/a%zz%4", "/a%25zz%254/");
    check(query, "a=%zz", "a=%25zz");
}

#[test]
fn bytes_that_are_not_utf8_survive() {
    check(path, "/%FF%00", "/%FF%00/");
}

#[test]
fn a_query_is_sorted_by_decoded_name_then_value() {
    check(query, "b=2&a=z&a=b&A=1", "A=1&a=b&a=z&b=2");
    check(query, "%62=1&a=2", "a=2&b=1");
    check(query, "k=%C3%A9&k=z", "k=z&k=%C3%A9");
}

#[test]
fn a_name_without_a_value_has_an_empty_one_and_repeats_stay() {
    check(query, "a&a=&b=1", "a=&a=&b=1");
    check(query, "a=1=2", "a=1%3D2");
    check(query, "", "");
    check(query, "&&a=1&", "a=1");
}

#[test]
fn a_space_is_one_however_it_was_written() {
    check(query, "a=b+c%20d%2B", "a=b%20c%20d%2B");
}

#[test]
fn a_repeated_header_gives_one_line_each_sorted_and_trimmed() {
    let sent: &[(&str, &[u8])] = &[("X-B", b" 2 "), ("x-a", b"\xE4\xB8"), ("x-b", b"1")];
    let lines = headers(["x-b", "x-a"].into_iter(), sent).unwrap();
    assert_eq!(lines, b"x-b:1\nx-b:2\nx-a:\xE4\xB8\n");
}

#[test]
fn a_signed_header_that_was_not_sent_has_no_canonical_form() {
    assert_eq!(headers(["host"].into_iter(), &[]), None);
}
