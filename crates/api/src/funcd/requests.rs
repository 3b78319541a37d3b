//! Requests of a function or of all of a project: one record each.

mod filter;

use std::borrow::Cow;
use std::collections::HashSet;

use axum::extract::State as Extract;
use axum::response::Response;
use axum::{Extension, Json};
use bytes::Bytes;
use jiff::Timestamp;
use model::invoke::Source;
use model::record::Record;
use telemetry::Found;
use wire::funcd::requests::{self as shape, ListRequestsResponse, Timings};

use self::filter::Filter;
use super::follow::{self, Live, encode};
use super::logs;
use super::scope::Scope;
use super::search;
use crate::caller::Caller;
use crate::error::Error;
use crate::problems::Problems;
use crate::query::Query;
use crate::router::Routes;
use crate::serve::Serving;
use crate::state::State;
use crate::target::Target;

pub(crate) fn routes(routes: &mut Routes) {
    routes.on(shape::LIST, list).on(shape::LIST_ALL, list_all);
}

async fn list(
    Extract(state): Extract<State>,
    target: Target,
    query: Query,
) -> Result<Json<ListRequestsResponse>, Error> {
    let function = target.function(&state)?.id.to_string();
    let mut problems = Problems::default();
    let wanted = logs::filter(&query, &mut problems);
    problems.finish()?;
    let telemetry = state.telemetry.clone();
    let records = tokio::task::spawn_blocking(move || telemetry.records(&function, &wanted)).await??;
    Ok(Json(ListRequestsResponse { requests: records.into_iter().map(view).collect() }))
}

async fn list_all(
    Extract(state): Extract<State>,
    caller: Caller,
    query: Query,
    serving: Option<Extension<Serving>>,
) -> Result<Response, Error> {
    let scope = Scope::read(&query, &caller, &state)?;
    let mut problems = Problems::default();
    let asked = logs::filter(&query, &mut problems);
    let wanted = Filter::read(&query, &asked, &mut problems);
    let follow = query.flag("follow", &mut problems);
    problems.finish()?;
    // Before the kept ones are read, so that none is lost between them and the live ones.
    let live = follow.then(|| state.telemetry.follow_records());
    let functions = match &scope {
        Scope::Function(id) => vec![id.to_string()],
        Scope::Project(_) => logs::names(&state, &caller),
    };
    let (telemetry, filter) = (state.telemetry.clone(), wanted.clone());
    let read = move || {
        let find =
            |name: &str, asked: &telemetry::Query| telemetry.search_records(name, asked, |record| filter.wants(record));
        search::newest(&functions, &asked, |record: &Record| record.started, find)
    };
    let Found { entries, cut } = tokio::task::spawn_blocking(read).await??;
    let sent: HashSet<(std::sync::Arc<str>, Timestamp)> =
        entries.iter().map(|record| (record.request_id.clone(), record.started)).collect();
    let past = entries.into_iter().map(|record| encode(&view(record))).collect();
    let line = move |record: &Record| {
        let is_new = !sent.contains(&(record.request_id.clone(), record.started));
        (scope.has(&record.function) && wanted.wants(record) && is_new).then(|| encode(&view(record.clone())))
    };
    let live = live.map(|live| Live { live, line: Box::new(line), skipped, stopping: follow::stopping(serving) });
    Ok(follow::answer(past, cut, live))
}

fn skipped(records: u64) -> Bytes {
    encode(&serde_json::json!({ "skipped": records }))
}

fn view(record: Record) -> shape::Record {
    let timings = record.timings;
    shape::Record {
        request_id: record.request_id.to_string(),
        function: record.function.to_string(),
        version: record.version.to_string(),
        revision: record.revision,
        instance: record.instance.map(|instance| instance.to_string()),
        source: match record.source {
            Source::Gateway => "gateway".to_owned(),
            Source::Api => "api".to_owned(),
        },
        method: record.method.into_owned(),
        path: record.path,
        status: record.status,
        error: record.error.map(Cow::into_owned),
        started: record.started.to_string(),
        timings: Timings {
            gateway_us: timings.gateway_us,
            queue_us: timings.queue_us,
            sandbox_us: timings.sandbox_us,
            boot_us: timings.boot_us,
            thaw_us: timings.thaw_us,
            first_byte_us: timings.first_byte_us,
            total_us: timings.total_us,
        },
        request_bytes: record.request_bytes,
        response_bytes: record.response_bytes,
        memory_bytes: record.memory_bytes,
    }
}
