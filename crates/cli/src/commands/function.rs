//! A function as commands name and show it.

use anyhow::{Result, anyhow};
use wire::fgs::config::{self, Function};
use wire::fgs::triggers::{self, Trigger};

use crate::client::{Call, Client, Error};

/// The URN of what a user typed: a name, `package:name`, or a URN, without a version. Another short form is the service's to
/// read.
pub(super) fn urn(client: &Client, region: &str, typed: &str) -> String {
    if typed.starts_with("urn:") {
        return typed.strip_suffix(":latest").unwrap_or(typed).to_owned();
    }
    let (package, name) = typed.split_once(':').unwrap_or(("default", typed));
    if name.contains(':') {
        return typed.to_owned();
    }
    format!("urn:fss:{region}:{}:function:{package}:{name}", client.connection().project_id)
}

/// The function's configuration, if there is such a function.
pub(super) fn find(client: &Client, urn: &str) -> Result<Option<Function>> {
    match client.call(config::SHOW, Call::of(&[urn])) {
        Ok(function) => Ok(Some(function)),
        Err(error) if error.status() == Some(404) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// That there is no such function, and how to see which there are.
pub(super) fn absent(typed: &str) -> anyhow::Error {
    anyhow!("there is no function '{}': `funcd list` shows those there are", crate::output::escape(typed))
}

/// Tells an absent function from other failures.
pub(super) fn or_absent(error: Error, typed: &str) -> anyhow::Error {
    if error.status() == Some(404) { absent(typed) } else { error.into() }
}

/// The function's triggers.
pub(super) fn triggers(client: &Client, urn: &str) -> Result<Vec<Trigger>, Error> {
    client.call(triggers::LIST, Call::of(&[urn]))
}

/// Where the function can be called.
pub(super) fn urls(triggers: &[Trigger]) -> Vec<String> {
    triggers.iter().filter_map(|trigger| trigger.event_data.invoke_url.clone()).collect()
}

/// The variables of a function, from the JSON text they travel as.
pub(super) fn variables(user_data: &str) -> Result<serde_json::Map<String, serde_json::Value>> {
    if user_data.is_empty() {
        return Ok(serde_json::Map::new());
    }
    Ok(serde_json::from_str(user_data)?)
}
