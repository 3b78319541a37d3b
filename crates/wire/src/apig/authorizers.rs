//! Custom authorizers: create, list, show, change, delete.

use serde::{Deserialize, Serialize};

use crate::Operation;

/// Answers a [`ListAuthorizersResponse`].
pub const LIST: Operation =
    Operation::get("ListCustomAuthorizersV2", "/v2/{project_id}/apigw/instances/{instance_id}/authorizers");
/// Takes an [`AuthorizerRequest`], answers 201 and an [`Authorizer`].
pub const CREATE: Operation =
    Operation::post("CreateCustomAuthorizerV2", "/v2/{project_id}/apigw/instances/{instance_id}/authorizers");
/// Answers an [`Authorizer`].
pub const SHOW: Operation = Operation::get(
    "ShowDetailsOfCustomAuthorizersV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/authorizers/{authorizer_id}",
);
/// Takes an [`AuthorizerRequest`], answers an [`Authorizer`].
pub const UPDATE: Operation = Operation::put(
    "UpdateCustomAuthorizerV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/authorizers/{authorizer_id}",
);
/// Answers 204.
pub const DELETE: Operation = Operation::delete(
    "DeleteCustomAuthorizerV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/authorizers/{authorizer_id}",
);

/// A new authorizer, or all of one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuthorizerRequest {
    /// Required: 3 to 64 letters, digits and underscores; begins with a letter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Required: `FRONTEND`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// Required: `FUNC`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorizer_type: Option<String>,
    /// Required: URN of the function.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorizer_uri: Option<String>,
    /// `V1` or `V2`; the same here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_type: Option<String>,
    /// Version of the function; that of the URN, or `latest`, if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorizer_version: Option<String>,
    /// URN of an alias, which counts instead of the version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorizer_alias_uri: Option<String>,
    /// What a decision is kept by; required where it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identities: Option<Vec<Identity>>,
    /// Seconds that a decision is kept, 0 to 3600; 0 if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<i64>,
    /// What the function gets with each request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_data: Option<String>,
    /// Not supported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ld_api_id: Option<String>,
    /// Whether the function gets the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub need_body: Option<bool>,
}

/// A part of a request that says who calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Identity {
    /// Name of the header or the query parameter.
    pub name: String,
    /// `HEADER` or `QUERY`.
    pub location: String,
    /// Not supported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation: Option<String>,
}

/// An authorizer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Authorizer {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `FRONTEND`.
    pub r#type: String,
    /// `FUNC`.
    pub authorizer_type: String,
    /// URN of the function.
    pub authorizer_uri: String,
    /// `V2`.
    pub network_type: String,
    /// Version of the function; empty where an alias counts.
    pub authorizer_version: String,
    /// URN of the alias; empty where a version counts.
    pub authorizer_alias_uri: String,
    /// What a decision is kept by.
    pub identities: Vec<Identity>,
    /// Seconds that a decision is kept.
    pub ttl: i64,
    /// What the function gets with each request.
    pub user_data: String,
    /// Whether the function gets the body.
    pub need_body: bool,
    /// When it was made, RFC 3339.
    pub create_time: String,
}

/// A page of authorizers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListAuthorizersResponse {
    /// How many are on the page.
    pub size: i64,
    /// How many there are.
    pub total: i64,
    /// The page, newest first.
    pub authorizer_list: Vec<Authorizer>,
}
