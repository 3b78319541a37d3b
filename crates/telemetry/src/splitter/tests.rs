use proptest::prelude::*;

use super::*;

const MIB: u32 = 1024 * 1024;

/// Feeds each piece at its time in milliseconds and returns the lines, the unfinished one included.
fn split(mut splitter: LineSplitter, pieces: &[(&[u8], u64)]) -> Vec<String> {
    let mut lines = Vec::new();
    for (bytes, ms) in pieces {
        splitter.feed(bytes, Duration::from_millis(*ms), &mut |line| lines.push(line));
    }
    splitter.finish(&mut |line| lines.push(line));
    lines
}

fn check(pieces: &[&[u8]], expect: &[&str]) {
    let timed: Vec<(&[u8], u64)> = pieces.iter().map(|piece| (*piece, 0)).collect();
    assert_eq!(split(LineSplitter::new(MIB, 4 * MIB), &timed), expect);
}

/// The bytes a "bytes dropped" line stands for.
fn dropped(line: &str) -> Option<u64> {
    line.strip_prefix("[funcd: ")?.split_once(" bytes dropped")?.0.parse().ok()
}

#[test]
fn lines_end_at_line_feeds_and_the_rest_at_finish() {
    check(&[b"a\nb", b"b\n\nc"], &["a", "bb", "", "c"]);
}

#[test]
fn a_carriage_return_before_the_line_feed_belongs_to_the_line_end() {
    check(&[b"a\r\nb\rc\r", b"\n\r\r\n"], &["a", "b\rc", "\r"]);
}

#[test]
fn a_character_cut_by_a_read_is_put_together_again() {
    check(&["日".as_bytes().split_at(1).0, "日\n".as_bytes().split_at(1).1], &["日"]);
}

#[test]
fn bytes_that_are_no_text_become_replacement_characters() {
    check(&[b"\xff\xfea\n"], &["\u{fffd}\u{fffd}a"]);
}

#[test]
fn control_characters_and_nul_are_kept() {
    check(&[b"\x1b[31m\0\n"], &["\u{1b}[31m\0"]);
}

#[test]
fn a_line_without_end_is_split_at_64_kib_between_characters() {
    let text = "日".repeat(50_000);
    let lines = split(LineSplitter::new(MIB, 4 * MIB), &[(text.as_bytes(), 0)]);
    assert_eq!(lines.iter().map(String::len).collect::<Vec<_>>(), [65_535, 65_535, 18_930]);
    assert_eq!(lines.concat(), text);
}

#[test]
fn no_line_is_longer_than_64_kib_even_when_all_bytes_are_replaced() {
    let lines = split(LineSplitter::new(MIB, 4 * MIB), &[(&[0xff; 100_000], 0)]);
    assert!(lines.iter().all(|line| line.len() <= LINE_BYTES));
    assert_eq!(lines.concat().chars().count(), 100_000);
}

#[test]
fn a_flood_is_cut_at_the_burst_and_counted() {
    let flood = [b'x'; 10_000];
    let lines = split(LineSplitter::new(100, 1_000), &[(&flood, 0)]);
    assert_eq!(lines.first().map(String::len), Some(1_000));
    assert_eq!(lines.get(1).and_then(|line| dropped(line)), Some(9_000));
}

#[test]
fn after_a_flood_lines_pass_again_from_a_line_start() {
    let mut flood = b"x".repeat(2_000);
    flood.extend_from_slice(b"\n");
    let lines =
        split(LineSplitter::new(1_600, 1_000), &[(&flood, 0), (b"still the flood", 10), (b" tail\nafter\n", 1_000)]);
    assert_eq!(lines.get(1).and_then(|line| dropped(line)), Some(1_001 + 15 + 6));
    assert_eq!(lines.get(2).map(String::as_str), Some("after"));
}

#[test]
fn a_lasting_flood_is_reported_each_second() {
    let chunk = b"x".repeat(1_000);
    let pieces: Vec<(&[u8], u64)> = (0..50).map(|step| (chunk.as_slice(), step * 100)).collect();
    // With no refill the flood never ends; 5 seconds give a report each second and one at the end.
    let lines = split(LineSplitter::new(0, 500), &pieces);
    let reports: Vec<u64> = lines.iter().filter_map(|line| dropped(line)).collect();
    assert_eq!(reports.len(), 5);
    assert_eq!(reports.iter().sum::<u64>() + 500, 50_000);
}

#[test]
fn a_flood_that_has_ended_is_reported_without_more_output() {
    let mut splitter = LineSplitter::new(100, 100);
    let mut lines = Vec::new();
    splitter.feed(&[b'x'; 1_000], Duration::ZERO, &mut |line| lines.push(line));
    splitter.feed(b"", Duration::from_secs(2), &mut |line| lines.push(line));
    assert_eq!(lines.last().and_then(|line| dropped(line)), Some(900));
}

#[test]
fn empty_lines_pay_for_their_place_too() {
    let flood = b"\n".repeat(1_000_000);
    let lines = split(LineSplitter::new(MIB, 4 * MIB), &[(&flood, 0)]);
    assert!(lines.len() < 34_000, "{} lines", lines.len());
}

#[test]
fn without_any_budget_all_is_counted() {
    let lines = split(LineSplitter::new(0, 0), &[(b"abc\n", 0), (b"d", 5_000)]);
    assert_eq!(lines.iter().filter_map(|line| dropped(line)).sum::<u64>(), 5);
}

#[test]
fn a_clock_that_goes_back_refills_nothing() {
    let lines = split(LineSplitter::new(1_000, 10), &[(b"0123456789", 5_000), (b"lost", 0)]);
    assert_eq!(lines.iter().filter_map(|line| dropped(line)).sum::<u64>(), 4);
}

proptest! {
    /// What is fed is either in a line or in a count; ASCII without carriage returns, so that bytes can be compared.
    #[test]
    fn no_byte_is_lost_uncounted(
        pieces in prop::collection::vec(("[a-z\n]{0,300}", 0u64..500), 0..40),
        rate in 0u32..4_000,
        burst in 0u32..4_000,
    ) {
        let mut splitter = LineSplitter::new(rate, burst);
        let (mut kept, mut counted, mut now) = (0u64, 0u64, 0);
        let mut fed = 0u64;
        let mut emit = |line: String| match dropped(&line) {
            Some(count) => counted += count,
            None => kept += line.len() as u64,
        };
        let mut line_ends = 0u64;
        for (text, pause) in &pieces {
            now += pause;
            fed += text.len() as u64;
            line_ends += text.matches('\n').count() as u64;
            splitter.feed(text.as_bytes(), Duration::from_millis(now), &mut emit);
        }
        splitter.finish(&mut emit);
        // A line end is either what ended a kept line, or counted.
        prop_assert!(kept + counted <= fed);
        prop_assert!(kept + counted + line_ends >= fed);
        // Never more than the budget, one line's cost of debt aside.
        prop_assert!(kept <= u64::from(burst) + u64::from(rate) * now / 1_000 + 1);
    }

    #[test]
    fn any_bytes_give_lines_within_the_cap(
        pieces in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..2_000), any::<u64>()), 0..20),
        rate: u32,
        burst: u32,
    ) {
        let mut splitter = LineSplitter::new(rate, burst);
        let mut emit = |line: String| assert!(line.len() <= LINE_BYTES && !line.contains('\n'));
        for (bytes, nanos) in &pieces {
            splitter.feed(bytes, Duration::from_nanos(*nanos), &mut emit);
        }
        splitter.feed(b"x", Duration::MAX, &mut emit);
        splitter.finish(&mut emit);
    }

    /// How reads cut the output does not show, as long as the budget lasts.
    #[test]
    fn reads_do_not_show(text in "[aé日😀\n\r]{0,400}", cuts in prop::collection::vec(0usize..1_200, 0..8)) {
        let bytes = text.as_bytes();
        let mut at: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).chain([0, bytes.len()]).collect();
        at.sort_unstable();
        let pieces: Vec<(&[u8], u64)> = at.windows(2).map(|pair| (&bytes[pair[0]..pair[1]], 0)).collect();
        let budget = || LineSplitter::new(MIB, 4 * MIB);
        prop_assert_eq!(split(budget(), &pieces), split(budget(), &[(bytes, 0)]));
    }
}
