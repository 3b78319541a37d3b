//! API groups: a name and the host their APIs answer at.

use serde::{Deserialize, Serialize};

use crate::Operation;

/// Answers a [`ListGroupsResponse`].
pub const LIST: Operation =
    Operation::get("ListApiGroupsV2", "/v2/{project_id}/apigw/instances/{instance_id}/api-groups");
/// Takes a [`GroupRequest`], answers 201 and a [`Group`].
pub const CREATE: Operation =
    Operation::post("CreateApiGroupV2", "/v2/{project_id}/apigw/instances/{instance_id}/api-groups");
/// Takes a [`CheckGroupRequest`], answers 204 if there is no such group.
pub const CHECK: Operation =
    Operation::post("CheckApiGroupsV2", "/v2/{project_id}/apigw/instances/{instance_id}/api-groups/check");
/// Answers a [`Group`].
pub const SHOW: Operation =
    Operation::get("ShowDetailsOfApiGroupV2", "/v2/{project_id}/apigw/instances/{instance_id}/api-groups/{group_id}");
/// Takes a [`GroupRequest`], answers a [`Group`].
pub const UPDATE: Operation =
    Operation::put("UpdateApiGroupV2", "/v2/{project_id}/apigw/instances/{instance_id}/api-groups/{group_id}");
/// Answers 204.
pub const DELETE: Operation =
    Operation::delete("DeleteApiGroupV2", "/v2/{project_id}/apigw/instances/{instance_id}/api-groups/{group_id}");

/// A new group, or changes of one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GroupRequest {
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// Only for ROMA.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roma_app_id: Option<String>,
    /// New groups only: `V1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// Is there a group of this name?
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CheckGroupRequest {
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_name: Option<String>,
    /// Only for ROMA.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roma_app_id: Option<String>,
}

/// A group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Group {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// 1: valid.
    pub status: i64,
    /// Host name at which its APIs answer; of the default group the address of the gateway.
    pub sl_domain: String,
    /// When it was made, RFC 3339.
    pub register_time: String,
    /// When it last changed.
    pub update_time: String,
    /// 2: not on the marketplace.
    pub on_sell_status: i64,
    /// Its own domains.
    pub url_domains: Vec<UrlDomain>,
    /// Whether `sl_domain` answers.
    pub sl_domain_access_enabled: bool,
    /// `sl_domain`.
    pub sl_domains: Vec<String>,
    /// A description.
    pub remark: String,
    /// 1: the default group. 2: another one.
    pub is_default: i64,
    /// `V1`.
    pub version: String,
}

/// A domain of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UrlDomain {
    /// 32 hexadecimal digits.
    pub id: String,
    /// The host name.
    pub domain: String,
    /// 1: not resolved. 3: resolved.
    pub cname_status: i64,
    /// Its certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssl_id: Option<String>,
    /// Name of the certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssl_name: Option<String>,
    /// `TLSv1.1` or `TLSv1.2`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_ssl_version: Option<String>,
    /// Whether clients must show a certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified_client_certificate_enabled: Option<bool>,
    /// Whether the certificate has a root for clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_has_trusted_root_ca: Option<bool>,
    /// -1: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ingress_http_port: Option<i64>,
    /// -1: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ingress_https_port: Option<i64>,
}

/// Groups.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListGroupsResponse {
    /// Items of this page.
    pub size: i64,
    /// All items.
    pub total: i64,
    /// The page.
    pub groups: Vec<Group>,
}
