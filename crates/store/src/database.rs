//! The SQLite file: opened, checked, brought to this version's tables. Everything that is SQLite's own dialect is here.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use sqlx::migrate::MigrateError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection as _, Sqlite, Transaction};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::audit;
use crate::error::{Error, internal};

/// How long a statement waits when another program (a backup, a shell) holds the file.
const BUSY: Duration = Duration::from_secs(5);
/// Listings run beside the writer; each connection is a thread.
const READERS: u32 = 3;

/// One connection that writes, a few that read.
#[derive(Debug)]
pub(crate) struct Database {
    writer: SqlitePool,
    readers: SqlitePool,
    /// Held from the first statement of a change until its Snapshot is published, so that Snapshots appear in order.
    turn: Arc<Mutex<()>>,
}

/// The right to write, and the open transaction.
pub(crate) struct Turn {
    // Before `guard`: an unfinished transaction is rolled back before the next one gets its turn.
    pub(crate) transaction: Transaction<'static, Sqlite>,
    guard: OwnedMutexGuard<()>,
}

impl Turn {
    /// Commits; the next turn begins when the guard is dropped.
    pub(crate) async fn commit(self) -> Result<OwnedMutexGuard<()>, Error> {
        self.transaction.commit().await.map_err(failed("cannot commit a change"))?;
        Ok(self.guard)
    }
}

impl Database {
    pub(crate) async fn open(path: &Path, key: &auth::seal::Key) -> Result<Self, Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .disable_statement_logging();
        let writer = pool(1).connect_with(options.clone()).await.map_err(|cause| explain(path, cause))?;
        check(path, &writer).await?;
        audit::head::before_migration(&writer, key).await?;
        sqlx::migrate!().run(&writer).await.map_err(|cause| explain_migration(path, cause))?;
        let readers = pool(READERS).connect_lazy_with(options.pragma("query_only", "ON"));
        Ok(Self { writer, readers, turn: Arc::default() })
    }

    /// Waits for the writer's turn and begins a transaction; dropping the turn undoes it.
    pub(crate) async fn turn(&self) -> Result<Turn, Error> {
        let guard = Arc::clone(&self.turn).lock_owned().await;
        let transaction = self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(failed("cannot begin a change"))?;
        Ok(Turn { transaction, guard })
    }

    pub(crate) fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    /// Waits for the change under way, then closes; later use fails.
    pub(crate) async fn close(&self) {
        let _last = self.turn.lock().await;
        self.readers.close().await;
        self.writer.close().await;
    }

    #[cfg(test)]
    pub(crate) fn busy(&self) -> bool {
        self.turn.try_lock().is_err()
    }

    #[cfg(test)]
    pub(crate) fn writer(&self) -> &SqlitePool {
        &self.writer
    }
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        // Local connections do not go stale.
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        // When the disk is full SQLite ends a transaction by itself; sqlx then believes for ever that it is inside of one, so such
        // a connection is closed and another one opened. https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction
        .before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }))
}

/// A page that the disk has changed is found now, not in the middle of a deploy.
async fn check(path: &Path, writer: &SqlitePool) -> Result<(), Error> {
    let verdict: String = sqlx::query_scalar("PRAGMA integrity_check(1)")
        .fetch_one(writer)
        .await
        .map_err(|cause| explain(path, cause))?;
    if verdict == "ok" {
        return Ok(());
    }
    Err(damaged(path, verdict))
}

fn damaged(path: &Path, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    let path = path.display();
    internal(
        format!(
            "the database {path} is damaged: restore it from a backup together with its -wal file, or move it away to start \
             with an empty one (functions and keys are then new)"
        ),
        cause,
    )
}

fn explain(path: &Path, cause: sqlx::Error) -> Error {
    // The low byte is the primary code: https://www.sqlite.org/rescode.html
    let code = cause.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok()).map(|code| code & 0xff);
    match code {
        Some(11 | 26) => damaged(path, cause),
        Some(3 | 8 | 14 | 23) => internal(
            format!(
                "cannot write to the database {}: its files and folder must be writable by the user funcd runs as",
                path.display()
            ),
            cause,
        ),
        Some(5 | 6) => internal(
            format!("the database {} is locked by another program: close it and try again", path.display()),
            cause,
        ),
        _ => internal(format!("cannot open the database {}", path.display()), cause),
    }
}

fn explain_migration(path: &Path, cause: MigrateError) -> Error {
    let shown = path.display();
    match cause {
        MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _) => explain(path, cause),
        MigrateError::VersionMissing(version) => internal(
            format!(
                "the database {shown} was written by a newer funcd (schema {version}): start that version or a newer one, or restore a backup made before the upgrade"
            ),
            cause,
        ),
        MigrateError::VersionMismatch(version) => internal(
            format!(
                "the tables of the database {shown} are not the ones of this funcd (schema {version} differs): start the funcd that made it, or restore a backup"
            ),
            cause,
        ),
        _ => internal(format!("cannot bring the tables of the database {shown} up to date"), cause),
    }
}

/// For `map_err` after a statement.
pub(crate) fn failed(what: &'static str) -> impl FnOnce(sqlx::Error) -> Error {
    move |cause| internal(what, cause)
}

/// A time as the tables keep it.
pub(crate) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// And back.
pub(crate) fn timestamp(micros: i64) -> Result<Timestamp, Error> {
    Timestamp::from_microsecond(micros).map_err(|cause| internal("a stored time is out of range", cause))
}

/// A number as the tables keep it; nothing of ours comes near the limit.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// And back; nothing stored is negative.
pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
