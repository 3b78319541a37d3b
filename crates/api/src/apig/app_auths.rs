//! Which app may call which API in which environment: give, list, take back.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State as Extract;
use http::StatusCode;
use model::apig::app::{self, Client};
use model::trigger::Auth;
use store::Outline;
use wire::apig::app_auths::{
    self as shape, Grant, GrantRequest, GrantResponse, GrantResult, ListGrantsResponse, ListOpenApisResponse, NewGrant,
    OpenApi,
};
use wire::codes::{self, Code};

use super::choose::{named, wanted};
use super::rule::code_of;
use super::{Instance, Page, apis, time};
use crate::body::{self, Payload, Rules};
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::query::Query;
use crate::router::Routes;
use crate::state::State;

/// Apps and APIs of one request.
const MOST: usize = 100;

pub(super) fn routes(routes: &mut Routes) {
    routes
        .on(shape::CREATE, create)
        .on(shape::LIST_APIS, list_apis)
        .on(shape::LIST_APPS, list_apps)
        .on(shape::LIST_OTHERS, list_others)
        .on(shape::DELETE, delete);
}

async fn create(
    Extract(state): Extract<State>,
    instance: Instance,
    payload: Payload,
) -> Result<(StatusCode, Json<GrantResponse>), Error> {
    let Wanted { env, apps, apis } = read(&payload)?;
    let project = &instance.project;
    if !state.store.environment_names(project).await?.contains_key(&env) {
        return Err(Error::new(
            codes::apig::ENVIRONMENT_MISSING,
            format!("environment {} does not exist", quoted(&env)),
        ));
    }
    let known = by_id(state.store.api_outlines(project).await?);
    let mut auths = Vec::new();
    for app in &apps {
        let client = state.store.app(project, app)?;
        let (good, bad): (Vec<_>, Vec<_>) = apis.iter().partition(|api| may_be_granted(known.get(*api)).is_ok());
        auths.extend(bad.into_iter().map(|api| refused(&client, api, known.get(api))));
        let ids: Vec<String> = good.into_iter().cloned().collect();
        let grants = state.store.grant_apis(project, app, ids.clone(), &env).await?;
        auths.extend(ids.iter().zip(grants).map(|(api, grant)| granted(&client, known.get(api), grant)));
    }
    Ok((StatusCode::CREATED, Json(GrantResponse { auths })))
}

async fn list_apis(
    Extract(state): Extract<State>,
    instance: Instance,
    query: Query,
) -> Result<Json<ListGrantsResponse>, Error> {
    let client = state.store.app(&instance.project, required(&query, "app_id")?)?;
    answer(&state, &instance, vec![client], &query).await
}

async fn list_apps(
    Extract(state): Extract<State>,
    instance: Instance,
    query: Query,
) -> Result<Json<ListGrantsResponse>, Error> {
    apis::find(&state, &instance.project, required(&query, "api_id")?).await?;
    answer(&state, &instance, state.store.apps(&instance.project), &query).await
}

async fn list_others(
    Extract(state): Extract<State>,
    instance: Instance,
    query: Query,
) -> Result<Json<ListOpenApisResponse>, Error> {
    let page = Page::read(&query)?;
    let client = state.store.app(&instance.project, required(&query, "app_id")?)?;
    let env = required(&query, "env_id")?.to_owned();
    let names = state.store.environment_names(&instance.project).await?;
    let apis = state.store.api_outlines(&instance.project).await?.into_iter().filter(|api| {
        api.definition.auth == Auth::App
            && api.published.contains_key(&env)
            && !client.may_call(&api.id, &env)
            && wanted(&query, "api_id", &api.id)
            && named(&query, "api_name", &api.definition.name)
            && wanted(&query, "group_id", &api.definition.group_id)
    });
    let (apis, size, total) = page.cut(apis.collect(), |api| open_api(api, &env, &names));
    Ok(Json(ListOpenApisResponse { size, total, apis }))
}

async fn delete(Extract(state): Extract<State>, instance: Instance, GrantId(id): GrantId) -> Result<StatusCode, Error> {
    state.store.revoke_grant(&instance.project, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The authorization a path names.
struct GrantId(String);

impl<S: Sync> axum::extract::FromRequestParts<S> for GrantId {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut http::request::Parts, _: &S) -> Result<Self, Error> {
        Ok(Self(crate::target::parameter(parts, &["app_auth_id"]).await?))
    }
}

/// What is asked for.
struct Wanted {
    env: String,
    apps: Vec<String>,
    apis: Vec<String>,
}

fn read(payload: &Payload) -> Result<Wanted, Error> {
    let mut problems = Problems::default();
    let request: GrantRequest = body::read(&payload.0, Rules::new("", code_of), &mut problems);
    let env = request.env_id.unwrap_or_default();
    if env.is_empty() {
        let text = "env_id is missing";
        problems.missing("env_id", codes::apig::PARAMETER, text);
    }
    let mut list = |field: &str, given: Option<Vec<String>>| {
        let mut given = given.unwrap_or_default();
        given.sort();
        given.dedup();
        if !(1..=MOST).contains(&given.len()) {
            let count = given.len();
            let text = format!("{field} must be 1 to {MOST} ids, not {count}");
            problems.missing(field, codes::apig::PARAMETER, text);
        }
        given
    };
    let (apps, apis) = (list("app_ids", request.app_ids), list("api_ids", request.api_ids));
    problems.finish()?;
    Ok(Wanted { env, apps, apis })
}

fn required<'a>(query: &'a Query, name: &str) -> Result<&'a str, Error> {
    query.text(name).ok_or_else(|| Error::new(codes::apig::PARAMETER, format!("{name} is missing in the query")))
}

fn by_id(apis: Vec<Outline>) -> BTreeMap<String, Outline> {
    apis.into_iter().map(|api| (api.id.clone(), api)).collect()
}

/// Only an API that asks for apps has any.
fn may_be_granted(api: Option<&Outline>) -> Result<(), (Code, &'static str)> {
    match api {
        None => Err((codes::apig::API_MISSING, "the API does not exist")),
        Some(api) if api.definition.auth != Auth::App => {
            Err((codes::apig::NOT_APP_AUTH, "the API is not accessed through app authentication"))
        }
        Some(_) => Ok(()),
    }
}

fn refused(client: &Client, api: &str, outline: Option<&Outline>) -> NewGrant {
    let (code, text) = may_be_granted(outline).err().unwrap_or((codes::apig::API_MISSING, ""));
    let auth_result = GrantResult {
        status: "FAILED".to_owned(),
        error_msg: text.to_owned(),
        error_code: code.text.to_owned(),
        api_name: outline.map(|api| api.definition.name.clone()).unwrap_or_default(),
        app_name: client.app.name.clone(),
    };
    NewGrant { api_id: api.to_owned(), auth_result, app_id: client.app.id.clone(), ..usual() }
}

fn granted(client: &Client, api: Option<&Outline>, (grant, new): (app::Grant, bool)) -> NewGrant {
    let auth_result = GrantResult {
        status: if new { "SUCCESS" } else { "SKIPPED" }.to_owned(),
        api_name: api.map(|api| api.definition.name.clone()).unwrap_or_default(),
        app_name: client.app.name.clone(),
        ..GrantResult::default()
    };
    NewGrant {
        api_id: api.map(|api| api.id.clone()).unwrap_or_default(),
        auth_result,
        auth_time: time(grant.created),
        id: grant.id,
        app_id: client.app.id.clone(),
        ..usual()
    }
}

fn usual() -> NewGrant {
    NewGrant { auth_role: "PROVIDER".to_owned(), auth_tunnel: "NORMAL".to_owned(), ..NewGrant::default() }
}

/// The grants of these apps that the query asks for, newest first.
async fn answer(
    state: &State,
    instance: &Instance,
    clients: Vec<Arc<Client>>,
    query: &Query,
) -> Result<Json<ListGrantsResponse>, Error> {
    let page = Page::read(query)?;
    let names = state.store.environment_names(&instance.project).await?;
    let apis = by_id(state.store.api_outlines(&instance.project).await?);
    let mut found = Vec::new();
    for client in &clients {
        for ((api, env), grant) in &client.grants {
            let Some(api) = apis.get(api) else { continue };
            found.push((grant.created, view(client, api, (env, grant), &names)));
        }
    }
    found.retain(|(_, grant)| fits(query, grant));
    found.sort_by(|a, b| (b.0, &a.1.id).cmp(&(a.0, &b.1.id)));
    let (auths, size, total) = page.cut(found, |(_, grant)| grant);
    Ok(Json(ListGrantsResponse { size, total, auths }))
}

fn fits(query: &Query, grant: &Grant) -> bool {
    wanted(query, "app_id", &grant.app_id)
        && named(query, "app_name", &grant.app_name)
        && wanted(query, "api_id", &grant.api_id)
        && named(query, "api_name", &grant.api_name)
        && wanted(query, "group_id", &grant.group_id)
        && named(query, "group_name", &grant.group_name)
        && wanted(query, "env_id", &grant.env_id)
}

fn view(client: &Client, api: &Outline, (env, grant): (&str, &app::Grant), names: &BTreeMap<String, String>) -> Grant {
    let (app, definition) = (&client.app, &api.definition);
    Grant {
        id: grant.id.clone(),
        api_id: api.id.clone(),
        api_name: definition.name.clone(),
        group_name: api.group_name.clone(),
        group_id: definition.group_id.clone(),
        api_type: i64::from(definition.visibility),
        api_remark: definition.about.remark.clone(),
        env_id: env.to_owned(),
        env_name: names.get(env).cloned().unwrap_or_default(),
        auth_role: "PROVIDER".to_owned(),
        auth_time: time(grant.created),
        app_id: app.id.clone(),
        app_name: app.name.clone(),
        app_remark: app.remark.clone(),
        app_type: "apig".to_owned(),
        app_creator: "USER".to_owned(),
        publish_id: api.published.get(env).cloned().unwrap_or_default(),
        auth_tunnel: "NORMAL".to_owned(),
    }
}

fn open_api(api: Outline, env: &str, names: &BTreeMap<String, String>) -> OpenApi {
    OpenApi {
        auth_type: "APP".to_owned(),
        remark: api.definition.about.remark.clone(),
        group_id: api.definition.group_id,
        group_name: api.group_name,
        run_env_id: env.to_owned(),
        run_env_name: names.get(env).cloned().unwrap_or_default(),
        publish_id: api.published.get(env).cloned().unwrap_or_default(),
        req_uri: api.definition.path,
        name: api.definition.name,
        id: api.id,
    }
}
