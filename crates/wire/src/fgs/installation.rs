//! What this installation has, as the Terraform provider and the console ask for it (`api.md` a, last table).

use serde::{Deserialize, Serialize};

use super::triggers::ApigEventData;
use crate::Operation;

/// Runtimes that a function may have: an array of [`RuntimeType`].
pub const RUNTIME_TYPES: Operation =
    Operation::get("GET /v2/{project_id}/fgs/runtimetypes", "/v2/{project_id}/fgs/runtimetypes");
/// Types that a trigger may have: an array of names.
pub const TRIGGER_TYPES: Operation =
    Operation::get("GET /v2/{project_id}/fgs/triggertypes", "/v2/{project_id}/fgs/triggertypes");
/// What is there and what is not: an object of flags.
pub const FEATURE: Operation = Operation::get("GET /v2/{project_id}/fgs/feature", "/v2/{project_id}/fgs/feature");
/// Agencies that trust the service: an array of [`TrustedAgency`].
pub const TRUSTED_AGENCIES: Operation = Operation::get(
    "GET /v2/{project_id}/fgs/service-trusted-agencies",
    "/v2/{project_id}/fgs/service-trusted-agencies",
);
/// The triggers of all functions of a project; answers a [`ListTriggersResponse`].
/// Query: `marker` (offset), `maxitems` (1 to 500), `trigger_type`.
pub const TRIGGERS: Operation = Operation::get("GET /v2/{project_id}/fgs/triggers", "/v2/{project_id}/fgs/triggers");

/// A runtime.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuntimeType {
    /// What a function names it.
    pub r#type: String,
    /// What people call it.
    pub display_name: String,
}

/// An agency.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TrustedAgency {
    /// Its name.
    pub name: String,
    /// `YYYY-MM-DD HH:MM:SS`, UTC; empty when it does not end.
    pub expire_time: String,
}

/// One page of triggers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListTriggersResponse {
    /// The oldest first.
    pub triggers: Vec<OwnedTrigger>,
    /// The marker of the next page; that is empty when this was the last one.
    pub next_marker: i64,
    /// How many there are altogether.
    pub count: i64,
}

/// A trigger and whose it is. What it is, its id and its state stand there by two names each: clients read one or the other.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnedTrigger {
    /// URN of the function with version or alias.
    pub func_urn: String,
    /// 32 hexadecimal digits.
    pub trigger_id: String,
    /// The same.
    pub id: String,
    /// `DEDICATEDGATEWAY` or `APIG`.
    pub trigger_type_code: String,
    /// The same.
    pub r#type: String,
    /// `ACTIVE`.
    pub trigger_status: String,
    /// The same.
    pub status: String,
    /// The API.
    pub event_data: ApigEventData,
    /// `YYYY-MM-DD HH:MM:SS`, UTC.
    pub last_updated_time: String,
    /// `YYYY-MM-DD HH:MM:SS`, UTC.
    pub created_time: String,
}
