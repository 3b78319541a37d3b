//! Who may act ([`auth::identity`]), as the tables say: all of it in memory, because each API request asks. A change makes the next
//! whole in the same transaction as the rows.

use std::sync::Arc;

pub use auth::identity::{
    AccessKey, Agency, Details, Directory, Domain, Grant, Identities, Password, Project, Role, User, UserGroup,
};

use crate::error::Error;
use crate::store::Store;

mod alter;
mod load;
mod system;

pub(crate) use alter::{Plan, Write};
pub(crate) use load::{first_password_context, load};
pub(crate) use system::{FULL_ACCESS, id as role_id};

/// How many there may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Users.
    pub users: usize,
    /// Groups.
    pub groups: usize,
    /// Custom policies.
    pub roles: usize,
    /// Agencies.
    pub agencies: usize,
    /// Projects.
    pub projects: usize,
}

/// How many of each the domain may have.
pub fn limits() -> Limits {
    Limits {
        users: crate::users::USERS,
        groups: crate::user_groups::GROUPS,
        roles: crate::roles::ROLES,
        agencies: crate::agencies::AGENCIES,
        projects: crate::projects::PROJECTS,
    }
}

impl Store {
    /// Everybody, as of the last change.
    pub fn identities(&self) -> Arc<Identities> {
        self.inner.directory.identities()
    }

    /// The same, for those who only look.
    pub fn directory(&self) -> Arc<Directory> {
        Arc::clone(&self.inner.directory)
    }

    /// The key that tokens are sealed with.
    pub fn token_key(&self) -> &auth::seal::Key {
        &self.inner.key
    }
}

/// What an id or a name does not lead to.
pub(crate) fn missing(what: &str, name: &str) -> Error {
    Error::IdentityMissing(format!("no {what} {name}"))
}
