use proptest::prelude::*;

use super::*;

const URN: &str = "urn:fss:here:p:function:default:shop";
const LIMITS: Limits = Limits { max_bytes: 64 * 1024, max_age: Duration::from_secs(800) };

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn open(root: &Path) -> Log {
    Log::open(root, URN, Kind::Lines, LIMITS).unwrap()
}

/// Writes `entry` at each of the seconds and gives the contents of the segments, oldest first.
fn check(root: &Path, entry: &str, seconds: impl IntoIterator<Item = i64>, expect: &[&str]) {
    let mut log = open(root);
    for second in seconds {
        log.push(format!("{entry}\n").as_bytes(), at(second)).unwrap();
        log.flush(at(second)).unwrap();
    }
    assert_eq!(contents(root), expect);
}

fn contents(root: &Path) -> Vec<String> {
    let segments = list(&folder(root, URN), Kind::Lines).unwrap();
    segments.iter().map(|segment| std::fs::read_to_string(&segment.path).unwrap()).collect()
}

#[test]
fn a_segment_is_gone_on_with_after_a_restart() {
    let root = tempfile::tempdir().unwrap();
    check(root.path(), "a", [0, 1], &["a\na\n"]);
    check(root.path(), "b", [2], &["a\na\nb\n"]);
}

#[test]
fn an_old_segment_is_closed_so_that_its_lines_can_go() {
    let root = tempfile::tempdir().unwrap();
    check(root.path(), "a", [0, 100, 101, 102], &["a\na\n", "a\na\n"]);
}

#[test]
fn a_line_torn_by_a_crash_does_not_spoil_the_next() {
    let root = tempfile::tempdir().unwrap();
    check(root.path(), "a", [0], &["a\n"]);
    let newest = list(&folder(root.path(), URN), Kind::Lines).unwrap().pop().unwrap();
    OpenOptions::new().append(true).open(newest.path).unwrap().write_all(b"{\"at\":\"20").unwrap();
    check(root.path(), "b", [1], &["a\n{\"at\":\"20\nb\n"]);
}

#[test]
fn a_clock_that_goes_back_keeps_the_order_of_segments() {
    let root = tempfile::tempdir().unwrap();
    let big = "x".repeat(8_000);
    let mut log = open(root.path());
    for (name, second) in [("1", 500), ("2", 100), ("3", 0)] {
        log.push(format!("{name}{big}\n").as_bytes(), at(second)).unwrap();
    }
    log.flush(at(0)).unwrap();
    let firsts: Vec<String> = contents(root.path()).iter().map(|text| text.chars().take(1).collect()).collect();
    assert_eq!(firsts, ["1", "2", "3"]);
}

#[test]
fn the_budget_holds_and_the_newest_stay() {
    let root = tempfile::tempdir().unwrap();
    let mut log = open(root.path());
    for number in 0..2_000 {
        log.push(format!("{number:0>100}\n").as_bytes(), at(0)).unwrap();
        let kept: u64 = list(&log.folder, Kind::Lines).unwrap().iter().map(|segment| segment.bytes).sum();
        assert!(kept <= LIMITS.max_bytes, "{kept} bytes after {number} lines");
    }
    log.flush(at(0)).unwrap();
    let all = contents(root.path()).concat();
    assert!(all.ends_with("1999\n") && all.len() > 50_000, "{} bytes", all.len());
    assert_eq!(all.lines().count(), all.len() / 101, "no line is cut");
}

#[test]
fn lines_and_records_have_budgets_of_their_own() {
    let root = tempfile::tempdir().unwrap();
    let mut records = Log::open(root.path(), URN, Kind::Records, LIMITS).unwrap();
    records.push(b"record\n", at(0)).unwrap();
    records.flush(at(0)).unwrap();
    check(root.path(), "a", [0], &["a\n"]);
    assert_eq!(list(&folder(root.path(), URN), Kind::Records).unwrap().len(), 1);
}

#[test]
fn what_a_full_disk_refused_is_counted_and_the_next_is_written() {
    let root = tempfile::tempdir().unwrap();
    let mut log = open(root.path());
    log.push(b"a\n", at(0)).unwrap();
    log.flush(at(0)).unwrap();
    let (_, segment) = log.active.take().unwrap();
    log.active = Some((OpenOptions::new().append(true).open("/dev/full").unwrap(), segment));
    log.push(b"b\n", at(1)).unwrap();
    log.push(b"c\n", at(1)).unwrap();
    let lost = log.flush(at(1)).unwrap_err();
    assert_eq!((lost.entries, lost.cause.kind()), (2, io::ErrorKind::StorageFull));
    log.push(b"d\n", at(2)).unwrap();
    log.flush(at(2)).unwrap();
    assert_eq!(contents(root.path()), ["a\nd\n"]);
}

#[test]
fn segments_go_when_their_newest_entry_is_too_old() {
    let root = tempfile::tempdir().unwrap();
    check(root.path(), "a", [0, 200, 400], &["a\n", "a\n", "a\n"]);
    let folder = folder(root.path(), URN);
    let newest = list(&folder, Kind::Lines).unwrap().pop().unwrap();
    File::options().write(true).open(newest.path).unwrap().set_modified(at(400).into()).unwrap();
    let left = |now| expire(&folder, Kind::Lines, LIMITS.max_age, at(now)).unwrap();
    // The first segment may hold entries until the second was begun, at 200.
    assert_eq!(left(1_000), 3);
    assert_eq!(left(1_001), 2);
    assert_eq!(left(1_201), 0);
}

#[test]
fn only_the_owner_may_look_into_logs() {
    use std::os::unix::fs::PermissionsExt as _;
    let root = tempfile::tempdir().unwrap();
    check(root.path(), "a", [0], &["a\n"]);
    let folder = folder(root.path(), URN);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&list(&folder, Kind::Lines).unwrap().pop().unwrap().path), 0o600);
}

#[test]
fn other_files_in_the_folder_are_no_segments() {
    for name in ["lines-1.ndjson", "lines-+0000000000000000001.ndjson", "lines-00000000000000000001", "function"] {
        assert_eq!(begun(name, Kind::Lines), None, "{name}");
    }
    assert_eq!(begun("lines-00000000000000000001.ndjson", Kind::Lines), Some(1));
    assert_eq!(begun("lines-00000000000000000001.ndjson", Kind::Records), None);
}

proptest! {
    #[test]
    fn no_name_leaves_the_root(name in "(?s).{0,80}") {
        let root = Path::new("/logs");
        let folder = folder(root, &name);
        prop_assert_eq!(folder.parent(), Some(root));
        prop_assert!(is_folder_name(folder.file_name().unwrap().to_str().unwrap()));
    }
}
