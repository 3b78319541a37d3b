//! Permanent access keys. The secret key is in the answer that makes the key, and in no other.

use axum::Json;
use axum::extract::State as Extract;
use http::StatusCode;
use store::identity::AccessKey;
use wire::codes;
use wire::iam::credentials::{self as shape, CredentialResponse, ListCredentialsResponse, NewCredential};

use super::read::{self, Path};
use super::{missing, precise};
use crate::body::Payload;
use crate::caller::Caller;
use crate::error::Error;
use crate::problems::Problems;
use crate::query::Query;
use crate::router::Routes;
use crate::state::State;

pub(super) fn routes(routes: &mut Routes) {
    routes
        .on(shape::LIST, list)
        .on(shape::CREATE, create)
        .on(shape::SHOW, show)
        .on(shape::UPDATE, update)
        .on(shape::DELETE, delete);
}

/// One's own, or a policy must allow it.
fn own(caller: &Caller, user: &str) -> Result<(), Error> {
    if caller.is_user(user) { Ok(()) } else { caller.check("credential", "*") }
}

async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    query: Query,
) -> Result<Json<ListCredentialsResponse>, Error> {
    let user = query.text("user_id").unwrap_or(caller.id());
    own(&caller, user)?;
    let identities = state.store.identities();
    let keys = identities.access_keys_of(user).into_iter();
    Ok(Json(ListCredentialsResponse { credentials: keys.map(view).collect() }))
}

async fn create(
    Extract(state): Extract<State>,
    caller: Caller,
    payload: Payload,
) -> Result<(StatusCode, Json<CredentialResponse>), Error> {
    let mut problems = Problems::default();
    let new: NewCredential = read::object(&payload, "credential", &mut problems);
    let description = read::description("credential.description", new.description, &mut problems).unwrap_or_default();
    problems.unless(new.status.is_none(), codes::IAM_INVALID, || {
        "credential.status: a new access key is active".to_owned()
    });
    problems.finish()?;
    let user = new.user_id.as_deref().unwrap_or(caller.id());
    own(&caller, user)?;
    let key = state.store.create_access_key(user, &description).await?;
    let secret = Some(key.secret_key.expose().to_owned());
    Ok((StatusCode::CREATED, Json(CredentialResponse { credential: shape::Credential { secret, ..view(&key) } })))
}

async fn show(Extract(state): Extract<State>, caller: Caller, path: Path) -> Result<Json<CredentialResponse>, Error> {
    let key = find(&state, &caller, &path)?;
    let used = state.store.last_used(&key).map(precise).unwrap_or_default();
    Ok(Json(CredentialResponse { credential: shape::Credential { last_use_time: Some(used), ..view(&key) } }))
}

async fn update(
    Extract(state): Extract<State>,
    caller: Caller,
    path: Path,
    payload: Payload,
) -> Result<Json<CredentialResponse>, Error> {
    let key = find(&state, &caller, &path)?;
    let mut problems = Problems::default();
    let new: NewCredential = read::object(&payload, "credential", &mut problems);
    let description = read::description("credential.description", new.description, &mut problems);
    let status = new.status.as_deref();
    problems.unless(matches!(status, None | Some("active" | "inactive")), codes::IAM_INVALID, || {
        "credential.status must be active or inactive".to_owned()
    });
    problems.unless(new.user_id.is_none(), codes::IAM_INVALID, || "credential.user_id cannot be changed".to_owned());
    problems.finish()?;
    let active = status.map(|status| status == "active");
    let key = state.store.update_access_key(&key.access_key, active, description).await?;
    Ok(Json(CredentialResponse { credential: view(&key) }))
}

async fn delete(Extract(state): Extract<State>, caller: Caller, path: Path) -> Result<StatusCode, Error> {
    let key = find(&state, &caller, &path)?;
    state.store.delete_access_key(&key.access_key).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whoever may not look at those of others does not learn which there are.
fn find(state: &State, caller: &Caller, path: &Path) -> Result<AccessKey, Error> {
    let name = path.get("access_key");
    let key = state.store.identities().access_keys.get(name).cloned();
    own(caller, key.as_ref().map_or("", |key| &key.user))?;
    key.ok_or_else(|| missing("access key", name))
}

fn view(key: &AccessKey) -> shape::Credential {
    shape::Credential {
        user_id: key.user.clone(),
        access: key.access_key.clone(),
        secret: None,
        status: if key.active { "active" } else { "inactive" }.to_owned(),
        description: key.description.clone(),
        create_time: precise(key.created),
        last_use_time: None,
    }
}
