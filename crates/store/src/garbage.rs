//! What an interrupted process left, and what nobody uses any more.

use std::collections::HashSet;
use std::time::Duration;

use model::dependency::Dependency;
use serde::Deserialize;
use sqlx::SqliteConnection;

use crate::code::{GRACE, Packages, Role, tree_name};
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
    let mut connection = database.readers().acquire().await.map_err(failed("cannot read which packages are used"))?;
    let used = used(&mut connection).await?;
    drop(connection);
    for Used { sha256, dependencies } in used {
        // One broken package must not keep the other functions down; its own cannot start, because its folder is not there.
        let restored = match packages.restore(&sha256, Role::Code).await {
            Ok(restored) => packages.merge(&sha256, &dependencies).await.map(|merged| restored || merged),
            Err(cause) => Err(cause),
        };
        match restored {
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
    for version in self::used(&mut turn.transaction).await? {
        used.insert(tree_name(&version.sha256, &version.dependencies));
        used.insert(version.sha256);
    }
    for sha256 in dependencies(&mut turn.transaction).await? {
        used.insert(Role::Dependency.folder(&sha256));
        used.insert(sha256);
    }
    let garbage = packages.collect(&used, grace).await?;
    drop(turn);
    garbage.delete().await
}

/// What some version of a function is made of.
struct Used {
    sha256: String,
    dependencies: Vec<Dependency>,
}

async fn used(connection: &mut SqliteConnection) -> Result<Vec<Used>, Error> {
    let rows: Vec<(String, String)> = sqlx::query_as("SELECT DISTINCT sha256, config FROM versions")
        .fetch_all(connection)
        .await
        .map_err(failed("cannot read which packages are used"))?;
    // A configuration that cannot be read is complained about where the Snapshot is made.
    let dependencies = |config: &str| serde_json::from_str(config).map(|Part { dependencies }| dependencies);
    let used = |(sha256, config): (String, String)| {
        let dependencies = dependencies(&config).unwrap_or_default();
        Used { sha256, dependencies }
    };
    Ok(rows.into_iter().map(used).collect())
}

/// The part of a configuration that says which packages it needs.
#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    dependencies: Vec<Dependency>,
}

async fn dependencies(connection: &mut SqliteConnection) -> Result<Vec<String>, Error> {
    sqlx::query_scalar("SELECT DISTINCT sha256 FROM dependency_versions")
        .fetch_all(connection)
        .await
        .map_err(failed("cannot read which dependencies there are"))
}
