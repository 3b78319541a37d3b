//! How many instances a function may have, which is also what enables and disables it.

use axum::Json;
use axum::extract::State as Extract;
use model::function::Config;
use model::limits;
use wire::codes;
use wire::fgs::concurrency::{self as shape, MaxInstanceRequest};
use wire::fgs::config::Function;

use super::{check, config};
use crate::body::{self, Payload, Rules};
use crate::error::Error;
use crate::problems::Problems;
use crate::router::Routes;
use crate::state::State;
use crate::target::Target;

pub(crate) fn routes(routes: &mut Routes) {
    routes.on(shape::UPDATE, update);
}

async fn update(Extract(state): Extract<State>, target: Target, payload: Payload) -> Result<Json<Function>, Error> {
    let _turn = state.changing.lock().await;
    let function = target.function(&state)?;
    let config = changed(&payload, function.latest.config.clone())?;
    let function = state.store.update_function(&function.id, Some(config), None).await?;
    Ok(Json(config::view(&function)))
}

fn changed(payload: &Payload, mut config: Config) -> Result<Config, Error> {
    let mut problems = Problems::default();
    let request: MaxInstanceRequest = body::read(&payload.0, Rules::new("", check::code_of), &mut problems);
    if request.max_instance_num.is_none() {
        problems.missing("max_instance_num", codes::CONCURRENCY, "max_instance_num is missing: -1 to 1000, 0 disables");
    }
    let (given, range) = (request.max_instance_num, limits::MAX_INSTANCES);
    let instances = check::number("max_instance_num", "", range, given, &mut problems);
    problems.finish()?;
    config.max_instances = instances.unwrap_or(config.max_instances);
    Ok(config)
}
