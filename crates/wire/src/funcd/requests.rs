//! Requests of a function: one record each.

use serde::{Deserialize, Serialize};

use crate::Operation;

/// Answers a [`ListRequestsResponse`].
/// Query: `limit` (newest records, 1 to 10,000, default 100), `since` (RFC 3339), `instance`, `request_id`.
pub const LIST: Operation =
    Operation::get("ListFunctionRequests", "/v2/{project_id}/funcd/functions/{function_urn}/requests");

/// Answers `application/x-ndjson`: one [`Record`] each line, in the order they ended, of all functions of the project or of the one
/// that the query's `function` (name or URN) names.
/// Query, beside that of [`LIST`]: `until` (RFC 3339), `version`, `status` (such as `404` or `5xx`, several with commas between), `slow_ms`
/// (at least that long, `gateway_us` and `total_us` together), `cold=true` (those that waited for a new instance), `failed=true` (those with an error, or a status of 400 or
/// above), `text` (in method and path, error, request id or instance), `follow=true` (those that end from now on, too; an empty line
/// every 10 s shows that the connection lives, an object with `skipped` says how many came faster than they could be sent). Where a
/// search ended before everything was looked at, the header `X-Funcd-Search: cut` says so.
pub const LIST_ALL: Operation = Operation::get("ListProjectRequests", "/v2/{project_id}/funcd/requests");

/// Records, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListRequestsResponse {
    /// The records.
    pub requests: Vec<Record>,
}

/// One finished request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// `X-CFF-Request-Id`.
    pub request_id: String,
    /// URN without version.
    pub function: String,
    /// `latest`.
    pub version: String,
    /// Revision of the version.
    pub revision: u64,
    /// Which instance served it, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// `gateway` or `api`.
    pub source: String,
    /// Request method.
    pub method: String,
    /// Request path without query.
    pub path: String,
    /// Status the caller got.
    pub status: u16,
    /// Name of the error when funcd answered, such as `timed_out`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When it arrived, RFC 3339, UTC.
    pub started: String,
    /// Where the time went.
    pub timings: Timings,
    /// Request body bytes.
    pub request_bytes: u64,
    /// Response body bytes.
    pub response_bytes: u64,
    /// Memory of the instance after the request, bytes.
    pub memory_bytes: u64,
}

/// Where the time of one request went, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Timings {
    /// Before it arrived at the function's queue, and not in `total_us`: routes, authentication and policies of the gateway or the API.
    pub gateway_us: u64,
    /// Waiting for a slot, cold start included.
    pub queue_us: u64,
    /// Of which: making the sandbox.
    pub sandbox_us: u64,
    /// Of which: from the process's start until its port listened.
    pub boot_us: u64,
    /// Of which: until the instance was awake, when it was frozen.
    pub thaw_us: u64,
    /// Until the user's server sent its response head.
    pub first_byte_us: u64,
    /// From arrival to the last byte.
    pub total_us: u64,
}
