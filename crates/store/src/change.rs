//! One change: a transaction that bumps the generation, and the Snapshot published after its commit.

use std::sync::Arc;

use model::snapshot::Snapshot;
use sqlx::SqliteConnection;

use crate::audit::{self, Subject, Touched};
use crate::database::{Turn, failed, unsigned};
use crate::error::{Error, internal};
use crate::faults::Step;
use crate::identity::Identities;
use crate::snapshot;
use crate::store::{Inner, Store};

/// How much of the Snapshot a change alters. Reading all of the tables again costs milliseconds where there are a thousand functions,
/// and changes wait for each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Anything; what a change says that says nothing.
    #[default]
    Everything,
    /// The function with this `func_id`: its versions and aliases, but no trigger or group, unless the function goes.
    Function(String),
    /// APIs, groups and what is published, but no function.
    Apis,
    /// Policies and what they are bound to.
    Policies,
    /// Who may call APIs, and nothing else.
    Callers,
    /// Nothing that the data plane looks at.
    Nothing,
}

/// A change under way. Dropped without [`Change::commit`] it has not happened.
pub(crate) struct Change {
    turn: Turn,
    pub(crate) inner: Arc<Inner>,
    /// The generation this change makes.
    pub(crate) generation: u64,
    /// Everybody as this change leaves them, if it changes them.
    pub(crate) identities: Option<Identities>,
    /// What must be read again.
    pub(crate) extent: Extent,
    /// What the audit trail looks at again when it is committed.
    touched: Vec<Touched>,
}

impl Change {
    /// Waits until no other change is under way.
    pub(crate) async fn begin(store: &Store) -> Result<Self, Error> {
        let mut turn = store.inner.database.turn().await?;
        let generation: i64 = sqlx::query_scalar("UPDATE generation SET value = value + 1 RETURNING value")
            .fetch_one(&mut *turn.transaction)
            .await
            .map_err(failed("cannot begin a change"))?;
        let (inner, generation) = (Arc::clone(&store.inner), unsigned(generation));
        let (identities, extent, touched) = (None, Extent::default(), Vec::new());
        Ok(Self { turn, inner, generation, identities, extent, touched })
    }

    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.turn.transaction
    }

    /// Says what may be changed from here on: if it is, its audit event becomes part of the transaction.
    pub(crate) async fn touch(&mut self, subject: Subject) -> Result<(), Error> {
        if self.touched.iter().any(|touched| touched.is(&subject)) {
            return Ok(());
        }
        let touched = Touched::look(self.connection(), subject).await?;
        self.touched.push(touched);
        Ok(())
    }

    /// Commits, publishes, and gives what `take` sees in the new Snapshot. The Snapshot is read before the commit: rows that do
    /// not make a Snapshot are not committed.
    pub(crate) async fn commit<T>(mut self, take: impl FnOnce(&Snapshot) -> T) -> Result<T, Error> {
        let touched = std::mem::take(&mut self.touched);
        audit::add_all(&mut self.turn.transaction, &self.inner.key, touched).await?;
        let loaded = snapshot::load(&mut self.turn.transaction, &self.inner, self.generation, &self.extent).await?;
        #[cfg(test)]
        loaded.check(&mut self.turn.transaction, &self.inner, self.generation).await?;
        let snapshot::Loaded { snapshot, apis } = loaded;
        let taken = take(&snapshot);
        let faults = self.inner.packages.faults();
        faults.reach(Step::Written).map_err(|cause| internal("cannot write a change", cause))?;

        // Destructured so that the turn's guard outlives the publication.
        let Self { turn, inner, generation, identities, .. } = self;
        let guard = turn.commit().await?;
        let _ = inner.packages.faults().reach(Step::Committed);
        if let Some(identities) = identities {
            inner.directory.publish(identities);
        }
        *inner.apis.lock() = apis;
        inner.snapshots.publish(snapshot);
        inner.generation.send_replace(generation);
        drop(guard);
        Ok(taken)
    }
}
