//! What invocations came to over time, of a function or of the project; and what each function used.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use axum::Json;
use axum::extract::State as Extract;
use jiff::Timestamp;
use model::statistics::Counts;
use telemetry::{Minute, minute_of};
use wire::codes;
use wire::funcd::history::{self as shape, History, Instances, Latency, Memory, Point};
use wire::funcd::usage::{self, ListUsageResponse, Usage};

use super::scope::Scope;
use crate::caller::Caller;
use crate::error::Error;
use crate::problems::Problems;
use crate::query::Query;
use crate::router::Routes;
use crate::state::State;

/// Points of an answer, if nothing is said.
const USUAL: i64 = 240;
/// Points of an answer at most: a day by the minute, and some.
const MOST: i64 = 1_500;
/// Minutes that are kept.
const KEPT: i64 = 31 * 24 * 60;
/// Minutes of a point that divide a day.
const STEPS: [i64; 11] = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 1_440];

pub(crate) fn routes(routes: &mut Routes) {
    routes.on(shape::SHOW, show).on(usage::LIST, list);
}

async fn show(Extract(state): Extract<State>, caller: Caller, query: Query) -> Result<Json<History>, Error> {
    let scope = Scope::read(&query, &caller, &state)?;
    let mut problems = Problems::default();
    let minutes = minutes(&query, Duration::from_hours(1), &mut problems);
    let span = minutes.end() - minutes.start() + 1;
    let usual = STEPS.into_iter().find(|step| span <= step * USUAL).unwrap_or(1_440);
    let step = query.bounded("step", (1, usual, 1_440), &mut problems);
    let step = i64::try_from(step).unwrap_or(usual).max(1);
    problems.unless(span / step <= MOST, codes::QUERY, || {
        format!(
            "query parameter step must be at least {} for so long a time: an answer has at most {MOST} points",
            span / MOST + 1
        )
    });
    problems.finish()?;
    let telemetry = state.telemetry.clone();
    let (name, since) = (scope.name(), beginning(*minutes.start()));
    let kept = tokio::task::spawn_blocking(move || telemetry.minutes(&name, since)).await??;
    Ok(Json(history(&minutes, step, kept)))
}

async fn list(Extract(state): Extract<State>, caller: Caller, query: Query) -> Result<Json<ListUsageResponse>, Error> {
    let mut problems = Problems::default();
    let minutes = minutes(&query, Duration::from_hours(24), &mut problems);
    problems.finish()?;
    let names: Vec<String> =
        state.store.functions(&caller.project).iter().map(|function| function.id.to_string()).collect();
    let telemetry = state.telemetry.clone();
    let (since, end) = (beginning(*minutes.start()), *minutes.end());
    let read = move || {
        let used = |function: String| {
            let kept = telemetry.minutes(&function, since)?;
            let mut all = Counts::default();
            kept.iter().filter(|kept| kept.minute <= end).for_each(|kept| all.then(&kept.counts));
            Ok(used(function, &all))
        };
        names.into_iter().map(used).collect::<Result<Vec<_>, telemetry::Error>>()
    };
    let mut functions = tokio::task::spawn_blocking(read).await??;
    functions.retain(|function| function.calls + function.refused > 0);
    functions.sort_by(|a, b| b.calls.cmp(&a.calls).then_with(|| a.function.cmp(&b.function)));
    let (since, until) = (since.to_string(), beginning(end + 1).to_string());
    Ok(Json(ListUsageResponse { since, until, functions }))
}

/// The minutes from `since` to `until`, both included.
fn minutes(query: &Query, usual: Duration, problems: &mut Problems) -> RangeInclusive<i64> {
    let now = model::time::now();
    let until = query.time("until", problems).unwrap_or(now).min(now);
    let since = query.time("since", problems).or_else(|| until.checked_sub(usual).ok()).unwrap_or(until);
    problems.unless(since <= until, codes::QUERY, || "since must not be after until, nor in the future".to_owned());
    let first = minute_of(since).max(minute_of(now) - KEPT);
    first..=minute_of(until).max(first)
}

fn beginning(minute: i64) -> Timestamp {
    Timestamp::from_second(minute.saturating_mul(60)).unwrap_or(Timestamp::MIN)
}

fn history(minutes: &RangeInclusive<i64>, step: i64, kept: Vec<Minute>) -> History {
    let mut spans = BTreeMap::<i64, Counts>::new();
    // The minute under way is there before anything happened in it.
    let something = |kept: &Minute| minutes.contains(&kept.minute) && kept.counts != Counts::default();
    for Minute { minute, counts } in kept.into_iter().filter(something) {
        spans.entry(minute.div_euclid(step)).or_default().then(&counts);
    }
    let edge = |span: i64| beginning(span.saturating_mul(step)).to_string();
    History {
        since: edge(minutes.start().div_euclid(step)),
        until: edge(minutes.end().div_euclid(step) + 1),
        step: u64::try_from(step * 60).unwrap_or_default(),
        points: spans.iter().map(|(span, counts)| point(edge(*span), counts)).collect(),
    }
}

fn point(at: String, counts: &Counts) -> Point {
    let waits = &counts.waits;
    let percentile = |of_hundred| waits.percentile(of_hundred);
    let latency = percentile(50).zip(percentile(95)).zip(percentile(99));
    // What an earlier version of funcd wrote has durations, but neither waits nor cold starts.
    let counted = counts.durations.count == 0 || waits.count() > 0;
    let memory = counts.memory;
    Point {
        at,
        calls: counts.invocations,
        function_errors: counts.function_errors,
        system_errors: counts.system_errors,
        throttles: counts.rejects,
        refused: counts.refused,
        cold_starts: counted.then_some(counts.cold_starts),
        latency: latency.map(|((p50_us, p95_us), p99_us)| Latency { p50_us, p95_us, p99_us }),
        memory: memory.sum.checked_div(memory.count).map(|mean| Memory { mean, most: memory.most }),
        instances: counts.gauges.map(|seen| Instances {
            on_demand: seen.instances,
            reserved: seen.reserved,
            concurrency: seen.concurrency,
        }),
        gb_seconds: counts.gb_seconds(),
    }
}

fn used(function: String, counts: &Counts) -> Usage {
    Usage {
        function,
        calls: counts.invocations,
        failures: counts.failures,
        throttles: counts.rejects,
        refused: counts.refused,
        gb_seconds: counts.gb_seconds(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(minute: i64, calls: u64) -> Minute {
        Minute { minute, counts: Counts { invocations: calls, ..Counts::default() } }
    }

    /// (second of the beginning, calls) of each point.
    #[track_caller]
    fn check(minutes: RangeInclusive<i64>, step: i64, expect: &[(i64, u64)]) {
        let kept = vec![minute(9, 7), minute(10, 1), minute(12, 0), minute(14, 2), minute(17, 4)];
        let answer = history(&minutes, step, kept);
        let second = |at: &str| at.parse::<Timestamp>().unwrap().as_second();
        let got: Vec<_> = answer.points.iter().map(|point| (second(&point.at), point.calls)).collect();
        assert_eq!(got, expect);
    }

    #[test]
    fn a_span_without_anything_is_a_gap_and_what_is_outside_does_not_count() {
        check(10..=17, 1, &[(600, 1), (840, 2), (1_020, 4)]);
        check(10..=17, 5, &[(600, 3), (900, 4)]);
        check(11..=13, 1, &[]);
    }

    #[test]
    fn what_an_earlier_version_did_not_count_is_absent() {
        let mut old = Counts::default();
        old.durations.count = 1;
        assert_eq!((point(String::new(), &old).cold_starts, point(String::new(), &old).latency), (None, None));
        assert_eq!(point(String::new(), &Counts::default()).cold_starts, Some(0));
    }
}
