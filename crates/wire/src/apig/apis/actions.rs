//! What is done with an API that is there: published, checked, switched, called for a test.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Publish, or take offline.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ActionRequest {
    /// `online` or `offline`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env_id: Option<String>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_id: Option<String>,
    /// A description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

/// What is published, or was until now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Publication {
    /// 32 hexadecimal digits.
    pub publish_id: String,
    /// The API.
    pub api_id: String,
    /// Its name.
    pub api_name: String,
    /// The environment.
    pub env_id: String,
    /// A description.
    pub remark: String,
    /// RFC 3339.
    pub publish_time: String,
    /// The version.
    pub version_id: String,
}

/// Is there such an API?
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CheckApiRequest {
    /// `path` or `name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// For `name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// For `path`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub req_method: Option<String>,
    /// For `path`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub req_uri: Option<String>,
    /// For `path`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub match_mode: Option<String>,
    /// For `path`; for `name`, any group if it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// Only for ROMA.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roma_app_id: Option<String>,
    /// The API that is being edited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_id: Option<String>,
}

/// Publish or take offline several.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BatchRequest {
    /// APIs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apis: Option<Vec<String>>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env_id: Option<String>,
    /// All APIs of a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// A description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

/// How it went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BatchResponse {
    /// Where it went well.
    pub success: Vec<Publication>,
    /// Where it did not.
    pub failure: Vec<BatchFailure>,
}

/// An API where it did not go well.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BatchFailure {
    /// The API.
    pub api_id: String,
    /// Its name.
    pub api_name: String,
    /// The code.
    pub error_code: String,
    /// Why.
    pub error_msg: String,
}

/// A version of an API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Version {
    /// 32 hexadecimal digits.
    pub version_id: String,
    /// The time it was published, as digits.
    pub version_no: String,
    /// The API.
    pub api_id: String,
    /// The environment.
    pub env_id: String,
    /// Its name.
    pub env_name: String,
    /// A description.
    pub remark: String,
    /// RFC 3339.
    pub publish_time: String,
    /// 1: it answers. 2: it does not.
    pub status: i64,
}

/// Versions, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListVersionsResponse {
    /// Items of this page.
    pub size: i64,
    /// All items.
    pub total: i64,
    /// The page.
    pub api_versions: Vec<Version>,
}

/// Which version shall answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SwitchRequest {
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
}

/// A request for a test.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DebugRequest {
    /// `DEVELOPER`: as edited. `CONSUMER`: as published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// `HTTP` or `HTTPS`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// The method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Query parameters: a text, or several, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<Value>,
    /// Headers: a text, or several, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<Value>,
    /// The body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_key: Option<String>,
    /// Not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_secret: Option<String>,
    /// The host that is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The environment, for `CONSUMER`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
}

/// What became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DebugResponse {
    /// The request as it was sent.
    pub request: String,
    /// The answer as it came.
    pub response: String,
    /// Milliseconds.
    pub latency: i64,
    /// What happened on the way.
    pub log: String,
}
