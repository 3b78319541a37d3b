//! Triggers: which version or alias answers at which host, method and path. Two triggers never claim the same place.

use model::limits;
use model::trigger::{Group, Kind, MatchMode, Trigger};
use model::urn::{FunctionId, Qualifier};
use sqlx::{FromRow, SqliteConnection};

use crate::change::Change;
use crate::database::{failed, micros, timestamp, unsigned};
use crate::error::{Error, internal};
use crate::store::Store;
use crate::{functions, groups, quota};

impl Store {
    /// Stores a trigger; its times are set here, and it keeps the id it comes with.
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
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT t.id, f.project, f.package, f.name, t.qualifier, t.kind, t.created, t.updated, t.api \
             FROM triggers t JOIN functions f ON f.func_id = t.func_id \
             WHERE f.project = $1 AND f.package = $2 AND f.name = $3 AND t.qualifier = $4 ORDER BY t.created, t.id",
        )
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
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT t.id, f.project, f.package, f.name, t.qualifier, t.kind, t.created, t.updated, t.api \
             FROM triggers t JOIN functions f ON f.func_id = t.func_id WHERE f.project = $1 ORDER BY t.created, t.id",
        )
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
        let row: Option<Row> = sqlx::query_as(
            "SELECT t.id, f.project, f.package, f.name, t.qualifier, t.kind, t.created, t.updated, t.api \
             FROM triggers t JOIN functions f ON f.func_id = t.func_id \
             WHERE f.project = $1 AND f.package = $2 AND f.name = $3 AND t.id = $4",
        )
        .bind(&function.project)
        .bind(&function.package)
        .bind(&function.name)
        .bind(id)
        .fetch_optional(self.inner.database.readers())
        .await
        .map_err(failed("cannot read a trigger"))?;
        row.map(|row| row.into_trigger(&self.inner.settings.region)).transpose()
    }

    /// Replaces the API of the trigger with this id; version, type and time of creation stay as they are.
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

    /// Deletes one trigger; its group stays.
    ///
    /// # Errors
    /// [`Error::FunctionMissing`], [`Error::TriggerMissing`].
    pub async fn delete_trigger(&self, function: &FunctionId, id: &str) -> Result<(), Error> {
        let store = self.clone();
        let (function, id) = (function.clone(), id.to_owned());
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            let func_id = owner(&mut change, &function).await?;
            let done = sqlx::query("DELETE FROM triggers WHERE func_id = $1 AND id = $2")
                .bind(func_id)
                .bind(&id)
                .execute(change.connection())
                .await
                .map_err(failed("cannot delete the trigger"))?;
            if done.rows_affected() == 0 {
                return Err(Error::TriggerMissing(id));
            }
            change.commit(|_| ()).await
        })
        .await
    }

    /// Deletes all triggers of one version or alias; none is fine.
    ///
    /// # Errors
    /// [`Error::FunctionMissing`].
    pub async fn delete_triggers(&self, function: &FunctionId, qualifier: &Qualifier) -> Result<(), Error> {
        let store = self.clone();
        let (function, qualifier) = (function.clone(), qualifier.to_string());
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            let func_id = owner(&mut change, &function).await?;
            sqlx::query("DELETE FROM triggers WHERE func_id = $1 AND qualifier = $2")
                .bind(func_id)
                .bind(qualifier)
                .execute(change.connection())
                .await
                .map_err(failed("cannot delete the triggers"))?;
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
    let place = Place::of(change, &trigger).await?;
    place.check_free(change, &trigger).await?;
    check_count(change, &func_id, &trigger.qualifier).await?;
    check_id(change, &trigger.id).await?;

    let (version, alias) = match &trigger.qualifier {
        Qualifier::Alias(name) => (None, Some(name.clone())),
        version => (Some(version.to_string()), None),
    };
    let now = micros(model::time::now());
    trigger.created = timestamp(now)?;
    trigger.updated = trigger.created;
    sqlx::query(
        "INSERT INTO triggers (id, func_id, qualifier, version, alias, project, group_id, kind, created, updated, host, method, \
         path, match_mode, api) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11, $12, $13, $14)",
    )
    .bind(&trigger.id)
    .bind(func_id)
    .bind(trigger.qualifier.to_string())
    .bind(version)
    .bind(alias)
    .bind(&trigger.function.project)
    .bind(&trigger.api.group_id)
    .bind(trigger.kind.code())
    .bind(now)
    .bind(place.host)
    .bind(place.method)
    .bind(place.path)
    .bind(place.match_mode)
    .bind(json(&trigger)?)
    .execute(change.connection())
    .await
    .map_err(failed("cannot store the trigger"))?;
    Ok(trigger)
}

async fn replace(change: &mut Change, mut trigger: Trigger) -> Result<Trigger, Error> {
    let func_id = owner(change, &trigger.function).await?;
    let stored: Option<(String, String, i64)> =
        sqlx::query_as("SELECT qualifier, kind, created FROM triggers WHERE func_id = $1 AND id = $2")
            .bind(func_id)
            .bind(&trigger.id)
            .fetch_optional(change.connection())
            .await
            .map_err(failed("cannot look the trigger up"))?;
    let (qualifier, kind, created) = stored.ok_or_else(|| Error::TriggerMissing(trigger.id.clone()))?;
    let place = Place::of(change, &trigger).await?;
    place.check_free(change, &trigger).await?;

    let now = micros(model::time::now());
    trigger.qualifier = Qualifier::from(qualifier.as_str());
    trigger.kind = kind_of(&kind)?;
    trigger.created = timestamp(created)?;
    trigger.updated = timestamp(now)?;
    sqlx::query(
        "UPDATE triggers SET group_id = $1, updated = $2, host = $3, method = $4, path = $5, match_mode = $6, api = $7 \
         WHERE id = $8",
    )
    .bind(&trigger.api.group_id)
    .bind(now)
    .bind(place.host)
    .bind(place.method)
    .bind(place.path)
    .bind(place.match_mode)
    .bind(json(&trigger)?)
    .bind(&trigger.id)
    .execute(change.connection())
    .await
    .map_err(failed("cannot store the trigger"))?;
    Ok(trigger)
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

/// What a trigger claims, as the gateway compares it (`model::snapshot`): a trailing slash says nothing, methods are upper case.
struct Place {
    group: Group,
    host: String,
    method: String,
    path: String,
    match_mode: &'static str,
}

impl Place {
    async fn of(change: &mut Change, trigger: &Trigger) -> Result<Self, Error> {
        let api = &trigger.api;
        let group = groups::by_id(change.connection(), &trigger.function.project, &api.group_id).await?;
        let group = group.ok_or_else(|| {
            internal(
                format!("there is no API group {} any more: try again", api.group_id),
                "it was deleted with its last function",
            )
        })?;
        let path = api.path.trim_end_matches('/');
        Ok(Self {
            host: group.domain.clone().unwrap_or_default(),
            group,
            method: api.method.as_deref().unwrap_or("ANY").to_ascii_uppercase(),
            path: if path.is_empty() { "/".to_owned() } else { path.to_owned() },
            match_mode: match api.match_mode {
                MatchMode::Prefix => "SWA",
                MatchMode::Exact => "NORMAL",
            },
        })
    }

    async fn check_free(&self, change: &mut Change, trigger: &Trigger) -> Result<(), Error> {
        let taken: Option<Row> = sqlx::query_as(
            "SELECT t.id, f.project, f.package, f.name, t.qualifier, t.kind, t.created, t.updated, t.api \
             FROM triggers t JOIN functions f ON f.func_id = t.func_id \
             WHERE t.host = $1 AND t.method = $2 AND t.path = $3 AND t.match_mode = $4 AND t.id <> $5",
        )
        .bind(&self.host)
        .bind(&self.method)
        .bind(&self.path)
        .bind(self.match_mode)
        .bind(&trigger.id)
        .fetch_optional(change.connection())
        .await
        .map_err(failed("cannot look for a trigger at the same path"))?;
        let Some(taken) = taken else { return Ok(()) };
        let taken = taken.into_trigger(&change.inner.settings.region)?;
        Err(Error::TriggerExists(self.conflict(&taken, &trigger.function.project)))
    }

    fn conflict(&self, taken: &Trigger, project: &str) -> String {
        let Self { group, method, path, match_mode, .. } = self;
        // Another project is told that the path is taken, not by whom.
        let owner = if taken.function.project == project {
            format!("trigger {} of function {}", taken.id, taken.function.urn(&taken.qualifier))
        } else {
            "a function of another project".to_owned()
        };
        format!(
            "path {path} (method {method}, match mode {match_mode}) exists in API group {}: it belongs to {owner}",
            group.name
        )
    }
}

fn json(trigger: &Trigger) -> Result<String, Error> {
    serde_json::to_string(&trigger.api).map_err(|cause| internal("an API cannot be written as JSON", cause))
}

fn kind_of(code: &str) -> Result<Kind, Error> {
    [Kind::Apig, Kind::DedicatedGateway]
        .into_iter()
        .find(|kind| kind.code() == code)
        .ok_or_else(|| internal("a stored trigger cannot be read", format!("its type is {code}")))
}

pub(crate) async fn all(connection: &mut SqliteConnection, region: &str) -> Result<Vec<Trigger>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT t.id, f.project, f.package, f.name, t.qualifier, t.kind, t.created, t.updated, t.api \
         FROM triggers t JOIN functions f ON f.func_id = t.func_id",
    )
    .fetch_all(connection)
    .await
    .map_err(failed("cannot read the triggers"))?;
    rows.into_iter().map(|row| row.into_trigger(region)).collect()
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
    api: String,
}

impl Row {
    fn into_trigger(self, region: &str) -> Result<Trigger, Error> {
        let Self { id, project, package, name, .. } = self;
        let api = serde_json::from_str(&self.api)
            .map_err(|cause| internal(format!("the stored trigger {id} of function {name} cannot be read"), cause))?;
        Ok(Trigger {
            id,
            function: FunctionId { region: region.to_owned(), project, package, name },
            qualifier: Qualifier::from(self.qualifier.as_str()),
            kind: kind_of(&self.kind)?,
            created: timestamp(self.created)?,
            updated: timestamp(self.updated)?,
            api,
        })
    }
}
