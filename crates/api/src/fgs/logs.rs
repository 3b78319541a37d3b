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
    Ok(Json(LogDetail {
        group_name: format!("functiongraph.log.group.{}", id.project),
        group_id: id.project.clone(),
        stream_id: function.func_id.clone(),
        stream_name: format!("{}-{}", id.name, id.package),
    }))
}

/// Logs need not be switched on: that is said to whoever does.
async fn enable() -> Json<Value> {
    Json(json!({}))
}
