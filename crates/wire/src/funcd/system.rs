//! The machine that funcd runs on: what it can and cannot guarantee, and what it has.

use serde::{Deserialize, Serialize};

use crate::Operation;

/// Answers a [`DoctorResponse`]: what `funcd doctor` says, of the running process.
pub const DOCTOR: Operation = Operation::get("ShowDoctor", "/v2/{project_id}/funcd/doctor");
/// Answers a [`ListNodesResponse`].
pub const NODES: Operation = Operation::get("ListNodes", "/v2/{project_id}/funcd/nodes");

/// Findings about the machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DoctorResponse {
    /// In the order of `funcd doctor`.
    pub findings: Vec<Finding>,
}

/// One line of `funcd doctor`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Finding {
    /// What was looked at.
    pub name: String,
    /// `ok`, `degraded` (instances run, and the finding says what they lack) or `missing`.
    pub verdict: String,
    /// What was found.
    pub found: String,
    /// What to do; empty when ok.
    pub remedy: String,
    /// Instances cannot run without it.
    pub required: bool,
}

/// The machines that run instances: this one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListNodesResponse {
    /// Each with what it has.
    pub nodes: Vec<Node>,
}

/// A machine, as it is now. What could not be read is absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Node {
    /// Its host name.
    pub name: String,
    /// funcd's version there.
    pub version: String,
    /// When this funcd started, RFC 3339, UTC.
    pub started: String,
    /// Name and release of its kernel.
    pub kernel: String,
    /// Processors that funcd may use.
    pub processors: u64,
    /// How many programs ran or waited, on average over the last 1, 5 and 15 minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load: Option<[f64; 3]>,
    /// Bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<Space>,
    /// Bytes of swap; absent without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swap: Option<Space>,
    /// Bytes of the disk with the data folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk: Option<Space>,
}

/// So much there is, and so much is left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Space {
    /// Bytes.
    pub total: u64,
    /// Bytes that programs can still have.
    pub free: u64,
}
