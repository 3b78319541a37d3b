//! What is published: versions of APIs, and which of them answers in which environment.

use std::sync::Arc;

use model::apig::{Api, ApiRef, Published};
use model::limits;
use model::urn::FunctionId;
use sqlx::{FromRow, SqliteConnection};

use super::apis;
use super::place::Place;
use crate::database::{failed, micros, signed};
use crate::error::Error;

/// An environment, as far as publishing needs it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stage<'a> {
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
}

/// Makes a version of the API as it is now, and the one that answers at `place`, which whoever calls has checked to be free. Gives
/// the version's id.
pub(crate) async fn publish(
    connection: &mut SqliteConnection,
    api: &Api,
    place: &Place,
    stage: Stage<'_>,
    remark: &str,
) -> Result<String, Error> {
    let version = auth::keys::id();
    sqlx::query(
        "INSERT INTO api_versions (id, api_id, env_id, number, remark, published, definition) VALUES ($1, $2, $3, \
         (SELECT COALESCE(MAX(v.number), 0) + 1 FROM api_versions v WHERE v.api_id = $2 AND v.env_id = $3), $4, $5, $6)",
    )
    .bind(&version)
    .bind(&api.id)
    .bind(stage.id)
    .bind(remark)
    .bind(micros(model::time::now()))
    .bind(apis::json(&api.definition)?)
    .execute(&mut *connection)
    .await
    .map_err(failed("cannot store the version of an API"))?;
    point(connection, api, place, stage, &version).await?;
    forget_old(connection, &api.id, stage.id).await?;
    Ok(version)
}

/// Makes a stored version of the API the one that answers.
pub(crate) async fn point(
    connection: &mut SqliteConnection,
    api: &Api,
    place: &Place,
    stage: Stage<'_>,
    version: &str,
) -> Result<(), Error> {
    withdraw(connection, &api.id, stage.id).await?;
    sqlx::query(
        "INSERT INTO publications (api_id, env_id, stage, version_id, publish_id, published, project, group_id, host, method, path, \
         shape, match_mode) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(&api.id)
    .bind(stage.id)
    .bind(stage.name)
    .bind(version)
    .bind(auth::keys::id())
    .bind(micros(model::time::now()))
    .bind(&api.project)
    .bind(&place.group.id)
    .bind(&place.host)
    .bind(&place.method)
    .bind(&place.path)
    .bind(&place.shape)
    .bind(place.match_mode)
    .execute(connection)
    .await
    .map_err(failed("cannot publish the API"))?;
    Ok(())
}

/// Takes an API out of an environment; says whether it was there.
pub(crate) async fn withdraw(connection: &mut SqliteConnection, api_id: &str, env_id: &str) -> Result<bool, Error> {
    let done = sqlx::query("DELETE FROM publications WHERE api_id = $1 AND env_id = $2")
        .bind(api_id)
        .bind(env_id)
        .execute(connection)
        .await
        .map_err(failed("cannot take the API offline"))?;
    Ok(done.rows_affected() > 0)
}

/// The newest is the one that answers, so it stays.
async fn forget_old(connection: &mut SqliteConnection, api_id: &str, env_id: &str) -> Result<(), Error> {
    sqlx::query(
        "DELETE FROM api_versions WHERE api_id = $1 AND env_id = $2 AND number < (SELECT MIN(newest.number) FROM \
         (SELECT v.number FROM api_versions v WHERE v.api_id = $1 AND v.env_id = $2 ORDER BY v.number DESC LIMIT $3) newest)",
    )
    .bind(api_id)
    .bind(env_id)
    .bind(signed(limits::API_VERSIONS as u64))
    .execute(connection)
    .await
    .map_err(failed("cannot delete the old versions of an API"))?;
    Ok(())
}

/// Everything that is reachable.
pub(crate) async fn all(connection: &mut SqliteConnection, region: &str) -> Result<Vec<Published>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT p.api_id, p.env_id, p.stage, p.project, p.group_id, p.path, v.definition \
         FROM publications p JOIN api_versions v ON v.id = p.version_id ORDER BY p.api_id, p.env_id",
    )
    .fetch_all(connection)
    .await
    .map_err(failed("cannot read what is published"))?;
    rows.into_iter().map(|row| row.into_published(region)).collect()
}

#[derive(FromRow)]
struct Row {
    api_id: String,
    env_id: String,
    stage: String,
    project: String,
    group_id: String,
    path: String,
    definition: String,
}

impl Row {
    fn into_published(self, region: &str) -> Result<Published, Error> {
        let definition = apis::read(&self.api_id, &self.definition)?;
        let function = FunctionId {
            region: region.to_owned(),
            project: self.project.clone(),
            package: definition.package.clone(),
            name: definition.function.clone(),
        };
        let Self { api_id, env_id, stage, project, group_id, path, .. } = self;
        let api = ApiRef { api_id, group_id, env_id, env_name: stage, project, name: definition.name.clone() };
        Ok(Published { api: Arc::new(api), function, path, definition: Arc::new(definition) })
    }
}
