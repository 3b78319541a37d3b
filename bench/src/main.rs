//! The benchmark of funcd: every figure beside those of its peers, taken in the same minutes on the same machine.
//!
//! 1. The command line says which scenarios ([`Arguments`]); each has its module in [`scenario`].
//! 2. A scenario starts the contenders, checks that they answer the same, and takes samples in alternating rounds (A B C A B C …),
//!    each with the load that others put on the machine meanwhile ([`machine::Watch`]).
//! 3. The samples become figures, the figures are held against the goals ([`goals`]), both are printed and kept as JSON ([`report`]).
//! 4. `--update-docs` writes tables and plots into the documents.
#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail};
use clap::{Parser, ValueEnum};

mod api;
mod daemon;
mod functions;
mod goals;
mod h2load;
mod http;
mod machine;
mod paced;
mod peers;
mod plot;
mod process;
mod publish;
mod report;
mod scenario;
mod start;
mod stats;
mod wrk;

use self::machine::Machine;
use self::report::Report;

/// Measures funcd beside its peers. Needs root, because sandboxes do.
#[derive(Debug, Parser)]
struct Arguments {
    /// What to measure; everything when none is named.
    #[arg(value_enum)]
    scenarios: Vec<Scenario>,
    /// Few and short samples: shows that the harness works, not how fast funcd is.
    #[arg(long)]
    quick: bool,
    /// Rounds of every scenario [default: what each needs].
    #[arg(long)]
    rounds: Option<usize>,
    /// Keep samples that were taken while others used the machine instead of repeating them; they stay marked with ~.
    #[arg(long)]
    noise: bool,
    /// Rewrite the figures and plots in SPECIFICATION.md and docs/.
    #[arg(long, conflicts_with_all = ["quick", "only", "case"])]
    update_docs: bool,
    /// Only contenders whose name contains this (funcd always takes part).
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Only cases whose name contains this, such as `Rust, 64`.
    #[arg(long, value_name = "CASE")]
    case: Option<String>,
    /// The binary to measure [default: beside this one].
    #[arg(long, value_name = "FILE")]
    funcd: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Scenario {
    /// Throughput, CPU and latency of a running function.
    Warm,
    /// Latency at half of nginx's load.
    HalfLoad,
    /// Latency of a server that writes head and body apart.
    WritesApart,
    /// From nothing to the first byte.
    Cold,
    /// From no instance to fifty.
    Scale,
    /// The first request after a rest.
    Wake,
    /// What instances, functions and the daemon take.
    Memory,
    /// From a zip to its first answer.
    Deploy,
    /// A thousand functions made, listed, changed and deleted by eight clients, and what callers of functions notice.
    Api,
    /// What the policies of APIs cost, how exact limits are, and what a function at its limit does to others.
    Policies,
    /// HTTP/2, with and without TLS, and HTTP/1.1 over TLS.
    H2,
    /// What the strict check of a head costs.
    Heads,
    /// What comes with the console's first view, and when it is painted.
    Console,
    /// Where the instructions of a warm request go; only when named.
    Profile,
}

/// What every scenario is given.
#[derive(Debug)]
pub(crate) struct Setup {
    /// The repository.
    pub(crate) root: PathBuf,
    pub(crate) funcd: PathBuf,
    /// `hello`, the small Rust server.
    pub(crate) hello: PathBuf,
    /// `warm-path`, for profilers.
    pub(crate) warm_path: PathBuf,
    /// `heads`, which reads heads in a row.
    pub(crate) heads: PathBuf,
    /// Scratch, gone at the end.
    pub(crate) folder: tempfile::TempDir,
    /// Language runtimes, shared with the black-box tests.
    pub(crate) runtimes: PathBuf,
    pub(crate) quick: bool,
    pub(crate) rounds: Option<usize>,
    pub(crate) keep_noise: bool,
    pub(crate) only: Option<String>,
    pub(crate) case: Option<String>,
}

impl Setup {
    fn new(arguments: &Arguments) -> Result<Self> {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().context("no repository")?.to_owned();
        let beside = std::env::current_exe()?.parent().context("no folder")?.to_owned();
        let setup = Self {
            runtimes: root.join("target/e2e-runtimes"),
            root,
            funcd: arguments.funcd.clone().unwrap_or_else(|| beside.join("funcd")),
            hello: std::env::var_os("BENCH_HELLO").map_or_else(|| beside.join("hello"), PathBuf::from),
            warm_path: beside.join("warm-path"),
            heads: beside.join("heads"),
            folder: tempfile::Builder::new().prefix("funcd-bench-").tempdir()?,
            quick: arguments.quick,
            rounds: arguments.rounds,
            keep_noise: arguments.noise || arguments.quick,
            only: arguments.only.clone(),
            case: arguments.case.clone(),
        };
        for binary in [&setup.funcd, &setup.hello] {
            if !binary.is_file() {
                bail!("{} is missing: script/bench builds it", binary.display());
            }
        }
        Ok(setup)
    }

    /// Whether a contender takes part.
    pub(crate) fn wants(&self, of: &str) -> bool {
        of == "funcd" || self.only.as_ref().is_none_or(|only| of.contains(only.as_str()))
    }

    /// Whether a case is measured.
    pub(crate) fn wants_case(&self, case: &str) -> bool {
        self.case.as_ref().is_none_or(|wanted| case.contains(wanted.as_str()))
    }
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let setup = Setup::new(&arguments)?;
    let _forwarding = machine::Forwarding::remember()?;
    let mut report = Report {
        date: jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M UTC").to_string(),
        commit: commit(&setup),
        command: std::iter::once("script/bench".to_owned())
            .chain(std::env::args().skip(1))
            .collect::<Vec<_>>()
            .join(" "),
        machine: Machine::look()?,
        versions: versions(),
        figures: Vec::new(),
        verdicts: Vec::new(),
        notes: Vec::new(),
    };
    let all = Scenario::value_variants();
    let chosen = |scenario: &Scenario| match arguments.scenarios.as_slice() {
        [] => *scenario != Scenario::Profile,
        named => named.contains(scenario),
    };
    for scenario in all.iter().filter(|scenario| chosen(scenario)) {
        match scenario {
            Scenario::Warm => scenario::warm::run(&setup, &mut report)?,
            Scenario::HalfLoad => scenario::latency::half_load(&setup, &mut report)?,
            Scenario::WritesApart => scenario::latency::writes_apart(&setup, &mut report)?,
            Scenario::Cold => scenario::cold::run(&setup, &mut report)?,
            Scenario::Scale => scenario::scale::run(&setup, &mut report)?,
            Scenario::Wake => scenario::wake::run(&setup, &mut report)?,
            Scenario::Memory => scenario::memory::run(&setup, &mut report)?,
            Scenario::Deploy => scenario::deploy::run(&setup, &mut report)?,
            Scenario::Api => scenario::api::run(&setup, &mut report)?,
            Scenario::Policies => scenario::policies::run(&setup, &mut report)?,
            Scenario::H2 => scenario::h2::run(&setup, &mut report)?,
            Scenario::Heads => scenario::heads::run(&setup, &mut report)?,
            Scenario::Console => scenario::console::run(&setup, &mut report)?,
            Scenario::Profile => scenario::profile::run(&setup, &mut report)?,
        }
    }
    report.verdicts = goals::judge(&report);
    if arguments.update_docs {
        publish::publish(&setup.root, &report)?;
    }
    finish(&setup, &report)
}

#[expect(clippy::print_stdout, reason = "the tables are what the program is for")]
fn finish(setup: &Setup, report: &Report) -> Result<ExitCode> {
    println!("\n{}", report::text::origin(report));
    for scenario in report.scenarios() {
        println!("## {scenario}\n\n{}", report::text::tables(report, scenario));
    }
    println!("{}", report::text::verdicts(&report.verdicts));
    println!("{}", report.save(&setup.root.join("target/bench"))?.display());
    Ok(ExitCode::SUCCESS)
}

fn commit(setup: &Setup) -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").current_dir(&setup.root).args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let commit = git(&["rev-parse", "--short=10", "HEAD"]).unwrap_or_else(|| "unknown".to_owned());
    let changed = git(&["status", "--porcelain"]).is_some_and(|changes| !changes.is_empty());
    if changed { format!("{commit}+changes") } else { commit }
}

fn versions() -> Vec<(String, String)> {
    let asked = [("nginx", "-v"), ("haproxy", "-v"), ("wrk", "-v"), ("h2load", "--version"), ("runc", "--version")];
    let answers = asked
        .iter()
        .filter_map(|(program, argument)| Some(((*program).to_owned(), machine::version(program, argument)?)));
    answers.collect()
}

/// Says what is being done.
#[expect(clippy::print_stderr, reason = "progress of a program that takes minutes")]
pub(crate) fn say(text: &str) {
    eprintln!("{text}");
}
