//! What this installation is, and whether it lives.

use axum::Json;
use axum::extract::State as Extract;
use model::trigger::Group;
use wire::funcd::info::{self as shape, Info};

use crate::error::Error;
use crate::router::Routes;
use crate::signature::Caller;
use crate::state::State;

pub(crate) fn routes(routes: &mut Routes) {
    routes.on(shape::SHOW, show);
}

async fn show(Extract(state): Extract<State>, caller: Caller) -> Result<Json<Info>, Error> {
    let groups = state.store.groups(&caller.project).await?;
    let default = groups.into_iter().find(Group::is_default);
    Ok(Json(Info {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        region: state.store.region().to_owned(),
        project_id: caller.project,
        gateway_url: state.config.gateway_url.clone(),
        gateway_port: state.config.gateway_port,
        gateway_tls_url: state.config.tls_url(None),
        gateway_tls_port: state.config.gateway_tls_port,
        default_group_id: default.map(|group| group.id).unwrap_or_default(),
    }))
}

/// The one unsigned operation: it says nothing but that the process serves.
pub(crate) async fn health() -> &'static str {
    "ok\n"
}
