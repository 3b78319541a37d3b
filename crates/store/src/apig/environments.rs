//! Environments: where APIs are published. RELEASE is built in and has no row.

use jiff::Timestamp;
use model::limits;
use model::trigger::{RELEASE_ENV, RELEASE_ENV_ID};
use sqlx::{FromRow, SqliteConnection};

use super::{What, missing, refuse};
use crate::audit::Subject;
use crate::change::{Change, Extent};
use crate::database::{failed, micros, timestamp};
use crate::error::Error;
use crate::store::Store;

/// An environment of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// 32 hexadecimal digits, or that of RELEASE.
    pub id: String,
    /// What `X-Stage` says.
    pub name: String,
    /// A description.
    pub remark: String,
    /// When it was made; of RELEASE, the beginning of 1970.
    pub created: Timestamp,
}

impl Environment {
    fn release() -> Self {
        let remark = "the production environment".to_owned();
        Self { id: RELEASE_ENV_ID.to_owned(), name: RELEASE_ENV.to_owned(), remark, created: Timestamp::UNIX_EPOCH }
    }
}

impl Store {
    /// The environments of a project, RELEASE first, then the oldest.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub async fn environments(&self, project: &str) -> Result<Vec<Environment>, Error> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, name, remark, created FROM environments WHERE project = $1 ORDER BY created, id",
        )
        .bind(project)
        .fetch_all(self.inner.database.readers())
        .await
        .map_err(failed("cannot read the environments"))?;
        let own = rows.into_iter().map(Row::into_environment);
        std::iter::once(Ok(Environment::release())).chain(own).collect()
    }

    /// A new environment.
    ///
    /// # Errors
    /// [`What::EnvironmentExists`], [`What::EnvironmentQuota`].
    pub async fn create_environment(&self, project: &str, name: &str, remark: &str) -> Result<Environment, Error> {
        let (store, project) = (self.clone(), project.to_owned());
        let now = micros(model::time::now());
        let made = Environment {
            id: auth::keys::id(),
            name: name.to_owned(),
            remark: remark.to_owned(),
            created: timestamp(now)?,
        };
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            check_name(change.connection(), &project, &made.id, &made.name).await?;
            check_count(change.connection(), &project).await?;
            change.touch(Subject::new(&super::ENVIRONMENT, &made.id, &made.name)).await?;
            sqlx::query("INSERT INTO environments (id, project, name, remark, created) VALUES ($1, $2, $3, $4, $5)")
                .bind(&made.id)
                .bind(&project)
                .bind(&made.name)
                .bind(&made.remark)
                .bind(now)
                .execute(change.connection())
                .await
                .map_err(failed("cannot store the environment"))?;
            change.extent = Extent::Nothing;
            change.commit(|_| made).await
        })
        .await
    }

    /// Gives an environment another name, at which its APIs answer at once, and another description.
    ///
    /// # Errors
    /// [`What::EnvironmentMissing`], [`What::EnvironmentExists`]; [`What::Protected`] for RELEASE; [`What::ApiExists`] when another
    /// project has the same place at the default group's host in an environment of this name.
    pub async fn update_environment(
        &self,
        project: &str,
        id: &str,
        name: &str,
        remark: Option<&str>,
    ) -> Result<Environment, Error> {
        let (store, project, id, name) = (self.clone(), project.to_owned(), id.to_owned(), name.to_owned());
        let remark = remark.map(str::to_owned);
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            let mut found = find(change.connection(), &project, &id).await?;
            if id == RELEASE_ENV_ID {
                return refuse(What::Protected, format!("the environment {RELEASE_ENV} cannot be changed"));
            }
            check_name(change.connection(), &project, &id, &name).await?;
            check_places(change.connection(), &id, &name).await?;
            change.touch(Subject::new(&super::ENVIRONMENT, &id, &name)).await?;
            found.name = name;
            found.remark = remark.unwrap_or(found.remark);
            store_name(change.connection(), &found).await?;
            change.extent = Extent::Apis;
            change.commit(|_| found).await
        })
        .await
    }

    /// Deletes an environment where nothing is published, with its variables, the versions that were published there, and what was
    /// bound to APIs or allowed to apps there.
    ///
    /// # Errors
    /// [`What::EnvironmentMissing`], [`What::EnvironmentInUse`]; [`What::Protected`] for RELEASE.
    pub async fn delete_environment(&self, project: &str, id: &str) -> Result<(), Error> {
        let (store, project, id) = (self.clone(), project.to_owned(), id.to_owned());
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            let found = find(change.connection(), &project, &id).await?;
            if id == RELEASE_ENV_ID {
                return refuse(What::Protected, format!("the environment {RELEASE_ENV} cannot be deleted"));
            }
            check_unused(change.connection(), &found).await?;
            change.touch(Subject::new(&super::ENVIRONMENT, &id, &found.name)).await?;
            for statement in [
                "DELETE FROM environment_variables WHERE env_id = $1",
                "DELETE FROM api_versions WHERE env_id = $1",
                "DELETE FROM policy_bindings WHERE env_id = $1",
                "DELETE FROM app_auths WHERE env = $1",
                // Of triggers whose API was taken offline here: what they publish next is in RELEASE.
                "UPDATE triggers SET env_id = 'DEFAULT_ENVIRONMENT_RELEASE_ID' WHERE env_id = $1",
                "DELETE FROM environments WHERE id = $1",
            ] {
                sqlx::query(statement)
                    .bind(&id)
                    .execute(change.connection())
                    .await
                    .map_err(failed("cannot delete the environment"))?;
            }
            change.extent = Extent::Apis;
            change.commit(|_| ()).await
        })
        .await
    }
}

/// An environment of a project by its id.
pub(crate) async fn find(connection: &mut SqliteConnection, project: &str, id: &str) -> Result<Environment, Error> {
    if id == RELEASE_ENV_ID {
        return Ok(Environment::release());
    }
    let row: Option<Row> =
        sqlx::query_as("SELECT id, name, remark, created FROM environments WHERE project = $1 AND id = $2")
            .bind(project)
            .bind(id)
            .fetch_optional(connection)
            .await
            .map_err(failed("cannot look the environment up"))?;
    row.ok_or_else(|| missing(What::EnvironmentMissing, "environment", id))?.into_environment()
}

async fn store_name(connection: &mut SqliteConnection, environment: &Environment) -> Result<(), Error> {
    let Environment { id, name, remark, .. } = environment;
    sqlx::query("UPDATE environments SET name = $1, remark = $2 WHERE id = $3")
        .bind(name)
        .bind(remark)
        .bind(id)
        .execute(&mut *connection)
        .await
        .map_err(failed("cannot store the environment"))?;
    sqlx::query("UPDATE publications SET stage = $1 WHERE env_id = $2")
        .bind(name)
        .bind(id)
        .execute(connection)
        .await
        .map_err(failed("cannot rename the environment"))?;
    Ok(())
}

async fn check_name(connection: &mut SqliteConnection, project: &str, id: &str, name: &str) -> Result<(), Error> {
    let found: Option<i64> =
        sqlx::query_scalar("SELECT 1 FROM environments WHERE project = $1 AND name = $2 AND id <> $3")
            .bind(project)
            .bind(name)
            .bind(id)
            .fetch_optional(connection)
            .await
            .map_err(failed("cannot look the environment up"))?;
    if found.is_some() || name == RELEASE_ENV {
        return refuse(What::EnvironmentExists, format!("the environment name already exists: {name}"));
    }
    Ok(())
}

async fn check_count(connection: &mut SqliteConnection, project: &str) -> Result<(), Error> {
    let own: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM environments WHERE project = $1")
        .bind(project)
        .fetch_one(connection)
        .await
        .map_err(failed("cannot count the environments"))?;
    let all = usize::try_from(own).unwrap_or_default() + 1;
    if all < limits::ENVIRONMENTS {
        return Ok(());
    }
    let text = format!("at most {} environments in a project, {RELEASE_ENV} among them", limits::ENVIRONMENTS);
    refuse(What::EnvironmentQuota, text)
}

async fn check_places(connection: &mut SqliteConnection, id: &str, name: &str) -> Result<(), Error> {
    let taken: Option<String> = sqlx::query_scalar(
        "SELECT own.path FROM publications own JOIN publications p ON p.host = own.host AND p.method = own.method \
         AND p.shape = own.shape AND p.match_mode = own.match_mode WHERE own.env_id = $1 AND p.env_id <> $1 AND p.stage = $2",
    )
    .bind(id)
    .bind(name)
    .fetch_optional(connection)
    .await
    .map_err(failed("cannot look for APIs at the same paths"))?;
    match taken {
        None => Ok(()),
        Some(path) => {
            let text =
                format!("path {path} belongs to another project in its environment {name}: take the API offline first");
            refuse(What::ApiExists, text)
        }
    }
}

async fn check_unused(connection: &mut SqliteConnection, environment: &Environment) -> Result<(), Error> {
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM publications WHERE env_id = $1")
        .bind(&environment.id)
        .fetch_one(connection)
        .await
        .map_err(failed("cannot count what is published"))?;
    if count == 0 {
        return Ok(());
    }
    let name = &environment.name;
    refuse(
        What::EnvironmentInUse,
        format!("the environment {name} contains published APIs ({count}): take them offline first"),
    )
}

#[derive(FromRow)]
struct Row {
    id: String,
    name: String,
    remark: String,
    created: i64,
}

impl Row {
    fn into_environment(self) -> Result<Environment, Error> {
        let Self { id, name, remark, created } = self;
        Ok(Environment { id, name, remark, created: timestamp(created)? })
    }
}
