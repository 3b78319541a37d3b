//! The response on its way back: checked, streamed, limited, and the slot returned with its last byte.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use http_body::{Frame, SizeHint};
use http1::body::Piece;
use model::invoke::{Body, BodyError, Reason};
use model::{Error, Kind};
use parking_lot::Mutex;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::call::Answered;
use crate::connection::Failed;
use crate::headers::{self, Illegal};
use crate::pool::{End, Lease};
use crate::record::Entry;
use crate::tunnel;
use crate::upstream::Upstream;

/// Bytes of a response that fit into buffers on the way, so that whoever reads nothing does not keep them from their end.
const UNWATCHED: u64 = 64 * 1024;

/// Passes a response on.
///
/// # Errors
/// The response cannot be trusted or is too large; nothing of it is passed on then.
pub(crate) fn reply(mut answered: Answered, mut entry: Entry) -> Result<Response<Body>, Error> {
    let limit = answered.lease.pool.site.config.response_body_bytes;
    if let Err(error) = check(&mut answered, limit) {
        entry.close(Some(error.kind));
        return Err(error);
    }
    let Answered { lease, upstream, head, first_byte, deadline, .. } = answered;
    let outcome = entry.answered(head.status.as_u16(), first_byte);
    let body = match (head.status, upstream) {
        (StatusCode::SWITCHING_PROTOCOLS, Upstream::Http1(connection)) => {
            tunnel::body(connection, lease, entry, deadline)
        }
        (_, mut upstream) => match upstream.whole() {
            Some(bytes) => {
                entry.received(bytes.len() as u64);
                Serving { lease, upstream, entry }.finish();
                model::invoke::full(bytes)
            }
            None => {
                let held = Arc::new(Mutex::new(Some(Serving { lease, upstream, entry })));
                model::invoke::body(Streamed { deadline, limit, held, over: false, watch: None })
            }
        },
    };
    let mut response = Response::new(body);
    *response.status_mut() = head.status;
    *response.headers_mut() = head.headers;
    response.extensions_mut().insert(outcome);
    if let Some(reason) = head.reason {
        response.extensions_mut().insert(Reason(reason));
    }
    Ok(response)
}

/// Makes the headers what the caller may see, if the response can be passed on.
fn check(answered: &mut Answered, limit: u64) -> Result<(), Error> {
    if answered.head.status == StatusCode::SWITCHING_PROTOCOLS {
        return headers::switched(&mut answered.head.headers, answered.upgrade.as_ref()).map_err(illegal);
    }
    headers::response(&mut answered.head.headers);
    match answered.upstream.left() {
        Some(announced) if announced > limit => {
            let detail = format!("its content-length is {announced}, the limit is {limit} bytes");
            Err(Error::new(Kind::ResponseTooLarge).detail(detail))
        }
        _ => Ok(()),
    }
}

fn illegal(Illegal(what): Illegal) -> Error {
    Error::new(Kind::BadResponse).detail(format!("the response is not passed on: {what}"))
}

/// Everything that a request holds until its response is over.
struct Serving {
    lease: Lease,
    upstream: Upstream,
    entry: Entry,
}

impl Serving {
    /// The response came whole: the connection is kept before the slot is free, so that who gets the slot finds it.
    fn finish(self) {
        let Self { lease, upstream, mut entry } = self;
        upstream.finish(&lease.instance, &entry.upload);
        drop(lease);
        entry.close(None);
    }

    /// The response broke off. Dropping the connection ends the request for the user's server, too.
    fn fail(self, end: End, kind: Kind) {
        let Self { lease, upstream, mut entry } = self;
        drop(upstream);
        lease.end(end);
        entry.close(Some(kind));
    }
}

/// Waits until a server gives up a response whose time is over, and ends the instance if it does not.
async fn overtime(mut upstream: Upstream, lease: Lease) {
    let given_up = upstream.hang_up(lease.pool.rules.grace).await;
    let end = if given_up { End::Over } else { End::TimedOut };
    drop(upstream);
    lease.end(end);
}

/// A response body that is passed on as it comes.
struct Streamed {
    deadline: Instant,
    limit: u64,
    /// Empty when the response is over, and when its time was over while nobody read.
    held: Arc<Mutex<Option<Serving>>>,
    over: bool,
    /// Looks at the time of a response that whoever reads it may have stopped asking for.
    watch: Option<AbortHandle>,
}

/// The function's time is over in mid-body.
fn late(serving: Serving) -> Error {
    if serving.entry.upload.waits {
        let error = serving.entry.upload.too_slow();
        serving.fail(End::Over, error.kind);
        return error;
    }
    let Serving { lease, upstream, mut entry } = serving;
    entry.close(Some(Kind::TimedOut));
    let site = Arc::clone(&lease.pool.site);
    site.tasks.spawn(overtime(upstream, lease));
    incomplete()
}

fn incomplete() -> Error {
    Error::new(Kind::TimedOut).detail("the response was not complete in the function's timeout")
}

impl Streamed {
    /// What is held, if the response is not over.
    fn take(&mut self) -> Option<Serving> {
        self.over = true;
        self.held.lock().take()
    }

    fn fail(&mut self, end: End, error: Error) -> BodyError {
        if let Some(serving) = self.take() {
            serving.fail(end, error.kind);
        }
        Box::new(error)
    }

    /// Why the connection broke, as far as is known without waiting.
    fn broken(&mut self, failed: &Failed) -> BodyError {
        let known = self.held.lock().as_mut().and_then(|serving| {
            let fate = serving.lease.instance.fate_now();
            serving.entry.upload.failure().or(fate)
        });
        let broke = || Error::new(Kind::BadResponse).detail(format!("the response broke off: {failed}"));
        self.fail(End::Over, known.unwrap_or_else(broke))
    }

    fn count(&mut self, bytes: &Bytes) -> Result<(), BodyError> {
        let count = |serving: &mut Serving| (serving.entry.received(bytes.len() as u64), serving.upstream.is_over());
        let Some((total, ended)) = self.held.lock().as_mut().map(count) else { return Ok(()) };
        if total > self.limit {
            let detail = format!("the response body has more than {} bytes", self.limit);
            return Err(self.fail(End::Over, Error::new(Kind::ResponseTooLarge).detail(detail)));
        }
        if ended {
            self.finish();
        } else if total > UNWATCHED && self.watch.is_none() {
            self.watch();
        }
        Ok(())
    }

    /// From now on the time is looked at even if nobody asks for the next piece: the slot must not depend on a caller who does
    /// not read.
    fn watch(&mut self) {
        let Some(site) = self.held.lock().as_ref().map(|serving| Arc::clone(&serving.lease.pool.site)) else { return };
        let (deadline, held) = (self.deadline, Arc::downgrade(&self.held));
        let watch = site.tasks.spawn(async move {
            tokio::time::sleep_until(deadline).await;
            let serving = held.upgrade().and_then(|held| held.lock().take());
            if let Some(serving) = serving {
                late(serving);
            }
        });
        self.watch = Some(watch.abort_handle());
    }

    fn finish(&mut self) {
        if let Some(serving) = self.take() {
            serving.finish();
        }
    }

    /// The next piece, or `None` when the time is over.
    fn poll_piece(&self, cx: &mut Context<'_>) -> Poll<Option<Result<Piece, Failed>>> {
        let mut held = self.held.lock();
        // The watch has ended it.
        let Some(Serving { upstream, entry, .. }) = held.as_mut() else { return Poll::Ready(None) };
        match upstream.poll_piece(cx, &mut entry.upload) {
            Poll::Ready(piece) => Poll::Ready(Some(piece)),
            Poll::Pending if upstream.alarm().rings(self.deadline, cx) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl Drop for Streamed {
    fn drop(&mut self) {
        if let Some(watch) = &self.watch {
            watch.abort();
        }
    }
}

impl http_body::Body for Streamed {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        while !self.over {
            let Poll::Ready(polled) = self.poll_piece(cx) else { return Poll::Pending };
            let frame = match polled {
                Some(Ok(Piece::Data(bytes))) => self.count(&bytes).map(|()| Frame::data(bytes)),
                Some(Ok(Piece::Trailers(trailers))) => {
                    // They are the end: whoever passes them on asks for nothing more.
                    self.finish();
                    match cleaned(*trailers) {
                        Some(trailers) => Ok(Frame::trailers(trailers)),
                        None => continue,
                    }
                }
                Some(Ok(Piece::End | Piece::More)) => {
                    self.finish();
                    break;
                }
                Some(Err(failed)) => Err(self.broken(&failed)),
                None => Err(Box::new(self.take().map_or_else(incomplete, late)) as BodyError),
            };
            return Poll::Ready(Some(frame));
        }
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        self.over
    }

    fn size_hint(&self) -> SizeHint {
        match &*self.held.lock() {
            Some(serving) => serving.upstream.left().map_or_else(SizeHint::default, SizeHint::with_exact),
            // Not over but not held: its end will be an error, of which no length is known.
            None if !self.over => SizeHint::default(),
            None => SizeHint::with_exact(0),
        }
    }
}

/// What the caller may see of trailers.
fn cleaned(mut trailers: HeaderMap) -> Option<HeaderMap> {
    headers::trailers(&mut trailers);
    (!trailers.is_empty()).then_some(trailers)
}

#[cfg(test)]
mod tests;
