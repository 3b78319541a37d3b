//! The seam between those who have a request for a function (gateway, API, triggers) and the invoker that answers it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;

use crate::error::Error;
use crate::function::Version;

/// What can go wrong while a body is streamed.
pub type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// A streamed body, either way.
pub type Body = UnsyncBoxBody<Bytes, BodyError>;

/// Boxes a body.
pub fn body<B>(body: B) -> Body
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BodyError>,
{
    body.map_err(Into::into).boxed_unsync()
}

/// A body with nothing in it.
pub fn empty() -> Body {
    body(http_body_util::Empty::new())
}

/// A body that is all there.
pub fn full(bytes: impl Into<Bytes>) -> Body {
    body(http_body_util::Full::new(bytes.into()))
}

/// One request for one version of a function.
///
/// `request` is what the user's server gets, with hop-by-hop headers and the client's own `X-CFF-*` already removed; the
/// invoker adds the platform's. For a protocol upgrade it keeps `Connection`, `Upgrade` and the `OnUpgrade` extension of the
/// client's connection, and the invoker tunnels after a 101 itself, so that the slot stays taken and the deadline holds.
#[derive(Debug)]
pub struct Invocation {
    /// `X-CFF-Request-Id`.
    pub request_id: String,
    /// What runs it; an alias is already resolved.
    pub version: Arc<Version>,
    /// The request.
    pub request: http::Request<Body>,
    /// How long the caller waits at most, including the queue and a cold start; the function's own timeout holds besides.
    pub timeout: Duration,
    /// Who asked.
    pub source: Source,
}

/// Who asked for an invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A client of the gateway.
    Gateway,
    /// The invocations API.
    Api,
}

/// Where an instance's log of one invocation can be found, and what it cost: in the extensions of the response.
pub use crate::record::Outcome;

/// Answers invocations. Dropping the future or the response body cancels the request and frees its slot.
pub trait Invoke: Send + Sync + 'static {
    /// Runs one invocation. The response's extensions hold an [`Outcome`].
    fn invoke(&self, invocation: Invocation) -> BoxFuture<'static, Result<http::Response<Body>, Error>>;
}

impl<I: Invoke + ?Sized> Invoke for Arc<I> {
    fn invoke(&self, invocation: Invocation) -> BoxFuture<'static, Result<http::Response<Body>, Error>> {
        (**self).invoke(invocation)
    }
}
