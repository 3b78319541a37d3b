//! What a signature binds: the head, and the body's digest. Only signed requests come here, so only they are ever held in memory: up to
//! [`Limits::signed_body_bytes`](crate::Limits) each, with a common budget, and for a minute at most. A client that signs
//! `UNSIGNED-PAYLOAD` has its body streamed like any other.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use auth::signature::{self, Authorization};
use bytes::{Bytes, BytesMut};
use futures_util::future::{Either, select};
use http::request::Parts;
use http::{HeaderMap, Request};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use model::invoke;
use sha2::{Digest as _, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::CONTENT_SHA256;
use crate::failure::Failure;
use crate::request::Asked;
use crate::upload;

/// KiB that the bodies of signed requests may take at the same time, beside the small ones.
const ROOM_KIB: usize = 256 * 1024;
/// A body that is no larger needs no room.
const SMALL: usize = 64 * 1024;
/// How long a signed body may take.
const TIME: Duration = Duration::from_secs(60);

/// The room for signed bodies.
#[derive(Clone, Debug)]
pub(crate) struct Room(Arc<Semaphore>);

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(ROOM_KIB)))
    }
}

/// A request whose body is known, or is not part of the signature.
#[derive(Debug)]
pub(super) struct Bound {
    parts: Parts,
    body: invoke::Body,
    sha256: String,
}

/// Why the body of a signed request cannot be read.
#[derive(Debug)]
pub(super) enum Broken {
    /// The signature cannot be right, whatever the body is.
    Signature(signature::Error),
    /// A limit, or the client itself.
    Body(Failure),
}

/// Reads the body, if it is signed.
pub(super) async fn bind(
    asked: &Asked,
    authorization: &Authorization,
    request: Request<invoke::Body>,
    now: Timestamp,
) -> Result<Bound, Broken> {
    let (parts, body) = request.into_parts();
    signature::check_date(&headers(&parts.headers), authorization, now).map_err(Broken::Signature)?;
    // What goes through a tunnel is no body.
    if asked.websocket || body.is_end_stream() {
        return Ok(Bound { parts, body, sha256: hex::encode(Sha256::digest(b"")) });
    }
    if streams(&parts, authorization) {
        // No digest is this text, so that nothing but the statement can match.
        return Ok(Bound { parts, body, sha256: "-".to_owned() });
    }
    let gathered = tokio::time::timeout(TIME, gather(asked, body)).await;
    let late = |_| Failure::slow("the signed body", TIME);
    let (held, sha256) = gathered.map_err(late).and_then(|read| read).map_err(Broken::Body)?;
    Ok(Bound { parts, body: invoke::body(held), sha256 })
}

/// Whether the client says, and signs, that its body is not part of the signature.
fn streams(parts: &Parts, authorization: &Authorization) -> bool {
    authorization.signs(CONTENT_SHA256.as_str())
        && parts.headers.get(&CONTENT_SHA256).is_some_and(|value| value == "UNSIGNED-PAYLOAD")
}

/// Holds a body that somebody else must see first; gives it with its bytes.
pub(super) async fn hold(asked: &Asked, body: invoke::Body) -> Result<(invoke::Body, Bytes), Failure> {
    if body.is_end_stream() {
        return Ok((body, Bytes::new()));
    }
    let late = |_| Failure::slow("the body", TIME);
    let (held, _) = tokio::time::timeout(TIME, gather(asked, body)).await.map_err(late)??;
    let bytes = held.bytes.clone().unwrap_or_default();
    Ok((invoke::body(held), bytes))
}

async fn gather(asked: &Asked, mut body: invoke::Body) -> Result<(Held, String), Failure> {
    let limit = asked.peer.shared.limits.signed_body_bytes;
    let known = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if known > limit {
        return Err(Failure::body_too_large(limit as u64));
    }
    let (mut bytes, mut hash) = (BytesMut::with_capacity(known.min(SMALL)), Sha256::new());
    let (mut trailers, mut room) = (None, None);
    while let Some(frame) = next(asked, &mut body).await? {
        let data = match frame.into_data() {
            Ok(data) => data,
            Err(frame) => {
                trailers = frame.into_trailers().ok();
                continue;
            }
        };
        let long = bytes.len().saturating_add(data.len());
        if long > limit {
            return Err(Failure::body_too_large(limit as u64));
        }
        make_room(asked, &mut room, long)?;
        hash.update(&data);
        bytes.extend_from_slice(&data);
    }
    let held = Held { bytes: Some(bytes.freeze()).filter(|bytes| !bytes.is_empty()), trailers, _room: room };
    Ok((held, hex::encode(hash.finalize())))
}

/// The next piece, or the rule that the client broke.
async fn next(asked: &Asked, body: &mut invoke::Body) -> Result<Option<Frame<Bytes>>, Failure> {
    let refusal = || asked.upload.as_ref().and_then(upload::Outcome::refusal);
    let frame = match &asked.upload {
        None => body.frame().await,
        Some(upload) => match select(body.frame(), std::pin::pin!(upload.refused())).await {
            Either::Left((frame, _)) => frame,
            Either::Right((failure, _)) => return Err(failure),
        },
    };
    let broken = |_| refusal().unwrap_or_else(|| Failure::malformed("the body ended before it was complete"));
    frame.transpose().map_err(broken)
}

/// Takes as much of the common room as came, not as much as was announced: who sends slowly takes little.
fn make_room(asked: &Asked, room: &mut Option<OwnedSemaphorePermit>, bytes: usize) -> Result<(), Failure> {
    let held = room.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
    let needed = if bytes <= SMALL { 0 } else { bytes.div_ceil(1024) };
    let Some(more) = needed.checked_sub(held).filter(|more| *more > 0) else { return Ok(()) };
    let more = u32::try_from(more).unwrap_or(u32::MAX);
    let taken = Arc::clone(&asked.peer.shared.room.0).try_acquire_many_owned(more).map_err(|_| Failure::no_room())?;
    match room {
        Some(held) => held.merge(taken),
        None => *room = Some(taken),
    }
    Ok(())
}

/// The body again; its room is given back when it is dropped.
#[derive(Debug)]
struct Held {
    bytes: Option<Bytes>,
    trailers: Option<HeaderMap>,
    _room: Option<OwnedSemaphorePermit>,
}

impl Body for Held {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let data = self.bytes.take().map(Frame::data);
        let frame = data.or_else(|| self.trailers.take().map(Frame::trailers));
        Poll::Ready(frame.map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none() && self.trailers.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        // Trailers need a body without a known end.
        if self.trailers.is_some() {
            return SizeHint::default();
        }
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

impl Bound {
    /// Lets somebody check its signature.
    pub(super) fn with_signed<T>(&self, check: impl FnOnce(&signature::Request<'_>) -> T) -> T {
        let headers = headers(&self.parts.headers);
        let request = signature::Request {
            method: self.parts.method.as_str(),
            path: self.parts.uri.path(),
            query: self.parts.uri.query().unwrap_or_default(),
            headers: &headers,
            body_sha256: &self.sha256,
        };
        check(&request)
    }

    /// The request with its body.
    pub(super) fn into_request(self) -> Request<invoke::Body> {
        Request::from_parts(self.parts, self.body)
    }
}

fn headers(headers: &HeaderMap) -> Vec<(&str, &[u8])> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect()
}
