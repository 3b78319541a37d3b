//! What access control policies are bound to.

use axum::Json;
use axum::extract::State as Extract;
use http::StatusCode;
use model::apig::policies::{Binding, Book, Kind};
use store::apig::Reachable;
use wire::apig::acls::{
    self as shape, BindRequest, BindResponse, ListBoundAclsResponse, ListBoundApisResponse, ListUnboundApisResponse,
    UnbindRequest, UnbindResponse,
};

use super::find;
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
        .on(shape::BOUND_ACLS, bound_acls)
        .on(shape::BOUND_APIS, bound_apis)
        .on(shape::UNBOUND_APIS, unbound_apis);
}

async fn bind(
    Extract(state): Extract<State>,
    instance: Instance,
    payload: Payload,
) -> Result<(StatusCode, Json<BindResponse>), Error> {
    let mut problems = Problems::default();
    let request: BindRequest = body::read(&payload.0, Rules::new("", rule::code_of), &mut problems);
    let mut rule = Rule { problems: &mut problems };
    let id = rule.required("acl_id", "the id of a policy", request.acl_id, |_| true);
    let places = bound::places(&mut rule, request.publish_ids);
    problems.finish()?;
    let bound = state.store.bind_policy(&instance.project, (Kind::Acl, &id), places).await?;
    let acl_bindings = bound.into_iter().map(view).collect();
    Ok((StatusCode::CREATED, Json(BindResponse { acl_bindings })))
}

fn view(binding: Binding) -> shape::Binding {
    shape::Binding {
        id: binding.id,
        api_id: binding.api_id,
        env_id: binding.env_id,
        acl_id: binding.policy_id,
        create_time: time(binding.created),
    }
}

async fn unbind(Extract(state): Extract<State>, instance: Instance, ids: Ids) -> Result<StatusCode, Error> {
    state.store.unbind_policy(&instance.project, Kind::Acl, ids.get("acl_bindings_id")).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn unbind_batch(
    Extract(state): Extract<State>,
    instance: Instance,
    query: Query,
    payload: Payload,
) -> Result<Json<UnbindResponse>, Error> {
    let ids = |request: UnbindRequest| request.acl_bindings;
    bound::unbind_all((&state, &instance.project, Kind::Acl), &query, &payload, ids).await
}

async fn bound_acls(
    Extract(state): Extract<State>,
    instance: Instance,
    query: Query,
) -> Result<Json<ListBoundAclsResponse>, Error> {
    let page = Page::read(&query)?;
    let book = state.store.policies();
    let api_id = required(&query, "api_id")?;
    apis::find(&state, &instance.project, api_id).await?;
    let mut found = Vec::new();
    let at = bound::at_api(&state, &instance.project, (&book, Kind::Acl, api_id), &query).await?;
    for (binding, env_name) in at {
        let Ok(policy) = find(&book, &instance.project, &binding.policy_id) else { continue };
        if wanted(&query, "acl_id", &policy.id) && bound::named(&query, "acl_name", &policy.name) {
            found.push((policy, binding, env_name));
        }
    }
    let (acls, size, total) = page.cut(found, |(policy, binding, env_name)| shape::BoundAcl {
        acl_id: policy.id.clone(),
        acl_name: policy.name.clone(),
        entity_type: policy.entity.code().to_owned(),
        acl_type: policy.effect.code().to_owned(),
        acl_value: policy.value.clone(),
        env_id: binding.env_id.clone(),
        env_name,
        bind_id: binding.id.clone(),
        bind_time: time(binding.created),
    });
    Ok(Json(ListBoundAclsResponse { size, total, acls }))
}

async fn bound_apis(
    Extract(state): Extract<State>,
    instance: Instance,
    query: Query,
) -> Result<Json<ListBoundApisResponse>, Error> {
    let page = Page::read(&query)?;
    let book = state.store.policies();
    let policy = find(&book, &instance.project, required(&query, "acl_id")?)?;
    let found = Apis::of(&state, &instance.project, (&book, Kind::Acl, &policy.id), &query).await?;
    let (apis, size, total) = page.cut(found.bound, |(one, binding)| shape::BoundApi {
        api_type: i64::from(one.definition.visibility),
        api_remark: one.definition.about.remark.clone(),
        bind_id: binding.id.clone(),
        bind_time: time(binding.created),
        req_method: bound::method(&one.definition),
        api_id: one.api_id,
        api_name: one.definition.name,
        env_id: one.env_id,
        env_name: one.env_name,
        group_name: one.group_name,
        publish_id: one.publish_id,
        tags: one.definition.about.tags.clone(),
    });
    Ok(Json(ListBoundApisResponse { size, total, apis }))
}

async fn unbound_apis(
    Extract(state): Extract<State>,
    instance: Instance,
    query: Query,
) -> Result<Json<ListUnboundApisResponse>, Error> {
    let page = Page::read(&query)?;
    let book = state.store.policies();
    let policy = find(&book, &instance.project, required(&query, "acl_id")?)?;
    let found = Apis::of(&state, &instance.project, (&book, Kind::Acl, &policy.id), &query).await?;
    let (apis, size, total) = page.cut(found.free, |one| unbound(&book, one));
    Ok(Json(ListUnboundApisResponse { size, total, apis }))
}

fn unbound(book: &Book, one: Reachable) -> shape::UnboundApi {
    let at = |own: &&Binding| own.api_id == one.api_id && own.env_id == one.env_id;
    let others = book.bound(Kind::Acl).into_iter().filter(at);
    let names: Vec<_> = others.filter_map(|own| book.acls.get(&own.policy_id)).map(|own| own.name.clone()).collect();
    shape::UnboundApi {
        group_id: one.definition.group_id.clone(),
        r#type: i64::from(one.definition.visibility),
        remark: one.definition.about.remark.clone(),
        acl_name: names.join(","),
        req_uri: one.definition.path.clone(),
        auth_type: bound::auth(&one.definition),
        req_method: bound::method(&one.definition),
        id: one.api_id,
        name: one.definition.name,
        group_name: one.group_name,
        run_env_name: one.env_name,
        run_env_id: one.env_id,
        publish_id: one.publish_id,
        tags: one.definition.about.tags.clone(),
    }
}
