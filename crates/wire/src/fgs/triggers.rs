//! Triggers of a function: create, list, show, update, delete, delete all.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Operation;

/// Answers an array of [`Trigger`].
pub const LIST: Operation = Operation::get("ListFunctionTriggers", "/v2/{project_id}/fgs/triggers/{function_urn}");
/// Takes a [`CreateTriggerRequest`], answers 201 and a [`Trigger`].
pub const CREATE: Operation = Operation::post("CreateFunctionTrigger", "/v2/{project_id}/fgs/triggers/{function_urn}");
/// Answers 204.
pub const DELETE_ALL: Operation =
    Operation::delete("BatchDeleteFunctionTriggers", "/v2/{project_id}/fgs/triggers/{function_urn}");
/// Answers a [`Trigger`].
pub const SHOW: Operation = Operation::get(
    "ShowFunctionTrigger",
    "/v2/{project_id}/fgs/triggers/{function_urn}/{trigger_type_code}/{trigger_id}",
);
/// Takes an [`UpdateTriggerRequest`], answers a [`Trigger`].
pub const UPDATE: Operation =
    Operation::put("UpdateTrigger", "/v2/{project_id}/fgs/triggers/{function_urn}/{trigger_type_code}/{trigger_id}");
/// Answers 204.
pub const DELETE: Operation = Operation::delete(
    "DeleteFunctionTrigger",
    "/v2/{project_id}/fgs/triggers/{function_urn}/{trigger_type_code}/{trigger_id}",
);

/// A new trigger.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CreateTriggerRequest {
    /// Required: `DEDICATEDGATEWAY` or `APIG`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger_type_code: Option<String>,
    /// `ACTIVE` if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger_status: Option<String>,
    /// Ignored, as the vendor does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_type_code: Option<String>,
    /// Required: an [`ApigEventData`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_data: Option<Value>,
}

/// Changes of a trigger.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateTriggerRequest {
    /// `ACTIVE`: an API cannot be disabled, only deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger_status: Option<String>,
    /// An [`ApigEventData`] with what changes, or a list with one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_data: Option<Value>,
}

/// What an API of the gateway is like; in requests what is not given takes its default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ApigEventData {
    /// Name of the API; the function's name if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// 1 public (default), 2 private.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<i64>,
    /// Starts with `/`; `/<name>` if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// `HTTP` or `HTTPS`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// A method, or `ANY` (default).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub req_method: Option<String>,
    /// API group. Without it, with `DEFAULT` or with the default group's own id the API answers at the gateway's bare
    /// address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// Name of the group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_name: Option<String>,
    /// `SWA` prefix (default) or `NORMAL` exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub match_mode: Option<String>,
    /// `RELEASE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env_name: Option<String>,
    /// `DEFAULT_ENVIRONMENT_RELEASE_ID`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env_id: Option<String>,
    /// Required: `NONE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth: Option<String>,
    /// The function as back end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub func_info: Option<FuncInfo>,
    /// Host name at which the group's APIs answer; makes the group if there is none with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sl_domain: Option<String>,
    /// `FUNCTION`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend_type: Option<String>,
    /// The gateway, kept for clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<String>,
    /// Answers only: the trigger's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub triggerid: Option<String>,
    /// Answers only: the API's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_id: Option<String>,
    /// Answers only: the API's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_name: Option<String>,
    /// Answers only: where to call the function.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invoke_url: Option<String>,
}

/// The function as back end of an API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FuncInfo {
    /// The function's URN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function_urn: Option<String>,
    /// `sync`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invocation_type: Option<String>,
    /// Milliseconds, 1 to 60,000; 5,000 if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<i64>,
    /// `latest`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// A trigger.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Trigger {
    /// 32 hexadecimal digits.
    pub trigger_id: String,
    /// `DEDICATEDGATEWAY` or `APIG`.
    pub trigger_type_code: String,
    /// `ACTIVE`.
    pub trigger_status: String,
    /// The API.
    pub event_data: ApigEventData,
    /// `YYYY-MM-DD HH:MM:SS`, UTC.
    pub last_updated_time: String,
    /// `YYYY-MM-DD HH:MM:SS`, UTC.
    pub created_time: String,
}
