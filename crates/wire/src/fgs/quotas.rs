//! Quotas of a project.

use serde::{Deserialize, Serialize};

use crate::Operation;

/// Answers a [`ListQuotasResponse`].
pub const LIST: Operation = Operation::get("ListQuotas", "/v2/{project_id}/fgs/quotas");

/// The quotas of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListQuotasResponse {
    /// They stand one level deeper.
    pub quotas: Quotas,
}

/// The quotas of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Quotas {
    /// One each.
    pub resources: Vec<Quota>,
}

/// One quota.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Quota {
    /// How much there may be.
    pub quota: i64,
    /// How much there is; left out where nothing is counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used: Option<i64>,
    /// What of, such as `fgs_func_num`.
    pub r#type: String,
    /// Of both numbers; empty for a count.
    pub unit: String,
}
