//! Every policy there is: read into a [`Book`], changed by rules over it.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::apig::acls::{self, Effect, Entity};
use model::apig::plugins::{self, Plugin};
use model::apig::policies::{Binding, Book, Kind as Bound};
use model::apig::responses::Responses;
use model::apig::throttles::{self, Object, Special};
use serde::de::DeserializeOwned;
use sqlx::{FromRow, SqliteConnection};

use crate::audit::{Kind, Subject};
use crate::change::{Change, Extent};
use crate::database::{failed, timestamp, unsigned};
use crate::error::{Error, internal};
use crate::identity::Plan;
use crate::store::Store;

/// A throttling policy with its limits for single apps and users, and where it is bound.
pub(super) static THROTTLE: Kind = Kind {
    name: "ThrottlePolicy",
    rows: &[
        "SELECT name || ' ' || remark || ' ' || CAST(shared AS TEXT) || ' ' || period || ' ' || limits FROM throttles WHERE id = $1",
        "SELECT id || ' ' || object || ' ' || object_id || ' ' || CAST(call_limit AS TEXT) FROM throttle_specials \
             WHERE throttle_id = $1 ORDER BY id",
        "SELECT id || ' ' || api_id || ' ' || env_id FROM policy_bindings WHERE policy_id = $1 ORDER BY id",
    ],
};
/// An access control policy, and where it is bound.
pub(super) static ACL: Kind = Kind {
    name: "AclPolicy",
    rows: &[
        "SELECT name || ' ' || effect || ' ' || entity || ' ' || value FROM acls WHERE id = $1",
        "SELECT id || ' ' || api_id || ' ' || env_id FROM policy_bindings WHERE policy_id = $1 ORDER BY id",
    ],
};
/// A plug-in, and where it is bound.
pub(super) static PLUGIN: Kind = Kind {
    name: "Plugin",
    rows: &[
        "SELECT name || ' ' || kind || ' ' || remark || ' ' || content FROM plugins WHERE id = $1",
        "SELECT id || ' ' || api_id || ' ' || env_id FROM policy_bindings WHERE policy_id = $1 ORDER BY id",
    ],
};
/// Responses of a group.
pub(super) static RESPONSES: Kind = Kind {
    name: "GatewayResponse",
    rows: &[
        "SELECT group_id || ' ' || name || ' ' || CAST(is_default AS TEXT) || ' ' || rules FROM gateway_responses WHERE id = $1",
    ],
};

/// The kind of what a binding binds.
pub(super) fn audited(kind: Bound) -> &'static Kind {
    match kind {
        Bound::Throttle => &THROTTLE,
        Bound::Acl => &ACL,
        Bound::Plugin => &PLUGIN,
    }
}

impl Store {
    /// Every policy, as of the last change.
    pub fn policies(&self) -> Arc<Book> {
        Arc::clone(self.inner.snapshots.load().policies())
    }

    /// Decides with what there is now (nobody else changes it meanwhile), then writes; nothing to write is no change.
    pub(super) async fn alter_policies<T: Send + 'static>(
        &self,
        subject: Subject,
        decide: impl FnOnce(&Book) -> Result<Plan<T>, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let store = self.clone();
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            change.extent = Extent::Policies;
            let Plan { writes, answer } = decide(&store.policies())?;
            if writes.is_empty() {
                return Ok(answer);
            }
            change.touch(subject).await?;
            for write in writes {
                write.execute(&mut change).await?;
            }
            change.commit(|_| answer).await
        })
        .await
    }
}

/// The tables.
pub(crate) async fn load(connection: &mut SqliteConnection) -> Result<Book, Error> {
    Ok(Book {
        throttles: all(connection, "SELECT * FROM throttles", ThrottleRow::read).await?,
        specials: all(connection, "SELECT * FROM throttle_specials", SpecialRow::read).await?,
        acls: all(connection, "SELECT * FROM acls", AclRow::read).await?,
        plugins: all(connection, "SELECT * FROM plugins", PluginRow::read).await?,
        responses: all(connection, "SELECT * FROM gateway_responses", ResponsesRow::read).await?,
        bindings: all(connection, "SELECT * FROM policy_bindings", BindingRow::read).await?,
    })
}

async fn all<R, T>(
    connection: &mut SqliteConnection,
    query: &'static str,
    read: fn(R) -> Result<(String, T), Error>,
) -> Result<BTreeMap<String, T>, Error>
where
    R: for<'r> FromRow<'r, sqlx::sqlite::SqliteRow> + Send + Unpin,
{
    let rows: Vec<R> = sqlx::query_as(query).fetch_all(connection).await.map_err(failed("cannot read the policies"))?;
    rows.into_iter().map(read).collect()
}

fn json<T: DeserializeOwned>(id: &str, text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|cause| internal(format!("the stored policy {id} cannot be read"), cause))
}

fn known<T>(id: &str, value: Option<T>) -> Result<T, Error> {
    value.ok_or_else(|| internal(format!("the stored policy {id} cannot be read"), "it is of an unknown kind"))
}

#[derive(FromRow)]
struct ThrottleRow {
    id: String,
    project: String,
    name: String,
    remark: String,
    shared: i64,
    period: String,
    limits: String,
    created: i64,
}

impl ThrottleRow {
    fn read(self) -> Result<(String, throttles::Policy), Error> {
        let policy = throttles::Policy {
            period: json(&self.id, &self.period)?,
            limits: json(&self.id, &self.limits)?,
            id: self.id,
            project: self.project,
            name: self.name,
            remark: self.remark,
            shared: self.shared != 0,
            created: timestamp(self.created)?,
        };
        Ok((policy.id.clone(), policy))
    }
}

#[derive(FromRow)]
struct SpecialRow {
    id: String,
    throttle_id: String,
    object: String,
    object_id: String,
    call_limit: i64,
    applied: i64,
}

impl SpecialRow {
    fn read(self) -> Result<(String, Special), Error> {
        let object = [Object::App, Object::User].into_iter().find(|own| own.code() == self.object);
        let special = Special {
            object: known(&self.id, object)?,
            id: self.id,
            throttle_id: self.throttle_id,
            object_id: self.object_id,
            limit: u32::try_from(unsigned(self.call_limit)).unwrap_or(u32::MAX),
            applied: timestamp(self.applied)?,
        };
        Ok((special.id.clone(), special))
    }
}

#[derive(FromRow)]
struct AclRow {
    id: String,
    project: String,
    name: String,
    effect: String,
    entity: String,
    value: String,
    modified: i64,
}

impl AclRow {
    fn read(self) -> Result<(String, acls::Policy), Error> {
        let policy = acls::Policy {
            effect: known(&self.id, Effect::of(&self.effect))?,
            entity: known(&self.id, Entity::of(&self.entity))?,
            id: self.id,
            project: self.project,
            name: self.name,
            value: self.value,
            modified: timestamp(self.modified)?,
        };
        Ok((policy.id.clone(), policy))
    }
}

#[derive(FromRow)]
struct PluginRow {
    id: String,
    project: String,
    name: String,
    kind: String,
    content: String,
    remark: String,
    created: i64,
    modified: i64,
}

impl PluginRow {
    fn read(self) -> Result<(String, Plugin), Error> {
        let plugin = Plugin {
            kind: known(&self.id, plugins::Kind::of(&self.kind))?,
            id: self.id,
            project: self.project,
            name: self.name,
            content: self.content,
            remark: self.remark,
            created: timestamp(self.created)?,
            modified: timestamp(self.modified)?,
        };
        Ok((plugin.id.clone(), plugin))
    }
}

#[derive(FromRow)]
struct ResponsesRow {
    id: String,
    project: String,
    group_id: String,
    name: String,
    is_default: i64,
    rules: String,
    created: i64,
    modified: i64,
}

impl ResponsesRow {
    fn read(self) -> Result<(String, Responses), Error> {
        let responses = Responses {
            rules: json(&self.id, &self.rules)?,
            id: self.id,
            project: self.project,
            group_id: self.group_id,
            name: self.name,
            default: self.is_default != 0,
            created: timestamp(self.created)?,
            modified: timestamp(self.modified)?,
        };
        Ok((responses.id.clone(), responses))
    }
}

#[derive(FromRow)]
struct BindingRow {
    id: String,
    kind: String,
    policy_id: String,
    api_id: String,
    env_id: String,
    created: i64,
}

impl BindingRow {
    fn read(self) -> Result<(String, Binding), Error> {
        let binding = Binding {
            kind: known(&self.id, Bound::of(&self.kind))?,
            id: self.id,
            policy_id: self.policy_id,
            api_id: self.api_id,
            env_id: self.env_id,
            created: timestamp(self.created)?,
        };
        Ok((binding.id.clone(), binding))
    }
}
