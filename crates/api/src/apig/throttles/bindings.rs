//! What throttling policies are bound to.

use axum::Json;
use axum::extract::State as Extract;
use http::StatusCode;
use model::apig::policies::{Binding, Book, Kind};
use store::apig::{Place, Reachable};
use wire::apig::throttles::{
    self as shape, BindRequest, BindResponse, ListApisResponse, ListBoundThrottlesResponse, UnbindFailure,
    UnbindRequest, UnbindResponse,
};

use super::{find, view};
use crate::apig::bound::{self, Ids, required, wanted};
use crate::apig::rule::{self, Rule};
use crate::apig::{Instance, Page, time};
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
    let places = places(&mut rule, request.publish_ids);
    problems.finish()?;
    let bound = state.store.bind_policy(&instance.project, (Kind::Throttle, &id), places).await?;
    let reachable = state.store.reachable_apis(&instance.project).await?;
    let throttle_applys = bound.iter().map(|binding| applied(binding, &reachable)).collect();
    Ok((StatusCode::CREATED, Json(BindResponse { throttle_applys })))
}

/// `publish_ids`: at least one.
pub(in crate::apig) fn places(rule: &mut Rule<'_>, ids: Option<Vec<String>>) -> Vec<Place> {
    let ids = ids.unwrap_or_default();
    let text = "publish_ids is missing: ids of publications of APIs";
    if ids.is_empty() {
        rule.problems.missing("publish_ids", wire::codes::apig::MANDATORY, text);
    }
    ids.into_iter().map(Place::Publication).collect()
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
    bound::check_delete(&query)?;
    let mut problems = Problems::default();
    let request: UnbindRequest = body::read(&payload.0, Rules::new("", rule::code_of), &mut problems);
    problems.finish()?;
    let mut answer = UnbindResponse::default();
    for id in request.throttle_bindings.unwrap_or_default() {
        match state.store.unbind_policy(&instance.project, Kind::Throttle, &id).await.map_err(Error::from) {
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

async fn bound_apis(
    Extract(state): Extract<State>,
    instance: Instance,
    query: Query,
) -> Result<Json<ListApisResponse>, Error> {
    let page = Page::read(&query)?;
    let book = state.store.policies();
    let policy = find(&book, &instance.project, required(&query, "throttle_id")?)?;
    let all = state.store.reachable_apis(&instance.project).await?;
    let (mut found, _) = bound::split(&book, (Kind::Throttle, &policy.id), all);
    found.retain(|(one, _)| bound::fits(&query, one));
    let (apis, size, total) = page.cut(found, |(one, binding)| api(&book, one, Some(binding)));
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
    let all = state.store.reachable_apis(&instance.project).await?;
    let (_, mut found) = bound::split(&book, (Kind::Throttle, &policy.id), all);
    found.retain(|one| bound::fits(&query, one));
    let (apis, size, total) = page.cut(found, |one| api(&book, one, None));
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
    let all = state.store.reachable_apis(&instance.project).await?;
    let mut found = Vec::new();
    for binding in book.bound(Kind::Throttle).into_iter().filter(|binding| binding.api_id == api_id) {
        let Ok(policy) = find(&book, &instance.project, &binding.policy_id) else { continue };
        let env = all.iter().find(|one| one.api_id == api_id && one.env_id == binding.env_id);
        let fits = wanted(&query, "env_id", &binding.env_id)
            && wanted(&query, "throttle_id", &policy.id)
            && bound::named(&query, "throttle_name", &policy.name);
        if fits {
            found.push((policy, binding, env.map(|one| one.env_name.clone()).unwrap_or_default()));
        }
    }
    let (throttles, size, total) = page.cut(found, |(policy, binding, env_name)| {
        let shape::Throttle {
            id,
            name,
            remark,
            r#type,
            time_unit,
            time_interval,
            api_call_limits,
            user_call_limits,
            app_call_limits,
            ip_call_limits,
            enable_adaptive_control,
            bind_num,
            is_inclu_special_throttle,
            create_time,
        } = view(&book, policy);
        shape::BoundThrottle {
            id,
            name,
            remark,
            r#type,
            time_unit,
            time_interval,
            api_call_limits,
            user_call_limits,
            app_call_limits,
            ip_call_limits,
            enable_adaptive_control,
            bind_num,
            is_inclu_special_throttle,
            create_time,
            env_name,
            bind_id: binding.id.clone(),
            bind_time: time(binding.created),
        }
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
