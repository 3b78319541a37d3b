//! App authentication: a request signed with an app's AppSecret (`SDK-HMAC-SHA256`, `api.md` b.1), or one with an AppCode where the
//! API takes that too. The app must have been authorized for the API in its environment, and may be bound to addresses.

use std::sync::Arc;

use auth::signature::{self, Authorization};
use http::header::AUTHORIZATION;
use http::{HeaderName, Request};
use model::apig::ApiRef;
use model::apig::app::Client;
use model::invoke;
use model::snapshot::Callers;
use sha2::{Digest as _, Sha256};

use super::body::{self, Broken};
use super::{APP_CODE, Admitted, Refusal, one, remove_signature, say};
use crate::caller::{Caller, Named};
use crate::failure::Failure;
use crate::listener::network;
use crate::request::Asked;

const APP_ID: HeaderName = HeaderName::from_static("x-apig-app-id");
const APP_NAME: HeaderName = HeaderName::from_static("x-apig-app-name");
const APP_KEY: HeaderName = HeaderName::from_static("x-apig-app-key");

pub(super) async fn check(
    asked: &Asked,
    api: &ApiRef,
    simple: bool,
    request: Request<invoke::Body>,
) -> Result<Admitted, Refusal> {
    let callers = Arc::clone(asked.peer.snapshots.load().callers());
    let (client, mut request) = if simple && request.headers().contains_key(&APP_CODE) {
        (by_code(&callers, &request)?, request)
    } else {
        signed(asked, &callers, request).await?
    };
    admit(asked, api, &client)?;
    let headers = request.headers_mut();
    remove_signature(headers);
    headers.remove(&APP_CODE);
    let app = &client.app;
    let proven = vec![say(APP_ID, &app.id), say(APP_NAME, &app.name), say(APP_KEY, &app.key)];
    let named = Named { id: app.id.as_str().into(), name: app.name.as_str().into() };
    let caller = Caller { app: Some(named), user: Some(app.project.as_str().into()), account: None };
    Ok(Admitted { request, caller, proven })
}

fn by_code(callers: &Callers, request: &Request<invoke::Body>) -> Result<Arc<Client>, Refusal> {
    let code = one(request.headers(), &APP_CODE).map_err(|why| wrong(&why, why.clone()))?.unwrap_or_default();
    let found = callers.by_code(&Sha256::digest(code).into()).cloned();
    found.ok_or_else(|| wrong("the X-Apig-AppCode is none of any app", "X-Apig-AppCode is none of any app"))
}

/// The app that signed it. The head is looked at first: what cannot be right costs no memory.
async fn signed(
    asked: &Asked,
    callers: &Callers,
    request: Request<invoke::Body>,
) -> Result<(Arc<Client>, Request<invoke::Body>), Refusal> {
    let header = one(request.headers(), &AUTHORIZATION).map_err(|why| wrong(&why, why.clone()))?;
    let header = header.ok_or_else(|| {
        let text = "the Authorization header is missing";
        Refusal::new(Failure::app_credentials(text).missing(), text)
    })?;
    let authorization = Authorization::parse(header).map_err(|error| wrong(error.to_string(), error.to_string()))?;
    let known = callers.by_key(&authorization.access_key).cloned();
    let shown = shown(&authorization.access_key);
    // Who does not exist and who signs wrongly are told the same.
    let client = known.ok_or_else(|| {
        let error = signature::Error::Mismatch.to_string();
        wrong(error, format!("no app has the AppKey {shown}"))
    })?;
    let now = model::time::now();
    // An app is kept out at the address from which it failed: who knows a key, which is no secret, locks out nobody else.
    let name = format!("{} {}", client.app.id, network(asked.peer.client.address));
    let lockout = &asked.peer.shared.lockout;
    if let Some(left) = lockout.lock().locked(&name, now) {
        let text = "locked after five wrong signatures in a row from this address";
        let failure = Failure::app_credentials(text).after(left.unsigned_abs());
        return Err(Refusal::new(failure, format!("AppKey {shown} is {text}")));
    }
    let request = body::bind(asked, &authorization, request, now).await.map_err(|broken| match broken {
        Broken::Signature(error) => wrong(error.to_string(), format!("AppKey {shown}: {error}")),
        Broken::Body(failure) => Refusal::body(failure),
    })?;
    let secret = client.app.secret.expose();
    let checked = request.with_signed(|signed| signature::verify(signed, &authorization, secret, now));
    if checked == Err(signature::Error::Mismatch) {
        lockout.lock().failed(&name, false, now);
    }
    checked.map_err(|error| wrong(error.to_string(), format!("AppKey {shown}: {error}")))?;
    lockout.lock().succeeded(&name);
    Ok((client, request.into_request()))
}

/// Whether it may call this API, and from there.
fn admit(asked: &Asked, api: &ApiRef, client: &Client) -> Result<(), Refusal> {
    let app = &client.app;
    if app.project != api.project || !client.may_call(&api.api_id, &api.env_id) {
        let text = "the app is not authorized for this API in this environment";
        let reason = format!("app {} ({}) is not authorized: `funcd app authorize` lets it in", app.name, app.id);
        return Err(Refusal::new(Failure::app_not_authorized(text), reason));
    }
    let address = asked.peer.client.address;
    if app.acl.as_ref().is_some_and(|acl| !acl.admits(address)) {
        let reason = format!("the access list of app {} ({}) does not let {address} in", app.name, app.id);
        return Err(Refusal::new(Failure::address_denied(address), reason));
    }
    Ok(())
}

fn wrong(text: impl AsRef<str>, reason: impl Into<String>) -> Refusal {
    Refusal::new(Failure::app_credentials(text.as_ref()), reason)
}

/// A text of a client's as it may stand in a log.
fn shown(text: &str) -> String {
    text.chars().take(40).flat_map(char::escape_debug).collect()
}
