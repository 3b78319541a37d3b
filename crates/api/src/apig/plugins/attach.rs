//! What plug-ins are attached to.

use axum::Json;
use axum::extract::State as Extract;
use http::StatusCode;
use model::apig::policies::{Binding, Kind};
use model::trigger::MatchMode;
use store::apig::{Place, Reachable};
use wire::apig::plugins::{
    self as shape, ApisRequest, AttachResponse, ListApisResponse, ListAttachedPluginsResponse, ListPluginsResponse,
    PluginsRequest,
};

use super::{SCOPE, find, fits, of_project, view};
use crate::apig::bound::{self, Apis, Ids, at_api};
use crate::apig::rule::{self, Rule};
use crate::apig::{Instance, Page, apis, time};
use crate::body::{self, Payload, Rules};
use crate::error::Error;
use crate::problems::Problems;
use crate::query::Query;
use crate::router::Routes;
use crate::state::State;

pub(super) fn routes(routes: &mut Routes) {
    routes
        .on(shape::ATTACH, attach)
        .on(shape::DETACH, detach)
        .on(shape::ATTACHABLE_APIS, attachable_apis)
        .on(shape::ATTACHED_APIS, attached_apis)
        .on(shape::ATTACH_TO_API, attach_to_api)
        .on(shape::DETACH_FROM_API, detach_from_api)
        .on(shape::ATTACHABLE_PLUGINS, attachable_plugins)
        .on(shape::ATTACHED_PLUGINS, attached_plugins);
}

/// An environment, and APIs or plug-ins.
struct Wanted {
    env_id: String,
    ids: Vec<String>,
}

fn check(
    env_id: Option<String>,
    (field, ids): (&str, Option<Vec<String>>),
    mut problems: Problems,
) -> Result<Wanted, Error> {
    let mut rule = Rule { problems: &mut problems };
    let env_id = rule.required("env_id", "the id of an environment", env_id, |_| true);
    let ids = ids.unwrap_or_default();
    if ids.is_empty() {
        rule.problems.missing(field, wire::codes::apig::MANDATORY, format!("{field} is missing: at least one id"));
    }
    problems.finish()?;
    Ok(Wanted { env_id, ids })
}

fn read_apis(payload: &Payload) -> Result<Wanted, Error> {
    let mut problems = Problems::default();
    let request: ApisRequest = body::read(&payload.0, Rules::new("", rule::code_of), &mut problems);
    check(request.env_id, ("api_ids", request.api_ids), problems)
}

fn read_plugins(payload: &Payload) -> Result<Wanted, Error> {
    let mut problems = Problems::default();
    let request: PluginsRequest = body::read(&payload.0, Rules::new("", rule::code_of), &mut problems);
    check(request.env_id, ("plugin_ids", request.plugin_ids), problems)
}

async fn attach(
    Extract(state): Extract<State>,
    instance: Instance,
    ids: Ids,
    payload: Payload,
) -> Result<(StatusCode, Json<AttachResponse>), Error> {
    let Wanted { env_id, ids: apis } = read_apis(&payload)?;
    let places = apis.into_iter().map(|api_id| Place::Api { api_id, env_id: env_id.clone() }).collect();
    let bound = state.store.bind_policy(&instance.project, (Kind::Plugin, ids.get("plugin_id")), places).await?;
    answer(&state, &instance.project, &bound).await
}

async fn attach_to_api(
    Extract(state): Extract<State>,
    instance: Instance,
    ids: Ids,
    payload: Payload,
) -> Result<(StatusCode, Json<AttachResponse>), Error> {
    let Wanted { env_id, ids: plugins } = read_plugins(&payload)?;
    let book = state.store.policies();
    for id in &plugins {
        find(&book, &instance.project, id)?;
    }
    let mut bound = Vec::new();
    for id in plugins {
        let place = Place::Api { api_id: ids.get("api_id").to_owned(), env_id: env_id.clone() };
        bound.extend(state.store.bind_policy(&instance.project, (Kind::Plugin, &id), vec![place]).await?);
    }
    answer(&state, &instance.project, &bound).await
}

async fn answer(state: &State, project: &str, bound: &[Binding]) -> Result<(StatusCode, Json<AttachResponse>), Error> {
    let (book, all) = (state.store.policies(), state.store.reachable_apis(project).await?);
    let attached = |binding: &Binding| {
        let plugin = book.plugins.get(&binding.policy_id)?;
        let api = all.iter().find(|one| one.api_id == binding.api_id && one.env_id == binding.env_id)?;
        Some(shape::Attached {
            plugin_attach_id: binding.id.clone(),
            plugin_id: plugin.id.clone(),
            plugin_name: plugin.name.clone(),
            plugin_type: plugin.kind.code().to_owned(),
            plugin_scope: SCOPE.to_owned(),
            env_id: binding.env_id.clone(),
            env_name: api.env_name.clone(),
            api_id: binding.api_id.clone(),
            api_name: api.definition.name.clone(),
            attached_time: time(binding.created),
        })
    };
    let attached_plugins = bound.iter().filter_map(attached).collect();
    Ok((StatusCode::CREATED, Json(AttachResponse { attached_plugins })))
}

async fn detach(
    Extract(state): Extract<State>,
    instance: Instance,
    ids: Ids,
    payload: Payload,
) -> Result<StatusCode, Error> {
    let Wanted { env_id, ids: apis } = read_apis(&payload)?;
    let plugin = ids.get("plugin_id");
    find(&state.store.policies(), &instance.project, plugin)?;
    for api_id in apis {
        undo(&state, &instance.project, plugin, (&api_id, &env_id)).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn detach_from_api(
    Extract(state): Extract<State>,
    instance: Instance,
    ids: Ids,
    payload: Payload,
) -> Result<StatusCode, Error> {
    let Wanted { env_id, ids: plugins } = read_plugins(&payload)?;
    for plugin in plugins {
        find(&state.store.policies(), &instance.project, &plugin)?;
        undo(&state, &instance.project, &plugin, (ids.get("api_id"), &env_id)).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Undoes an attachment; that there is none is fine.
async fn undo(state: &State, project: &str, plugin: &str, at: (&str, &str)) -> Result<(), Error> {
    let book = state.store.policies();
    let mut bound = book.bound(Kind::Plugin).into_iter();
    let found = bound.find(|own| own.policy_id == plugin && (own.api_id.as_str(), own.env_id.as_str()) == at);
    match found {
        Some(binding) => Ok(state.store.unbind_policy(project, Kind::Plugin, &binding.id).await?),
        None => Ok(()),
    }
}

async fn attachable_apis(
    Extract(state): Extract<State>,
    instance: Instance,
    ids: Ids,
    query: Query,
) -> Result<Json<ListApisResponse>, Error> {
    let page = Page::read(&query)?;
    bound::required(&query, "env_id")?;
    let book = state.store.policies();
    let plugin = find(&book, &instance.project, ids.get("plugin_id"))?;
    let found = Apis::of(&state, &instance.project, (&book, Kind::Plugin, &plugin.id), &query).await?;
    let (apis, size, total) = page.cut(found.free, |one| api(one, None));
    Ok(Json(ListApisResponse { size, total, apis }))
}

async fn attached_apis(
    Extract(state): Extract<State>,
    instance: Instance,
    ids: Ids,
    query: Query,
) -> Result<Json<ListApisResponse>, Error> {
    let page = Page::read(&query)?;
    let book = state.store.policies();
    let plugin = find(&book, &instance.project, ids.get("plugin_id"))?;
    let found = Apis::of(&state, &instance.project, (&book, Kind::Plugin, &plugin.id), &query).await?;
    let (apis, size, total) = page.cut(found.bound, |(one, binding)| api(one, Some(binding)));
    Ok(Json(ListApisResponse { size, total, apis }))
}

fn api(one: Reachable, binding: Option<&Binding>) -> shape::Api {
    let definition = one.definition;
    let match_mode = match definition.match_mode {
        MatchMode::Prefix => "SWA",
        MatchMode::Exact => "NORMAL",
    };
    shape::Api {
        api_id: one.api_id,
        r#type: i64::from(definition.visibility),
        req_protocol: definition.protocol.clone(),
        req_method: bound::method(&definition),
        req_uri: definition.path.clone(),
        auth_type: bound::auth(&definition),
        match_mode: match_mode.to_owned(),
        remark: definition.about.remark.clone(),
        group_id: definition.group_id.clone(),
        group_name: one.group_name,
        env_id: one.env_id,
        env_name: one.env_name,
        publish_id: one.publish_id,
        plugin_attach_id: binding.map(|binding| binding.id.clone()),
        attached_time: binding.map(|binding| time(binding.created)),
        tags: definition.about.tags.clone(),
        api_name: definition.name,
    }
}

async fn attachable_plugins(
    Extract(state): Extract<State>,
    instance: Instance,
    ids: Ids,
    query: Query,
) -> Result<Json<ListPluginsResponse>, Error> {
    let page = Page::read(&query)?;
    apis::find(&state, &instance.project, ids.get("api_id")).await?;
    let book = state.store.policies();
    let there = at_api(&state, &instance.project, (&book, Kind::Plugin, ids.get("api_id")), &query).await?;
    let free = |id: &str| !there.iter().any(|(binding, _)| binding.policy_id == id);
    let found: Vec<_> = of_project(&book, &instance.project).filter(|one| free(&one.id) && fits(&query, one)).collect();
    let (plugins, size, total) = page.cut(found, view);
    Ok(Json(ListPluginsResponse { size, total, plugins }))
}

async fn attached_plugins(
    Extract(state): Extract<State>,
    instance: Instance,
    ids: Ids,
    query: Query,
) -> Result<Json<ListAttachedPluginsResponse>, Error> {
    let page = Page::read(&query)?;
    apis::find(&state, &instance.project, ids.get("api_id")).await?;
    let book = state.store.policies();
    let mut found = Vec::new();
    let there = at_api(&state, &instance.project, (&book, Kind::Plugin, ids.get("api_id")), &query).await?;
    for (binding, env_name) in there {
        let Ok(plugin) = find(&book, &instance.project, &binding.policy_id) else { continue };
        if fits(&query, plugin) {
            found.push((plugin, binding, env_name));
        }
    }
    let (plugins, size, total) = page.cut(found, |(plugin, binding, env_name)| shape::AttachedPlugin {
        plugin: view(plugin),
        plugin_attach_id: binding.id.clone(),
        env_id: binding.env_id.clone(),
        env_name,
        attached_time: time(binding.created),
    });
    Ok(Json(ListAttachedPluginsResponse { size, total, plugins }))
}
