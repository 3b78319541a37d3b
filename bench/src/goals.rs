//! What was promised, held against what was found. A goal whose figures were not taken says nothing.

use crate::report::text::number;
use crate::report::{Key, Report, Verdict};

/// Every goal that this report can judge.
pub(crate) fn judge(report: &Report) -> Vec<Verdict> {
    let goals = [throughput(report), cpu(report), large(report)];
    goals.into_iter().flatten().collect()
}

const SMALL: &str = "A: Rust, 64 connections, 13 B";
const LARGE: &str = "A: Rust, 64 connections, 64 KiB";

fn warm(report: &Report, case: &str, of: &str, metric: &str) -> Option<f64> {
    Some(report.summary(&Key { scenario: "warm", case, of }, metric)?.median)
}

fn throughput(report: &Report) -> Option<Verdict> {
    let of = |of| warm(report, SMALL, of, "throughput");
    Some(at_least("throughput at least nginx's", of("funcd")?, of("nginx")?, 1.0))
}

fn cpu(report: &Report) -> Option<Verdict> {
    let of = |of| warm(report, SMALL, of, "CPU of the proxy");
    Some(at_most(
        "CPU a request at most 0.97 times nginx's (22 µs where nginx takes 22.6)",
        of("funcd")?,
        of("nginx")?,
        0.97,
    ))
}

fn large(report: &Report) -> Option<Verdict> {
    let of = |of| warm(report, LARGE, of, "throughput");
    Some(at_least("64 KiB answers: throughput at least 1.25 times nginx's", of("funcd")?, of("nginx")?, 1.25))
}

fn at_least(goal: &str, found: f64, other: f64, ratio: f64) -> Verdict {
    compare(goal, found, other, found >= other * ratio)
}

fn at_most(goal: &str, found: f64, other: f64, ratio: f64) -> Verdict {
    compare(goal, found, other, found <= other * ratio)
}

fn compare(goal: &str, found: f64, other: f64, pass: bool) -> Verdict {
    let found = format!("{} against {}: {:.2} times", number(found), number(other), found / other);
    Verdict { goal: goal.to_owned(), found, pass }
}
