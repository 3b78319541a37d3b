//! Where a function's log is: one group for the project, one stream for the function, read with funcd's own query of logs.

use axum::Json;
use axum::extract::State as Extract;
use serde_json::{Value, json};
use wire::fgs::logs::{self as shape, LogDetail};

use crate::error::Error;
use crate::router::Routes;
use crate::state::State;
use crate::target::Target;

pub(crate) fn routes(routes: &mut Routes) {
    routes.on(shape::DETAIL, detail).on(shape::ENABLE, enable);
}

async fn detail(Extract(state): Extract<State>, target: Target) -> Result<Json<LogDetail>, Error> {
    let id = &target.urn.function;
    let function = state.store.function(id).ok_or_else(|| store::Error::FunctionMissing(id.to_string()))?;
    let log = &function.latest.config.log;
    Ok(Json(LogDetail {
        group_name: given(&log.group_name, format!("functiongraph.log.group.{}", id.project)),
        group_id: given(&log.group_id, id.project.clone()),
        stream_id: given(&log.stream_id, function.func_id.clone()),
        stream_name: given(&log.stream_name, format!("{}-{}", id.name, id.package)),
    }))
}

/// What the owner calls it (`log_config`), or what it is called here.
fn given(given: &str, own: String) -> String {
    if given.is_empty() { own } else { given.to_owned() }
}

/// Logs need not be switched on: that is said to whoever does.
async fn enable() -> Json<Value> {
    Json(json!({}))
}
