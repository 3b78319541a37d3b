//! Bodies and queries of identity operations: an object in an object, each text within its limits.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use wire::codes;

use crate::body::{self, Payload, Rules};
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::query::Query;
use crate::state::State;

/// Characters of a description.
const DESCRIPTION: RangeInclusive<usize> = 0..=255;

/// The object `name` in the body's object, with everything wrong about it noted.
pub(super) fn object<T: DeserializeOwned + Default>(
    payload: &Payload,
    name: &'static str,
    problems: &mut Problems,
) -> T {
    let fields: Option<BTreeMap<String, &RawValue>> = serde_json::from_slice(&payload.0).ok();
    let inside = fields.as_ref().and_then(|fields| fields.get(name));
    let (Some(fields), Some(inside)) = (&fields, inside) else {
        problems.unread("", codes::IAM_INVALID, format!("the body must be a JSON object with an object '{name}'"));
        return T::default();
    };
    for other in fields.keys().filter(|other| *other != name) {
        problems.add(codes::IAM_INVALID, format!("{} is not a known field", quoted(other)));
    }
    body::read(inside.get().as_bytes(), Rules::new(name, |_| codes::IAM_INVALID), problems)
}

/// A name that must be there: letters, digits, blanks, `-`, `_`, `.`, and whatever else is no control character or punctuation that
/// paths and policies use.
pub(super) fn name(field: &str, text: Option<&str>, most: usize, problems: &mut Problems) -> String {
    let Some(text) = text else {
        problems.missing(field, codes::IAM_INVALID, format!("{field} is missing"));
        return String::new();
    };
    optional_name(field, Some(text), most, problems).unwrap_or_default()
}

/// The same, if it is given.
pub(super) fn optional_name(field: &str, text: Option<&str>, most: usize, problems: &mut Problems) -> Option<String> {
    let text = text?;
    let good = |one: char| one.is_alphanumeric() || matches!(one, ' ' | '-' | '_' | '.');
    let fits = (1..=most).contains(&text.chars().count()) && text.chars().all(good) && text.trim() == text;
    problems.unless(fits, codes::IAM_INVALID, || {
        format!("{field} must be 1 to {most} letters, digits, blanks, '-', '_' or '.', not {}", quoted(text))
    });
    Some(text.to_owned())
}

/// A description, if it is given.
pub(super) fn description(field: &str, text: Option<String>, problems: &mut Problems) -> Option<String> {
    short(field, text, DESCRIPTION, problems)
}

/// A text of so many characters, none of them a control character or one of `@#$%^&*<>\`, if it is given.
pub(super) fn short(
    field: &str,
    text: Option<String>,
    chars: RangeInclusive<usize>,
    problems: &mut Problems,
) -> Option<String> {
    let text = text?;
    let fits = chars.contains(&text.chars().count()) && !text.chars().any(|one| one.is_control() || one == '<');
    problems.unless(fits, codes::IAM_INVALID, || {
        format!("{field} must be {} to {} printable characters without '<'", chars.start(), chars.end())
    });
    Some(text)
}

/// A domain, if it is named, is the one there is.
pub(super) fn domain(field: &str, id: Option<&str>, state: &State, problems: &mut Problems) {
    let wrong = id.filter(|id| *id != state.store.domain());
    if let Some(id) = wrong {
        let text = format!("{field}: there is no domain {}; the one here is {}", quoted(id), state.store.domain());
        problems.add(codes::IAM_INVALID, text);
    }
}

/// A flag of a query; none if it is missing.
pub(super) fn flag(query: &Query, name: &str) -> Result<Option<bool>, Error> {
    match query.text(name) {
        None => Ok(None),
        Some("true" | "1") => Ok(Some(true)),
        Some("false" | "0") => Ok(Some(false)),
        Some(other) => Err(Error::new(
            codes::IAM_INVALID,
            format!("query parameter {name} must be true or false, not {}", quoted(other)),
        )),
    }
}

/// One page of a list: `page` from 1 and `per_page` up to 300 (5,000 for projects); without both everything.
pub(super) fn page<T>(all: Vec<T>, query: &Query) -> Result<Vec<T>, Error> {
    let mut problems = Problems::default();
    let given = (query.text("page").is_some(), query.text("per_page").is_some());
    let page = query.bounded("page", (1, 1, i64::from(i32::MAX)), &mut problems);
    let size = query.bounded("per_page", (1, 300, 5000), &mut problems);
    if given.0 != given.1 {
        problems.add(codes::IAM_INVALID, "query parameters page and per_page go together");
    }
    problems.finish()?;
    if !given.0 {
        return Ok(all);
    }
    Ok(all.into_iter().skip(size.saturating_mul(page.saturating_sub(1))).take(size).collect())
}

/// The path's parameters.
#[derive(Clone, Debug)]
pub(super) struct Path(BTreeMap<String, String>);

impl Path {
    /// The value of one; empty if the path has no such parameter.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }
}

impl<S: Sync> FromRequestParts<S> for Path {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let params = RawPathParams::from_request_parts(parts, &()).await;
        let params = params.map_err(|_| Error::new(codes::IAM_INVALID, "the path is not percent-encoded UTF-8"))?;
        Ok(Self(params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()))
    }
}
