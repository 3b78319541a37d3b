//! APIs as they are edited, with what is published of them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use model::apig::{Api, Definition};
use sqlx::{FromRow, SqliteConnection};

use super::place::Place;
use crate::database::{failed, micros, timestamp};
use crate::error::{Error, internal};
use crate::store::Store;

/// An API, with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// As it is edited.
    pub api: Api,
    /// The trigger it belongs to.
    pub trigger: Option<String>,
    /// Where it is published, RELEASE first.
    pub publications: Vec<Publication>,
}

/// An API in an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// 32 hexadecimal digits.
    pub id: String,
    /// The environment.
    pub env_id: String,
    /// Its name.
    pub env_name: String,
    /// The version that answers.
    pub version_id: String,
    /// What that version is like.
    pub definition: Definition,
    /// What was said when that version was published.
    pub remark: String,
    /// When.
    pub published: Timestamp,
}

impl Store {
    /// The APIs of a project, the newest first.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub async fn apis(&self, project: &str) -> Result<Vec<Stored>, Error> {
        let rows: Vec<StoredRow> = sqlx::query_as(
            "SELECT a.id, a.project, a.created, a.modified, a.definition, t.id AS trigger_id FROM apis a \
             LEFT JOIN triggers t ON t.api_id = a.id WHERE a.project = $1 ORDER BY a.created DESC, a.id",
        )
        .bind(project)
        .fetch_all(self.inner.database.readers())
        .await
        .map_err(failed("cannot read the APIs"))?;
        let published: Vec<PublicationRow> = sqlx::query_as(
            "SELECT p.api_id, p.publish_id, p.env_id, p.stage, p.version_id, p.published, v.remark, v.definition \
             FROM publications p JOIN api_versions v ON v.id = p.version_id WHERE p.project = $1 \
             ORDER BY p.stage <> 'RELEASE', p.stage",
        )
        .bind(project)
        .fetch_all(self.inner.database.readers())
        .await
        .map_err(failed("cannot read what is published"))?;
        let mut publications: BTreeMap<String, Vec<Publication>> = BTreeMap::new();
        for row in published {
            let (api_id, publication) = row.into_publication()?;
            publications.entry(api_id).or_default().push(publication);
        }
        let stored = |row: StoredRow| {
            let publications = publications.remove(&row.api.id).unwrap_or_default();
            Ok(Stored { api: row.api.into_api()?, trigger: row.trigger_id, publications })
        };
        rows.into_iter().map(stored).collect()
    }

    /// One of them.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub async fn api(&self, project: &str, id: &str) -> Result<Option<Stored>, Error> {
        Ok(self.apis(project).await?.into_iter().find(|stored| stored.api.id == id))
    }
}

#[derive(FromRow)]
struct StoredRow {
    #[sqlx(flatten)]
    api: Row,
    trigger_id: Option<String>,
}

#[derive(FromRow)]
struct PublicationRow {
    api_id: String,
    publish_id: String,
    env_id: String,
    stage: String,
    version_id: String,
    published: i64,
    remark: String,
    definition: String,
}

impl PublicationRow {
    fn into_publication(self) -> Result<(String, Publication), Error> {
        let definition = read(&self.api_id, &self.definition)?;
        let Self { api_id, publish_id: id, env_id, stage: env_name, version_id, remark, .. } = self;
        let published = timestamp(self.published)?;
        Ok((api_id, Publication { id, env_id, env_name, version_id, definition, remark, published }))
    }
}

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
