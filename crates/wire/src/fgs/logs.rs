//! Where a function's log is.

use serde::{Deserialize, Serialize};

use crate::Operation;

/// Answers a [`LogDetail`].
pub const DETAIL: Operation =
    Operation::get("ShowLtsLogDetails", "/v2/{project_id}/fgs/functions/{function_urn}/lts-log-detail");
/// Takes nothing, answers nothing: every function of the project has a log from its first line on.
pub const ENABLE: Operation = Operation::post("EnableLtsLogs", "/v2/{project_id}/fgs/functions/enable-lts-logs");

/// A stream of a group, named as its owner does (`log_config`) or by us. [`crate::funcd::logs::LIST`] takes an id of ours in place of a
/// URN.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogDetail {
    /// Name of the group.
    pub group_name: String,
    /// Its id.
    pub group_id: String,
    /// Id of the stream.
    pub stream_id: String,
    /// Its name.
    pub stream_name: String,
}
