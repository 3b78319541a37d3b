//! Groups of users, who is in them, and what they may do.

use crate::database::micros;
use crate::error::Error;
use crate::identity::{FULL_ACCESS, Grant, Identities, Plan, UserGroup, Write, missing, role_id};
use crate::store::Store;

/// Groups of the domain.
pub(crate) const GROUPS: usize = 200;
/// Roles granted to one group or agency.
const GRANTS: usize = 200;

impl Store {
    /// A new group, empty and without rights.
    ///
    /// # Errors
    /// [`Error::IdentityConflict`] when the name is taken, or there are too many.
    pub async fn create_user_group(&self, name: &str, description: &str) -> Result<UserGroup, Error> {
        let group = UserGroup {
            id: auth::keys::id(),
            name: name.to_owned(),
            description: description.to_owned(),
            created: model::time::now(),
        };
        self.alter(move |identities, _| {
            check_name(identities, &group.name)?;
            if identities.groups.len() >= GROUPS {
                return Err(Error::IdentityConflict(format!("at most {GROUPS} groups")));
            }
            let write = Write::new("INSERT INTO user_groups (id, name, description, created) VALUES ($1, $2, $3, $4)")
                .text(&group.id)
                .text(&group.name)
                .text(&group.description)
                .number(micros(group.created));
            Ok(Plan { writes: vec![write], answer: group })
        })
        .await
    }

    /// Changes name or description.
    ///
    /// # Errors
    /// [`Error::IdentityMissing`]; [`Error::IdentityConflict`] when the name is taken.
    pub async fn update_user_group(
        &self,
        id: &str,
        name: Option<String>,
        description: Option<String>,
    ) -> Result<UserGroup, Error> {
        let id = id.to_owned();
        self.alter(move |identities, _| {
            let mut group = find(identities, &id)?.clone();
            if let Some(name) = name.filter(|name| *name != group.name) {
                check_name(identities, &name)?;
                group.name = name;
            }
            group.description = description.unwrap_or(group.description);
            let write = Write::new("UPDATE user_groups SET name = $1, description = $2 WHERE id = $3")
                .text(&group.name)
                .text(&group.description)
                .text(&id);
            Ok(Plan { writes: vec![write], answer: group })
        })
        .await
    }

    /// Deletes a group with what was granted to it; its users stay.
    ///
    /// # Errors
    /// [`Error::IdentityMissing`]; [`Error::IdentityProtected`] for the group that gives the first user their rights.
    pub async fn delete_user_group(&self, id: &str) -> Result<(), Error> {
        let id = id.to_owned();
        self.alter(move |identities, _| {
            find(identities, &id)?;
            if first_rights(identities).is_some_and(|grant| grant.holder == id) {
                return Err(Error::IdentityProtected("the group of the first user cannot be deleted".to_owned()));
            }
            let writes = vec![
                Write::new("DELETE FROM grants WHERE holder = $1").text(&id),
                Write::new("DELETE FROM user_groups WHERE id = $1").text(&id),
            ];
            Ok(Plan { writes, answer: () })
        })
        .await
    }

    /// Puts a user into a group; who is in it stays in it.
    ///
    /// # Errors
    /// [`Error::IdentityMissing`].
    pub async fn add_member(&self, group: &str, user: &str) -> Result<(), Error> {
        let (group, user) = (group.to_owned(), user.to_owned());
        self.alter(move |identities, _| {
            find(identities, &group)?;
            if !identities.users.contains_key(&user) {
                return Err(missing("user", &user));
            }
            let write =
                Write::new("INSERT INTO group_members (group_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING");
            Ok(Plan { writes: vec![write.text(&group).text(&user)], answer: () })
        })
        .await
    }

    /// Takes a user out of a group.
    ///
    /// # Errors
    /// [`Error::IdentityMissing`], also when they are not in it; [`Error::IdentityProtected`] for the first user's own group.
    pub async fn remove_member(&self, group: &str, user: &str) -> Result<(), Error> {
        let (group, user) = (group.to_owned(), user.to_owned());
        self.alter(move |identities, _| {
            if !identities.members.contains(&(group.clone(), user.clone())) {
                return Err(missing("such user in group", &group));
            }
            let first = user == identities.first_user;
            if first && first_rights(identities).is_some_and(|grant| grant.holder == group) {
                return Err(Error::IdentityProtected(
                    "the first user cannot leave the group that gives them their rights".to_owned(),
                ));
            }
            let write =
                Write::new("DELETE FROM group_members WHERE group_id = $1 AND user_id = $2").text(&group).text(&user);
            Ok(Plan { writes: vec![write], answer: () })
        })
        .await
    }

    /// Grants a role to a group or an agency; what is granted stays granted.
    ///
    /// # Errors
    /// [`Error::IdentityMissing`] for any of the three; [`Error::IdentityConflict`] when there are too many.
    pub async fn grant(&self, grant: Grant) -> Result<(), Error> {
        self.alter(move |identities, _| {
            check_parts(identities, &grant)?;
            if identities.grants.iter().filter(|other| other.holder == grant.holder).count() >= GRANTS {
                return Err(Error::IdentityConflict(format!("at most {GRANTS} roles for one group or agency")));
            }
            let write =
                Write::new("INSERT INTO grants (holder, project, role_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING");
            Ok(Plan { writes: vec![values(write, &grant)], answer: () })
        })
        .await
    }

    /// Takes a role away again.
    ///
    /// # Errors
    /// [`Error::IdentityMissing`], also when it was not granted; [`Error::IdentityProtected`] for the first user's own rights.
    pub async fn revoke(&self, grant: Grant) -> Result<(), Error> {
        self.alter(move |identities, _| {
            check_parts(identities, &grant)?;
            if !identities.grants.contains(&grant) {
                return Err(missing("such grant of role", &grant.role));
            }
            if first_rights(identities) == Some(&grant) {
                return Err(Error::IdentityProtected("the first user's rights cannot be taken away".to_owned()));
            }
            let write = Write::new("DELETE FROM grants WHERE holder = $1 AND project = $2 AND role_id = $3");
            Ok(Plan { writes: vec![values(write, &grant)], answer: () })
        })
        .await
    }
}

fn values(write: Write, grant: &Grant) -> Write {
    write.text(&grant.holder).text(grant.project.as_deref().unwrap_or_default()).text(&grant.role)
}

fn find<'a>(identities: &'a Identities, id: &str) -> Result<&'a UserGroup, Error> {
    identities.groups.get(id).ok_or_else(|| missing("group", id))
}

fn check_name(identities: &Identities, name: &str) -> Result<(), Error> {
    match identities.groups.values().any(|group| group.name == name) {
        true => Err(Error::IdentityConflict(format!("there is a group named {name}"))),
        false => Ok(()),
    }
}

fn check_parts(identities: &Identities, grant: &Grant) -> Result<(), Error> {
    if !identities.groups.contains_key(&grant.holder) && !identities.agencies.contains_key(&grant.holder) {
        return Err(missing("group or agency", &grant.holder));
    }
    if let Some(project) = grant.project.as_ref().filter(|project| !identities.projects.contains_key(*project)) {
        return Err(missing("project", project));
    }
    if !identities.roles.contains_key(&grant.role) {
        return Err(missing("role", &grant.role));
    }
    Ok(())
}

/// The grant of everything that the first user has by one of their groups.
fn first_rights(identities: &Identities) -> Option<&Grant> {
    let full = role_id(FULL_ACCESS);
    let mine = |grant: &&Grant| {
        let member = (grant.holder.clone(), identities.first_user.clone());
        grant.role == full && grant.project.is_none() && identities.members.contains(&member)
    };
    let all: Vec<&Grant> = identities.grants.iter().filter(mine).collect();
    // With two of them either may go.
    if let [only] = all.as_slice() { Some(only) } else { None }
}
