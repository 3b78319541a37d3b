//! What a tag may be (`behaviour.md` 8.5).

use std::collections::BTreeMap;

use model::limits;
use serde_json::Value;
use wire::codes;
use wire::fgs::tags::{Tag, UpdateTagsRequest};

use crate::problems::{Problems, quoted};

/// The tags of a request to add some.
pub(super) fn to_add(request: UpdateTagsRequest, problems: &mut Problems) -> BTreeMap<String, String> {
    action(request.action.as_deref(), "create", problems);
    checked(request.tags, problems)
}

/// The names, and values where they are said, of a request to remove some.
pub(super) fn to_remove(request: UpdateTagsRequest, problems: &mut Problems) -> Vec<(String, Option<String>)> {
    action(request.action.as_deref(), "delete", problems);
    let tags = some(request.tags, problems).into_iter();
    tags.filter_map(|tag| match tag.key {
        Some(key) => Some((key, tag.value.filter(|value| !value.is_empty()))),
        None => {
            problems.add(codes::INVALID, "tags[].key is missing");
            None
        }
    })
    .collect()
}

/// `tags` of a new function: a list of objects with `key` and `value`, or an object of values by key, or either as text.
pub(crate) fn of_new_function(given: Option<Value>, problems: &mut Problems) -> BTreeMap<String, String> {
    let given = match given {
        Some(Value::String(text)) if text.trim().is_empty() => return BTreeMap::new(),
        Some(Value::String(text)) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        Some(Value::Null) | None => return BTreeMap::new(),
        Some(other) => other,
    };
    let tags = match &given {
        Value::Object(_) => serde_json::from_value::<BTreeMap<String, String>>(given)
            .map(|tags| tags.into_iter().map(|(key, value)| Tag { key: Some(key), value: Some(value) }).collect()),
        _ => serde_json::from_value::<Vec<Tag>>(given),
    };
    match tags {
        Ok(tags) if tags.is_empty() => BTreeMap::new(),
        Ok(tags) => checked(Some(tags), problems),
        Err(_) => {
            let text = r#"tags must be a list like [{"key":"team","value":"web"}], or an object like {"team":"web"}"#;
            problems.add(codes::INVALID, text);
            BTreeMap::new()
        }
    }
}

fn action(given: Option<&str>, own: &str, problems: &mut Problems) {
    problems.unless(given.is_none_or(|given| given == own || given.is_empty()), codes::INVALID, || {
        format!("action must be {own} at this path, not {}", quoted(given.unwrap_or_default()))
    });
}

fn some(tags: Option<Vec<Tag>>, problems: &mut Problems) -> Vec<Tag> {
    let tags = tags.unwrap_or_default();
    if tags.is_empty() {
        problems.missing("tags", codes::INVALID, "tags is missing: a list of objects with key and value");
    }
    problems.unless(tags.len() <= limits::TAGS, codes::INVALID, || {
        format!("tags must be at most {}, not {}", limits::TAGS, tags.len())
    });
    tags
}

fn checked(tags: Option<Vec<Tag>>, problems: &mut Problems) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for Tag { key, value } in some(tags, problems) {
        let (key, value) = (key.unwrap_or_default(), value.unwrap_or_default());
        check_key(&key, problems);
        check_value(&value, problems);
        if all.contains_key(&key) {
            problems.add(codes::INVALID, format!("the tag {} is there twice", quoted(&key)));
        }
        all.insert(key, value);
    }
    all
}

fn check_key(key: &str, problems: &mut Problems) {
    let length = (1..=limits::TAG_KEY_CHARS).contains(&key.chars().count());
    let edges = !key.starts_with(' ') && !key.ends_with(' ') && !key.starts_with("_sys_");
    let fine = length && edges && key.chars().all(is_plain);
    problems.unless(fine, codes::INVALID, || {
        format!(
            "a tag's key must be 1 to {} letters, digits, spaces and '_.:=+-@', without a space at either end and not begin \
             with _sys_, not {}",
            limits::TAG_KEY_CHARS,
            quoted(key)
        )
    });
}

fn check_value(value: &str, problems: &mut Problems) {
    let length = value.chars().count() <= limits::TAG_VALUE_CHARS;
    problems.unless(length && value.chars().all(|c| is_plain(c) || c == '/'), codes::INVALID, || {
        format!(
            "a tag's value must be at most {} letters, digits, spaces and '_.:/=+-@', not {}",
            limits::TAG_VALUE_CHARS,
            quoted(value)
        )
    });
}

fn is_plain(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, ' ' | '_' | '.' | ':' | '=' | '+' | '-' | '@')
}
