//! The hostile suite as a user runs it: `funcd hostile --json` once, and a trial for each case of it.

use std::process::{Command, Stdio};

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;

use crate::harness::{binary, root};

/// Runs those that the command line asks for, before everything else: what goes on beside would be blamed on a case. A case that
/// this host cannot run is an ignored one.
pub(crate) fn trials(arguments: &Arguments) -> Vec<Trial> {
    let names: Vec<String> = names().into_iter().filter(|name| is_asked(&trial_name(name), arguments)).collect();
    if names.is_empty() || arguments.list {
        return names.into_iter().map(|name| Trial::test(trial_name(&name), || Ok(()))).collect();
    }
    let report = run(&names);
    names.into_iter().map(|name| trial(&name, &report)).collect()
}

fn trial_name(name: &str) -> String {
    format!("hostile::{name}")
}

fn names() -> Vec<String> {
    let folders = std::fs::read_dir(root().join("e2e/hostile")).unwrap().map(Result::unwrap);
    let mut names: Vec<String> = folders
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn is_asked(trial: &str, arguments: &Arguments) -> bool {
    let matches = |filter: &String| if arguments.exact { trial == filter } else { trial.contains(filter.as_str()) };
    arguments.filter.as_ref().is_none_or(matches) && !arguments.skip.iter().any(matches)
}

fn run(names: &[String]) -> Value {
    let output = Command::new(binary())
        .arg("hostile")
        .args(names)
        .arg("--json")
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("funcd hostile gave no report: {error}"))
}

fn trial(name: &str, report: &Value) -> Trial {
    let case = report["cases"].as_array().unwrap().iter().find(|case| case["name"] == name).cloned();
    let is_skipped = case.as_ref().is_some_and(|case| case["verdict"] == "skipped");
    if is_skipped {
        eprintln!("SKIPPED hostile::{name}: {}", reasons(case.as_ref().unwrap()));
    }
    Trial::test(trial_name(name), move || judge(case.as_ref())).with_ignored_flag(is_skipped)
}

fn judge(case: Option<&Value>) -> Result<(), Failed> {
    match case {
        Some(case) if case["verdict"] == "contained" => Ok(()),
        Some(case) => Err(reasons(case).into()),
        None => Err("it is not in the report: the executable is older than the case".into()),
    }
}

fn reasons(case: &Value) -> String {
    let reasons = case["reasons"].as_array().unwrap().iter();
    reasons.map(|reason| reason.as_str().unwrap()).collect::<Vec<_>>().join("\n")
}
