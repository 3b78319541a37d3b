//! A function, its versions, and what one version is made of: configuration and code.

use std::collections::BTreeMap;
use std::ffi::OsStr;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::alias::{Alias, Choice};
use crate::dependency::Dependency;
use crate::limits;
use crate::secret::Guarded;
use crate::urn::{FunctionId, Qualifier};

/// The `runtime` value of an HTTP function.
pub const HTTP_RUNTIME: &str = "http";
/// Where the code is inside an instance (`RUNTIME_CODE_ROOT`).
pub const CODE_ROOT: &str = "/opt/function/code";
/// The file that starts an HTTP function, at the root of its package.
pub const BOOTSTRAP: &str = "bootstrap";

/// A function as its owner sees it.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name.
    pub id: FunctionId,
    /// 32 hexadecimal digits that no other function ever has, part of `resource_id`.
    pub func_id: String,
    /// Id of the account (domain) it belongs to; one for the whole installation.
    pub domain: String,
    /// Whether its owner wants it first in lists.
    pub pinned: bool,
    /// When it was created.
    pub created: Timestamp,
    /// When code or configuration last changed.
    pub modified: Timestamp,
    /// The version that can be changed.
    pub latest: Arc<Version>,
    /// The published versions by name.
    pub versions: BTreeMap<String, Published>,
    /// The aliases by name.
    pub aliases: BTreeMap<String, Alias>,
}

/// A version that was given a name and will never change.
#[derive(Clone, Debug)]
pub struct Published {
    /// What runs.
    pub version: Arc<Version>,
    /// What its owner said about it.
    pub description: String,
    /// When it was published.
    pub at: Timestamp,
}

impl Function {
    /// A function of no account of which nothing was published yet.
    pub fn new(func_id: impl Into<String>, created: Timestamp, latest: Arc<Version>) -> Self {
        let id = latest.function.clone();
        let (versions, aliases) = (BTreeMap::new(), BTreeMap::new());
        Self {
            id,
            func_id: func_id.into(),
            domain: String::new(),
            pinned: false,
            created,
            modified: created,
            latest,
            versions,
            aliases,
        }
    }

    /// The version a qualifier names; of an alias the main one.
    pub fn version(&self, qualifier: &Qualifier) -> Option<&Arc<Version>> {
        match qualifier {
            Qualifier::Latest => Some(&self.latest),
            Qualifier::Version(name) => self.versions.get(name).map(|published| &published.version),
            // The main version of an alias is never an alias.
            Qualifier::Alias(name) => match &self.aliases.get(name)?.version {
                Qualifier::Latest => Some(&self.latest),
                Qualifier::Version(name) => self.versions.get(name).map(|published| &published.version),
                Qualifier::Alias(_) => None,
            },
        }
    }

    /// What a qualifier stands for when a request comes.
    pub fn choice(&self, qualifier: &Qualifier) -> Option<Choice> {
        let main = Arc::clone(self.version(qualifier)?);
        let Qualifier::Alias(name) = qualifier else { return Some(Choice::Fixed(main)) };
        let Some(second) = &self.aliases.get(name)?.additional else { return Some(Choice::Fixed(main)) };
        let additional = Arc::clone(&self.versions.get(&second.version)?.version);
        Some(Choice::Split { main, additional, share: Arc::new(second.share.clone()) })
    }

    /// `latest`, then the published versions, the newest first.
    pub fn all_versions(&self) -> impl Iterator<Item = &Arc<Version>> {
        let published = self.newest_first().into_iter().map(|published| &published.version);
        std::iter::once(&self.latest).chain(published)
    }

    /// What was published last and is still there.
    pub fn newest(&self) -> Option<&Published> {
        self.newest_first().first().copied()
    }

    /// What is said of a version beside its own: nothing of `latest`.
    pub fn published(&self, qualifier: &Qualifier) -> Option<&Published> {
        match qualifier {
            Qualifier::Version(name) => self.versions.get(name),
            Qualifier::Latest | Qualifier::Alias(_) => None,
        }
    }

    fn newest_first(&self) -> Vec<&Published> {
        let mut published: Vec<_> = self.versions.values().collect();
        published.sort_by_key(|published| std::cmp::Reverse(published.version.revision));
        published
    }
}

/// One immutable combination of code and configuration: what an instance runs, for its whole life.
#[derive(Clone, Debug)]
pub struct Version {
    /// Of which function.
    pub function: FunctionId,
    /// `latest` or the published name.
    pub qualifier: Qualifier,
    /// Grows with every change of any function; an instance of another revision serves no new request.
    pub revision: u64,
    /// Everything but the code.
    pub config: Config,
    /// The code.
    pub code: Code,
}

impl Version {
    /// The URN with its qualifier.
    pub fn urn(&self) -> String {
        self.function.urn(&self.qualifier)
    }

    /// Whether it runs the same code with the same settings, as far as that can be told without the key of the store: variables that
    /// are sealed are left to `same_secret`, which is asked only when everything else is the same.
    pub fn same_as(&self, other: &Self, same_secret: impl Fn(&Guarded, &Guarded) -> bool) -> bool {
        let open = |config: &Config| Config { encrypted_user_data: BTreeMap::new(), ..config.clone() };
        let (mine, theirs) = (&self.config.encrypted_user_data, &other.config.encrypted_user_data);
        self.code.sha256 == other.code.sha256
            && open(&self.config) == open(&other.config)
            && mine.keys().eq(theirs.keys())
            && mine.values().zip(theirs.values()).all(|(mine, theirs)| mine == theirs || same_secret(mine, theirs))
    }
}

/// The settings of a version; ranges in [`limits`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// `http` for HTTP functions; other runtimes are kept as the caller spelt them.
    pub runtime: String,
    /// Entry point; `bootstrap` for HTTP functions.
    pub handler: String,
    /// Free text.
    pub description: String,
    /// Memory in MB; CPU follows from it.
    pub memory_mb: u32,
    /// Seconds one request may take.
    pub timeout_seconds: u32,
    /// Called once before the first request, if set; without a handler it is only the time a start may take.
    pub initializer: Option<Hook>,
    /// Called before an instance ends, if set.
    pub pre_stop: Option<Hook>,
    /// How many instances at most.
    pub max_instances: i32,
    /// Requests one instance serves at the same time.
    pub concurrent_num: u32,
    /// Environment variables of the user.
    pub user_data: BTreeMap<String, String>,
    /// The same as the JSON text their owner wrote, where that is not how it would be written here: clients compare what they read
    /// with what they sent.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub user_data_text: String,
    /// Environment variables whose values are sealed at rest and in memory, and blank in answers: they are opened for each instance
    /// that starts. Not part of the serialised form.
    #[serde(skip)]
    pub encrypted_user_data: BTreeMap<String, Guarded>,
    /// MB of `/tmp`.
    pub ephemeral_storage_mb: u32,
    /// Which networks the function may reach.
    pub egress: Egress,
    /// Whether the owner said which; kept for clients, which are not told what nobody said.
    #[serde(default)]
    pub egress_said: bool,
    /// Name of the configuration agency, kept for clients.
    pub xrole: String,
    /// Name of the execution agency, kept for clients.
    pub app_xrole: String,
    /// Enterprise project, kept for clients.
    pub enterprise_project_id: String,
    /// What the code is completed with; the later wins over the earlier, the code over all of them.
    #[serde(default)]
    pub dependencies: Vec<Dependency>,
    /// Engine generation as the caller named it, `v1` or `v2`; kept for clients, one engine runs both.
    #[serde(default = "generation")]
    pub generation: String,
    /// Whether a caller may choose the memory of an invocation.
    #[serde(default)]
    pub dynamic_memory: bool,
    /// Whether each request carries temporary credentials of the execution agency.
    #[serde(default)]
    pub auth_in_header: bool,
    /// The log: what clients are told about its place, and what each line carries.
    #[serde(default)]
    pub log: Log,
}

/// The generation of a function whose owner did not name one.
fn generation() -> String {
    "v2".to_owned()
}

impl Config {
    /// Settings with the vendor's defaults for everything but what must be said.
    pub fn new(runtime: impl Into<String>, handler: impl Into<String>) -> Self {
        Self {
            runtime: runtime.into(),
            handler: handler.into(),
            description: String::new(),
            memory_mb: 128,
            timeout_seconds: 3,
            initializer: None,
            pre_stop: None,
            max_instances: limits::DEFAULT_MAX_INSTANCES,
            concurrent_num: 1,
            user_data: BTreeMap::new(),
            user_data_text: String::new(),
            encrypted_user_data: BTreeMap::new(),
            ephemeral_storage_mb: 512,
            egress: Egress::Internet,
            egress_said: false,
            xrole: String::new(),
            app_xrole: String::new(),
            enterprise_project_id: "0".to_owned(),
            dependencies: Vec::new(),
            generation: generation(),
            dynamic_memory: false,
            auth_in_header: false,
            log: Log::default(),
        }
    }

    /// How long one request may take.
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(u64::from(self.timeout_seconds))
    }

    /// How long an instance may take until its port listens.
    pub fn start_timeout(&self) -> Duration {
        let seconds = self.initializer.as_ref().map_or(limits::START_SECONDS, |hook| hook.timeout_seconds);
        Duration::from_secs(u64::from(seconds))
    }

    /// Whether something is called before the first request. A time-out without a handler only widens the start limit.
    pub fn has_initializer(&self) -> bool {
        self.initializer.as_ref().is_some_and(|hook| !hook.handler.is_empty())
    }

    /// How long what is called before an instance ends may take; nothing where nothing is called.
    pub fn pre_stop_timeout(&self) -> Option<Duration> {
        let hook = self.pre_stop.as_ref().filter(|hook| !hook.handler.is_empty())?;
        Some(Duration::from_secs(u64::from(hook.timeout_seconds)))
    }

    /// CPU in thousandths of a core.
    pub fn cpu_millicores(&self) -> u32 {
        limits::cpu_millicores(self.memory_mb)
    }

    /// Whether the owner switched the function off.
    pub fn disabled(&self) -> bool {
        self.max_instances == 0
    }
}

/// How the log of a function is shown to clients. It is kept in the same place whatever is said here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Log {
    /// `enable_lts_log`: clients are told where the log is.
    pub enabled: bool,
    /// Id of the log group; empty where the owner named none.
    pub group_id: String,
    /// Its name.
    pub group_name: String,
    /// Id of the log stream; empty where the owner named none.
    pub stream_id: String,
    /// Its name.
    pub stream_name: String,
    /// Added to each line (`lts_custom_tag`).
    pub tags: BTreeMap<String, String>,
}

impl Log {
    /// What each line carries now.
    pub fn line_tags(&self) -> Option<&BTreeMap<String, String>> {
        Some(&self.tags).filter(|tags| !tags.is_empty())
    }
}

/// A handler of the instance's life and the time it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hook {
    /// Entry point; empty where only the time is set.
    pub handler: String,
    /// Seconds it may take.
    pub timeout_seconds: u32,
}

/// Which networks a function's instances may reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Egress {
    /// Public addresses only: no metadata service, link-local, host or private range.
    #[default]
    Internet,
    /// Only its own loopback.
    None,
}

/// The code of a version, stored by digest and unpacked on this node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// `zip`, `inline`, ... as the caller uploaded it.
    pub code_type: String,
    /// File name the caller gave, such as `index.zip`.
    pub filename: String,
    /// Where the package was fetched from; empty when it came in the request.
    #[serde(default)]
    pub url: String,
    /// SHA-256 of the package in lower-case hex: its name in the blob store.
    pub sha256: String,
    /// SHA-512 of the package in lower-case hex: `digest` on the wire.
    pub sha512: String,
    /// Bytes of the package.
    pub size: u64,
    /// The unpacked folder on this node, bound read-only to [`CODE_ROOT`].
    pub root: PathBuf,
    /// How `bootstrap` is started.
    pub entry: Entry,
}

impl Code {
    /// The name of the folder on this node that holds [`Code::root`]: what must stay while an instance runs.
    pub fn tree(&self) -> &str {
        self.root.parent().and_then(Path::file_name).and_then(OsStr::to_str).unwrap_or(&self.sha256)
    }
}

/// How `bootstrap` is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// `/bin/bash bootstrap`: a start command line without `#!`, or without its execute bit.
    Shell,
    /// The file itself: a script with `#!` or an ELF binary, executable.
    Direct,
}

/// A folder of the host that instances see read-only, such as an installed language runtime.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// On the host.
    pub source: PathBuf,
    /// Inside the instance.
    pub target: PathBuf,
}

#[cfg(test)]
pub(crate) mod tests;
