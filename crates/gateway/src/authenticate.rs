//! Who calls: proven before anything else is done with a request for an API that is not open to anybody.
//!
//! What proves a caller is the gateway's: it is taken out of the request, and what it proved is written into it instead, in headers
//! that no client can send (`X-Apig-App-Id` and the like, [`crate::fields`]). The caller learns what to do; why a request was
//! refused, with names, stands in the function's log.

mod app;
mod authorizer;
mod body;
mod decisions;
mod iam;

use std::borrow::Cow;
use std::sync::Arc;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use model::function::Version;
use model::invoke;
use model::snapshot::{Auth, Route};

use crate::caller::Caller;
use crate::failure::Failure;
use crate::request::Asked;

pub(crate) use body::Room;
pub(crate) use decisions::Decisions;

const APP_CODE: HeaderName = HeaderName::from_static("x-apig-appcode");
const SDK_DATE: HeaderName = HeaderName::from_static("x-sdk-date");
const CONTENT_SHA256: HeaderName = HeaderName::from_static("x-sdk-content-sha256");

/// An API that is not open.
#[derive(Debug)]
pub(crate) struct Guard(pub(crate) Arc<Route>);

/// Why a request is refused.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// For the caller.
    pub(crate) failure: Failure,
    /// For the owner: names and addresses, no secret.
    pub(crate) reason: String,
}

impl Refusal {
    fn new(failure: Failure, reason: impl Into<String>) -> Self {
        Self { failure, reason: reason.into() }
    }

    /// The body is at fault.
    fn body(failure: Failure) -> Self {
        Self { reason: failure.message.clone().into_owned(), failure }
    }
}

/// A request that may pass, without what proved it.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) request: Request<invoke::Body>,
    /// Who sent it.
    pub(crate) caller: Caller,
    /// What was proven, as the function is told.
    pub(crate) proven: Proven,
}

impl Admitted {
    /// One of an API that is open to anybody.
    pub(crate) fn anybody(request: Request<invoke::Body>) -> Self {
        Self { request, caller: Caller::default(), proven: Vec::new() }
    }
}

/// Headers of ours.
pub(crate) type Proven = Vec<(HeaderName, HeaderValue)>;

/// Lets a request pass.
pub(crate) async fn check(
    asked: &Asked,
    (Guard(route), version, id): (&Guard, &Version, &Arc<str>),
    request: Request<invoke::Body>,
) -> Result<Admitted, Refusal> {
    match &route.auth {
        Auth::None => Ok(Admitted::anybody(request)),
        Auth::App { simple } => app::check(asked, &route.api, *simple, request).await,
        Auth::Authorizer(authorizer) => {
            let region = &version.function.region;
            authorizer::check(asked, (route, authorizer), (region, id), request).await
        }
        Auth::Iam => iam::check(asked, (&route.api, version), request).await,
    }
}

/// A header that may stand there once, as text.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Cow<'static, str>> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => match value.to_str() {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(format!("{name} has bytes that are not printable ASCII").into()),
        },
        (Some(_), Some(_)) => Err(format!("{name} is there more than once").into()),
    }
}

/// Takes out what proved a signature.
fn remove_signature(headers: &mut HeaderMap) {
    for name in [&AUTHORIZATION, &SDK_DATE, &CONTENT_SHA256] {
        headers.remove(name);
    }
}

/// Says something that was proven; text that a header cannot say is percent-encoded.
fn say(name: HeaderName, text: &str) -> (HeaderName, HeaderValue) {
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    let encoded = || percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    let text = if plain { Cow::Borrowed(text) } else { Cow::Owned(encoded()) };
    (name, HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("")))
}
