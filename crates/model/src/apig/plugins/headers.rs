//! Changes of response headers.

use http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;

use super::shape;

/// Headers of one document.
const HEADERS: usize = 10;
/// What frames a message, or is the gateway's own; whoever changed it would change what the message is.
const KEPT: [HeaderName; 5] =
    [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING, UPGRADE, HeaderName::from_static("x-request-id")];
const KEPT_PREFIXES: [&str; 4] = ["x-apig-", "x-cff-", "x-funcd-", "access-control-"];

/// What happens to a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// The value takes the place of whatever is there.
    Override,
    /// The value is put behind what is there, in one header, with a comma between.
    Append,
    /// The header goes.
    Delete,
    /// The value is set where no such header is.
    Skip,
    /// One more header.
    Add,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    name: HeaderName,
    value: HeaderValue,
    action: Action,
}

/// All of them, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseHeaders(Vec<Change>);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    response_headers: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    #[serde(default)]
    value: String,
    #[serde(default)]
    value_type: Option<String>,
    action: String,
}

impl ResponseHeaders {
    pub(super) fn read(text: &str) -> Result<Self, Vec<String>> {
        let document: Document = shape(text)?;
        let mut problems = Vec::new();
        let count = document.response_headers.len();
        if !(1..=HEADERS).contains(&count) {
            problems.push(format!("response_headers must have 1 to {HEADERS} entries, not {count}"));
        }
        let mut changes: Vec<Change> = Vec::new();
        for (number, entry) in document.response_headers.into_iter().enumerate() {
            match entry.read() {
                Ok(change) if changes.iter().any(|other| other.name == change.name) => {
                    problems.push(format!("response_headers[{number}].name '{}' is there twice", change.name));
                }
                Ok(change) => changes.push(change),
                Err(problem) => problems.push(format!("response_headers[{number}].{problem}")),
            }
        }
        if problems.is_empty() { Ok(Self(changes)) } else { Err(problems) }
    }

    /// Changes the headers of a response.
    pub fn apply(&self, headers: &mut HeaderMap) {
        for Change { name, value, action } in &self.0 {
            match action {
                Action::Override => {
                    headers.insert(name, value.clone());
                }
                Action::Append => append(headers, name, value),
                Action::Delete => {
                    headers.remove(name);
                }
                Action::Skip => {
                    headers.entry(name).or_insert_with(|| value.clone());
                }
                Action::Add => {
                    headers.append(name, value.clone());
                }
            }
        }
    }
}

fn append(headers: &mut HeaderMap, name: &HeaderName, value: &HeaderValue) {
    let mut all: Vec<&[u8]> = headers.get_all(name).iter().map(HeaderValue::as_bytes).collect();
    all.push(value.as_bytes());
    if let Ok(joined) = HeaderValue::from_bytes(&all.join(&b","[..])) {
        headers.insert(name, joined);
    }
}

impl Entry {
    fn read(self) -> Result<Change, String> {
        let Ok(name) = self.name.parse::<HeaderName>() else {
            return Err(format!("name '{}' is not a header's name", self.name.escape_debug()));
        };
        if KEPT.contains(&name) || KEPT_PREFIXES.iter().any(|prefix| name.as_str().starts_with(prefix)) {
            return Err(format!("name '{name}' is a header of the gateway's own"));
        }
        if let Some(kind) = self.value_type.filter(|kind| kind != "custom_value") {
            return Err(format!("value_type must be custom_value, not '{}'", kind.escape_debug()));
        }
        let action = match self.action.as_str() {
            "override" => Action::Override,
            "append" => Action::Append,
            "delete" => Action::Delete,
            "skip" => Action::Skip,
            "add" => Action::Add,
            other => {
                return Err(format!(
                    "action must be override, append, delete, skip or add, not '{}'",
                    other.escape_debug()
                ));
            }
        };
        let value = HeaderValue::try_from(self.value).map_err(|_| "value has a character that no header may have")?;
        if value.is_empty() && action != Action::Delete {
            return Err("value is missing".to_owned());
        }
        Ok(Change { name, value, action })
    }
}
