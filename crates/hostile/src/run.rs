//! `funcd hostile`: which cases, in how many lanes, and what is said of them.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail, ensure};
use parking_lot::Mutex;

use crate::case::{self, Case};
use crate::interrupt::Interrupt;
use crate::lane;
use crate::report::{self, Report};
use crate::trial::{Outcome, Verdict};

/// Options of `funcd hostile`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "Starts a funcd of its own in namespaces of its own (no packet leaves this machine), deploys one hostile
function after the other, calls it, and judges it by what it got, by a neighbour function that
must answer in time, and by what is left on the host. Needs root, /usr/bin/python3 and `ip`.

Examples:
  funcd hostile                          all cases, a few minutes
  funcd hostile h_fork_bomb h_mem_bomb   these
  funcd hostile --list                   what there is

Exit status: 0 when nothing failed, 1 when a case failed or could not be judged, 2 for wrong usage."
)]
pub struct Arguments {
    /// Cases to run [default: all].
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// List the cases; run nothing.
    #[arg(long)]
    list: bool,
    /// Milliseconds that the neighbour's p99 may have during a case.
    #[arg(long, value_name = "MS", default_value_t = 250, value_parser = clap::value_parser!(u32).range(1..))]
    budget: u32,
    /// Cases to run side by side, each with a funcd of its own [default: one per core, 4 at most].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    lanes: Option<u16>,
    /// Take the cases from a folder like e2e/hostile instead of from this executable.
    #[arg(long, value_name = "DIR")]
    cases: Option<PathBuf>,
}

/// Runs the suite.
///
/// # Errors
/// When it cannot run at all: no root, no Python, an unknown name.
pub fn run(json: bool, arguments: &Arguments) -> Result<ExitCode> {
    let cases = chosen(arguments)?;
    if arguments.list {
        report::print(&report::list(&cases, json)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    check_host()?;
    let interrupt = Interrupt::on_signals()?;
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let lanes = arguments.lanes.map_or(cores.min(4), usize::from).min(cases.len());
    let (start, all) = (Instant::now(), cases.len());
    let outcomes = in_lanes(cases, lanes, f64::from(arguments.budget), &interrupt)?;
    let missing = all - outcomes.len();
    let report = Report::of(outcomes, f64::from(arguments.budget), start.elapsed().as_secs_f64());
    report::print(&if json { report.json()? } else { report.text() })?;
    if interrupt.is_raised() || missing > 0 {
        bail!("stopped with {missing} of {all} cases not run");
    }
    Ok(if report.failed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Longest first, so that none is waited for at the end.
fn chosen(arguments: &Arguments) -> Result<Vec<Case>> {
    let mut cases = match &arguments.cases {
        Some(folder) => case::of_folder(folder)?,
        None => case::embedded()?,
    };
    let unknown: Vec<&String> =
        arguments.names.iter().filter(|name| !cases.iter().any(|case| case.name == **name)).collect();
    ensure!(unknown.is_empty(), "there is no case {unknown:?}: `funcd hostile --list` has them all");
    cases.retain(|case| arguments.names.is_empty() || arguments.names.contains(&case.name));
    if !arguments.list {
        cases.sort_by_key(|case| std::cmp::Reverse(case.takes));
    }
    Ok(cases)
}

fn check_host() -> Result<()> {
    ensure!(rustix::process::geteuid().is_root(), "funcd hostile needs root, as funcd up does: try it with sudo");
    ensure!(
        std::path::Path::new("/usr/bin/python3").is_file(),
        "the hostile functions are written in Python: install python3 at /usr/bin/python3"
    );
    Ok(())
}

fn in_lanes(cases: Vec<Case>, lanes: usize, budget_ms: f64, interrupt: &Interrupt) -> Result<Vec<Outcome>> {
    let all = cases.len();
    let waiting = Mutex::new(cases.into_iter().collect::<std::collections::VecDeque<_>>());
    let done = Mutex::new(Vec::with_capacity(all));
    let next = || waiting.lock().pop_front().filter(|_| !interrupt.is_raised());
    let tell = |outcome: Outcome| {
        let mut done = done.lock();
        let verdict = match outcome.verdict {
            Verdict::Contained => "contained",
            Verdict::Failed => "FAILED",
            Verdict::Skipped => "skipped",
        };
        report::note(&format!("[{}/{all}] {} {verdict} {:.1} s", done.len() + 1, outcome.name, outcome.seconds));
        done.push(outcome);
    };
    let ended: Vec<Result<()>> = std::thread::scope(|scope| {
        let lanes: Vec<_> =
            (0..lanes).map(|_| scope.spawn(|| lane::work(interrupt, budget_ms, &next, &tell))).collect();
        lanes.into_iter().map(|lane| lane.join().unwrap_or_else(|_| bail!("a lane ended early"))).collect()
    });
    for error in ended.into_iter().filter_map(Result::err) {
        report::note(&format!("error: {error:#}"));
    }
    Ok(done.into_inner())
}
