//! Sessions of the web console.

use serde::{Deserialize, Serialize};

use crate::Operation;
use crate::iam::Named;

/// Takes a [`SignIn`], answers a [`Session`] with its key and sets its cookie. Not signed, but the header `X-Funcd-Console` must be
/// there, which a page of another site cannot send.
pub const CREATE: Operation = Operation::post("CreateConsoleSession", "/console/session");
/// Answers the [`Session`] that the request came with.
pub const SHOW: Operation = Operation::get("ShowConsoleSession", "/console/session");
/// Ends it.
pub const DELETE: Operation = Operation::delete("DeleteConsoleSession", "/console/session");

/// Who wants to be let in: name and password, or a link that `funcd console` printed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SignIn {
    /// The user's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The user's password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// What it is to be from now on: asked for (`IAM.0428`) where it must be changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_password: Option<String>,
    /// What stands behind `#link=`; good once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// A session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Session {
    /// Whose it is.
    pub user: Named,
    /// The account.
    pub domain: Named,
    /// Where the user was granted anything and may act, by name.
    pub projects: Vec<Named>,
    /// Region of this installation.
    pub region: String,
    /// RFC 3339, UTC.
    pub expires_at: String,
    /// What the script sends in `X-Funcd-Session`; only when the session begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}
