//! Traces: list, and verify.

use std::sync::Arc;

use auth::claim::Rights;
use axum::Json;
use axum::extract::State as Extract;
use jiff::Timestamp;
use store::audit::{Event, Operations, Wanted};
use wire::codes;
use wire::cts::traces::{self as shape, Chain, ListTracesResponse, MetaData, Trace, User};

use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::query::Query;
use crate::router::Routes;
use crate::signature::Caller;
use crate::state::State;

/// The service that operations belong to unless they are another's.
const FUNCTION_GRAPH: &str = "FunctionGraph";
/// Events of a page: least, usual, most.
const LIMIT: (i64, i64, i64) = (1, 10, 200);

pub(crate) fn routes(routes: &mut Routes) {
    routes.on(shape::LIST, list).on(shape::CHAIN, chain);
}

async fn list(Extract(state): Extract<State>, caller: Caller, query: Query) -> Result<Json<ListTracesResponse>, Error> {
    let wanted = Wanted { project_only: !sees_account(&state, &caller), ..wanted(&query)? };
    let limit = wanted.limit;
    let events = state.store.audit(&caller.project, &wanted).await?;
    let marker = (events.len() >= limit).then(|| events.last().map(|event| event.number.to_string())).flatten();
    let traces: Vec<Trace> = events.into_iter().map(view).collect();
    let count = traces.len() as u64;
    Ok(Json(ListTracesResponse { traces, meta_data: MetaData { count, marker } }))
}

/// Whether the caller may see who signs in and what concerns every project: not by what was granted in one project.
fn sees_account(state: &State, caller: &Caller) -> bool {
    let identities = state.store.identities();
    let roles = identities.roles_of(&caller.subject, None).into_iter();
    let policies = roles.map(|role| Arc::clone(&role.policy)).collect();
    let rights = Rights { policies, session: caller.rights.session.clone() };
    rights.allow(caller.action, &caller.resource(caller.action, "trace", "*"))
}

/// The operations of a service; what is nobody else's is FunctionGraph's, funcd's own events among it.
fn operations(service: Option<&str>) -> Operations {
    let Some(wanted) = service else { return Operations::All };
    let all = crate::unimplemented::operations();
    let of = |fits: &dyn Fn(&str) -> bool| {
        all.iter().filter(|(own, _)| fits(service_of(own.path))).map(|(own, _)| own.id).collect()
    };
    if wanted.eq_ignore_ascii_case(FUNCTION_GRAPH) {
        return Operations::Except(of(&|service| service != FUNCTION_GRAPH));
    }
    Operations::Only(of(&|service| service.eq_ignore_ascii_case(wanted)))
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
        project_only: false,
        id: text("trace_id"),
        event: text("trace_name"),
        user: text("user"),
        access_key: text("access_key_id"),
        resource_type: text("resource_type"),
        resource_id: text("resource_id"),
        resource_name: text("resource_name"),
        operations: operations(query.text("service_type")),
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
    path.map_or(FUNCTION_GRAPH, service_of)
}

/// Whose operation it is, by its path.
fn service_of(path: &str) -> &'static str {
    match path {
        path if path.contains("/apigw/") => "APIG",
        path if crate::answer::is_iam(path) => "IAM",
        _ => FUNCTION_GRAPH,
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
