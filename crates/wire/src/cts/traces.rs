//! Traces: one event each. Fields as the vendor's API reference of "querying traces" names them; the last four are funcd's own.

use serde::{Deserialize, Serialize};

use crate::Operation;

/// Answers a [`ListTracesResponse`].
/// Query: `limit` (1 to 200, default 10), `from` and `to` (milliseconds since 1970), `next` (`meta_data.marker` of the page
/// before), `trace_id`, `trace_name`, `trace_rating` (`normal` or `warning`), `user`, `access_key_id`, `resource_type`,
/// `resource_id`, `resource_name`, `service_type`; `trace_type` must be `system`.
pub const LIST: Operation = Operation::get("ListTraces", "/v3/{project_id}/traces");

/// Answers a [`Chain`]: looks at every event of the installation.
pub const CHAIN: Operation = Operation::get("VerifyTraces", "/v2/{project_id}/funcd/traces/chain");

/// One page, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListTracesResponse {
    /// The events.
    pub traces: Vec<Trace>,
    /// How many, and where the next page begins.
    pub meta_data: MetaData,
}

/// About a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MetaData {
    /// Events of this page.
    pub count: u64,
    /// `next` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
}

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Trace {
    /// A UUID.
    pub trace_id: String,
    /// Such as `createFunction`.
    pub trace_name: String,
    /// `normal`, or `warning` for what was refused.
    pub trace_rating: String,
    /// `ApiCall`, or `SystemAction` for what funcd did itself.
    pub trace_type: String,
    /// `FunctionGraph`, `IAM` or `APIG`.
    pub service_type: String,
    /// Such as `Functions`.
    pub resource_type: String,
    /// Its id.
    pub resource_id: String,
    /// Its name; for a refused request, its path.
    pub resource_name: String,
    /// HTTP status.
    pub code: String,
    /// Why it was refused.
    pub message: String,
    /// The client's address.
    pub source_ip: String,
    /// `X-Request-Id` of the answer.
    pub request_id: String,
    /// Milliseconds since 1970.
    pub time: i64,
    /// The same.
    pub record_time: i64,
    /// Who.
    pub user: User,
    /// funcd's: place in the trail of the installation.
    pub number: u64,
    /// funcd's: SHA-256 of the resource's state before; empty when it was not there.
    pub before_digest: String,
    /// funcd's: the same after.
    pub after_digest: String,
    /// funcd's: hash of the chain up to this event.
    pub hash: String,
}

/// Who.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct User {
    /// Id of the user.
    pub id: String,
    /// Name of the user.
    pub name: String,
    /// The access key that signed the request.
    pub access_key_id: String,
}

/// What a look at the whole trail said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Chain {
    /// Whether every event follows from those before it.
    pub intact: bool,
    /// Events that were looked at.
    pub events: u64,
    /// The first that does not follow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken_at: Option<u64>,
    /// Hash of the last event: write it down elsewhere, and a trail made anew shows.
    pub head: String,
}
