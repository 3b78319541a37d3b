//! What throttling policies are bound to.

use axum::Json;
use axum::extract::State as Extract;
use http::StatusCode;
use model::apig::policies::{Binding, Book, Kind};
use store::apig::Reachable;
use wire::apig::throttles::{
    self as shape, BindRequest, BindResponse, ListApisResponse, ListBoundThrottlesResponse, UnbindRequest,
    UnbindResponse,
};

use super::{find, view};
use crate::apig::bound::{self, Apis, Ids, required, wanted};
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
        .on(shape::BIND, bind)
        .on(shape::UNBIND_BATCH, unbind_batch)
        .on(shape::UNBIND, unbind)
        .on(shape::BOUND_APIS, bound_apis)
        .on(shape::UNBOUND_APIS, unbound_apis)
        .on(shape::BOUND_THROTTLES, bound_throttles);
}

async fn bind(
    Extract(state): Extract<State>,
    instance: Instance,
    payload: Payload,
) -> Result<(StatusCode, Json<BindResponse>), Error> {
    let mut problems = Problems::default();
    let request: BindRequest = body::read(&payload.0, Rules::new("", rule::code_of), &mut problems);
    let mut rule = Rule { problems: &mut problems };
    let id = rule.required("strategy_id", "the id of a policy", request.strategy_id, |_| true);
    let places = bound::places(&mut rule, request.publish_ids);
    problems.finish()?;
    let bound = state.store.bind_policy(&instance.project, (Kind::Throttle, &id), places).await?;
    let reachable = state.store.reachable_apis(&instance.project).await?;
    let throttle_applys = bound.iter().map(|binding| applied(binding, &reachable)).collect();
    Ok((StatusCode::CREATED, Json(BindResponse { throttle_applys })))
}

fn applied(binding: &Binding, reachable: &[Reachable]) -> shape::Binding {
    let place = |one: &&Reachable| (&one.api_id, &one.env_id) == (&binding.api_id, &binding.env_id);
    shape::Binding {
        publish_id: reachable.iter().find(place).map(|one| one.publish_id.clone()).unwrap_or_default(),
        scope: 1,
        strategy_id: binding.policy_id.clone(),
        apply_time: time(binding.created),
        id: binding.id.clone(),
    }
}

async fn unbind(Extract(state): Extract<State>, instance: Instance, ids: Ids) -> Result<StatusCode, Error> {
    state.store.unbind_policy(&instance.project, Kind::Throttle, ids.get("throttle_binding_id")).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn unbind_batch(
    Extract(state): Extract<State>,
    instance: Instance,
    query: Query,
    payload: Payload,
) -> Result<Json<UnbindResponse>, Error> {
    let ids = |request: UnbindRequest| request.throttle_bindings;
    bound::unbind_all((&state, &instance.project, Kind::Throttle), &query, &payload, ids).await
}

async fn bound_apis(
    Extract(state): Extract<State>,
    instance: Instance,
    query: Query,
) -> Result<Json<ListApisResponse>, Error> {
    let page = Page::read(&query)?;
    let book = state.store.policies();
    let policy = find(&book, &instance.project, required(&query, "throttle_id")?)?;
    let found = Apis::of(&state, &instance.project, (&book, Kind::Throttle, &policy.id), &query).await?;
    let (apis, size, total) = page.cut(found.bound, |(one, binding)| api(&book, one, Some(binding)));
    Ok(Json(ListApisResponse { size, total, apis }))
}

async fn unbound_apis(
    Extract(state): Extract<State>,
    instance: Instance,
    query: Query,
) -> Result<Json<ListApisResponse>, Error> {
    let page = Page::read(&query)?;
    let book = state.store.policies();
    let policy = find(&book, &instance.project, required(&query, "throttle_id")?)?;
    let found = Apis::of(&state, &instance.project, (&book, Kind::Throttle, &policy.id), &query).await?;
    let (apis, size, total) = page.cut(found.free, |one| api(&book, one, None));
    Ok(Json(ListApisResponse { size, total, apis }))
}

async fn bound_throttles(
    Extract(state): Extract<State>,
    instance: Instance,
    query: Query,
) -> Result<Json<ListBoundThrottlesResponse>, Error> {
    let page = Page::read(&query)?;
    let book = state.store.policies();
    let api_id = required(&query, "api_id")?;
    apis::find(&state, &instance.project, api_id).await?;
    let mut found = Vec::new();
    let at = bound::at_api(&state, &instance.project, (&book, Kind::Throttle, api_id), &query).await?;
    for (binding, env_name) in at {
        let Ok(policy) = find(&book, &instance.project, &binding.policy_id) else { continue };
        if wanted(&query, "throttle_id", &policy.id) && bound::named(&query, "throttle_name", &policy.name) {
            found.push((policy, binding, env_name));
        }
    }
    let (throttles, size, total) = page.cut(found, |(policy, binding, env_name)| shape::BoundThrottle {
        throttle: view(&book, policy),
        env_name,
        bind_id: binding.id.clone(),
        bind_time: time(binding.created),
    });
    Ok(Json(ListBoundThrottlesResponse { size, total, throttles }))
}

fn api(book: &Book, one: Reachable, binding: Option<&Binding>) -> shape::Api {
    let bound = book.bound(Kind::Throttle).into_iter().find(|own| own.api_id == one.api_id && own.env_id == one.env_id);
    let throttle = bound.and_then(|bound| book.throttles.get(&bound.policy_id));
    let definition = one.definition;
    shape::Api {
        id: one.api_id,
        group_id: definition.group_id.clone(),
        group_name: one.group_name,
        r#type: i64::from(definition.visibility),
        remark: definition.about.remark.clone(),
        auth_type: bound::auth(&definition),
        req_method: bound::method(&definition),
        req_uri: definition.path.clone(),
        run_env_id: one.env_id,
        run_env_name: one.env_name,
        publish_id: one.publish_id,
        throttle_apply_id: binding.map(|binding| binding.id.clone()),
        apply_time: binding.map(|binding| time(binding.created)),
        throttle_name: throttle.map(|throttle| throttle.name.clone()),
        tags: definition.about.tags.clone(),
        name: definition.name,
    }
}
