//! Responses of a group in place of the gateway's errors.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State as Extract;
use http::{HeaderName, StatusCode};
use model::apig::responses::{self as rules, BODY, BODY_BYTES, HEADERS, Responses, Rule as Own, TYPES};
use wire::apig::responses::{
    self as shape, Header, ListResponsesResponse, ResponsesRequest, Rule as Shown, RuleRequest,
};
use wire::codes;

use super::bound::Ids;
use super::rule::{self, Rule};
use super::{Instance, Page, time};
use crate::body::{self, Payload, Rules};
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::query::Query;
use crate::router::Routes;
use crate::state::State;

const NAME: &str = "1 to 64 letters, digits, '_' and '-'";

pub(super) fn routes(routes: &mut Routes) {
    routes
        .on(shape::LIST, list)
        .on(shape::CREATE, create)
        .on(shape::SHOW, show)
        .on(shape::UPDATE, update)
        .on(shape::DELETE, delete)
        .on(shape::SHOW_TYPE, show_type)
        .on(shape::UPDATE_TYPE, update_type)
        .on(shape::DELETE_TYPE, delete_type);
}

async fn list(
    Extract(state): Extract<State>,
    instance: Instance,
    ids: Ids,
    query: Query,
) -> Result<Json<ListResponsesResponse>, Error> {
    let page = Page::read(&query)?;
    let group = group(&state, &instance, &ids).await?;
    let all = state.store.gateway_responses(&instance.project, &group);
    let (responses, size, total) = page.cut(all, |one| view(&one));
    Ok(Json(ListResponsesResponse { size, total, responses }))
}

async fn create(
    Extract(state): Extract<State>,
    instance: Instance,
    ids: Ids,
    payload: Payload,
) -> Result<(StatusCode, Json<shape::Responses>), Error> {
    let group = group(&state, &instance, &ids).await?;
    let (name, rules) = read(&payload)?;
    let made = state.store.create_gateway_responses((&instance.project, &group), name, rules).await?;
    Ok((StatusCode::CREATED, Json(view(&made))))
}

async fn show(Extract(state): Extract<State>, instance: Instance, ids: Ids) -> Result<Json<shape::Responses>, Error> {
    Ok(Json(view(&find(&state, &instance, &ids).await?)))
}

async fn update(
    Extract(state): Extract<State>,
    instance: Instance,
    ids: Ids,
    payload: Payload,
) -> Result<Json<shape::Responses>, Error> {
    let old = find(&state, &instance, &ids).await?;
    let (name, rules) = read(&payload)?;
    let change = move |own: &mut Responses| {
        own.name = name;
        own.rules = rules;
    };
    let changed = state.store.update_gateway_responses((&instance.project, &old.group_id), &old.id, change).await?;
    Ok(Json(view(&changed)))
}

async fn delete(Extract(state): Extract<State>, instance: Instance, ids: Ids) -> Result<StatusCode, Error> {
    let old = find(&state, &instance, &ids).await?;
    state.store.delete_gateway_responses((&instance.project, &old.group_id), &old.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn show_type(
    Extract(state): Extract<State>,
    instance: Instance,
    ids: Ids,
) -> Result<Json<BTreeMap<String, Shown>>, Error> {
    let kind = kind(&ids)?;
    let own = find(&state, &instance, &ids).await?;
    Ok(Json(BTreeMap::from([(kind.to_owned(), shown(kind, own.rules.get(kind)))])))
}

async fn update_type(
    Extract(state): Extract<State>,
    instance: Instance,
    ids: Ids,
    payload: Payload,
) -> Result<Json<BTreeMap<String, Shown>>, Error> {
    let kind = kind(&ids)?;
    let old = find(&state, &instance, &ids).await?;
    let mut problems = Problems::default();
    let request: RuleRequest = body::read(&payload.0, Rules::new("", rule::code_of), &mut problems);
    let own = read_rule(&mut Rule { problems: &mut problems }, "", kind, request);
    problems.finish()?;
    let change = move |responses: &mut Responses| {
        responses.rules.insert(kind.to_owned(), own);
    };
    let changed = state.store.update_gateway_responses((&instance.project, &old.group_id), &old.id, change).await?;
    Ok(Json(BTreeMap::from([(kind.to_owned(), shown(kind, changed.rules.get(kind)))])))
}

async fn delete_type(Extract(state): Extract<State>, instance: Instance, ids: Ids) -> Result<StatusCode, Error> {
    let kind = kind(&ids)?;
    let old = find(&state, &instance, &ids).await?;
    let change = move |responses: &mut Responses| {
        responses.rules.remove(kind);
    };
    state.store.update_gateway_responses((&instance.project, &old.group_id), &old.id, change).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The group that a path names.
async fn group(state: &State, instance: &Instance, ids: &Ids) -> Result<String, Error> {
    let id = ids.get("group_id");
    let groups = state.store.groups(&instance.project).await?;
    match groups.iter().any(|group| group.id == id) {
        true => Ok(id.to_owned()),
        false => Err(Error::new(codes::apig::GROUP_MISSING, format!("API group {} does not exist", quoted(id)))),
    }
}

async fn find(state: &State, instance: &Instance, ids: &Ids) -> Result<Responses, Error> {
    let (group, id) = (group(state, instance, ids).await?, ids.get("response_id"));
    let found = state.store.gateway_responses(&instance.project, &group).into_iter().find(|own| own.id == id);
    let missing = || store::Error::PolicyMissing { what: store::policy::RESPONSES, id: id.to_owned() };
    Ok(found.ok_or_else(missing)?)
}

/// The type of error that a path names.
fn kind(ids: &Ids) -> Result<&'static str, Error> {
    let name = ids.get("response_type");
    let text = || format!("response_type {} is no type of error", quoted(name));
    rules::kind(name).ok_or_else(|| Error::new(codes::apig::PARAMETER, text()))
}

fn read(payload: &Payload) -> Result<(String, BTreeMap<String, Own>), Error> {
    let mut problems = Problems::default();
    let request: ResponsesRequest = body::read(&payload.0, Rules::new("", rule::code_of), &mut problems);
    let mut rule = Rule { problems: &mut problems };
    let is_name = |name: &str| {
        name.len() <= 64 && name.chars().all(|one| one.is_ascii_alphanumeric() || matches!(one, '_' | '-'))
    };
    let name = rule.required("name", NAME, request.name, is_name);
    let mut own = BTreeMap::new();
    for (name, request) in request.responses.unwrap_or_default() {
        match rules::kind(&name) {
            Some(kind) => {
                let inside = format!("responses.{kind}.");
                own.insert(kind.to_owned(), read_rule(&mut rule, &inside, kind, request));
            }
            None => rule.wrong_unless(false, || format!("responses: {} is no type of error", quoted(&name))),
        }
    }
    problems.finish()?;
    Ok((name, own))
}

fn read_rule(rule: &mut Rule<'_>, inside: &str, kind: &str, request: RuleRequest) -> Own {
    let status = request.status.filter(|status| *status != 0).or(usual(kind));
    let fits = status.is_none_or(|status| (200..=599).contains(&status) && status != 444);
    rule.wrong_unless(fits, || format!("{inside}status must be 200 to 599 and not 444, not {}", status.unwrap_or(0)));
    let body = request.body.filter(|body| !body.is_empty()).unwrap_or_else(|| BODY.to_owned());
    rule.wrong_unless(body.len() <= BODY_BYTES, || {
        format!("{inside}body must have at most {BODY_BYTES} bytes, not {}", body.len())
    });
    let headers = request.headers.unwrap_or_default();
    rule.wrong_unless(headers.len() <= HEADERS, || {
        format!("{inside}headers must be at most {HEADERS}, not {}", headers.len())
    });
    let headers = headers.into_iter().enumerate();
    let headers = headers.map(|(number, header)| read_header(rule, &format!("{inside}headers[{number}]"), header));
    Own { status: status.and_then(|status| u16::try_from(status).ok()), body, headers: headers.collect() }
}

fn read_header(rule: &mut Rule<'_>, inside: &str, header: Header) -> (String, String) {
    let is_key = |key: &str| {
        let legal = |one: char| one.is_ascii_alphanumeric() || matches!(one, '-' | '_');
        key.len() <= 128 && key.chars().all(legal) && key.parse::<HeaderName>().is_ok()
    };
    let must = "a header's name of 1 to 128 letters, digits, '-' and '_'";
    let key = rule.required(&format!("{inside}.key"), must, header.key, is_key);
    let is_value = |value: &str| {
        let legal = |one: char| one.is_ascii_graphic() || one == ' ';
        value.len() <= 1024 && value.chars().all(legal) && !value.contains("[[") && !value.contains("]]")
    };
    let must = "1 to 1024 printable ASCII characters without [[ and ]]";
    let value = rule.required(&format!("{inside}.value"), must, header.value, is_value);
    (key, value)
}

/// The status that errors of a type usually have; none of the two default types.
fn usual(kind: &str) -> Option<i64> {
    let (_, status) = TYPES.iter().find(|(own, _)| *own == kind)?;
    (*status > 0).then(|| i64::from(*status))
}

fn view(own: &Responses) -> shape::Responses {
    let all = TYPES.iter().map(|(kind, _)| ((*kind).to_owned(), shown(kind, own.rules.get(*kind))));
    shape::Responses {
        id: own.id.clone(),
        name: own.name.clone(),
        responses: all.collect(),
        default: own.default,
        create_time: time(own.created),
        update_time: time(own.modified),
    }
}

fn shown(kind: &str, own: Option<&Own>) -> Shown {
    let header = |(key, value): &(String, String)| Header { key: Some(key.clone()), value: Some(value.clone()) };
    match own {
        Some(own) => Shown {
            status: own.status.map(i64::from),
            body: own.body.clone(),
            headers: own.headers.iter().map(header).collect(),
            default: false,
        },
        None => Shown { status: usual(kind), body: BODY.to_owned(), headers: Vec::new(), default: true },
    }
}
