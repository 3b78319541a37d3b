//! The web console's own files, from the binary: one page, and what it loads. They are the same for everybody and hold no secret; what
//! they show comes from the operations, in a [`crate::session`].

use std::io::Read as _;

use axum::body::Body;
use axum::extract::{Path, Request, State as Extract};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use axum::{Router, response::Html};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
    VARY, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use crate::session::Links;
use crate::state::State;

/// Where the console is.
const HOME: &str = "/console/";
/// Stands in the page where each answer's own nonce goes.
const NONCE: &str = "__NONCE__";
/// Files below here have their content's digest in their names.
const DIGESTED: &str = "assets/";
/// Keeps a page that another site opened or that opened this one at a distance.
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
/// Keeps other sites from loading the files as if they were theirs.
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The console that is in the binary.
#[derive(Clone, Debug, Default)]
pub struct Console {
    /// Its page, with `__NONCE__` where a nonce goes; none in a binary that was built without it.
    pub page: Option<&'static str>,
    /// What the page loads.
    pub files: &'static [File],
    /// Let the first user in.
    pub links: Links,
}

/// A file of the console.
#[derive(Clone, Copy, Debug)]
pub struct File {
    /// Below `/console/`.
    pub path: &'static str,
    /// Its content, compressed by gzip.
    pub gzip: &'static [u8],
}

const MISSING: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>funcd</title>\
    <h1>The console is not in this binary</h1><p>The API and the gateway work without it. To have it, install Node.js 20.19 \
    or later with npm, run <code>console/build.sh</code> and build funcd again (<code>script/up</code> does all of that).</p></html>";

/// The routes of the console's files.
pub(crate) fn routes(router: Router<State>) -> Router<State> {
    router
        .route("/console", get(|| async { Redirect::permanent(HOME) }))
        .route(HOME, get(page))
        .route("/console/{*path}", get(file))
}

/// Whoever opens the API's address in a browser wants to see something; programs ask for JSON there.
pub(crate) async fn welcome(request: Request, next: Next) -> Response {
    let wants = |accept: &HeaderValue| accept.to_str().is_ok_and(|accept| accept.contains("text/html"));
    let browser = request.headers().get(ACCEPT).is_some_and(wants);
    if browser && request.method() == Method::GET && request.uri().path() == "/" {
        return Redirect::to(HOME).into_response();
    }
    next.run(request).await
}

async fn page(Extract(state): Extract<State>) -> Response {
    let nonce = STANDARD.encode(rand::random::<[u8; 16]>());
    let (status, text) = match state.config.console.page {
        Some(page) => (StatusCode::OK, page.replace(NONCE, &nonce)),
        None => (StatusCode::NOT_FOUND, MISSING.to_owned()),
    };
    let mut response = (status, Html(text)).into_response();
    let headers = response.headers_mut();
    // Scripts only from here, never inline. Styles also those that carry this answer's nonce: components bring theirs with them.
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in [
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (X_FRAME_OPTIONS, "DENY"),
        (OPENER_POLICY, "same-origin"),
        (RESOURCE_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// A file, or the page for every address within the console.
async fn file(state: Extract<State>, Path(path): Path<String>, headers: HeaderMap) -> Response {
    let found = state.config.console.files.iter().find(|file| file.path == path);
    match found {
        Some(found) => send(found, &headers),
        None if path.starts_with(DIGESTED) => StatusCode::NOT_FOUND.into_response(),
        None => page(state).await,
    }
}

fn send(file: &File, headers: &HeaderMap) -> Response {
    let takes = |one: &HeaderValue| one.to_str().is_ok_and(|one| one.split(',').any(is_gzip));
    let mut response = if headers.get_all(ACCEPT_ENCODING).iter().any(takes) {
        let mut response = Body::from(file.gzip).into_response();
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        response
    } else {
        let mut plain = Vec::new();
        match GzDecoder::new(file.gzip).read_to_end(&mut plain) {
            Ok(_) => Body::from(plain).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    };
    let kept = if file.path.starts_with(DIGESTED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    for (name, value) in [
        (CONTENT_TYPE, content_type(file.path)),
        (CACHE_CONTROL, kept),
        (VARY, "accept-encoding"),
        (RESOURCE_POLICY, "same-origin"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn is_gzip(coding: &str) -> bool {
    let mut parts = coding.trim().split(';').map(str::trim);
    parts.next() == Some("gzip") && parts.all(|weight| !matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("txt") => "text/plain; charset=utf-8",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}
