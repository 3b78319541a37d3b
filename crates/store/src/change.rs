//! One change: a transaction that bumps the generation, and the Snapshot published after its commit.

use std::sync::Arc;

use model::snapshot::Snapshot;
use sqlx::SqliteConnection;

use crate::database::{Turn, failed, unsigned};
use crate::error::{Error, internal};
use crate::faults::Step;
use crate::identity::Identities;
use crate::snapshot;
use crate::store::{Inner, Store};

/// A change under way. Dropped without [`Change::commit`] it has not happened.
pub(crate) struct Change {
    turn: Turn,
    pub(crate) inner: Arc<Inner>,
    /// The generation this change makes.
    pub(crate) generation: u64,
    /// Everybody as this change leaves them, if it changes them.
    pub(crate) identities: Option<Identities>,
}

impl Change {
    /// Waits until no other change is under way.
    pub(crate) async fn begin(store: &Store) -> Result<Self, Error> {
        let mut turn = store.inner.database.turn().await?;
        let generation: i64 = sqlx::query_scalar("UPDATE generation SET value = value + 1 RETURNING value")
            .fetch_one(&mut *turn.transaction)
            .await
            .map_err(failed("cannot begin a change"))?;
        Ok(Self { turn, inner: Arc::clone(&store.inner), generation: unsigned(generation), identities: None })
    }

    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.turn.transaction
    }

    /// Commits, publishes, and gives what `take` sees in the new Snapshot. The Snapshot is read before the commit: rows that do
    /// not make a Snapshot are not committed.
    pub(crate) async fn commit<T>(mut self, take: impl FnOnce(&Snapshot) -> T) -> Result<T, Error> {
        let snapshot = snapshot::load(&mut self.turn.transaction, &self.inner, self.generation).await?;
        let taken = take(&snapshot);
        let faults = self.inner.packages.faults();
        faults.reach(Step::Written).map_err(|cause| internal("cannot write a change", cause))?;

        // Destructured so that the turn's guard outlives the publication.
        let Self { turn, inner, generation, identities } = self;
        let guard = turn.commit().await?;
        let _ = inner.packages.faults().reach(Step::Committed);
        if let Some(identities) = identities {
            *inner.identities.write() = Arc::new(identities);
        }
        inner.snapshots.publish(snapshot);
        inner.generation.send_replace(generation);
        drop(guard);
        Ok(taken)
    }
}
