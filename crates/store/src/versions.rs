//! Published versions: copies of `latest` under a name, which never change and go as a whole.

use std::sync::Arc;

use jiff::Timestamp;
use model::function::Function;
use model::limits;
use model::urn::{FunctionId, Qualifier};

use crate::apig::apis::{self, Of};
use crate::change::{Change, Extent};
use crate::database::{failed, micros, signed};
use crate::error::Error;
use crate::store::Store;
use crate::{functions, groups, quota, reserves, variables};

impl Store {
    /// Gives what `latest` is now a name: the given one, or one made of the time, such as `v20260102-030405`.
    ///
    /// # Errors
    /// [`Error::FunctionMissing`]; [`Error::Unchanged`] when the version published last is the same; [`Error::VersionExists`];
    /// [`Error::Quota`] for versions or bytes of code.
    pub async fn publish_version(
        &self,
        id: &FunctionId,
        name: Option<String>,
        description: String,
    ) -> Result<(Arc<Function>, Qualifier), Error> {
        let store = self.clone();
        let id = id.clone();
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            let function = functions::current(&mut change, &id).await?;
            let at = model::time::now();
            let name = name.unwrap_or_else(|| free_name(&function, at));
            check(&mut change, &function, &name).await?;
            change.extent = Extent::Function(function.func_id.clone());
            insert(&mut change, &function, (&name, &description), at).await?;
            let function = change.commit(|snapshot| functions::written(snapshot, &id)).await??;
            Ok((function, Qualifier::Version(name)))
        })
        .await
    }

    /// Deletes a published version with its triggers and the aliases whose main version it is. Its instances end when their
    /// requests are answered; its code goes as any other.
    ///
    /// # Errors
    /// [`Error::FunctionMissing`], [`Error::VersionMissing`]; [`Error::VersionInUse`] while it is an alias's additional version;
    /// [`Error::AliasTriggers`] while an alias that would go with it has triggers.
    pub async fn delete_version(&self, id: &FunctionId, name: &str) -> Result<(), Error> {
        let store = self.clone();
        let (id, name) = (id.clone(), name.to_owned());
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            delete(&mut change, &id, &name).await?;
            change.commit(|_| ()).await
        })
        .await
    }
}

/// A name made of the time, which no version has yet.
fn free_name(function: &Function, at: Timestamp) -> String {
    let stamp = at.strftime("v%Y%m%d-%H%M%S").to_string();
    let numbered = (2..).map(|number: u32| format!("{stamp}-{number}"));
    let mut names = std::iter::once(stamp.clone()).chain(numbered);
    names.find(|name| !function.versions.contains_key(name)).unwrap_or(stamp)
}

async fn check(change: &mut Change, function: &Function, name: &str) -> Result<(), Error> {
    let id = &function.id;
    if function.versions.contains_key(name) {
        return Err(Error::VersionExists(id.urn(&Qualifier::Version(name.to_owned()))));
    }
    let same_secret = |one: &_, other: &_| variables::same(&change.inner, one, other);
    if let Some(newest) = function.newest().filter(|newest| newest.version.same_as(&function.latest, same_secret)) {
        return Err(Error::Unchanged(newest.version.urn()));
    }
    // `latest` is one of them.
    if function.versions.len() + 1 >= limits::VERSIONS {
        return Err(Error::Quota { what: quota::VERSIONS, limit: limits::VERSIONS as u64 });
    }
    functions::check_room(change, &id.project, function.latest.code.size).await
}

async fn insert(
    change: &mut Change,
    function: &Function,
    (name, description): (&str, &str),
    at: Timestamp,
) -> Result<(), Error> {
    let revision = signed(change.generation);
    sqlx::query(
        "INSERT INTO versions (func_id, qualifier, revision, config, encrypted_user_data, code_type, filename, sha256, sha512, \
         size, entry, code_url, published, description) \
         SELECT func_id, $1, $2, config, encrypted_user_data, code_type, filename, sha256, sha512, size, entry, code_url, $3, $4 \
         FROM versions WHERE func_id = $5 AND qualifier = $6",
    )
    .bind(name)
    .bind(revision)
    .bind(micros(at))
    .bind(description)
    .bind(&function.func_id)
    .bind(Qualifier::Latest.to_string())
    .execute(change.connection())
    .await
    .map_err(failed("cannot store the version"))?;
    Ok(())
}

async fn delete(change: &mut Change, id: &FunctionId, name: &str) -> Result<(), Error> {
    let function = functions::current(change, id).await?;
    let qualifier = Qualifier::Version(name.to_owned());
    if !function.versions.contains_key(name) {
        return Err(Error::VersionMissing(id.urn(&qualifier)));
    }
    let second = |alias: &&model::alias::Alias| alias.additional.as_ref().is_some_and(|second| second.version == name);
    if let Some(alias) = function.aliases.values().find(second) {
        return Err(Error::VersionInUse { version: name.to_owned(), alias: alias.name.clone() });
    }
    let groups = groups::of_function(change.connection(), &function.func_id).await?;
    if let Some(alias) = function.aliases.values().find(|alias| alias.version == qualifier) {
        crate::aliases::delete_row(change, &function, &alias.name).await?;
    }
    reserves::forget(change, &function.func_id, &qualifier).await?;
    apis::delete_of(change.connection(), &function.func_id, Of::Qualifier(name)).await?;
    sqlx::query("DELETE FROM versions WHERE func_id = $1 AND qualifier = $2")
        .bind(&function.func_id)
        .bind(name)
        .execute(change.connection())
        .await
        .map_err(failed("cannot delete the version"))?;
    groups::delete_unused(change.connection(), &id.project, &groups).await
}
