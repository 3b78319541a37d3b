use std::process::Command;

use model::invoke::Source;
use model::record::Timings;

use super::*;
use crate::line::Stream;

const URN: &str = "urn:fss:here:p:function:default:shop";

fn config(dir: &tempfile::TempDir) -> Config {
    Config::new(dir.path().join("telemetry"))
}

fn open(dir: &tempfile::TempDir) -> Telemetry {
    Telemetry::open(config(dir)).unwrap()
}

fn line(instance: &str, request: Option<&str>, text: &str) -> Line {
    Line {
        at: model::time::now(),
        function: URN.into(),
        version: "latest".into(),
        instance: instance.into(),
        stream: Stream::Stderr,
        request_id: request.map(Into::into),
        tags: None,
        text: text.into(),
    }
}

fn record(request: &str, instance: Option<&str>) -> Record {
    Record {
        request_id: request.into(),
        function: URN.into(),
        version: "latest".into(),
        revision: 3,
        instance: instance.map(Into::into),
        source: Source::Gateway,
        method: "GET".into(),
        path: "/\n\u{1b}[2J".into(),
        status: 200,
        error: None,
        started: model::time::now(),
        timings: Timings::default(),
        request_bytes: 1,
        response_bytes: 2,
        memory_bytes: 3,
        memory_mb: 128,
    }
}

fn texts(lines: &[Line]) -> Vec<&str> {
    lines.iter().map(|line| line.text.as_str()).collect()
}

/// Lines of two instances and two requests, asked for with `query`.
fn check(query: Query, expect: &[&str]) {
    let dir = tempfile::tempdir().unwrap();
    let telemetry = open(&dir);
    for (instance, request, text) in
        [("i1", None, "up"), ("i1", Some("r1"), "one"), ("i2", Some("r2"), "two"), ("i1", Some("r2"), "three")]
    {
        telemetry.log(line(instance, request, text));
    }
    telemetry.flush();
    assert_eq!(texts(&telemetry.lines(URN, &query).unwrap()), expect);
}

#[test]
fn lines_come_oldest_first_and_the_newest_of_them() {
    check(Query::default(), &["up", "one", "two", "three"]);
    check(Query { limit: 2, ..Query::default() }, &["two", "three"]);
    check(Query { limit: 0, ..Query::default() }, &[]);
}

#[test]
fn lines_are_found_by_instance_request_and_time() {
    check(Query { instance: Some("i1".into()), ..Query::default() }, &["up", "one", "three"]);
    check(Query { request_id: Some("r2".into()), ..Query::default() }, &["two", "three"]);
    check(Query { request_id: Some("r2".into()), instance: Some("i2".into()), ..Query::default() }, &["two"]);
    let later = model::time::now().checked_add(Duration::from_hours(1)).unwrap();
    check(Query { since: Some(later), ..Query::default() }, &[]);
}

#[test]
fn a_line_comes_back_as_it_was_logged_even_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let forged = line("i1", None, "\"}\n{\"stream\":\"system\",\"text\":\"forged\"}\u{1b}[2J");
    open(&dir).log(forged.clone());
    let telemetry = open(&dir);
    assert_eq!(telemetry.lines(URN, &Query::default()).unwrap(), [forged]);
    telemetry.log(line("i2", None, "next"));
    telemetry.flush();
    assert_eq!(telemetry.lines(URN, &Query::default()).unwrap().len(), 2);
}

#[test]
fn records_are_kept_beside_lines() {
    let dir = tempfile::tempdir().unwrap();
    let telemetry = open(&dir);
    telemetry.log(line("i1", Some("r1"), "text"));
    telemetry.record(record("r1", Some("i1")));
    telemetry.record(record("r2", None));
    telemetry.flush();
    let all = telemetry.records(URN, &Query::default()).unwrap();
    assert_eq!(all.iter().map(|record| &*record.request_id).collect::<Vec<_>>(), ["r1", "r2"]);
    let of_instance = telemetry.records(URN, &Query { instance: Some("i1".into()), ..Query::default() }).unwrap();
    assert_eq!(of_instance.len(), 1);
    assert_eq!(of_instance.first().map(|record| record.path.as_str()), Some("/\n\u{1b}[2J"));
}

#[test]
fn functions_do_not_see_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let telemetry = open(&dir);
    for function in ["a", "../a", "a/../../b", ""] {
        telemetry.log(Line { function: function.into(), ..line("i", None, function) });
    }
    telemetry.flush();
    for function in ["a", "../a", "a/../../b", ""] {
        assert_eq!(texts(&telemetry.lines(function, &Query::default()).unwrap()), [function]);
        assert_eq!(texts(&telemetry.tail(function, 9)), [function]);
    }
    let beside: Vec<_> = std::fs::read_dir(dir.path()).unwrap().flatten().collect();
    assert_eq!(beside.len(), 1, "nothing outside telemetry's folder: {beside:?}");
}

#[test]
fn the_tail_is_bounded_by_lines_and_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let telemetry = open(&dir);
    for number in 0..1_000 {
        telemetry.log(line("i", None, &number.to_string()));
    }
    assert_eq!(texts(&telemetry.tail(URN, 2)), ["998", "999"]);
    assert_eq!(telemetry.tail(URN, usize::MAX).len(), 500);
    for _ in 0..10 {
        telemetry.log(line("i", None, &"x".repeat(60_000)));
    }
    assert_eq!(telemetry.tail(URN, usize::MAX).len(), 2);
}

#[test]
fn followers_get_lines_from_now_on_until_the_function_is_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let telemetry = open(&dir);
    telemetry.log(line("i", None, "before"));
    let mut follower = telemetry.follow(URN);
    telemetry.log(line("i", None, "after"));
    assert_eq!(follower.try_recv().unwrap().text, "after");
    telemetry.forget(URN);
    assert!(matches!(follower.try_recv(), Err(broadcast::error::TryRecvError::Closed)));
}

#[test]
fn a_follower_that_lags_is_told_how_much_it_missed() {
    let dir = tempfile::tempdir().unwrap();
    let telemetry = open(&dir);
    let mut follower = telemetry.follow(URN);
    for number in 0..1_030 {
        telemetry.log(line("i", None, &number.to_string()));
    }
    assert!(matches!(follower.try_recv(), Err(broadcast::error::TryRecvError::Lagged(6))));
    assert_eq!(follower.try_recv().unwrap().text, "6");
}

#[test]
fn a_forgotten_function_leaves_nothing_and_may_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let telemetry = open(&dir);
    telemetry.log(line("i", None, "old"));
    telemetry.record(record("r", None));
    telemetry.forget(URN);
    telemetry.log(line("i", None, "new"));
    telemetry.flush();
    assert_eq!(texts(&telemetry.lines(URN, &Query::default()).unwrap()), ["new"]);
    assert_eq!(texts(&telemetry.tail(URN, 9)), ["new"]);
    assert!(telemetry.records(URN, &Query::default()).unwrap().is_empty());
    telemetry.forget(URN);
    telemetry.flush();
    assert_eq!(std::fs::read_dir(config(&dir).dir).unwrap().count(), 0);
}

#[test]
fn entries_older_than_the_age_are_not_shown() {
    let dir = tempfile::tempdir().unwrap();
    let telemetry = Telemetry::open(Config { max_age: Duration::from_secs(3_600), ..config(&dir) }).unwrap();
    let old = model::time::now().checked_sub(Duration::from_secs(3_700)).unwrap();
    telemetry.log(Line { at: old, ..line("i", None, "old") });
    telemetry.log(line("i", None, "new"));
    telemetry.flush();
    assert_eq!(texts(&telemetry.lines(URN, &Query::default()).unwrap()), ["new"]);
}

#[test]
fn old_files_of_functions_nobody_calls_go_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    open(&dir).log(line("i", None, "old"));
    let folder = segment::folder(&config(&dir).dir, URN);
    for file in std::fs::read_dir(&folder).unwrap().flatten() {
        let long_ago = std::time::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        std::fs::File::options().write(true).open(file.path()).unwrap().set_modified(long_ago).unwrap();
    }
    open(&dir).flush();
    assert!(!folder.try_exists().unwrap());
}

#[test]
fn a_folder_that_cannot_be_written_costs_lines_but_counts_them() {
    let dir = tempfile::tempdir().unwrap();
    let telemetry = open(&dir);
    let folder = segment::folder(&config(&dir).dir, URN);
    std::fs::write(&folder, "in the way").unwrap();
    telemetry.log(line("i", None, "lost"));
    telemetry.record(record("r", None));
    telemetry.flush();
    assert_eq!(telemetry.dropped(), (1, 1));
    assert_eq!(texts(&telemetry.tail(URN, 9)), ["lost"]);
    std::fs::remove_file(&folder).unwrap();
    telemetry.log(line("i", None, "kept"));
    telemetry.flush();
    assert_eq!(texts(&telemetry.lines(URN, &Query::default()).unwrap()), ["kept"]);
    assert_eq!(telemetry.dropped(), (1, 1));
}

#[test]
fn a_folder_removed_by_somebody_is_made_again() {
    let dir = tempfile::tempdir().unwrap();
    let telemetry = Telemetry::open(Config { max_bytes: 8 * 1024, ..config(&dir) }).unwrap();
    telemetry.log(line("i", None, "gone"));
    telemetry.flush();
    std::fs::remove_dir_all(config(&dir).dir).unwrap();
    // Enough for new segments, whose folder is missing; then it is made again.
    for number in 0..100 {
        telemetry.log(line("i", None, &format!("{number:0>200}")));
        telemetry.flush();
    }
    let kept = telemetry.lines(URN, &Query::default()).unwrap();
    assert!(kept.last().is_some_and(|line| line.text.ends_with("99")), "{kept:?}");
}

#[test]
fn a_flood_faster_than_the_disk_never_waits_and_every_line_is_written_or_counted() {
    let dir = tempfile::tempdir().unwrap();
    let telemetry = Telemetry::open(Config { max_bytes: 1 << 40, ..config(&dir) }).unwrap();
    let text = "x".repeat(1_000);
    let sent = 60_000;
    for _ in 0..sent {
        telemetry.log(line("i", None, &text));
    }
    telemetry.flush();
    let written = telemetry.lines(URN, &Query { limit: usize::MAX, ..Query::default() }).unwrap().len() as u64;
    assert_eq!(written + telemetry.dropped().0, sent);
}

/// A file system of a few pages, unmounted when dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=128k", "tmpfs"]).arg(dir.path()).status();
        mounted.is_ok_and(|status| status.success()).then_some(Self(dir))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_drops_and_counts_and_writing_goes_on_when_there_is_room() {
    let Some(disk) = SmallDisk::new() else {
        eprintln!("SKIPPED: a full disk needs the right to mount a tmpfs");
        return;
    };
    let telemetry = open(&disk.0);
    let text = "x".repeat(1_000);
    for _ in 0..300 {
        telemetry.log(line("i", None, &text));
        telemetry.flush();
    }
    let all = Query { limit: usize::MAX, ..Query::default() };
    let written = telemetry.lines(URN, &all).unwrap().len() as u64;
    assert!(written > 50 && telemetry.dropped().0 > 50, "{written} written, {:?} dropped", telemetry.dropped());
    assert_eq!(written + telemetry.dropped().0, 300);
    let grown = Command::new("mount").args(["-o", "remount,size=1m"]).arg(disk.0.path()).status().unwrap();
    assert!(grown.success());
    telemetry.log(line("i", None, "room again"));
    telemetry.flush();
    let lines = telemetry.lines(URN, &all).unwrap();
    assert_eq!(lines.len() as u64, written + 1);
    assert_eq!(lines.last().map(|line| line.text.as_str()), Some("room again"));
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error_that_names_it() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("telemetry"), "a file").unwrap();
    let error = Telemetry::open(config(&dir)).unwrap_err().to_string();
    assert!(error.starts_with("make the telemetry folder ") && error.contains("/telemetry: "), "{error}");
}

const PROJECT: &str = "urn:fss:here:p";

/// (invocations, failures) since a moment.
fn counted(telemetry: &Telemetry, name: &str, since: Timestamp) -> (u64, u64) {
    let minutes = telemetry.minutes(name, since).unwrap();
    let sum = |each: fn(&Minute) -> u64| minutes.iter().map(each).sum();
    (sum(|minute| minute.counts.invocations), sum(|minute| minute.counts.failures))
}

#[test]
fn invocations_are_counted_by_function_and_project_and_survive_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let hour_ago = model::time::now().checked_sub(Duration::from_hours(1)).unwrap();
    let telemetry = open(&dir);
    telemetry.record(record("r1", Some("i")));
    telemetry.record(Record { status: 500, ..record("r2", Some("i")) });
    telemetry.record(Record { function: format!("{URN}2").into(), ..record("r3", None) });
    let check = |telemetry: &Telemetry, (own, all): ((u64, u64), (u64, u64))| {
        assert_eq!((counted(telemetry, URN, hour_ago), counted(telemetry, PROJECT, hour_ago)), (own, all));
        let months = telemetry.months(PROJECT).unwrap();
        assert_eq!(months.iter().map(|month| month.counts.invocations).sum::<u64>(), all.0);
        assert!(telemetry.months(URN).unwrap().len() <= 1);
    };
    check(&telemetry, ((2, 1), (3, 1)));
    drop(telemetry);
    let telemetry = open(&dir);
    check(&telemetry, ((2, 1), (3, 1)));
    telemetry.record(record("r4", Some("i")));
    check(&telemetry, ((3, 1), (4, 1)));
    telemetry.forget(&format!("{URN}2"));
    check(&telemetry, ((3, 1), (4, 1)));
    let later = model::time::now().checked_add(Duration::from_hours(1)).unwrap();
    assert_eq!(counted(&telemetry, URN, later), (0, 0));
}

/// What a killed process leaves: records that are in no minute.
#[test]
fn records_that_a_killed_process_had_not_counted_are_counted_once() {
    let dir = tempfile::tempdir().unwrap();
    let hour_ago = model::time::now().checked_sub(Duration::from_hours(1)).unwrap();
    let telemetry = open(&dir);
    telemetry.record(record("r1", Some("i")));
    drop(telemetry);
    let folder = segment::folder(&config(&dir).dir, URN);
    let records = segment::list(&folder, Kind::Records).unwrap().remove(0).path;
    let mut more = Vec::new();
    for request in ["r2", "r3"] {
        crate::line::ndjson(&record(request, None), &mut more).unwrap();
    }
    more.extend(b"{\"torn");
    use std::io::Write as _;
    std::fs::OpenOptions::new().append(true).open(&records).unwrap().write_all(&more).unwrap();
    for _ in 0..3 {
        let telemetry = open(&dir);
        assert_eq!((counted(&telemetry, URN, hour_ago).0, counted(&telemetry, PROJECT, hour_ago).0), (3, 3));
        assert_eq!(telemetry.months(PROJECT).unwrap().iter().map(|month| month.counts.invocations).sum::<u64>(), 3);
    }
    // Neither is anything known of what was counted: all of it is counted again.
    std::fs::remove_dir_all(segment::folder(&config(&dir).dir, PROJECT)).unwrap();
    for minutes in segment::list(&folder, Kind::Minutes).unwrap() {
        std::fs::remove_file(minutes.path).unwrap();
    }
    let telemetry = open(&dir);
    assert_eq!((counted(&telemetry, URN, hour_ago).0, counted(&telemetry, PROJECT, hour_ago).0), (3, 3));
}

#[test]
fn what_is_said_after_leaving_is_the_heirs_and_every_record_is_counted_once() {
    let dir = tempfile::tempdir().unwrap();
    let old = open(&dir);
    old.log(line("i1", None, "before"));
    old.record(record("r1", Some("i1")));
    let (given, taken) = std::sync::mpsc::sync_channel(8);
    old.leave_to(Heir::new(move |entry| given.send(entry).is_ok()));
    let next = open(&dir);
    old.log(line("i1", None, "after"));
    old.record(record("r2", Some("i1")));
    old.flush();
    drop(old);
    for entry in taken {
        match entry {
            crate::Entry::Line(line) => next.log((*line).clone()),
            crate::Entry::Record(record) => next.record(*record),
        }
    }
    assert_eq!(texts(&next.lines(URN, &Query { limit: 9, ..Query::default() }).unwrap()), ["before", "after"]);
    let minutes = next.minutes(URN, Timestamp::MIN).unwrap();
    assert_eq!(minutes.iter().map(|minute| minute.counts.invocations).sum::<u64>(), 2, "{minutes:?}");
}

#[test]
fn what_the_heir_does_not_take_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let old = open(&dir);
    old.leave_to(Heir::new(|_| false));
    old.log(line("i1", None, "lost"));
    old.record(record("r1", None));
    old.flush();
    assert_eq!(old.dropped(), (1, 1));
    assert_eq!(old.lines(URN, &Query { limit: 9, ..Query::default() }).unwrap(), []);
}
