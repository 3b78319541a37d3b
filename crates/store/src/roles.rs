//! Custom policies.

use std::sync::Arc;

use auth::policy::Policy;

use crate::database::micros;
use crate::error::Error;
use crate::identity::{Identities, Plan, Role, Write, missing};
use crate::store::Store;

/// Custom policies of the domain.
pub(crate) const ROLES: usize = 200;

/// A custom policy, new or changed.
#[derive(Clone, Debug)]
pub struct NewRole {
    /// As people name it.
    pub display_name: String,
    /// For people.
    pub description: String,
    /// For people who read Chinese.
    pub description_cn: String,
    /// `AX` or `XA`.
    pub kind: String,
    /// What it allows and denies.
    pub policy: Policy,
}

impl Store {
    /// A new custom policy.
    ///
    /// # Errors
    /// [`Error::IdentityConflict`] when the name is taken, or there are too many.
    pub async fn create_role(&self, new: NewRole) -> Result<Role, Error> {
        self.alter(move |identities, _| {
            check_name(identities, &new.display_name)?;
            if identities.roles.values().filter(|role| role.times.is_some()).count() >= ROLES {
                return Err(Error::IdentityConflict(format!("at most {ROLES} custom policies")));
            }
            let (id, now) = (auth::keys::id(), model::time::now());
            let role = Role {
                name: format!("custom_{id}"),
                id,
                display_name: new.display_name,
                description: new.description,
                description_cn: new.description_cn,
                kind: new.kind,
                policy: Arc::new(new.policy),
                times: Some((now, now)),
            };
            let write = values(Write::new(INSERT), &role).number(micros(now)).text(&role.name);
            Ok(Plan { writes: vec![write], answer: role })
        })
        .await
    }

    /// Replaces a custom policy; whoever it was granted to has the new one.
    ///
    /// # Errors
    /// [`Error::IdentityMissing`]; [`Error::IdentityConflict`] when the name is taken; [`Error::IdentityProtected`] for a policy of the
    /// system.
    pub async fn update_role(&self, id: &str, new: NewRole) -> Result<Role, Error> {
        let id = id.to_owned();
        self.alter(move |identities, _| {
            let mut role = custom(identities, &id)?.clone();
            if new.display_name != role.display_name {
                check_name(identities, &new.display_name)?;
            }
            role.display_name = new.display_name;
            role.description = new.description;
            role.description_cn = new.description_cn;
            role.kind = new.kind;
            role.policy = Arc::new(new.policy);
            role.times = role.times.map(|(created, _)| (created, model::time::now()));
            Ok(Plan { writes: vec![values(Write::new(UPDATE), &role)], answer: role })
        })
        .await
    }

    /// Deletes a custom policy that is granted to nobody.
    ///
    /// # Errors
    /// [`Error::IdentityMissing`]; [`Error::IdentityConflict`] while it is granted; [`Error::IdentityProtected`] for a policy of the
    /// system.
    pub async fn delete_role(&self, id: &str) -> Result<(), Error> {
        let id = id.to_owned();
        self.alter(move |identities, _| {
            custom(identities, &id)?;
            let granted = identities.grants.iter().filter(|grant| grant.role == id).count();
            if granted > 0 {
                return Err(Error::IdentityConflict(format!(
                    "policy {id} is granted {granted} times: take it from its groups and agencies first"
                )));
            }
            let write = Write::new("DELETE FROM roles WHERE id = $1").text(&id);
            Ok(Plan { writes: vec![write], answer: () })
        })
        .await
    }
}

const INSERT: &str = "INSERT INTO roles (id, display_name, description, description_cn, kind, policy, modified, created, name) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const UPDATE: &str = "UPDATE roles SET display_name = $2, description = $3, description_cn = $4, kind = $5, policy = $6, \
                      modified = $7 WHERE id = $1";

fn values(write: Write, role: &Role) -> Write {
    write
        .text(&role.id)
        .text(&role.display_name)
        .text(&role.description)
        .text(&role.description_cn)
        .text(&role.kind)
        .text(&role.policy.to_value().to_string())
        .number(role.times.map(|(_, modified)| micros(modified)))
}

fn custom<'a>(identities: &'a Identities, id: &str) -> Result<&'a Role, Error> {
    let role = identities.roles.get(id).ok_or_else(|| missing("role", id))?;
    match role.times {
        Some(_) => Ok(role),
        None => Err(Error::IdentityProtected(format!("{} is a policy of the system", role.display_name))),
    }
}

fn check_name(identities: &Identities, name: &str) -> Result<(), Error> {
    match identities.roles.values().any(|role| role.display_name == name) {
        true => Err(Error::IdentityConflict(format!("there is a policy named {name}"))),
        false => Ok(()),
    }
}
