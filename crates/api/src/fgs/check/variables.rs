//! Environment variables of a function: `user_data` and `encrypted_user_data`, JSON objects as text.

use std::collections::BTreeMap;

use model::function::Config;
use model::limits;
use model::secret::Secret;
use serde_json::Value;
use wire::codes;
use zeroize::Zeroizing;

use crate::problems::{Problems, quoted};

/// Replaces the variables that are given: first the plain ones, then those to be sealed.
pub(super) fn apply((plain, sealed): (Option<String>, Option<String>), config: &mut Config, problems: &mut Problems) {
    if let Some(text) = plain {
        config.user_data = read("user_data", &text, problems);
        let own = super::super::config::object(&config.user_data);
        config.user_data_text = Some(text).filter(|text| *text != own).unwrap_or_default();
    }
    if let Some(text) = sealed.map(Zeroizing::new) {
        let old = std::mem::take(&mut config.encrypted_user_data);
        let keep = |(name, value): (String, String)| match old.get(&name).filter(|_| value.is_empty()) {
            // Answers are blank, so a client that writes back what it read means the value it could not see.
            Some(kept) => (name, kept.clone()),
            None => (name, Secret::new(value).into()),
        };
        config.encrypted_user_data = read("encrypted_user_data", &text, problems).into_iter().map(keep).collect();
    }
    for name in config.encrypted_user_data.keys().filter(|name| config.user_data.contains_key(*name)) {
        problems.add(codes::USER_DATA, format!("variable {name} is in user_data and in encrypted_user_data"));
    }
}

/// Names that the platform sets (`behaviour.md` 1.2).
const RESERVED: &[&str] = &[
    "EXTENSION_API_ADDR",
    "PRE_STOP_TIMEOUT",
    "RUNTIME_ALIAS",
    "RUNTIME_API_ADDR",
    "RUNTIME_CODE_ROOT",
    "RUNTIME_CPU",
    "RUNTIME_FUNC_NAME",
    "RUNTIME_FUNC_VERSION",
    "RUNTIME_HANDLER",
    "RUNTIME_INITIALIZER_HANDLER",
    "RUNTIME_INITIALIZER_TIMEOUT",
    "RUNTIME_LOG_DIR",
    "RUNTIME_MAX_REQUEST_BODY_SIZE",
    "RUNTIME_MAX_RESP_BODY_SIZE",
    "RUNTIME_MAX_STATE_SIZE",
    "RUNTIME_MEMORY",
    "RUNTIME_PACKAGE",
    "RUNTIME_PRESTOP_HANDLER",
    "RUNTIME_PROJECT_ID",
    "RUNTIME_ROOT",
    "RUNTIME_TIMEOUT",
    "RUNTIME_USERDATA",
];

/// Variables from a JSON object as text; no value appears in a message.
fn read(field: &str, text: &str, problems: &mut Problems) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    if text.trim().is_empty() {
        return found;
    }
    let chars = text.chars().count();
    problems.unless(chars <= limits::USER_DATA_CHARS, codes::USER_DATA_SIZE, || {
        format!("{field} must have at most {} characters, not {chars}", limits::USER_DATA_CHARS)
    });
    let Ok(object) = serde_json::from_str::<BTreeMap<String, Value>>(text) else {
        problems.add(codes::USER_DATA, format!("{field} must be a JSON object as text, such as {{\"KEY\":\"value\"}}"));
        return found;
    };
    problems.unless(object.len() <= limits::USER_DATA_ENTRIES, codes::USER_DATA_ENTRIES, || {
        format!("{field} must have at most {} variables, not {}", limits::USER_DATA_ENTRIES, object.len())
    });

    for (name, value) in object {
        check_name(field, &name, problems);
        match value {
            Value::String(value) if !value.contains('\0') => {
                found.insert(name, value);
            }
            _ => problems.add(
                codes::USER_DATA,
                format!("the value of {} in {field} must be text without a NUL character", quoted(&name)),
            ),
        }
    }
    found
}

fn check_name(field: &str, name: &str, problems: &mut Problems) {
    let fine = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    problems.unless(fine, codes::USER_DATA, || {
        let name = quoted(name);
        format!("a variable of {field} must be letters, digits and '_' and begin with a letter, not {name}")
    });
    problems.unless(!RESERVED.contains(&name), codes::USER_DATA, || {
        format!("variable {name} of {field} is set by the platform, choose another name")
    });
}
