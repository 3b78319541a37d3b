//! The Snapshot: everything the tables say that the data plane looks at.

use std::sync::Arc;

use model::apig::Published;
use model::function::Function;
use model::snapshot::Snapshot;
use model::trigger::Group;
use sqlx::SqliteConnection;

use crate::apig::{callers, domains, policies, publications};
use crate::change::Extent;
use crate::database::{failed, unsigned};
use crate::error::Error;
use crate::store::Inner;
use crate::{functions, groups, reserves};

/// What routes are made of, as it was read for the last Snapshot.
#[derive(Debug, Default)]
pub(crate) struct Apis {
    groups: Vec<Group>,
    published: Vec<Published>,
}

/// A Snapshot, and what the next one needs of it.
pub(crate) struct Loaded {
    pub(crate) snapshot: Snapshot,
    pub(crate) apis: Arc<Apis>,
}

/// The desired state at the end of a change: what the change alters is read, the rest is that of the Snapshot before, which no other
/// change can have replaced meanwhile. Versions that did not change keep their allocation.
pub(crate) async fn load(
    connection: &mut SqliteConnection,
    inner: &Inner,
    generation: u64,
    extent: &Extent,
) -> Result<Loaded, Error> {
    let before = inner.snapshots.load();
    let functions = match extent {
        Extent::Everything => functions::load(connection, inner, &before, None).await?,
        Extent::Function(func_id) => {
            let others = before.functions().filter(|function| function.func_id != *func_id);
            let mut functions: Vec<_> = others.cloned().collect();
            functions.extend(functions::load(connection, inner, &before, Some(func_id)).await?);
            functions
        }
        Extent::Apis | Extent::Policies | Extent::Callers | Extent::Nothing => before.functions().cloned().collect(),
    };
    let known = Arc::clone(&inner.apis.lock());
    let before_apis = Arc::clone(&known);
    let lost = matches!(extent, Extent::Function(func_id) if known.lost(func_id, &before, &functions));
    let apis = match extent {
        Extent::Everything | Extent::Apis => Arc::new(Apis::read(connection, inner).await?),
        Extent::Function(_) if lost => Arc::new(Apis::read(connection, inner).await?),
        Extent::Function(_) | Extent::Policies | Extent::Callers | Extent::Nothing => known,
    };
    let domains = match (Arc::ptr_eq(&apis, &before_apis), before.domains()) {
        (true, domains) => Arc::clone(domains),
        (false, domains) => Arc::new(domains::load(connection, inner, domains).await?),
    };
    // Few functions have any.
    let reserves = match extent {
        Extent::Everything | Extent::Function(_) => reserves::all(connection, &inner.settings.region).await?,
        Extent::Apis | Extent::Policies | Extent::Callers | Extent::Nothing => before.reserves().to_vec(),
    };
    // Bindings go with their APIs, and responses with their groups.
    let book = before.policies();
    let book = match extent {
        Extent::Function(_) if book.bindings.is_empty() && book.responses.is_empty() => Arc::clone(book),
        Extent::Callers | Extent::Nothing => Arc::clone(book),
        _ => Arc::new(policies::load(connection).await?),
    };
    // An API takes with it what may call it.
    let callers = match extent {
        Extent::Function(_) if !lost => Arc::clone(before.callers()),
        Extent::Policies | Extent::Nothing => Arc::clone(before.callers()),
        _ => Arc::new(callers::load(connection, &inner.key).await?),
    };
    let snapshot = Snapshot::build_with(generation, functions, &apis.groups, &apis.published, book)
        .with_reserves(reserves)
        .with_domains(domains)
        .with_callers(callers);
    Ok(Loaded { snapshot, apis })
}

impl Apis {
    async fn read(connection: &mut SqliteConnection, inner: &Inner) -> Result<Self, Error> {
        let groups = groups::all(connection).await?;
        let published = publications::all(connection, &inner.settings.region).await?;
        Ok(Self { groups, published })
    }

    /// Hosts of APIs.
    pub(crate) fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// What is published.
    pub(crate) fn published(&self) -> &[Published] {
        &self.published
    }

    /// Whether the function went, and APIs with it.
    fn lost(&self, func_id: &str, before: &Snapshot, now: &[Arc<Function>]) -> bool {
        let Some(function) = before.functions().find(|function| function.func_id == func_id) else { return false };
        !now.iter().any(|function| function.func_id == func_id)
            && self.published.iter().any(|published| published.function == function.id)
    }
}

#[cfg(test)]
impl Loaded {
    /// Every change of every test: what was read of what it said it alters is what the tables hold. A group that nothing published
    /// uses makes no route.
    pub(crate) async fn check(
        &self,
        connection: &mut SqliteConnection,
        inner: &Inner,
        generation: u64,
    ) -> Result<(), Error> {
        let all = load(connection, inner, generation, &Extent::Everything).await?;
        let shown = |one: &Self| {
            let mut lines: Vec<String> = one.snapshot.functions().map(|function| format!("{function:?}")).collect();
            let used = |group: &Group| {
                let mut published = one.apis.published.iter();
                published.any(|own| own.api.group_id == group.id && own.api.project == group.project)
            };
            lines.extend(one.apis.groups.iter().filter(|group| used(group)).map(|group| format!("{group:?}")));
            lines.push(format!("{:?}", one.snapshot.policies()));
            lines.extend(one.snapshot.reserves().iter().map(|reserve| format!("{reserve:?}")));
            lines.extend(one.apis.published.iter().map(|published| format!("{published:?}")));
            lines.extend(one.snapshot.callers().authorizers().map(|authorizer| format!("{authorizer:?}")));
            // Secrets have no text of their own.
            lines.extend(
                one.snapshot.callers().clients().map(|client| format!("{client:?} {}", client.app.secret.expose())),
            );
            lines.sort();
            lines
        };
        assert_eq!(shown(self), shown(&all), "a change altered more than it said");
        Ok(())
    }
}

/// The Snapshot of what an earlier process left.
pub(crate) async fn publish_first(inner: &Inner) -> Result<(), Error> {
    let mut turn = inner.database.turn().await?;
    let generation: i64 = sqlx::query_scalar("SELECT value FROM generation")
        .fetch_one(&mut *turn.transaction)
        .await
        .map_err(failed("cannot read the generation"))?;
    let generation = unsigned(generation);
    let Loaded { snapshot, apis } = load(&mut turn.transaction, inner, generation, &Extent::Everything).await?;
    *inner.apis.lock() = apis;
    inner.snapshots.publish(snapshot);
    inner.generation.send_replace(generation);
    Ok(())
}
