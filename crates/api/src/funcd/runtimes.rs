//! Language runtimes: list, install.

use std::path::PathBuf;

use axum::Json;
use axum::extract::{FromRequestParts, State as Extract};
use http::request::Parts;
use runtimes::{Attempt, Row};
use store::audit::Elsewhere;
use wire::codes;
use wire::funcd::runtimes::{self as shape, InstallRequest, Installing, ListRuntimesResponse, Runtime};

use crate::audit;
use crate::body::{self, Payload, Rules};
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::router::Routes;
use crate::state::State;
use crate::target::parameter;

pub(crate) fn routes(routes: &mut Routes) {
    routes.on(shape::LIST, list).on(shape::INSTALL, install);
}

async fn list(Extract(state): Extract<State>) -> Result<Json<ListRuntimesResponse>, Error> {
    let rows = tokio::task::spawn_blocking(move || state.runtimes.list()).await?;
    Ok(Json(ListRuntimesResponse { runtimes: rows.into_iter().map(view).collect() }))
}

async fn install(Extract(state): Extract<State>, Id(id): Id, payload: Payload) -> Result<Json<Runtime>, Error> {
    let from = source(&payload)?;
    Ok(Json(view(put(&state, id, from).await?)))
}

/// Installs one, whoever needs it, and says so in the audit trail.
pub(crate) async fn put(state: &State, id: String, from: Option<PathBuf>) -> Result<Row, Error> {
    let runtimes = state.runtimes.clone();
    let work = move || -> Result<_, runtimes::Error> {
        let before = runtimes.get(&id);
        let progress = &mut |line: &str| tracing::info!(runtime = id, line, "runtime.progress");
        let after = runtimes.install(&id, from.as_deref(), progress)?;
        Ok((before, after))
    };
    let (before, after) = tokio::task::spawn_blocking(work).await??;
    let state_of = |row: &Row| match (&row.version, &row.source) {
        (Some(version), Some(source)) => format!("{version} from {source}"),
        _ => String::new(),
    };
    let states = (before.as_ref().map(state_of).unwrap_or_default(), state_of(&after));
    audit::note_elsewhere(state, "installRuntime", (Elsewhere::Runtime, &after.id), (&states.0, &states.1)).await;
    Ok(after)
}

/// The runtime a path names.
struct Id(String);

impl<S: Sync> FromRequestParts<S> for Id {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        parameter(parts, &["runtime_id"]).await.map(Self)
    }
}

/// Where to take it from, if the request says so.
fn source(payload: &Payload) -> Result<Option<PathBuf>, Error> {
    if payload.0.is_empty() {
        return Ok(None);
    }
    let mut problems = Problems::default();
    let request: InstallRequest = body::read(&payload.0, Rules::new("", |_| codes::INVALID), &mut problems);
    let from = request.from.filter(|from| !from.is_empty()).map(PathBuf::from);
    problems.unless(from.as_ref().is_none_or(|from| from.is_absolute()), codes::INVALID, || {
        let given = from.as_ref().map(|from| quoted(&from.to_string_lossy())).unwrap_or_default();
        format!("from must be an absolute path on funcd's machine, not {given}")
    });
    problems.finish()?;
    Ok(from)
}

fn view(row: Row) -> Runtime {
    let (installing, failed) = match row.attempt {
        Some(Attempt::Installing { since, step }) => (Some(Installing { since: since.to_string(), step }), None),
        Some(Attempt::Failed { why }) => (None, Some(why)),
        None => (None, None),
    };
    Runtime {
        id: row.id,
        executable: row.executable,
        installed: row.installed,
        version: row.version,
        source: row.source,
        installable: row.installable,
        installing,
        failed,
    }
}
