//! What the gateway publishes: APIs as they are edited, versions of them that never change, and which of those is reachable where.
//!
//! 1. A [`Group`] is a host; an API belongs to one and is edited there ([`Stored`]).
//! 2. Publishing it in an [`Environment`] makes a [`Version`] and lets that answer ([`Publication`]).
//! 3. Taking it offline, or switching to another version, leaves what is edited as it is.
//!
//! 4. Who may call what is not open is read into the Snapshot and looked up there, by the control plane too ([`callers`]).
//!
//! A trigger and its API go together: whoever deletes one deletes the other.
//!
//! Policies are read whole into the Snapshot, and looked up there by the control plane too.

mod acls;
pub(crate) mod apis;
mod app_auths;
mod app_codes;
mod apps;
mod authorizers;
mod bindings;
pub(crate) mod callers;
mod debug;
pub(crate) mod domains;
mod edit;
pub(crate) mod environments;
mod groups;
mod outlines;
pub(crate) mod place;
mod plugins;
pub(crate) mod policies;
pub(crate) mod publications;
pub(crate) mod release;
mod responses;
mod throttles;
pub(crate) mod variables;
mod versions;

pub use acls::NewAcl;
pub use apis::{Publication, Stored};
pub use apps::AppChange;
pub use bindings::{Place, Reachable};
pub use environments::Environment;
pub use groups::Group;
pub use outlines::Outline;
pub use plugins::NewPlugin;
pub use throttles::NewThrottle;
pub use variables::{NewVariable, Variable};
pub use versions::Version;

use crate::audit::Kind;
use crate::error::Error;

/// What [`Error::Apig`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// No such group.
    GroupMissing,
    /// No such API.
    ApiMissing,
    /// No such environment.
    EnvironmentMissing,
    /// No such variable.
    VariableMissing,
    /// No such version of an API.
    VersionMissing,
    /// The API is not published there.
    PublicationMissing,
    /// A group of this name exists.
    GroupExists,
    /// An API of this name exists in the group.
    NameExists,
    /// An environment of this name exists.
    EnvironmentExists,
    /// A variable of this name exists.
    VariableExists,
    /// Another API has the same place.
    ApiExists,
    /// The group has APIs.
    GroupInUse,
    /// APIs are published in the environment.
    EnvironmentInUse,
    /// The API is published.
    ApiPublished,
    /// Too many groups.
    GroupQuota,
    /// Too many APIs.
    ApiQuota,
    /// Too many environments.
    EnvironmentQuota,
    /// Too many variables.
    VariableQuota,
    /// What nobody may do, such as delete the default group.
    Protected,
    /// A definition that cannot be published as it is.
    Unpublishable,
}

pub(crate) fn refuse<T>(what: What, text: impl Into<String>) -> Result<T, Error> {
    Err(Error::Apig(what, text.into()))
}

pub(crate) fn missing(what: What, kind: &str, id: &str) -> Error {
    Error::Apig(what, format!("no {kind} {id}"))
}

/// A group, in the audit trail.
pub(crate) static GROUP: Kind = Kind {
    name: "ApiGroup",
    rows: &[
        "SELECT name || ' ' || remark || ' ' || COALESCE(domain, '') || ' ' || CAST(own_host_closed AS TEXT) FROM api_groups WHERE id = $1",
    ],
};

/// An API with what is published of it, in the audit trail.
pub(crate) static API: Kind = Kind {
    name: "Api",
    rows: &[
        "SELECT definition FROM apis WHERE id = $1",
        "SELECT env_id || ' ' || version_id || ' ' || publish_id FROM publications WHERE api_id = $1 ORDER BY env_id",
    ],
};

/// An environment, in the audit trail.
pub(crate) static ENVIRONMENT: Kind =
    Kind { name: "Environment", rows: &["SELECT name || ' ' || remark FROM environments WHERE id = $1"] };

/// A variable, in the audit trail.
pub(crate) static VARIABLE: Kind = Kind {
    name: "EnvironmentVariable",
    rows: &["SELECT name || ' ' || value FROM environment_variables WHERE id = $1"],
};
