//! The gateway itself: there is one, built in.

use serde::{Deserialize, Serialize};

use crate::Operation;

/// Answers a [`ListInstancesResponse`].
pub const LIST: Operation = Operation::get("ListInstancesV2", "/v2/{project_id}/apigw/instances");
/// Answers an [`Instance`].
pub const SHOW: Operation = Operation::get("ShowDetailsOfInstanceV2", "/v2/{project_id}/apigw/instances/{instance_id}");
/// Answers [`Progress`].
pub const PROGRESS: Operation =
    Operation::get("ShowDetailsOfInstanceProgressV2", "/v2/{project_id}/apigw/instances/{instance_id}/progress");
/// Answers a [`ListFeaturesResponse`].
pub const FEATURES: Operation =
    Operation::get("ListFeaturesV2", "/v2/{project_id}/apigw/instances/{instance_id}/features");
/// Answers a [`ListInstanceFeaturesResponse`].
pub const INSTANCE_FEATURES: Operation =
    Operation::get("ListInstanceFeatures", "/v2/{project_id}/apigw/instances/{instance_id}/instance-features");
/// Answers a [`ListConfigsResponse`].
pub const CONFIGS: Operation =
    Operation::get("ListProjectCofigsV2", "/v2/{project_id}/apigw/instances/{instance_id}/project/configs");
/// Answers [`ApiQuantities`].
pub const API_QUANTITIES: Operation =
    Operation::get("ListApiQuantitiesV2", "/v2/{project_id}/apigw/instances/{instance_id}/resources/outline/apis");
/// Answers [`AppQuantities`].
pub const APP_QUANTITIES: Operation =
    Operation::get("ListAppQuantitiesV2", "/v2/{project_id}/apigw/instances/{instance_id}/resources/outline/apps");
/// Answers [`GroupQuantities`].
pub const GROUP_QUANTITIES: Operation = Operation::get(
    "ListApiGroupsQuantitiesV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/resources/outline/groups",
);

/// The gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Instance {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Project that asks.
    pub project_id: String,
    /// Its name.
    pub instance_name: String,
    /// `Running`.
    pub status: String,
    /// 6: running.
    pub instance_status: i64,
    /// `apig`.
    pub r#type: String,
    /// An edition of the vendor's.
    pub spec: String,
    /// Milliseconds since 1970: when the installation was made.
    pub create_time: i64,
    /// 0: not prepaid.
    pub charging_mode: i64,
    /// Details only: where it listens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ingress_ip: Option<String>,
    /// Details only: where it listens, by protocol.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listeners: Option<Listeners>,
    /// Details only: version of funcd.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_version: Option<String>,
    /// Details only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Details only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supported_features: Option<Vec<String>>,
}

/// Where a gateway listens. The vendor says of it only that it is an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Listeners {
    /// Address of the default group by http.
    pub http: String,
    /// The same by https, if TLS is spoken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub https: Option<String>,
}

/// All gateways.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListInstancesResponse {
    /// Items of this page.
    pub size: i64,
    /// All items.
    pub total: i64,
    /// The page.
    pub instances: Vec<Instance>,
}

/// How far the creation is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// 100.
    pub progress: i64,
    /// `success`.
    pub status: String,
    /// Milliseconds since 1970.
    pub start_time: i64,
    /// Milliseconds since 1970.
    pub end_time: i64,
}

/// Something the gateway can do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Feature {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it is on.
    pub enable: bool,
    /// Its settings.
    pub config: String,
    /// The gateway.
    pub instance_id: String,
    /// When it last changed.
    pub update_time: String,
}

/// Features that can be switched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListFeaturesResponse {
    /// Items of this page.
    pub size: i64,
    /// All items.
    pub total: i64,
    /// The page.
    pub features: Vec<Feature>,
}

/// Names of what the gateway can do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListInstanceFeaturesResponse {
    /// Items of this page.
    pub size: i64,
    /// All items.
    pub total: i64,
    /// The page.
    pub features: Vec<String>,
}

/// A limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Config {
    /// Its id.
    pub config_id: String,
    /// Its name.
    pub config_name: String,
    /// The limit.
    pub config_value: String,
    /// When it was set.
    pub config_time: String,
    /// What it limits.
    pub remark: String,
    /// How much of it is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used: Option<i64>,
}

/// Limits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListConfigsResponse {
    /// Items of this page.
    pub size: i64,
    /// All items.
    pub total: i64,
    /// The page.
    pub configs: Vec<Config>,
}

/// How many APIs there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ApiQuantities {
    /// All.
    pub instance_num: i64,
    /// Published in RELEASE.
    pub nums_on_release: i64,
    /// Not published there.
    pub nums_off_release: i64,
}

/// How many apps there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AppQuantities {
    /// Authorized for an API.
    pub authed_nums: i64,
    /// Not authorized for any.
    pub unauthed_nums: i64,
}

/// How many groups there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GroupQuantities {
    /// Not on the marketplace: all.
    pub offsell_nums: i64,
    /// On the marketplace.
    pub onsell_nums: i64,
}
