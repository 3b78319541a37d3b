//! Request throttling policies, their limits for single apps and users, and what they are bound to.

mod bindings;

use axum::Json;
use axum::extract::State as Extract;
use http::StatusCode;
use model::apig::policies::{Book, Kind};
use model::apig::throttles::{Limits, Object, Period, Policy, Special, Unit};
use store::apig::NewThrottle;
use wire::apig::throttles::{
    self as shape, CreateSpecialRequest, ListSpecialsResponse, ListThrottlesResponse, ThrottleRequest,
    UpdateSpecialRequest,
};

use super::bound::{self, Ids, named, wanted};
use super::rule::{self, Rule};
use super::{Instance, Page, number, time};
use crate::body::{self, Payload, Rules};
use crate::error::Error;
use crate::problems::Problems;
use crate::query::Query;
use crate::router::Routes;
use crate::state::State;

/// The largest of each number.
const MOST: i64 = 2_147_483_647;

pub(super) fn routes(routes: &mut Routes) {
    routes
        .on(shape::LIST, list)
        .on(shape::CREATE, create)
        .on(shape::SHOW, show)
        .on(shape::UPDATE, update)
        .on(shape::DELETE, delete)
        .on(shape::LIST_SPECIALS, list_specials)
        .on(shape::CREATE_SPECIAL, create_special)
        .on(shape::UPDATE_SPECIAL, update_special)
        .on(shape::DELETE_SPECIAL, delete_special);
    bindings::routes(routes);
}

async fn list(
    Extract(state): Extract<State>,
    instance: Instance,
    query: Query,
) -> Result<Json<ListThrottlesResponse>, Error> {
    let page = Page::read(&query)?;
    let book = state.store.policies();
    let fits = |one: &&Policy| {
        one.project == instance.project && wanted(&query, "id", &one.id) && named(&query, "name", &one.name)
    };
    let mut found: Vec<_> = book.throttles.values().filter(fits).collect();
    found.sort_by(|a, b| (b.created, &a.id).cmp(&(a.created, &b.id)));
    let (throttles, size, total) = page.cut(found, |one| view(&book, one));
    Ok(Json(ListThrottlesResponse { size, total, throttles }))
}

async fn create(
    Extract(state): Extract<State>,
    instance: Instance,
    payload: Payload,
) -> Result<(StatusCode, Json<shape::Throttle>), Error> {
    let made = state.store.create_throttle(&instance.project, read(&payload)?).await?;
    Ok((StatusCode::CREATED, Json(view(&state.store.policies(), &made))))
}

async fn show(Extract(state): Extract<State>, instance: Instance, ids: Ids) -> Result<Json<shape::Throttle>, Error> {
    let book = state.store.policies();
    Ok(Json(view(&book, find(&book, &instance.project, ids.get("throttle_id"))?)))
}

async fn update(
    Extract(state): Extract<State>,
    instance: Instance,
    ids: Ids,
    payload: Payload,
) -> Result<Json<shape::Throttle>, Error> {
    let new = read(&payload)?;
    let changed = state.store.update_throttle(&instance.project, ids.get("throttle_id"), new).await?;
    Ok(Json(view(&state.store.policies(), &changed)))
}

async fn delete(Extract(state): Extract<State>, instance: Instance, ids: Ids) -> Result<StatusCode, Error> {
    state.store.delete_throttle(&instance.project, ids.get("throttle_id")).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn list_specials(
    Extract(state): Extract<State>,
    instance: Instance,
    ids: Ids,
    query: Query,
) -> Result<Json<ListSpecialsResponse>, Error> {
    let page = Page::read(&query)?;
    let book = state.store.policies();
    let policy = find(&book, &instance.project, ids.get("throttle_id"))?;
    let mut found = book.specials_of(&policy.id);
    found.retain(|one| {
        let own = object_name(&state, one);
        let is = |object, name| {
            query.text(name).is_none_or(|asked| one.object == object && (one.object_id == asked || own.contains(asked)))
        };
        wanted(&query, "object_type", one.object.code()) && is(Object::App, "app_name") && is(Object::User, "user")
    });
    let (throttle_specials, size, total) = page.cut(found, |one| view_special(&state, one));
    Ok(Json(ListSpecialsResponse { size, total, throttle_specials }))
}

async fn create_special(
    Extract(state): Extract<State>,
    instance: Instance,
    ids: Ids,
    payload: Payload,
) -> Result<(StatusCode, Json<shape::Special>), Error> {
    let mut problems = Problems::default();
    let request: CreateSpecialRequest = body::read(&payload.0, Rules::new("", rule::code_of), &mut problems);
    let mut rule = Rule { problems: &mut problems };
    let limit = count(&mut rule, "call_limits", request.call_limits, 1);
    let is_kind = |text: &str| matches!(text, "APP" | "USER");
    let kind = rule.required("object_type", "APP or USER", request.object_type, is_kind);
    let must = "the id of an app, or of a project or account as a user";
    let is_id = |text: &str| text.len() <= 64 && text.chars().all(|one| one.is_ascii_alphanumeric() || one == '-');
    let object_id = rule.required("object_id", must, request.object_id, is_id);
    problems.finish()?;
    let object = (if kind == "APP" { Object::App } else { Object::User }, object_id);
    let throttle_id = ids.get("throttle_id");
    let made = state.store.create_special(&instance.project, throttle_id, object, limit).await?;
    Ok((StatusCode::CREATED, Json(view_special(&state, &made))))
}

async fn update_special(
    Extract(state): Extract<State>,
    instance: Instance,
    ids: Ids,
    payload: Payload,
) -> Result<Json<shape::Special>, Error> {
    let mut problems = Problems::default();
    let request: UpdateSpecialRequest = body::read(&payload.0, Rules::new("", rule::code_of), &mut problems);
    let limit = count(&mut Rule { problems: &mut problems }, "call_limits", request.call_limits, 1);
    problems.finish()?;
    let (throttle_id, id) = (ids.get("throttle_id"), ids.get("strategy_id"));
    let changed = state.store.update_special(&instance.project, throttle_id, id, limit).await?;
    Ok(Json(view_special(&state, &changed)))
}

async fn delete_special(Extract(state): Extract<State>, instance: Instance, ids: Ids) -> Result<StatusCode, Error> {
    state.store.delete_special(&instance.project, ids.get("throttle_id"), ids.get("strategy_id")).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A policy of another project is not there.
fn find<'a>(book: &'a Book, project: &str, id: &str) -> Result<&'a Policy, Error> {
    let found = book.throttles.get(id).filter(|policy| policy.project == project);
    let missing = || store::Error::PolicyMissing { what: store::policy::THROTTLE, id: id.to_owned() };
    Ok(found.ok_or_else(missing)?)
}

fn read(payload: &Payload) -> Result<NewThrottle, Error> {
    let mut problems = Problems::default();
    let request: ThrottleRequest = body::read(&payload.0, Rules::new("", rule::code_of), &mut problems);
    let mut rule = Rule { problems: &mut problems };
    let name = rule.required("name", bound::NAME, request.name, bound::is_name);
    let remark = rule.remark("remark", request.remark, 255).unwrap_or_default();
    let unit = |code: &str| Unit::ALL.into_iter().find(|unit| unit.code() == code);
    let code =
        rule.required("time_unit", "SECOND, MINUTE, HOUR or DAY", request.time_unit, |code| unit(code).is_some());
    let interval = count(&mut rule, "time_interval", request.time_interval, 1);
    let api = count(&mut rule, "api_call_limits", request.api_call_limits, 1);
    let user = limit(&mut rule, "user_call_limits", request.user_call_limits, api);
    let limits = Limits {
        api: Some(api),
        user,
        app: limit(&mut rule, "app_call_limits", request.app_call_limits, user.unwrap_or(api)),
        ip: limit(&mut rule, "ip_call_limits", request.ip_call_limits, api),
    };
    let kind = request.r#type.unwrap_or(1);
    rule.wrong_unless(matches!(kind, 1 | 2), || format!("type must be 1 or 2, not {kind}"));
    let adaptive = request.enable_adaptive_control.is_none_or(|flag| flag.eq_ignore_ascii_case("FALSE"));
    rule.wrong_unless(adaptive, || "enable_adaptive_control is not supported, it must be FALSE".to_owned());
    problems.finish()?;
    let period = Period { interval, unit: unit(&code).unwrap_or_default() };
    Ok(NewThrottle { name, remark, shared: kind == 2, period, limits })
}

/// A number that must be given.
fn count(rule: &mut Rule<'_>, field: &str, given: Option<i64>, least: i64) -> u32 {
    let Some(given) = given else {
        let text = format!("{field} is missing: it must be {least} to {MOST}");
        rule.problems.missing(field, wire::codes::apig::MANDATORY, text);
        return 1;
    };
    rule.wrong_unless((least..=MOST).contains(&given), || format!("{field} must be {least} to {MOST}, not {given}"));
    u32::try_from(given).unwrap_or(1)
}

/// A limit that need not be given, and is not over another.
fn limit(rule: &mut Rule<'_>, field: &str, given: Option<i64>, most: u32) -> Option<u32> {
    let given = given.filter(|given| *given != 0)?;
    let fits = (1..=i64::from(most)).contains(&given);
    rule.wrong_unless(fits, || format!("{field} must be 0 to {most} (no more than what it is a part of), not {given}"));
    u32::try_from(given).ok()
}

fn view(book: &Book, policy: &Policy) -> shape::Throttle {
    let limit = |limit: Option<u32>| i64::from(limit.unwrap_or(0));
    shape::Throttle {
        id: policy.id.clone(),
        name: policy.name.clone(),
        remark: policy.remark.clone(),
        r#type: if policy.shared { 2 } else { 1 },
        time_unit: policy.period.unit.code().to_owned(),
        time_interval: i64::from(policy.period.interval),
        api_call_limits: limit(policy.limits.api),
        user_call_limits: limit(policy.limits.user),
        app_call_limits: limit(policy.limits.app),
        ip_call_limits: limit(policy.limits.ip),
        enable_adaptive_control: "FALSE".to_owned(),
        bind_num: number(book.count(Kind::Throttle, &policy.id)),
        is_inclu_special_throttle: if book.specials_of(&policy.id).is_empty() { 2 } else { 1 },
        create_time: time(policy.created),
    }
}

fn view_special(state: &State, special: &Special) -> shape::Special {
    let name = object_name(state, special);
    let app = special.object == Object::App;
    shape::Special {
        id: special.id.clone(),
        call_limits: i64::from(special.limit),
        apply_time: time(special.applied),
        app_name: app.then(|| name.clone()),
        app_id: app.then(|| special.object_id.clone()),
        object_id: special.object_id.clone(),
        object_type: special.object.code().to_owned(),
        object_name: name,
        throttle_id: special.throttle_id.clone(),
    }
}

/// What the app, project or account is called now.
fn object_name(state: &State, special: &Special) -> String {
    let id = &special.object_id;
    match special.object {
        Object::App => state.store.callers().client(id).map(|client| client.app.name.clone()),
        Object::User => {
            let identities = state.store.identities();
            let account = (identities.domain.id == *id).then(|| identities.domain.name.clone());
            account.or_else(|| identities.projects.get(id).map(|project| project.name.clone()))
        }
    }
    .unwrap_or_default()
}
