//! One case from its deploy to its verdict.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Serialize;

use crate::answer::{self, Answer, Request};
use crate::case::{Case, Need, Step};
use crate::difference::left_behind;
use crate::expect;
use crate::host::{self, Host};
use crate::lane::Lane;
use crate::neighbour::{ENOUGH, Fared};
use crate::package;

/// How long the last trace of a function may take to go: a stop's grace is part of it.
const SETTLING: Duration = Duration::from_secs(20);
/// How long a call may take beyond the function's own limit.
const MARGIN: Duration = Duration::from_secs(20);

/// How a case ended.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outcome {
    pub(crate) name: String,
    pub(crate) tries: String,
    pub(crate) expect: String,
    pub(crate) verdict: Verdict,
    /// Why it failed or was skipped, as sentences.
    pub(crate) reasons: Vec<String>,
    /// What the function got, call by call.
    pub(crate) got: Vec<String>,
    pub(crate) seconds: f64,
    pub(crate) neighbour: Fared,
    /// The neighbour's p99 in a first run that had nothing wrong but this; the case was then run again.
    pub(crate) first_p99_ms: Option<f64>,
    #[serde(skip)]
    pub(crate) is_only_slow: bool,
    /// Growth of funcd's resident memory, MiB.
    pub(crate) memory_growth_mib: i64,
    pub(crate) descriptor_growth: i64,
}

/// Skipped is not contained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    Contained,
    Failed,
    Skipped,
}

impl Outcome {
    fn of(case: &Case, verdict: Verdict, reasons: Vec<String>) -> Self {
        Self {
            name: case.name.clone(),
            tries: case.tries.clone(),
            expect: case.expect.clone(),
            verdict,
            reasons,
            got: Vec::new(),
            seconds: 0.0,
            neighbour: Fared::default(),
            first_p99_ms: None,
            is_only_slow: false,
            memory_growth_mib: 0,
            descriptor_growth: 0,
        }
    }

    /// Not run, and why.
    pub(crate) fn skipped(case: &Case, reason: String) -> Self {
        Self::of(case, Verdict::Skipped, vec![reason])
    }

    /// Broken before it could be judged.
    pub(crate) fn failed(case: &Case, reason: String) -> Self {
        Self::of(case, Verdict::Failed, vec![reason])
    }
}

/// Runs a case in a lane; the second value tells whether the host is as it was.
pub(crate) fn run(lane: &Lane, case: &Case) -> Result<(Outcome, bool)> {
    if let Some(reason) = case.needs.iter().find_map(|need| missing(lane, *need)) {
        return Ok((Outcome::skipped(case, reason), true));
    }
    lane.refill()?;
    let mut trial = Trial { lane, case, mark: lane.mark(), got: Vec::new(), wrong: Vec::new(), deployed: Vec::new() };
    let before = Host::look(&lane.service, &trial.mark)?;
    let (start, counted) = (Instant::now(), host::counters());
    lane.forget();
    host::forget_peak(&lane.service);
    if let Err(error) = trial.call() {
        trial.wrong.push(format!("{error:#}"));
    }
    trial.said();
    trial.delete()?;
    let (after, left) = trial.settle(&before)?;
    trial.network(&counted);
    let neighbour = lane.neighbour.fared();
    let mut outcome = Outcome::of(case, Verdict::Contained, trial.wrong);
    outcome.got = trial.got;
    outcome.reasons.extend(neighbour.failed.iter().map(|why| format!("the neighbour: {why}")));
    if neighbour.p99_ms > lane.budget_ms {
        outcome.is_only_slow = outcome.reasons.is_empty() && left.is_empty();
        let budget = lane.budget_ms;
        outcome.reasons.push(format!("the neighbour's p99 is {} ms, its budget {budget} ms", neighbour.p99_ms));
    }
    let is_clean = left.is_empty();
    outcome.reasons.extend(left.into_iter().map(|what| format!("left behind: {what}")));
    if !outcome.reasons.is_empty() {
        outcome.verdict = Verdict::Failed;
    }
    outcome.seconds = (start.elapsed().as_secs_f64() * 10.0).round() / 10.0;
    outcome.neighbour = neighbour;
    outcome.memory_growth_mib = (after.resident as i64 - before.resident as i64) >> 20;
    outcome.descriptor_growth = after.descriptors as i64 - before.descriptors as i64;
    Ok((outcome, is_clean))
}

/// Why this host cannot run what needs this.
fn missing(lane: &Lane, need: Need) -> Option<String> {
    match need {
        Need::Egress => lane.no_egress.as_ref().map(|why| format!("functions have no network on this host: {why}")),
        Need::X86 if cfg!(target_arch = "x86_64") => None,
        Need::X86 => Some(format!("its table is for x86_64, this is {}", std::env::consts::ARCH)),
    }
}

/// A case under way.
struct Trial<'a> {
    lane: &'a Lane,
    case: &'a Case,
    /// In the environment of its functions.
    mark: String,
    got: Vec<String>,
    wrong: Vec<String>,
    /// Its functions.
    deployed: Vec<Deployed>,
}

/// A function of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Deployed {
    name: String,
    /// Id of its project, where that is not the first one.
    project: Option<String>,
}

impl Deployed {
    /// Arguments of a command about it, with what says where it is.
    fn arguments<'a>(&'a self, command: &[&'a str]) -> Vec<&'a str> {
        let elsewhere = self.project.iter().flat_map(|project| ["--project", project]);
        command.iter().copied().chain(elsewhere).collect()
    }
}

impl Trial<'_> {
    /// All steps in order, then the logs.
    fn call(&mut self) -> Result<()> {
        for (number, step) in self.case.step.iter().enumerate() {
            if number == 0 || step.deploy.is_some() {
                self.deploy(step)?;
            }
            if !step.refused.is_empty() {
                continue;
            }
            match self.request(step) {
                Ok(answer) => self.judge(number + 1, step, &answer),
                Err(error) => self.wrong.push(format!("call {}: {error:#}", number + 1)),
            }
        }
        self.logs()
    }

    fn name(&self, step: &Step) -> String {
        step.other.as_ref().map_or_else(|| self.case.name.clone(), |other| format!("{}_{other}", self.case.name))
    }

    /// The function that a step is about.
    fn function(&self, step: &Step) -> Result<Deployed> {
        let project = step.other_project.then(|| self.lane.other_project()).transpose()?;
        Ok(Deployed { name: self.name(step), project })
    }

    fn deploy(&mut self, step: &Step) -> Result<()> {
        let (function, settings) = (self.function(step)?, &self.case.deploy);
        let zip: PathBuf = self.lane.folder().join("package.zip");
        package::write(self.case, step.deploy.as_deref().unwrap_or("function.py"), File::create(&zip)?)?;
        let zip = zip.display().to_string();
        let egress = if settings.egress { "internet" } else { "none" };
        let numbers =
            [settings.memory, settings.timeout, settings.start_timeout, settings.concurrency, settings.max_instances];
        let [memory, timeout, start_timeout, concurrency, instances] = numbers.map(|number| number.to_string());
        let mark = format!("HOSTILE_MARK={}", self.mark);
        let variables: Vec<String> =
            settings.env.iter().chain(&step.env).map(|(key, value)| format!("{key}={value}")).collect();
        let what = ["deploy", &zip, "--name", &function.name, "--no-wait", "--egress", egress, "--env", &mark];
        let mut arguments = function.arguments(&what);
        arguments.extend(["--memory", &memory, "--timeout", &timeout, "--start-timeout", &start_timeout]);
        arguments.extend(["--concurrency", &concurrency, "--max-instances", &instances]);
        for variable in &variables {
            arguments.extend(["--env", variable]);
        }
        let deployed = self.lane.service.json(&arguments);
        if !step.refused.is_empty() {
            return self.refused(step, function, deployed);
        }
        deployed.context("the deploy")?;
        if !self.deployed.contains(&function) {
            self.deployed.push(function);
        }
        Ok(())
    }

    /// A deploy that must fail.
    fn refused(&mut self, step: &Step, function: Deployed, deployed: Result<serde_json::Value>) -> Result<()> {
        let Err(error) = deployed else {
            self.deployed.push(function);
            bail!("the deploy was not refused");
        };
        let said = format!("{error:#}");
        self.wrong.extend(
            step.refused
                .iter()
                .filter(|text| !said.contains(text.as_str()))
                .map(|text| format!("the deploy was refused without {text:?}: {said}")),
        );
        self.got.push(said);
        Ok(())
    }

    fn request(&self, step: &Step) -> Result<Answer> {
        let host = self.lane.host_of(&self.name(step));
        let request = Request {
            method: step.method.as_deref().unwrap_or("GET"),
            path: step.path.as_deref().unwrap_or("/"),
            host: &host,
            headers: step.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
            body: step.body.as_bytes(),
        };
        let limit = Duration::from_secs(u64::from(self.case.deploy.timeout + self.case.deploy.start_timeout)) + MARGIN;
        answer::call(self.lane.service.gateway, &request, limit, &self.lane.interrupt)
    }

    fn judge(&mut self, number: usize, step: &Step, answer: &Answer) {
        self.got.push(answer.excerpt().replace('\0', ""));
        let mut wrong = compare(step, answer);
        if !wrong.is_empty() {
            wrong.push(format!("the answer was {}", answer.excerpt()));
        }
        self.wrong.extend(wrong.into_iter().map(|what| format!("call {number}: {what}")));
    }

    /// Waits for what the logs must have, then looks for what they must not.
    fn logs(&mut self) -> Result<()> {
        let expected = &self.case.logs;
        if expected.contain.is_empty() && expected.lack.is_empty() && expected.bytes_at_most.is_none() {
            return Ok(());
        }
        let mut said = String::new();
        let shown = self.lane.interrupt.wait("the logs", Duration::from_secs(10), || {
            let output = self.lane.service.command(&["logs", &self.case.name, "--limit", "5000"])?;
            ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            said = String::from_utf8_lossy(&output.stdout).into_owned();
            Ok(expected.contain.iter().all(|text| said.contains(text)))
        });
        if let Err(error) = shown {
            self.wrong.push(format!("{error:#}"));
            let missing: Vec<_> = expected.contain.iter().filter(|text| !said.contains(text.as_str())).collect();
            self.wrong.push(format!("the logs lack {missing:?}"));
        }
        for text in expected.lack.iter().filter(|text| said.contains(text.as_str())) {
            self.wrong.push(format!("the logs have {text:?}"));
        }
        if let Some(limit) = expected.bytes_at_most {
            let kept = bytes_below(&self.lane.service.data().join("logs"));
            self.got.push(format!("{kept} bytes of logs kept"));
            if kept > limit {
                self.wrong.push(format!("{kept} bytes of logs are kept, {limit} at most were expected"));
            }
        }
        Ok(())
    }

    /// When something is wrong: the last that the functions said, for who looks for the reason.
    fn said(&mut self) {
        for function in self.deployed.iter().filter(|_| !self.wrong.is_empty()) {
            let name = &function.name;
            // Without logs there is only less to read.
            let arguments = function.arguments(&["logs", name, "--limit", "6"]);
            let Ok(output) = self.lane.service.command(&arguments) else { continue };
            let lines = String::from_utf8_lossy(&output.stdout).into_owned();
            self.got.extend(lines.lines().map(|line| format!("{name} said: {line}")));
        }
    }

    fn delete(&self) -> Result<()> {
        for function in &self.deployed {
            let arguments = function.arguments(&["delete", &function.name, "--yes"]);
            self.lane.service.json(&arguments).context("the delete")?;
        }
        Ok(())
    }

    /// Waits until the host is as before and the neighbour was called often enough to say something.
    fn settle(&self, before: &Host) -> Result<(Host, Vec<String>)> {
        let end = Instant::now() + SETTLING;
        loop {
            let after = Host::look(&self.lane.service, &self.mark)?;
            let left = left_behind(before, &after);
            let is_enough = self.lane.neighbour.count() >= ENOUGH;
            if left.is_empty() && is_enough || Instant::now() >= end {
                return Ok((after, left));
            }
            if !self.lane.interrupt.pause(Duration::from_millis(50)) {
                bail!("interrupted");
            }
        }
    }

    /// What arrived beyond the host, and what the network policy counted.
    fn network(&mut self, before: &BTreeMap<String, u64>) {
        let heard = self.lane.world.beyond.heard();
        for packet in heard.iter().filter(|packet| !packet.is_allowed()) {
            self.wrong.push(format!("{} was reached from {}", packet.to, packet.from));
        }
        if self.case.host.heard && heard.is_empty() {
            self.wrong.push("not even a public address was reached, so that silence proves nothing".to_owned());
        }
        let after = host::counters();
        for (name, least) in &self.case.host.counters {
            let of = |counters: &BTreeMap<String, u64>| counters.get(name).copied().unwrap_or(0);
            let counted = of(&after).saturating_sub(of(before));
            self.got.push(format!("{counted} packets counted as {name}"));
            if counted < *least {
                self.wrong.push(format!("{counted} packets were counted as {name}, at least {least} were sent"));
            }
        }
    }
}

/// Everything about an answer that is not as the step expects.
fn compare(step: &Step, answer: &Answer) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut differs = |what: &str, got: Option<&str>, expected: Option<&str>| {
        if got != expected {
            wrong.push(format!("{what} is {} instead of {}", got.unwrap_or("absent"), expected.unwrap_or("absent")));
        }
    };
    let status = step.status.unwrap_or(200).to_string();
    differs("the status", Some(&answer.status.to_string()), Some(&status));
    differs("X-Funcd-Error", answer.header("x-funcd-error"), step.error.as_deref());
    if step.inner.is_some() {
        differs("X-Func-Err-Code", answer.header("x-func-err-code"), step.inner.as_deref());
    }
    differs(
        "the end",
        Some(if answer.is_whole { "whole" } else { "cut" }),
        Some(if step.cut { "cut" } else { "whole" }),
    );
    let report = answer.report().unwrap_or_default();
    for (name, expected) in &step.report {
        match report.get(name) {
            Some(got) if expect::holds(expected, got) => {}
            Some(got) => wrong.push(format!("{name} is {got} instead of {expected}")),
            None => wrong.push(format!("{name} is not in the report")),
        }
    }
    let text = String::from_utf8_lossy(&answer.raw);
    wrong.extend(
        step.contains.iter().filter(|part| !text.contains(part.as_str())).map(|part| format!("it lacks {part:?}")),
    );
    wrong.extend(step.lacks.iter().filter(|part| text.contains(part.as_str())).map(|part| format!("it has {part:?}")));
    if let Some(limit) = step.body_bytes_at_most.filter(|limit| answer.body_bytes > *limit) {
        wrong.push(format!("{} bytes of body came, {limit} at most were expected", answer.body_bytes));
    }
    wrong
}

fn bytes_below(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let size = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => bytes_below(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    };
    entries.filter_map(Result::ok).map(size).sum()
}
