//! Test events of a function: list, create, show, update, delete.

use axum::Json;
use axum::extract::{FromRequestParts, State as Extract};
use http::StatusCode;
use http::request::Parts;
use model::limits;
use serde::de::IgnoredAny;
use wire::Base64;
use wire::codes::{self, Code};
use wire::fgs::events::{
    self as shape, CreateEventRequest, Event, ListEventsResponse, ListedEvent, NamedEvent, UpdateEventRequest,
};

use super::check::name_rule;
use crate::body::{self, Payload, Rules};
use crate::error::Error;
use crate::problems::Problems;
use crate::router::Routes;
use crate::state::State;
use crate::target::{Target, parameter};

pub(crate) fn routes(routes: &mut Routes) {
    routes
        .on(shape::LIST, list)
        .on(shape::CREATE, create)
        .on(shape::SHOW, show)
        .on(shape::UPDATE, update)
        .on(shape::DELETE, delete);
}

async fn list(Extract(state): Extract<State>, target: Target) -> Result<Json<ListEventsResponse>, Error> {
    let function = target.function(&state)?;
    let events: Vec<_> = state.store.events(&function.func_id).await?.into_iter().map(listed).collect();
    Ok(Json(ListEventsResponse { count: events.len() as u64, events, next_marker: 0 }))
}

async fn create(Extract(state): Extract<State>, target: Target, payload: Payload) -> Result<Json<NamedEvent>, Error> {
    let function = target.function(&state)?;
    let mut problems = Problems::default();
    let request: CreateEventRequest = body::read(&payload.0, Rules::new("", code_of), &mut problems);
    let name = name(request.name, &mut problems);
    let content = content(request.content, &mut problems);
    problems.finish()?;
    Ok(Json(named(state.store.create_event(&function.id, &name, &content).await?)))
}

async fn show(Extract(state): Extract<State>, target: Target, EventId(id): EventId) -> Result<Json<Event>, Error> {
    let function = target.function(&state)?;
    let events = state.store.events(&function.func_id).await?;
    let event = events.into_iter().find(|event| event.id == id).ok_or(store::Error::EventMissing(id))?;
    Ok(Json(view(event)))
}

async fn update(
    Extract(state): Extract<State>,
    target: Target,
    EventId(id): EventId,
    payload: Payload,
) -> Result<Json<NamedEvent>, Error> {
    let function = target.function(&state)?;
    let mut problems = Problems::default();
    let request: UpdateEventRequest = body::read(&payload.0, Rules::new("", code_of), &mut problems);
    if let Some(name) = &request.name {
        name_rule("name", codes::EVENT, limits::EVENT_NAME_CHARS, (name, &mut problems));
    }
    let content = content(request.content, &mut problems);
    problems.finish()?;
    let change = (request.name.as_deref(), content.as_str());
    Ok(Json(named(state.store.update_event(&function.id, &id, change).await?)))
}

async fn delete(Extract(state): Extract<State>, target: Target, EventId(id): EventId) -> Result<StatusCode, Error> {
    let function = target.function(&state)?;
    state.store.delete_event(&function.id, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The event a path names.
struct EventId(String);

impl FromRequestParts<State> for EventId {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Error> {
        parameter(parts, &["event_id"]).await.map(Self)
    }
}

fn code_of(_: &str) -> Code {
    codes::EVENT
}

fn name(given: Option<String>, problems: &mut Problems) -> String {
    let Some(name) = given else {
        problems.missing("name", codes::EVENT, "name is missing");
        return String::new();
    };
    name_rule("name", codes::EVENT, limits::EVENT_NAME_CHARS, (&name, problems));
    name
}

/// The event itself, which must be JSON.
fn content(given: Option<Base64>, problems: &mut Problems) -> String {
    let Some(Base64(bytes)) = given else {
        problems.missing("content", codes::EVENT, "content is missing: the event, which is JSON, as base64");
        return String::new();
    };
    problems.unless(bytes.len() <= limits::EVENT_BYTES, codes::EVENT_TOO_LARGE, || {
        format!("content must be at most {} bytes before base64, not {}", limits::EVENT_BYTES, bytes.len())
    });
    if let Err(error) = serde_json::from_slice::<IgnoredAny>(&bytes) {
        problems.add(codes::EVENT, format!("content must be JSON as base64: {error}"));
    }
    String::from_utf8(bytes).unwrap_or_default()
}

fn named(event: store::Event) -> NamedEvent {
    NamedEvent { id: event.id, name: event.name }
}

fn view(event: store::Event) -> Event {
    let content = Base64(event.content.into_bytes());
    Event { id: event.id, name: event.name, content, last_modified: event.modified.as_second() }
}

fn listed(event: store::Event) -> ListedEvent {
    ListedEvent { id: event.id, name: event.name, last_modified: event.modified.as_second() }
}
