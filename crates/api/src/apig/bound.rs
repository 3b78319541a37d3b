//! What policies are bound to, as their lists show it: APIs in the environments where they are published.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;
use model::apig::Definition;
use model::apig::policies::{Binding, Book, Kind};
use serde::de::DeserializeOwned;
use store::apig::{Place, Reachable};
use wire::apig::throttles::{UnbindFailure, UnbindResponse};
use wire::codes;

use super::rule::{self, Rule};
use crate::body::{self, Payload, Rules};
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::query::Query;
use crate::state::State;

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
fn fits(query: &Query, one: &Reachable) -> bool {
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
fn at<'a>(book: &'a Book, (kind, policy_id): (Kind, &str), one: &Reachable) -> Option<&'a Binding> {
    book.bindings.values().find(|binding| {
        (binding.kind, binding.policy_id.as_str()) == (kind, policy_id)
            && (binding.api_id.as_str(), binding.env_id.as_str()) == (one.api_id.as_str(), one.env_id.as_str())
    })
}

/// Published APIs that a query asks for.
#[derive(Debug)]
pub(super) struct Apis<'a> {
    /// Where a policy is bound, with the bindings.
    pub(super) bound: Vec<(Reachable, &'a Binding)>,
    /// Where it is not.
    pub(super) free: Vec<Reachable>,
}

impl<'a> Apis<'a> {
    pub(super) async fn of(
        state: &State,
        project: &str,
        (book, kind, policy_id): (&'a Book, Kind, &str),
        query: &Query,
    ) -> Result<Self, Error> {
        let (mut bound, mut free) = (Vec::new(), Vec::new());
        let all = state.store.reachable_apis(project).await?;
        for one in all.into_iter().filter(|one| fits(query, one)) {
            match at(book, (kind, policy_id), &one) {
                Some(binding) => bound.push((one, binding)),
                None => free.push(one),
            }
        }
        Ok(Self { bound, free })
    }
}

/// Bindings of one kind at an API, with the names of their environments, in those that a query asks for.
pub(super) async fn at_api<'a>(
    state: &State,
    project: &str,
    (book, kind, api_id): (&'a Book, Kind, &str),
    query: &Query,
) -> Result<Vec<(&'a Binding, String)>, Error> {
    let all = state.store.reachable_apis(project).await?;
    let mut found = Vec::new();
    for binding in book.bound(kind).into_iter().filter(|binding| binding.api_id == api_id) {
        let env = all.iter().find(|one| one.api_id == api_id && one.env_id == binding.env_id);
        let env_name = env.map(|one| one.env_name.clone()).unwrap_or_default();
        if wanted(query, "env_id", &binding.env_id) && wanted(query, "env_name", &env_name) {
            found.push((binding, env_name));
        }
    }
    Ok(found)
}

/// `publish_ids`: at least one.
pub(super) fn places(rule: &mut Rule<'_>, ids: Option<Vec<String>>) -> Vec<Place> {
    let ids = ids.unwrap_or_default();
    let text = "publish_ids is missing: ids of publications of APIs";
    if ids.is_empty() {
        rule.problems.missing("publish_ids", codes::apig::MANDATORY, text);
    }
    ids.into_iter().map(Place::Publication).collect()
}

/// Undoes the bindings that a body names, each for itself.
pub(super) async fn unbind_all<T: DeserializeOwned + Default>(
    (state, project, kind): (&State, &str, Kind),
    query: &Query,
    payload: &Payload,
    ids: fn(T) -> Option<Vec<String>>,
) -> Result<Json<UnbindResponse>, Error> {
    check_delete(query)?;
    let mut problems = Problems::default();
    let request: T = body::read(&payload.0, Rules::new("", rule::code_of), &mut problems);
    problems.finish()?;
    let mut answer = UnbindResponse::default();
    for id in ids(request).unwrap_or_default() {
        match state.store.unbind_policy(project, kind, &id).await.map_err(Error::from) {
            Ok(()) => answer.success_count += 1,
            Err(error) => answer.failure.push(UnbindFailure {
                bind_id: id,
                error_code: error.code().text.to_owned(),
                error_msg: error.message().to_owned(),
                ..UnbindFailure::default()
            }),
        }
    }
    Ok(Json(answer))
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
