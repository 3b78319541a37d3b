//! The seam between those who have a request for a function (gateway, API, triggers) and the invoker that answers it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
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
/// invoker adds the platform's. A body without a known end is sent in chunks; its trailers are sent, too.
///
/// A protocol upgrade keeps `Connection` and `Upgrade` and has [`Invocation::upgrade`] set. Its body is what the client sends
/// after the switch, and the body of a 101 is what the server sends from then on; either may end before the other. The slot stays
/// taken and the deadline holds as for any response.
#[derive(Debug)]
pub struct Invocation {
    /// `X-CFF-Request-Id`.
    pub request_id: Arc<str>,
    /// What runs it; an alias is already resolved.
    pub version: Arc<Version>,
    /// The request.
    pub request: http::Request<Body>,
    /// Whether the caller can switch protocols, as the request asks for. A 101 that was not asked for is no response.
    pub upgrade: bool,
    /// Whether the user's server speaks HTTP/2 without TLS from the first byte (h2c with prior knowledge, RFC 9113 section 3.3), as
    /// gRPC servers do; else it speaks HTTP/1.1. A server of HTTP/2 is not asked to switch protocols.
    pub http2: bool,
    /// Where informational responses go, if the caller wants them.
    pub hints: Option<Hints>,
    /// How long the caller waits at most, including the queue and a cold start; the function's own timeout holds besides.
    pub timeout: Duration,
    /// Who asked.
    pub source: Source,
    /// How long whoever asked has had the request's head: what was checked before this.
    pub held: Duration,
}

/// Informational responses (1xx but 100 and 101) on their way to the caller: put in while the future of [`Invoke::invoke`] is
/// polled, taken out by whoever polls it.
#[derive(Clone, Debug, Default)]
pub struct Hints(Arc<HintQueue>);

#[derive(Debug, Default)]
struct HintQueue {
    /// Whether there is any: what is looked at after every poll costs no lock.
    any: AtomicBool,
    queue: Mutex<Vec<http::Response<()>>>,
}

impl Hints {
    /// Adds one.
    pub fn push(&self, hint: http::Response<()>) {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner).push(hint);
        self.0.any.store(true, Ordering::Release);
    }

    /// Takes all that came since.
    pub fn take(&self) -> Vec<http::Response<()>> {
        if !self.0.any.swap(false, Ordering::AcqRel) {
            return Vec::new();
        }
        std::mem::take(&mut *self.0.queue.lock().unwrap_or_else(PoisonError::into_inner))
    }
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

/// The words after the status of a response, where they are not the usual ones.
#[derive(Clone, Debug)]
pub struct Reason(pub Bytes);

/// Where an instance's log of one invocation can be found, and what it cost: in the extensions of the response.
pub use crate::record::Outcome;

/// Answers invocations. Dropping the future or the response body cancels the request and frees its slot.
pub trait Invoke: Send + Sync + 'static {
    /// Runs one invocation. The response's extensions hold an [`Outcome`], and the words of its status line
    /// ([`Reason`]) where they are not the usual ones.
    fn invoke(&self, invocation: Invocation) -> BoxFuture<'static, Result<http::Response<Body>, Error>>;
}

impl<I: Invoke + ?Sized> Invoke for Arc<I> {
    fn invoke(&self, invocation: Invocation) -> BoxFuture<'static, Result<http::Response<Body>, Error>> {
        (**self).invoke(invocation)
    }
}
