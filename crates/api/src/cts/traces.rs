//! Traces: list, and verify.

use axum::Json;
use axum::extract::State as Extract;
use jiff::Timestamp;
use store::audit::{Event, Wanted};
use wire::codes;
use wire::cts::traces::{self as shape, Chain, ListTracesResponse, MetaData, Trace, User};

use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::query::Query;
use crate::router::Routes;
use crate::signature::Caller;
use crate::state::State;

/// Events of a page: least, usual, most.
const LIMIT: (i64, i64, i64) = (1, 10, 200);

pub(crate) fn routes(routes: &mut Routes) {
    routes.on(shape::LIST, list).on(shape::CHAIN, chain);
}

async fn list(Extract(state): Extract<State>, caller: Caller, query: Query) -> Result<Json<ListTracesResponse>, Error> {
    let wanted = wanted(&query)?;
    let service = query.text("service_type").map(str::to_owned);
    let limit = wanted.limit;
    let events = state.store.audit(&caller.project, &wanted).await?;
    let marker = (events.len() >= limit).then(|| events.last().map(|event| event.number.to_string())).flatten();
    let traces: Vec<Trace> = events.into_iter().map(view).filter(|trace| fits(trace, service.as_deref())).collect();
    let count = traces.len() as u64;
    Ok(Json(ListTracesResponse { traces, meta_data: MetaData { count, marker } }))
}

fn fits(trace: &Trace, service: Option<&str>) -> bool {
    service.is_none_or(|service| trace.service_type.eq_ignore_ascii_case(service))
}

fn wanted(query: &Query) -> Result<Wanted, Error> {
    let mut problems = Problems::default();
    let text = |name| query.text(name).unwrap_or_default().to_owned();
    let kind = query.text("trace_type").unwrap_or("system");
    problems.unless(kind == "system", codes::QUERY, || {
        format!("query parameter trace_type must be system (there are no data traces), not {}", quoted(kind))
    });
    let refused = match query.text("trace_rating") {
        None => None,
        Some("normal") => Some(false),
        Some("warning") => Some(true),
        Some(other) => {
            let text = format!("query parameter trace_rating must be normal or warning, not {}", quoted(other));
            problems.add(codes::QUERY, text);
            None
        }
    };
    let wanted = Wanted {
        from: moment(query, "from", &mut problems),
        to: moment(query, "to", &mut problems),
        before: query.number("next", &mut problems).and_then(|number| u64::try_from(number).ok()),
        limit: query.bounded("limit", LIMIT, &mut problems),
        id: text("trace_id"),
        event: text("trace_name"),
        user: text("user"),
        access_key: text("access_key_id"),
        resource_type: text("resource_type"),
        resource_id: text("resource_id"),
        resource_name: text("resource_name"),
        refused,
    };
    problems.finish()?;
    Ok(wanted)
}

fn moment(query: &Query, name: &str, problems: &mut Problems) -> Option<Timestamp> {
    let milliseconds = query.number(name, problems)?;
    let moment = Timestamp::from_millisecond(milliseconds).ok();
    problems.unless(moment.is_some(), codes::QUERY, || {
        format!("query parameter {name} must be milliseconds since 1970, not {milliseconds}")
    });
    moment
}

fn view(event: Event) -> Trace {
    let refused = event.status >= 400;
    let itself = event.actor.operation.is_empty();
    let time = event.at.as_millisecond();
    Trace {
        trace_id: event.id,
        service_type: service(&event.actor.operation).to_owned(),
        trace_name: event.actor.event,
        trace_rating: if refused { "warning" } else { "normal" }.to_owned(),
        trace_type: if itself { "SystemAction" } else { "ApiCall" }.to_owned(),
        resource_type: event.resource_type,
        resource_id: event.resource_id,
        resource_name: event.resource_name,
        code: event.status.to_string(),
        message: event.message,
        source_ip: event.actor.address,
        request_id: event.actor.request_id,
        time,
        record_time: time,
        user: User { id: event.actor.user_id, name: event.actor.user_name, access_key_id: event.actor.access_key },
        number: event.number,
        before_digest: event.before,
        after_digest: event.after,
        hash: event.hash,
    }
}

/// Whose operation it is.
fn service(operation: &str) -> &'static str {
    let all = crate::unimplemented::operations();
    let path = all.iter().find(|(own, _)| own.id == operation).map(|(own, _)| own.path);
    match path {
        Some(path) if path.contains("/apigw/") => "APIG",
        Some(path) if crate::answer::is_iam(path) => "IAM",
        _ => "FunctionGraph",
    }
}

async fn chain(Extract(state): Extract<State>) -> Result<Json<Chain>, Error> {
    let verdict = state.store.verify_audit().await?;
    Ok(Json(Chain {
        intact: verdict.broken_at.is_none(),
        events: verdict.events,
        broken_at: verdict.broken_at,
        head: verdict.head,
    }))
}
