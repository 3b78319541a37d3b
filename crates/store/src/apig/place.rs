//! What an API claims, as the gateway compares it (`model::snapshot`). Nobody else claims it, neither among those that are edited in the
//! same group nor among those that are published at the same host in the same environment.

use model::apig::{Definition, path};
use model::trigger::{Group, MatchMode};
use model::urn::{FunctionId, Qualifier};
use sqlx::{FromRow, SqliteConnection};

use crate::database::failed;
use crate::error::Error;
use crate::groups;

/// A place at the gateway.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) group: Group,
    /// Domain of the group, empty for the default one.
    pub(crate) host: String,
    pub(crate) method: String,
    /// Without a trailing slash.
    pub(crate) path: String,
    pub(crate) shape: String,
    pub(crate) match_mode: &'static str,
}

/// Whose a place is already.
#[derive(Debug)]
pub(crate) struct Taken(pub(crate) String);

impl Place {
    /// Of a definition whose path, with the environment's variables filled in, is `path`; nothing if its group is gone.
    pub(crate) async fn of(
        connection: &mut SqliteConnection,
        project: &str,
        definition: &Definition,
        path: &str,
    ) -> Result<Option<Self>, Error> {
        let Some(group) = groups::by_id(connection, project, &definition.group_id).await? else { return Ok(None) };
        let trimmed = path.trim_end_matches('/');
        Ok(Some(Self {
            host: group.domain.clone().unwrap_or_default(),
            group,
            method: definition.method_text(),
            path: if trimmed.is_empty() { "/".to_owned() } else { trimmed.to_owned() },
            shape: path::shape(path),
            match_mode: match definition.match_mode {
                MatchMode::Prefix => "SWA",
                MatchMode::Exact => "NORMAL",
            },
        }))
    }

    /// The other API of the same group that is edited to be here.
    pub(crate) async fn edited(
        &self,
        connection: &mut SqliteConnection,
        region: &str,
        api_id: &str,
    ) -> Result<Option<Taken>, Error> {
        let found: Option<String> = sqlx::query_scalar(
            "SELECT id FROM apis WHERE project = $1 AND group_id = $2 AND method = $3 AND shape = $4 AND match_mode = $5 AND id <> $6",
        )
        .bind(&self.group.project)
        .bind(&self.group.id)
        .bind(&self.method)
        .bind(&self.shape)
        .bind(self.match_mode)
        .bind(api_id)
        .fetch_optional(&mut *connection)
        .await
        .map_err(failed("cannot look for an API at the same path"))?;
        self.taken(connection, region, found).await
    }

    /// The other API that answers here in the environment with this name.
    pub(crate) async fn published(
        &self,
        connection: &mut SqliteConnection,
        region: &str,
        api_id: &str,
        stage: &str,
    ) -> Result<Option<Taken>, Error> {
        let found: Option<String> = sqlx::query_scalar(
            "SELECT api_id FROM publications \
             WHERE host = $1 AND stage = $2 AND method = $3 AND shape = $4 AND match_mode = $5 AND api_id <> $6",
        )
        .bind(&self.host)
        .bind(stage)
        .bind(&self.method)
        .bind(&self.shape)
        .bind(self.match_mode)
        .bind(api_id)
        .fetch_optional(&mut *connection)
        .await
        .map_err(failed("cannot look for an API at the same path"))?;
        self.taken(connection, region, found).await
    }

    async fn taken(
        &self,
        connection: &mut SqliteConnection,
        region: &str,
        api_id: Option<String>,
    ) -> Result<Option<Taken>, Error> {
        let Some(api_id) = api_id else { return Ok(None) };
        let owner: Owner = sqlx::query_as(
            "SELECT a.project, a.definition, t.id, f.package, f.name, t.qualifier FROM apis a \
             LEFT JOIN triggers t ON t.api_id = a.id LEFT JOIN functions f ON f.func_id = t.func_id WHERE a.id = $1",
        )
        .bind(&api_id)
        .fetch_one(connection)
        .await
        .map_err(failed("cannot look for an API at the same path"))?;
        let Self { group, method, path, match_mode, .. } = self;
        let owner = owner.text(&group.project, region, &api_id);
        Ok(Some(Taken(format!(
            "path {path} (method {method}, match mode {match_mode}) exists in API group {}: it belongs to {owner}",
            group.name
        ))))
    }
}

#[derive(FromRow)]
struct Owner {
    project: String,
    definition: String,
    id: Option<String>,
    package: Option<String>,
    name: Option<String>,
    qualifier: Option<String>,
}

impl Owner {
    /// Another project is told that the path is taken, not by whom.
    fn text(self, project: &str, region: &str, api_id: &str) -> String {
        if self.project != project {
            return "a function of another project".to_owned();
        }
        if let (Some(id), Some(package), Some(name)) = (self.id, self.package, self.name) {
            let function = FunctionId { region: region.to_owned(), project: self.project, package, name };
            let qualifier = Qualifier::from(self.qualifier.unwrap_or_default().as_str());
            return format!("trigger {id} of function {}", function.urn(&qualifier));
        }
        let name = serde_json::from_str::<Definition>(&self.definition).map(|definition| definition.name);
        format!("API {} ({api_id})", name.unwrap_or_default())
    }
}
