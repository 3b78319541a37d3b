//! Instances of a function: those that are there, and those that ended lately.

use serde::{Deserialize, Serialize};

use crate::Operation;

/// Answers a [`ListInstancesResponse`].
pub const LIST: Operation =
    Operation::get("ListFunctionInstances", "/v2/{project_id}/funcd/functions/{function_urn}/instances");

/// Instances of every version of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListInstancesResponse {
    /// Those that are there, the oldest first.
    pub instances: Vec<Instance>,
    /// Those that ended since funcd was started, the newest first; of a function at most 20 are kept.
    pub ended: Vec<EndedInstance>,
}

/// What was known of an instance from its start on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Start {
    /// Its name, as requests and lines of the log have it.
    pub id: String,
    /// `latest` or a published version.
    pub version: String,
    /// Revision of the version.
    pub revision: u64,
    /// Why it was started: `request` or `reserved`.
    pub cause: String,
    /// When that was decided, RFC 3339, UTC.
    pub started: String,
    /// Making the sandbox, microseconds; left out until its port listened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sandbox_us: Option<u64>,
    /// From the process's start until its port listened, microseconds; left out until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boot_us: Option<u64>,
    /// Memory when it was last measured, bytes; left out before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
}

/// An instance that is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Instance {
    /// Its start.
    #[serde(flatten)]
    pub start: Start,
    /// `starting`, `idle`, `frozen`, `paged_out`, `thawing`, `busy` or `draining`.
    pub state: String,
    /// Whether it is one of those that are kept for the version.
    pub reserved: bool,
    /// Requests that it serves.
    pub in_flight: u32,
}

/// An instance that is no more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EndedInstance {
    /// Its start.
    #[serde(flatten)]
    pub start: Start,
    /// When it ended, RFC 3339, UTC.
    pub ended: String,
    /// Why: `idle`, `unneeded`, `superseded`, `shutdown`, `start_failed`, `timed_out`, `unreachable`, `exited` or `out_of_memory`.
    pub reason: String,
    /// More about it, such as the exit code.
    pub detail: String,
}
