//! The tables, read into [`Identities`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use auth::policy::Policy;
use auth::seal::Key;
use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, SqliteConnection};

use super::{AccessKey, Agency, Domain, Grant, Identities, Password, Project, Role, User, UserGroup, system};
use crate::credentials;
use crate::database::{failed, timestamp, unsigned};
use crate::error::{Error, internal};
use crate::settings::Settings;

/// Everybody.
pub(crate) async fn load(
    connection: &mut SqliteConnection,
    settings: &Settings,
    key: &Key,
) -> Result<Identities, Error> {
    let domain = Domain { id: settings.domain.clone(), name: settings.domain_name.clone() };
    let projects = all::<ProjectRow>(connection, "SELECT id, name, description, enabled FROM projects").await?;
    let users = all::<UserRow>(connection, "SELECT * FROM users").await?;
    let groups = all::<GroupRow>(connection, "SELECT * FROM user_groups").await?;
    let members = all::<(String, String)>(connection, "SELECT group_id, user_id FROM group_members").await?;
    let roles = all::<RoleRow>(connection, "SELECT * FROM roles").await?;
    let agencies = all::<AgencyRow>(connection, "SELECT * FROM agencies").await?;
    let keys = all::<KeyRow>(connection, KEYS).await?;
    let grants = all::<(String, String, String)>(connection, "SELECT holder, project, role_id FROM grants").await?;
    let grant = |(holder, project, role): (String, String, String)| Grant {
        holder,
        project: Some(project).filter(|project| !project.is_empty()),
        role,
    };
    Ok(Identities {
        access_keys: by(keys.into_iter().map(|row| row.into_key(key)), |key| &key.access_key)?,
        domain,
        projects: by(projects.into_iter().map(|row| Ok(row.into_project())), |project| &project.id)?,
        users: by(users.into_iter().map(|row| row.into_user(key)), |user| &user.id)?,
        groups: by(groups.into_iter().map(GroupRow::into_group), |group| &group.id)?,
        members: members.into_iter().collect::<BTreeSet<_>>(),
        roles: by(system::roles().map(Ok).chain(roles.into_iter().map(RoleRow::into_role)), |role| &role.id)?,
        agencies: by(agencies.into_iter().map(AgencyRow::into_agency), |agency| &agency.id)?,
        grants: grants.into_iter().map(grant).collect(),
        first_user: settings.first_user.clone(),
    })
}

const KEYS: &str =
    "SELECT access_key, project, secret_key, user_id, active, description, created, last_used FROM credentials";

async fn all<T: for<'r> FromRow<'r, SqliteRow> + Send + Unpin>(
    connection: &mut SqliteConnection,
    sql: &'static str,
) -> Result<Vec<T>, Error> {
    sqlx::query_as(sql).fetch_all(connection).await.map_err(failed("cannot read the identities"))
}

fn by<T>(
    all: impl Iterator<Item = Result<T, Error>>,
    name: impl Fn(&T) -> &String,
) -> Result<BTreeMap<String, T>, Error> {
    all.map(|one| one.map(|one| (name(&one).clone(), one))).collect()
}

fn time(micros: Option<i64>) -> Result<Option<Timestamp>, Error> {
    micros.map(timestamp).transpose()
}

#[derive(FromRow)]
struct ProjectRow {
    id: String,
    name: String,
    description: String,
    enabled: i64,
}

impl ProjectRow {
    fn into_project(self) -> Project {
        Project { id: self.id, name: self.name, description: self.description, enabled: self.enabled != 0 }
    }
}

#[derive(FromRow)]
struct UserRow {
    id: String,
    name: String,
    password: Option<String>,
    first_password: Option<String>,
    enabled: i64,
    epoch: i64,
    created: i64,
    modified: i64,
    password_set: Option<i64>,
    details: String,
}

impl UserRow {
    fn into_user(self, key: &Key) -> Result<User, Error> {
        let password = match (self.password, self.first_password) {
            (Some(hash), _) => Password::Hash(hash),
            (None, Some(sealed)) => {
                let opened = credentials::open(key, &first_password_context(&self.id), &sealed);
                Password::First(opened.map_err(|cause| internal("the first password cannot be opened", cause))?)
            }
            (None, None) => Password::None,
        };
        let unreadable = |cause| internal(format!("the stored details of user {} cannot be read", self.name), cause);
        Ok(User {
            details: serde_json::from_str(&self.details).map_err(unreadable)?,
            id: self.id,
            name: self.name,
            password,
            enabled: self.enabled != 0,
            epoch: unsigned(self.epoch),
            created: timestamp(self.created)?,
            modified: timestamp(self.modified)?,
            password_set: time(self.password_set)?,
        })
    }
}

/// Whose first password: bound into the sealed bytes.
pub(crate) fn first_password_context(user: &str) -> String {
    format!("users/{user}/first_password")
}

#[derive(FromRow)]
struct GroupRow {
    id: String,
    name: String,
    description: String,
    created: i64,
}

impl GroupRow {
    fn into_group(self) -> Result<UserGroup, Error> {
        let created = timestamp(self.created)?;
        Ok(UserGroup { id: self.id, name: self.name, description: self.description, created })
    }
}

#[derive(FromRow)]
struct RoleRow {
    id: String,
    name: String,
    display_name: String,
    description: String,
    description_cn: String,
    kind: String,
    policy: String,
    created: i64,
    modified: i64,
}

impl RoleRow {
    fn into_role(self) -> Result<Role, Error> {
        let value = serde_json::from_str(&self.policy)
            .map_err(|cause| internal(format!("the stored policy {} cannot be read", self.display_name), cause))?;
        // It was checked when it was stored; an action that has gone since then means nothing any more.
        let policy = Policy::read(&value, &|_| true).map_err(|problems| {
            internal(format!("the stored policy {} is wrong", self.display_name), problems.join("; "))
        })?;
        Ok(Role {
            id: self.id,
            name: self.name,
            display_name: self.display_name,
            description: self.description,
            description_cn: self.description_cn,
            kind: self.kind,
            policy: Arc::new(policy),
            times: Some((timestamp(self.created)?, timestamp(self.modified)?)),
        })
    }
}

#[derive(FromRow)]
struct AgencyRow {
    id: String,
    name: String,
    trusted: String,
    description: String,
    duration: String,
    epoch: i64,
    created: i64,
    expires: Option<i64>,
}

impl AgencyRow {
    fn into_agency(self) -> Result<Agency, Error> {
        Ok(Agency {
            id: self.id,
            name: self.name,
            trusted: self.trusted,
            description: self.description,
            duration: self.duration,
            epoch: unsigned(self.epoch),
            created: timestamp(self.created)?,
            expires: time(self.expires)?,
        })
    }
}

#[derive(FromRow)]
struct KeyRow {
    access_key: String,
    project: String,
    secret_key: String,
    user_id: Option<String>,
    active: i64,
    description: String,
    created: i64,
    last_used: Option<i64>,
}

impl KeyRow {
    fn into_key(self, key: &Key) -> Result<AccessKey, Error> {
        let Self { access_key, project, secret_key, user_id, active, description, created, last_used } = self;
        let opened = credentials::open(key, &credentials::context(&project, &access_key), &secret_key);
        let secret_key = opened.map_err(|cause| {
            internal(
                format!("the secret of access key {access_key} cannot be opened: the key file is not the one this data folder was made with; put the right one back"),
                cause,
            )
        })?;
        Ok(AccessKey {
            access_key,
            secret_key,
            user: user_id.unwrap_or_default(),
            active: active != 0,
            description,
            created: timestamp(created)?,
            last_used: time(last_used)?,
        })
    }
}
