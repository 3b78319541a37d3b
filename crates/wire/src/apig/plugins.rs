//! Plug-ins, and what they are attached to.

use serde::{Deserialize, Serialize};

use crate::Operation;

/// Answers a [`ListPluginsResponse`].
pub const LIST: Operation = Operation::get("ListPlugins", "/v2/{project_id}/apigw/instances/{instance_id}/plugins");
/// Takes a [`PluginRequest`], answers 201 and a [`Plugin`].
pub const CREATE: Operation = Operation::post("CreatePlugin", "/v2/{project_id}/apigw/instances/{instance_id}/plugins");
/// Answers a [`Plugin`].
pub const SHOW: Operation =
    Operation::get("ShowPlugin", "/v2/{project_id}/apigw/instances/{instance_id}/plugins/{plugin_id}");
/// Takes a [`PluginRequest`], answers a [`Plugin`].
pub const UPDATE: Operation =
    Operation::put("UpdatePlugin", "/v2/{project_id}/apigw/instances/{instance_id}/plugins/{plugin_id}");
/// Answers 204.
pub const DELETE: Operation =
    Operation::delete("DeletePlugin", "/v2/{project_id}/apigw/instances/{instance_id}/plugins/{plugin_id}");
/// Takes an [`ApisRequest`], answers 201 and an [`AttachResponse`].
pub const ATTACH: Operation =
    Operation::post("AttachApiToPlugin", "/v2/{project_id}/apigw/instances/{instance_id}/plugins/{plugin_id}/attach");
/// Takes an [`ApisRequest`], answers 204.
pub const DETACH: Operation =
    Operation::put("DetachApiFromPlugin", "/v2/{project_id}/apigw/instances/{instance_id}/plugins/{plugin_id}/detach");
/// Answers a [`ListApisResponse`].
pub const ATTACHABLE_APIS: Operation = Operation::get(
    "ListPluginAttachableApis",
    "/v2/{project_id}/apigw/instances/{instance_id}/plugins/{plugin_id}/attachable-apis",
);
/// Answers a [`ListApisResponse`].
pub const ATTACHED_APIS: Operation = Operation::get(
    "ListPluginAttachedApis",
    "/v2/{project_id}/apigw/instances/{instance_id}/plugins/{plugin_id}/attached-apis",
);
/// Takes a [`PluginsRequest`], answers 201 and an [`AttachResponse`].
pub const ATTACH_TO_API: Operation =
    Operation::post("AttachPluginToApi", "/v2/{project_id}/apigw/instances/{instance_id}/apis/{api_id}/plugins/attach");
/// Takes a [`PluginsRequest`], answers 204.
pub const DETACH_FROM_API: Operation = Operation::put(
    "DetachPluginFromApi",
    "/v2/{project_id}/apigw/instances/{instance_id}/apis/{api_id}/plugins/detach",
);
/// Answers a [`ListPluginsResponse`].
pub const ATTACHABLE_PLUGINS: Operation = Operation::get(
    "ListApiAttachablePlugins",
    "/v2/{project_id}/apigw/instances/{instance_id}/apis/{api_id}/attachable-plugins",
);
/// Answers a [`ListAttachedPluginsResponse`].
pub const ATTACHED_PLUGINS: Operation = Operation::get(
    "ListApiAttachedPlugins",
    "/v2/{project_id}/apigw/instances/{instance_id}/apis/{api_id}/attached-plugins",
);

/// A plug-in, new or changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PluginRequest {
    /// 3 to 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugin_name: Option<String>,
    /// `cors`, `set_resp_headers` or `rate_limit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugin_type: Option<String>,
    /// `global`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugin_scope: Option<String>,
    /// The document, JSON in a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugin_content: Option<String>,
    /// At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

/// A plug-in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Plugin {
    /// 32 hexadecimal digits.
    pub plugin_id: String,
    /// Its name.
    pub plugin_name: String,
    /// What its document is.
    pub plugin_type: String,
    /// `global`.
    pub plugin_scope: String,
    /// The document.
    pub plugin_content: String,
    /// For people.
    pub remark: String,
    /// When it was made, RFC 3339.
    pub create_time: String,
    /// When it was last changed, RFC 3339.
    pub update_time: String,
}

/// Plug-ins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListPluginsResponse {
    /// How many are here.
    pub size: i64,
    /// How many there are.
    pub total: i64,
    /// The page.
    pub plugins: Vec<Plugin>,
}

/// A plug-in at an API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AttachedPlugin {
    /// The plug-in.
    #[serde(flatten)]
    pub plugin: Plugin,
    /// The binding.
    pub plugin_attach_id: String,
    /// The environment.
    pub env_id: String,
    /// Its name.
    pub env_name: String,
    /// When it was attached, RFC 3339.
    pub attached_time: String,
}

/// Plug-ins of an API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListAttachedPluginsResponse {
    /// How many are here.
    pub size: i64,
    /// How many there are.
    pub total: i64,
    /// The page.
    pub plugins: Vec<AttachedPlugin>,
}

/// APIs of one environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ApisRequest {
    /// The environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env_id: Option<String>,
    /// The APIs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_ids: Option<Vec<String>>,
}

/// Plug-ins for one environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PluginsRequest {
    /// The environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env_id: Option<String>,
    /// The plug-ins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugin_ids: Option<Vec<String>>,
}

/// A plug-in at an API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attached {
    /// The binding.
    pub plugin_attach_id: String,
    /// The plug-in.
    pub plugin_id: String,
    /// Its name.
    pub plugin_name: String,
    /// Its type.
    pub plugin_type: String,
    /// `global`.
    pub plugin_scope: String,
    /// The environment.
    pub env_id: String,
    /// Its name.
    pub env_name: String,
    /// The API.
    pub api_id: String,
    /// Its name.
    pub api_name: String,
    /// When it was attached, RFC 3339.
    pub attached_time: String,
}

/// What is attached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AttachResponse {
    /// Where.
    pub attached_plugins: Vec<Attached>,
}

/// An API that a plug-in is attached to, or may be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Api {
    /// The API.
    pub api_id: String,
    /// Its name.
    pub api_name: String,
    /// 1 public, 2 private.
    pub r#type: i64,
    /// `HTTP`, `HTTPS` or `BOTH`.
    pub req_protocol: String,
    /// Its method.
    pub req_method: String,
    /// Its path.
    pub req_uri: String,
    /// Who may call it.
    pub auth_type: String,
    /// `SWA` or `NORMAL`.
    pub match_mode: String,
    /// For people.
    pub remark: String,
    /// Its group.
    pub group_id: String,
    /// Name of the group.
    pub group_name: String,
    /// The environment.
    pub env_id: String,
    /// Its name.
    pub env_name: String,
    /// The publication.
    pub publish_id: String,
    /// The binding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugin_attach_id: Option<String>,
    /// When it was attached, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attached_time: Option<String>,
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
