//! What was promised, held against what was found. A goal whose figures were not taken says nothing; one that rests on noisy
//! samples says so.

use crate::report::text::number;
use crate::report::{Key, Report, Verdict};
use crate::scenario::console;
use crate::stats::Summary;

/// Every goal that this report can judge.
pub(crate) fn judge(report: &Report) -> Vec<Verdict> {
    let goals = Goals { report };
    let mut verdicts: Vec<Verdict> = goals.warm().into_iter().flatten().collect();
    for case in ["Rust", "Node", "Express", "Python", "Flask", "Java"] {
        verdicts.extend(goals.cold(case).into_iter().flatten());
    }
    verdicts.extend(goals.scale());
    for (case, paged_out) in [("Node", 6.0), ("Flask", 15.0), ("Java", 15.0)] {
        verdicts.extend(goals.wake(case, paged_out).into_iter().flatten());
    }
    verdicts.extend(goals.memory().into_iter().flatten());
    verdicts.extend(goals.deploy());
    verdicts.extend(goals.api().into_iter().flatten());
    verdicts.extend(goals.policies());
    verdicts.extend(goals.heads());
    verdicts.extend(console::CASES.iter().filter_map(|case| goals.console(case)));
    verdicts
}

struct Goals<'a> {
    report: &'a Report,
}

/// A row that a goal looks at.
#[derive(Clone, Copy)]
struct Row<'a> {
    scenario: &'a str,
    case: &'a str,
    of: &'a str,
    metric: &'a str,
}

impl<'a> Row<'a> {
    fn of(self, of: &'a str) -> Self {
        Self { of, ..self }
    }
}

/// A bound: so many times the other figure and so much more.
#[derive(Clone, Copy)]
enum Bound {
    Least(f64),
    Times(f64),
    Over(f64),
}

impl Goals<'_> {
    fn figure(&self, row: Row<'_>) -> Option<(Summary, bool)> {
        let Row { scenario, case, of, metric } = row;
        let summary = self.report.summary(&Key { scenario, case, of }, metric)?;
        let noisy = self.report.figures.iter().any(|figure| {
            (figure.scenario.as_str(), figure.case.as_str(), figure.of.as_str()) == (scenario, case, of)
                && figure.noisy > 0
        });
        Some((summary, noisy))
    }

    /// The medians of two rows held against each other.
    fn against(&self, goal: &str, row: Row<'_>, other: &str, bound: Bound) -> Option<Verdict> {
        self.compare(goal, self.figure(row)?, self.figure(row.of(other))?, (bound, |summary| summary.median))
    }

    fn compare(
        &self,
        goal: &str,
        found: (Summary, bool),
        other: (Summary, bool),
        (bound, what): (Bound, fn(&Summary) -> f64),
    ) -> Option<Verdict> {
        let (value, base) = (what(&found.0), what(&other.0));
        let (pass, how) = match bound {
            Bound::Least(factor) => (value >= base * factor, format!("{:.2} times", value / base)),
            Bound::Times(factor) => (value <= base * factor, format!("{:.2} times", value / base)),
            Bound::Over(more) => (value <= base + more, format!("{:+.2}", value - base)),
        };
        let found_text = format!("{} against {}: {how}", number(value), number(base));
        Some(verdict(goal, found_text, pass, found.1 || other.1))
    }

    /// A median held against a number.
    fn below(&self, goal: &str, row: Row<'_>, limit: f64) -> Option<Verdict> {
        let (found, noisy) = self.figure(row)?;
        Some(verdict(goal, number(found.median), found.median <= limit, noisy))
    }

    fn warm(&self) -> [Option<Verdict>; 5] {
        let row = |case, metric| Row { scenario: "warm", case, of: "funcd", metric };
        let (small, large) = ("A: Rust, 64 connections, 13 B", "A: Rust, 64 connections, 64 KiB");
        let half =
            Row { scenario: "half-load", case: "Rust, 13 B, 64 connections", of: "funcd", metric: "latency p99" };
        let apart =
            Row { scenario: "writes-apart", case: "Python http.server, 1 connection", metric: "latency p50", ..half };
        [
            self.against("throughput: at least nginx's", row(small, "throughput"), "nginx", Bound::Least(1.0)),
            self.against(
                "CPU a request: at most 0.97 times nginx's (22 µs where nginx takes 22.6)",
                row(small, "CPU of the proxy"),
                "nginx",
                Bound::Times(0.97),
            ),
            self.against("p99 at half load: at most 1.1 times nginx's", half, "nginx", Bound::Times(1.1)),
            self.against(
                "64 KiB: at least 1.25 times nginx's throughput",
                row(large, "throughput"),
                "nginx",
                Bound::Least(1.25),
            ),
            self.below("head and body written apart: at most 0.3 ms", apart, 0.3),
        ]
    }

    fn cold(&self, case: &str) -> [Option<Verdict>; 3] {
        let row = |of| self.figure(Row { scenario: "cold", case, of, metric: "first byte" });
        let goal = |of, goal: &str, bound: (Bound, fn(&Summary) -> f64)| {
            self.compare(&format!("cold start, {case}: {goal}"), row(of)?, row("bare")?, bound)
        };
        [
            goal("funcd, parked", "parked at most 0.5 ms over bare, p50", (Bound::Over(0.5), |all| all.median)),
            goal("funcd, parked", "parked at most 2 ms over bare, p95", (Bound::Over(2.0), |all| all.p95)),
            goal("funcd, unparked", "unparked at most 2.5 ms over bare, p50", (Bound::Over(2.5), |all| all.median)),
        ]
    }

    /// Against the quickest way to start them bare.
    fn scale(&self) -> Option<Verdict> {
        let rows =
            self.report.figures.iter().filter(|figure| figure.scenario == "scale" && figure.metric == "all answered");
        let rows: Vec<_> = rows.collect();
        let case = rows.first()?.case.as_str();
        let row = |of| self.figure(Row { scenario: "scale", case, of, metric: "all answered" });
        let bare = rows.iter().filter(|figure| figure.of.starts_with("bare")).filter_map(|figure| row(&figure.of));
        let best = bare.min_by(|a, b| a.0.median.total_cmp(&b.0.median))?;
        let goal = format!("{case}: at most 1.15 times the bare processes' time");
        self.compare(&goal, row("funcd")?, best, (Bound::Times(1.15), |all| all.median))
    }

    fn wake(&self, case: &str, paged_out: f64) -> [Option<Verdict>; 2] {
        let row = Row { scenario: "wake", case, of: "frozen", metric: "first byte after a rest" };
        let goal = format!("wake, {case}: frozen at most 1.5 ms over warm");
        let swap = format!("wake, {case}: paged out at most {paged_out} ms");
        [self.against(&goal, row, "warm", Bound::Over(1.5)), self.below(&swap, row.of("paged out"), paged_out)]
    }

    fn memory(&self) -> [Option<Verdict>; 4] {
        let row = |case, metric| Row { scenario: "memory", case, of: "funcd", metric };
        let live = row("300 instances of Node held", "instances that answered twice");
        let held = self.figure(live).map(|(found, noisy)| {
            verdict("300 live instances held, all answer", number(found.median), found.min >= 300.0, noisy)
        });
        [
            self.below("added to an instance: at most 1 MB", row("an instance (Rust)", "added by the platform"), 1.0),
            self.idle("at most 60 MB", "all its processes, PSS", 60.0),
            self.idle("ready within 500 ms", "start until ready", 500.0),
            held,
        ]
    }

    /// A thousand functions; fewer, where no more could be deployed, are told and are a miss.
    fn idle(&self, goal: &str, metric: &str, limit: f64) -> Option<Verdict> {
        let figures = self.report.figures.iter();
        let found = figures.filter(|figure| figure.metric == metric).find_map(|figure| {
            let count = figure.case.strip_suffix(" functions, idle")?.parse::<usize>().ok()?;
            Some((count, figure.case.as_str()))
        });
        let (count, case) = found?;
        let goal = format!("1,000 idle functions: {goal}");
        let mut verdict = self.below(&goal, Row { scenario: "memory", case, of: "funcd", metric }, limit)?;
        if count < 1000 {
            verdict.found += &format!(" with {count} functions");
            verdict.pass = false;
        }
        Some(verdict)
    }

    fn deploy(&self) -> Option<Verdict> {
        let row = Row {
            scenario: "deploy",
            case: "Node, zip of 10 KB",
            of: "funcd deploy",
            metric: "until the first answer",
        };
        let goal = "deploy of 10 KB to its first answer: at most 100 ms over the bare start";
        self.against(goal, row, "bare start", Bound::Over(100.0))
    }

    fn api(&self) -> [Option<Verdict>; 3] {
        let figures = self.report.figures.iter();
        let case = figures
            .filter(|figure| figure.scenario == "api")
            .find_map(|figure| figure.case.ends_with(" clients").then_some(figure.case.as_str()));
        let row = |of| case.map(|case| Row { scenario: "api", case, of, metric: "p50" });
        let callers = Row {
            scenario: "api",
            case: "callers of a function, 1,000 requests/s",
            of: "beside changes",
            metric: "latency p99",
        };
        [
            row("create").and_then(|row| self.below("create of 10 KB by 8 clients: p50 at most 20 ms", row, 20.0)),
            row("list of 400").and_then(|row| self.below("list of 400 functions: at most 20 ms", row, 20.0)),
            self.against("callers beside changes: p99 at most 1.5 times", callers, "alone", Bound::Times(1.5)),
        ]
    }
}

impl Goals<'_> {
    /// The dearest of them.
    fn heads(&self) -> Option<Verdict> {
        let rows = self.report.figures.iter().filter(|figure| figure.scenario == "heads");
        let found = rows.filter_map(|figure| {
            let row = Row { scenario: "heads", case: &figure.case, of: &figure.of, metric: &figure.metric };
            self.figure(row)
        });
        let (dearest, noisy) = found.max_by(|a, b| a.0.median.total_cmp(&b.0.median))?;
        let goal = "strict check of a head, of either side: at most 1,000 ns";
        Some(verdict(goal, number(dearest.median), dearest.median <= 1000.0, noisy))
    }

    fn console(&self, case: &str) -> Option<Verdict> {
        let row = Row { scenario: console::SCENARIO, case, of: "funcd", metric: console::PAINTED };
        self.below(&format!("the console's first view, {case}: at most 1,500 ms"), row, 1500.0)
    }

    fn policies(&self) -> Vec<Verdict> {
        let row = |case, of, metric| Row { scenario: "policies", case, of, metric };
        let cost = |of| {
            let goal = format!("{of}: CPU at most 1.3 times that of a bare route");
            let row = row("64 connections, 13 B", of, "CPU of the gateway");
            self.against(&goal, row, "no policy", Bound::Times(1.3))
        };
        let callers = row("callers of a function, 500 requests/s", "beside a hot function", "latency p99");
        let over = |metric| row("over a limit", "429", metric);
        let woken = self.figure(over("functions woken"));
        let mut all = vec![
            cost("all policies, open to anybody"),
            cost("all policies, AppCode"),
            cost("all policies, app signature"),
            self.below("a 429: at most 10 µs of CPU", over("CPU of the gateway"), 10.0),
            woken.map(|(found, noisy)| verdict("a 429 wakes no function", number(found.max), found.max == 0.0, noisy)),
            self.against("callers beside a hot function: p99 at most 1.5 times", callers, "alone", Bound::Times(1.5)),
        ];
        all.extend([1000.0, 3000.0].map(|limit| self.exact(limit)));
        all.into_iter().flatten().collect()
    }

    /// Not the median: every window.
    fn exact(&self, limit: f64) -> Option<Verdict> {
        let case = format!("5000 requests/s, limit {limit}/s");
        let row = Row { scenario: "policies", case: &case, of: "each window", metric: "let through" };
        let (found, noisy) = self.figure(row)?;
        let pass = found.min >= limit * 0.99 && found.max <= limit * 1.01;
        let text = format!("{} to {} in {} windows", number(found.min), number(found.max), found.samples);
        Some(verdict(&format!("{case}: each window within 1 % of it"), text, pass, noisy))
    }
}

fn verdict(goal: &str, found: String, pass: bool, noisy: bool) -> Verdict {
    let found = if noisy { format!("{found} ~") } else { found };
    Verdict { goal: goal.to_owned(), found, pass }
}

#[cfg(test)]
mod tests;
