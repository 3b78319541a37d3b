//! Custom authorizers: functions that decide who may call (`behaviour.md` 7.2.3).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::secret::Secret;
use crate::urn::{FunctionId, Qualifier};

/// Authorizers of a project.
pub const AUTHORIZERS: usize = 50;
/// Seconds that a decision may be kept.
pub const TTL: u32 = 3600;
/// Identity sources of an authorizer.
pub const IDENTITIES: usize = 10;
/// Characters of its user data.
pub const USER_DATA: usize = 2048;

/// A custom authorizer of the front end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorizer {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Project it belongs to.
    pub project: String,
    /// Unlike that of any other authorizer of the project.
    pub name: String,
    /// What it does.
    pub settings: Settings,
    /// What the function gets with each request; it may be a password of the function's.
    pub user_data: Secret,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed: earlier decisions are void.
    pub modified: Timestamp,
}

/// What an authorizer does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Package of the function.
    pub package: String,
    /// Name of the function.
    pub function: String,
    /// Version or alias of the function, as in a URN.
    pub qualifier: String,
    /// What a decision is kept by, and what must be there.
    pub identities: Vec<Identity>,
    /// Seconds that a decision is kept; 0: not at all.
    pub ttl: u32,
    /// Whether the function gets the body, too.
    pub need_body: bool,
}

/// A part of a request that says who calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Name of the header or the query parameter.
    pub name: String,
    /// Where it stands.
    pub location: Location,
}

/// Where an identity stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Location {
    /// In a header.
    Header,
    /// In the query.
    Query,
}

impl Authorizer {
    /// The function, in this region.
    pub fn function(&self, region: &str) -> FunctionId {
        FunctionId {
            region: region.to_owned(),
            project: self.project.clone(),
            package: self.settings.package.clone(),
            name: self.settings.function.clone(),
        }
    }

    /// Which version or alias of it.
    pub fn qualifier(&self) -> Qualifier {
        Qualifier::from(self.settings.qualifier.as_str())
    }
}
