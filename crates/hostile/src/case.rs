//! What a case is: `case.toml`, read whole and strictly, and the files that make up the function.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use include_dir::{Dir, include_dir};
use serde::Deserialize;
use serde_json::Value;

/// Everything below `e2e/hostile`, as it was when this was built.
static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../e2e/hostile");

/// The server that every function gets beside its own file.
pub(crate) const SERVER: &str = "probe.py";
/// The function that is called all the time.
pub(crate) const NEIGHBOUR: &str = "neighbour.py";

/// One hostile function.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// Name of the folder.
    #[serde(skip)]
    pub(crate) name: String,
    /// Files of the folder but `case.toml`, by name.
    #[serde(skip)]
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    /// What is tried.
    pub(crate) tries: String,
    /// Where the attack is from, or what it would win.
    pub(crate) why: String,
    /// What must come of it, for the table.
    pub(crate) expect: String,
    /// What the host must have; without it the case is skipped.
    #[serde(default)]
    pub(crate) needs: Vec<Need>,
    /// About how many seconds it takes, where that is more than a few: those start first.
    #[serde(default)]
    pub(crate) takes: u64,
    #[serde(default)]
    pub(crate) deploy: Deploy,
    /// Symbolic links in the package, by name, with what they lead to.
    #[serde(default)]
    pub(crate) links: BTreeMap<String, String>,
    /// Calls in order.
    pub(crate) step: Vec<Step>,
    #[serde(default)]
    pub(crate) logs: Logs,
    #[serde(default)]
    pub(crate) host: Host,
}

/// What not every host has.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Need {
    /// Functions may reach public addresses: nftables and a free address block.
    Egress,
    /// The case has a table of this architecture's system calls.
    #[serde(rename = "x86_64")]
    X86,
}

/// Settings of the function.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Deploy {
    /// MB.
    pub(crate) memory: u32,
    /// Seconds for a request.
    pub(crate) timeout: u32,
    /// Seconds until it listens.
    pub(crate) start_timeout: u32,
    /// Requests that an instance serves at the same time.
    pub(crate) concurrency: u32,
    pub(crate) max_instances: u32,
    /// Whether public addresses may be reached.
    pub(crate) egress: bool,
    pub(crate) env: BTreeMap<String, String>,
}

impl Default for Deploy {
    fn default() -> Self {
        let env = BTreeMap::new();
        Self { memory: 128, timeout: 20, start_timeout: 10, concurrency: 20, max_instances: 1, egress: false, env }
    }
}

/// One call, after a deploy where `deploy` names a file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Step {
    /// The file that becomes `function.py`; the first step has `function.py` by itself.
    pub(crate) deploy: Option<String>,
    /// Deploys it as another function, with this behind its name.
    pub(crate) other: Option<String>,
    /// Deploys that other function in another project.
    pub(crate) other_project: bool,
    /// Variables of the function that this step deploys, beside those of the case.
    pub(crate) env: BTreeMap<String, String>,
    /// The deploy must fail and say all of this; nothing is called then.
    pub(crate) refused: Vec<String>,
    pub(crate) method: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
    /// Status of the answer [default: 200].
    pub(crate) status: Option<u16>,
    /// `X-Funcd-Error`; without it the answer must be the function's own.
    pub(crate) error: Option<String>,
    /// `X-Func-Err-Code`, the vendor's number.
    pub(crate) inner: Option<String>,
    /// Entries of the function's report (a JSON object) and what they may be.
    pub(crate) report: BTreeMap<String, Value>,
    /// What the bytes of the answer must have, and must not have.
    pub(crate) contains: Vec<String>,
    pub(crate) lacks: Vec<String>,
    /// The answer breaks off before its end.
    pub(crate) cut: bool,
    /// The most bytes of body that may come.
    pub(crate) body_bytes_at_most: Option<u64>,
}

/// What `funcd logs` must show in the end, and must not.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Logs {
    pub(crate) contain: Vec<String>,
    pub(crate) lack: Vec<String>,
    /// The most bytes that are kept.
    pub(crate) bytes_at_most: Option<u64>,
}

/// What must be seen on the host besides no change.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Host {
    /// Packets by counter of the network policy, at least.
    pub(crate) counters: BTreeMap<String, u64>,
    /// Whether something must have arrived beyond the host, so that silence proves something.
    pub(crate) heard: bool,
}

/// The cases in the binary, by name.
pub(crate) fn embedded() -> Result<Vec<Case>> {
    let folders = EMBEDDED.dirs().map(|folder| {
        let files = folder.files().map(|file| (file.path(), file.contents().to_vec()));
        case(folder.path(), files)
    });
    sorted(folders)
}

/// The cases of a folder, by name.
pub(crate) fn of_folder(folder: &Path) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            cases.push(case_of_folder(&path));
        }
    }
    sorted(cases.into_iter())
}

fn case_of_folder(folder: &Path) -> Result<Case> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_file() {
            let content = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            files.push((path, content));
        }
    }
    case(folder, files.iter().map(|(path, content)| (path.as_path(), content.clone())))
}

/// A shared file.
pub(crate) fn shared(name: &str) -> Result<&'static [u8]> {
    Ok(EMBEDDED.get_file(name).with_context(|| format!("{name} is not embedded"))?.contents())
}

fn sorted(cases: impl Iterator<Item = Result<Case>>) -> Result<Vec<Case>> {
    let mut cases = cases.collect::<Result<Vec<_>>>()?;
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    ensure!(!cases.is_empty(), "there are no cases");
    Ok(cases)
}

fn case<'a>(folder: &Path, files: impl Iterator<Item = (&'a Path, Vec<u8>)>) -> Result<Case> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut files: BTreeMap<String, Vec<u8>> = files
        .map(|(path, content)| (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), content))
        .collect();
    let text = files.remove("case.toml").with_context(|| format!("{name} has no case.toml"))?;
    let text = String::from_utf8(text).with_context(|| format!("{name}/case.toml is not text"))?;
    let mut case: Case = toml::from_str(&text).with_context(|| format!("{name}/case.toml"))?;
    case.name = name;
    case.files = files;
    case.check()?;
    Ok(case)
}

impl Case {
    fn check(&self) -> Result<()> {
        let name = &self.name;
        ensure!(!self.step.is_empty(), "{name} calls nothing");
        for (index, step) in self.step.iter().enumerate() {
            let file = step.deploy.as_deref().unwrap_or("function.py");
            ensure!(self.files.contains_key(file) || self.files.contains_key("bootstrap"), "{name} has no {file}");
            if step.other_project && step.other.is_none() {
                bail!("{name} has a function in another project whose host is that of its first one: it needs `other`");
            }
            if !step.env.is_empty() && step.deploy.is_none() && index > 0 {
                bail!("{name} gives variables to a step that deploys nothing");
            }
            if step.error.is_some() && !step.report.is_empty() {
                bail!("{name} expects both an error and a report of one call");
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
