//! Authorizations: which app may call which API in which environment.

use serde::{Deserialize, Serialize};

use crate::Operation;

/// Takes a [`GrantRequest`], answers 201 and a [`GrantResponse`].
pub const CREATE: Operation =
    Operation::post("CreateAuthorizingAppsV2", "/v2/{project_id}/apigw/instances/{instance_id}/app-auths");
/// The APIs that an app may call; answers a [`ListGrantsResponse`].
pub const LIST_APIS: Operation =
    Operation::get("ListApisBindedToAppV2", "/v2/{project_id}/apigw/instances/{instance_id}/app-auths/binded-apis");
/// The apps that may call an API; answers a [`ListGrantsResponse`].
pub const LIST_APPS: Operation =
    Operation::get("ListAppsBindedToApiV2", "/v2/{project_id}/apigw/instances/{instance_id}/app-auths/binded-apps");
/// The APIs that an app may not call yet; answers a [`ListOpenApisResponse`].
pub const LIST_OTHERS: Operation =
    Operation::get("ListApisUnbindedToAppV2", "/v2/{project_id}/apigw/instances/{instance_id}/app-auths/unbinded-apis");
/// Answers 204.
pub const DELETE: Operation = Operation::delete(
    "CancelingAuthorizationV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/app-auths/{app_auth_id}",
);

/// Every app may call every API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GrantRequest {
    /// Required: the environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env_id: Option<String>,
    /// Required: the apps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_ids: Option<Vec<String>>,
    /// Required: the APIs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_ids: Option<Vec<String>>,
}

/// What came of it, for each app and API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GrantResponse {
    /// One for each pair.
    pub auths: Vec<NewGrant>,
}

/// What came of one pair.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NewGrant {
    /// The API.
    pub api_id: String,
    /// Whether it is there now.
    pub auth_result: GrantResult,
    /// When it was given, RFC 3339; empty if it was not.
    pub auth_time: String,
    /// Id of the authorization; empty if there is none.
    pub id: String,
    /// The app.
    pub app_id: String,
    /// `PROVIDER`.
    pub auth_role: String,
    /// `NORMAL`.
    pub auth_tunnel: String,
    /// Empty.
    pub auth_whitelist: Vec<String>,
    /// Empty.
    pub auth_blacklist: Vec<String>,
}

/// Whether an authorization is there now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GrantResult {
    /// `SUCCESS`; `SKIPPED` when it was there before; `FAILED`.
    pub status: String,
    /// Why it failed.
    pub error_msg: String,
    /// The code for it.
    pub error_code: String,
    /// Name of the API; empty when that is not there.
    pub api_name: String,
    /// Name of the app.
    pub app_name: String,
}

/// A page of authorizations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListGrantsResponse {
    /// How many are on the page.
    pub size: i64,
    /// How many there are.
    pub total: i64,
    /// The page, newest first.
    pub auths: Vec<Grant>,
}

/// An authorization with what it joins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Grant {
    /// 32 hexadecimal digits.
    pub id: String,
    /// The API.
    pub api_id: String,
    /// Its name.
    pub api_name: String,
    /// Name of its group.
    pub group_name: String,
    /// Id of its group.
    pub group_id: String,
    /// 1 public, 2 private.
    pub api_type: i64,
    /// What is remarked of it.
    pub api_remark: String,
    /// The environment.
    pub env_id: String,
    /// Its name.
    pub env_name: String,
    /// `PROVIDER`.
    pub auth_role: String,
    /// When it was given, RFC 3339.
    pub auth_time: String,
    /// The app.
    pub app_id: String,
    /// Its name.
    pub app_name: String,
    /// What is remarked of it.
    pub app_remark: String,
    /// `apig`.
    pub app_type: String,
    /// `USER`.
    pub app_creator: String,
    /// The publication; empty where the API is not published in the environment.
    pub publish_id: String,
    /// `NORMAL`.
    pub auth_tunnel: String,
}

/// A page of APIs that ask for an app.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListOpenApisResponse {
    /// How many are on the page.
    pub size: i64,
    /// How many there are.
    pub total: i64,
    /// The page.
    pub apis: Vec<OpenApi>,
}

/// An API that something could be bound to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OpenApi {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `APP`.
    pub auth_type: String,
    /// What is remarked of it.
    pub remark: String,
    /// Id of its group.
    pub group_id: String,
    /// Name of its group.
    pub group_name: String,
    /// The environment it is published in.
    pub run_env_id: String,
    /// Its name.
    pub run_env_name: String,
    /// The publication.
    pub publish_id: String,
    /// Its path.
    pub req_uri: String,
}
