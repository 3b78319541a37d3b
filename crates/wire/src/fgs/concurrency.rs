//! How many instances a function may have, which is also what enables and disables it.

use serde::{Deserialize, Serialize};

use crate::Operation;

/// Takes a [`MaxInstanceRequest`], answers a [`Function`](super::config::Function).
pub const UPDATE: Operation = Operation::put(
    "UpdateFunctionMaxInstanceConfig",
    "/v2/{project_id}/fgs/functions/{function_urn}/config-max-instance",
);

/// The new maximum.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MaxInstanceRequest {
    /// Required: -1 without limit, 0 none (the function is disabled), 1 to 1000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_instance_num: Option<i64>,
}
