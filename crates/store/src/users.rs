//! Users: made, changed, deleted. Whatever takes a user's rights away also voids their tokens (the epoch is the generation of it).

use model::secret::Secret;
use sqlx::SqliteConnection;

use crate::credentials;
use crate::database::{failed, micros, signed};
use crate::error::{Error, internal};
use crate::identity::{Details, Identities, Password, Plan, User, Write, first_password_context, missing, role_id};
use crate::store::Store;

/// Users of the domain.
pub(crate) const USERS: usize = 1000;
/// Name of the user and of the group that are there from the first start.
const ADMIN: &str = "admin";

/// What is to be different about a user; what is none stays.
#[derive(Clone, Debug, Default)]
pub struct UserChange {
    /// Another name.
    pub name: Option<String>,
    /// The Argon2id hash of another password ([`auth::password::hash`]); voids the user's tokens.
    pub password: Option<String>,
    /// Whether the user may act; voids the user's tokens.
    pub enabled: Option<bool>,
    /// What decides nothing.
    pub details: Option<Details>,
}

impl Store {
    /// A new user, without any rights.
    ///
    /// # Errors
    /// [`Error::IdentityConflict`] when the name is taken, or there are too many.
    pub async fn create_user(&self, new: UserChange) -> Result<User, Error> {
        self.alter(move |identities, generation| {
            let name = new.name.clone().unwrap_or_default();
            check_name(identities, &name)?;
            if identities.users.len() >= USERS {
                return Err(Error::IdentityConflict(format!("at most {USERS} users")));
            }
            let now = model::time::now();
            let user = User {
                id: auth::keys::id(),
                name,
                password: new.password.clone().map_or(Password::None, Password::Hash),
                enabled: new.enabled.unwrap_or(true),
                epoch: generation,
                created: now,
                modified: now,
                password_set: new.password.as_ref().map(|_| now),
                details: new.details.unwrap_or_default(),
            };
            let write = values(Write::new(INSERT), &user, new.password.as_deref())?.number(micros(now));
            Ok(Plan { writes: vec![write], answer: user })
        })
        .await
    }

    /// Changes a user.
    ///
    /// # Errors
    /// [`Error::IdentityMissing`]; [`Error::IdentityConflict`] when the name is taken; [`Error::IdentityProtected`] when the first
    /// user would be disabled.
    pub async fn update_user(&self, id: &str, change: UserChange) -> Result<User, Error> {
        let id = id.to_owned();
        self.alter(move |identities, generation| {
            let mut user = identities.users.get(&id).cloned().ok_or_else(|| missing("user", &id))?;
            if let Some(name) = change.name.filter(|name| *name != user.name) {
                check_name(identities, &name)?;
                user.name = name;
            }
            if change.enabled == Some(false) && id == identities.first_user {
                return Err(Error::IdentityProtected("the first user cannot be disabled".to_owned()));
            }
            let restricts = |details: &Details| {
                let mode = details.access_mode.as_str();
                mode != user.details.access_mode && !matches!(mode, "" | "default")
            };
            if change.details.as_ref().is_some_and(restricts) && id == identities.first_user {
                let text = "the first user keeps the console and access keys: access_mode must be default";
                return Err(Error::IdentityProtected(text.to_owned()));
            }
            user.modified = model::time::now();
            if change.password.is_some() || change.enabled.is_some_and(|enabled| enabled != user.enabled) {
                user.epoch = generation;
            }
            if let Some(hash) = change.password {
                user.password_set = Some(user.modified);
                user.password = Password::Hash(hash);
            }
            user.enabled = change.enabled.unwrap_or(user.enabled);
            user.details = change.details.unwrap_or(user.details);
            let hash = if let Password::Hash(hash) = &user.password { Some(hash.as_str()) } else { None };
            let mut writes = vec![values(Write::new(UPDATE), &user, hash)?];
            if hash.is_some() {
                writes.push(Write::new("UPDATE users SET first_password = NULL WHERE id = $1").text(&user.id));
            }
            Ok(Plan { writes, answer: user })
        })
        .await
    }

    /// Deletes a user with their access keys; they leave their groups.
    ///
    /// # Errors
    /// [`Error::IdentityMissing`]; [`Error::IdentityProtected`] for the first user.
    pub async fn delete_user(&self, id: &str) -> Result<(), Error> {
        let id = id.to_owned();
        self.alter(move |identities, _| {
            if !identities.users.contains_key(&id) {
                return Err(missing("user", &id));
            }
            if id == identities.first_user {
                return Err(Error::IdentityProtected("the first user cannot be deleted".to_owned()));
            }
            let write = Write::new("DELETE FROM users WHERE id = $1").text(&id);
            Ok(Plan { writes: vec![write], answer: () })
        })
        .await
    }

    /// The name of the first user, and the password that was made for them, until they change it.
    pub fn first_login(&self) -> Option<(String, Option<Secret>)> {
        let identities = self.identities();
        let user = identities.users.get(&identities.first_user)?;
        let password = if let Password::First(password) = &user.password { Some(password.clone()) } else { None };
        Some((user.name.clone(), password))
    }
}

const INSERT: &str = "INSERT INTO users (id, name, password, enabled, epoch, modified, password_set, details, created) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const UPDATE: &str = "UPDATE users SET name = $2, password = $3, enabled = $4, epoch = $5, modified = $6, password_set = $7, \
                      details = $8 WHERE id = $1";

fn values(write: Write, user: &User, hash: Option<&str>) -> Result<Write, Error> {
    let details = serde_json::to_string(&user.details).map_err(|cause| internal("details cannot be written", cause))?;
    Ok(write
        .text(&user.id)
        .text(&user.name)
        .maybe(hash)
        .number(i64::from(user.enabled))
        .number(signed(user.epoch))
        .number(micros(user.modified))
        .number(user.password_set.map(micros))
        .text(&details))
}

fn check_name(identities: &Identities, name: &str) -> Result<(), Error> {
    match identities.user_named(name) {
        Some(_) => Err(Error::IdentityConflict(format!("there is a user named {name}"))),
        None => Ok(()),
    }
}

/// The first user, in a group that may do everything; both stay as they are once they are there.
pub(crate) async fn make_first(
    connection: &mut SqliteConnection,
    key: &auth::seal::Key,
    id: &str,
) -> Result<(), Error> {
    let found: Option<i64> = sqlx::query_scalar("SELECT 1 FROM users WHERE id = $1")
        .bind(id)
        .fetch_optional(&mut *connection)
        .await
        .map_err(failed("cannot read the users"))?;
    if found.is_some() {
        return Ok(());
    }
    let (now, group) = (micros(model::time::now()), auth::keys::id());
    let password = Secret::new(auth::keys::password());
    let details = Details { description: "made by funcd at its first start".to_owned(), ..Details::default() };
    let details = serde_json::to_string(&details).map_err(|cause| internal("details cannot be written", cause))?;
    sqlx::query(
        "INSERT INTO users (id, name, first_password, enabled, epoch, created, modified, password_set, details) \
         VALUES ($1, $2, $3, 1, 0, $4, $4, $4, $5)",
    )
    .bind(id)
    .bind(ADMIN)
    .bind(credentials::seal(key, &first_password_context(id), &password))
    .bind(now)
    .bind(details)
    .execute(&mut *connection)
    .await
    .map_err(failed("cannot store the first user"))?;
    sqlx::query("INSERT INTO user_groups (id, name, description, created) VALUES ($1, $2, $3, $4)")
        .bind(&group)
        .bind(ADMIN)
        .bind("may do everything")
        .bind(now)
        .execute(&mut *connection)
        .await
        .map_err(failed("cannot store the first group"))?;
    for (sql, other) in [
        ("INSERT INTO group_members (group_id, user_id) VALUES ($1, $2)", id),
        ("INSERT INTO grants (holder, project, role_id) VALUES ($1, '', $2)", &role_id(crate::identity::FULL_ACCESS)),
    ] {
        let query = sqlx::query(sql).bind(&group).bind(other);
        query.execute(&mut *connection).await.map_err(failed("cannot store the first user's rights"))?;
    }
    Ok(())
}
