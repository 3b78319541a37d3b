//! Tags: those of a function, of a project's functions, and functions by their tags.

mod find;
mod rules;

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, State as Extract};
use http::StatusCode;
use http::request::Parts;
use model::function::Function;
use wire::codes::{self, Code};
use wire::fgs::tags::{
    self as shape, ProjectTags, Resources, ResourcesRequest, Tag, TagValues, Tags, UpdateTagsRequest,
};

pub(crate) use self::rules::of_new_function;
use crate::body::{self, Payload, Rules};
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::router::Routes;
use crate::signature::Caller;
use crate::state::State;
use crate::target::{Target, parameter};

/// The only resource there is.
const FUNCTIONS: &str = "functions";
/// The platform's own tag of each function.
const ENTERPRISE_PROJECT: &str = "_sys_enterprise_project_id";
/// How the bodies are read.
const RULES: Rules = Rules { inside: "", code_of, not_there: &["sys_tags"] };

pub(crate) fn routes(routes: &mut Routes) {
    routes
        .on(shape::LIST, list)
        .on(shape::CREATE, create)
        .on(shape::DELETE, delete)
        .on(shape::OF_PROJECT, of_project)
        .on(shape::RESOURCES, resources);
}

async fn list(Extract(state): Extract<State>, Tagged(function): Tagged) -> Result<Json<Tags>, Error> {
    let own = state.store.tags(&function.id.project).await?.remove(&function.func_id).unwrap_or_default();
    Ok(Json(Tags { tags: find::listed(&own), sys_tags: find::of_platform(&function) }))
}

async fn create(
    Extract(state): Extract<State>,
    Tagged(function): Tagged,
    payload: Payload,
) -> Result<StatusCode, Error> {
    let mut problems = Problems::default();
    let request: UpdateTagsRequest = body::read(&payload.0, RULES, &mut problems);
    let tags = rules::to_add(request, &mut problems);
    problems.finish()?;
    state.store.add_tags(&function.id, tags).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn delete(
    Extract(state): Extract<State>,
    Tagged(function): Tagged,
    payload: Payload,
) -> Result<StatusCode, Error> {
    let mut problems = Problems::default();
    let request: UpdateTagsRequest = body::read(&payload.0, RULES, &mut problems);
    let tags = rules::to_remove(request, &mut problems);
    problems.finish()?;
    state.store.remove_tags(&function.id, tags).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn of_project(Extract(state): Extract<State>, caller: Caller, _: Functions) -> Result<Json<ProjectTags>, Error> {
    let found = find::Found::all(&state, &caller.project).await?;
    Ok(Json(ProjectTags { tags: find::united(found.own()), sys_tags: find::united(found.of_platform()) }))
}

async fn resources(
    Extract(state): Extract<State>,
    caller: Caller,
    _: Functions,
    Action(action): Action,
    payload: Payload,
) -> Result<Json<Resources>, Error> {
    let mut problems = Problems::default();
    let request: ResourcesRequest = body::read(&payload.0, Rules::new("", code_of), &mut problems);
    let wanted = find::Wanted::read(request, &action, &mut problems);
    problems.finish()?;
    let found = find::Found::all(&state, &caller.project).await?;
    Ok(Json(found.matching(&wanted).page(&wanted)))
}

fn code_of(_: &str) -> Code {
    codes::INVALID
}

/// The path is about functions.
struct Functions;

impl FromRequestParts<State> for Functions {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Error> {
        let kind = parameter(parts, &["resource_type"]).await?;
        match kind == FUNCTIONS {
            true => Ok(Self),
            false => {
                Err(Error::new(codes::INVALID, format!("resource_type must be {FUNCTIONS}, not {}", quoted(&kind))))
            }
        }
    }
}

/// The function whose tags a path names: by its URN, or by its `resource_id`.
struct Tagged(Arc<Function>);

impl FromRequestParts<State> for Tagged {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Error> {
        Functions::from_request_parts(parts, state).await?;
        let caller = Caller::from_request_parts(parts, state).await?;
        let text = parameter(parts, &["resource_id"]).await?;
        let func_id = text.split(':').next().unwrap_or_default();
        if let Some(function) = state.store.functions(&caller.project).into_iter().find(|own| own.func_id == func_id) {
            // Only a URN tells the function before.
            caller.check_function(&function.id)?;
            return Ok(Self(function));
        }
        Target::read(&text, &caller, state.store.region())?.function(state).map(Self)
    }
}

/// `filter` or `count`.
struct Action(String);

impl FromRequestParts<State> for Action {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Error> {
        let action = parameter(parts, &["action"]).await?;
        match matches!(action.as_str(), "filter" | "count") {
            true => Ok(Self(action)),
            false => {
                Err(Error::new(codes::INVALID, format!("action must be filter or count, not {}", quoted(&action))))
            }
        }
    }
}

/// A tag as the wire shows it.
fn tag(key: &str, value: &str) -> Tag {
    Tag { key: Some(key.to_owned()), value: Some(value.to_owned()) }
}

/// Names with their values as the wire shows them.
fn values(key: String, values: Vec<String>) -> TagValues {
    TagValues { key: Some(key), values: Some(values) }
}
