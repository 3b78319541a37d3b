//! Aliases: created, changed and deleted as whole transactions; a request in flight keeps the version it was given.

use std::collections::{BTreeMap, HashMap};

use model::alias::{Additional, Alias};
use model::function::Function;
use model::limits;
use model::urn::{FunctionId, Qualifier};
use sqlx::{FromRow, SqliteConnection};

use crate::change::{Change, Extent};
use crate::database::{failed, micros, timestamp, unsigned};
use crate::error::{Error, internal};
use crate::functions::Span;
use crate::store::Store;
use crate::{functions, quota, reserves};

impl Store {
    /// Creates an alias; its times are set here.
    ///
    /// # Errors
    /// [`Error::FunctionMissing`], [`Error::VersionMissing`] (either version); [`Error::AliasExists`];
    /// [`Error::VersionAliased`]; [`Error::Quota`].
    pub async fn create_alias(&self, id: &FunctionId, alias: Alias) -> Result<Alias, Error> {
        let store = self.clone();
        let id = id.clone();
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            let stored = insert(&mut change, &id, alias).await?;
            change.commit(|_| stored).await
        })
        .await
    }

    /// Replaces everything about the alias of this name but its time of creation. Requests that are routed from now on see all
    /// of the change, those before nothing of it.
    ///
    /// # Errors
    /// [`Error::FunctionMissing`], [`Error::AliasMissing`], [`Error::VersionMissing`]; [`Error::VersionAliased`].
    pub async fn update_alias(&self, id: &FunctionId, alias: Alias) -> Result<Alias, Error> {
        let store = self.clone();
        let id = id.clone();
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            let stored = replace(&mut change, &id, alias).await?;
            change.commit(|_| stored).await
        })
        .await
    }

    /// Deletes an alias.
    ///
    /// # Errors
    /// [`Error::FunctionMissing`], [`Error::AliasMissing`]; [`Error::AliasTriggers`].
    pub async fn delete_alias(&self, id: &FunctionId, name: &str) -> Result<(), Error> {
        let store = self.clone();
        let (id, name) = (id.clone(), name.to_owned());
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            let function = functions::current(&mut change, &id).await?;
            known(&function, &name)?;
            delete_row(&mut change, &function, &name).await?;
            change.extent = Extent::Function(function.func_id.clone());
            change.commit(|_| ()).await
        })
        .await
    }
}

async fn insert(change: &mut Change, id: &FunctionId, mut alias: Alias) -> Result<Alias, Error> {
    let function = functions::current(change, id).await?;
    if function.aliases.contains_key(&alias.name) {
        return Err(Error::AliasExists(id.urn(&Qualifier::Alias(alias.name))));
    }
    if function.aliases.len() >= limits::ALIASES {
        return Err(Error::Quota { what: quota::ALIASES, limit: limits::ALIASES as u64 });
    }
    check(&function, &alias)?;
    let now = micros(model::time::now());
    alias.created = timestamp(now)?;
    alias.modified = alias.created;
    let (additional, share) = second(&alias)?;
    sqlx::query(
        "INSERT INTO aliases (func_id, name, version, additional, share, description, created, modified) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
    )
    .bind(&function.func_id)
    .bind(&alias.name)
    .bind(alias.version.to_string())
    .bind(additional)
    .bind(share)
    .bind(&alias.description)
    .bind(now)
    .execute(change.connection())
    .await
    .map_err(failed("cannot store the alias"))?;
    change.extent = Extent::Function(function.func_id.clone());
    Ok(alias)
}

async fn replace(change: &mut Change, id: &FunctionId, mut alias: Alias) -> Result<Alias, Error> {
    let function = functions::current(change, id).await?;
    alias.created = known(&function, &alias.name)?.created;
    check(&function, &alias)?;
    let now = micros(model::time::now());
    alias.modified = timestamp(now)?;
    let (additional, share) = second(&alias)?;
    sqlx::query(
        "UPDATE aliases SET version = $1, additional = $2, share = $3, description = $4, modified = $5 \
         WHERE func_id = $6 AND name = $7",
    )
    .bind(alias.version.to_string())
    .bind(additional)
    .bind(share)
    .bind(&alias.description)
    .bind(now)
    .bind(&function.func_id)
    .bind(&alias.name)
    .execute(change.connection())
    .await
    .map_err(failed("cannot store the alias"))?;
    change.extent = Extent::Function(function.func_id.clone());
    Ok(alias)
}

/// Deletes the row, unless triggers call the alias.
pub(crate) async fn delete_row(change: &mut Change, function: &Function, name: &str) -> Result<(), Error> {
    let triggers: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM triggers WHERE func_id = $1 AND alias = $2")
        .bind(&function.func_id)
        .bind(name)
        .fetch_one(change.connection())
        .await
        .map_err(failed("cannot count the triggers of an alias"))?;
    if triggers > 0 {
        return Err(Error::AliasTriggers { alias: name.to_owned(), triggers: unsigned(triggers) });
    }
    reserves::forget(change, &function.func_id, &Qualifier::Alias(name.to_owned())).await?;
    sqlx::query("DELETE FROM aliases WHERE func_id = $1 AND name = $2")
        .bind(&function.func_id)
        .bind(name)
        .execute(change.connection())
        .await
        .map_err(failed("cannot delete the alias"))?;
    Ok(())
}

fn known<'a>(function: &'a Function, name: &str) -> Result<&'a Alias, Error> {
    let missing = || Error::AliasMissing(function.id.urn(&Qualifier::Alias(name.to_owned())));
    function.aliases.get(name).ok_or_else(missing)
}

/// Whether its versions are there, and no other alias has the main one.
fn check(function: &Function, alias: &Alias) -> Result<(), Error> {
    let additional = alias.additional.as_ref().map(|second| Qualifier::Version(second.version.clone()));
    for qualifier in [Some(&alias.version), additional.as_ref()].into_iter().flatten() {
        if matches!(qualifier, Qualifier::Alias(_)) || function.version(qualifier).is_none() {
            return Err(Error::VersionMissing(function.id.urn(qualifier)));
        }
    }
    let taken = function.aliases.values().find(|other| other.name != alias.name && other.version == alias.version);
    match taken {
        Some(other) => Err(Error::VersionAliased { version: alias.version.to_string(), alias: other.name.clone() }),
        None => Ok(()),
    }
}

/// The additional version and its share as the table keeps them.
fn second(alias: &Alias) -> Result<(Option<&str>, String), Error> {
    match &alias.additional {
        None => Ok((None, String::new())),
        Some(Additional { version, share }) => Ok((Some(version), functions::json(share)?)),
    }
}

#[derive(FromRow)]
struct Row {
    func_id: String,
    name: String,
    version: String,
    additional: Option<String>,
    share: String,
    description: String,
    created: i64,
    modified: i64,
}

/// The aliases of these functions, by function and name.
pub(crate) async fn all(
    connection: &mut SqliteConnection,
    span: Span<'_>,
) -> Result<HashMap<String, BTreeMap<String, Alias>>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT func_id, name, version, additional, share, description, created, modified FROM aliases \
         WHERE func_id BETWEEN $1 AND $2",
    )
    .bind(span.0)
    .bind(span.1)
    .fetch_all(connection)
    .await
    .map_err(failed("cannot read the aliases"))?;
    let mut found: HashMap<String, BTreeMap<String, Alias>> = HashMap::new();
    for row in rows {
        let (func_id, alias) = row.into_alias()?;
        found.entry(func_id).or_default().insert(alias.name.clone(), alias);
    }
    Ok(found)
}

impl Row {
    fn into_alias(self) -> Result<(String, Alias), Error> {
        let Self { func_id, name, version, additional, share, description, created, modified } = self;
        let unreadable = |cause| internal(format!("the stored alias {name} cannot be read"), cause);
        let additional = match additional {
            Some(version) => Some(Additional { version, share: serde_json::from_str(&share).map_err(unreadable)? }),
            None => None,
        };
        let version = Qualifier::from(version.as_str());
        let (created, modified) = (timestamp(created)?, timestamp(modified)?);
        Ok((func_id, Alias { name, version, additional, description, created, modified }))
    }
}
