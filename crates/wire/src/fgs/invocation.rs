//! Synchronous invocation.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Operation;

/// Takes the event; answers the function's result (v0) or a [`Wrapper`] around it (v1).
pub const INVOKE: Operation =
    Operation::post("InvokeFunction", "/v2/{project_id}/fgs/functions/{function_urn}/invocations");

/// Request header: `tail` asks for the end of the log.
pub const LOG_TYPE: &str = "x-cff-log-type";
/// Request header: `v0` or `v1`.
pub const REQUEST_VERSION: &str = "x-cff-request-version";
/// Request header: memory for this call.
pub const INSTANCE_MEMORY: &str = "x-cff-instance-memory";
/// Response header: the invocation's id.
pub const REQUEST_ID: &str = "x-cff-request-id";
/// Response header: a [`Summary`] as JSON.
pub const SUMMARY: &str = "x-cff-invoke-summary";
/// Response header: base64 of the last 2000 bytes of the log.
pub const FUNCTION_LOG: &str = "x-cff-function-log";
/// Response header: milliseconds, rounded up.
pub const BILLING_DURATION: &str = "x-cff-billing-duration";
/// Response header: `v0` or `v1`.
pub const RESPONSE_VERSION: &str = "x-cff-response-version";
/// Response header: 0 is success.
pub const ERROR_CODE: &str = "x-func-err-code";
/// Response header: whether a failure is the function's own.
pub const IS_FUNCTION_ERROR: &str = "x-is-func-err";

/// What an HTTP function answered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Envelope {
    /// HTTP status.
    pub status_code: u16,
    /// Header names in Go's canonical spelling, each with all its values.
    pub headers: BTreeMap<String, Vec<String>>,
    /// The body as base64.
    pub body: crate::Base64,
    /// Always true.
    pub is_base64_encoded: bool,
}

/// The v1 answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Wrapper {
    /// The invocation's id.
    pub request_id: String,
    /// The function's result as text: an [`Envelope`] as JSON.
    pub result: String,
    /// The log, when asked for.
    pub log: String,
    /// 200.
    pub status: u16,
}

/// What an invocation cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Summary {
    /// Milliseconds.
    pub duration: f64,
    /// Milliseconds, rounded up.
    pub billing_duration: u64,
    /// MB the function has.
    pub memory_size: u32,
    /// MB the instance used.
    pub memory_used: f64,
}
