//! Access keys: sealed in the database, in the clear in memory, because each API request is checked against one.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::secret::Secret;
use sqlx::SqliteConnection;

use crate::database::{Database, failed, micros};
use crate::error::{Error, internal};
use crate::store::Store;

/// An access key of this installation, with its secret in the clear.
#[derive(Clone, Debug)]
pub struct Credential {
    /// 20 characters.
    pub access_key: String,
    /// 40 characters.
    pub secret_key: Secret,
    /// Project it may act in.
    pub project: String,
}

impl Store {
    /// The credentials of a project, sorted by access key; from memory.
    pub async fn credentials(&self, project: &str) -> Result<Vec<Credential>, Error> {
        let mut found: Vec<_> = self.inner.credentials.values().filter(|own| own.project == project).cloned().collect();
        found.sort_by(|a, b| a.access_key.cmp(&b.access_key));
        Ok(found)
    }

    /// From memory.
    pub fn credential(&self, access_key: &str) -> Option<Credential> {
        self.inner.credentials.get(access_key).cloned()
    }
}

/// A credential for a project that has none.
pub(crate) async fn make_first(
    connection: &mut SqliteConnection,
    key: &auth::seal::Key,
    project: &str,
) -> Result<(), Error> {
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM credentials WHERE project = $1")
        .bind(project)
        .fetch_one(&mut *connection)
        .await
        .map_err(failed("cannot read the credentials"))?;
    if count > 0 {
        return Ok(());
    }
    let access_key = auth::keys::access_key();
    let secret_key = Secret::new(auth::keys::secret_key());
    sqlx::query("INSERT INTO credentials (access_key, project, secret_key, created) VALUES ($1, $2, $3, $4)")
        .bind(&access_key)
        .bind(project)
        .bind(seal(key, &context(project, &access_key), &secret_key))
        .bind(micros(model::time::now()))
        .execute(connection)
        .await
        .map_err(failed("cannot store the first credential"))?;
    Ok(())
}

/// All of them, by access key.
pub(crate) async fn load(database: &Database, key: &auth::seal::Key) -> Result<HashMap<String, Credential>, Error> {
    let rows: Vec<(String, String, String)> = sqlx::query_as("SELECT access_key, project, secret_key FROM credentials")
        .fetch_all(database.readers())
        .await
        .map_err(failed("cannot read the credentials"))?;
    rows.into_iter()
        .map(|(access_key, project, sealed)| {
            let secret_key = open(key, &context(&project, &access_key), &sealed).map_err(|cause| {
                internal(
                    format!("the secret of access key {access_key} cannot be opened: the key file is not the one this data folder was made with; put the right one back"),
                    cause,
                )
            })?;
            Ok((access_key.clone(), Credential { access_key, secret_key, project }))
        })
        .collect()
}

fn context(project: &str, access_key: &str) -> String {
    format!("{project}/{access_key}/secret_key")
}

/// A secret as the tables keep it.
pub(crate) fn seal(key: &auth::seal::Key, context: &str, secret: &Secret) -> String {
    STANDARD.encode(key.seal(context, secret.expose().as_bytes()))
}

/// And back. One error for every reason: none of them may say anything about the secret.
pub(crate) fn open(key: &auth::seal::Key, context: &str, sealed: &str) -> Result<Secret, auth::seal::Error> {
    let sealed = STANDARD.decode(sealed).map_err(|_| auth::seal::Error)?;
    let plain = key.open(context, &sealed)?;
    // On the rare error path the bytes are not wiped; they were never ours to begin with.
    String::from_utf8(plain).map(Secret::new).map_err(|_| auth::seal::Error)
}
