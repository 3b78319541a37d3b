//! (b) From nothing to the first byte: bare, as a function with and without sandboxes made ahead, and by `runc run`.

use std::time::Instant;

use anyhow::Result;

use crate::daemon::Daemon;
use crate::functions::{self, Function};
use crate::http::Connection;
use crate::machine::{QUIET, Watch};
use crate::process;
use crate::report::{Key, Report};
use crate::start::runc::Bundle;
use crate::start::{self, LISTEN, Namespace, Start};
use crate::{Setup, say};

const SCENARIO: &str = "cold";
/// Turns that are thrown away because others used the machine, at most.
const SPARE: usize = 10;

/// Everybody who starts functions.
struct Contenders {
    namespace: Namespace,
    parked: Daemon,
    unparked: Daemon,
}

/// A function, ready to be started by everybody.
struct Candidate {
    function: Function,
    /// Deployed in both daemons under this name.
    name: String,
    bundle: Option<Bundle>,
}

/// Who starts it.
const PARKED: &str = "funcd, parked";
const UNPARKED: &str = "funcd, unparked";
const BARE: &str = "bare";
const RUNC: &str = "runc";

pub(crate) fn run(setup: &Setup, report: &mut Report) -> Result<()> {
    let contenders = Contenders {
        namespace: Namespace::make()?,
        parked: Daemon::of(setup, "cold-parked", "[instances]\nidle_seconds = 86400\n")?,
        unparked: Daemon::of(setup, "cold-unparked", "[instances]\nidle_seconds = 86400\nblanks = 0\n")?,
    };
    let runc = setup.wants(RUNC) && report.versions.iter().any(|(program, _)| program == "runc");
    if !runc {
        report.note(SCENARIO, "runc is not here or was not asked for: not measured.");
    }
    let mut candidates = Vec::new();
    for function in functions(setup)? {
        candidates.push(contenders.prepare(setup, function, runc)?);
    }
    let rounds = setup.rounds.unwrap_or(if setup.quick { 2 } else { 20 });
    for candidate in &candidates {
        // The files are in the page cache and nobody starts for the first time ever.
        contenders.turn(setup, candidate, 0)?;
    }
    for round in 1..=rounds {
        for candidate in &candidates {
            contenders.quiet_turn(setup, report, candidate, round)?;
        }
    }
    let poll = start::POLL.as_micros();
    report.note(SCENARIO, format!("Bare and runc are found to listen by a connect every {poll} µs: {} µs of each total, on average, are the harness's.", poll / 2));
    report.note(SCENARIO, "Functions have 4 GB (3.4 cores), so that the quota slows nobody. runc has no user namespace and no seccomp filter here, which funcd has.");
    report.note(
        SCENARIO,
        "CPU of a start with a parked sandbox leaves out the sandbox that is made afterwards in its place.",
    );
    Ok(())
}

fn functions(setup: &Setup) -> Result<Vec<Function>> {
    let mut all = vec![functions::rust(setup)?];
    if !setup.quick {
        all.push(functions::node(setup));
        all.push(functions::express(setup)?);
        all.push(functions::python(setup));
        all.push(functions::flask(setup)?);
        all.push(functions::java(setup)?);
    }
    all.retain(|function| setup.wants_case(function.name));
    Ok(all)
}

impl Contenders {
    fn prepare(&self, setup: &Setup, function: Function, runc: bool) -> Result<Candidate> {
        let name = function.name.to_lowercase();
        for daemon in [&self.parked, &self.unparked] {
            let more = [
                "--memory",
                "4096",
                "--concurrency",
                "10",
                "--max-instances",
                "1",
                "--start-timeout",
                "60",
                "--no-wait",
            ];
            daemon.deploy(&function.folder, &name, &more)?;
            // Once, so that the first measured start is not the first one.
            crate::http::get(daemon.gateway, &host(daemon, &name), "/")?;
            daemon.end_instances()?;
        }
        let bundle = if runc { Some(Bundle::make(setup, &function)?) } else { None };
        Ok(Candidate { function, name, bundle })
    }

    /// A turn of all, repeated while others use the machine.
    fn quiet_turn(&self, setup: &Setup, report: &mut Report, candidate: &Candidate, round: usize) -> Result<()> {
        let case = candidate.function.name;
        let mut spare = SPARE;
        loop {
            let watch = Watch::start()?;
            let starts = self.turn(setup, candidate, round)?;
            let foreign = watch.foreign()?;
            if foreign > QUIET && !setup.keep_noise && spare > 0 {
                spare -= 1;
                continue;
            }
            let mut line = format!("cold {round:>2} {case:<8}");
            for (of, start) in starts {
                let key = Key { scenario: SCENARIO, case, of };
                report.add(&key, ("first byte", "ms"), start.first_byte * 1e3, foreign);
                report.add(&key, ("CPU", "ms a start"), start.cpu * 1e3, foreign);
                line += &format!(" {of} {:.2} ({:.2})", start.first_byte * 1e3, start.cpu * 1e3);
            }
            say(&format!("{line}  foreign {foreign:.2}"));
            return Ok(());
        }
    }

    /// One start by each, somebody else first each round. Before them two that do not count, of either place where the files are: what
    /// the machine has let go of its page cache since the last round, whoever is first would have to read again.
    fn turn(&self, setup: &Setup, candidate: &Candidate, round: usize) -> Result<Vec<(&'static str, Start)>> {
        self.start(BARE, setup, candidate, round)?;
        self.start(UNPARKED, setup, candidate, round)?;
        let wanted = |of: &&str| match *of {
            BARE => setup.wants(BARE),
            RUNC => candidate.bundle.is_some(),
            _ => true,
        };
        let mut order: Vec<_> = [PARKED, UNPARKED, BARE, RUNC].into_iter().filter(wanted).collect();
        let first = round % order.len();
        order.rotate_left(first);
        order.into_iter().map(|of| Ok((of, self.start(of, setup, candidate, round)?))).collect()
    }

    fn start(&self, of: &str, setup: &Setup, candidate: &Candidate, round: usize) -> Result<Start> {
        let Candidate { function, name, bundle } = candidate;
        match (of, bundle) {
            (PARKED, _) => funcd(&self.parked, name),
            (UNPARKED, _) => funcd(&self.unparked, name),
            (RUNC, Some(bundle)) => Ok(bundle.start(round)?.0),
            _ => {
                let command = function.bare(setup, LISTEN)?;
                Ok(self.namespace.inside(|| start::bare(command, LISTEN, "/"))?.0)
            }
        }
    }
}

fn host(daemon: &Daemon, name: &str) -> String {
    format!("{name}.localhost:{}", daemon.gateway.port())
}

/// One request that finds no instance, with the instance ended afterwards and the sandboxes made ahead made again.
fn funcd(daemon: &Daemon, name: &str) -> Result<Start> {
    let before = cpu(daemon)?;
    let began = Instant::now();
    let mut connection = Connection::open(daemon.gateway, &host(daemon, name))?;
    let (bytes, _) = connection.begin("/")?;
    let first_byte = began.elapsed().as_secs_f64();
    start::ok(&bytes)?;
    let cpu = cpu(daemon)? - before;
    drop(connection);
    daemon.end_instances()?;
    Ok(Start { first_byte, cpu })
}

/// CPU seconds of the daemon, its launcher and all sandboxes.
fn cpu(daemon: &Daemon) -> Result<f64> {
    let tree = process::tree(daemon.pid())?;
    Ok(process::cpu_exact(&tree) + process::cpu_of_ended_children(&tree))
}
