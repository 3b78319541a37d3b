//! Logs of a function.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Operation;

/// Answers `application/x-ndjson`: one [`Line`] each line, oldest first.
/// Query: `limit` (newest lines, 1 to 10,000, default 100), `since` and `until` (RFC 3339), `instance`, `request_id`, `version`,
/// `stream`, `level` (`error` and the like, as the line says of itself), `text` (anywhere in the line, capitals or not), `field`
/// (`name=value` of a line that is a JSON object; dots lead into inner ones), `follow=true` (new lines as they come, until the client
/// goes away; an empty line every 10 s shows that the connection lives). Where a search ended before everything was looked at, the
/// header `X-Funcd-Search: cut` says so.
pub const LIST: Operation = Operation::get("ListFunctionLogs", "/v2/{project_id}/funcd/functions/{function_urn}/logs");
/// As [`LIST`], of all functions of the project, or of the one that the query's `function` (name or URN) names.
pub const LIST_ALL: Operation = Operation::get("ListProjectLogs", "/v2/{project_id}/funcd/logs");

/// One line of a function's log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Line {
    /// RFC 3339, UTC.
    pub at: String,
    /// URN without version of the function that wrote it; absent in funcd's own words about the stream.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub function: String,
    /// Version that wrote it.
    pub version: String,
    /// Instance that wrote it.
    pub instance: String,
    /// `stdout`, `stderr`, or `system` for funcd's own words about the instance.
    pub stream: String,
    /// The request it belongs to, where exactly one was in flight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// `trace`, `debug`, `info`, `warn`, `error` or `fatal`, where the line says it of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// What the owner wants each line of the function to carry (`lts_custom_tag`).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// The line without its end.
    pub text: String,
}
