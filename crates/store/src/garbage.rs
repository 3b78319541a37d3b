//! What an interrupted process left, and what nobody uses any more.

use std::collections::HashSet;
use std::time::Duration;

use crate::code::{GRACE, Packages};
use crate::database::{Database, failed};
use crate::error::Error;
use crate::store::Store;

impl Store {
    /// Removes packages and unpacked folders that no function uses, unless their digest is in `in_use` (running instances) or they
    /// were uploaded in the last hour. Gives how many it removed. Changes wait meanwhile, but not for the deletion of large
    /// folders.
    pub async fn collect_garbage(&self, in_use: &HashSet<String>) -> Result<usize, Error> {
        self.collect_older_than(in_use, GRACE).await
    }

    pub(crate) async fn collect_older_than(&self, in_use: &HashSet<String>, grace: Duration) -> Result<usize, Error> {
        let (store, in_use) = (self.clone(), in_use.clone());
        self.finish(async move { collect(&store.inner.database, &store.inner.packages, in_use, grace).await }).await
    }
}

/// Before anything is served: `tmp/` is emptied, code that functions need is unpacked again, and what they do not need goes.
pub(crate) async fn recover(database: &Database, packages: &Packages) -> Result<(), Error> {
    packages.clear_unfinished().await?;
    let used: Vec<String> = sqlx::query_scalar("SELECT DISTINCT sha256 FROM versions")
        .fetch_all(database.readers())
        .await
        .map_err(failed("cannot read which packages are used"))?;
    for sha256 in used {
        // One broken package must not keep the other functions down; its own cannot start, because its folder is not there.
        match packages.restore(&sha256).await {
            Ok(false) => {}
            Ok(true) => tracing::info!(sha256, "code.restored"),
            Err(cause) => tracing::error!(sha256, cause = &cause as &dyn std::error::Error, "code.missing"),
        }
    }
    collect(database, packages, HashSet::new(), GRACE).await?;
    Ok(())
}

async fn collect(
    database: &Database,
    packages: &Packages,
    mut used: HashSet<String>,
    grace: Duration,
) -> Result<usize, Error> {
    // While this turn lasts no version can begin to use a package.
    let mut turn = database.turn().await?;
    let referred: Vec<String> = sqlx::query_scalar("SELECT DISTINCT sha256 FROM versions")
        .fetch_all(&mut *turn.transaction)
        .await
        .map_err(failed("cannot read which packages are used"))?;
    used.extend(referred);
    let garbage = packages.collect(&used, grace).await?;
    drop(turn);
    garbage.delete().await
}
