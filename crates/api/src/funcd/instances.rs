//! Instances of a function: those that are there, and those that ended lately.

use std::time::Duration;

use axum::Json;
use axum::extract::State as Extract;
use model::instances::{Ended, Identity, Running};
use wire::funcd::instances::{self as shape, EndedInstance, Instance, ListInstancesResponse, Start};

use crate::error::Error;
use crate::router::Routes;
use crate::state::State;
use crate::target::Target;

pub(crate) fn routes(routes: &mut Routes) {
    routes.on(shape::LIST, list);
}

async fn list(Extract(state): Extract<State>, target: Target) -> Result<Json<ListInstancesResponse>, Error> {
    let function = target.function(&state)?.id.to_string();
    let found = state.instances.as_ref().map(|instances| instances(&function)).unwrap_or_default();
    Ok(Json(ListInstancesResponse {
        instances: found.running.into_iter().map(running).collect(),
        ended: found.ended.into_iter().map(ended).collect(),
    }))
}

fn running(one: Running) -> Instance {
    Instance {
        start: start(one.identity),
        state: one.state.to_owned(),
        reserved: one.reserved,
        in_flight: one.in_flight,
    }
}

fn ended(one: Ended) -> EndedInstance {
    EndedInstance {
        start: start(one.identity),
        ended: one.at.to_string(),
        reason: one.reason.to_owned(),
        detail: one.detail,
    }
}

fn start(one: Identity) -> Start {
    let micros = |duration: Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    Start {
        id: one.id,
        version: one.version.to_string(),
        revision: one.revision,
        cause: one.cause.name().to_owned(),
        started: one.decided.to_string(),
        sandbox_us: one.start.map(|(sandbox, _)| micros(sandbox)),
        boot_us: one.start.map(|(_, boot)| micros(boot)),
        memory_bytes: Some(one.memory_bytes).filter(|bytes| *bytes > 0),
    }
}
