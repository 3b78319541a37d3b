//! One HTTP exchange with a user's server, up to the head of the response.
//!
//! The exchange outlives the caller's patience: an instance is only free for the next request when it has answered this one or
//! given it up.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body::Body as _;
use hyper::body::Incoming;
use model::invoke::Body;
use model::{Error, Kind};
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::connection::{self, Connection, Line};
use crate::instance::Instance;
use crate::pool::{End, Lease};
use crate::site::Site;
use crate::upload::Upload;

/// How long to wait for the news that a process ended, after its connection did.
const FATE: Duration = Duration::from_millis(250);

/// A request that has a slot.
pub(crate) struct Call {
    pub(crate) lease: Lease,
    pub(crate) request: Request<Body>,
    /// What it asked to switch to.
    pub(crate) upgrade: Option<HeaderValue>,
    /// When the caller's patience ends.
    pub(crate) deadline: Instant,
}

/// A response whose head came.
pub(crate) struct Answered {
    pub(crate) lease: Lease,
    pub(crate) connection: Connection,
    pub(crate) response: Response<Incoming>,
    /// From the request until the head.
    pub(crate) first_byte: Duration,
    /// When the function's own time is over.
    pub(crate) deadline: Instant,
    pub(crate) upgrade: Option<HeaderValue>,
}

/// Why there is no head.
pub(crate) enum NotAnswered {
    /// Nothing was sent, because the instance cannot be connected to. Another may be asked.
    Unreachable(Box<Request<Body>>, Error),
    /// The request may have had effects.
    Failed(Error),
}

/// Sends the request and waits for the head of the response, within the function's time and the caller's.
pub(crate) async fn call(call: Call, upload: &Arc<Upload>) -> Result<Answered, NotAnswered> {
    let Call { mut lease, request, upgrade, deadline } = call;
    let sent = Instant::now();
    let own = sent + lease.pool.version.config.timeout();
    let course = Arc::new(Course::of(&lease));
    let mut exchange: Exchange = Box::pin(exchange(Arc::clone(&course), request, upgrade.is_some()));
    let Ok(exchanged) = tokio::time::timeout_at(own.min(deadline), &mut exchange).await else {
        // Dropping the exchange closes the connection.
        if upload.waits() {
            return Err(NotAnswered::Failed(upload.too_slow()));
        }
        let error = timed_out(&lease, own <= deadline);
        let site = Arc::clone(&lease.pool.site);
        site.tasks.spawn(overtime(lease, Overdue { exchange, course, upload: Arc::clone(upload), own }));
        return Err(NotAnswered::Failed(error));
    };
    match exchanged {
        Ok((connection, response)) => {
            lease.answered();
            let upgrade = upgrade.filter(|_| response.status() == StatusCode::SWITCHING_PROTOCOLS);
            Ok(Answered { lease, connection, response, first_byte: sent.elapsed(), deadline: own, upgrade })
        }
        Err(Broken::Unreachable(request, error)) => Err(unreachable(lease, request, &error).await),
        Err(Broken::Unanswered(why)) => Err(NotAnswered::Failed(explain(lease, why, upload).await)),
    }
}

type Exchange = BoxFuture<'static, Result<(Connection, Response<Incoming>), Broken>>;

/// An exchange that can be told that it is over.
struct Course {
    instance: Arc<Instance>,
    site: Arc<Site>,
    stage: Mutex<Stage>,
}

enum Stage {
    Unconnected,
    Connected(Arc<Line>),
    HungUp,
}

impl Course {
    fn of(lease: &Lease) -> Self {
        let (instance, site) = (Arc::clone(&lease.instance), Arc::clone(&lease.pool.site));
        Self { instance, site, stage: Mutex::new(Stage::Unconnected) }
    }

    /// Whether a request may still be sent on this connection.
    fn connected(&self, connection: &Connection) -> bool {
        let mut stage = self.stage.lock();
        if matches!(*stage, Stage::HungUp) {
            return false;
        }
        *stage = Stage::Connected(Arc::clone(connection.line()));
        true
    }

    fn hang_up(&self) {
        if let Stage::Connected(line) = std::mem::replace(&mut *self.stage.lock(), Stage::HungUp) {
            line.hang_up();
        }
    }

    fn hung_up(&self) -> bool {
        matches!(*self.stage.lock(), Stage::HungUp)
    }
}

/// An exchange whose caller was told that it took too long.
struct Overdue {
    exchange: Exchange,
    course: Arc<Course>,
    upload: Arc<Upload>,
    /// When the function's own time is over.
    own: Instant,
}

/// Keeps the slot until the function has answered, or is given up by it, or does neither in time.
async fn overtime(mut lease: Lease, overdue: Overdue) {
    let Overdue { mut exchange, course, upload, own } = overdue;
    if upload.give_up() {
        // The rest of the request will never come.
        course.hang_up();
    }
    let mut exchanged = tokio::time::timeout_at(own, &mut exchange).await;
    if exchanged.is_err() {
        course.hang_up();
        exchanged = tokio::time::timeout(lease.pool.rules.grace, &mut exchange).await;
    }
    match exchanged {
        Ok(Ok((connection, response))) => {
            lease.answered();
            if response.body().is_end_stream() && !course.hung_up() {
                lease.instance.connections.keep(connection);
            }
            lease.end(End::Over);
        }
        Ok(Err(Broken::Unanswered(_))) => lease.end(End::Over),
        Ok(Err(Broken::Unreachable(..))) => lease.end(End::Unreachable),
        Err(_) => {
            drop(exchange);
            lease.end(End::TimedOut);
        }
    }
}

enum Broken {
    Unreachable(Box<Request<Body>>, io::Error),
    Unanswered(Unanswered),
}

/// The words for a response that did not come.
struct Unanswered {
    /// The server broke the rules of HTTP rather than the connection.
    illegal: bool,
    why: String,
}

async fn exchange(
    course: Arc<Course>,
    mut request: Request<Body>,
    upgrade: bool,
) -> Result<(Connection, Response<Incoming>), Broken> {
    let Course { instance, site, .. } = &*course;
    let kept = if upgrade { None } else { instance.connections.take(site.config.connection_idle) };
    // Why a kept connection failed after the request, or a part of it, was written.
    let mut delivered = None;
    if let Some(mut connection) = kept {
        let replay = replay(&request);
        // Where a failure cannot be made good, the kernel is asked first.
        if course.connected(&connection) && (replay.is_some() || !connection.spent()) {
            match connection.send(request).await {
                Ok(response) => return Ok((connection, response)),
                Err(mut failed) => {
                    let unwritten = failed.take_message();
                    let why = unanswered(&connection, &failed.into_error());
                    let replay = replay.filter(|_| !connection.heard_something() && !course.hung_up());
                    (request, delivered) = match (unwritten, replay) {
                        (Some(unwritten), _) => (unwritten, None),
                        (None, Some(replay)) => (replay, Some(why)),
                        (None, None) => return Err(Broken::Unanswered(why)),
                    };
                }
            }
        }
    }
    // A request that was written once is this instance's, whatever becomes of its second try.
    let unsent = |request, error| match delivered {
        Some(why) => Broken::Unanswered(why),
        None => Broken::Unreachable(Box::new(request), error),
    };
    let socket = match instance.connect().await {
        Ok(socket) => socket,
        Err(error) => return Err(unsent(request, error)),
    };
    let mut connection = match connection::open(socket, &site.tasks).await {
        Ok(connection) => connection,
        Err(error) => return Err(unsent(request, io::Error::other(error))),
    };
    if !course.connected(&connection) {
        return Err(unsent(request, io::ErrorKind::TimedOut.into()));
    }
    match connection.send(request).await {
        Ok(response) => Ok((connection, response)),
        Err(mut failed) => match failed.take_message() {
            Some(request) => Err(unsent(request, io::Error::other(failed.into_error()))),
            None => Err(Broken::Unanswered(unanswered(&connection, &failed.into_error()))),
        },
    }
}

/// A second copy of a request that may be written twice: it only asks, and has no body (RFC 9110 section 9.2.1). PUT and
/// DELETE are left out: to do one again after somebody else's change is not to do it once.
fn replay(request: &Request<Body>) -> Option<Request<Body>> {
    let safe = [Method::GET, Method::HEAD, Method::OPTIONS];
    if !request.body().is_end_stream() || !safe.contains(request.method()) {
        return None;
    }
    let mut copy = Request::new(model::invoke::empty());
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    Some(copy)
}

fn unanswered(connection: &Connection, error: &hyper::Error) -> Unanswered {
    let why = if connection.heard_too_much() {
        "no head of a response within 1 MiB".to_owned()
    } else if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
        "the connection was closed before the head of the response was complete".to_owned()
    } else {
        chain(error)
    };
    Unanswered { illegal: error.is_parse() || connection.heard_too_much(), why }
}

fn timed_out(lease: &Lease, own: bool) -> Error {
    let seconds = lease.pool.version.config.timeout_seconds;
    let error = Error::new(Kind::TimedOut);
    if own {
        return error.detail(format!("no response within the function's timeout of {seconds} s"));
    }
    error.detail("no response within the time the caller waits")
}

async fn unreachable(lease: Lease, request: Box<Request<Body>>, error: &io::Error) -> NotAnswered {
    let fate = lease.instance.fate(FATE).await;
    lease.end(End::Unreachable);
    let error = fate.unwrap_or_else(|| {
        let detail = format!("127.0.0.1:8000 does not accept connections any more: {error}");
        Error::new(Kind::BadResponse).detail(detail)
    });
    NotAnswered::Unreachable(request, error)
}

/// Whose fault it was that no head came: the caller's whose body broke off, the process's that ended, or the server's.
async fn explain(lease: Lease, unanswered: Unanswered, upload: &Upload) -> Error {
    if let Some(error) = upload.failure() {
        return error;
    }
    let fate = if unanswered.illegal { None } else { lease.instance.fate(FATE).await };
    fate.unwrap_or_else(|| Error::new(Kind::BadResponse).detail(unanswered.why))
}

/// An error with its causes.
fn chain(error: &hyper::Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests;
