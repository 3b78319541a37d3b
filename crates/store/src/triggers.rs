//! Triggers: which version or alias answers at which host, method and path. Two triggers never claim the same place.

use model::apig::{Api, Definition};
use model::limits;
use model::trigger::{Kind, Trigger};
use model::urn::{FunctionId, Qualifier};
use sqlx::{AssertSqlSafe, FromRow};

use crate::apig::apis::{self, Of};
use crate::apig::place::{Place, Taken};
use crate::apig::{Environment, environments, publications, release, variables};
use crate::change::{Change, Extent};
use crate::database::{failed, micros, timestamp, unsigned};
use crate::error::{Error, internal};
use crate::store::Store;
use crate::{functions, quota};

/// Triggers with their APIs: as published in the trigger's environment, or, taken offline there, as edited.
const SELECT: &str = "SELECT t.id, f.project, f.package, f.name, t.qualifier, t.kind, t.created, t.updated, a.id AS api_id, \
     t.env_id, COALESCE(e.name, 'RELEASE') AS env_name, COALESCE(v.definition, a.definition) AS definition \
     FROM triggers t JOIN functions f ON f.func_id = t.func_id JOIN apis a ON a.id = t.api_id LEFT JOIN environments e ON e.id = t.env_id \
     LEFT JOIN publications p ON p.api_id = t.api_id AND p.env_id = t.env_id LEFT JOIN api_versions v ON v.id = p.version_id";

impl Store {
    /// Stores a trigger and its API, which is published at once; its times are set here, and it keeps the id it comes with.
    ///
    /// # Errors
    /// [`Error::FunctionMissing`], [`Error::VersionMissing`], [`Error::AliasMissing`]; [`Error::TriggerExists`] when its id, or its method and path at the same
    /// host, are taken; [`Error::Quota`].
    pub async fn create_trigger(&self, trigger: Trigger) -> Result<Trigger, Error> {
        let store = self.clone();
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            let stored = insert(&mut change, trigger).await?;
            change.commit(|_| stored).await
        })
        .await
    }

    /// The triggers of one version or alias, oldest first.
    ///
    /// # Errors
    /// [`Error::FunctionMissing`] when there is no such function.
    pub async fn triggers(&self, function: &FunctionId, qualifier: &Qualifier) -> Result<Vec<Trigger>, Error> {
        if self.function(function).is_none() {
            return Err(Error::FunctionMissing(function.to_string()));
        }
        let rows: Vec<Row> = sqlx::query_as(AssertSqlSafe(format!(
            "{SELECT} WHERE f.project = $1 AND f.package = $2 AND f.name = $3 AND t.qualifier = $4 ORDER BY t.created, t.id"
        )))
        .bind(&function.project)
        .bind(&function.package)
        .bind(&function.name)
        .bind(qualifier.to_string())
        .fetch_all(self.inner.database.readers())
        .await
        .map_err(failed("cannot read the triggers"))?;
        rows.into_iter().map(|row| row.into_trigger(&self.inner.settings.region)).collect()
    }

    /// The triggers of all functions of a project, oldest first.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub async fn project_triggers(&self, project: &str) -> Result<Vec<Trigger>, Error> {
        let rows: Vec<Row> =
            sqlx::query_as(AssertSqlSafe(format!("{SELECT} WHERE f.project = $1 ORDER BY t.created, t.id")))
                .bind(project)
                .fetch_all(self.inner.database.readers())
                .await
                .map_err(failed("cannot read the triggers"))?;
        rows.into_iter().map(|row| row.into_trigger(&self.inner.settings.region)).collect()
    }

    /// A trigger of a function by its id.
    pub async fn trigger(&self, function: &FunctionId, id: &str) -> Result<Option<Trigger>, Error> {
        if function.region != self.inner.settings.region {
            return Ok(None);
        }
        let row: Option<Row> = sqlx::query_as(AssertSqlSafe(format!(
            "{SELECT} WHERE f.project = $1 AND f.package = $2 AND f.name = $3 AND t.id = $4"
        )))
        .bind(&function.project)
        .bind(&function.package)
        .bind(&function.name)
        .bind(id)
        .fetch_optional(self.inner.database.readers())
        .await
        .map_err(failed("cannot read a trigger"))?;
        row.map(|row| row.into_trigger(&self.inner.settings.region)).transpose()
    }

    /// Changes the API of the trigger with this id and publishes it; version, type and time of creation stay as they are, and so does
    /// what a trigger does not say of an API.
    ///
    /// # Errors
    /// [`Error::FunctionMissing`], [`Error::TriggerMissing`]; [`Error::TriggerExists`] as in [`Store::create_trigger`].
    pub async fn update_trigger(&self, trigger: Trigger) -> Result<Trigger, Error> {
        let store = self.clone();
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            let stored = replace(&mut change, trigger).await?;
            change.commit(|_| stored).await
        })
        .await
    }

    /// Deletes one trigger and its API; its group stays.
    ///
    /// # Errors
    /// [`Error::FunctionMissing`], [`Error::TriggerMissing`].
    pub async fn delete_trigger(&self, function: &FunctionId, id: &str) -> Result<(), Error> {
        let store = self.clone();
        let (function, id) = (function.clone(), id.to_owned());
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            let func_id = owner(&mut change, &function).await?;
            if apis::delete_of(change.connection(), &func_id, Of::Trigger(&id)).await? == 0 {
                return Err(Error::TriggerMissing(id));
            }
            change.extent = Extent::Apis;
            change.commit(|_| ()).await
        })
        .await
    }

    /// Deletes all triggers of one version or alias, and their APIs; none is fine.
    ///
    /// # Errors
    /// [`Error::FunctionMissing`].
    pub async fn delete_triggers(&self, function: &FunctionId, qualifier: &Qualifier) -> Result<(), Error> {
        let store = self.clone();
        let (function, qualifier) = (function.clone(), qualifier.to_string());
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            let func_id = owner(&mut change, &function).await?;
            apis::delete_of(change.connection(), &func_id, Of::Qualifier(&qualifier)).await?;
            change.extent = Extent::Apis;
            change.commit(|_| ()).await
        })
        .await
    }
}

async fn owner(change: &mut Change, function: &FunctionId) -> Result<String, Error> {
    functions::find(change, function).await?.ok_or_else(|| Error::FunctionMissing(function.to_string()))
}

async fn insert(change: &mut Change, mut trigger: Trigger) -> Result<Trigger, Error> {
    let func_id = called(change, &trigger).await?;
    let now = micros(model::time::now());
    trigger.created = timestamp(now)?;
    trigger.updated = trigger.created;
    let api = Api {
        id: trigger.api.id.clone(),
        project: trigger.function.project.clone(),
        created: trigger.created,
        modified: trigger.created,
        definition: Definition::of_trigger(&trigger.function, &trigger.qualifier, trigger.api.clone()),
    };
    let places = free(change, &api, &trigger.api.env_id).await?;
    check_count(change, &func_id, &trigger.qualifier).await?;
    check_id(change, &trigger.id).await?;
    apis::insert(change.connection(), &api, &places.edited).await?;
    trigger.api.env_name.clone_from(&places.environment.name);
    places.publish(change, &api).await?;

    let (version, alias) = match &trigger.qualifier {
        Qualifier::Alias(name) => (None, Some(name.clone())),
        version => (Some(version.to_string()), None),
    };
    sqlx::query(
        "INSERT INTO triggers (id, func_id, qualifier, version, alias, project, kind, created, updated, api_id, env_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10)",
    )
    .bind(&trigger.id)
    .bind(func_id)
    .bind(trigger.qualifier.to_string())
    .bind(version)
    .bind(alias)
    .bind(&trigger.function.project)
    .bind(trigger.kind.code())
    .bind(now)
    .bind(&api.id)
    .bind(&trigger.api.env_id)
    .execute(change.connection())
    .await
    .map_err(failed("cannot store the trigger"))?;
    change.extent = Extent::Apis;
    Ok(trigger)
}

async fn replace(change: &mut Change, mut trigger: Trigger) -> Result<Trigger, Error> {
    let func_id = owner(change, &trigger.function).await?;
    let stored: Option<Stored> =
        sqlx::query_as("SELECT qualifier, kind, created, api_id, env_id FROM triggers WHERE func_id = $1 AND id = $2")
            .bind(func_id)
            .bind(&trigger.id)
            .fetch_optional(change.connection())
            .await
            .map_err(failed("cannot look the trigger up"))?;
    let missing = || Error::TriggerMissing(trigger.id.clone());
    let stored = stored.ok_or_else(missing)?;
    let found = apis::find(change.connection(), &trigger.function.project, &stored.api_id).await?;
    let mut api = found.ok_or_else(missing)?;
    let now = micros(model::time::now());
    api.modified = timestamp(now)?;
    api.definition.overlay(trigger.api.clone());
    let places = free(change, &api, &trigger.api.env_id).await?;
    apis::update(change.connection(), &api, &places.edited).await?;
    if stored.env_id != trigger.api.env_id {
        publications::withdraw(change.connection(), &api.id, &stored.env_id).await?;
    }
    trigger.api.env_name.clone_from(&places.environment.name);
    places.publish(change, &api).await?;

    trigger.qualifier = Qualifier::from(stored.qualifier.as_str());
    trigger.kind = kind_of(&stored.kind)?;
    trigger.created = timestamp(stored.created)?;
    trigger.updated = api.modified;
    sqlx::query("UPDATE triggers SET updated = $1, env_id = $2 WHERE id = $3")
        .bind(now)
        .bind(&trigger.api.env_id)
        .bind(&trigger.id)
        .execute(change.connection())
        .await
        .map_err(failed("cannot store the trigger"))?;
    change.extent = Extent::Apis;
    Ok(trigger)
}

#[derive(FromRow)]
struct Stored {
    qualifier: String,
    kind: String,
    created: i64,
    api_id: String,
    env_id: String,
}

/// Where a trigger's API is, as it is edited and as it is published: there variables of the environment are filled in.
struct Places {
    environment: Environment,
    edited: Place,
    published: Place,
}

impl Places {
    async fn publish(&self, change: &mut Change, api: &Api) -> Result<(), Error> {
        let stage = release::stage(&self.environment);
        publications::publish(change.connection(), api, &self.published, stage, "").await.map(drop)
    }
}

/// The places of a trigger's API, where no other one is.
async fn free(change: &mut Change, api: &Api, env_id: &str) -> Result<Places, Error> {
    let region = change.inner.settings.region.clone();
    let (definition, connection) = (&api.definition, change.connection());
    let environment = environments::find(connection, &api.project, env_id).await?;
    let values = variables::of(connection, &api.project, &definition.group_id, &environment.id).await?;
    let path = release::expanded(api, &environment, &values)?;
    let gone = || {
        internal(
            format!("there is no API group {} any more: try again", definition.group_id),
            "it was deleted with its last function",
        )
    };
    let edited = Place::of(connection, &api.project, definition, &definition.path).await?.ok_or_else(gone)?;
    let published = Place::of(connection, &api.project, definition, &path).await?.ok_or_else(gone)?;
    let taken = edited.edited(connection, &region, &api.id).await?;
    match taken.or(published.published(connection, &region, &api.id, &environment.name).await?) {
        Some(Taken(text)) => Err(Error::TriggerExists(text)),
        None => Ok(Places { environment, edited, published }),
    }
}

/// The `func_id` of the version or alias that the trigger calls.
async fn called(change: &mut Change, trigger: &Trigger) -> Result<String, Error> {
    let function = functions::current(change, &trigger.function).await?;
    let urn = || trigger.function.urn(&trigger.qualifier);
    match (function.version(&trigger.qualifier), &trigger.qualifier) {
        (Some(_), _) => Ok(function.func_id.clone()),
        (None, Qualifier::Alias(_)) => Err(Error::AliasMissing(urn())),
        (None, _) => Err(Error::VersionMissing(urn())),
    }
}

async fn check_count(change: &mut Change, func_id: &str, qualifier: &Qualifier) -> Result<(), Error> {
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM triggers WHERE func_id = $1 AND qualifier = $2")
        .bind(func_id)
        .bind(qualifier.to_string())
        .fetch_one(change.connection())
        .await
        .map_err(failed("cannot count the triggers"))?;
    let limit = limits::TRIGGERS as u64;
    if unsigned(count) < limit { Ok(()) } else { Err(Error::Quota { what: quota::TRIGGERS, limit }) }
}

async fn check_id(change: &mut Change, id: &str) -> Result<(), Error> {
    let found: Option<i64> = sqlx::query_scalar("SELECT 1 FROM triggers WHERE id = $1")
        .bind(id)
        .fetch_optional(change.connection())
        .await
        .map_err(failed("cannot look the trigger up"))?;
    if found.is_none() { Ok(()) } else { Err(Error::TriggerExists(format!("trigger {id} exists"))) }
}

fn kind_of(code: &str) -> Result<Kind, Error> {
    [Kind::Apig, Kind::DedicatedGateway]
        .into_iter()
        .find(|kind| kind.code() == code)
        .ok_or_else(|| internal("a stored trigger cannot be read", format!("its type is {code}")))
}

#[derive(FromRow)]
struct Row {
    id: String,
    project: String,
    package: String,
    name: String,
    qualifier: String,
    kind: String,
    created: i64,
    updated: i64,
    api_id: String,
    env_id: String,
    env_name: String,
    definition: String,
}

impl Row {
    fn into_trigger(self, region: &str) -> Result<Trigger, Error> {
        let Self { id, project, package, name, .. } = self;
        let definition = apis::read(&self.api_id, &self.definition)?;
        Ok(Trigger {
            id,
            function: FunctionId { region: region.to_owned(), project, package, name },
            qualifier: Qualifier::from(self.qualifier.as_str()),
            kind: kind_of(&self.kind)?,
            created: timestamp(self.created)?,
            updated: timestamp(self.updated)?,
            api: definition.into_trigger(self.api_id, self.env_id, self.env_name),
        })
    }
}
