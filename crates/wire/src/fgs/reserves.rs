//! Reserved instances: set and listed.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Operation;

/// Takes an [`UpdateReservedRequest`], answers the same. The URN names a version or an alias; without one it is `latest`.
pub const UPDATE: Operation = Operation::put(
    "UpdateFunctionReservedInstancesCount",
    "/v2/{project_id}/fgs/functions/{function_urn}/reservedinstances",
);
/// Answers a [`ListConfigsResponse`]. Query: `function_urn`, `marker` (offset), `limit` (1 to 500).
pub const CONFIGS: Operation =
    Operation::get("ListReservedInstanceConfigs", "/v2/{project_id}/fgs/functions/reservedinstanceconfigs");
/// Answers a [`ListInstancesResponse`]. Query: `urn`, `marker` (offset), `limit` (1 to 400).
pub const INSTANCES: Operation =
    Operation::get("ListFunctionReservedInstances", "/v2/{project_id}/fgs/functions/reservedinstances");

/// What a version or an alias is to have.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateReservedRequest {
    /// Required: 0 to 1000 instances when no policy says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
    /// Whether they are frozen while nobody asks for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_mode: Option<bool>,
    /// When there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tactics_config: Option<TacticsConfig>,
}

/// Policies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TacticsConfig {
    /// By time. An answer lacks what is empty: the Terraform provider takes a list for a policy that its file lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cron_configs: Option<Vec<CronConfig>>,
    /// By use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metric_configs: Option<Vec<Value>>,
}

/// A policy by time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CronConfig {
    /// 1 to 60 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// When it begins to hold, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cron: Option<String>,
    /// Instances.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
    /// Seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_time: Option<i64>,
    /// Seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expired_time: Option<i64>,
}

/// What versions and aliases are to have, page by page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListConfigsResponse {
    /// Sorted by URN.
    pub reserved_instances: Vec<ReservedConfig>,
    /// Where the page is.
    pub page_info: PageInfo,
    /// How many there are altogether.
    pub count: i64,
}

/// What a version or an alias is to have.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReservedConfig {
    /// URN of the function without a version.
    pub function_urn: String,
    /// `version` or `alias`.
    pub qualifier_type: String,
    /// Its name.
    pub qualifier_name: String,
    /// Instances when no policy says otherwise.
    pub min_count: i64,
    /// Whether they are frozen while nobody asks for them.
    pub idle_mode: bool,
    /// Policies.
    pub tactics_config: TacticsConfig,
}

/// How many there are to be now, page by page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListInstancesResponse {
    /// Sorted by URN; those that are to have one at least.
    pub reservedinstances: Vec<ReservedInstances>,
    /// Where the page is.
    pub page_info: PageInfo,
    /// How many there are altogether.
    pub count: i64,
}

/// The instances of a version or an alias.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReservedInstances {
    /// URN with version or alias.
    pub func_urn: String,
    /// How many.
    pub count: i64,
}

/// A page of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PageInfo {
    /// The marker of the next page; that is empty when this was the last one.
    pub next_marker: i64,
    /// The marker of the page before.
    pub previous_marker: i64,
    /// Items here.
    pub current_count: i64,
}
