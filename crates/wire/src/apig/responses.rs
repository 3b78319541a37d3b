//! Responses of a group in place of the gateway's errors.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Operation;

/// Answers a [`ListResponsesResponse`].
pub const LIST: Operation = Operation::get(
    "ListGatewayResponsesV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/api-groups/{group_id}/gateway-responses",
);
/// Takes a [`ResponsesRequest`], answers 201 and [`Responses`].
pub const CREATE: Operation = Operation::post(
    "CreateGatewayResponseV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/api-groups/{group_id}/gateway-responses",
);
/// Answers [`Responses`].
pub const SHOW: Operation = Operation::get(
    "ShowDetailsOfGatewayResponseV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/api-groups/{group_id}/gateway-responses/{response_id}",
);
/// Takes a [`ResponsesRequest`], answers [`Responses`].
pub const UPDATE: Operation = Operation::put(
    "UpdateGatewayResponseV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/api-groups/{group_id}/gateway-responses/{response_id}",
);
/// Answers 204.
pub const DELETE: Operation = Operation::delete(
    "DeleteGatewayResponseV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/api-groups/{group_id}/gateway-responses/{response_id}",
);
/// Answers a map of one [`Rule`].
pub const SHOW_TYPE: Operation = Operation::get(
    "ShowDetailsOfGatewayResponseTypeV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/api-groups/{group_id}/gateway-responses/{response_id}/{response_type}",
);
/// Takes a [`RuleRequest`], answers a map of one [`Rule`].
pub const UPDATE_TYPE: Operation = Operation::put(
    "UpdateGatewayResponseTypeV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/api-groups/{group_id}/gateway-responses/{response_id}/{response_type}",
);
/// Answers 204; the type is as it usually is.
pub const DELETE_TYPE: Operation = Operation::delete(
    "DeleteGatewayResponseTypeV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/api-groups/{group_id}/gateway-responses/{response_id}/{response_type}",
);

/// Responses, new or changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResponsesRequest {
    /// 1 to 64 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// By type of error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub responses: Option<BTreeMap<String, RuleRequest>>,
}

/// The response to one type of error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleRequest {
    /// 200 to 599, but not 444.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<i64>,
    /// With variables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// At most 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headers: Option<Vec<Header>>,
}

/// A header of a response.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Header {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its value, with variables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// The response to one type of error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rule {
    /// The status; of the two default types it is the error's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<i64>,
    /// With variables.
    pub body: String,
    /// Its headers.
    pub headers: Vec<Header>,
    /// Whether nobody has changed it.
    pub default: bool,
}

/// Responses of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Responses {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Their name.
    pub name: String,
    /// By type of error.
    pub responses: BTreeMap<String, Rule>,
    /// Whether APIs use them that name no other.
    pub default: bool,
    /// When they were made, RFC 3339.
    pub create_time: String,
    /// When they were last changed, RFC 3339.
    pub update_time: String,
}

/// Responses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListResponsesResponse {
    /// How many are here.
    pub size: i64,
    /// How many there are.
    pub total: i64,
    /// The page.
    pub responses: Vec<Responses>,
}
