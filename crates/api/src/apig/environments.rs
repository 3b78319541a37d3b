//! Environments that APIs are published in. RELEASE is there from the start and stays.

use axum::Json;
use axum::extract::{FromRequestParts, State as Extract};
use http::StatusCode;
use http::request::Parts;
use wire::apig::environments::{self as shape, EnvironmentRequest, ListEnvironmentsResponse};

use super::rule::{self, Rule};
use super::{Instance, Page};
use crate::body::{self, Payload, Rules};
use crate::error::Error;
use crate::problems::Problems;
use crate::query::Query;
use crate::router::Routes;
use crate::state::State;
use crate::target::parameter;

const NAME: &str = "3 to 64 letters, digits and '_' that begin with a letter";

pub(super) fn routes(routes: &mut Routes) {
    routes.on(shape::LIST, list).on(shape::CREATE, create).on(shape::UPDATE, update).on(shape::DELETE, delete);
}

async fn list(
    Extract(state): Extract<State>,
    instance: Instance,
    query: Query,
) -> Result<Json<ListEnvironmentsResponse>, Error> {
    let page = Page::read(&query)?;
    let mut environments = state.store.environments(&instance.project).await?;
    environments.retain(|one| query.text("name").is_none_or(|part| one.name.contains(part)));
    let (envs, size, total) = page.cut(environments, view);
    Ok(Json(ListEnvironmentsResponse { size, total, envs }))
}

async fn create(
    Extract(state): Extract<State>,
    instance: Instance,
    payload: Payload,
) -> Result<(StatusCode, Json<shape::Environment>), Error> {
    let (name, remark) = read(&payload)?;
    let made = state.store.create_environment(&instance.project, &name, &remark.unwrap_or_default()).await?;
    Ok((StatusCode::CREATED, Json(view(made))))
}

async fn update(
    Extract(state): Extract<State>,
    instance: Instance,
    named: Named,
    payload: Payload,
) -> Result<Json<shape::Environment>, Error> {
    let (name, remark) = read(&payload)?;
    let changed = state.store.update_environment(&instance.project, &named.0, &name, remark.as_deref()).await?;
    Ok(Json(view(changed)))
}

async fn delete(Extract(state): Extract<State>, instance: Instance, named: Named) -> Result<StatusCode, Error> {
    state.store.delete_environment(&instance.project, &named.0).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The environment a path names.
#[derive(Debug)]
struct Named(String);

impl<S: Sync> FromRequestParts<S> for Named {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Ok(Self(parameter(parts, &["env_id"]).await?))
    }
}

fn read(payload: &Payload) -> Result<(String, Option<String>), Error> {
    let mut problems = Problems::default();
    let request: EnvironmentRequest = body::read(&payload.0, Rules::new("", rule::code_of), &mut problems);
    let mut rule = Rule { problems: &mut problems };
    let name = rule.required("name", NAME, request.name, is_name);
    let remark = rule.remark("remark", request.remark, 255);
    problems.finish()?;
    Ok((name, remark))
}

fn is_name(name: &str) -> bool {
    (3..=64).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn view(environment: store::apig::Environment) -> shape::Environment {
    let store::apig::Environment { id, name, remark, created } = environment;
    shape::Environment { create_time: super::time(created), name, remark, id }
}
