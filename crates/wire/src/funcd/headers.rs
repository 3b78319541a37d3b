//! Headers of a function's requests: kept for a while, in memory only, when its owner switches that on.

use serde::{Deserialize, Serialize};

use crate::Operation;

/// Takes a [`StartCaptureRequest`], answers the [`Capture`] that runs now.
pub const START: Operation =
    Operation::put("StartHeaderCapture", "/v2/{project_id}/funcd/functions/{function_urn}/header-capture");
/// Answers the function's [`Capture`], also where it has none.
pub const SHOW: Operation =
    Operation::get("ShowHeaderCapture", "/v2/{project_id}/funcd/functions/{function_urn}/header-capture");
/// Ends it and forgets what it kept; one that is not there, too.
pub const STOP: Operation =
    Operation::delete("StopHeaderCapture", "/v2/{project_id}/funcd/functions/{function_urn}/header-capture");
/// Answers a [`ListCapturesResponse`].
pub const LIST: Operation = Operation::get("ListHeaderCaptures", "/v2/{project_id}/funcd/header-captures");
/// Answers [`RequestHeaders`], also where nothing was kept of the request.
pub const OF_REQUEST: Operation = Operation::get(
    "ShowRequestHeaders",
    "/v2/{project_id}/funcd/functions/{function_urn}/requests/{request_id}/headers",
);

/// For how long, and what is shown. No body is an empty one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StartCaptureRequest {
    /// 1 to 3,600; 600 if nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<i64>,
    /// Names whose values are shown beside those of harmless names; 32 at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub names: Option<Vec<String>>,
}

/// Whether headers are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Capture {
    /// URN without version.
    pub function: String,
    /// Whether they are kept now.
    pub running: bool,
    /// Since when, RFC 3339, UTC; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<String>,
    /// When it ends, or ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends: Option<String>,
    /// The names that were listed, in small letters.
    pub names: Vec<String>,
    /// Requests whose headers are there: the newest 100 at most.
    pub requests: u64,
}

/// Those that run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListCapturesResponse {
    /// By the names of their functions.
    pub captures: Vec<Capture>,
}

/// The headers of one request and of its answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestHeaders {
    /// `X-CFF-Request-Id`.
    pub request_id: String,
    /// The request as the client sent it; left out where nothing was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestHead>,
    /// The answer as it was sent; left out where nothing was kept, or the client went away before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<AnswerHead>,
}

/// A request's head.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestHead {
    /// Method.
    pub method: String,
    /// Path without query.
    pub path: String,
    /// How long the query is, which is hidden; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query_bytes: Option<u64>,
    /// The fields in their order.
    pub headers: Vec<Header>,
    /// Fields that there was no room for.
    pub left_out: u64,
}

/// An answer's head.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AnswerHead {
    /// Status.
    pub status: u16,
    /// The fields in their order.
    pub headers: Vec<Header>,
    /// Fields that there was no room for.
    pub left_out: u64,
}

/// One field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Header {
    /// In small letters.
    pub name: String,
    /// Bytes of its value.
    pub bytes: u64,
    /// The value; left out where it is hidden.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Whether `value` is only its beginning.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
}
