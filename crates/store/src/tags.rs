//! Tags of functions: a value under a name, for people and their tools. No function runs differently because of one.

use std::collections::BTreeMap;

use model::limits;
use model::urn::FunctionId;

use crate::change::{Change, Extent};
use crate::database::failed;
use crate::error::Error;
use crate::store::Store;
use crate::{functions, quota};

/// The tags of a function: value by name.
pub type Tags = BTreeMap<String, String>;

impl Store {
    /// Adds tags to a function; one that is there by its name takes the new value.
    ///
    /// # Errors
    /// [`Error::FunctionMissing`]; [`Error::Quota`], and then none is added.
    pub async fn add_tags(&self, function: &FunctionId, tags: Tags) -> Result<(), Error> {
        let store = self.clone();
        let function = function.clone();
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            change.extent = Extent::Nothing;
            change.extent = Extent::Nothing;
            let func_id = owner(&mut change, &function).await?;
            insert(&mut change, &func_id, &tags).await?;
            change.commit(|_| ()).await
        })
        .await
    }

    /// Removes tags by name, those with a value only where it is theirs; one that is not there is not missed.
    ///
    /// # Errors
    /// [`Error::FunctionMissing`].
    pub async fn remove_tags(&self, function: &FunctionId, tags: Vec<(String, Option<String>)>) -> Result<(), Error> {
        let store = self.clone();
        let function = function.clone();
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            change.extent = Extent::Nothing;
            change.extent = Extent::Nothing;
            let func_id = owner(&mut change, &function).await?;
            for (name, value) in tags {
                sqlx::query("DELETE FROM tags WHERE func_id = $1 AND name = $2 AND value = COALESCE($3, value)")
                    .bind(&func_id)
                    .bind(name)
                    .bind(value)
                    .execute(change.connection())
                    .await
                    .map_err(failed("cannot delete a tag"))?;
            }
            change.commit(|_| ()).await
        })
        .await
    }

    /// The tags of a project's functions, by `func_id`; functions without any are left out.
    pub async fn tags(&self, project: &str) -> Result<BTreeMap<String, Tags>, Error> {
        let rows: Vec<(String, String, String)> = sqlx::query_as(
            "SELECT t.func_id, t.name, t.value FROM tags t JOIN functions f ON f.func_id = t.func_id \
             WHERE f.project = $1",
        )
        .bind(project)
        .fetch_all(self.inner.database.readers())
        .await
        .map_err(failed("cannot read the tags"))?;
        let mut tags: BTreeMap<String, Tags> = BTreeMap::new();
        for (func_id, name, value) in rows {
            tags.entry(func_id).or_default().insert(name, value);
        }
        Ok(tags)
    }
}

async fn owner(change: &mut Change, function: &FunctionId) -> Result<String, Error> {
    functions::find(change, function).await?.ok_or_else(|| Error::FunctionMissing(function.to_string()))
}

/// As part of another change.
pub(crate) async fn insert(change: &mut Change, func_id: &str, tags: &Tags) -> Result<(), Error> {
    for (name, value) in tags {
        sqlx::query(
            "INSERT INTO tags (func_id, name, value) VALUES ($1, $2, $3) \
             ON CONFLICT (func_id, name) DO UPDATE SET value = excluded.value",
        )
        .bind(func_id)
        .bind(name)
        .bind(value)
        .execute(change.connection())
        .await
        .map_err(failed("cannot store a tag"))?;
    }
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM tags WHERE func_id = $1")
        .bind(func_id)
        .fetch_one(change.connection())
        .await
        .map_err(failed("cannot count the tags"))?;
    match usize::try_from(count).is_ok_and(|count| count <= limits::TAGS) {
        true => Ok(()),
        false => Err(Error::Quota { what: quota::TAGS, limit: limits::TAGS as u64 }),
    }
}
