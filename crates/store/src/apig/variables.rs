//! Variables of a group in an environment. A path that names one is published with its value; a new value counts when the API is
//! published again.

use std::collections::BTreeMap;

use model::limits;
use sqlx::{FromRow, SqliteConnection};

use super::{What, environments, groups, missing, refuse};
use crate::audit::Subject;
use crate::change::{Change, Extent};
use crate::database::failed;
use crate::error::Error;
use crate::store::Store;

/// A variable.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Variable {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its group.
    pub group_id: String,
    /// Its environment.
    pub env_id: String,
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A variable to be made.
#[derive(Clone, Debug, Default)]
pub struct NewVariable {
    /// Its group.
    pub group_id: String,
    /// Its environment.
    pub env_id: String,
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl Store {
    /// The variables of a project, by name.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub async fn variables(&self, project: &str) -> Result<Vec<Variable>, Error> {
        sqlx::query_as(
            "SELECT id, group_id, env_id, name, value FROM environment_variables WHERE project = $1 ORDER BY name, env_id, id",
        )
        .bind(project)
        .fetch_all(self.inner.database.readers())
        .await
        .map_err(failed("cannot read the variables"))
    }

    /// A new variable.
    ///
    /// # Errors
    /// [`What::GroupMissing`], [`What::EnvironmentMissing`], [`What::VariableExists`], [`What::VariableQuota`].
    pub async fn create_variable(&self, project: &str, new: NewVariable) -> Result<Variable, Error> {
        let (store, project) = (self.clone(), project.to_owned());
        let NewVariable { group_id, env_id, name, value } = new;
        let made = Variable { id: auth::keys::id(), group_id, env_id, name, value };
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            groups::find(change.connection(), &project, &made.group_id).await?;
            environments::find(change.connection(), &project, &made.env_id).await?;
            check_new(change.connection(), &project, &made).await?;
            change.touch(Subject::new(&super::VARIABLE, &made.id, &made.name)).await?;
            sqlx::query(
                "INSERT INTO environment_variables (id, project, group_id, env_id, name, value) VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(&made.id)
            .bind(&project)
            .bind(&made.group_id)
            .bind(&made.env_id)
            .bind(&made.name)
            .bind(&made.value)
            .execute(change.connection())
            .await
            .map_err(failed("cannot store the variable"))?;
            change.extent = Extent::Nothing;
            change.commit(|_| made).await
        })
        .await
    }

    /// Gives a variable another value, or, without one, deletes it. Gives what it was or is then.
    ///
    /// # Errors
    /// [`What::VariableMissing`].
    pub async fn change_variable(&self, project: &str, id: &str, value: Option<&str>) -> Result<Variable, Error> {
        let (store, project, id, value) = (self.clone(), project.to_owned(), id.to_owned(), value.map(str::to_owned));
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            let mut found = find(change.connection(), &project, &id).await?;
            change.touch(Subject::new(&super::VARIABLE, &id, &found.name)).await?;
            let query = match &value {
                Some(value) => {
                    sqlx::query("UPDATE environment_variables SET value = $2 WHERE id = $1").bind(&id).bind(value)
                }
                None => sqlx::query("DELETE FROM environment_variables WHERE id = $1").bind(&id),
            };
            query.execute(change.connection()).await.map_err(failed("cannot store the variable"))?;
            found.value = value.unwrap_or(found.value);
            change.extent = Extent::Nothing;
            change.commit(|_| found).await
        })
        .await
    }
}

/// Values by name.
pub(crate) async fn of(
    connection: &mut SqliteConnection,
    project: &str,
    group_id: &str,
    env_id: &str,
) -> Result<BTreeMap<String, String>, Error> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT name, value FROM environment_variables WHERE project = $1 AND group_id = $2 AND env_id = $3",
    )
    .bind(project)
    .bind(group_id)
    .bind(env_id)
    .fetch_all(connection)
    .await
    .map_err(failed("cannot read the variables"))?;
    Ok(rows.into_iter().collect())
}

async fn find(connection: &mut SqliteConnection, project: &str, id: &str) -> Result<Variable, Error> {
    let found: Option<Variable> = sqlx::query_as(
        "SELECT id, group_id, env_id, name, value FROM environment_variables WHERE project = $1 AND id = $2",
    )
    .bind(project)
    .bind(id)
    .fetch_optional(connection)
    .await
    .map_err(failed("cannot look the variable up"))?;
    found.ok_or_else(|| missing(What::VariableMissing, "environment variable", id))
}

async fn check_new(connection: &mut SqliteConnection, project: &str, new: &Variable) -> Result<(), Error> {
    let there = of(connection, project, &new.group_id, &new.env_id).await?;
    if there.contains_key(&new.name) {
        return refuse(What::VariableExists, format!("the variable name already exists: {}", new.name));
    }
    if there.len() < limits::VARIABLES {
        return Ok(());
    }
    refuse(What::VariableQuota, format!("at most {} variables of a group in an environment", limits::VARIABLES))
}
