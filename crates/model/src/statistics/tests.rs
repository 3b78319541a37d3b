use std::borrow::Cow;

use super::*;
use crate::invoke::Source;
use crate::record::Timings;

fn record(status: u16, error: Option<Kind>, served: bool) -> Record {
    Record {
        request_id: "r".into(),
        function: "urn:fss:here:p:function:default:f".into(),
        version: "latest".into(),
        revision: 1,
        instance: served.then(|| "i".into()),
        source: Source::Gateway,
        method: "GET".into(),
        path: "/".to_owned(),
        status,
        error: error.map(|kind| Cow::Borrowed(kind.name())),
        started: crate::time::now(),
        timings: Timings { queue_us: 100, total_us: 1_600, ..Timings::default() },
        request_bytes: 0,
        response_bytes: 0,
        memory_bytes: 1 << 20,
        memory_mb: 512,
    }
}

/// (failures, the function's, the platform's, rejects) of one invocation.
#[track_caller]
fn check(status: u16, error: Option<Kind>, expect: [u64; 4]) {
    let mut counts = Counts::default();
    counts.record(&record(status, error, true));
    assert_eq!(counts.invocations, 1);
    assert_eq!([counts.failures, counts.function_errors, counts.system_errors, counts.rejects], expect);
}

#[test]
fn every_end_of_an_invocation_is_counted_once_and_where_it_belongs() {
    check(200, None, [0, 0, 0, 0]);
    check(302, None, [0, 0, 0, 0]);
    check(404, None, [1, 1, 0, 0]);
    check(500, None, [1, 1, 0, 0]);
    check(504, Some(Kind::TimedOut), [1, 1, 0, 0]);
    check(500, Some(Kind::Internal), [1, 0, 1, 0]);
    check(503, Some(Kind::Busy), [1, 0, 1, 0]);
    check(429, Some(Kind::Throttled), [0, 0, 0, 1]);
    check(403, Some(Kind::Disabled), [0, 0, 0, 1]);
    check(499, Some(Kind::Cancelled), [0, 0, 0, 0]);
    check(413, Some(Kind::RequestTooLarge), [0, 0, 0, 0]);
}

#[test]
fn only_what_an_instance_served_has_a_duration_and_is_billed_by_the_millisecond() {
    let mut counts = Counts::default();
    counts.record(&record(429, Some(Kind::Throttled), false));
    assert_eq!((counts.durations, counts.mb_ms), (Spread::default(), 0));
    counts.record(&record(200, None, true));
    assert_eq!(counts.durations, Spread { count: 1, sum: 1_500, least: 1_500, most: 1_500 });
    assert_eq!(counts.mb_ms, 512 * 2);
    assert!((counts.gb_seconds() - 0.001).abs() < 1e-9);
}

#[test]
fn spans_of_time_keep_the_most_and_functions_add_up() {
    let gauges = |concurrency| Some(Gauges { concurrency, instances: 1, reserved: 0 });
    let one = Counts { invocations: 2, gauges: gauges(3), ..Counts::default() };
    let two = Counts { invocations: 5, gauges: gauges(4), ..Counts::default() };
    let mut time = one.clone();
    time.then(&two);
    assert_eq!((time.invocations, time.gauges), (7, Some(Gauges { concurrency: 4, instances: 1, reserved: 0 })));
    let mut both = one.clone();
    both.beside(&two);
    assert_eq!((both.invocations, both.gauges), (7, Some(Gauges { concurrency: 7, instances: 2, reserved: 0 })));
    let mut quiet = one.clone();
    quiet.then(&Counts::default());
    assert_eq!(quiet, one);
}

#[test]
fn a_project_is_the_first_half_of_a_urn() {
    assert_eq!(project_of("urn:fss:here:p0:function:default:f"), Some("urn:fss:here:p0"));
    assert_eq!(project_of("urn:fss:here:p0"), None);
    assert_eq!(project_of("x"), None);
}

#[test]
fn every_kind_is_found_by_its_name() {
    for kind in Kind::ALL {
        assert_eq!(Kind::named(kind.name()), Some(kind));
    }
    assert_eq!(Kind::named("nobody"), None);
}
