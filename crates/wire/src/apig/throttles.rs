//! Request throttling policies, their limits for single apps and users, and what they are bound to.

use serde::{Deserialize, Serialize};

use crate::Operation;

/// Answers a [`ListThrottlesResponse`].
pub const LIST: Operation =
    Operation::get("ListRequestThrottlingPolicyV2", "/v2/{project_id}/apigw/instances/{instance_id}/throttles");
/// Takes a [`ThrottleRequest`], answers 201 and a [`Throttle`].
pub const CREATE: Operation =
    Operation::post("CreateRequestThrottlingPolicyV2", "/v2/{project_id}/apigw/instances/{instance_id}/throttles");
/// Answers a [`Throttle`].
pub const SHOW: Operation = Operation::get(
    "ShowDetailsOfRequestThrottlingPolicyV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/throttles/{throttle_id}",
);
/// Takes a [`ThrottleRequest`], answers a [`Throttle`].
pub const UPDATE: Operation = Operation::put(
    "UpdateRequestThrottlingPolicyV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/throttles/{throttle_id}",
);
/// Answers 204.
pub const DELETE: Operation = Operation::delete(
    "DeleteRequestThrottlingPolicyV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/throttles/{throttle_id}",
);
/// Answers a [`ListSpecialsResponse`].
pub const LIST_SPECIALS: Operation = Operation::get(
    "ListSpecialThrottlingConfigurationsV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/throttles/{throttle_id}/throttle-specials",
);
/// Takes a [`CreateSpecialRequest`], answers 201 and a [`Special`].
pub const CREATE_SPECIAL: Operation = Operation::post(
    "CreateSpecialThrottlingConfigurationV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/throttles/{throttle_id}/throttle-specials",
);
/// Takes an [`UpdateSpecialRequest`], answers a [`Special`].
pub const UPDATE_SPECIAL: Operation = Operation::put(
    "UpdateSpecialThrottlingConfigurationV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/throttles/{throttle_id}/throttle-specials/{strategy_id}",
);
/// Answers 204.
pub const DELETE_SPECIAL: Operation = Operation::delete(
    "DeleteSpecialThrottlingConfigurationV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/throttles/{throttle_id}/throttle-specials/{strategy_id}",
);
/// Takes a [`BindRequest`], answers 201 and a [`BindResponse`].
pub const BIND: Operation = Operation::post(
    "AssociateRequestThrottlingPolicyV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/throttle-bindings",
);
/// Takes an [`UnbindRequest`], answers an [`UnbindResponse`].
pub const UNBIND_BATCH: Operation = Operation::put(
    "BatchDisassociateThrottlingPolicyV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/throttle-bindings",
);
/// Answers 204.
pub const UNBIND: Operation = Operation::delete(
    "DisassociateRequestThrottlingPolicyV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/throttle-bindings/{throttle_binding_id}",
);
/// Answers a [`ListApisResponse`].
pub const BOUND_APIS: Operation = Operation::get(
    "ListApisBindedToRequestThrottlingPolicyV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/throttle-bindings/binded-apis",
);
/// Answers a [`ListApisResponse`].
pub const UNBOUND_APIS: Operation = Operation::get(
    "ListApisUnbindedToRequestThrottlingPolicyV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/throttle-bindings/unbinded-apis",
);
/// Answers a [`ListBoundThrottlesResponse`].
pub const BOUND_THROTTLES: Operation = Operation::get(
    "ListRequestThrottlingPoliciesBindedToApiV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/throttle-bindings/binded-throttles",
);

/// A policy, new or changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ThrottleRequest {
    /// 3 to 64 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `SECOND`, `MINUTE`, `HOUR` or `DAY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_unit: Option<String>,
    /// How many of them a window has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_interval: Option<i64>,
    /// Calls of an API in a window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_call_limits: Option<i64>,
    /// Calls of one user; 0 or nothing: no limit of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_call_limits: Option<i64>,
    /// Calls of one app; likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_call_limits: Option<i64>,
    /// Calls from one address; likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_call_limits: Option<i64>,
    /// 1: each API is counted by itself, 2: all together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<i64>,
    /// At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// `FALSE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_adaptive_control: Option<String>,
}

/// A policy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Throttle {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// For people.
    pub remark: String,
    /// 1 or 2.
    pub r#type: i64,
    /// `SECOND`, `MINUTE`, `HOUR` or `DAY`.
    pub time_unit: String,
    /// How many of them a window has.
    pub time_interval: i64,
    /// Calls of an API in a window.
    pub api_call_limits: i64,
    /// 0: no limit of its own.
    pub user_call_limits: i64,
    /// 0: no limit of its own.
    pub app_call_limits: i64,
    /// 0: no limit of its own.
    pub ip_call_limits: i64,
    /// `FALSE`.
    pub enable_adaptive_control: String,
    /// APIs that it is bound to.
    pub bind_num: i64,
    /// 1: apps or users have limits of their own, 2: none.
    pub is_inclu_special_throttle: i64,
    /// When it was made, RFC 3339.
    pub create_time: String,
}

/// Policies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListThrottlesResponse {
    /// How many are here.
    pub size: i64,
    /// How many there are.
    pub total: i64,
    /// The page.
    pub throttles: Vec<Throttle>,
}

/// A policy at an API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BoundThrottle {
    /// The policy.
    #[serde(flatten)]
    pub throttle: Throttle,
    /// Name of the environment.
    pub env_name: String,
    /// The binding.
    pub bind_id: String,
    /// When it was bound, RFC 3339.
    pub bind_time: String,
}

/// Policies of an API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListBoundThrottlesResponse {
    /// How many are here.
    pub size: i64,
    /// How many there are.
    pub total: i64,
    /// The page.
    pub throttles: Vec<BoundThrottle>,
}

/// A limit of one app or user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CreateSpecialRequest {
    /// Calls in a window, at most those of the API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_limits: Option<i64>,
    /// Id of the app, account or project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_id: Option<String>,
    /// `APP` or `USER`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_type: Option<String>,
}

/// A changed limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateSpecialRequest {
    /// Calls in a window, at most those of the API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_limits: Option<i64>,
}

/// A limit of one app or user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Special {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Calls in a window.
    pub call_limits: i64,
    /// When it was set, RFC 3339.
    pub apply_time: String,
    /// Name of the app, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_name: Option<String>,
    /// Id of the app, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_id: Option<String>,
    /// Id of the app, account or project.
    pub object_id: String,
    /// `APP` or `USER`.
    pub object_type: String,
    /// Its name, as far as it is known.
    pub object_name: String,
    /// The policy.
    pub throttle_id: String,
}

/// Limits of single apps and users.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListSpecialsResponse {
    /// How many are here.
    pub size: i64,
    /// How many there are.
    pub total: i64,
    /// The page.
    pub throttle_specials: Vec<Special>,
}

/// Where to bind a policy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BindRequest {
    /// The policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy_id: Option<String>,
    /// Publications of APIs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publish_ids: Option<Vec<String>>,
}

/// A policy at an API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Binding {
    /// The publication.
    pub publish_id: String,
    /// 1: the whole API.
    pub scope: i64,
    /// The policy.
    pub strategy_id: String,
    /// When it was bound, RFC 3339.
    pub apply_time: String,
    /// The binding.
    pub id: String,
}

/// Where it was bound.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BindResponse {
    /// The bindings.
    pub throttle_applys: Vec<Binding>,
}

/// Bindings to be undone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UnbindRequest {
    /// Their ids.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throttle_bindings: Option<Vec<String>>,
}

/// A binding that was not undone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UnbindFailure {
    /// Its id.
    pub bind_id: String,
    /// Why.
    pub error_code: String,
    /// Why, for people.
    pub error_msg: String,
    /// The API, if it is known.
    pub api_id: String,
    /// Its name, if it is known.
    pub api_name: String,
}

/// What was undone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UnbindResponse {
    /// How many.
    pub success_count: i64,
    /// The others.
    pub failure: Vec<UnbindFailure>,
}

/// An API that a policy is, or is not, bound to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Api {
    /// The API.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its group.
    pub group_id: String,
    /// Name of the group.
    pub group_name: String,
    /// 1 public, 2 private.
    pub r#type: i64,
    /// For people.
    pub remark: String,
    /// Who may call it.
    pub auth_type: String,
    /// Its method.
    pub req_method: String,
    /// Its path.
    pub req_uri: String,
    /// The environment.
    pub run_env_id: String,
    /// Name of the environment.
    pub run_env_name: String,
    /// The publication.
    pub publish_id: String,
    /// The binding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throttle_apply_id: Option<String>,
    /// When it was bound, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apply_time: Option<String>,
    /// The policy that is bound there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throttle_name: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
}

/// APIs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListApisResponse {
    /// How many are here.
    pub size: i64,
    /// How many there are.
    pub total: i64,
    /// The page.
    pub apis: Vec<Api>,
}
