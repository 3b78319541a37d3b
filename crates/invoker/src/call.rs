//! One HTTP exchange with a user's server, up to the head of the response.
//!
//! The exchange outlives the caller's patience: an instance is only free for the next request when it has answered this one or
//! given it up.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::request::Parts;
use http::{HeaderValue, Method};
use http1::response;
use model::invoke::Hints;
use model::{Error, Kind};
use tokio::time::{Instant, timeout, timeout_at};

use crate::alarm::Alarm;
use crate::connection::{Connection, Failed};
use crate::http2;
use crate::launch::Socket;
use crate::pool::{End, Lease};
use crate::upload::Upload;
use crate::upstream::{Head, Upstream};

/// How long to wait for the news that a process ended, after its connection did.
const FATE: Duration = Duration::from_millis(250);

/// A request that has a slot.
pub(crate) struct Call {
    pub(crate) lease: Lease,
    pub(crate) request: Parts,
    pub(crate) request_id: Arc<str>,
    /// What it asked to switch to.
    pub(crate) upgrade: Option<HeaderValue>,
    /// Where informational responses go.
    pub(crate) hints: Option<Hints>,
    /// Whether the server speaks HTTP/2.
    pub(crate) http2: bool,
    /// Now.
    pub(crate) sent: Instant,
    /// When the caller's patience ends.
    pub(crate) deadline: Instant,
}

/// A response whose head came.
pub(crate) struct Answered {
    pub(crate) lease: Lease,
    pub(crate) upstream: Upstream,
    pub(crate) head: Head,
    /// From the request until the head.
    pub(crate) first_byte: Duration,
    /// When the function's own time is over.
    pub(crate) deadline: Instant,
    pub(crate) upgrade: Option<HeaderValue>,
}

/// Why there is no head.
pub(crate) enum NotAnswered {
    /// Nothing was sent, because the instance cannot be connected to. Another may be asked.
    Unreachable(Box<Parts>, Error),
    /// The request may have had effects.
    Failed(Error),
}

/// Sends the request and waits for the head of the response, within the function's time and the caller's.
pub(crate) async fn call(call: Call, upload: &mut Upload) -> Result<Answered, NotAnswered> {
    if call.http2 {
        return Box::pin(http2::call(call, upload)).await;
    }
    let Call { mut lease, request, request_id, upgrade, hints, sent, deadline, .. } = call;
    let own = sent + lease.pool.version.config.timeout();
    let mut exchange = Exchange::new(&lease, Asked { request, request_id, upgrades: upgrade.is_some(), hints }, upload);
    match poll_fn(|cx| exchange.poll_until(own.min(deadline), cx, &lease, upload)).await {
        Some(Ok((connection, head))) => {
            http1::spare::keep(exchange.asked.request.headers);
            lease.answered();
            let (upstream, head) = (Upstream::Http1(connection), head.into());
            Ok(Answered { lease, upstream, head, first_byte: sent.elapsed(), deadline: own, upgrade })
        }
        Some(Err(Broken::Unreachable(error))) => Err(unreachable(lease, exchange.asked.request, &error).await),
        Some(Err(Broken::Unanswered(why))) => Err(NotAnswered::Failed(explain(lease, why, upload).await)),
        // Dropping the exchange closes the connection.
        None if upload.waits => Err(NotAnswered::Failed(upload.too_slow())),
        None => {
            let error = timed_out(&lease, own <= deadline);
            if upload.give_up() {
                // The rest of the request will never come.
                exchange.hang_up();
            }
            let site = Arc::clone(&lease.pool.site);
            site.tasks.spawn(overtime(lease, exchange, own));
            Err(NotAnswered::Failed(error))
        }
    }
}

/// Keeps the slot until the function has answered, or is given up by it, or does neither in time.
async fn overtime(mut lease: Lease, mut exchange: Exchange, own: Instant) {
    // What was taken of the request is on its way, and no more is taken.
    let mut upload = Upload::default();
    let mut exchanged = timeout_at(own, poll_fn(|cx| exchange.poll(cx, &lease, &mut upload))).await;
    if exchanged.is_err() {
        exchange.hang_up();
        let grace = lease.pool.rules.grace;
        exchanged = timeout(grace, poll_fn(|cx| exchange.poll(cx, &lease, &mut upload))).await;
    }
    match exchanged {
        Ok(Ok((mut connection, _))) => {
            lease.answered();
            if connection.whole().is_some() && connection.is_reusable(&upload) {
                lease.instance.connections.keep(connection);
            }
            lease.end(End::Over);
        }
        Ok(Err(Broken::Unanswered(_))) => lease.end(End::Over),
        Ok(Err(Broken::Unreachable(_))) => lease.end(End::Unreachable),
        Err(_) => {
            drop(exchange);
            lease.end(End::TimedOut);
        }
    }
}

/// What is asked of a server.
struct Asked {
    request: Parts,
    request_id: Arc<str>,
    upgrades: bool,
    hints: Option<Hints>,
}

/// An exchange under way.
struct Exchange {
    asked: Asked,
    stage: Stage,
    /// Why a kept connection failed after the request, or a part of it, was sent.
    delivered: Option<Unanswered>,
    hung_up: bool,
}

enum Stage {
    /// It waited for this request; whether it still stands is not known yet.
    Kept(Box<Connection>),
    Connecting(BoxFuture<'static, io::Result<Socket>>, Alarm),
    Sent(Sent),
    Over,
}

/// A request that is sent, at least in part.
struct Sent {
    connection: Box<Connection>,
    /// Whether the connection had served another request before.
    kept: bool,
}

/// How an exchange ends.
type Exchanged = Result<(Box<Connection>, response::Head), Broken>;

enum Broken {
    Unreachable(io::Error),
    Unanswered(Unanswered),
}

/// The words for a response that did not come.
pub(crate) struct Unanswered {
    /// The server broke the rules of HTTP rather than the connection.
    illegal: bool,
    why: String,
}

impl Exchange {
    fn new(lease: &Lease, asked: Asked, upload: &Upload) -> Self {
        let stage = Stage::new(lease, &asked, upload);
        Self { asked, stage, delivered: None, hung_up: false }
    }

    /// As [`Exchange::poll`], and `None` when `at` has come.
    fn poll_until(
        &mut self,
        at: Instant,
        cx: &mut Context<'_>,
        lease: &Lease,
        upload: &mut Upload,
    ) -> Poll<Option<Exchanged>> {
        if let Poll::Ready(done) = self.poll(cx, lease, upload) {
            return Poll::Ready(Some(done));
        }
        let alarm = match &mut self.stage {
            Stage::Connecting(_, alarm) => alarm,
            Stage::Kept(connection) | Stage::Sent(Sent { connection, .. }) => &mut connection.alarm,
            Stage::Over => return Poll::Pending,
        };
        if alarm.rings(at, cx) { Poll::Ready(None) } else { Poll::Pending }
    }

    fn poll(&mut self, cx: &mut Context<'_>, lease: &Lease, upload: &mut Upload) -> Poll<Exchanged> {
        loop {
            match &mut self.stage {
                Stage::Kept(connection) => {
                    let quiet = connection.poll_quiet(cx);
                    self.stage = match self.leave() {
                        Stage::Kept(connection) if quiet => self.send(connection, true, lease, upload),
                        _ => Stage::new(lease, &self.asked, upload),
                    };
                }
                Stage::Connecting(connect, _) => {
                    let opened = ready!(connect.as_mut().poll(cx));
                    self.stage = self.connected(opened, lease, upload)?;
                }
                Stage::Sent(Sent { connection, .. }) => {
                    let answered = ready!(connection.poll_head(cx, upload, self.asked.hints.as_ref()));
                    match (self.leave(), answered) {
                        (Stage::Sent(sent), Ok(head)) => return Poll::Ready(Ok((sent.connection, head))),
                        (Stage::Sent(sent), Err(failed)) => self.stage = self.again(sent, failed, lease, upload)?,
                        _ => return Poll::Pending,
                    }
                }
                Stage::Over => return Poll::Pending,
            }
        }
    }

    fn leave(&mut self) -> Stage {
        std::mem::replace(&mut self.stage, Stage::Over)
    }

    fn connected(&mut self, opened: io::Result<Socket>, lease: &Lease, upload: &Upload) -> Result<Stage, Broken> {
        match (opened, self.leave()) {
            (Ok(socket), Stage::Connecting(_, alarm)) if !self.hung_up => {
                Ok(self.send(Box::new(Connection::new(socket, alarm)), false, lease, upload))
            }
            (opened, _) => Err(self.unsent(opened.err().unwrap_or(io::ErrorKind::TimedOut.into()))),
        }
    }

    fn send(&self, mut connection: Box<Connection>, kept: bool, lease: &Lease, upload: &Upload) -> Stage {
        let Asked { request, request_id, .. } = &self.asked;
        connection.begin(request, &lease.pool.stamp, request_id, upload);
        Stage::Sent(Sent { connection, kept })
    }

    /// A kept connection may fail for reasons of its own: the request is sent again where that can do no harm.
    fn again(&mut self, sent: Sent, failed: Failed, lease: &Lease, upload: &mut Upload) -> Result<Stage, Broken> {
        let Sent { mut connection, kept } = sent;
        let unsent = connection.unsent() && !matches!(failed, Failed::Upload) && upload.rewind();
        if unsent && !kept {
            return Err(self.unsent(io::Error::other(failed.to_string())));
        }
        let silent = !connection.heard_something() && !self.hung_up;
        let harmless = kept && silent && is_replayable(&self.asked.request, upload);
        if !unsent && !harmless {
            return Err(Broken::Unanswered(failed.into()));
        }
        self.delivered = (!unsent).then(|| failed.into());
        Ok(Stage::connect(lease, std::mem::take(&mut connection.alarm)))
    }

    /// A request that was sent once is this instance's, whatever becomes of its second try.
    fn unsent(&mut self, error: io::Error) -> Broken {
        self.delivered.take().map_or(Broken::Unreachable(error), Broken::Unanswered)
    }

    /// Nobody waits for the answer any more.
    fn hang_up(&mut self) {
        self.hung_up = true;
        if let Stage::Sent(sent) = &mut self.stage {
            sent.connection.hang_up();
        }
    }
}

impl Stage {
    fn new(lease: &Lease, asked: &Asked, upload: &Upload) -> Self {
        let idle = lease.pool.site.config.connection_idle;
        let kept = if asked.upgrades { None } else { lease.instance.connections.take(idle) };
        // Where a failure cannot be made good, the kernel is asked first.
        match kept.filter(|kept| is_replayable(&asked.request, upload) || !kept.is_spent()) {
            Some(kept) => Self::Kept(kept),
            None => Self::connect(lease, Alarm::default()),
        }
    }

    fn connect(lease: &Lease, alarm: Alarm) -> Self {
        let instance = Arc::clone(&lease.instance);
        Self::Connecting(Box::pin(async move { instance.connect().await }), alarm)
    }
}

/// Whether a request may be sent twice: it only asks, and has no body (RFC 9110 section 9.2.1). PUT and DELETE are left out: to
/// do one again after somebody else's change is not to do it once.
pub(crate) fn is_replayable(request: &Parts, upload: &Upload) -> bool {
    upload.is_empty() && [Method::GET, Method::HEAD, Method::OPTIONS].contains(&request.method)
}

impl From<Failed> for Unanswered {
    fn from(failed: Failed) -> Self {
        let illegal = failed.is_illegal();
        let why = match failed {
            Failed::Closed | Failed::Broken(_) => format!("{failed} before the head of the response was complete"),
            _ => failed.to_string(),
        };
        Self { illegal, why }
    }
}

pub(crate) fn timed_out(lease: &Lease, own: bool) -> Error {
    let seconds = lease.pool.version.config.timeout_seconds;
    let error = Error::new(Kind::TimedOut);
    if own {
        return error.detail(format!("no response within the function's timeout of {seconds} s"));
    }
    error.detail("no response within the time the caller waits")
}

pub(crate) async fn unreachable(lease: Lease, request: Parts, error: &io::Error) -> NotAnswered {
    let fate = lease.instance.fate(FATE).await;
    lease.end(End::Unreachable);
    let error = fate.unwrap_or_else(|| {
        let detail = format!("127.0.0.1:8000 does not accept connections any more: {error}");
        Error::new(Kind::BadResponse).detail(detail)
    });
    NotAnswered::Unreachable(Box::new(request), error)
}

/// Whose fault it was that no head came: the caller's whose body broke off, the process's that ended, or the server's.
pub(crate) async fn explain(lease: Lease, unanswered: Unanswered, upload: &mut Upload) -> Error {
    if let Some(error) = upload.failure() {
        return error;
    }
    let fate = if unanswered.illegal { None } else { lease.instance.fate(FATE).await };
    fate.unwrap_or_else(|| Error::new(Kind::BadResponse).detail(unanswered.why))
}

#[cfg(test)]
mod tests;
