//! What makes APIs answer: publish, take offline, several at once, versions, and which of them answers.

use axum::Json;
use axum::extract::{FromRequestParts, State as Extract};
use http::StatusCode;
use http::request::Parts;
use model::trigger::RELEASE_ENV_ID;
use store::apig::{Stored, Version};
use wire::apig::apis::{
    self as shape, ActionRequest, BatchFailure, BatchRequest, BatchResponse, ListVersionsResponse, Publication,
    SwitchRequest,
};
use wire::codes;

use super::apis::view::{self, View};
use super::apis::{Named, find};
use super::rule::{self, Rule};
use super::{Instance, Page};
use crate::body::{self, Payload, Rules};
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::query::Query;
use crate::router::Routes;
use crate::state::State;
use crate::target::parameter;

/// APIs of one batch.
const BATCH: usize = 1000;
const ENVIRONMENT: &str = "the id of an environment";

pub(super) fn routes(routes: &mut Routes) {
    routes
        .on(shape::ACTION, action)
        .on(shape::BATCH, batch)
        .on(shape::LIST_VERSIONS, versions)
        .on(shape::SWITCH_VERSION, switch)
        .on(shape::RUNTIME, runtime)
        .on(shape::SHOW_VERSION, version)
        .on(shape::DELETE_VERSION, delete_version);
}

async fn action(
    Extract(state): Extract<State>,
    instance: Instance,
    payload: Payload,
) -> Result<(StatusCode, Json<Publication>), Error> {
    let mut problems = Problems::default();
    let request: ActionRequest = body::read(&payload.0, Rules::new("", rule::code_of), &mut problems);
    let mut rule = Rule { problems: &mut problems };
    let online = rule.required("action", "online or offline", request.action, is_action) == "online";
    let order = Order {
        online,
        env_id: rule.required("env_id", ENVIRONMENT, request.env_id, |_| true),
        remark: rule.remark("remark", request.remark, 255).unwrap_or_default(),
    };
    let api_id = rule.required("api_id", "the id of an API", request.api_id, |_| true);
    problems.finish()?;
    Ok((StatusCode::CREATED, Json(order.run(&state, &instance.project, &api_id).await?)))
}

async fn batch(
    Extract(state): Extract<State>,
    instance: Instance,
    query: Query,
    payload: Payload,
) -> Result<Json<BatchResponse>, Error> {
    let mut problems = Problems::default();
    let request: BatchRequest = body::read(&payload.0, Rules::new("", rule::code_of), &mut problems);
    let mut rule = Rule { problems: &mut problems };
    let given = query.text("action").map(str::to_owned);
    let online = rule.required("query parameter action", "online or offline", given, is_action) == "online";
    let order = Order {
        online,
        env_id: rule.required("env_id", ENVIRONMENT, request.env_id, |_| true),
        remark: rule.remark("remark", request.remark, 255).unwrap_or_default(),
    };
    let mut ids = request.apis.unwrap_or_default();
    let group = request.group_id.filter(|group| !group.is_empty());
    if ids.is_empty() && group.is_none() {
        rule.problems.missing("apis", codes::apig::MANDATORY, "apis is missing, and so is group_id");
    }
    rule.wrong_unless(ids.len() <= BATCH, || format!("apis must be at most {BATCH}, not {}", ids.len()));
    problems.finish()?;
    let all = state.store.apis(&instance.project).await?;
    if let Some(group) = group.filter(|_| ids.is_empty()) {
        let of_group = all.iter().filter(|one| one.api.definition.group_id == group);
        ids = of_group.map(|one| one.api.id.clone()).collect();
    }
    let mut response = BatchResponse::default();
    for id in ids {
        match order.run(&state, &instance.project, &id).await {
            Ok(publication) => response.success.push(publication),
            Err(error) if error.code().status >= 500 => return Err(error),
            Err(error) => response.failure.push(failure(&all, id, &error)),
        }
    }
    Ok(Json(response))
}

async fn versions(
    Extract(state): Extract<State>,
    instance: Instance,
    named: Named,
    query: Query,
) -> Result<Json<ListVersionsResponse>, Error> {
    let page = Page::read(&query)?;
    find(&state, &instance.project, &named.0).await?;
    let environments = state.store.environments(&instance.project).await?;
    let name = |id: &str| environments.iter().find(|one| one.id == id).map(|one| one.name.clone()).unwrap_or_default();
    let mut versions = state.store.api_versions(&instance.project, &named.0).await?;
    versions.retain(|one| {
        query.text("env_id").is_none_or(|id| one.env_id == id)
            && query.text("env_name").is_none_or(|asked| name(&one.env_id) == asked)
    });
    let (api_versions, size, total) = page.cut(versions, |one| listed(one, &name));
    Ok(Json(ListVersionsResponse { size, total, api_versions }))
}

async fn switch(
    Extract(state): Extract<State>,
    instance: Instance,
    named: Named,
    payload: Payload,
) -> Result<Json<Publication>, Error> {
    let mut problems = Problems::default();
    let request: SwitchRequest = body::read(&payload.0, Rules::new("", rule::code_of), &mut problems);
    let mut rule = Rule { problems: &mut problems };
    let id = rule.required("version_id", "the id of a version", request.version_id, |_| true);
    problems.finish()?;
    state.store.switch_api_version(&instance.project, &named.0, &id).await?;
    let stored = find(&state, &instance.project, &named.0).await?;
    let found = stored.publications.iter().find(|one| one.version_id == id);
    let found = found.ok_or_else(|| Error::internal("the version that was switched to does not answer"))?;
    Ok(Json(published(&stored, found)))
}

async fn runtime(
    Extract(state): Extract<State>,
    instance: Instance,
    named: Named,
    query: Query,
) -> Result<Json<shape::Api>, Error> {
    let stored = find(&state, &instance.project, &named.0).await?;
    let env_id = query.text("env_id").unwrap_or(RELEASE_ENV_ID);
    let found = stored.publications.iter().find(|one| one.env_id == env_id);
    let found = found.ok_or_else(|| {
        let text = format!("API {} is not published in environment {}", quoted(&named.0), quoted(env_id));
        Error::new(codes::apig::PUBLICATION_MISSING, text)
    })?;
    Ok(Json(View::read(&state, &instance.project).await?.running(&stored, found)))
}

async fn version(
    Extract(state): Extract<State>,
    instance: Instance,
    named: NamedVersion,
) -> Result<Json<shape::Api>, Error> {
    let version = named.find(&state, &instance.project).await?;
    let stored = find(&state, &instance.project, &version.api_id).await?;
    let environments = state.store.environments(&instance.project).await?;
    let name = environments.iter().find(|one| one.id == version.env_id).map_or("", |one| one.name.as_str());
    Ok(Json(View::read(&state, &instance.project).await?.version(&version, &stored, name)))
}

/// Takes the API offline where this version answers, as the vendor does; the version stays.
async fn delete_version(
    Extract(state): Extract<State>,
    instance: Instance,
    named: NamedVersion,
) -> Result<StatusCode, Error> {
    let version = named.find(&state, &instance.project).await?;
    if !version.current {
        let text = format!("version {} does not answer anywhere", quoted(&named.0));
        return Err(Error::new(codes::apig::PUBLICATION_MISSING, text));
    }
    state.store.withdraw_api(&instance.project, &version.api_id, &version.env_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The version a path names.
#[derive(Debug)]
struct NamedVersion(String);

impl<S: Sync> FromRequestParts<S> for NamedVersion {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Ok(Self(parameter(parts, &["version_id"]).await?))
    }
}

impl NamedVersion {
    async fn find(&self, state: &State, project: &str) -> Result<Version, Error> {
        let found = state.store.api_version(project, &self.0).await?;
        let text = || format!("the API version {} does not exist", quoted(&self.0));
        found.ok_or_else(|| Error::new(codes::apig::VERSION_MISSING, text()))
    }
}

/// What to do with APIs.
struct Order {
    online: bool,
    env_id: String,
    remark: String,
}

impl Order {
    async fn run(&self, state: &State, project: &str, api_id: &str) -> Result<Publication, Error> {
        if self.online {
            state.store.publish_api(project, api_id, &self.env_id, &self.remark).await?;
            return self.answer(&find(state, project, api_id).await?);
        }
        let before = find(state, project, api_id).await?;
        state.store.withdraw_api(project, api_id, &self.env_id).await?;
        self.answer(&before)
    }

    fn answer(&self, stored: &Stored) -> Result<Publication, Error> {
        let found = stored.publications.iter().find(|one| one.env_id == self.env_id);
        let found = found.ok_or_else(|| {
            // Somebody else was faster.
            Error::new(codes::apig::PUBLICATION_MISSING, "the API was taken offline in the meantime")
        })?;
        Ok(published(stored, found))
    }
}

fn is_action(action: &str) -> bool {
    matches!(action, "online" | "offline")
}

fn published(stored: &Stored, publication: &store::apig::Publication) -> Publication {
    Publication {
        publish_id: publication.id.clone(),
        api_id: stored.api.id.clone(),
        api_name: publication.definition.name.clone(),
        env_id: publication.env_id.clone(),
        remark: publication.remark.clone(),
        publish_time: super::time(publication.published),
        version_id: publication.version_id.clone(),
    }
}

fn failure(all: &[Stored], api_id: String, error: &Error) -> BatchFailure {
    let known = all.iter().find(|one| one.api.id == api_id);
    BatchFailure {
        api_name: known.map(|one| one.api.definition.name.clone()).unwrap_or_default(),
        api_id,
        error_code: error.code().text.to_owned(),
        error_msg: error.message().to_owned(),
    }
}

fn listed(version: Version, name: &impl Fn(&str) -> String) -> shape::Version {
    shape::Version {
        env_name: name(&version.env_id),
        version_no: view::version_no(version.published),
        publish_time: super::time(version.published),
        status: if version.current { 1 } else { 2 },
        version_id: version.id,
        api_id: version.api_id,
        env_id: version.env_id,
        remark: version.remark,
    }
}
