//! What must survive a restart: metadata in SQLite, packages by digest, and the [`model::snapshot::Snapshot`] made of them.
//! The control plane writes here; the data plane only looks at the Snapshot, which is always whole.
//!
//! The life of a deploy:
//!
//! 1. [`Store::put_code`]: the package is checked and unpacked in `tmp/`, byte code added ([`Compile`]), synced, kept in `blobs/` by its SHA-256, and its folder
//!    renamed into `code/`. Nothing refers to it yet.
//! 2. [`Store::create_function`] or [`Store::update_function`]: one transaction, which bumps the generation; the new version's
//!    revision is that generation. [`Store::publish_version`] copies it under a name, which never changes again.
//! 3. The Snapshot of that generation is read inside the transaction, and published once it is committed.
//! 4. [`Store::collect_garbage`] removes code that neither a function nor a running instance uses any more.
//!
//! A process that ends between two steps leaves at most a package that nobody refers to; [`Store::open`] clears `tmp/`, and unpacks
//! again, from the verified package, whatever a function needs and `code/` does not have.
//!
//! No change is acknowledged before it is on stable storage. No secret is in the database, a log or an error in the clear. No bytes
//! of a package are used before their digest was compared. No reader of the Snapshot ever waits.
#![forbid(unsafe_code)]

mod store;

mod settings;

pub mod identity;

mod credentials;

mod users;

mod user_groups;

mod projects;

mod roles;

mod agencies;

mod functions;

mod variables;

mod versions;

mod aliases;

mod triggers;

mod groups;

pub mod apig;

mod events;

mod tags;

mod dependencies;

mod change;

mod reserves;

pub mod audit;

mod snapshot;

mod database;

mod code;

mod package;

mod garbage;

mod folders;

mod faults;

mod error;

pub use agencies::SERVICES;
pub use apig::domains::{Certificate, Domain, NewCertificate};
pub use apig::{AppChange, Outline};
pub use code::{Compile, Compiled};
pub use credentials::Credential;
pub use dependencies::{NewDependency, Of};
pub use error::Error;
pub use events::Event;
pub use roles::NewRole;
pub use store::{Config, Store};
pub use tags::Tags;
pub use users::UserChange;

/// What [`Error::Quota`] may name.
pub mod quota {
    /// Functions of a project.
    pub const FUNCTIONS: &str = "functions in a project";
    /// Versions of a function.
    pub const VERSIONS: &str = "versions of a function, latest among them";
    /// Aliases of a function.
    pub const ALIASES: &str = "aliases of a function";
    /// Bytes of all packages of a project.
    pub const CODE: &str = "bytes of code in a project";
    /// Triggers of one version or alias of a function.
    pub const TRIGGERS: &str = "triggers of a function version";
    /// Test events of a function.
    pub const EVENTS: &str = "test events of a function";
    /// Dependencies of a function.
    pub const DEPENDENCIES: &str = "dependencies of a function";
    /// Custom domains of an API group.
    pub const DOMAINS: &str = "domains of an API group";
    /// Apps of a project.
    pub const APPS: &str = "apps in a project";
    /// Custom authorizers of a project.
    pub const AUTHORIZERS: &str = "custom authorizers in a project";
    /// AppCodes of an app.
    pub const APP_CODES: &str = "AppCodes of an app";
    /// Tags of a function.
    pub const TAGS: &str = "tags of a function";
    /// Throttling policies of a project.
    pub const THROTTLES: &str = "request throttling policies in a project";
    /// Limits of single apps or users.
    pub const SPECIALS: &str = "limits of single apps or users in a request throttling policy";
    /// Access control policies of a project.
    pub const ACLS: &str = "access control policies in a project";
    /// Plug-ins of a project.
    pub const PLUGINS: &str = "plug-ins in a project";
    /// Responses of a group.
    pub const RESPONSES: &str = "gateway responses of a group beside its default ones";
}

/// What [`Error::PolicyMissing`] and its like may name.
pub mod policy {
    /// A throttling policy.
    pub const THROTTLE: &str = "request throttling policy";
    /// Where one is bound.
    pub const THROTTLE_BINDING: &str = "request throttling policy binding record";
    /// A limit of one app or user.
    pub const SPECIAL: &str = "excluded request throttling configuration";
    /// An access control policy.
    pub const ACL: &str = "access control policy";
    /// Where one is bound.
    pub const ACL_BINDING: &str = "access control policy binding record";
    /// A plug-in.
    pub const PLUGIN: &str = "plug-in";
    /// Where one is bound.
    pub const PLUGIN_BINDING: &str = "plug-in binding record";
    /// Responses of a group.
    pub const RESPONSES: &str = "gateway response";
    /// Something published.
    pub const PUBLICATION: &str = "API publication record";
}

#[cfg(test)]
mod tests;
