//! Which policy applies to which API in which environment.

use model::apig::Definition;
use model::apig::policies::{Binding, Book, Kind};
use sqlx::FromRow;

use super::apis;
use super::policies::audited;
use crate::audit::Subject;
use crate::change::{Change, Extent};
use crate::database::{failed, micros, timestamp};
use crate::error::Error;
use crate::identity::{Plan, Write};
use crate::policy;
use crate::store::Store;

/// An API in an environment where it is published, as lists of what policies are bound to show it.
#[derive(Clone, Debug)]
pub struct Reachable {
    /// Of this publication; the next one has another.
    pub publish_id: String,
    /// The API.
    pub api_id: String,
    /// The environment.
    pub env_id: String,
    /// Its name.
    pub env_name: String,
    /// Name of the API's group.
    pub group_name: String,
    /// What was published.
    pub definition: Definition,
}

/// How a binding names its API and environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// By what was published.
    Publication(String),
    /// By their ids.
    Api {
        /// The API.
        api_id: String,
        /// The environment.
        env_id: String,
    },
}

impl Store {
    /// What is published in a project, by name of the API, then of the environment.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub async fn reachable_apis(&self, project: &str) -> Result<Vec<Reachable>, Error> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT p.publish_id, p.api_id, p.env_id, p.stage, g.name, v.definition FROM publications p \
             JOIN api_versions v ON v.id = p.version_id JOIN api_groups g ON g.project = p.project AND g.id = p.group_id \
             WHERE p.project = $1",
        )
        .bind(project)
        .fetch_all(self.inner.database.readers())
        .await
        .map_err(failed("cannot read what is published"))?;
        let mut found = rows.into_iter().map(Row::read).collect::<Result<Vec<_>, _>>()?;
        found.sort_by(|a, b| {
            let key = |one: &Reachable| (one.definition.name.clone(), one.env_name.clone(), one.api_id.clone());
            key(a).cmp(&key(b))
        });
        Ok(found)
    }

    /// Binds a policy of the project where something is published. Whatever was in the same slot there is unbound.
    ///
    /// # Errors
    /// [`Error::PolicyMissing`], also for what is not published; then nothing was bound.
    pub async fn bind_policy(
        &self,
        project: &str,
        (kind, policy_id): (Kind, &str),
        places: Vec<Place>,
    ) -> Result<Vec<Binding>, Error> {
        let (project, policy_id) = (project.to_owned(), policy_id.to_owned());
        let store = self.clone();
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            change.extent = Extent::Policies;
            let book = store.policies();
            let (name, slot) = named(&book, &project, kind, &policy_id)?;
            change.touch(Subject::new(audited(kind), policy_id.clone(), name)).await?;
            let mut at = Vec::new();
            for place in places {
                at.push(published(&mut change, &project, place).await?);
            }
            at.sort();
            at.dedup();
            let mut bound = Vec::new();
            for (api_id, env_id) in &at {
                let at = At { kind, slot: &slot, policy_id: &policy_id, api_id, env_id };
                bound.push(bind(&mut change, &book, &at).await?);
            }
            change.commit(|_| bound).await
        })
        .await
    }

    /// Undoes a binding of the project.
    ///
    /// # Errors
    /// [`Error::PolicyMissing`].
    pub async fn unbind_policy(&self, project: &str, kind: Kind, id: &str) -> Result<(), Error> {
        let missing = || Error::PolicyMissing { what: binding(kind), id: id.to_owned() };
        let book = self.policies();
        let found = book.bindings.get(id).filter(|own| own.kind == kind).ok_or_else(missing)?;
        let (name, _) = named(&book, project, kind, &found.policy_id).map_err(|_| missing())?;
        let id = id.to_owned();
        // One that is gone meanwhile leaves nothing to delete.
        self.alter_policies(Subject::new(audited(kind), found.policy_id.clone(), name), move |_| {
            Ok(Plan { writes: vec![Write::new("DELETE FROM policy_bindings WHERE id = $1").text(&id)], answer: () })
        })
        .await
    }
}

/// What is missing when a binding is.
fn binding(kind: Kind) -> &'static str {
    match kind {
        Kind::Throttle => policy::THROTTLE_BINDING,
        Kind::Acl => policy::ACL_BINDING,
        Kind::Plugin => policy::PLUGIN_BINDING,
    }
}

/// Name and slot of a policy of the project.
fn named(book: &Book, project: &str, kind: Kind, id: &str) -> Result<(String, String), Error> {
    let own = |named: &str, slot: &str, of: &str| (of == project).then(|| (named.to_owned(), slot.to_owned()));
    let (what, found) = match kind {
        Kind::Throttle => (policy::THROTTLE, book.throttles.get(id).and_then(|one| own(&one.name, "", &one.project))),
        Kind::Acl => (policy::ACL, book.acls.get(id).and_then(|one| own(&one.name, one.entity.code(), &one.project))),
        Kind::Plugin => {
            (policy::PLUGIN, book.plugins.get(id).and_then(|one| own(&one.name, one.kind.code(), &one.project)))
        }
    };
    found.ok_or_else(|| Error::PolicyMissing { what, id: id.to_owned() })
}

/// Ids of API and environment of what is published in the project.
async fn published(change: &mut Change, project: &str, place: Place) -> Result<(String, String), Error> {
    let (query, named) = match &place {
        Place::Publication(id) => {
            ("SELECT api_id, env_id FROM publications WHERE project = $1 AND publish_id = $2", id.clone())
        }
        Place::Api { api_id, .. } => {
            ("SELECT api_id, env_id FROM publications WHERE project = $1 AND api_id = $2", api_id.clone())
        }
    };
    let rows: Vec<(String, String)> = sqlx::query_as(query)
        .bind(project)
        .bind(&named)
        .fetch_all(change.connection())
        .await
        .map_err(failed("cannot look up what is published"))?;
    let wanted = |env: &str| match &place {
        Place::Publication(_) => true,
        Place::Api { env_id, .. } => env_id == env,
    };
    let found = rows.into_iter().find(|(_, env)| wanted(env));
    found.ok_or_else(|| Error::PolicyMissing { what: policy::PUBLICATION, id: named })
}

/// A binding to be made.
struct At<'a> {
    kind: Kind,
    slot: &'a str,
    policy_id: &'a str,
    api_id: &'a str,
    env_id: &'a str,
}

async fn bind(change: &mut Change, book: &Book, at: &At<'_>) -> Result<Binding, Error> {
    let in_slot = |own: &&Binding| {
        let slot = named_slot(book, own);
        (own.kind, own.api_id.as_str(), own.env_id.as_str()) == (at.kind, at.api_id, at.env_id)
            && slot.as_deref() == Some(at.slot)
    };
    let before = book.bindings.values().find(in_slot);
    if let Some(before) = before.filter(|before| before.policy_id == at.policy_id) {
        return Ok(before.clone());
    }
    if let Some(before) = before {
        change.touch(Subject::new(audited(at.kind), before.policy_id.clone(), "")).await?;
    }
    let created = timestamp(micros(model::time::now()))?;
    let binding = Binding {
        id: auth::keys::id(),
        kind: at.kind,
        policy_id: at.policy_id.to_owned(),
        api_id: at.api_id.to_owned(),
        env_id: at.env_id.to_owned(),
        created,
    };
    let clear = Write::new("DELETE FROM policy_bindings WHERE api_id = $1 AND env_id = $2 AND kind = $3 AND slot = $4");
    clear.text(at.api_id).text(at.env_id).text(at.kind.code()).text(at.slot).execute(change).await?;
    let insert = Write::new(
        "INSERT INTO policy_bindings (id, kind, slot, policy_id, api_id, env_id, created) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    );
    let insert = insert.text(&binding.id).text(at.kind.code()).text(at.slot).text(at.policy_id);
    insert.text(at.api_id).text(at.env_id).number(micros(created)).execute(change).await?;
    Ok(binding)
}

fn named_slot(book: &Book, binding: &Binding) -> Option<String> {
    let id = &binding.policy_id;
    match binding.kind {
        Kind::Throttle => Some(String::new()),
        Kind::Acl => book.acls.get(id).map(|one| one.entity.code().to_owned()),
        Kind::Plugin => book.plugins.get(id).map(|one| one.kind.code().to_owned()),
    }
}

#[derive(FromRow)]
struct Row {
    publish_id: String,
    api_id: String,
    env_id: String,
    stage: String,
    name: String,
    definition: String,
}

impl Row {
    fn read(self) -> Result<Reachable, Error> {
        Ok(Reachable {
            definition: apis::read(&self.api_id, &self.definition)?,
            publish_id: self.publish_id,
            api_id: self.api_id,
            env_id: self.env_id,
            env_name: self.stage,
            group_name: self.name,
        })
    }
}
