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
use model::dependency::Dependency;
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
    /// Of which function; of a dependency, its id.
    func_id: String,
    /// Of which project the dependency is; none of a function's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    project: Option<String>,
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
        self.to(state, (&function.func_id, None), (&code.sha256, &code.filename))
    }

    /// The same to the package of a version of a project's dependency.
    pub(crate) fn dependency(&self, state: &State, project: &str, version: &Dependency) -> String {
        self.to(state, (&version.dependency, Some(project)), (&version.sha256, &version.filename))
    }

    fn to(&self, state: &State, (id, project): (&str, Option<&str>), (sha256, filename): (&str, &str)) -> String {
        let Some(host) = &self.0 else { return String::new() };
        let ends = model::time::now().saturating_add(LIFE).map_or(0, |ends| ends.as_second());
        let (func_id, project) = (id.to_owned(), project.map(str::to_owned));
        let target = Target { func_id, project, sha256: sha256.to_owned(), ends };
        let text = serde_json::to_string(&target).unwrap_or_default();
        let token = URL_SAFE_NO_PAD.encode(state.store.seal(CONTEXT, text.as_bytes()));
        format!("http://{host}{}", packages::DOWNLOAD.uri(&[&token, filename]))
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
    let package = find(&state, open(&state, &token)?).await?;
    let pieces = state.store.package_stream(&package.sha256).await?;
    Ok(attachment(&package.filename, Some(package.size), Body::from_stream(pieces)))
}

/// A package that is still there.
struct Package {
    filename: String,
    sha256: String,
    size: u64,
}

async fn find(state: &State, target: Target) -> Result<Package, Error> {
    let Some(project) = target.project else {
        let code = state.store.code(&target.func_id, &target.sha256);
        let code = code.map(|code| Package { filename: code.filename, sha256: code.sha256, size: code.size });
        return code.ok_or_else(|| Error::new(codes::CODE_NOT_FOUND, "the function has other code by now, or is gone"));
    };
    let mut all = state.store.all_dependency_versions(&project).await?.into_iter();
    let found = all.find(|version| version.dependency == target.func_id && version.sha256 == target.sha256);
    let found = found.map(|version| Package { filename: version.filename, sha256: version.sha256, size: version.size });
    found.ok_or_else(|| Error::new(codes::CODE_NOT_FOUND, "the version of the dependency was deleted"))
}

/// What a link of ours leads to.
fn open(state: &State, token: &str) -> Result<Target, Error> {
    let sealed = URL_SAFE_NO_PAD.decode(token).ok();
    let text = sealed.and_then(|sealed| state.store.unseal(CONTEXT, &sealed));
    let target: Option<Target> = text.and_then(|text| serde_json::from_slice(&text).ok());
    target.filter(|target| target.ends > model::time::now().as_second()).ok_or_else(|| {
        let text = "the link is over or was changed; ShowFunctionCode or ShowDependencyVersion gives a new one";
        Error::new(codes::FORBIDDEN, text)
    })
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
