//! AppCodes: texts that prove an app by being sent in `X-Apig-AppCode`.

use serde::{Deserialize, Serialize};

use crate::Operation;

/// Answers a [`ListAppCodesResponse`].
pub const LIST: Operation =
    Operation::get("ListAppCodesV2", "/v2/{project_id}/apigw/instances/{instance_id}/apps/{app_id}/app-codes");
/// Takes an [`AppCodeRequest`], answers 201 and an [`AppCode`].
pub const CREATE: Operation =
    Operation::post("CreateAppCodeV2", "/v2/{project_id}/apigw/instances/{instance_id}/apps/{app_id}/app-codes");
/// Makes one; answers 201 and an [`AppCode`].
pub const CREATE_AUTO: Operation =
    Operation::put("CreateAppCodeAutoV2", "/v2/{project_id}/apigw/instances/{instance_id}/apps/{app_id}/app-codes");
/// Answers an [`AppCode`].
pub const SHOW: Operation = Operation::get(
    "ShowDetailsOfAppCodeV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/apps/{app_id}/app-codes/{app_code_id}",
);
/// Answers 204.
pub const DELETE: Operation = Operation::delete(
    "DeleteAppCodeV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/apps/{app_id}/app-codes/{app_code_id}",
);

/// A code of one's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AppCodeRequest {
    /// Required: 64 to 180 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_code: Option<String>,
}

/// A code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AppCode {
    /// The code itself.
    pub app_code: String,
    /// 32 hexadecimal digits.
    pub id: String,
    /// Whose it is.
    pub app_id: String,
    /// When it was made, RFC 3339.
    pub create_time: String,
}

/// A page of codes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListAppCodesResponse {
    /// How many are on the page.
    pub size: i64,
    /// How many there are.
    pub total: i64,
    /// The page, oldest first.
    pub app_codes: Vec<AppCode>,
}
