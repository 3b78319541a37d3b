//! Everybody who calls with something of their own: read into [`Callers`] with the secrets opened, changed by rules over it.

use std::collections::BTreeMap;
use std::sync::Arc;

use auth::seal::Key;
use model::apig::app::{App, Client, Code, Grant};
use model::apig::authorizer::Authorizer;
use model::secret::Secret;
use model::snapshot::{Callers, Fingerprint};
use sha2::{Digest as _, Sha256};
use sqlx::{FromRow, SqliteConnection};

use crate::audit::{Kind, Subject};
use crate::change::{Change, Extent};
use crate::credentials;
use crate::database::{failed, timestamp};
use crate::error::{Error, internal};
use crate::identity::Plan;
use crate::store::Store;

/// An app with its codes and what it may call.
pub(super) static APP: Kind = Kind {
    name: "App",
    rows: &[
        "SELECT name || ' ' || remark || ' ' || app_key || ' ' || app_secret || ' ' || COALESCE(acl, '') FROM apps WHERE id = $1",
        "SELECT id || ' ' || code FROM app_codes WHERE app = $1 ORDER BY id",
        "SELECT id || ' ' || api || ' ' || env FROM app_auths WHERE app = $1 ORDER BY id",
    ],
};

/// A custom authorizer.
pub(super) static AUTHORIZER: Kind = Kind {
    name: "Authorizer",
    rows: &["SELECT name || ' ' || settings || ' ' || user_data FROM authorizers WHERE id = $1"],
};

impl Store {
    /// Who may call, as of the last change.
    pub fn callers(&self) -> Arc<Callers> {
        Arc::clone(self.inner.snapshots.load().callers())
    }

    /// Decides with what there is now (nobody else changes it meanwhile), then writes; nothing to write is no change.
    pub(super) async fn alter_callers<T: Send + 'static>(
        &self,
        subjects: Vec<Subject>,
        decide: impl FnOnce(&Callers) -> Result<Plan<T>, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.alter_more(Extent::Callers, subjects, decide).await
    }

    /// The same where more than callers changes.
    pub(super) async fn alter_more<T: Send + 'static>(
        &self,
        extent: Extent,
        subjects: Vec<Subject>,
        decide: impl FnOnce(&Callers) -> Result<Plan<T>, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let store = self.clone();
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            change.extent = extent;
            let Plan { writes, answer } = decide(&store.callers())?;
            if writes.is_empty() {
                return Ok(answer);
            }
            for subject in subjects {
                change.touch(subject).await?;
            }
            for write in writes {
                write.execute(&mut change).await?;
            }
            change.commit(|_| answer).await
        })
        .await
    }
}

/// What a secret text is looked up by.
pub(super) fn fingerprint(text: &str) -> Fingerprint {
    Sha256::digest(text).into()
}

/// The tables.
pub(crate) async fn load(connection: &mut SqliteConnection, key: &Key) -> Result<Callers, Error> {
    let read = || failed("cannot read who may call APIs");
    let apps: Vec<AppRow> = sqlx::query_as("SELECT * FROM apps").fetch_all(&mut *connection).await.map_err(read())?;
    let codes: Vec<CodeRow> = sqlx::query_as("SELECT * FROM app_codes ORDER BY created, id")
        .fetch_all(&mut *connection)
        .await
        .map_err(read())?;
    let grants: Vec<GrantRow> =
        sqlx::query_as("SELECT * FROM app_auths").fetch_all(&mut *connection).await.map_err(read())?;
    let mut clients = BTreeMap::new();
    for row in apps {
        let app = row.into_app(key)?;
        clients.insert(app.id.clone(), Client { app, codes: Vec::new(), grants: BTreeMap::new() });
    }
    for row in codes {
        if let Some(client) = clients.get_mut(&row.app) {
            client.codes.push(row.into_code(key)?);
        }
    }
    for GrantRow { id, app, api, env, created } in grants {
        if let Some(client) = clients.get_mut(&app) {
            client.grants.insert((api, env), Grant { id, created: timestamp(created)? });
        }
    }
    let callers = Callers::new(clients.into_values().collect(), fingerprint);
    Ok(callers.with_authorizers(load_authorizers(connection, key).await?))
}

async fn load_authorizers(connection: &mut SqliteConnection, key: &Key) -> Result<Vec<Authorizer>, Error> {
    let rows: Vec<AuthorizerRow> = sqlx::query_as("SELECT * FROM authorizers")
        .fetch_all(connection)
        .await
        .map_err(failed("cannot read the authorizers"))?;
    rows.into_iter().map(|row| row.into_authorizer(key)).collect()
}

/// What a sealed value is, and of what: bound into the bytes.
pub(super) fn context(what: &str, id: &str) -> String {
    format!("apig/{what}/{id}")
}

/// A sealed value of these tables.
pub(super) fn open(key: &Key, what: &str, id: &str, sealed: &str) -> Result<Secret, Error> {
    credentials::open(key, &context(what, id), sealed).map_err(|cause| {
        internal(
            format!("the {what} {id} cannot be opened: the key file is not the one this data folder was made with; put the right one back"),
            cause,
        )
    })
}

#[derive(FromRow)]
struct AppRow {
    id: String,
    project: String,
    name: String,
    remark: String,
    app_key: String,
    app_secret: String,
    acl: Option<String>,
    created: i64,
    modified: i64,
}

impl AppRow {
    fn into_app(self, key: &Key) -> Result<App, Error> {
        let acl = self.acl.map(|acl| {
            serde_json::from_str(&acl)
                .map_err(|cause| internal(format!("the stored access list of app {} cannot be read", self.id), cause))
        });
        Ok(App {
            secret: open(key, "app secret", &self.id, &self.app_secret)?,
            acl: acl.transpose()?,
            id: self.id,
            project: self.project,
            name: self.name,
            remark: self.remark,
            key: self.app_key,
            created: timestamp(self.created)?,
            modified: timestamp(self.modified)?,
        })
    }
}

#[derive(FromRow)]
struct CodeRow {
    id: String,
    app: String,
    code: String,
    created: i64,
}

impl CodeRow {
    fn into_code(self, key: &Key) -> Result<Code, Error> {
        let text = open(key, "app code", &self.id, &self.code)?;
        Ok(Code { id: self.id, text, created: timestamp(self.created)? })
    }
}

#[derive(FromRow)]
struct GrantRow {
    id: String,
    app: String,
    api: String,
    env: String,
    created: i64,
}

#[derive(FromRow)]
struct AuthorizerRow {
    id: String,
    project: String,
    name: String,
    settings: String,
    user_data: String,
    created: i64,
    modified: i64,
}

impl AuthorizerRow {
    fn into_authorizer(self, key: &Key) -> Result<Authorizer, Error> {
        let unreadable = |cause| internal(format!("the stored authorizer {} cannot be read", self.id), cause);
        Ok(Authorizer {
            settings: serde_json::from_str(&self.settings).map_err(unreadable)?,
            user_data: open(key, "user data", &self.id, &self.user_data)?,
            id: self.id,
            project: self.project,
            name: self.name,
            created: timestamp(self.created)?,
            modified: timestamp(self.modified)?,
        })
    }
}
