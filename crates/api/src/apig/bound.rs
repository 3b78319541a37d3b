//! What policies are bound to, as their lists show it: APIs in the environments where they are published.

use std::collections::BTreeMap;

use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;
use model::apig::Definition;
use model::apig::policies::{Binding, Book, Kind};
use store::apig::Reachable;
use wire::codes;

use crate::error::Error;
use crate::problems::quoted;
use crate::query::Query;

/// The parameters of a path, by name.
#[derive(Debug)]
pub(super) struct Ids(BTreeMap<String, String>);

impl Ids {
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }
}

impl<S: Sync> FromRequestParts<S> for Ids {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let params = RawPathParams::from_request_parts(parts, &()).await;
        let params = params.map_err(|_| Error::new(codes::BAD_REQUEST, "the path is not percent-encoded UTF-8"))?;
        Ok(Self(params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()))
    }
}

/// A query parameter that must be there.
pub(super) fn required<'a>(query: &'a Query, name: &str) -> Result<&'a str, Error> {
    let missing = || Error::new(codes::apig::MANDATORY, format!("query parameter {name} is missing"));
    query.text(name).ok_or_else(missing)
}

/// The `action` of an operation on several things at once.
pub(super) fn check_delete(query: &Query) -> Result<(), Error> {
    match required(query, "action")? {
        "delete" => Ok(()),
        other => {
            let text = format!("query parameter action must be delete, not {}", quoted(other));
            Err(Error::new(codes::apig::PARAMETER, text))
        }
    }
}

/// Whether a thing is the one a query asks for by `name`, if it does: a part of the name, or with `precise_search` all of it.
pub(super) fn named(query: &Query, name: &str, own: &str) -> bool {
    let precise = query.text("precise_search").is_some_and(|fields| fields.split(',').any(|field| field == name));
    match query.text(name) {
        Some(whole) if precise => whole == own,
        Some(part) => own.contains(part),
        None => true,
    }
}

/// Whether a thing has what a query asks for, if it does.
pub(super) fn wanted(query: &Query, name: &str, own: &str) -> bool {
    query.text(name).is_none_or(|text| text == own)
}

/// Whether a published API is one that a query asks for; of several tags one is enough.
pub(super) fn fits(query: &Query, one: &Reachable) -> bool {
    wanted(query, "env_id", &one.env_id)
        && wanted(query, "env_name", &one.env_name)
        && wanted(query, "group_id", &one.definition.group_id)
        && wanted(query, "api_id", &one.api_id)
        && wanted(query, "req_method", &method(&one.definition))
        && query.text("api_name").is_none_or(|part| one.definition.name.contains(part))
        && query.text("req_uri").is_none_or(|part| one.definition.path.contains(part))
        && query
            .text("tags")
            .is_none_or(|tags| tags.split(',').any(|tag| one.definition.about.tags.iter().any(|own| own == tag)))
}

/// The binding of a policy at a published API, if it is bound there.
pub(super) fn at<'a>(book: &'a Book, (kind, policy_id): (Kind, &str), one: &Reachable) -> Option<&'a Binding> {
    book.bindings.values().find(|binding| {
        (binding.kind, binding.policy_id.as_str()) == (kind, policy_id)
            && (binding.api_id.as_str(), binding.env_id.as_str()) == (one.api_id.as_str(), one.env_id.as_str())
    })
}

/// Published APIs where a policy is bound, with the bindings, and those where it is not.
pub(super) fn split<'a>(
    book: &'a Book,
    policy: (Kind, &str),
    all: Vec<Reachable>,
) -> (Vec<(Reachable, &'a Binding)>, Vec<Reachable>) {
    let (mut bound, mut free) = (Vec::new(), Vec::new());
    for one in all {
        match at(book, policy, &one) {
            Some(binding) => bound.push((one, binding)),
            None => free.push(one),
        }
    }
    (bound, free)
}

/// `req_method`.
pub(super) fn method(definition: &Definition) -> String {
    definition.method_text()
}

/// `auth_type`.
pub(super) fn auth(definition: &Definition) -> String {
    let text = serde_json::to_value(definition.auth).ok();
    text.as_ref().and_then(serde_json::Value::as_str).unwrap_or("NONE").to_owned()
}

/// Names of policies: 3 to 64 letters, digits and `_`, a letter first.
pub(super) const NAME: &str = "3 to 64 letters, digits and '_' that begin with a letter (letters of any script)";

pub(super) fn is_name(name: &str) -> bool {
    is_name_of(name, 64)
}

pub(super) fn is_name_of(name: &str, most: usize) -> bool {
    (3..=most).contains(&name.chars().count())
        && name.starts_with(char::is_alphabetic)
        && name.chars().all(|one| one.is_alphanumeric() || one == '_')
}
