//! Language runtimes: which there are, which are installed.

use serde::{Deserialize, Serialize};

use crate::Operation;

/// Answers a [`ListRuntimesResponse`].
pub const LIST: Operation = Operation::get("ListRuntimes", "/v2/{project_id}/funcd/runtimes");
/// Takes an optional [`InstallRequest`], answers the installed [`Runtime`]; may take a minute.
pub const INSTALL: Operation = Operation::post("InstallRuntime", "/v2/{project_id}/funcd/runtimes/{runtime_id}");

/// All known runtimes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListRuntimesResponse {
    /// The runtimes, in the catalogue's order: by language, then version.
    pub runtimes: Vec<Runtime>,
}

/// How to install a runtime.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InstallRequest {
    /// A folder or archive on funcd's machine to take it from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

/// A language runtime.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Runtime {
    /// Such as `nodejs18.15`.
    pub id: String,
    /// Path of its interpreter inside an instance.
    pub executable: String,
    /// Whether functions can use it now.
    pub installed: bool,
    /// Exact version found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Where it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// How it could be installed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub installable: Option<String>,
    /// What its installation does just now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub installing: Option<Installing>,
    /// Why the last installation that this funcd tried failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

/// An installation under way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Installing {
    /// RFC 3339, UTC.
    pub since: String,
    /// In words.
    pub step: String,
}
