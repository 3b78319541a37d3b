//! API groups: a name and the host its APIs answer at.

use model::trigger::Group;
use sqlx::{FromRow, SqliteConnection};

use crate::apig::domains;
use crate::change::Change;
use crate::database::failed;
use crate::error::{Error, internal};
use crate::store::Store;

impl Store {
    /// The groups of a project, the default one first, then by name.
    pub async fn groups(&self, project: &str) -> Result<Vec<Group>, Error> {
        let rows: Vec<Row> = sqlx::query_as("SELECT project, id, name, domain FROM api_groups WHERE project = $1")
            .bind(project)
            .fetch_all(self.inner.database.readers())
            .await
            .map_err(failed("cannot read the groups"))?;
        let mut groups: Vec<Group> = rows.into_iter().map(Group::from).collect();
        groups.sort_by(|a, b| {
            let key = |group: &Group| (!group.is_default(), group.name.clone(), group.id.clone());
            key(a).cmp(&key(b))
        });
        Ok(groups)
    }

    /// The group with this domain (compared in lower case); made if absent, with the given id or a new one.
    ///
    /// # Errors
    /// [`Error::TriggerExists`]: the domain belongs to another project, or the id to a group with another domain.
    pub async fn ensure_group(
        &self,
        project: &str,
        id: Option<&str>,
        name: &str,
        domain: &str,
    ) -> Result<Group, Error> {
        let wanted = Group {
            id: id.map_or_else(auth::keys::id, str::to_owned),
            project: project.to_owned(),
            name: name.to_owned(),
            domain: Some(domain.to_ascii_lowercase()),
        };
        if domain.is_empty() {
            return Err(internal("cannot make an API group", "it has no domain, as only the default group may"));
        }
        let store = self.clone();
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            if let Some(found) = by_domain(change.connection(), &wanted).await? {
                return Ok(found);
            }
            insert(change.connection(), &wanted).await?;
            change.commit(|_| wanted).await
        })
        .await
    }
}

pub(crate) async fn by_domain(connection: &mut SqliteConnection, wanted: &Group) -> Result<Option<Group>, Error> {
    let row: Option<Row> = sqlx::query_as("SELECT project, id, name, domain FROM api_groups WHERE domain = $1")
        .bind(&wanted.domain)
        .fetch_optional(connection)
        .await
        .map_err(failed("cannot look the group up"))?;
    let found = row.map(Group::from);
    match &found {
        Some(group) if group.project != wanted.project => Err(Error::TriggerExists(format!(
            "the domain {} belongs to a group of another project",
            group.domain.as_deref().unwrap_or_default()
        ))),
        _ => Ok(found),
    }
}

async fn insert(connection: &mut SqliteConnection, wanted: &Group) -> Result<(), Error> {
    if let Some(taken) = by_id(connection, &wanted.project, &wanted.id).await? {
        let domain = taken.domain.unwrap_or_else(|| "the gateway's bare address".to_owned());
        return Err(Error::TriggerExists(format!("group {} exists and answers at {domain}", wanted.id)));
    }
    if let Some(domain) = &wanted.domain
        && domains::has(connection, &wanted.project, domain).await?
    {
        return Err(Error::TriggerExists(format!("{domain} is a custom domain of a group already")));
    }
    sqlx::query("INSERT INTO api_groups (project, id, name, domain) VALUES ($1, $2, $3, $4)")
        .bind(&wanted.project)
        .bind(&wanted.id)
        .bind(&wanted.name)
        .bind(&wanted.domain)
        .execute(connection)
        .await
        .map_err(failed("cannot store the group"))?;
    Ok(())
}

pub(crate) async fn by_id(connection: &mut SqliteConnection, project: &str, id: &str) -> Result<Option<Group>, Error> {
    let row: Option<Row> =
        sqlx::query_as("SELECT project, id, name, domain FROM api_groups WHERE project = $1 AND id = $2")
            .bind(project)
            .bind(id)
            .fetch_optional(connection)
            .await
            .map_err(failed("cannot look the group up"))?;
    Ok(row.map(Group::from))
}

pub(crate) async fn all(connection: &mut SqliteConnection) -> Result<Vec<Group>, Error> {
    let rows: Vec<Row> = sqlx::query_as("SELECT project, id, name, domain FROM api_groups")
        .fetch_all(connection)
        .await
        .map_err(failed("cannot read the groups"))?;
    Ok(rows.into_iter().map(Group::from).collect())
}

/// Ids of the groups that the APIs of a function's triggers use, edited or published.
pub(crate) async fn of_function(connection: &mut SqliteConnection, func_id: &str) -> Result<Vec<String>, Error> {
    sqlx::query_scalar(
        "SELECT a.group_id FROM apis a JOIN triggers t ON t.api_id = a.id WHERE t.func_id = $1 \
         UNION SELECT p.group_id FROM publications p JOIN triggers t ON t.api_id = p.api_id WHERE t.func_id = $1",
    )
    .bind(func_id)
    .fetch_all(connection)
    .await
    .map_err(failed("cannot read the groups of a function"))
}

/// Deletes those of `ids` that a trigger made and no API uses; the default group stays.
pub(crate) async fn delete_unused(
    connection: &mut SqliteConnection,
    project: &str,
    ids: &[String],
) -> Result<(), Error> {
    for id in ids {
        sqlx::query(
            "DELETE FROM api_groups WHERE project = $1 AND id = $2 AND domain IS NOT NULL AND own = 0 \
             AND NOT EXISTS (SELECT 1 FROM apis a WHERE a.project = $1 AND a.group_id = $2) \
             AND NOT EXISTS (SELECT 1 FROM publications p WHERE p.project = $1 AND p.group_id = $2)",
        )
        .bind(project)
        .bind(id)
        .execute(&mut *connection)
        .await
        .map_err(failed("cannot delete an unused group"))?;
    }
    Ok(())
}

#[derive(FromRow)]
struct Row {
    project: String,
    id: String,
    name: String,
    domain: Option<String>,
}

impl From<Row> for Group {
    fn from(Row { project, id, name, domain }: Row) -> Self {
        Self { id, project, name, domain }
    }
}
