//! Cases as data: `cases/<name>/` holds `case.toml` and the function's folder; a bug gets a folder named after it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use serde::Deserialize;

use crate::client::{Answer, Connection, run};
use crate::harness::{Funcd, root, shared};

/// `case.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What is shown.
    #[serde(rename = "about")]
    _about: String,
    #[serde(default)]
    deploy: Deploy,
    #[serde(default)]
    request: Vec<Call>,
    /// Lines `funcd logs` must show afterwards.
    #[serde(default)]
    logs_contain: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Deploy {
    arguments: Vec<String>,
    /// The deploy must fail and say all of this.
    refused: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    #[serde(default = "get")]
    method: String,
    path: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
    expect: Expect,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    status: u16,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    contains: Vec<String>,
    #[serde(default)]
    lacks: Vec<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    no_headers: Vec<String>,
}

fn get() -> String {
    "GET".to_owned()
}

pub(crate) fn trials() -> Vec<Trial> {
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(root().join("e2e/cases")).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
        .into_iter()
        .map(|folder| {
            let name = folder.file_name().unwrap().to_string_lossy().into_owned();
            Trial::test(format!("case::{name}"), move || check(&shared(), &name, &folder))
        })
        .collect()
}

fn check(funcd: &Arc<Funcd>, name: &str, folder: &Path) -> Result<(), Failed> {
    let case: Case =
        toml::from_str(&std::fs::read_to_string(folder.join("case.toml")).unwrap()).map_err(|e| e.to_string())?;
    let source = folder.join("function");
    let mut arguments = vec!["deploy", source.to_str().unwrap(), "--name", name];
    arguments.extend(case.deploy.arguments.iter().map(String::as_str));
    let output = funcd.cli(&arguments);
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !case.deploy.refused.is_empty() {
        let missing: Vec<&String> = case.deploy.refused.iter().filter(|text| !said.contains(text.as_str())).collect();
        if output.status.success() || !missing.is_empty() {
            return Err(format!("should be refused saying {missing:?}, said: {said}").into());
        }
    } else if !output.status.success() {
        return Err(format!("the deploy failed: {said}").into());
    }
    for call in &case.request {
        let host = format!("{name}.localhost");
        let headers: Vec<(&str, &str)> = call.headers.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let answer = run(async {
            let mut connection = Connection::open(funcd.gateway, &host).await;
            let method = call.method.parse().unwrap();
            connection.send(method, &call.path, &headers, call.body.clone().into()).await
        })
        .map_err(|error| format!("{} {}: {error}", call.method, call.path))?;
        call.expect.compare(&answer).map_err(|why| format!("{} {}: {why}\n{answer:?}", call.method, call.path))?;
    }
    logs(funcd, name, &case.logs_contain)
}

fn logs(funcd: &Funcd, name: &str, expected: &[String]) -> Result<(), Failed> {
    if expected.is_empty() {
        return Ok(());
    }
    crate::harness::wait("the logs show it", std::time::Duration::from_secs(5), || {
        let said = String::from_utf8_lossy(&funcd.cli(&["logs", name]).stdout).into_owned();
        expected.iter().all(|text| said.contains(text.as_str()))
    });
    Ok(())
}

impl Expect {
    fn compare(&self, answer: &Answer) -> Result<(), String> {
        let text = answer.text();
        if answer.status != self.status {
            return Err(format!("status {} instead of {}", answer.status, self.status));
        }
        if self.body.as_ref().is_some_and(|body| *body != text) {
            return Err(format!("body {text:?} instead of {:?}", self.body));
        }
        if let Some(missing) = self.contains.iter().find(|part| !text.contains(part.as_str())) {
            return Err(format!("the body lacks {missing:?}"));
        }
        if let Some(leak) = self.lacks.iter().find(|part| text.contains(part.as_str())) {
            return Err(format!("the body has {leak:?}"));
        }
        for (name, value) in &self.headers {
            let found = answer.headers.get(name).map(|value| value.to_str().unwrap_or_default());
            if found != Some(value.as_str()) {
                return Err(format!("header {name} is {found:?} instead of {value:?}"));
            }
        }
        if let Some(name) = self.no_headers.iter().find(|name| answer.headers.contains_key(name.as_str())) {
            return Err(format!("header {name} is there"));
        }
        Ok(())
    }
}
