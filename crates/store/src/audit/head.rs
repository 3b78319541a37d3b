//! The kept end of the chain: number and hash of the last event, sealed. A chain alone does not show that its newest events were cut
//! off; without the key nobody makes a head that fits what is left.

use serde::{Deserialize, Serialize};
use sqlx::{SqliteConnection, SqlitePool};

use crate::credentials;
use crate::database::failed;
use crate::error::Error;
use crate::functions::json;

/// What the sealed bytes are bound to.
const CONTEXT: &str = "audit/head";

/// Where the chain ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) number: i64,
    pub(super) hash: String,
}

impl Head {
    /// As it is kept. `None` when it is not there, or is not what the key has sealed.
    pub(super) async fn kept(connection: &mut SqliteConnection, key: &auth::seal::Key) -> Result<Option<Self>, Error> {
        let seal: Option<String> = sqlx::query_scalar("SELECT seal FROM audit_head")
            .fetch_optional(connection)
            .await
            .map_err(failed("cannot read the head of the audit trail"))?;
        let opened = seal.and_then(|seal| credentials::open(key, CONTEXT, &seal).ok());
        Ok(opened.and_then(|text| serde_json::from_str(text.expose()).ok()))
    }

    /// As the table has it.
    async fn last(connection: &mut SqliteConnection) -> Result<Self, Error> {
        let last: Option<(i64, String)> = sqlx::query_as("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1")
            .fetch_optional(connection)
            .await
            .map_err(failed("cannot read the audit trail"))?;
        Ok(last.map(|(number, hash)| Self { number, hash }).unwrap_or_default())
    }

    /// What the next event follows, and whether it is the kept one. After a cut the kept one, so that the gap stays; where none is kept,
    /// the last of the table, and nothing is kept from then on: that it was lost stays visible.
    pub(super) async fn to_follow(
        connection: &mut SqliteConnection,
        key: &auth::seal::Key,
    ) -> Result<(Self, bool), Error> {
        if let Some(kept) = Self::kept(&mut *connection, key).await? {
            return Ok((kept, true));
        }
        Self::last(connection).await.map(|last| (last, false))
    }

    pub(super) async fn keep(&self, connection: &mut SqliteConnection, key: &auth::seal::Key) -> Result<(), Error> {
        let seal = credentials::seal(key, CONTEXT, &model::secret::Secret::new(json(self)?));
        sqlx::query("INSERT INTO audit_head (only, seal) VALUES (1, $1) ON CONFLICT (only) DO UPDATE SET seal = $1")
            .bind(seal)
            .execute(connection)
            .await
            .map_err(failed("cannot keep the head of the audit trail"))?;
        Ok(())
    }
}

/// The migration that brings heads.
const MIGRATION: i64 = 12;
const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS audit_head (only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1), seal TEXT NOT NULL)";

/// Keeps the end of a trail of before heads were kept. It is sealed before the migration is noted, so that from then on there is never
/// a reason why a head is missing, wherever a start was killed.
pub(crate) async fn before_migration(writer: &SqlitePool, key: &auth::seal::Key) -> Result<(), Error> {
    let unreadable = || failed("cannot look at the audit trail of before");
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await.map_err(unreadable())?;
    let has = async |connection: &mut SqliteConnection, table: &str| {
        let found =
            sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = $1");
        found.bind(table).fetch_one(connection).await.map(|count| count > 0).map_err(unreadable())
    };
    if has(&mut transaction, "_sqlx_migrations").await? {
        let done: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM _sqlx_migrations WHERE version = $1")
            .bind(MIGRATION)
            .fetch_one(&mut *transaction)
            .await
            .map_err(unreadable())?;
        if done > 0 {
            return Ok(());
        }
    }
    let last = match has(&mut transaction, "audit").await? {
        true => Head::last(&mut transaction).await?,
        false => Head::default(),
    };
    sqlx::raw_sql(TABLE).execute(&mut *transaction).await.map_err(unreadable())?;
    last.keep(&mut transaction, key).await?;
    transaction.commit().await.map_err(unreadable())
}
