//! Latency where throughput is not the question: at half of nginx's load, and of servers that write head and body apart.

use std::time::Duration;

use anyhow::{Context as _, Result};

use super::quiet;
use super::warm::contenders::{Contender, Contenders, Server};
use super::warm::{APART, MIXED};
use crate::http::Connection;
use crate::machine::cores;
use crate::paced::Pace;
use crate::report::{Key, Report};
use crate::stats::Summary;
use crate::wrk::{Answers, Load};
use crate::{Setup, process, say};

const HALF: &str = "half-load";
const APART_WRITES: &str = "writes-apart";
const CONNECTIONS: usize = 64;
/// Requests of one sample where head and body come apart.
const REQUESTS: usize = 40;

/// Open loop at half of what nginx can do at most, for everybody the same rate.
pub(crate) fn half_load(setup: &Setup, report: &mut Report) -> Result<()> {
    let layout = if cores() < 2 { MIXED } else { APART };
    let mut contenders = Contenders::start(setup, layout)?;
    contenders.check(Server::Rust, "/")?;
    let reference = contenders.each().find(|one| one.name == "nginx").or(contenders.each().next());
    let rate = most(reference.context("nobody to measure")?, layout.rest)? / 2.0;
    let case = format!("Rust, 13 B, {CONNECTIONS} connections");
    let seconds = if setup.quick { 1 } else { 3 };
    let rounds = setup.rounds.unwrap_or(if setup.quick { 1 } else { 5 });
    let turns = (0..rounds).flat_map(|_| contenders.each());
    for contender in turns {
        let (address, host) = contender.at(Server::Rust)?;
        let time = Duration::from_secs(seconds);
        let pace = Pace { address, host, path: "/", rate, time, connections: CONNECTIONS };
        let (latency, foreign) = quiet(setup, || on_core(layout.rest, || pace.run()))?;
        let key = Key { scenario: HALF, case: &case, of: contender.name };
        report.add(&key, ("latency p50", "ms"), latency.p50, foreign);
        report.add(&key, ("latency p99", "ms"), latency.p99, foreign);
        let (p50, p99) = (latency.p50, latency.p99);
        say(&format!("{HALF} {:<15} p50 {p50:.3} ms  p99 {p99:.3} ms  foreign {foreign:.2}", contender.name));
    }
    report.note(
        HALF,
        format!(
            "Layout {}, open loop at {rate:.0} requests/s, half of what nginx made at most; each latency counts from when the \
             request was due.",
            layout.name
        ),
    );
    contenders.alive()
}

/// One keep-alive connection to Python's `http.server`.
pub(crate) fn writes_apart(setup: &Setup, report: &mut Report) -> Result<()> {
    let mut contenders = Contenders::start(setup, MIXED)?;
    contenders.check(Server::Python, "/")?;
    let rounds = setup.rounds.unwrap_or(if setup.quick { 1 } else { 5 });
    let turns = (0..rounds).flat_map(|_| contenders.each());
    for contender in turns {
        let (p50, foreign) = quiet(setup, || one_after_another(contender))?;
        let key = Key { scenario: APART_WRITES, case: "Python http.server, 1 connection", of: contender.name };
        report.add(&key, ("latency p50", "ms"), p50, foreign);
        say(&format!("{APART_WRITES} {:<15} p50 {p50:.3} ms  foreign {foreign:.2}", contender.name));
    }
    contenders.alive()
}

fn one_after_another(contender: &Contender) -> Result<f64> {
    let (address, host) = contender.at(Server::Python)?;
    let mut connection = Connection::open(address, host)?;
    connection.get("/")?;
    let times = (0..REQUESTS).map(|_| Ok(connection.get("/")?.whole.as_secs_f64() * 1e3));
    Ok(Summary::of(&times.collect::<Result<Vec<f64>>>()?).context("no sample")?.median)
}

/// The most requests a second of three short runs.
fn most(contender: &Contender, cores: Option<&str>) -> Result<f64> {
    let (address, host) = contender.at(Server::Rust)?;
    let time = Duration::from_secs(1);
    let load =
        Load { address, host, path: "/", connections: CONNECTIONS, time, cores, headers: &[], answers: Answers::Good };
    (0..3).try_fold(0.0_f64, |most, _| Ok(most.max(load.run()?.per_second)))
}

/// Runs on a thread of its own on this core.
pub(super) fn on_core<T: Send>(core: Option<&str>, run: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            if let Some(core) = core {
                process::move_this_thread_to(core.parse()?)?;
            }
            run()
        });
        thread.join().unwrap_or_else(|_| Err(anyhow::anyhow!("the load generator ended early")))
    })
}
