//! Reserved instances: how many a version or an alias is to have, and when.

use model::function::Function;
use model::reserve::Reserve;
use model::urn::{FunctionId, Qualifier};
use sqlx::{FromRow, SqliteConnection};

use crate::change::{Change, Extent};
use crate::database::{failed, unsigned};
use crate::error::{Error, internal};
use crate::functions;
use crate::store::Store;

impl Store {
    /// The reserved instances of a project, sorted by URN; from the Snapshot.
    pub fn reserves(&self, project: &str) -> Vec<Reserve> {
        let snapshot = self.inner.snapshots.load();
        let mut found: Vec<_> =
            snapshot.reserves().iter().filter(|own| own.function.project == project).cloned().collect();
        found.sort_by_cached_key(Reserve::urn);
        found
    }

    /// Sets what a version or an alias is to have; with no instance and no policy it has none any more.
    ///
    /// # Errors
    /// [`Error::FunctionMissing`], [`Error::VersionMissing`], [`Error::AliasMissing`], [`Error::ReservedElsewhere`].
    pub async fn set_reserve(&self, reserve: Reserve) -> Result<(), Error> {
        let store = self.clone();
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            let function = functions::current(&mut change, &reserve.function).await?;
            check(&change, &function, &reserve)?;
            change.extent = Extent::Function(function.func_id.clone());
            forget(&mut change, &function.func_id, &reserve.qualifier).await?;
            if reserve.count > 0 || !reserve.policies.is_empty() {
                insert(&mut change, &function.func_id, &reserve).await?;
            }
            change.commit(|_| ()).await
        })
        .await
    }
}

fn check(change: &Change, function: &Function, reserve: &Reserve) -> Result<(), Error> {
    let Some(version) = function.version(&reserve.qualifier) else {
        return Err(match &reserve.qualifier {
            Qualifier::Alias(_) => Error::AliasMissing(reserve.urn()),
            _ => Error::VersionMissing(reserve.urn()),
        });
    };
    let is_none = reserve.count == 0 && reserve.policies.is_empty();
    let snapshot = change.inner.snapshots.load();
    let clash = snapshot.reserves().iter().find(|other| {
        other.function == reserve.function
            && other.qualifier != reserve.qualifier
            && function.version(&other.qualifier).is_some_and(|same| same.qualifier == version.qualifier)
    });
    match clash {
        Some(other) if !is_none => Err(Error::ReservedElsewhere(other.urn())),
        _ => Ok(()),
    }
}

async fn insert(change: &mut Change, func_id: &str, reserve: &Reserve) -> Result<(), Error> {
    let policies = serde_json::to_string(&reserve.policies)
        .map_err(|cause| internal("the policies of reserved instances cannot be written as JSON", cause))?;
    sqlx::query("INSERT INTO reserves (func_id, qualifier, count, idle_mode, policies) VALUES ($1, $2, $3, $4, $5)")
        .bind(func_id)
        .bind(reserve.qualifier.to_string())
        .bind(i64::from(reserve.count))
        .bind(i64::from(reserve.idle_mode))
        .bind(policies)
        .execute(change.connection())
        .await
        .map_err(failed("cannot store the reserved instances"))?;
    Ok(())
}

/// A version or an alias that goes takes its reserved instances along.
pub(crate) async fn forget(change: &mut Change, func_id: &str, qualifier: &Qualifier) -> Result<(), Error> {
    sqlx::query("DELETE FROM reserves WHERE func_id = $1 AND qualifier = $2")
        .bind(func_id)
        .bind(qualifier.to_string())
        .execute(change.connection())
        .await
        .map_err(failed("cannot delete the reserved instances"))?;
    Ok(())
}

#[derive(FromRow)]
struct Row {
    project: String,
    package: String,
    name: String,
    qualifier: String,
    count: i64,
    idle_mode: i64,
    policies: String,
}

pub(crate) async fn all(connection: &mut SqliteConnection, region: &str) -> Result<Vec<Reserve>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT f.project, f.package, f.name, r.qualifier, r.count, r.idle_mode, r.policies \
         FROM reserves r JOIN functions f ON f.func_id = r.func_id",
    )
    .fetch_all(connection)
    .await
    .map_err(failed("cannot read the reserved instances"))?;
    rows.into_iter().map(|row| row.into_reserve(region)).collect()
}

impl Row {
    fn into_reserve(self, region: &str) -> Result<Reserve, Error> {
        let Self { project, package, name, qualifier, count, idle_mode, policies } = self;
        let function = FunctionId { region: region.to_owned(), project, package, name };
        let policies = serde_json::from_str(&policies)
            .map_err(|cause| internal(format!("the stored reserved instances of {function} cannot be read"), cause))?;
        Ok(Reserve {
            function,
            qualifier: Qualifier::from(qualifier.as_str()),
            count: u32::try_from(unsigned(count)).unwrap_or(u32::MAX),
            idle_mode: idle_mode != 0,
            policies,
        })
    }
}
