//! What makes an API answer, or stop: publish, switch to a version, take offline.

use std::collections::BTreeMap;

use model::apig::{Api, path};
use sqlx::SqliteConnection;

use super::environments::Environment;
use super::place::{Place, Taken};
use super::publications::{self, Stage};
use super::{What, apis, environments, missing, refuse, variables};
use crate::audit::Subject;
use crate::change::{Change, Extent};
use crate::database::failed;
use crate::error::Error;
use crate::store::Store;

impl Store {
    /// Publishes an API in an environment as it is edited now; from then on that answers.
    ///
    /// # Errors
    /// [`What::ApiMissing`], [`What::EnvironmentMissing`]; [`What::ApiExists`] when another API answers at its place;
    /// [`What::VariableMissing`] when its path names a variable that is not there; [`What::Unpublishable`] when the path is none with
    /// the variable's value.
    pub async fn publish_api(&self, project: &str, id: &str, env_id: &str, remark: &str) -> Result<(), Error> {
        let (store, project, id) = (self.clone(), project.to_owned(), id.to_owned());
        let (env_id, remark) = (env_id.to_owned(), remark.to_owned());
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            let api = find(change.connection(), &project, &id).await?;
            let environment = environments::find(change.connection(), &project, &env_id).await?;
            let place = free(&mut change, &api, &environment).await?;
            change.touch(Subject::new(&super::API, &id, &api.definition.name)).await?;
            publications::publish(change.connection(), &api, &place, stage(&environment), &remark).await?;
            change.extent = Extent::Apis;
            change.commit(|_| ()).await
        })
        .await
    }

    /// Lets an earlier version answer in the environment where it was published; what is edited stays as it is.
    ///
    /// # Errors
    /// [`What::ApiMissing`], [`What::VersionMissing`], and those of [`Store::publish_api`].
    pub async fn switch_api_version(&self, project: &str, id: &str, version_id: &str) -> Result<(), Error> {
        let (store, project, id, version) = (self.clone(), project.to_owned(), id.to_owned(), version_id.to_owned());
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            let mut api = find(change.connection(), &project, &id).await?;
            let found: Option<(String, String)> =
                sqlx::query_as("SELECT env_id, definition FROM api_versions WHERE id = $1 AND api_id = $2")
                    .bind(&version)
                    .bind(&id)
                    .fetch_optional(change.connection())
                    .await
                    .map_err(failed("cannot look the version up"))?;
            let (env_id, definition) = found.ok_or_else(|| missing(What::VersionMissing, "version", &version))?;
            api.definition = apis::read(&id, &definition)?;
            let environment = environments::find(change.connection(), &project, &env_id).await?;
            let place = free(&mut change, &api, &environment).await?;
            change.touch(Subject::new(&super::API, &id, &api.definition.name)).await?;
            publications::point(change.connection(), &api, &place, stage(&environment), &version).await?;
            change.extent = Extent::Apis;
            change.commit(|_| ()).await
        })
        .await
    }

    /// Takes an API offline in an environment; its versions stay.
    ///
    /// # Errors
    /// [`What::ApiMissing`], [`What::EnvironmentMissing`]; [`What::PublicationMissing`] when it is not published there.
    pub async fn withdraw_api(&self, project: &str, id: &str, env_id: &str) -> Result<(), Error> {
        let (store, project, id, env_id) = (self.clone(), project.to_owned(), id.to_owned(), env_id.to_owned());
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            let api = find(change.connection(), &project, &id).await?;
            let environment = environments::find(change.connection(), &project, &env_id).await?;
            change.touch(Subject::new(&super::API, &id, &api.definition.name)).await?;
            if !publications::withdraw(change.connection(), &id, &env_id).await? {
                let text = format!("API {} is not published in {}", api.definition.name, environment.name);
                return refuse(What::PublicationMissing, text);
            }
            change.extent = Extent::Apis;
            change.commit(|_| ()).await
        })
        .await
    }
}

pub(crate) fn stage(environment: &Environment) -> Stage<'_> {
    Stage { id: &environment.id, name: &environment.name }
}

async fn find(connection: &mut SqliteConnection, project: &str, id: &str) -> Result<Api, Error> {
    apis::find(connection, project, id).await?.ok_or_else(|| missing(What::ApiMissing, "API", id))
}

/// The place where the API is going to answer, and nobody else does.
async fn free(change: &mut Change, api: &Api, environment: &Environment) -> Result<Place, Error> {
    let region = change.inner.settings.region.clone();
    let (definition, connection) = (&api.definition, change.connection());
    let values = variables::of(connection, &api.project, &definition.group_id, &environment.id).await?;
    let path = expanded(api, environment, &values)?;
    let place = Place::of(connection, &api.project, definition, &path).await?;
    let place = place.ok_or_else(|| missing(What::GroupMissing, "API group", &definition.group_id))?;
    match place.published(connection, &region, &api.id, &environment.name).await? {
        Some(Taken(text)) => refuse(What::ApiExists, text),
        None => Ok(place),
    }
}

/// The API's path with the environment's variables filled in.
pub(crate) fn expanded(
    api: &Api,
    environment: &Environment,
    values: &BTreeMap<String, String>,
) -> Result<String, Error> {
    let template = &api.definition.path;
    let path = path::expand(template, |name| values.get(name).map(String::as_str)).or_else(|name| {
        let text =
            format!("path {template} names #{name}#, which the group has no variable of in {}", environment.name);
        refuse(What::VariableMissing, text)
    })?;
    if path::is_valid(&path) {
        return Ok(path);
    }
    refuse(
        What::Unpublishable,
        format!("path {template} is {path} in {}, which is no path: it must be {}", environment.name, path::RULE),
    )
}
