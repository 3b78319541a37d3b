//! (i) The policies of APIs: what all of them cost a request beside a bare route, how exact a limit is under more calls than it lets
//! through, what a refusal costs, and what a function at its own limit does to another one.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::latency::on_core;
use super::quiet;
use super::warm::{APART, Layout, MIXED};
use crate::daemon::{Daemon, Options};
use crate::machine::cores;
use crate::paced::{Answered, Latency, Pace};
use crate::report::{Key, Report};
use crate::wrk::{Answers, Load};
use crate::{Setup, functions, process, say};

mod apis;

use self::apis::{Api, Apis};

pub(crate) const SCENARIO: &str = "policies";
const CONNECTIONS: usize = 64;
/// The cases, but for those of exactness, each of which names its limit.
const COST: &str = "64 connections, 13 B";
const REFUSED: &str = "over a limit";
const BESIDE: &str = "callers of a function, 500 requests/s";
/// Requests a second that are offered to a limit, and the limits.
const OFFERED: f64 = 5000.0;
const LIMITS: [u32; 2] = [1000, 3000];
/// How much later than the first window's a window's own calls may begin or be answered, as a part of it.
const SLACK: f64 = 0.2;
/// How much longer than it should a run may take that offers so many.
const LATE: f64 = 1.05;
/// Requests a second of the function beside the hot one.
const RATE: f64 = 500.0;

pub(crate) fn run(setup: &Setup, report: &mut Report) -> Result<()> {
    let layout = if cores() < 2 { MIXED } else { APART };
    let config = format!("[gateway]\nthreads = {}\n[instances]\nidle_seconds = 86400\n", layout.threads());
    let options = Options { binary: &setup.funcd, runtimes: &setup.runtimes, config: &config, cores: layout.proxy };
    let mut daemon = Daemon::start(&functions::scratch(setup, "policies")?, &options)?;
    let folder = functions::rust(setup)?.folder;
    let room = ["--memory", "4096", "--concurrency", "100", "--max-instances", "1"];
    daemon.deploy(&folder, "called", &room)?;
    apart(&daemon, layout)?;
    let apis = Apis::make(&daemon, &LIMITS)?;
    let bench = Bench { setup, layout, daemon: &daemon, apis: &apis };
    let rounds = setup.rounds.unwrap_or(if setup.quick { 1 } else { 5 });
    if setup.wants_case(COST) {
        bench.cost(report, rounds)?;
    }
    bench.exactness(report, rounds)?;
    if setup.wants_case(REFUSED) {
        bench.refusals(report, rounds)?;
    }
    daemon.check()?;
    drop(daemon);
    if setup.wants_case(BESIDE) {
        fairness(setup, report, rounds)?;
    }
    report.note(
        SCENARIO,
        format!(
            "Layout {}. All policies: an access list of addresses and one of accounts, a throttling policy, a rate_limit plug-in with \
             limits for the API, each app, user and address (which counts in place of the policy), CORS with an Origin in each request, \
             and set_resp_headers; the bare route and the others are published on the same function and take turns.",
            layout.name
        ),
    );
    Ok(())
}

/// A proxy does not share its core with the servers.
fn apart(daemon: &Daemon, layout: Layout) -> Result<()> {
    let Some(core) = layout.rest else { return Ok(()) };
    let core = core.parse()?;
    daemon.functions()?.into_iter().try_for_each(|pid| process::move_to(pid, core))
}

#[derive(Clone, Copy)]
struct Bench<'a> {
    setup: &'a Setup,
    layout: Layout,
    daemon: &'a Daemon,
    apis: &'a Apis,
}

impl Bench<'_> {
    /// CPU of the gateway for each request, of the same load with and without policies.
    fn cost(self, report: &mut Report, rounds: usize) -> Result<()> {
        let ways = [&self.apis.bare, &self.apis.open, &self.apis.coded, &self.apis.signed];
        for way in ways {
            self.load(way, 1, Answers::Good)?;
        }
        let turns = (0..rounds).flat_map(|_| ways);
        for way in turns {
            let ((cpu, rate), foreign) = quiet(self.setup, || self.load(way, self.seconds(), Answers::Good))?;
            let key = Key { scenario: SCENARIO, case: COST, of: way.name };
            report.add(&key, ("CPU of the gateway", "µs a request"), cpu, foreign);
            report.add(&key, ("throughput", "requests/s"), rate, foreign);
            say(&format!("{SCENARIO} {:<32} {rate:>9.0}/s {cpu:>6.1} µs  foreign {foreign:.2}", way.name));
        }
        Ok(())
    }

    fn seconds(self) -> u64 {
        if self.setup.quick { 1 } else { 3 }
    }

    /// Microseconds of CPU a request, and requests a second.
    fn load(self, api: &Api, seconds: u64, answers: Answers) -> Result<(f64, f64)> {
        let headers = api.headers()?;
        let load = Load {
            address: self.daemon.gateway,
            host: &self.apis.host,
            path: &api.path,
            connections: CONNECTIONS,
            time: Duration::from_secs(seconds),
            cores: self.layout.rest,
            headers: &headers,
            answers,
        };
        let processes = self.daemon.platform()?;
        let before = process::cpu(&processes);
        let found = load.run().with_context(|| api.name)?;
        Ok(((process::cpu(&processes) - before) * 1e6 / found.requests as f64, found.per_second))
    }

    /// Calls that pass in each window of a second.
    fn exactness(self, report: &mut Report, rounds: usize) -> Result<()> {
        let time = Duration::from_secs(if self.setup.quick { 2 } else { 5 });
        for (limit, api) in (0..rounds).flat_map(|_| &self.apis.limited) {
            let case = format!("{OFFERED} requests/s, limit {limit}/s");
            if !self.setup.wants_case(&case) {
                continue;
            }
            let (address, host, path) = (self.daemon.gateway, self.apis.host.as_str(), api.path.as_str());
            let pace = Pace { address, host, path, rate: OFFERED, time, connections: CONNECTIONS };
            let (answers, foreign) = quiet(self.setup, || on_core(self.layout.rest, || pace.answers()))?;
            let late = answers.last().map_or(0.0, |last| last.at.as_secs_f64() / time.as_secs_f64());
            if late > LATE {
                let rate = OFFERED / late;
                report.note(
                    SCENARIO,
                    format!("Only {rate:.0} of {OFFERED} requests/s could be offered to a limit once; not counted."),
                );
                continue;
            }
            let windows = accepted(&answers)?;
            let key = Key { scenario: SCENARIO, case: &case, of: "each window" };
            for count in &windows {
                report.add(&key, ("let through", "requests"), *count as f64, foreign);
            }
            say(&format!("{SCENARIO} limit {limit:<26} {windows:?}  foreign {foreign:.2}"));
        }
        Ok(())
    }

    /// What a 429 costs; nobody may start the function for it, which is not running when the load begins.
    fn refusals(self, report: &mut Report, rounds: usize) -> Result<()> {
        self.load(&self.apis.bare, 1, Answers::Good)?;
        crate::http::get(self.daemon.gateway, &self.apis.host, &self.apis.used_up.path)?;
        self.daemon.end_instances()?;
        self.load(&self.apis.used_up, 1, Answers::Refused)?;
        for _ in 0..rounds {
            let refused = || self.load(&self.apis.used_up, self.seconds(), Answers::Refused);
            let ((cpu, rate), foreign) = quiet(self.setup, refused)?;
            let started = self.daemon.functions()?.len();
            let key = Key { scenario: SCENARIO, case: REFUSED, of: "429" };
            report.add(&key, ("CPU of the gateway", "µs a request"), cpu, foreign);
            report.add(&key, ("throughput", "requests/s"), rate, foreign);
            report.add(&key, ("functions woken", "processes"), started as f64, foreign);
            say(&format!("{SCENARIO} {:<32} {rate:>9.0}/s {cpu:>6.1} µs  foreign {foreign:.2}", "429"));
        }
        Ok(())
    }
}

/// How many calls were let through in each window of a second. A window begins with the first call in it, so each begins a little later
/// than a whole second after the one before; that and what a stall of the client adds is far less than what a window has left when its
/// last call was let through.
fn accepted(answers: &[Answered]) -> Result<Vec<usize>> {
    let accepted = || answers.iter().filter(|answer| answer.status == 200);
    if let Some(other) = answers.iter().find(|answer| !matches!(answer.status, 200 | 429)) {
        bail!("a request was answered with {}", other.status);
    }
    let first = accepted().next().context("no request was let through")?.at.as_secs_f64();
    let mut windows = Vec::new();
    for answer in accepted() {
        let number = (answer.at.as_secs_f64() - first + SLACK) as usize;
        if windows.len() <= number {
            windows.resize(number + 1, 0);
        }
        if let Some(count) = windows.get_mut(number) {
            *count += 1;
        }
    }
    Ok(windows)
}

/// A function that gets more than its one small instance can do, and what another one's callers notice of it.
fn fairness(setup: &Setup, report: &mut Report, rounds: usize) -> Result<()> {
    let daemon = Daemon::of(setup, "fairness", "[instances]\nidle_seconds = 86400\n")?;
    let folder = functions::rust(setup)?.folder;
    let host = daemon.deploy(&folder, "beside", &["--memory", "1024", "--concurrency", "100"])?;
    let hot = daemon.deploy(&folder, "hot", &["--memory", "128", "--concurrency", "10", "--max-instances", "1"])?;
    let time = Duration::from_secs(if setup.quick { 1 } else { 4 });
    let pace = Pace { address: daemon.gateway, host: &host, path: "/", rate: RATE, time, connections: 16 };
    let load = Load {
        address: daemon.gateway,
        host: &hot,
        path: "/",
        connections: CONNECTIONS,
        // Until after the others have finished.
        time: time + Duration::from_secs(1),
        cores: None,
        headers: &[],
        answers: Answers::Any,
    };
    let mut add = |of, latency: Latency, foreign| {
        let key = Key { scenario: SCENARIO, case: BESIDE, of };
        report.add(&key, ("latency p50", "ms"), latency.p50, foreign);
        report.add(&key, ("latency p99", "ms"), latency.p99, foreign);
    };
    pace.run()?;
    for _ in 0..rounds {
        let (alone, foreign) = quiet(setup, || pace.run())?;
        add("alone", alone, foreign);
        // Our own load is not foreign.
        let (beside, found) = std::thread::scope(|scope| {
            let hot = scope.spawn(|| load.run());
            let beside = pace.run();
            (beside, hot.join().unwrap_or_else(|_| bail!("the load ended early")))
        });
        let (beside, found) = (beside?, found?);
        add("beside a hot function", beside, 0.0);
        let (one, other, rate) = (alone.p99, beside.p99, found.per_second);
        say(&format!("{SCENARIO} callers p99 {one:.2} ms alone, {other:.2} ms beside one that answers {rate:.0}/s"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
