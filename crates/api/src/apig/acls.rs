//! Access control policies.

mod bindings;

use axum::Json;
use axum::extract::State as Extract;
use http::StatusCode;
use model::apig::acls::{ADDRESSES, Effect, Entity, Policy, Range};
use model::apig::policies::{Book, Kind};
use store::apig::NewAcl;
use wire::apig::acls::{self as shape, AclRequest, DeleteFailure, DeleteRequest, DeleteResponse, ListAclsResponse};

use super::bound::{self, Ids, wanted};
use super::rule::{self, Rule};
use super::{Instance, Page, number, time};
use crate::body::{self, Payload, Rules};
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::query::Query;
use crate::router::Routes;
use crate::state::State;

/// Characters of all account names together, and of one.
const NAMES: usize = 1024;
const NAME: usize = 64;

pub(super) fn routes(routes: &mut Routes) {
    routes
        .on(shape::LIST, list)
        .on(shape::CREATE, create)
        .on(shape::DELETE_BATCH, delete_batch)
        .on(shape::SHOW, show)
        .on(shape::UPDATE, update)
        .on(shape::DELETE, delete);
    bindings::routes(routes);
}

async fn list(
    Extract(state): Extract<State>,
    instance: Instance,
    query: Query,
) -> Result<Json<ListAclsResponse>, Error> {
    let page = Page::read(&query)?;
    let book = state.store.policies();
    let fits = |one: &&Policy| {
        one.project == instance.project
            && wanted(&query, "id", &one.id)
            && bound::named(&query, "name", &one.name)
            && wanted(&query, "acl_type", one.effect.code())
            && wanted(&query, "entity_type", one.entity.code())
    };
    let mut found: Vec<_> = book.acls.values().filter(fits).collect();
    found.sort_by(|a, b| (b.modified, &a.id).cmp(&(a.modified, &b.id)));
    let bind_num = |one: &Policy| Some(number(book.count(Kind::Acl, &one.id)));
    let (acls, size, total) = page.cut(found, |one| shape::Acl { bind_num: bind_num(one), ..view(one) });
    Ok(Json(ListAclsResponse { size, total, acls }))
}

async fn create(
    Extract(state): Extract<State>,
    instance: Instance,
    payload: Payload,
) -> Result<(StatusCode, Json<shape::Acl>), Error> {
    let made = state.store.create_acl(&instance.project, read(&payload)?).await?;
    Ok((StatusCode::CREATED, Json(view(&made))))
}

async fn show(Extract(state): Extract<State>, instance: Instance, ids: Ids) -> Result<Json<shape::Acl>, Error> {
    Ok(Json(view(find(&state.store.policies(), &instance.project, ids.get("acl_id"))?)))
}

async fn update(
    Extract(state): Extract<State>,
    instance: Instance,
    ids: Ids,
    payload: Payload,
) -> Result<Json<shape::Acl>, Error> {
    let new = read(&payload)?;
    Ok(Json(view(&state.store.update_acl(&instance.project, ids.get("acl_id"), new).await?)))
}

async fn delete(Extract(state): Extract<State>, instance: Instance, ids: Ids) -> Result<StatusCode, Error> {
    state.store.delete_acl(&instance.project, ids.get("acl_id")).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn delete_batch(
    Extract(state): Extract<State>,
    instance: Instance,
    query: Query,
    payload: Payload,
) -> Result<Json<DeleteResponse>, Error> {
    bound::check_delete(&query)?;
    let mut problems = Problems::default();
    let request: DeleteRequest = body::read(&payload.0, Rules::new("", rule::code_of), &mut problems);
    problems.finish()?;
    let mut answer = DeleteResponse::default();
    for id in request.acls.unwrap_or_default() {
        let name = state.store.policies().acls.get(&id).filter(|one| one.project == instance.project).cloned();
        match state.store.delete_acl(&instance.project, &id).await.map_err(Error::from) {
            Ok(()) => answer.success_count += 1,
            Err(error) => answer.failure.push(DeleteFailure {
                acl_id: id,
                acl_name: name.map(|one| one.name).unwrap_or_default(),
                error_code: error.code().text.to_owned(),
                error_msg: error.message().to_owned(),
            }),
        }
    }
    Ok(Json(answer))
}

/// A policy of another project is not there.
fn find<'a>(book: &'a Book, project: &str, id: &str) -> Result<&'a Policy, Error> {
    let found = book.acls.get(id).filter(|policy| policy.project == project);
    let missing = || store::Error::PolicyMissing { what: store::policy::ACL, id: id.to_owned() };
    Ok(found.ok_or_else(missing)?)
}

fn read(payload: &Payload) -> Result<NewAcl, Error> {
    let mut problems = Problems::default();
    let request: AclRequest = body::read(&payload.0, Rules::new("", rule::code_of), &mut problems);
    let mut rule = Rule { problems: &mut problems };
    let name = rule.required("acl_name", bound::NAME, request.acl_name, bound::is_name);
    let effect = rule.required("acl_type", "PERMIT or DENY", request.acl_type, |code| Effect::of(code).is_some());
    let must = "IP, DOMAIN or DOMAIN_ID";
    let entity = rule.required("entity_type", must, request.entity_type, |code| Entity::of(code).is_some());
    let value = rule.required("acl_value", "addresses or accounts, separated by commas", request.acl_value, |_| true);
    match Entity::of(&entity) {
        Some(Entity::Ip) => check_addresses(&mut rule, &value),
        Some(Entity::Domain | Entity::DomainId) => check_accounts(&mut rule, &value),
        None => {}
    }
    problems.finish()?;
    let effect = Effect::of(&effect).unwrap_or(Effect::Permit);
    Ok(NewAcl { name, effect, entity: Entity::of(&entity).unwrap_or(Entity::Ip), value })
}

fn check_addresses(rule: &mut Rule<'_>, value: &str) {
    let texts: Vec<&str> = value.split(',').map(str::trim).collect();
    rule.wrong_unless(texts.len() <= ADDRESSES, || {
        format!("acl_value must have at most {ADDRESSES} addresses, not {}", texts.len())
    });
    for text in texts.into_iter().take(ADDRESSES) {
        if let Err(why) = Range::read(text) {
            rule.wrong_unless(false, || format!("acl_value: {} {why}", quoted(text)));
        }
    }
}

fn check_accounts(rule: &mut Rule<'_>, value: &str) {
    let chars = value.chars().count();
    rule.wrong_unless(chars <= NAMES, || format!("acl_value must have at most {NAMES} characters, not {chars}"));
    for text in value.split(',').map(str::trim) {
        let fits = (1..=NAME).contains(&text.len()) && text.chars().all(|one| one.is_ascii_graphic() || one == ' ');
        rule.wrong_unless(fits, || {
            format!("acl_value: {} is no account: 1 to {NAME} printable ASCII characters", quoted(text))
        });
    }
}

fn view(policy: &Policy) -> shape::Acl {
    shape::Acl {
        id: policy.id.clone(),
        acl_name: policy.name.clone(),
        acl_type: policy.effect.code().to_owned(),
        acl_value: policy.value.clone(),
        entity_type: policy.entity.code().to_owned(),
        update_time: time(policy.modified),
        bind_num: None,
    }
}
