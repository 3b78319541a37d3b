use proptest::prelude::*;

use super::*;

/// Files with these contents are segments, oldest first, each begun a hundred seconds after the one before.
fn check(contents: &[&[u8]], query: &Query, expect: &[&str]) {
    let root = tempfile::tempdir().unwrap();
    let mut segments = Vec::new();
    for (number, content) in contents.iter().enumerate() {
        let path = root.path().join(number.to_string());
        std::fs::write(&path, content).unwrap();
        segments.push(Segment { path, begun: number as u64 * 100_000_000, bytes: content.len() as u64 });
    }
    let found = newest(segments, query, |entry| {
        let text = String::from_utf8_lossy(entry).into_owned();
        (!text.starts_with('#')).then_some(text)
    });
    assert_eq!(found.unwrap().entries, expect);
}

fn limit(limit: usize) -> Query {
    Query { limit, ..Query::default() }
}

#[test]
fn the_newest_come_from_as_many_segments_as_needed() {
    check(&[b"a\nb\n", b"c\nd\n"], &limit(3), &["b", "c", "d"]);
    check(&[b"a\nb\n", b"", b"\n", b"c\n"], &limit(9), &["a", "b", "", "c"]);
}

#[test]
fn what_is_not_wanted_does_not_count_towards_the_limit() {
    check(&[b"a\nb\n", b"#\n#\nc\n#\n"], &limit(2), &["b", "c"]);
}

#[test]
fn a_line_that_is_being_written_is_not_read() {
    check(&[b"a\nb\n{\"at"], &limit(9), &["a", "b"]);
    check(&[b"{\"at"], &limit(9), &[]);
}

#[test]
fn segments_that_ended_before_the_time_asked_for_are_not_read() {
    let since = Some(Timestamp::from_second(170).unwrap());
    check(&[b"a\n", b"b\n", b"c\n"], &Query { since, ..limit(9) }, &["b", "c"]);
}

#[test]
fn a_search_ends_with_its_budget_and_says_so() {
    check(&[b"aa\nbb\n", b"cc\n#d\n"], &Query { budget: 5, ..limit(9) }, &["bb", "cc"]);
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("0");
    std::fs::write(&path, b"aa\nbb\n").unwrap();
    let cut = |budget, most| {
        let segment = Segment { path: path.clone(), begun: 0, bytes: 6 };
        let query = Query { budget, ..limit(most) };
        newest(vec![segment], &query, |entry| Some(entry.to_vec())).unwrap().cut
    };
    assert_eq!((cut(1, 9), cut(1, 1), cut(100, 9)), (true, false, false));
}

#[test]
fn a_segment_that_went_away_is_passed_over() {
    let gone = Segment { path: PathBuf::from("/nonexistent/segment"), begun: 0, bytes: 9 };
    assert!(newest(vec![gone], &limit(1), |entry| Some(entry.to_vec())).unwrap().entries.is_empty());
}

#[test]
fn lines_longer_than_a_block_come_whole() {
    let long = "x".repeat(300_000);
    check(&[format!("a\n{long}\nb\n{long}").as_bytes()], &limit(9), &["a", &long, "b"]);
}

proptest! {
    #[test]
    fn backwards_gives_what_forwards_would(
        lines in prop::collection::vec("[a-z]{0,3}|[a-z]{60000,70000}", 0..6),
        torn in "[a-z]{0,3}|[a-z]{140000}",
    ) {
        let mut content: String = lines.iter().map(|line| format!("{line}\n")).collect();
        content.push_str(&torn);
        let expect: Vec<&str> = lines.iter().map(String::as_str).collect();
        check(&[content.as_bytes()], &limit(100), &expect);
    }
}
