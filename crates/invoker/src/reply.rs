//! The response on its way back: checked, streamed, limited, and the slot returned with its last byte.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use model::invoke::{Body, BodyError};
use model::{Error, Kind};
use parking_lot::Mutex;
use tokio::task::AbortHandle;
use tokio::time::Sleep;

use crate::call::Answered;
use crate::connection::Connection;
use crate::headers::{self, Illegal};
use crate::pool::{End, Lease};
use crate::record::Entry;
use crate::tunnel;

/// Bytes of a response that fit into buffers on the way, so that whoever reads nothing does not keep them from their end.
const UNWATCHED: u64 = 64 * 1024;

/// Passes a response on. `client` is the caller's connection, if the request may switch protocols.
///
/// # Errors
/// The response cannot be trusted or is too large; nothing of it is passed on then.
pub(crate) fn reply(answered: Answered, mut entry: Entry, client: Option<OnUpgrade>) -> Result<Response<Body>, Error> {
    let site = Arc::clone(&answered.lease.pool.site);
    let limit = site.config.response_body_bytes;
    let checked = match answered.response.status() {
        StatusCode::SWITCHING_PROTOCOLS => return switch(answered, entry, client),
        _ => check(&answered.response, limit),
    };
    let Answered { lease, connection, mut response, first_byte, deadline, .. } = answered;
    if let Err(error) = checked.and_then(|()| headers::response(&mut response).map_err(illegal)) {
        entry.close(Some(error.kind));
        return Err(error);
    }
    let outcome = entry.answered(response.status().as_u16(), first_byte);
    response.extensions_mut().insert(outcome);
    let (head, incoming) = response.into_parts();
    let serving = Serving { incoming, lease, connection, entry };
    if serving.incoming.is_end_stream() {
        serving.finish();
        return Ok(Response::from_parts(head, model::invoke::empty()));
    }
    let timer = Box::pin(tokio::time::sleep_until(deadline));
    let held = Arc::new(Mutex::new(Some(serving)));
    let body = Streamed { timer, limit, held, over: false, watch: None };
    Ok(Response::from_parts(head, model::invoke::body(body)))
}

fn check(response: &Response<Incoming>, limit: u64) -> Result<(), Error> {
    let announced = response.body().size_hint().lower();
    if announced > limit {
        let detail = format!("its content-length is {announced}, the limit is {limit} bytes");
        return Err(Error::new(Kind::ResponseTooLarge).detail(detail));
    }
    Ok(())
}

fn illegal(Illegal(what): Illegal) -> Error {
    Error::new(Kind::BadResponse).detail(format!("the response is not passed on: {what}"))
}

/// Hands both connections to a tunnel, if the switch was asked for.
fn switch(answered: Answered, mut entry: Entry, client: Option<OnUpgrade>) -> Result<Response<Body>, Error> {
    let Answered { lease, connection: _connection, mut response, first_byte, deadline, upgrade } = answered;
    let asked = client.zip(upgrade).ok_or(Illegal("it is a 101 that was not asked for"));
    let checked = asked.and_then(|(client, upgrade)| headers::switched(&mut response, &upgrade).map(|()| client));
    let client = match checked {
        Ok(client) => client,
        Err(what) => {
            entry.close(Some(Kind::BadResponse));
            return Err(illegal(what));
        }
    };
    let outcome = entry.answered(StatusCode::SWITCHING_PROTOCOLS.as_u16(), first_byte);
    let server = hyper::upgrade::on(&mut response);
    let headers: HeaderMap = std::mem::take(response.headers_mut());
    let site = Arc::clone(&lease.pool.site);
    site.tasks.spawn(tunnel::tunnel(tunnel::Ends { client, server }, lease, entry, deadline));
    let mut response = Response::new(model::invoke::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    *response.headers_mut() = headers;
    response.extensions_mut().insert(outcome);
    Ok(response)
}

/// Everything that a request holds until its response is over.
struct Serving {
    incoming: Incoming,
    lease: Lease,
    connection: Connection,
    entry: Entry,
}

impl Serving {
    /// The response came whole: the connection is kept before the slot is free, so that who gets the slot finds it.
    fn finish(self) {
        let Self { lease, connection, mut entry, .. } = self;
        lease.instance.connections.keep(connection);
        drop(lease);
        entry.close(None);
    }

    /// The response broke off. Dropping the connection ends the request for the user's server, too.
    fn fail(self, end: End, kind: Kind) {
        let Self { incoming, lease, connection, mut entry } = self;
        drop((incoming, connection));
        lease.end(end);
        entry.close(Some(kind));
    }
}

/// Waits until a server gives up a response whose time is over, and ends the instance if it does not.
async fn overtime(mut incoming: Incoming, connection: Connection, lease: Lease) {
    connection.line().hang_up();
    let given_up = async { while let Some(Ok(_)) = incoming.frame().await {} };
    let end = match tokio::time::timeout(lease.pool.rules.grace, given_up).await {
        Ok(()) => End::Over,
        Err(_) => End::TimedOut,
    };
    drop((incoming, connection));
    lease.end(end);
}

/// A response body that is passed on as it comes.
struct Streamed {
    timer: Pin<Box<Sleep>>,
    limit: u64,
    /// Empty when the response is over, and when its time was over while nobody read.
    held: Arc<Mutex<Option<Serving>>>,
    over: bool,
    /// Looks at the time of a response that whoever reads it may have stopped asking for.
    watch: Option<AbortHandle>,
}

/// The function's time is over in mid-body.
fn late(serving: Serving) -> Error {
    if serving.entry.upload.waits() {
        let error = serving.entry.upload.too_slow();
        serving.fail(End::Over, error.kind);
        return error;
    }
    let Serving { incoming, lease, connection, mut entry } = serving;
    entry.upload.give_up();
    entry.close(Some(Kind::TimedOut));
    let site = Arc::clone(&lease.pool.site);
    site.tasks.spawn(overtime(incoming, connection, lease));
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

    fn late(&mut self) -> BodyError {
        Box::new(self.take().map_or_else(incomplete, late))
    }

    fn fail(&mut self, end: End, error: Error) -> BodyError {
        if let Some(serving) = self.take() {
            serving.fail(end, error.kind);
        }
        Box::new(error)
    }

    /// Why the connection broke, as far as is known without waiting.
    fn broken(&mut self, error: &hyper::Error) -> BodyError {
        let known = self.held.lock().as_ref().and_then(|serving| {
            let fate = serving.lease.instance.fate_now();
            serving.entry.upload.failure().or(fate)
        });
        let broke = || Error::new(Kind::BadResponse).detail(format!("the response broke off: {error}"));
        self.fail(End::Over, known.unwrap_or_else(broke))
    }

    fn count(&mut self, bytes: &Bytes) -> Result<(), BodyError> {
        let bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let count = |serving: &mut Serving| (serving.entry.received(bytes), serving.incoming.is_end_stream());
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
        let (deadline, held) = (self.timer.deadline(), Arc::downgrade(&self.held));
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
        loop {
            if self.over {
                return Poll::Ready(None);
            }
            let polled = self.held.lock().as_mut().map(|serving| Pin::new(&mut serving.incoming).poll_frame(cx));
            let frame = match polled {
                Some(Poll::Ready(frame)) => frame,
                Some(Poll::Pending) => {
                    ready!(self.timer.as_mut().poll(cx));
                    return Poll::Ready(Some(Err(self.late())));
                }
                // The watch has ended it.
                None => return Poll::Ready(Some(Err(self.late()))),
            };
            match frame.map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(bytes))) => {
                    return Poll::Ready(Some(self.count(&bytes).map(|()| Frame::data(bytes))));
                }
                // Trailers could change the meaning of what was already passed on.
                Some(Ok(Err(_trailers))) => {}
                Some(Err(error)) => return Poll::Ready(Some(Err(self.broken(&error)))),
                None => {
                    self.finish();
                    return Poll::Ready(None);
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.over
    }

    fn size_hint(&self) -> SizeHint {
        match &*self.held.lock() {
            Some(serving) => serving.incoming.size_hint(),
            // Not over but not held: its end will be an error, of which no length is known.
            None if !self.over => SizeHint::default(),
            None => SizeHint::with_exact(0),
        }
    }
}

#[cfg(test)]
mod tests;
