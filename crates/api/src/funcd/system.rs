//! The machine that funcd runs on. Looking at it is the binary's: nothing here knows what a sandbox needs.

use axum::Json;
use axum::extract::State as Extract;
use wire::funcd::system::{self as shape, DoctorResponse, ListNodesResponse};

use crate::error::Error;
use crate::router::Routes;
use crate::state::{Machine, State};

pub(crate) fn routes(routes: &mut Routes) {
    routes.on(shape::DOCTOR, doctor).on(shape::NODES, nodes);
}

async fn doctor(Extract(state): Extract<State>) -> Result<Json<DoctorResponse>, Error> {
    let machine = machine(&state)?;
    // A look takes some hundred system calls; nobody needs two at the same time.
    let _turn = state.looking.acquire().await;
    let findings = tokio::task::spawn_blocking(move || (machine.doctor)()).await?;
    Ok(Json(DoctorResponse { findings }))
}

async fn nodes(Extract(state): Extract<State>) -> Result<Json<ListNodesResponse>, Error> {
    let machine = machine(&state)?;
    let node = tokio::task::spawn_blocking(move || (machine.node)()).await?;
    Ok(Json(ListNodesResponse { nodes: vec![node] }))
}

fn machine(state: &State) -> Result<Machine, Error> {
    let nowhere = || Error::internal("this API runs without a machine to look at");
    state.machine.clone().ok_or_else(nowhere)
}
