//! What this installation is.

use serde::{Deserialize, Serialize};

use crate::Operation;

/// Answers an [`Info`].
pub const SHOW: Operation = Operation::get("ShowFuncdInfo", "/v2/{project_id}/funcd/info");
/// Unsigned: answers 200 and `ok` when the process can serve.
pub const HEALTH: Operation = Operation::get("ShowHealth", "/healthz");

/// An installation, as a project sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Info {
    /// funcd's version.
    pub version: String,
    /// Region name, the fourth field of every URN.
    pub region: String,
    /// The project whose key signed the request.
    pub project_id: String,
    /// The gateway's bare address, such as `http://127.0.0.1:8080`.
    pub gateway_url: String,
    /// The gateway's port.
    pub gateway_port: u16,
    /// The gateway's bare address by https, such as `https://127.0.0.1:8443`; `None` where it speaks no TLS.
    pub gateway_tls_url: Option<String>,
    /// The gateway's port for https, which every other host has too; `None` where it speaks no TLS.
    pub gateway_tls_port: Option<u16>,
    /// Id of the API group that answers at the bare address.
    pub default_group_id: String,
}
