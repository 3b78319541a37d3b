//! APIs: edited, published, called for a test.

mod actions;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Operation;

pub use self::actions::{
    ActionRequest, BatchFailure, BatchRequest, BatchResponse, CheckApiRequest, DebugRequest, DebugResponse,
    ListVersionsResponse, Publication, SwitchRequest, Version,
};

/// Answers a [`ListApisResponse`].
pub const LIST: Operation = Operation::get("ListApisV2", "/v2/{project_id}/apigw/instances/{instance_id}/apis");
/// Takes an [`ApiRequest`], answers 201 and an [`Api`].
pub const CREATE: Operation = Operation::post("CreateApiV2", "/v2/{project_id}/apigw/instances/{instance_id}/apis");
/// Takes an [`ActionRequest`], answers 201 and a [`Publication`].
pub const ACTION: Operation = Operation::post(
    "CreateOrDeletePublishRecordForApiV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/apis/action",
);
/// Takes a [`CheckApiRequest`], answers 204 if there is no such API.
pub const CHECK: Operation =
    Operation::post("CheckApisV2", "/v2/{project_id}/apigw/instances/{instance_id}/apis/check");
/// Takes a [`DebugRequest`], answers a [`DebugResponse`].
pub const DEBUG: Operation =
    Operation::post("DebugApiV2", "/v2/{project_id}/apigw/instances/{instance_id}/apis/debug/{api_id}");
/// Takes a [`BatchRequest`], answers a [`BatchResponse`].
pub const BATCH: Operation =
    Operation::post("BatchPublishOrOfflineApiV2", "/v2/{project_id}/apigw/instances/{instance_id}/apis/publish");
/// Answers a [`ListVersionsResponse`].
pub const LIST_VERSIONS: Operation =
    Operation::get("ListApiVersionsV2", "/v2/{project_id}/apigw/instances/{instance_id}/apis/publish/{api_id}");
/// Takes a [`SwitchRequest`], answers a [`Publication`].
pub const SWITCH_VERSION: Operation =
    Operation::put("ChangeApiVersionV2", "/v2/{project_id}/apigw/instances/{instance_id}/apis/publish/{api_id}");
/// Answers an [`Api`].
pub const RUNTIME: Operation = Operation::get(
    "ListApiRuntimeDefinitionV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/apis/runtime/{api_id}",
);
/// Answers an [`Api`].
pub const SHOW_VERSION: Operation = Operation::get(
    "ListApiVersionDetailV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/apis/versions/{version_id}",
);
/// Takes a version that answers offline; answers 204.
pub const DELETE_VERSION: Operation = Operation::delete(
    "DeleteApiByVersionIdV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/apis/versions/{version_id}",
);
/// Answers an [`Api`].
pub const SHOW: Operation =
    Operation::get("ShowDetailsOfApiV2", "/v2/{project_id}/apigw/instances/{instance_id}/apis/{api_id}");
/// Takes an [`ApiRequest`], answers an [`Api`].
pub const UPDATE: Operation =
    Operation::put("UpdateApiV2", "/v2/{project_id}/apigw/instances/{instance_id}/apis/{api_id}");
/// Answers 204.
pub const DELETE: Operation =
    Operation::delete("DeleteApiV2", "/v2/{project_id}/apigw/instances/{instance_id}/apis/{api_id}");

/// A new API, or another definition of one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ApiRequest {
    /// API name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// 1 public, 2 private.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<i64>,
    /// A label of the client's, at most 16 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// `HTTP`, `HTTPS` or `BOTH`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub req_protocol: Option<String>,
    /// A method, or `ANY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub req_method: Option<String>,
    /// Starts with `/`; parameters in braces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub req_uri: Option<String>,
    /// `NONE`, `APP`, `IAM` or `AUTHORIZER`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_type: Option<String>,
    /// How apps prove themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_opt: Option<AuthOpt>,
    /// Whether browsers of other origins may call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cors: Option<bool>,
    /// `SWA` prefix, `NORMAL` exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub match_mode: Option<String>,
    /// `FUNCTION`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend_type: Option<String>,
    /// A description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// Its group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// Describes the request body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_remark: Option<String>,
    /// An answer when all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_normal_sample: Option<String>,
    /// An answer when it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_failure_sample: Option<String>,
    /// Who decides, for `AUTHORIZER`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorizer_id: Option<String>,
    /// Labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// The group's answers to failures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_id: Option<String>,
    /// A domain of the group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_name: Option<String>,
    /// A label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Type of the request body, for readers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Whether an event function gets the body in base64; an HTTP function gets it as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_send_fg_body_base64: Option<bool>,
    /// Not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_enabled: Option<bool>,
    /// Not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sampling_strategy: Option<String>,
    /// Not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sampling_param: Option<String>,
    /// Only for ROMA.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roma_app_id: Option<String>,
    /// Not a back end here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mock_info: Option<Value>,
    /// Not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_mocks: Option<Value>,
    /// Not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_functions: Option<Value>,
    /// Not a back end here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend_api: Option<Value>,
    /// Not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_https: Option<Value>,
    /// The function as back end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub func_info: Option<FuncInfo>,
    /// Parameters of requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub req_params: Option<Vec<RequestParameter>>,
    /// What the back end gets beside the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend_params: Option<Vec<BackendParameter>>,
}

/// An API, or what is published of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Api {
    /// API name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// 1 public, 2 private.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<i64>,
    /// A label of the client's, at most 16 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// `HTTP`, `HTTPS` or `BOTH`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub req_protocol: Option<String>,
    /// A method, or `ANY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub req_method: Option<String>,
    /// Starts with `/`; parameters in braces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub req_uri: Option<String>,
    /// `NONE`, `APP`, `IAM` or `AUTHORIZER`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_type: Option<String>,
    /// How apps prove themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_opt: Option<AuthOpt>,
    /// Whether browsers of other origins may call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cors: Option<bool>,
    /// `SWA` prefix, `NORMAL` exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub match_mode: Option<String>,
    /// `FUNCTION`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend_type: Option<String>,
    /// A description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// Its group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// Describes the request body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_remark: Option<String>,
    /// An answer when all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_normal_sample: Option<String>,
    /// An answer when it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_failure_sample: Option<String>,
    /// Who decides, for `AUTHORIZER`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorizer_id: Option<String>,
    /// Labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// The group's answers to failures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_id: Option<String>,
    /// A domain of the group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_name: Option<String>,
    /// A label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Type of the request body, for readers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Whether an event function gets the body in base64; an HTTP function gets it as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_send_fg_body_base64: Option<bool>,
    /// 32 hexadecimal digits.
    pub id: String,
    /// 1: valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<i64>,
    /// 2: its back end is used as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrange_necessary: Option<i64>,
    /// When it was made, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub register_time: Option<String>,
    /// When it was last edited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_time: Option<String>,
    /// Name of its group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_name: Option<String>,
    /// `V1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_version: Option<String>,
    /// Environments it is published in, with `|` between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_env_id: Option<String>,
    /// Names of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_env_name: Option<String>,
    /// Publications, in the same order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publish_id: Option<String>,
    /// When that was, in the same order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publish_time: Option<String>,
    /// Versions only: the host of its group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sl_domain: Option<String>,
    /// Versions only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sl_domains: Option<Vec<String>>,
    /// Versions only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// The function as back end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub func_info: Option<FuncInfo>,
    /// Parameters of requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub req_params: Option<Vec<RequestParameter>>,
    /// What the back end gets beside the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend_params: Option<Vec<BackendParameter>>,
}

/// How apps prove themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuthOpt {
    /// `DISABLE`, or `HEADER`: an AppCode is enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_code_auth_type: Option<String>,
}

/// The function as back end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FuncInfo {
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function_urn: Option<String>,
    /// A description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// `sync`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invocation_type: Option<String>,
    /// `V1` or `V2`; both are this host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_type: Option<String>,
    /// Version of the function.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// URN of an alias; goes before the version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias_urn: Option<String>,
    /// Milliseconds, 1 to 60,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<i64>,
    /// A back end authorizer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorizer_id: Option<String>,
    /// `HTTPS`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub req_protocol: Option<String>,
    /// Answers only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Answers only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub register_time: Option<String>,
    /// Answers only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<i64>,
    /// Answers only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_time: Option<String>,
}

/// A parameter of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestParameter {
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `STRING` or `NUMBER`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// `PATH`, `QUERY`, `HEADER` or `COOKIE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// What the back end gets when it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_value: Option<String>,
    /// An example.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample_value: Option<String>,
    /// 1: must be given. 2: need not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required: Option<i64>,
    /// 1: checked. 2: not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_enable: Option<i64>,
    /// A description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// What it may be, with commas between.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enumerations: Option<String>,
    /// Least number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_num: Option<i64>,
    /// Greatest number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_num: Option<i64>,
    /// Least length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_size: Option<i64>,
    /// Greatest length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_size: Option<i64>,
    /// Not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regular: Option<String>,
    /// Not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json_schema: Option<String>,
    /// 1: the back end gets it as it is. 2: it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pass_through: Option<i64>,
    /// Not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orchestrations: Option<Vec<String>>,
    /// Answers only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// What the back end gets beside the request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BackendParameter {
    /// `REQUEST`, `CONSTANT` or `SYSTEM`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// Its name at the back end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// `QUERY` or `HEADER`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// A request parameter, a constant, or the name of a value of the gateway's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Answers only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Answers only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub req_param_id: Option<String>,
}

/// APIs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListApisResponse {
    /// Items of this page.
    pub size: i64,
    /// All items.
    pub total: i64,
    /// The page.
    pub apis: Vec<Api>,
}
