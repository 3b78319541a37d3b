//! (a) A running function behind funcd, nginx, HAProxy and nothing: requests a second, latency and CPU of the proxy a request.
//!
//! Layout A gives the proxy core 1 alone and puts load generator and server on core 0, so that the proxy is what is measured;
//! layout B lets everything run everywhere, with as many proxy threads as cores.

use std::time::Duration;

use anyhow::Result;

use super::quiet;
use crate::machine::cores;
use crate::process;
use crate::report::{Key, Report};
use crate::wrk::{Answers, Load};
use crate::{Setup, say};

pub(crate) mod contenders;

use self::contenders::{Contender, Contenders, Server};

const SCENARIO: &str = "warm";

/// Which core does what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    pub(crate) name: &'static str,
    /// Cores of the proxy, as `taskset` writes them.
    pub(crate) proxy: Option<&'static str>,
    /// Core of the load generator and the servers.
    pub(crate) rest: Option<&'static str>,
}

pub(crate) const APART: Layout = Layout { name: "A", proxy: Some("1"), rest: Some("0") };
pub(crate) const MIXED: Layout = Layout { name: "B", proxy: None, rest: None };

impl Layout {
    /// Threads that a proxy gets.
    pub(crate) fn threads(self) -> usize {
        if self.proxy.is_some() { 1 } else { cores() }
    }
}

/// A kind of load.
#[derive(Clone, Copy, Debug)]
struct Case {
    server: Server,
    connections: usize,
    path: &'static str,
}

impl Case {
    fn name(self, layout: Layout) -> String {
        let body = if self.path == "/64k" { "64 KiB" } else { "13 B" };
        let plural = if self.connections == 1 { "" } else { "s" };
        format!("{}: {}, {} connection{plural}, {body}", layout.name, self.server.name(), self.connections)
    }
}

const fn case(server: Server, connections: usize, path: &'static str) -> Case {
    Case { server, connections, path }
}

const CASES_APART: [Case; 6] = [
    case(Server::Rust, 1, "/"),
    case(Server::Rust, 64, "/"),
    case(Server::Rust, 1, "/64k"),
    case(Server::Rust, 64, "/64k"),
    case(Server::Node, 1, "/"),
    case(Server::Node, 64, "/"),
];
const CASES_MIXED: [Case; 3] =
    [case(Server::Rust, 64, "/"), case(Server::Rust, 64, "/64k"), case(Server::Node, 64, "/")];

/// Measures both layouts; A needs two cores.
pub(crate) fn run(setup: &Setup, report: &mut Report) -> Result<()> {
    if cores() < 2 {
        report.note(SCENARIO, "Layout A needs two cores: not measured here.");
    } else {
        layout(setup, report, APART, &CASES_APART)?;
    }
    layout(setup, report, MIXED, &CASES_MIXED)
}

fn layout(setup: &Setup, report: &mut Report, layout: Layout, cases: &[Case]) -> Result<()> {
    let cases: Vec<(Case, String)> = cases
        .iter()
        .map(|case| (*case, case.name(layout)))
        .filter(|(case, name)| {
            setup.wants_case(name) && !(setup.quick && (case.server, case.connections) != (Server::Rust, 64))
        })
        .collect();
    if cases.is_empty() {
        return Ok(());
    }
    let mut contenders = Contenders::start(setup, layout)?;
    let rounds = setup.rounds.unwrap_or(if setup.quick { 1 } else { 5 });
    let seconds = if setup.quick { 1 } else { 2 };
    for (case, name) in &cases {
        contenders.check(case.server, case.path)?;
        // Everybody's caches and pools are warm before anybody is measured.
        for contender in contenders.each() {
            sample(setup, contender, *case, layout, 1)?;
        }
        let turns = (0..rounds).flat_map(|_| contenders.each());
        for contender in turns {
            let key = Key { scenario: SCENARIO, case: name, of: contender.name };
            sample(setup, contender, *case, layout, seconds)?.add(report, &key);
        }
    }
    contenders.alive()
}

/// One run of the load.
#[derive(Clone, Copy, Debug)]
struct Sample {
    per_second: f64,
    p50: f64,
    p99: f64,
    /// Microseconds of the proxy's CPU a request; nothing where there is no proxy.
    cpu: Option<f64>,
    foreign: f64,
}

impl Sample {
    fn add(self, report: &mut Report, key: &Key<'_>) {
        report.add(key, ("throughput", "requests/s"), self.per_second, self.foreign);
        if let Some(cpu) = self.cpu {
            report.add(key, ("CPU of the proxy", "µs a request"), cpu, self.foreign);
        }
        report.add(key, ("latency p50", "ms"), self.p50, self.foreign);
        report.add(key, ("latency p99", "ms"), self.p99, self.foreign);
        let cpu = self.cpu.map_or("-".to_owned(), |cpu| format!("{cpu:.1}"));
        let (rate, p99, foreign) = (self.per_second, self.p99, self.foreign);
        say(&format!(
            "{:<40} {:<12} {rate:>9.0}/s {cpu:>6} µs  p99 {p99:.2} ms  foreign {foreign:.2}",
            key.case, key.of
        ));
    }
}

/// Runs the load, again while others use the machine.
fn sample(setup: &Setup, contender: &Contender, case: Case, layout: Layout, seconds: u64) -> Result<Sample> {
    let (address, host) = contender.at(case.server)?;
    let time = Duration::from_secs(seconds);
    let load = Load {
        address,
        host,
        path: case.path,
        connections: case.connections,
        time,
        cores: layout.rest,
        headers: &[],
        answers: Answers::Good,
    };
    let ((found, cpu), foreign) = quiet(setup, || {
        let processes = contender.processes()?;
        let before = process::cpu(&processes);
        let found = load.run()?;
        let cpu = (process::cpu(&processes) - before) * 1e6 / found.requests as f64;
        Ok((found, (!processes.is_empty()).then_some(cpu)))
    })?;
    Ok(Sample { per_second: found.per_second, p50: found.p50, p99: found.p99, cpu, foreign })
}
