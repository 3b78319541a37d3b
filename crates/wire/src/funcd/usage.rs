//! What each function used.

use serde::{Deserialize, Serialize};

use crate::Operation;

/// Answers a [`ListUsageResponse`].
/// Query: `since` and `until` (RFC 3339; the last day). What is older than 31 days is not kept.
pub const LIST: Operation = Operation::get("ListUsage", "/v2/{project_id}/funcd/usage");

/// The functions of the project that were called, or whose callers were refused, those with the most calls first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListUsageResponse {
    /// RFC 3339, UTC: the beginning of the first minute that counts.
    pub since: String,
    /// The end of the last one.
    pub until: String,
    /// Each with what it used.
    pub functions: Vec<Usage>,
}

/// What a function used.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// URN without version.
    pub function: String,
    /// Requests, those that failed or were refused among them.
    pub calls: u64,
    /// Those that failed, whoever's fault it was.
    pub failures: u64,
    /// Those that were refused.
    pub throttles: u64,
    /// Requests that the gateway refused before they came to the function: wrong credentials, limits, access lists, parameters. They
    /// are not among `calls`.
    pub refused: u64,
    /// Gigabytes times seconds, as they are billed.
    pub gb_seconds: f64,
}
