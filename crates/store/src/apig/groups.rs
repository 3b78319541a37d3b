//! API groups that a client makes for their own sake. Those that triggers make are in `crate::groups`.

use jiff::Timestamp;
use model::limits;
use sqlx::{FromRow, SqliteConnection};

use super::{What, missing, refuse};
use crate::audit::Subject;
use crate::change::{Change, Extent};
use crate::database::{failed, micros, timestamp};
use crate::error::Error;
use crate::store::Store;

/// A group with what is said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Name, project and host.
    pub group: model::trigger::Group,
    /// Whether only its custom domains answer, and its own host does not.
    pub host_closed: bool,
    /// A description.
    pub remark: String,
    /// When it was made; the beginning of 1970 where that is not known.
    pub created: Timestamp,
    /// When it last changed.
    pub modified: Timestamp,
}

const SELECT: &str = "SELECT project, id, name, domain, own_host_closed, remark, created, modified FROM api_groups";

impl Store {
    /// The groups of a project, the default one first, then the oldest.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub async fn api_groups(&self, project: &str) -> Result<Vec<Group>, Error> {
        let query =
            sqlx::AssertSqlSafe(format!("{SELECT} WHERE project = $1 ORDER BY domain IS NOT NULL, created, id"));
        let rows: Vec<Row> = sqlx::query_as(query)
            .bind(project)
            .fetch_all(self.inner.database.readers())
            .await
            .map_err(failed("cannot read the groups"))?;
        rows.into_iter().map(Row::into_group).collect()
    }

    /// A new group that stays although it is empty. Its times are set here.
    ///
    /// # Errors
    /// [`What::GroupExists`], [`What::GroupQuota`]; [`Error::TriggerExists`] when its domain is taken.
    pub async fn create_api_group(&self, group: model::trigger::Group, remark: &str) -> Result<Group, Error> {
        let (store, remark) = (self.clone(), remark.to_owned());
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            change.touch(Subject::new(&super::GROUP, &group.id, &group.name)).await?;
            check_name(change.connection(), &group.project, &group.id, &group.name).await?;
            let all = count(change.connection(), &group.project).await?;
            if all >= limits::API_GROUPS {
                return refuse(What::GroupQuota, format!("at most {} API groups in a project", limits::API_GROUPS));
            }
            if crate::groups::by_domain(change.connection(), &group).await?.is_some() {
                return Err(Error::TriggerExists(format!("there is a group at {}", group.domain.unwrap_or_default())));
            }
            insert(change.connection(), &group, &remark).await?;
            let made = find(change.connection(), &group.project, &group.id).await?;
            change.extent = Extent::Apis;
            change.commit(|_| made).await
        })
        .await
    }

    /// Gives a group another name and description.
    ///
    /// # Errors
    /// [`What::GroupMissing`], [`What::GroupExists`]; [`What::Protected`] when the default group would be renamed.
    pub async fn update_api_group(
        &self,
        project: &str,
        id: &str,
        name: &str,
        remark: Option<&str>,
    ) -> Result<Group, Error> {
        let (store, project, id, name) = (self.clone(), project.to_owned(), id.to_owned(), name.to_owned());
        let remark = remark.map(str::to_owned);
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            let found = find(change.connection(), &project, &id).await?;
            if found.group.is_default() && name != found.group.name {
                return refuse(What::Protected, format!("the group {} keeps its name", found.group.name));
            }
            check_name(change.connection(), &project, &id, &name).await?;
            change.touch(Subject::new(&super::GROUP, &id, &name)).await?;
            sqlx::query("UPDATE api_groups SET name = $1, remark = $2, modified = $3 WHERE project = $4 AND id = $5")
                .bind(&name)
                .bind(remark.unwrap_or(found.remark))
                .bind(micros(model::time::now()))
                .bind(&project)
                .bind(&id)
                .execute(change.connection())
                .await
                .map_err(failed("cannot store the group"))?;
            let changed = find(change.connection(), &project, &id).await?;
            change.extent = Extent::Apis;
            change.commit(|_| changed).await
        })
        .await
    }

    /// Deletes a group without APIs, with its variables.
    ///
    /// # Errors
    /// [`What::GroupMissing`], [`What::GroupInUse`]; [`What::Protected`] for the default group.
    pub async fn delete_api_group(&self, project: &str, id: &str) -> Result<(), Error> {
        let (store, project, id) = (self.clone(), project.to_owned(), id.to_owned());
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            let found = find(change.connection(), &project, &id).await?;
            if found.group.is_default() {
                return refuse(What::Protected, format!("the group {} cannot be deleted", found.group.name));
            }
            let apis = in_use(change.connection(), &project, &id).await?;
            if apis > 0 {
                let text =
                    format!("group {} has APIs ({apis}): delete them, or their triggers, first", found.group.name);
                return refuse(What::GroupInUse, text);
            }
            change.touch(Subject::new(&super::GROUP, &id, &found.group.name)).await?;
            sqlx::query("DELETE FROM api_groups WHERE project = $1 AND id = $2")
                .bind(&project)
                .bind(&id)
                .execute(change.connection())
                .await
                .map_err(failed("cannot delete the group"))?;
            change.extent = Extent::Apis;
            change.commit(|_| ()).await
        })
        .await
    }
}

pub(super) async fn find(connection: &mut SqliteConnection, project: &str, id: &str) -> Result<Group, Error> {
    let query = sqlx::AssertSqlSafe(format!("{SELECT} WHERE project = $1 AND id = $2"));
    let row: Option<Row> = sqlx::query_as(query)
        .bind(project)
        .bind(id)
        .fetch_optional(connection)
        .await
        .map_err(failed("cannot look the group up"))?;
    row.ok_or_else(|| missing(What::GroupMissing, "API group", id))?.into_group()
}

async fn check_name(connection: &mut SqliteConnection, project: &str, id: &str, name: &str) -> Result<(), Error> {
    let found: Option<i64> =
        sqlx::query_scalar("SELECT 1 FROM api_groups WHERE project = $1 AND name = $2 AND id <> $3")
            .bind(project)
            .bind(name)
            .bind(id)
            .fetch_optional(connection)
            .await
            .map_err(failed("cannot look the group up"))?;
    if found.is_none() {
        Ok(())
    } else {
        refuse(What::GroupExists, format!("the API group name already exists: {name}"))
    }
}

async fn count(connection: &mut SqliteConnection, project: &str) -> Result<usize, Error> {
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM api_groups WHERE project = $1")
        .bind(project)
        .fetch_one(connection)
        .await
        .map_err(failed("cannot count the groups"))?;
    Ok(usize::try_from(count).unwrap_or_default())
}

async fn in_use(connection: &mut SqliteConnection, project: &str, id: &str) -> Result<i64, Error> {
    sqlx::query_scalar(
        "SELECT COUNT(*) FROM (SELECT id FROM apis WHERE project = $1 AND group_id = $2 \
         UNION SELECT api_id FROM publications WHERE project = $1 AND group_id = $2) used",
    )
    .bind(project)
    .bind(id)
    .fetch_one(connection)
    .await
    .map_err(failed("cannot count the APIs of a group"))
}

async fn insert(connection: &mut SqliteConnection, group: &model::trigger::Group, remark: &str) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO api_groups (project, id, name, domain, remark, created, modified, own) VALUES ($1, $2, $3, $4, $5, $6, $6, 1)",
    )
    .bind(&group.project)
    .bind(&group.id)
    .bind(&group.name)
    .bind(&group.domain)
    .bind(remark)
    .bind(micros(model::time::now()))
    .execute(connection)
    .await
    .map_err(failed("cannot store the group"))?;
    Ok(())
}

#[derive(FromRow)]
struct Row {
    project: String,
    id: String,
    name: String,
    domain: Option<String>,
    own_host_closed: i64,
    remark: String,
    created: i64,
    modified: i64,
}

impl Row {
    fn into_group(self) -> Result<Group, Error> {
        let Self { project, id, name, domain, own_host_closed, remark, created, modified } = self;
        let group = model::trigger::Group { id, project, name, domain };
        let (created, modified) = (timestamp(created)?, timestamp(modified)?);
        Ok(Group { group, host_closed: own_host_closed == 1, remark, created, modified })
    }
}
