//! Links to packages: whoever has one may read the package until it ends, without a signature. The link itself is sealed: it
//! says which package, and nobody but this installation can make one.

use axum::body::Body;
use axum::extract::{FromRequestParts, State as Extract};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, HOST, X_CONTENT_TYPE_OPTIONS};
use http::request::Parts;
use http::uri::Authority;
use model::function::{Code, Function};
use serde::{Deserialize, Serialize};
use wire::codes;
use wire::funcd::packages;

use crate::error::Error;
use crate::state::State;
use crate::target::parameter;

/// How long a link can be used.
const LIFE: jiff::SignedDuration = jiff::SignedDuration::from_mins(10);
/// What the sealed text is, so that nothing else that is sealed passes for one.
const CONTEXT: &str = "link to a package";

/// What a link leads to.
#[derive(Debug, Serialize, Deserialize)]
struct Target {
    func_id: String,
    sha256: String,
    /// Seconds since 1970.
    ends: i64,
}

/// Where the client reached the API: the front of every link.
#[derive(Clone, Debug)]
pub(crate) struct Front(Option<Authority>);

impl FromRequestParts<State> for Front {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Error> {
        let host = parts.headers.get(HOST).and_then(|host| Authority::try_from(host.as_bytes()).ok());
        Ok(Self(host.filter(|host| !host.as_str().contains('@'))))
    }
}

impl Front {
    /// A link to the package of a version; empty for a client that does not say where it reached us.
    pub(crate) fn link(&self, state: &State, function: &Function, code: &Code) -> String {
        let Some(host) = &self.0 else { return String::new() };
        let ends = model::time::now().saturating_add(LIFE).map_or(0, |ends| ends.as_second());
        let target = Target { func_id: function.func_id.clone(), sha256: code.sha256.clone(), ends };
        let text = serde_json::to_string(&target).unwrap_or_default();
        let token = URL_SAFE_NO_PAD.encode(state.store.seal(CONTEXT, text.as_bytes()));
        format!("http://{host}{}", packages::DOWNLOAD.uri(&[&token, &code.filename]))
    }
}

/// What a link says in its path.
pub(crate) struct Token(String);

impl FromRequestParts<State> for Token {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Error> {
        Ok(Self(parameter(parts, &["token"]).await?))
    }
}

/// The package itself.
pub(crate) async fn download(Extract(state): Extract<State>, Token(token): Token) -> Result<Response, Error> {
    let code = open(&state, &token)?;
    let name = code.filename.clone();
    let package = state.store.package_stream(&code).await?;
    Ok(attachment(&name, Some(code.size), Body::from_stream(package)))
}

/// The package that a link of ours leads to.
fn open(state: &State, token: &str) -> Result<Code, Error> {
    let sealed = URL_SAFE_NO_PAD.decode(token).ok();
    let text = sealed.and_then(|sealed| state.store.unseal(CONTEXT, &sealed));
    let target: Option<Target> = text.and_then(|text| serde_json::from_slice(&text).ok());
    let Some(target) = target.filter(|target| target.ends > model::time::now().as_second()) else {
        let text = "the link is over or was changed; ShowFunctionCode gives a new one";
        return Err(Error::new(codes::FORBIDDEN, text));
    };
    let code = state.store.code(&target.func_id, &target.sha256);
    code.ok_or_else(|| Error::new(codes::CODE_NOT_FOUND, "the function has other code by now, or is gone"))
}

/// An answer that is a zip.
pub(crate) fn attachment(name: &str, length: Option<u64>, body: Body) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(length) = length {
        headers.insert(CONTENT_LENGTH, length.into());
    }
    // RFC 6266: names that are not plain are percent-encoded.
    let encoded = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    let disposition = match plain {
        true => format!("attachment; filename=\"{name}\""),
        false => format!("attachment; filename*=UTF-8''{encoded}"),
    };
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        headers.insert(CONTENT_DISPOSITION, disposition);
    }
    response
}
