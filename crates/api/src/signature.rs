//! Who sent a request: every operation is signed with an access key of the project in its path (`auth::signature`).

use auth::signature::{Authorization, verify};
use axum::extract::{FromRequestParts, Request, State as Extract};
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use store::Credential;
use wire::Operation;
use wire::codes::{self, Code};

use crate::body::{self, Received};
use crate::error::Error;
use crate::serve::Serving;
use crate::state::State;

const PROJECT: &str = "x-project-id";
const TOKEN: &str = "x-auth-token";
const CONTENT_SHA256: &str = "x-sdk-content-sha256";

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
    pub(crate) policy: Policy,
}

/// Who sent the request, proven.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The access key's project.
    pub(crate) project: String,
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| unauthenticated("the request is not signed"))
    }
}

/// Lets a request pass with its [`Caller`] and its [`Payload`] if its signature is right.
pub(crate) async fn authenticate(
    Extract(gate): Extract<Gate>,
    request: Request,
    next: Next,
) -> Result<Response, Error> {
    let (mut parts, stream) = request.into_parts();
    let (authorization, credential) = claim(&parts.headers, &gate.state)?;
    let Received { payload, sha256, room } =
        body::receive(stream, &parts.headers, gate.policy, &gate.state.large_bodies).await?;
    check(&parts, &authorization, &credential, &sha256)?;
    let Credential { project, access_key, .. } = credential;
    check_project(&parts, &project)?;
    tracing::debug!(access_key, project, method = %parts.method, path = parts.uri.path(), "api.request");
    parts.extensions.insert(Caller { project });
    parts.extensions.insert(payload);
    let serving = parts.extensions.get::<Serving>().cloned();
    let answer = next.run(Request::from_parts(parts, axum::body::Body::empty()));
    let work = async move {
        let response = answer.await;
        drop(room);
        response
    };
    match serving.filter(|_| gate.policy.completes) {
        Some(serving) => Ok(serving.tasks.spawn(work).await?),
        None => Ok(work.await),
    }
}

/// Who claims to have sent it: known before any of the body is read.
fn claim(headers: &HeaderMap, state: &State) -> Result<(Authorization, Credential), Error> {
    let Some(header) = headers.get(AUTHORIZATION) else {
        return Err(unauthenticated(match headers.contains_key(TOKEN) {
            true => {
                "tokens (X-Auth-Token) are not implemented yet; sign the request with an access key (SDK-HMAC-SHA256)"
            }
            false => "the Authorization header is missing; sign the request with an access key (SDK-HMAC-SHA256)",
        }));
    };
    let text = header.to_str().map_err(|_| unauthenticated("the Authorization header is not ASCII"))?;
    let authorization = Authorization::parse(text).map_err(|error| unauthenticated(&error.to_string()))?;
    let Some(credential) = state.store.credential(&authorization.access_key) else {
        let key = crate::problems::quoted(&authorization.access_key);
        return Err(unauthenticated(&format!("there is no access key {key}; `funcd credentials` shows the right one")));
    };
    Ok((authorization, credential))
}

fn check(parts: &Parts, authorization: &Authorization, credential: &Credential, sha256: &str) -> Result<(), Error> {
    let headers: Vec<(&str, &[u8])> =
        parts.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let request = auth::signature::Request {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        headers: &headers,
        body_sha256: sha256,
    };
    verify(&request, authorization, credential.secret_key.expose(), model::time::now())
        .map_err(|error| unauthenticated(&error.to_string()))?;
    let unbound = parts.headers.get_all(CONTENT_SHA256).iter().any(|value| value == "UNSIGNED-PAYLOAD");
    if unbound && sha256 != body::EMPTY_SHA256 {
        return Err(unauthenticated(
            "the body is not part of the signature (UNSIGNED-PAYLOAD), and every body here must be",
        ));
    }
    Ok(())
}

/// The path decides the project; `X-Project-Id`, often unsigned, may only agree.
fn check_project(parts: &Parts, own: &str) -> Result<(), Error> {
    let path = parts.uri.path().strip_prefix("/v2/").and_then(|rest| rest.split('/').next());
    if let Some(path) = path.filter(|path| *path != own) {
        let text =
            format!("the path names project {}, the access key belongs to '{own}'", crate::problems::quoted(path));
        return Err(Error::new(codes::FORBIDDEN, text));
    }
    let header = parts.headers.get(PROJECT).filter(|header| header.as_bytes() != own.as_bytes());
    match header {
        Some(_) => Err(Error::new(codes::FORBIDDEN, format!("X-Project-Id is not the access key's project '{own}'"))),
        None => Ok(()),
    }
}

fn unauthenticated(why: &str) -> Error {
    Error::new(codes::UNAUTHENTICATED, format!("incorrect IAM authentication information: {why}"))
}
