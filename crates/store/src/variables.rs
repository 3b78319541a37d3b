//! Encrypted variables of functions: sealed on the way in, kept sealed in the tables and in the Snapshot, and opened for an instance
//! that starts, one version at a time.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::function::{Config, Version};
use model::secret::{Guarded, Sealed, Secret};
use model::urn::FunctionId;

use crate::credentials;
use crate::error::{Error, internal};
use crate::functions::json;
use crate::store::{Inner, Store};

impl Store {
    /// Opens the encrypted variables of a version. Needs nothing but the key: it also works once the store is closed.
    pub fn open_variables(&self) -> impl Fn(&Version) -> Result<BTreeMap<String, Secret>, Error> + Send + Sync + use<> {
        let key = self.inner.key.clone();
        move |version| {
            let sealed = version.config.encrypted_user_data.iter();
            let opened = sealed.map(|(name, value)| match open(&key, value) {
                Ok(opened) => Ok((name.clone(), opened)),
                Err(cause) => Err(unopened(&version.function, name, cause)),
            });
            opened.collect()
        }
    }
}

fn unopened(id: &FunctionId, name: &str, cause: auth::seal::Error) -> Error {
    let why = "the key file is not the one it was sealed with, or the row was changed";
    internal(format!("encrypted_user_data {name} of {id} cannot be opened: {why}"), cause)
}

fn open(key: &auth::seal::Key, value: &Guarded) -> Result<Secret, auth::seal::Error> {
    match value {
        Guarded::Sent(secret) => Ok(secret.clone()),
        Guarded::Sealed(sealed) => credentials::open(key, &sealed.context, &sealed.text),
    }
}

/// Whether two hold the same text. What cannot be opened is the same as nothing.
pub(crate) fn same(inner: &Inner, one: &Guarded, other: &Guarded) -> bool {
    matches!((open(&inner.key, one), open(&inner.key, other)), (Ok(one), Ok(other)) if one == other)
}

/// Which value of which function: bound into the sealed bytes, so that they open nowhere else. Its versions have it in common.
fn context(project: &str, func_id: &str, name: &str) -> String {
    format!("{project}/{func_id}/encrypted_user_data/{name}")
}

/// As the tables keep them. What was sealed for this very place stays as it is, unopened.
pub(crate) fn seal(inner: &Inner, project: &str, func_id: &str, config: &Config) -> Result<String, Error> {
    let seal = |(name, value): (&String, &Guarded)| {
        let context = context(project, func_id, name);
        let text = match value {
            Guarded::Sealed(sealed) if *sealed.context == *context => sealed.text.to_string(),
            value => {
                let unreadable =
                    |cause| internal(format!("encrypted_user_data {name} of another function cannot be opened"), cause);
                credentials::seal(&inner.key, &context, &open(&inner.key, value).map_err(unreadable)?)
            }
        };
        Ok((name.clone(), text))
    };
    json(&config.encrypted_user_data.iter().map(seal).collect::<Result<BTreeMap<_, _>, Error>>()?)
}

/// As the Snapshot holds them.
pub(crate) fn read(id: &FunctionId, func_id: &str, stored: &str) -> Result<BTreeMap<String, Guarded>, Error> {
    let sealed: BTreeMap<String, Arc<str>> = serde_json::from_str(stored)
        .map_err(|cause| internal(format!("the stored encrypted_user_data of {id} cannot be read"), cause))?;
    let guarded = sealed.into_iter().map(|(name, text)| {
        let context = context(&id.project, func_id, &name).into();
        (name, Guarded::Sealed(Sealed { context, text }))
    });
    Ok(guarded.collect())
}
