//! Environments that APIs are published in, and the variables of groups in them.

use serde::{Deserialize, Serialize};

use crate::Operation;

/// Answers a [`ListEnvironmentsResponse`].
pub const LIST: Operation = Operation::get("ListEnvironmentsV2", "/v2/{project_id}/apigw/instances/{instance_id}/envs");
/// Takes an [`EnvironmentRequest`], answers 201 and an [`Environment`].
pub const CREATE: Operation =
    Operation::post("CreateEnvironmentV2", "/v2/{project_id}/apigw/instances/{instance_id}/envs");
/// Takes an [`EnvironmentRequest`], answers an [`Environment`].
pub const UPDATE: Operation =
    Operation::put("UpdateEnvironmentV2", "/v2/{project_id}/apigw/instances/{instance_id}/envs/{env_id}");
/// Answers 204.
pub const DELETE: Operation =
    Operation::delete("DeleteEnvironmentV2", "/v2/{project_id}/apigw/instances/{instance_id}/envs/{env_id}");
/// Answers a [`ListVariablesResponse`].
pub const LIST_VARIABLES: Operation =
    Operation::get("ListEnvironmentVariablesV2", "/v2/{project_id}/apigw/instances/{instance_id}/env-variables");
/// Takes a [`CreateVariableRequest`], answers 201 and a [`Variable`].
pub const CREATE_VARIABLE: Operation =
    Operation::post("CreateEnvironmentVariableV2", "/v2/{project_id}/apigw/instances/{instance_id}/env-variables");
/// Answers a [`Variable`].
pub const SHOW_VARIABLE: Operation = Operation::get(
    "ShowDetailsOfEnvironmentVariableV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/env-variables/{env_variable_id}",
);
/// Takes an [`UpdateVariableRequest`], answers a [`Variable`].
pub const UPDATE_VARIABLE: Operation = Operation::put(
    "UpdateEnvironmentVariableV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/env-variables/{env_variable_id}",
);
/// Answers 204.
pub const DELETE_VARIABLE: Operation = Operation::delete(
    "DeleteEnvironmentVariableV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/env-variables/{env_variable_id}",
);

/// A new environment, or changes of one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EnvironmentRequest {
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

/// An environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Environment {
    /// When it was made, RFC 3339.
    pub create_time: String,
    /// Its name: `X-Stage`.
    pub name: String,
    /// A description.
    pub remark: String,
    /// 32 hexadecimal digits.
    pub id: String,
}

/// Environments.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListEnvironmentsResponse {
    /// Items of this page.
    pub size: i64,
    /// All items.
    pub total: i64,
    /// The page.
    pub envs: Vec<Environment>,
}

/// A new variable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CreateVariableRequest {
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variable_value: Option<String>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env_id: Option<String>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variable_name: Option<String>,
}

/// Another value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateVariableRequest {
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variable_value: Option<String>,
}

/// A variable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Variable {
    /// Its value.
    pub variable_value: String,
    /// Its environment.
    pub env_id: String,
    /// Its group.
    pub group_id: String,
    /// Its name.
    pub variable_name: String,
    /// 32 hexadecimal digits.
    pub id: String,
}

/// Variables.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListVariablesResponse {
    /// Items of this page.
    pub size: i64,
    /// All items.
    pub total: i64,
    /// The page.
    pub variables: Vec<Variable>,
}
