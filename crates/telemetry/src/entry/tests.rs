use std::borrow::Cow;

use proptest::prelude::*;

use super::*;

fn plain() -> Record {
    Record {
        request_id: "0123456789abcdef0123456789abcdef".into(),
        function: "urn:fss:local:default:function:default:f".into(),
        version: "latest".into(),
        revision: 7,
        instance: Some("i-1".into()),
        source: Source::Gateway,
        method: Cow::Borrowed("GET"),
        path: "/a/b".into(),
        status: 200,
        error: None,
        started: "2026-01-02T03:04:05.678901234Z".parse().unwrap(),
        timings: Timings {
            gateway_us: 7,
            queue_us: 1,
            sandbox_us: 2,
            boot_us: 3,
            thaw_us: 4,
            first_byte_us: 5,
            total_us: 6,
        },
        request_bytes: 0,
        response_bytes: 13,
        memory_bytes: 1 << 30,
        memory_mb: 512,
    }
}

/// It is written as the general serializer writes it.
#[track_caller]
fn check(change: impl FnOnce(&mut Record)) {
    let mut given = plain();
    change(&mut given);
    let (mut written, mut expect) = (Vec::new(), Vec::new());
    record(&given, &mut written).unwrap();
    ndjson(&given, &mut expect).unwrap();
    assert_eq!(String::from_utf8_lossy(&written), String::from_utf8_lossy(&expect));
}

#[test]
fn a_record_is_written_as_any_value_is() {
    check(|_| {});
    check(|record| record.source = Source::Api);
    check(|record| (record.instance, record.error) = (None, Some(Cow::Borrowed("timed_out"))));
    check(|record| (record.status, record.revision, record.memory_bytes) = (0, u64::MAX, 10));
}

#[test]
fn no_text_ends_its_line_or_hides_a_control() {
    for path in ["\"}\n{", "\\", "\u{7f}\u{9b}31m", "\u{1b}[2J", "中文 😀", ""] {
        check(|record| record.path = path.into());
    }
}

#[test]
fn a_time_has_the_fraction_it_has() {
    for at in
        ["1970-01-01T00:00:00Z", "2026-12-31T23:59:59.1Z", "2026-12-31T23:59:59.000000001Z", "1969-12-31T23:59:59.5Z"]
    {
        check(|record| record.started = at.parse().unwrap());
    }
    for nanosecond in [-1, 1_000, 1_000_000_000, 1_000_010_000, i128::from(i64::MAX)] {
        check(|record| record.started = Timestamp::from_nanosecond(nanosecond).unwrap());
    }
    check(|record| record.started = Timestamp::MIN);
    check(|record| record.started = Timestamp::MAX);
}

proptest! {
    #[test]
    fn any_record_is_written_as_any_value_is(
        texts in proptest::array::uniform4("(?s).{0,40}"),
        numbers in proptest::array::uniform5(any::<u64>()),
        seconds in -377_705_023_201_i64..253_402_207_200,
        nanos in 0..1_000_000_000_i32,
    ) {
        let [function, instance, path, method] = texts;
        check(|record| {
            record.function = function.into();
            record.instance = Some(instance.into());
            (record.path, record.method) = (path, Cow::Owned(method));
            [record.timings.queue_us, record.timings.total_us, record.request_bytes, record.revision, record.memory_bytes] = numbers;
            record.started = Timestamp::new(seconds, nanos).unwrap_or(Timestamp::UNIX_EPOCH);
        });
    }
}
