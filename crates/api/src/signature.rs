//! What runs before every handler: who sent the request ([`crate::authenticate`]), its body within the operation's limits, whether they
//! may ([`crate::authorize`]).

use axum::extract::{Request, State as Extract};
use axum::middleware::Next;
use axum::response::Response;
use http::header::AUTHORIZATION;
use http::request::Parts;
use store::audit::Actor;
use tokio::sync::OwnedSemaphorePermit;
use wire::Operation;
use wire::codes::{self, Code};

use crate::actions::{Access, Rule};
use crate::attempts;
use crate::audit::{self, Refusal};
use crate::authenticate;
use crate::authorize::authorize;
use crate::body::{self, Received};
pub(crate) use crate::caller::Caller;
use crate::error::Error;
use crate::serve::Serving;
use crate::state::State;

/// What is particular to an operation before its handler runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    /// Bytes its body may have.
    pub(crate) bytes: usize,
    /// What a larger one is answered with.
    pub(crate) too_large: Code,
    /// Whether it runs to its end when the client goes away: changes do, so that none stays half done.
    pub(crate) completes: bool,
}

impl Policy {
    /// A body of at most 1 MiB; changes complete.
    pub(crate) fn small(operation: &Operation) -> Self {
        Self { bytes: 1024 * 1024, too_large: codes::BODY_TOO_LARGE, completes: operation.method != "GET" }
    }

    /// A body with a code package in it: 50 MB as base64, and room for the other fields.
    pub(crate) fn package() -> Self {
        let bytes = model::limits::PACKAGE_BYTES.div_ceil(3) * 4 + 1024 * 1024;
        Self { bytes, too_large: codes::PACKAGE_TOO_LARGE, completes: true }
    }

    /// A body with a dependency in it.
    pub(crate) fn dependency() -> Self {
        let bytes = model::limits::DEPENDENCY_BYTES.div_ceil(3) * 4 + 1024 * 1024;
        Self { bytes, too_large: codes::PACKAGE_TOO_LARGE, completes: true }
    }

    /// An event for a function; the call ends with its client.
    pub(crate) fn event() -> Self {
        let bytes = model::limits::INVOKE_REQUEST_BYTES;
        Self { bytes, too_large: codes::BODY_TOO_LARGE, completes: false }
    }
}

/// What the layer knows about the operation it guards.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    pub(crate) state: State,
    pub(crate) operation: Operation,
    pub(crate) policy: Policy,
    /// The operation's action, and who may.
    pub(crate) rule: Rule,
}

/// Lets a request pass with its [`Caller`] and its [`Payload`], if who sent it is proven and may.
pub(crate) async fn authenticate(
    Extract(gate): Extract<Gate>,
    request: Request,
    next: Next,
) -> Result<Response, Error> {
    let (mut parts, stream) = request.into_parts();
    let open = gate.rule.access == Access::Open;
    let claim = match authenticate::claim(&parts.headers, &gate.state) {
        // Whoever asks for a token may have an old one with them.
        Err(_) if open && !parts.headers.contains_key(AUTHORIZATION) => None,
        Ok(claim) => claim,
        Err(error) => return Err(attempts::signature(&gate.state, &parts, gate.operation, error).await),
    };
    if claim.is_none() && !open {
        return Err(authenticate::unauthenticated(
            "the Authorization header is missing and so is X-Auth-Token; sign the request with an access key (SDK-HMAC-SHA256), \
             or send a token",
        ));
    }
    let Received { payload, sha256, room } =
        body::receive(stream, &parts.headers, gate.policy, &gate.state.large_bodies).await?;
    let caller = claim.map(|claim| -> Result<Caller, Error> {
        claim.prove(&parts, &sha256, &gate.state)?;
        claim.into_caller(&parts, gate.rule, &gate.state)
    });
    let caller = match caller.transpose() {
        Ok(caller) => caller,
        Err(error) => return Err(attempts::signature(&gate.state, &parts, gate.operation, error).await),
    };
    let actor = audit::actor(&parts, caller.as_ref(), gate.operation);
    if let Some(caller) = caller {
        admit(&mut parts, &gate, caller, &actor).await?;
    }
    parts.extensions.insert(payload);
    perform(parts, gate, actor, (next, room)).await
}

/// Lets the caller do what the path says, or adds the refusal to the audit trail.
async fn admit(parts: &mut Parts, gate: &Gate, caller: Caller, actor: &Actor) -> Result<(), Error> {
    let Caller { name, project, access_key, .. } = &caller;
    tracing::debug!(name, access_key, project, method = %parts.method, path = parts.uri.path(), "api.request");
    if let Err(error) = authorize(parts, gate.rule, &caller).await {
        if gate.policy.completes {
            audit::note(&gate.state, actor.clone(), parts.uri.path(), Refusal::from(&error)).await;
        }
        return Err(error);
    }
    parts.extensions.insert(caller);
    Ok(())
}

/// Runs the handler in the caller's name; a change goes on when its client has gone away.
async fn perform(
    parts: Parts,
    gate: Gate,
    actor: Actor,
    (next, room): (Next, Option<OwnedSemaphorePermit>),
) -> Result<Response, Error> {
    let path = parts.uri.path().to_owned();
    let serving = parts.extensions.get::<Serving>().cloned();
    let answer = next.run(Request::from_parts(parts, axum::body::Body::empty()));
    let work = async move {
        let response = store::audit::acting(actor.clone(), answer).await;
        // Whoever let nobody in has said so, within bounds.
        let stranger = gate.rule.access == Access::Open && actor.user_id.is_empty();
        let refusal = audit::refusal(&response).filter(|_| gate.policy.completes && !stranger);
        if let Some(refusal) = refusal {
            audit::note(&gate.state, actor, &path, refusal).await;
        }
        drop(room);
        response
    };
    match serving.filter(|_| gate.policy.completes) {
        Some(serving) => Ok(serving.tasks.spawn(work).await?),
        None => Ok(work.await),
    }
}
