//! The Snapshot: everything the tables say that the data plane looks at.

use model::snapshot::Snapshot;
use sqlx::SqliteConnection;

use crate::database::{failed, unsigned};
use crate::error::Error;
use crate::store::Inner;
use crate::{functions, groups, triggers};

/// Reads the whole desired state. Versions that did not change keep their allocation, so that a change costs what it changes.
pub(crate) async fn load(connection: &mut SqliteConnection, inner: &Inner, generation: u64) -> Result<Snapshot, Error> {
    let before = inner.snapshots.load();
    let functions = functions::load(connection, inner, &before).await?;
    let groups = groups::all(connection).await?;
    let triggers = triggers::all(connection, &inner.settings.region).await?;
    Ok(Snapshot::build(generation, functions, &groups, &triggers))
}

/// The Snapshot of what an earlier process left.
pub(crate) async fn publish_first(inner: &Inner) -> Result<(), Error> {
    let mut turn = inner.database.turn().await?;
    let generation: i64 = sqlx::query_scalar("SELECT value FROM generation")
        .fetch_one(&mut *turn.transaction)
        .await
        .map_err(failed("cannot read the generation"))?;
    let generation = unsigned(generation);
    let snapshot = load(&mut turn.transaction, inner, generation).await?;
    inner.snapshots.publish(snapshot);
    inner.generation.send_replace(generation);
    Ok(())
}
