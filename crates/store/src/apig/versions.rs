//! Versions of APIs: what was published once.

use jiff::Timestamp;
use model::apig::Definition;
use sqlx::{AssertSqlSafe, FromRow};

use super::apis;
use crate::database::{failed, timestamp};
use crate::error::Error;
use crate::store::Store;

/// What was published once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// 32 hexadecimal digits.
    pub id: String,
    /// The API.
    pub api_id: String,
    /// The environment it was published in.
    pub env_id: String,
    /// What was said then.
    pub remark: String,
    /// When that was.
    pub published: Timestamp,
    /// Whether it answers.
    pub current: bool,
    /// What it is like.
    pub definition: Definition,
}

const SELECT: &str = "SELECT v.id, v.api_id, v.env_id, v.remark, v.published, \
     CASE WHEN p.version_id IS NULL THEN 0 ELSE 1 END AS current, v.definition FROM api_versions v \
     JOIN apis a ON a.id = v.api_id LEFT JOIN publications p ON p.version_id = v.id";

impl Store {
    /// The versions of an API, the newest first.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub async fn api_versions(&self, project: &str, api_id: &str) -> Result<Vec<Version>, Error> {
        let query = AssertSqlSafe(format!(
            "{SELECT} WHERE a.project = $1 AND v.api_id = $2 ORDER BY v.published DESC, v.number DESC"
        ));
        let rows: Vec<Row> = sqlx::query_as(query)
            .bind(project)
            .bind(api_id)
            .fetch_all(self.inner.database.readers())
            .await
            .map_err(failed("cannot read the versions of an API"))?;
        rows.into_iter().map(Row::into_version).collect()
    }

    /// A version by its id.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub async fn api_version(&self, project: &str, id: &str) -> Result<Option<Version>, Error> {
        let row: Option<Row> = sqlx::query_as(AssertSqlSafe(format!("{SELECT} WHERE a.project = $1 AND v.id = $2")))
            .bind(project)
            .bind(id)
            .fetch_optional(self.inner.database.readers())
            .await
            .map_err(failed("cannot look the version up"))?;
        row.map(Row::into_version).transpose()
    }
}

#[derive(FromRow)]
struct Row {
    id: String,
    api_id: String,
    env_id: String,
    remark: String,
    published: i64,
    current: i64,
    definition: String,
}

impl Row {
    fn into_version(self) -> Result<Version, Error> {
        let definition = apis::read(&self.api_id, &self.definition)?;
        let Self { id, api_id, env_id, remark, .. } = self;
        let (published, current) = (timestamp(self.published)?, self.current == 1);
        Ok(Version { id, api_id, env_id, remark, published, current, definition })
    }
}
