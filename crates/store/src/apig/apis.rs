//! APIs as they are edited.

use model::apig::{Api, Definition};
use sqlx::{FromRow, SqliteConnection};

use super::place::Place;
use crate::database::{failed, micros, timestamp};
use crate::error::{Error, internal};

/// Which triggers go, with their APIs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Of<'a> {
    /// The one with this id.
    Trigger(&'a str),
    /// Those of a version or an alias.
    Qualifier(&'a str),
    /// All.
    Function,
}

/// Adds one; whoever calls has checked that its place is free.
pub(crate) async fn insert(connection: &mut SqliteConnection, api: &Api, place: &Place) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO apis (id, project, group_id, created, modified, method, shape, match_mode, definition) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(&api.id)
    .bind(&api.project)
    .bind(&api.definition.group_id)
    .bind(micros(api.created))
    .bind(micros(api.modified))
    .bind(&place.method)
    .bind(&place.shape)
    .bind(place.match_mode)
    .bind(json(&api.definition)?)
    .execute(connection)
    .await
    .map_err(failed("cannot store the API"))?;
    Ok(())
}

/// Stores what was edited; whoever calls has checked that its place is free.
pub(crate) async fn update(connection: &mut SqliteConnection, api: &Api, place: &Place) -> Result<(), Error> {
    sqlx::query(
        "UPDATE apis SET group_id = $1, modified = $2, method = $3, shape = $4, match_mode = $5, definition = $6 WHERE id = $7",
    )
    .bind(&api.definition.group_id)
    .bind(micros(api.modified))
    .bind(&place.method)
    .bind(&place.shape)
    .bind(place.match_mode)
    .bind(json(&api.definition)?)
    .bind(&api.id)
    .execute(connection)
    .await
    .map_err(failed("cannot store the API"))?;
    Ok(())
}

/// An API of a project by its id.
pub(crate) async fn find(connection: &mut SqliteConnection, project: &str, id: &str) -> Result<Option<Api>, Error> {
    let row: Option<Row> =
        sqlx::query_as("SELECT id, project, created, modified, definition FROM apis WHERE project = $1 AND id = $2")
            .bind(project)
            .bind(id)
            .fetch_optional(connection)
            .await
            .map_err(failed("cannot look the API up"))?;
    row.map(Row::into_api).transpose()
}

/// Deletes triggers of a function: their APIs go, whatever is published of them, and the triggers with these. Gives how many.
pub(crate) async fn delete_of(connection: &mut SqliteConnection, func_id: &str, of: Of<'_>) -> Result<u64, Error> {
    let query = match of {
        Of::Trigger(_) => "DELETE FROM apis WHERE id IN (SELECT api_id FROM triggers WHERE func_id = $1 AND id = $2)",
        Of::Qualifier(_) => {
            "DELETE FROM apis WHERE id IN (SELECT api_id FROM triggers WHERE func_id = $1 AND qualifier = $2)"
        }
        Of::Function => "DELETE FROM apis WHERE id IN (SELECT api_id FROM triggers WHERE func_id = $1)",
    };
    let query = sqlx::query(query).bind(func_id);
    let query = match of {
        Of::Trigger(id) => query.bind(id),
        Of::Qualifier(qualifier) => query.bind(qualifier),
        Of::Function => query,
    };
    let done = query.execute(connection).await.map_err(failed("cannot delete the triggers"))?;
    Ok(done.rows_affected())
}

pub(crate) fn json(definition: &Definition) -> Result<String, Error> {
    serde_json::to_string(definition).map_err(|cause| internal("an API cannot be written as JSON", cause))
}

pub(crate) fn read(id: &str, json: &str) -> Result<Definition, Error> {
    serde_json::from_str(json).map_err(|cause| internal(format!("the stored API {id} cannot be read"), cause))
}

#[derive(FromRow)]
pub(crate) struct Row {
    id: String,
    project: String,
    created: i64,
    modified: i64,
    definition: String,
}

impl Row {
    pub(crate) fn into_api(self) -> Result<Api, Error> {
        Ok(Api {
            definition: read(&self.id, &self.definition)?,
            id: self.id,
            project: self.project,
            created: timestamp(self.created)?,
            modified: timestamp(self.modified)?,
        })
    }
}
