use super::*;
use crate::report::sample::report;

#[track_caller]
fn check(rows: &[(&str, &str, &str, &str, f64)], expect: &[(&str, bool)]) {
    let mut report = report();
    for (scenario, case, of, metric, value) in rows {
        report.add(&Key { scenario, case, of }, (metric, "unit"), *value, 0.0);
    }
    let verdicts = judge(&report);
    let found: Vec<_> = verdicts.iter().map(|verdict| (verdict.goal.as_str(), verdict.pass)).collect();
    assert_eq!(found, expect);
}

const SMALL: &str = "A: Rust, 64 connections, 13 B";

#[test]
fn what_was_not_measured_is_not_judged() {
    check(&[], &[]);
    check(&[("warm", SMALL, "funcd", "throughput", 1.0)], &[]);
}

#[test]
fn throughput_must_reach_that_of_nginx() {
    let goal = "throughput: at least nginx's";
    for (funcd, pass) in [(100.0, true), (99.0, false)] {
        let rows = [("warm", SMALL, "funcd", "throughput", funcd), ("warm", SMALL, "nginx", "throughput", 100.0)];
        check(&rows, &[(goal, pass)]);
    }
}

#[test]
fn a_burst_is_held_against_the_quickest_bare_one() {
    let row = |of, value| ("scale", "0 to 50 Node", of, "all answered", value);
    let rows = [row("funcd", 1.2), row("bare, 2 at a time", 1.0), row("bare, 4 at a time", 2.0)];
    check(&rows, &[("0 to 50 Node: at most 1.15 times the bare processes' time", false)]);
}

#[test]
fn a_verdict_on_noisy_samples_says_so() {
    let mut report = report();
    let row = Key { scenario: "memory", case: "an instance (Rust)", of: "funcd" };
    report.add(&row, ("added by the platform", "MB"), 0.5, 1.7);
    let verdicts = judge(&report);
    assert_eq!((verdicts[0].found.as_str(), verdicts[0].pass), ("0.500 ~", true));
}

#[test]
fn fewer_functions_than_promised_are_a_miss_however_little_they_take() {
    for (case, pass) in [("1000 functions, idle", true), ("400 functions, idle", false)] {
        let row = ("memory", case, "funcd", "start until ready", 120.0);
        check(&[row], &[("1,000 idle functions: ready within 500 ms", pass)]);
    }
}

#[test]
fn callers_may_notice_changes_but_little() {
    let case = "callers of a function, 1,000 requests/s";
    for (beside, pass) in [(1.4, true), (1.6, false)] {
        let rows = [("api", case, "alone", "latency p99", 1.0), ("api", case, "beside changes", "latency p99", beside)];
        check(&rows, &[("callers beside changes: p99 at most 1.5 times", pass)]);
    }
}

#[test]
fn a_limit_is_kept_in_every_window() {
    let case = "5000 requests/s, limit 1000/s";
    let row = |count| ("policies", case, "each window", "let through", count);
    for (odd, pass) in [(1000.0, true), (991.0, true), (989.0, false), (1011.0, false)] {
        let goal = "5000 requests/s, limit 1000/s: each window within 1 % of it";
        check(&[row(1000.0), row(odd), row(1000.0)], &[(goal, pass)]);
    }
}

#[test]
fn a_refusal_is_cheap_and_wakes_nobody() {
    let row = |metric, value| ("policies", "over a limit", "429", metric, value);
    for (cpu, woken, pass) in [(9.9, 0.0, (true, true)), (10.1, 1.0, (false, false))] {
        let rows = [row("CPU of the gateway", cpu), row("functions woken", woken)];
        check(&rows, &[("a 429: at most 10 µs of CPU", pass.0), ("a 429 wakes no function", pass.1)]);
    }
}

#[test]
fn policies_cost_a_request_little() {
    let row = |of, value| ("policies", "64 connections, 13 B", of, "CPU of the gateway", value);
    let goal = "all policies, AppCode: CPU at most 1.3 times that of a bare route";
    for (cpu, pass) in [(12.9, true), (13.1, false)] {
        check(&[row("no policy", 10.0), row("all policies, AppCode", cpu)], &[(goal, pass)]);
    }
}

#[test]
fn the_console_is_painted_soon() {
    let row = |case, value| ("console", case, "funcd", "largest paint", value);
    for (functions, pass) in [(1500.0, true), (1501.0, false)] {
        let expect = [
            ("the console's first view, sign in: at most 1,500 ms", true),
            ("the console's first view, functions: at most 1,500 ms", pass),
        ];
        check(&[row("sign in", 400.0), row("functions", functions)], &expect);
    }
}
