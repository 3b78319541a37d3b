//! APIs as they are edited: made, shown, listed, changed, deleted. What makes them answer is in [`super::publications`].

mod asked;
mod debug;
pub(super) mod definition;
mod parameters;
pub(super) mod view;

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{FromRequestParts, State as Extract};
use http::StatusCode;
use http::request::Parts;
use model::apig::{Definition, path};
use model::trigger::MatchMode;
use store::apig::Stored;
use wire::apig::apis::{self as shape, CheckApiRequest, ListApisResponse};
use wire::codes;

use super::rule::{self, Rule};
use super::{Instance, Page};
use crate::body::{self, Payload, Rules};
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::query::Query;
use crate::router::Routes;
use crate::signature::Policy;
use crate::state::State;
use crate::target::parameter;
use view::View;

pub(super) fn routes(routes: &mut Routes) {
    routes
        .on(shape::LIST, list)
        .on(shape::CREATE, create)
        .on(shape::CHECK, check)
        .on(shape::SHOW, show)
        .on(shape::UPDATE, update)
        .on(shape::DELETE, delete)
        .on_with(shape::DEBUG, Policy::event(), debug::debug);
}

async fn list(
    Extract(state): Extract<State>,
    instance: Instance,
    query: Query,
) -> Result<Json<ListApisResponse>, Error> {
    let page = Page::read(&query)?;
    let view = View::read(&state, &instance.project).await?;
    let mut apis = state.store.apis(&instance.project).await?;
    apis.retain(|stored| is_wanted(stored, &query));
    let (apis, size, total) = page.cut(apis, |stored| view.listed(&stored));
    Ok(Json(ListApisResponse { size, total, apis }))
}

async fn create(
    Extract(state): Extract<State>,
    instance: Instance,
    payload: Payload,
) -> Result<(StatusCode, Json<shape::Api>), Error> {
    let definition = definition::read(&state, &instance.project, &payload)?;
    let made = state.store.create_api(&instance.project, definition).await?;
    Ok((StatusCode::CREATED, shown(&state, &instance.project, &made.id).await?))
}

async fn check(Extract(state): Extract<State>, instance: Instance, payload: Payload) -> Result<StatusCode, Error> {
    let mut problems = Problems::default();
    let rules = Rules { not_there: &["roma_app_id"], ..Rules::new("", rule::code_of) };
    let request: CheckApiRequest = body::read(&payload.0, rules, &mut problems);
    let mut rule = Rule { problems: &mut problems };
    let given = request.r#type.clone().or_else(|| request.name.is_some().then(|| "name".to_owned()));
    let kind = rule.required("type", "path or name", given, |kind| matches!(kind, "path" | "name"));
    if kind == "name" {
        rule.required("name", rule::NAME, request.name.clone(), rule::is_name);
    } else {
        rule.required("group_id", "the id of an API group", request.group_id.clone(), |_| true);
        rule.required("req_method", definition::METHOD, request.req_method.clone(), definition::is_method);
        rule.required("req_uri", path::RULE, request.req_uri.clone(), path::is_valid_template);
        rule.required("match_mode", definition::MODE, request.match_mode.clone(), |mode| {
            matches!(mode, "SWA" | "NORMAL")
        });
    }
    problems.finish()?;
    let apis = state.store.apis(&instance.project).await?;
    let mut others = apis.iter().filter(|one| Some(&one.api.id) != request.api_id.as_ref());
    match others.find(|one| if kind == "name" { has_name(one, &request) } else { has_place(one, &request) }) {
        None => Ok(StatusCode::NO_CONTENT),
        Some(found) if kind == "name" => {
            let text = format!("the API name already exists, api_name:{}", found.api.definition.name);
            Err(Error::new(codes::apig::NAME_EXISTS, text))
        }
        Some(found) => {
            let Definition { name, path, .. } = &found.api.definition;
            let text = format!(
                "the API already exists: {name} ({}) has path {path} with this method and match mode",
                found.api.id
            );
            Err(Error::new(codes::apig::API_EXISTS, text))
        }
    }
}

async fn show(Extract(state): Extract<State>, instance: Instance, named: Named) -> Result<Json<shape::Api>, Error> {
    shown(&state, &instance.project, &named.0).await
}

async fn update(
    Extract(state): Extract<State>,
    instance: Instance,
    named: Named,
    payload: Payload,
) -> Result<Json<shape::Api>, Error> {
    let definition = definition::read(&state, &instance.project, &payload)?;
    state.store.update_api(&instance.project, &named.0, definition).await?;
    shown(&state, &instance.project, &named.0).await
}

async fn delete(Extract(state): Extract<State>, instance: Instance, named: Named) -> Result<StatusCode, Error> {
    state.store.delete_api(&instance.project, &named.0).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The API a path names.
#[derive(Debug)]
pub(super) struct Named(pub(super) String);

impl<S: Sync> FromRequestParts<S> for Named {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Ok(Self(parameter(parts, &["api_id"]).await?))
    }
}

/// An API of a project, with what is published of it.
pub(super) async fn find(state: &State, project: &str, id: &str) -> Result<Stored, Error> {
    let found = state.store.api(project, id).await?;
    found.ok_or_else(|| Error::new(codes::apig::API_MISSING, format!("API {} does not exist", quoted(id))))
}

async fn shown(state: &State, project: &str, id: &str) -> Result<Json<shape::Api>, Error> {
    let view = View::read(state, project).await?;
    Ok(Json(view.whole(&find(state, project, id).await?)))
}

/// Whether every filter of a listing fits. Of those that nobody here could fit, `vpc_channel_name` fits none.
fn is_wanted(stored: &Stored, query: &Query) -> bool {
    let definition = &stored.api.definition;
    let exact = query.text("precise_search").unwrap_or_default();
    let texts = BTreeMap::from([("name", definition.name.as_str()), ("req_uri", definition.path.as_str())]);
    let parts = texts.into_iter().all(|(field, own)| {
        let precise = exact.split(',').any(|one| one == field);
        query.text(field).is_none_or(|asked| if precise { own == asked } else { own.contains(asked) })
    });
    let (method, kind) = (definition.method_text(), definition.visibility.to_string());
    let same = [
        ("id", stored.api.id.as_str()),
        ("group_id", definition.group_id.as_str()),
        ("req_protocol", definition.protocol.as_str()),
        ("req_method", method.as_str()),
        ("auth_type", view::auth(definition.auth)),
        ("type", kind.as_str()),
        ("vpc_channel_name", ""),
    ];
    let environment = |asked: &str| stored.publications.iter().any(|one| one.env_id == asked);
    let labelled = |asked: &str| asked.split(',').all(|tag| definition.about.tags.iter().any(|own| own == tag));
    parts
        && same.into_iter().all(|(field, own)| query.text(field).is_none_or(|asked| own == asked))
        && query.text("env_id").is_none_or(environment)
        && query.text("tags").is_none_or(labelled)
}

fn has_name(stored: &Stored, request: &CheckApiRequest) -> bool {
    let definition = &stored.api.definition;
    request.group_id.as_ref().is_none_or(|group| *group == definition.group_id)
        && Some(&definition.name) == request.name.as_ref()
}

fn has_place(stored: &Stored, request: &CheckApiRequest) -> bool {
    let definition = &stored.api.definition;
    let mode = if definition.match_mode == MatchMode::Prefix { "SWA" } else { "NORMAL" };
    let shape = path::shape(request.req_uri.as_deref().unwrap_or_default());
    Some(&definition.group_id) == request.group_id.as_ref()
        && Some(mode) == request.match_mode.as_deref()
        && Some(definition.method_text().as_str()) == request.req_method.as_deref()
        && path::shape(&definition.path) == shape
}
