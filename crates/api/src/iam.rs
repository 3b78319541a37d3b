//! Identity and access management: the operations that are there, and what they have in common.

mod agencies;
mod catalog;
mod credentials;
mod grants;
mod groups;
pub(crate) mod login;
mod projects;
mod read;
mod roles;
mod temporary;
mod tokens;
mod users;

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::header::HOST;
use http::request::Parts;
use jiff::Timestamp;
use wire::codes;
use wire::iam::Links;

use crate::error::Error;
use crate::router::Routes;

/// Registers them.
pub(crate) fn routes(routes: &mut Routes) {
    catalog::routes(routes);
    tokens::routes(routes);
    temporary::routes(routes);
    users::routes(routes);
    groups::routes(routes);
    projects::routes(routes);
    roles::routes(routes);
    grants::routes(routes);
    agencies::routes(routes);
    credentials::routes(routes);
}

/// Where the client reached this API, as it wrote it: links and the catalog lead back there.
#[derive(Clone, Debug)]
struct Base(String);

impl<S: Sync> FromRequestParts<S> for Base {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
        Ok(Self(format!("http://{host}")))
    }
}

impl Base {
    /// The links of something, or of a list that is whole.
    fn links(&self, path: &str) -> Links {
        Links { own: format!("{}{path}", self.0), ..Links::default() }
    }
}

/// `2026-01-02T03:04:05.000000Z`, as tokens and access keys have it.
fn precise(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

/// `2026-01-02 03:04:05.0`, as users have it.
fn plain(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S.0").to_string()
}

/// What an id does not lead to.
fn missing(what: &str, id: &str) -> Error {
    Error::new(codes::IAM_MISSING, format!("could not find {what} {}", crate::problems::quoted(id)))
}
