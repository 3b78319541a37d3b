//! Triggers of a function: create, list, show, update, delete, delete all.

mod api;
mod group;

use axum::Json;
use axum::extract::{FromRequestParts, State as Extract};
use http::StatusCode;
use http::request::Parts;
use model::limits;
use model::trigger::{Api, Group, Kind, Trigger};
use model::urn::Urn;
use serde_json::Value;
use wire::codes::{self, Code};
use wire::fgs::triggers::{self as shape, CreateTriggerRequest, UpdateTriggerRequest};

use crate::body::{self, Payload, Rules};
use crate::error::Error;
use crate::fgs::triggers::api::{Called, Context};
use crate::fgs::triggers::group::Place;
use crate::problems::{Problems, quoted};
use crate::router::Routes;
use crate::state::State;
use crate::target::{Target, parameter};

pub(super) use api::view;
pub(super) use group::Addresses;

pub(crate) fn routes(routes: &mut Routes) {
    routes
        .on(shape::LIST, list)
        .on(shape::CREATE, create)
        .on(shape::DELETE_ALL, delete_all)
        .on(shape::SHOW, show)
        .on(shape::UPDATE, update)
        .on(shape::DELETE, delete);
}

async fn list(Extract(state): Extract<State>, target: Target) -> Result<Json<Vec<shape::Trigger>>, Error> {
    let (function, _) = target.version(&state)?;
    let triggers = state.store.triggers(&function.id, &target.urn.qualifier).await?;
    let addresses = Addresses::read(&state, &function.id.project).await?;
    Ok(Json(triggers.iter().map(|trigger| view(trigger, &addresses)).collect()))
}

async fn create(
    Extract(state): Extract<State>,
    target: Target,
    payload: Payload,
) -> Result<(StatusCode, Json<shape::Trigger>), Error> {
    let (function, _) = target.version(&state)?;
    let _turn = state.changing.lock().await;
    let addresses = Addresses::read(&state, &function.id.project).await?;
    let (kind, api, place) =
        new(&payload, &Called { function: &function, qualifier: &target.urn.qualifier, addresses: &addresses })?;
    check_count(&state, &target.urn).await?;
    let group = group::settle(&state, &function.id.project, place).await?;
    let trigger = state.store.create_trigger(assemble(target.urn, kind, api, &group)).await?;
    Ok((StatusCode::CREATED, Json(view(&trigger, &addresses.with(group)))))
}

async fn delete_all(Extract(state): Extract<State>, target: Target) -> Result<StatusCode, Error> {
    let (function, _) = target.version(&state)?;
    state.store.delete_triggers(&function.id, &target.urn.qualifier).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn show(Extract(state): Extract<State>, target: Target, named: Named) -> Result<Json<shape::Trigger>, Error> {
    let (function, _) = target.version(&state)?;
    let trigger = named.find(&state, &target.urn).await?;
    let addresses = Addresses::read(&state, &function.id.project).await?;
    Ok(Json(view(&trigger, &addresses)))
}

async fn update(
    Extract(state): Extract<State>,
    target: Target,
    named: Named,
    payload: Payload,
) -> Result<Json<shape::Trigger>, Error> {
    let (function, _) = target.version(&state)?;
    let _turn = state.changing.lock().await;
    let mut trigger = named.find(&state, &target.urn).await?;
    let addresses = Addresses::read(&state, &function.id.project).await?;
    let place = changed(
        &payload,
        &Called { function: &function, qualifier: &target.urn.qualifier, addresses: &addresses },
        &mut trigger,
    )?;
    let group = group::settle(&state, &function.id.project, place).await?;
    trigger.api.group_id.clone_from(&group.id);
    let trigger = state.store.update_trigger(trigger).await?;
    Ok(Json(view(&trigger, &addresses.with(group))))
}

async fn delete(Extract(state): Extract<State>, target: Target, named: Named) -> Result<StatusCode, Error> {
    let (function, _) = target.version(&state)?;
    let trigger = named.find(&state, &target.urn).await?;
    state.store.delete_trigger(&function.id, &trigger.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The trigger a path names by its type and id.
#[derive(Debug)]
struct Named {
    kind: String,
    id: String,
}

impl<S: Sync> FromRequestParts<S> for Named {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let kind = parameter(parts, &["trigger_type_code"]).await?;
        let id = parameter(parts, &["trigger_id"]).await?;
        Ok(Self { kind, id })
    }
}

impl Named {
    async fn find(&self, state: &State, urn: &Urn) -> Result<Trigger, Error> {
        let Self { kind, id } = self;
        let known = [Kind::Apig, Kind::DedicatedGateway].into_iter().any(|own| own.code() == kind);
        let code = if known { codes::APIG_MISSING } else { codes::TRIGGER_MISSING };
        let found = state.store.trigger(&urn.function, id).await?;
        found
            .filter(|trigger| trigger.kind.code() == kind && trigger.qualifier == urn.qualifier)
            .ok_or_else(|| Error::new(code, format!("no {} trigger {} of {}", quoted(kind), quoted(id), urn)))
    }
}

fn new(payload: &Payload, called: &Called<'_>) -> Result<(Kind, Api, Place), Error> {
    let mut problems = Problems::default();
    let request: CreateTriggerRequest = body::read(&payload.0, Rules::new("", code_of), &mut problems);
    let kind = kind(request.trigger_type_code.as_deref(), &mut problems);
    let context = Context { called, code: code(kind.unwrap_or(Kind::DedicatedGateway)) };
    status(request.trigger_status.as_deref(), &context, &mut problems);
    // The event data of another type would only be misread.
    let wanted = kind.and_then(|kind| match request.event_data {
        Some(event) => Some((kind, api::create(&event, &context, &mut problems))),
        None => {
            problems.missing("event_data", context.code, "event_data is missing");
            None
        }
    });
    problems.finish()?;
    let (kind, (api, place)) = wanted.ok_or_else(|| Error::new(codes::TRIGGER_TYPE, "trigger_type_code is missing"))?;
    Ok((kind, api, place))
}

fn changed(payload: &Payload, called: &Called<'_>, trigger: &mut Trigger) -> Result<Place, Error> {
    let mut problems = Problems::default();
    let request: UpdateTriggerRequest = body::read(&payload.0, Rules::new("", code_of), &mut problems);
    let context = Context { called, code: code(trigger.kind) };
    status(request.trigger_status.as_deref(), &context, &mut problems);
    let event = match request.event_data {
        Some(Value::Array(events)) => {
            problems.unless(events.len() <= 1, context.code, || {
                format!("event_data of an API must be one object, not a list of {}", events.len())
            });
            events.into_iter().next()
        }
        other => other,
    };
    let event = event.unwrap_or_else(|| Value::Object(serde_json::Map::new()));
    let place = api::update(&event, &context, trigger, &mut problems);
    problems.finish()?;
    Ok(place)
}

fn code_of(field: &str) -> Code {
    match field {
        "trigger_type_code" => codes::TRIGGER_TYPE,
        _ => codes::INVALID,
    }
}

/// The code for wrong parameters of a trigger type.
fn code(kind: Kind) -> Code {
    match kind {
        Kind::Apig => codes::APIG,
        Kind::DedicatedGateway => codes::DEDICATED_APIG,
    }
}

fn kind(given: Option<&str>, problems: &mut Problems) -> Option<Kind> {
    const OTHERS: [&str; 16] = [
        "TIMER",
        "CTS",
        "DDS",
        "DMS",
        "DIS",
        "LTS",
        "OBS",
        "SMN",
        "KAFKA",
        "RABBITMQ",
        "OPENSOURCEKAFKA",
        "APIC",
        "GAUSSMONGO",
        "EVENTGRID",
        "IOTDA",
        "ROCKETMQ",
    ];
    let text = match given {
        Some("APIG") => return Some(Kind::Apig),
        Some("DEDICATEDGATEWAY") => return Some(Kind::DedicatedGateway),
        None => {
            let text = "trigger_type_code is missing: DEDICATEDGATEWAY or APIG";
            problems.missing("trigger_type_code", codes::TRIGGER_TYPE, text);
            return None;
        }
        Some("APIC") => "trigger_type_code APIC (ROMA) is not supported yet, use DEDICATEDGATEWAY or APIG".to_owned(),
        Some(other) if OTHERS.contains(&other) => {
            format!("an HTTP function has no {other} trigger: trigger_type_code must be DEDICATEDGATEWAY or APIG")
        }
        Some(other) => format!("trigger_type_code must be DEDICATEDGATEWAY or APIG, not {}", quoted(other)),
    };
    problems.add(codes::TRIGGER_TYPE, text);
    None
}

fn status(given: Option<&str>, context: &Context<'_>, problems: &mut Problems) {
    let given = given.unwrap_or("ACTIVE");
    problems.unless(matches!(given, "ACTIVE" | ""), context.code, || match given {
        "DISABLED" => "an API cannot be disabled (trigger_status DISABLED), only deleted".to_owned(),
        _ => format!("trigger_status must be ACTIVE, not {}", quoted(given)),
    });
}

/// Before a group is made for the trigger: a refused one leaves nothing behind.
async fn check_count(state: &State, urn: &Urn) -> Result<(), Error> {
    let triggers = state.store.triggers(&urn.function, &urn.qualifier).await?;
    if triggers.len() < limits::TRIGGERS {
        return Ok(());
    }
    let what = store::quota::TRIGGERS;
    Err(store::Error::Quota { what, limit: u64::try_from(limits::TRIGGERS).unwrap_or(u64::MAX) }.into())
}

fn assemble(urn: Urn, kind: Kind, mut api: Api, group: &Group) -> Trigger {
    api.group_id.clone_from(&group.id);
    let now = model::time::now();
    Trigger {
        id: auth::keys::id(),
        function: urn.function,
        qualifier: urn.qualifier,
        kind,
        created: now,
        updated: now,
        api,
    }
}
