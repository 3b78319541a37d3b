use super::*;

const F: &str = "urn:fss:here:p:function:default:f";
const G: &str = "urn:fss:here:p:function:default:g";
const P: &str = "urn:fss:here:p";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn seen(concurrency: u64) -> Gauges {
    Gauges { concurrency, ..Gauges::default() }
}

#[test]
fn a_minute_ends_once_and_only_when_something_happened_in_it() {
    let tally = Tally::default();
    assert!(tally.close(at(60)).is_none());
    tally.gauge(&F.into(), seen(2));
    assert!(tally.close(at(119)).is_none());
    let (minute, functions) = tally.close(at(120)).unwrap();
    assert_eq!((minute, functions[F].gauges), (1, Some(seen(2))));
    assert_eq!(tally.look(F).closes, None);
    tally.closed();
    assert!(tally.look(F).closes.is_some());
    assert!(tally.close(at(180)).is_none());
}

#[test]
fn a_project_is_the_sum_of_its_functions_also_of_deleted_ones() {
    let tally = Tally::default();
    tally.gauge(&F.into(), seen(2));
    tally.gauge(&G.into(), seen(3));
    assert_eq!(tally.look(P).minute.counts.gauges, Some(seen(5)));
    tally.forget(F);
    assert_eq!((tally.look(P).minute.counts.gauges, tally.look(F).minute.counts.gauges), (Some(seen(5)), None));
    let (_, functions) = tally.close_last().unwrap();
    let all = with_projects(functions);
    assert_eq!((all[P].gauges, all[G].gauges, all.len()), (Some(seen(5)), Some(seen(3)), 2));
}

#[test]
fn a_month_begins_anew_and_the_one_before_is_given_away() {
    let tally = Tally::default();
    let counts = Counts { invocations: 2, ..Counts::default() };
    let january = minute_of("2026-01-31T23:59:59Z".parse().unwrap());
    let (month, ended) = tally.add_to_month(P, january, &counts);
    assert_eq!((month.month.as_str(), month.counts.invocations, ended), ("2026-01", 2, None));
    let (month, _) = tally.add_to_month(P, january, &counts);
    assert_eq!(month.counts.invocations, 4);
    let (next, ended) = tally.add_to_month(P, january + 1, &counts);
    assert_eq!((next.month.as_str(), next.counts.invocations, ended), ("2026-02", 2, Some(month)));
}
