//! Headers of a function's requests, kept for a while in memory when its owner switches that on.

use std::time::Duration;

use axum::Json;
use axum::extract::{FromRequestParts, State as Extract};
use http::StatusCode;
use http::request::Parts;
use model::heads::{Answered, Asked, Field, Fields, Names, Value};
use model::limits::{DEFAULT_HEADER_CAPTURE_SECONDS, HEADER_CAPTURE_SECONDS, HEADER_NAMES};
use model::urn::FunctionId;
use store::audit::Elsewhere;
use telemetry::CaptureState;
use wire::codes;
use wire::funcd::headers::{
    self as shape, AnswerHead, Capture, Header, ListCapturesResponse, RequestHead, RequestHeaders, StartCaptureRequest,
};

use crate::audit;
use crate::body::{self, Payload, Rules};
use crate::caller::Caller;
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::router::Routes;
use crate::state::State;
use crate::target::{Target, parameter};

pub(crate) fn routes(routes: &mut Routes) {
    routes
        .on(shape::START, start)
        .on(shape::SHOW, show)
        .on(shape::STOP, stop)
        .on(shape::LIST, list)
        .on(shape::OF_REQUEST, of_request);
}

async fn start(Extract(state): Extract<State>, target: Target, payload: Payload) -> Result<Json<Capture>, Error> {
    let function = target.function(&state)?;
    let (length, names) = read(&payload)?;
    let captures = state.telemetry.captures();
    let before = captures.state(&function.id).filter(|before| before.running);
    let now =
        captures.start(&function.id, names, length).map_err(|full| Error::new(codes::INVALID, full.to_string()))?;
    note(&state, "startHeaderCapture", &function.id, (before.as_ref(), Some(&now))).await;
    Ok(Json(view(&function.id, Some(&now))))
}

async fn show(Extract(state): Extract<State>, target: Target) -> Result<Json<Capture>, Error> {
    let function = target.function(&state)?;
    Ok(Json(view(&function.id, state.telemetry.captures().state(&function.id).as_ref())))
}

async fn stop(Extract(state): Extract<State>, target: Target) -> Result<StatusCode, Error> {
    let function = target.function(&state)?;
    let before = state.telemetry.captures().stop(&function.id);
    note(&state, "stopHeaderCapture", &function.id, (before.as_ref(), None)).await;
    Ok(StatusCode::NO_CONTENT)
}

async fn list(Extract(state): Extract<State>, caller: Caller) -> Json<ListCapturesResponse> {
    let running = state.telemetry.captures().running(&caller.project);
    Json(ListCapturesResponse { captures: running.iter().map(|(id, state)| view(id, Some(state))).collect() })
}

async fn of_request(
    Extract(state): Extract<State>,
    target: Target,
    Id(request_id): Id,
) -> Result<Json<RequestHeaders>, Error> {
    let function = target.function(&state)?;
    let found = state.telemetry.captures().find(&function.id, &request_id);
    let request = found.as_ref().map(|heads| request_head(&heads.asked));
    let answer = found.as_ref().and_then(|heads| heads.answered.as_ref()).map(answer_head);
    Ok(Json(RequestHeaders { request_id, request, answer }))
}

/// The request that a path names.
struct Id(String);

impl<S: Sync> FromRequestParts<S> for Id {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        parameter(parts, &["request_id"]).await.map(Self)
    }
}

/// For how long, and which names.
fn read(payload: &Payload) -> Result<(Duration, Names), Error> {
    let mut problems = Problems::default();
    let request: StartCaptureRequest = match payload.0.is_empty() {
        true => StartCaptureRequest::default(),
        false => body::read(&payload.0, Rules::new("", |_| codes::INVALID), &mut problems),
    };
    let usual = i64::try_from(DEFAULT_HEADER_CAPTURE_SECONDS).unwrap_or_default();
    let given = request.seconds.unwrap_or(usual);
    let seconds = u64::try_from(given).ok().filter(|seconds| HEADER_CAPTURE_SECONDS.contains(seconds));
    problems.unless(seconds.is_some(), codes::INVALID, || {
        let (least, most) = (HEADER_CAPTURE_SECONDS.start(), HEADER_CAPTURE_SECONDS.end());
        format!("seconds must be {least} to {most}, not {given}")
    });
    let listed = request.names.unwrap_or_default();
    problems.unless(listed.len() <= HEADER_NAMES, codes::INVALID, || {
        format!("names may list {HEADER_NAMES} headers, not {}", listed.len())
    });
    let mut names = Names::default();
    for name in listed.iter().take(HEADER_NAMES) {
        if let Err(why) = names.list(name) {
            problems.add(codes::INVALID, format!("names: {} {why}", quoted(name)));
        }
    }
    problems.finish()?;
    Ok((Duration::from_secs(seconds.unwrap_or_default()), names))
}

/// Says it in the audit trail. The time of the end is a part of it, so that one that is prolonged is a change, too.
async fn note(
    state: &State,
    event: &str,
    function: &FunctionId,
    (before, after): (Option<&CaptureState>, Option<&CaptureState>),
) {
    let said = |state: Option<&CaptureState>| state.map(said).unwrap_or_default();
    audit::note_elsewhere(state, event, (Elsewhere::HeaderCapture, &function.name), (&said(before), &said(after)))
        .await;
}

fn said(state: &CaptureState) -> String {
    let names = state.names.listed();
    let shown = if names.is_empty() { String::new() } else { format!(", with the values of {}", names.join(", ")) };
    format!("until {}{shown}", state.ends)
}

fn view(function: &FunctionId, state: Option<&CaptureState>) -> Capture {
    Capture {
        function: function.to_string(),
        running: state.is_some_and(|state| state.running),
        started: state.map(|state| state.started.to_string()),
        ends: state.map(|state| state.ends.to_string()),
        names: state.map(|state| state.names.listed().to_vec()).unwrap_or_default(),
        requests: state.map_or(0, |state| state.requests as u64),
    }
}

fn request_head(asked: &Asked) -> RequestHead {
    RequestHead {
        method: asked.method.clone(),
        path: asked.path.clone(),
        query_bytes: asked.query_bytes.map(|bytes| bytes as u64),
        headers: headers(&asked.fields),
        left_out: asked.fields.left_out() as u64,
    }
}

fn answer_head(answered: &Answered) -> AnswerHead {
    let fields = &answered.fields;
    AnswerHead { status: answered.status, headers: headers(fields), left_out: fields.left_out() as u64 }
}

fn headers(fields: &Fields) -> Vec<Header> {
    fields.kept().iter().map(header).collect()
}

fn header(field: &Field) -> Header {
    let (value, cut) = match &field.value {
        Value::Hidden => (None, false),
        Value::Whole(text) => (Some(text.clone()), false),
        Value::Beginning(text) => (Some(text.clone()), true),
    };
    Header { name: field.name.clone(), bytes: field.bytes as u64, value, cut }
}
