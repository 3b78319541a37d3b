//! What a client does to an API that nobody can call yet: make, change, delete.

use model::apig::{Api, Definition};
use model::limits;
use sqlx::SqliteConnection;

use super::place::{Place, Taken};
use super::{What, apis, missing, refuse};
use crate::audit::Subject;
use crate::change::{Change, Extent};
use crate::database::{failed, micros, timestamp};
use crate::error::Error;
use crate::store::Store;

impl Store {
    /// A new API, published nowhere.
    ///
    /// # Errors
    /// [`What::GroupMissing`], [`What::NameExists`], [`What::ApiExists`], [`What::ApiQuota`].
    pub async fn create_api(&self, project: &str, definition: Definition) -> Result<Api, Error> {
        let (store, project) = (self.clone(), project.to_owned());
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            let now = timestamp(micros(model::time::now()))?;
            let api = Api { id: auth::keys::id(), project, created: now, modified: now, definition };
            let place = free(&mut change, &api).await?;
            check_name(change.connection(), &api).await?;
            check_count(change.connection(), &api.project).await?;
            change.touch(Subject::new(&super::API, &api.id, &api.definition.name)).await?;
            apis::insert(change.connection(), &api, &place).await?;
            change.extent = Extent::Nothing;
            change.commit(|_| api).await
        })
        .await
    }

    /// Gives an API another definition; what is published of it stays as it is.
    ///
    /// # Errors
    /// [`What::ApiMissing`], and those of [`Store::create_api`].
    pub async fn update_api(&self, project: &str, id: &str, mut definition: Definition) -> Result<Api, Error> {
        let (store, project, id) = (self.clone(), project.to_owned(), id.to_owned());
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            let found = apis::find(change.connection(), &project, &id).await?;
            let mut api = found.ok_or_else(|| missing(What::ApiMissing, "API", &id))?;
            // A label of the trigger's maker.
            definition.instance_id = api.definition.instance_id.take();
            api.definition = definition;
            api.modified = timestamp(micros(model::time::now()))?;
            let place = free(&mut change, &api).await?;
            check_name(change.connection(), &api).await?;
            change.touch(Subject::new(&super::API, &api.id, &api.definition.name)).await?;
            apis::update(change.connection(), &api, &place).await?;
            change.extent = Extent::Nothing;
            change.commit(|_| api).await
        })
        .await
    }

    /// Deletes an API that is published nowhere, with its versions, and with its trigger if it has one.
    ///
    /// # Errors
    /// [`What::ApiMissing`], [`What::ApiPublished`].
    pub async fn delete_api(&self, project: &str, id: &str) -> Result<(), Error> {
        let (store, project, id) = (self.clone(), project.to_owned(), id.to_owned());
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            let found = apis::find(change.connection(), &project, &id).await?;
            let api = found.ok_or_else(|| missing(What::ApiMissing, "API", &id))?;
            check_offline(change.connection(), &api).await?;
            change.touch(Subject::new(&super::API, &id, &api.definition.name)).await?;
            // Its versions and its trigger go with it: foreign keys.
            sqlx::query("DELETE FROM apis WHERE id = $1")
                .bind(&id)
                .execute(change.connection())
                .await
                .map_err(failed("cannot delete the API"))?;
            change.extent = Extent::Nothing;
            change.commit(|_| ()).await
        })
        .await
    }
}

/// The place of an API in its group, where no other one is edited to be.
async fn free(change: &mut Change, api: &Api) -> Result<Place, Error> {
    let region = change.inner.settings.region.clone();
    let (definition, connection) = (&api.definition, change.connection());
    let place = Place::of(connection, &api.project, definition, &definition.path).await?;
    let place = place.ok_or_else(|| missing(What::GroupMissing, "API group", &definition.group_id))?;
    match place.edited(connection, &region, &api.id).await? {
        Some(Taken(text)) => refuse(What::ApiExists, text),
        None => Ok(place),
    }
}

/// Names are unique in a group, but for those that triggers gave.
async fn check_name(connection: &mut SqliteConnection, api: &Api) -> Result<(), Error> {
    let definitions: Vec<(String, String)> =
        sqlx::query_as("SELECT id, definition FROM apis WHERE project = $1 AND group_id = $2 AND id <> $3")
            .bind(&api.project)
            .bind(&api.definition.group_id)
            .bind(&api.id)
            .fetch_all(connection)
            .await
            .map_err(failed("cannot read the APIs of a group"))?;
    for (id, definition) in definitions {
        if apis::read(&id, &definition)?.name == api.definition.name {
            let text = format!("the API name already exists in the group, api_name:{}", api.definition.name);
            return refuse(What::NameExists, text);
        }
    }
    Ok(())
}

async fn check_count(connection: &mut SqliteConnection, project: &str) -> Result<(), Error> {
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM apis WHERE project = $1")
        .bind(project)
        .fetch_one(connection)
        .await
        .map_err(failed("cannot count the APIs"))?;
    if usize::try_from(count).unwrap_or_default() < limits::APIS {
        return Ok(());
    }
    refuse(What::ApiQuota, format!("at most {} APIs in a project", limits::APIS))
}

async fn check_offline(connection: &mut SqliteConnection, api: &Api) -> Result<(), Error> {
    let stages: Vec<String> = sqlx::query_scalar("SELECT stage FROM publications WHERE api_id = $1 ORDER BY stage")
        .bind(&api.id)
        .fetch_all(connection)
        .await
        .map_err(failed("cannot look for what is published"))?;
    if stages.is_empty() {
        return Ok(());
    }
    let text = format!("API {} is published in {}: take it offline first", api.definition.name, stages.join(", "));
    refuse(What::ApiPublished, text)
}
