//! Events as the table keeps them, and as they are asked for.

use jiff::Timestamp;
use sqlx::{FromRow, SqliteConnection};

use crate::database::{failed, micros, signed, timestamp, unsigned};
use crate::error::Error;
use crate::store::Store;

/// A row of the table.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Row {
    pub(super) number: i64,
    pub(super) at: i64,
    pub(super) id: String,
    pub(super) project: String,
    pub(super) user_id: String,
    pub(super) user_name: String,
    pub(super) access_key: String,
    pub(super) address: String,
    pub(super) request_id: String,
    pub(super) operation: String,
    pub(super) event: String,
    pub(super) resource_type: String,
    pub(super) resource_id: String,
    pub(super) resource_name: String,
    pub(super) before_digest: String,
    pub(super) after_digest: String,
    pub(super) status: i64,
    pub(super) message: String,
    pub(super) hash: String,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// 1, 2, 3, … through the whole installation.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// A UUID.
    pub id: String,
    /// In whose name, and as part of which request.
    pub actor: super::Actor,
    /// Kind of what was changed, such as `Functions`.
    pub resource_type: String,
    /// Its id; empty for a refused request.
    pub resource_id: String,
    /// Its name, or what a refused request named.
    pub resource_name: String,
    /// SHA-256 of its state before; empty when it was not there.
    pub before: String,
    /// SHA-256 of its state after; empty when it is not there any more.
    pub after: String,
    /// 200, or the HTTP status of the refusal.
    pub status: u16,
    /// Why it was refused.
    pub message: String,
    /// Of the chain.
    pub hash: String,
}

/// Whose events, by the SDK's names of operations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Operations {
    /// Those of all.
    #[default]
    All,
    /// Those of these.
    Only(Vec<&'static str>),
    /// Those of others than these, funcd's own included.
    Except(Vec<&'static str>),
}

impl Operations {
    /// The condition, its parameters numbered from `first` on, and the parameters.
    fn condition(&self, first: usize) -> (String, &[&'static str]) {
        let numbered = |names: &[&str]| -> String {
            let numbers: Vec<String> = (first..).zip(names).map(|(number, _)| format!("${number}")).collect();
            numbers.join(", ")
        };
        match self {
            Self::All => (String::new(), &[]),
            Self::Only(names) if names.is_empty() => (" AND 1 = 0".to_owned(), &[]),
            Self::Only(names) => (format!(" AND operation IN ({})", numbered(names)), names),
            Self::Except(names) if names.is_empty() => (String::new(), &[]),
            Self::Except(names) => (format!(" AND operation NOT IN ({})", numbered(names)), names),
        }
    }
}

/// Which events. Empty texts match everything.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Not before.
    pub from: Option<Timestamp>,
    /// Not after.
    pub to: Option<Timestamp>,
    /// Older than the event with this number.
    pub before: Option<u64>,
    /// At most so many.
    pub limit: usize,
    /// Not those of the whole account: sign-ins, and what funcd does by itself.
    pub project_only: bool,
    /// Id of one event.
    pub id: String,
    /// Name of the event.
    pub event: String,
    /// Name of the user.
    pub user: String,
    /// The access key.
    pub access_key: String,
    /// Kind of what was changed.
    pub resource_type: String,
    /// Its id.
    pub resource_id: String,
    /// Its name.
    pub resource_name: String,
    /// Only those of these operations.
    pub operations: Operations,
    /// Only those that were refused (`true`), or not (`false`).
    pub refused: Option<bool>,
}

impl Row {
    pub(super) async fn insert(self, connection: &mut SqliteConnection) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO audit (number, at, id, project, user_id, user_name, access_key, address, request_id, operation, event, \
             resource_type, resource_id, resource_name, before_digest, after_digest, status, message, hash) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        )
        .bind(self.number)
        .bind(self.at)
        .bind(self.id)
        .bind(self.project)
        .bind(self.user_id)
        .bind(self.user_name)
        .bind(self.access_key)
        .bind(self.address)
        .bind(self.request_id)
        .bind(self.operation)
        .bind(self.event)
        .bind(self.resource_type)
        .bind(self.resource_id)
        .bind(self.resource_name)
        .bind(self.before_digest)
        .bind(self.after_digest)
        .bind(self.status)
        .bind(self.message)
        .bind(self.hash)
        .execute(connection)
        .await
        .map_err(failed("cannot add to the audit trail"))?;
        Ok(())
    }

    fn into_event(self) -> Result<Event, Error> {
        Ok(Event {
            number: unsigned(self.number),
            at: timestamp(self.at)?,
            id: self.id,
            actor: super::Actor {
                project: self.project,
                user_id: self.user_id,
                user_name: self.user_name,
                access_key: self.access_key,
                address: self.address,
                request_id: self.request_id,
                operation: self.operation,
                event: self.event,
            },
            resource_type: self.resource_type,
            resource_id: self.resource_id,
            resource_name: self.resource_name,
            before: self.before_digest,
            after: self.after_digest,
            status: u16::try_from(self.status).unwrap_or_default(),
            message: self.message,
            hash: self.hash,
        })
    }
}

impl Store {
    /// Events of a project, and of the whole account if they are wanted, newest first.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub async fn audit(&self, project: &str, wanted: &Wanted) -> Result<Vec<Event>, Error> {
        let (condition, names) = wanted.operations.condition(16);
        let sql = format!(
            "SELECT * FROM audit WHERE (project = $1 OR ($15 AND project = '')) AND at >= $2 AND at <= $3 AND number < $4 \
             AND ($5 = '' OR id = $5) AND ($6 = '' OR event = $6) AND ($7 = '' OR user_name = $7) \
             AND ($8 = '' OR access_key = $8) AND ($9 = '' OR resource_type = $9) AND ($10 = '' OR resource_id = $10) \
             AND ($11 = '' OR resource_name = $11) AND status >= $12 AND status <= $13{condition} ORDER BY number DESC LIMIT $14",
        );
        // Of `condition` only the numbers of parameters are made here.
        let mut query = sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(sql))
            .bind(project)
            .bind(wanted.from.map_or(i64::MIN, micros))
            .bind(wanted.to.map_or(i64::MAX, micros))
            .bind(wanted.before.map_or(i64::MAX, signed))
            .bind(&wanted.id)
            .bind(&wanted.event)
            .bind(&wanted.user)
            .bind(&wanted.access_key)
            .bind(&wanted.resource_type)
            .bind(&wanted.resource_id)
            .bind(&wanted.resource_name)
            .bind(if wanted.refused == Some(true) { 400 } else { 0 })
            .bind(if wanted.refused == Some(false) { 399 } else { 999 })
            .bind(i64::try_from(wanted.limit).unwrap_or(i64::MAX))
            .bind(!wanted.project_only);
        for name in names {
            query = query.bind(*name);
        }
        let rows =
            query.fetch_all(self.inner.database.readers()).await.map_err(failed("cannot read the audit trail"))?;
        rows.into_iter().map(Row::into_event).collect()
    }
}
