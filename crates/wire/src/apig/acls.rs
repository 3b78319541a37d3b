//! Access control policies, and what they are bound to.

use serde::{Deserialize, Serialize};

pub use super::throttles::{UnbindFailure, UnbindResponse};

use crate::Operation;

/// Answers a [`ListAclsResponse`].
pub const LIST: Operation =
    Operation::get("ListAclStrategiesV2", "/v2/{project_id}/apigw/instances/{instance_id}/acls");
/// Takes an [`AclRequest`], answers 201 and an [`Acl`].
pub const CREATE: Operation =
    Operation::post("CreateAclStrategyV2", "/v2/{project_id}/apigw/instances/{instance_id}/acls");
/// Takes a [`DeleteRequest`], answers a [`DeleteResponse`].
pub const DELETE_BATCH: Operation =
    Operation::put("BatchDeleteAclV2", "/v2/{project_id}/apigw/instances/{instance_id}/acls");
/// Answers an [`Acl`].
pub const SHOW: Operation =
    Operation::get("ShowDetailsOfAclPolicyV2", "/v2/{project_id}/apigw/instances/{instance_id}/acls/{acl_id}");
/// Takes an [`AclRequest`], answers an [`Acl`].
pub const UPDATE: Operation =
    Operation::put("UpdateAclStrategyV2", "/v2/{project_id}/apigw/instances/{instance_id}/acls/{acl_id}");
/// Answers 204.
pub const DELETE: Operation =
    Operation::delete("DeleteAclV2", "/v2/{project_id}/apigw/instances/{instance_id}/acls/{acl_id}");
/// Takes a [`BindRequest`], answers 201 and a [`BindResponse`].
pub const BIND: Operation =
    Operation::post("CreateApiAclBindingV2", "/v2/{project_id}/apigw/instances/{instance_id}/acl-bindings");
/// Takes an [`UnbindRequest`], answers an [`UnbindResponse`].
pub const UNBIND_BATCH: Operation =
    Operation::put("BatchDeleteApiAclBindingV2", "/v2/{project_id}/apigw/instances/{instance_id}/acl-bindings");
/// Answers 204.
pub const UNBIND: Operation = Operation::delete(
    "DeleteApiAclBindingV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/acl-bindings/{acl_bindings_id}",
);
/// Answers a [`ListBoundAclsResponse`].
pub const BOUND_ACLS: Operation = Operation::get(
    "ListAclPolicyBindedToApiV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/acl-bindings/binded-acls",
);
/// Answers a [`ListBoundApisResponse`].
pub const BOUND_APIS: Operation = Operation::get(
    "ListApisBindedToAclPolicyV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/acl-bindings/binded-apis",
);
/// Answers a [`ListUnboundApisResponse`].
pub const UNBOUND_APIS: Operation = Operation::get(
    "ListApisUnbindedToAclPolicyV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/acl-bindings/unbinded-apis",
);

/// A policy, new or changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AclRequest {
    /// 3 to 64 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acl_name: Option<String>,
    /// `PERMIT` or `DENY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acl_type: Option<String>,
    /// Whom it names, separated by commas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acl_value: Option<String>,
    /// `IP`, `DOMAIN` or `DOMAIN_ID`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity_type: Option<String>,
}

/// A policy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Acl {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its name.
    pub acl_name: String,
    /// `PERMIT` or `DENY`.
    pub acl_type: String,
    /// Whom it names.
    pub acl_value: String,
    /// `IP`, `DOMAIN` or `DOMAIN_ID`.
    pub entity_type: String,
    /// When it was last changed, RFC 3339.
    pub update_time: String,
    /// APIs that it is bound to; in lists only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bind_num: Option<i64>,
}

/// Policies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListAclsResponse {
    /// How many are here.
    pub size: i64,
    /// How many there are.
    pub total: i64,
    /// The page.
    pub acls: Vec<Acl>,
}

/// Policies to be deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeleteRequest {
    /// Their ids.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acls: Option<Vec<String>>,
}

/// A policy that was not deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeleteFailure {
    /// Its id.
    pub acl_id: String,
    /// Its name, if it is known.
    pub acl_name: String,
    /// Why.
    pub error_code: String,
    /// Why, for people.
    pub error_msg: String,
}

/// What was deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeleteResponse {
    /// How many.
    pub success_count: i64,
    /// The others.
    pub failure: Vec<DeleteFailure>,
}

/// Where to bind a policy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BindRequest {
    /// The policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acl_id: Option<String>,
    /// Publications of APIs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publish_ids: Option<Vec<String>>,
}

/// A policy at an API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Binding {
    /// The binding.
    pub id: String,
    /// The API.
    pub api_id: String,
    /// The environment.
    pub env_id: String,
    /// The policy.
    pub acl_id: String,
    /// When it was bound, RFC 3339.
    pub create_time: String,
}

/// Where it was bound.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BindResponse {
    /// The bindings.
    pub acl_bindings: Vec<Binding>,
}

/// Bindings to be undone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UnbindRequest {
    /// Their ids.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acl_bindings: Option<Vec<String>>,
}

/// A policy at an API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BoundAcl {
    /// The policy.
    pub acl_id: String,
    /// Its name.
    pub acl_name: String,
    /// `IP`, `DOMAIN` or `DOMAIN_ID`.
    pub entity_type: String,
    /// `PERMIT` or `DENY`.
    pub acl_type: String,
    /// Whom it names.
    pub acl_value: String,
    /// The environment.
    pub env_id: String,
    /// Its name.
    pub env_name: String,
    /// The binding.
    pub bind_id: String,
    /// When it was bound, RFC 3339.
    pub bind_time: String,
}

/// Policies of an API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListBoundAclsResponse {
    /// How many are here.
    pub size: i64,
    /// How many there are.
    pub total: i64,
    /// The page.
    pub acls: Vec<BoundAcl>,
}

/// An API that a policy is bound to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BoundApi {
    /// The API.
    pub api_id: String,
    /// Its name.
    pub api_name: String,
    /// 1 public, 2 private.
    pub api_type: i64,
    /// For people.
    pub api_remark: String,
    /// The environment.
    pub env_id: String,
    /// Its name.
    pub env_name: String,
    /// The binding.
    pub bind_id: String,
    /// Name of the API's group.
    pub group_name: String,
    /// When it was bound, RFC 3339.
    pub bind_time: String,
    /// The publication.
    pub publish_id: String,
    /// Its method.
    pub req_method: String,
    /// Its tags.
    pub tags: Vec<String>,
}

/// APIs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListBoundApisResponse {
    /// How many are here.
    pub size: i64,
    /// How many there are.
    pub total: i64,
    /// The page.
    pub apis: Vec<BoundApi>,
}

/// An API that a policy is not bound to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UnboundApi {
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
    /// Name of the environment.
    pub run_env_name: String,
    /// The environment.
    pub run_env_id: String,
    /// The publication.
    pub publish_id: String,
    /// The policies that are bound there.
    pub acl_name: String,
    /// Its path.
    pub req_uri: String,
    /// Who may call it.
    pub auth_type: String,
    /// Its method.
    pub req_method: String,
    /// Its tags.
    pub tags: Vec<String>,
}

/// APIs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListUnboundApisResponse {
    /// How many are here.
    pub size: i64,
    /// How many there are.
    pub total: i64,
    /// The page.
    pub apis: Vec<UnboundApi>,
}
