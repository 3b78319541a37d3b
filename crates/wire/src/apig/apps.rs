//! Apps, which newer manuals call credentials: create, list, show, change, delete; their secret and their access list.

use serde::{Deserialize, Serialize};

use crate::Operation;

/// Answers a [`ListAppsResponse`].
pub const LIST: Operation = Operation::get("ListAppsV2", "/v2/{project_id}/apigw/instances/{instance_id}/apps");
/// Takes an [`AppRequest`], answers 201 and an [`App`].
pub const CREATE: Operation = Operation::post("CreateAnAppV2", "/v2/{project_id}/apigw/instances/{instance_id}/apps");
/// Answers an [`App`].
pub const SHOW: Operation =
    Operation::get("ShowDetailsOfAppV2", "/v2/{project_id}/apigw/instances/{instance_id}/apps/{app_id}");
/// Takes an [`AppRequest`], answers an [`App`].
pub const UPDATE: Operation =
    Operation::put("UpdateAppV2", "/v2/{project_id}/apigw/instances/{instance_id}/apps/{app_id}");
/// Answers 204.
pub const DELETE: Operation =
    Operation::delete("DeleteAppV2", "/v2/{project_id}/apigw/instances/{instance_id}/apps/{app_id}");
/// Takes a [`ResetSecretRequest`], answers an [`App`].
pub const RESET_SECRET: Operation =
    Operation::put("ResettingAppSecretV2", "/v2/{project_id}/apigw/instances/{instance_id}/apps/secret/{app_id}");
/// Whether the app is there; answers a [`CheckAppResponse`].
pub const CHECK: Operation =
    Operation::get("CheckAppV2", "/v2/{project_id}/apigw/instances/{instance_id}/apps/validation/{app_id}");
/// Answers an [`AppAcl`].
pub const SHOW_ACL: Operation =
    Operation::get("ShowDetailsOfAppAcl", "/v2/{project_id}/apigw/instances/{instance_id}/apps/{app_id}/app-acl");
/// Takes an [`AppAclRequest`], answers 201 and an [`AppAcl`].
pub const UPDATE_ACL: Operation =
    Operation::put("UpdateAppAcl", "/v2/{project_id}/apigw/instances/{instance_id}/apps/{app_id}/app-acl");
/// Answers 204.
pub const DELETE_ACL: Operation =
    Operation::delete("DeleteAppAcl", "/v2/{project_id}/apigw/instances/{instance_id}/apps/{app_id}/app-acl");

/// A new app, or what is to change of one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AppRequest {
    /// Required: 3 to 64 letters, digits and underscores; begins with a letter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// 8 to 200 characters; made if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_key: Option<String>,
    /// 8 to 128 characters; made if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_secret: Option<String>,
    /// Not supported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub related_domain_id: Option<String>,
    /// Not supported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub related_project_id: Option<String>,
}

/// Another secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResetSecretRequest {
    /// 8 to 128 characters; made if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_secret: Option<String>,
}

/// An app.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct App {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// For people.
    pub remark: String,
    /// `USER`.
    pub creator: String,
    /// When it was last changed, RFC 3339.
    pub update_time: String,
    /// The AppKey.
    pub app_key: String,
    /// The AppSecret.
    pub app_secret: String,
    /// When it was made, RFC 3339.
    pub register_time: String,
    /// 1: it may call.
    pub status: i64,
    /// `apig`.
    pub app_type: String,
    /// How many APIs it may call; in lists only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bind_num: Option<i64>,
}

/// A page of apps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListAppsResponse {
    /// How many are on the page.
    pub size: i64,
    /// How many there are.
    pub total: i64,
    /// The page, newest first.
    pub apps: Vec<App>,
}

/// That an app is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CheckAppResponse {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// For people.
    pub remark: String,
}

/// From where an app may call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AppAclRequest {
    /// Required: `PERMIT` or `DENY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_acl_type: Option<String>,
    /// Required: addresses, ranges `a-b` and networks `a/bits`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_acl_values: Option<Vec<String>>,
}

/// From where an app may call; both empty where it may from anywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AppAcl {
    /// Its id.
    pub app_id: String,
    /// `PERMIT` or `DENY`.
    pub app_acl_type: String,
    /// As they were written.
    pub app_acl_values: Vec<String>,
}
