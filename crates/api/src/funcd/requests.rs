//! Requests of a function: one record each.

use std::borrow::Cow;

use axum::Json;
use axum::extract::State as Extract;
use model::invoke::Source;
use model::record::Record;
use wire::funcd::requests::{self as shape, ListRequestsResponse, Timings};

use super::logs;
use crate::error::Error;
use crate::problems::Problems;
use crate::query::Query;
use crate::router::Routes;
use crate::state::State;
use crate::target::Target;

pub(crate) fn routes(routes: &mut Routes) {
    routes.on(shape::LIST, list);
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
