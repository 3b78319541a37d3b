//! What gives a function a place at the gateway: triggers of type APIG and DEDICATEDGATEWAY, and API groups.
//! Facts: `api.md` (f), `behaviour.md` 7.2.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::urn::{FunctionId, Qualifier};

/// `env_id` of the production environment.
pub const RELEASE_ENV_ID: &str = "DEFAULT_ENVIRONMENT_RELEASE_ID";
/// `env_name` of the production environment.
pub const RELEASE_ENV: &str = "RELEASE";

/// A trigger of a function version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Which function it calls.
    pub function: FunctionId,
    /// Which version of it.
    pub qualifier: Qualifier,
    /// Its type on the wire.
    pub kind: Kind,
    /// When it was made.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// The API it publishes.
    pub api: Api,
}

/// `trigger_type_code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// Shared gateway.
    #[serde(rename = "APIG")]
    Apig,
    /// Dedicated gateway.
    #[serde(rename = "DEDICATEDGATEWAY")]
    DedicatedGateway,
}

impl Kind {
    /// As the wire spells it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Apig => "APIG",
            Self::DedicatedGateway => "DEDICATEDGATEWAY",
        }
    }
}

/// The published API of a trigger: where the gateway finds it and how it calls the function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Api {
    /// 32 hexadecimal digits.
    pub id: String,
    /// API name.
    pub name: String,
    /// Id of its group.
    pub group_id: String,
    /// Starts with `/`.
    pub path: String,
    /// Exact or prefix.
    pub match_mode: MatchMode,
    /// `None` is `ANY`.
    pub method: Option<String>,
    /// `HTTP`, `HTTPS` or `GRPCS`.
    pub protocol: String,
    /// Who may call it.
    pub auth: Auth,
    /// Milliseconds the back end may take, 1 to 60,000.
    pub timeout_ms: u32,
    /// 1 public, 2 private.
    pub visibility: u8,
    /// Environment id.
    pub env_id: String,
    /// Environment name.
    pub env_name: String,
    /// Gateway instance the client named, if any.
    pub instance_id: Option<String>,
}

/// How `path` is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MatchMode {
    /// The path and everything below it, segment by segment.
    #[default]
    #[serde(rename = "SWA")]
    Prefix,
    /// Exactly this path.
    #[serde(rename = "NORMAL")]
    Exact,
}

/// Who may call an API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Auth {
    /// Anyone.
    None,
    /// Holders of an app key.
    App,
    /// IAM users.
    Iam,
    /// Whom a function lets in; of APIs only, not of triggers.
    Authorizer,
}

/// An API group: a name and the host its APIs answer at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// 32 hexadecimal digits, or what a client called it.
    pub id: String,
    /// Project it belongs to.
    pub project: String,
    /// Group name; `DEFAULT` for the default one.
    pub name: String,
    /// Lower-case host without port; `None` for the default group, which answers at the gateway's bare address.
    pub domain: Option<String>,
}

impl Group {
    /// Name of the group every project has.
    pub const DEFAULT_NAME: &'static str = "DEFAULT";

    /// Whether this is the project's default group.
    pub fn is_default(&self) -> bool {
        self.domain.is_none()
    }
}
