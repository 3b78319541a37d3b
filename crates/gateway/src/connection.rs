//! One client's connection: hyper over the strict front, until either side closes it.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use http::HeaderValue;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use parking_lot::{Mutex, MutexGuard};
use tokio::net::TcpStream;

use crate::failure::Failure;
use crate::front::{Front, Watch};
use crate::listener::Slot;
use crate::shared::Shared;
use crate::socket::Socket;
use crate::{reply, request};

/// What all requests of a connection have in common.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) shared: Arc<Shared>,
    pub(crate) client: Client,
    /// Used by this connection's task only, but for the drop of a body that the invoker still holds.
    front: Mutex<Front>,
}

/// The two ends of the connection, as the headers for the function say it.
#[derive(Debug)]
pub(crate) struct Client {
    /// Address of the client, for `X-Real-IP` and `X-Forwarded-For`.
    pub(crate) ip: HeaderValue,
    /// Our port, for `X-Forwarded-Port` when `Host` names none.
    pub(crate) port: HeaderValue,
    /// Our address, for a request without `Host`.
    pub(crate) host: HeaderValue,
}

/// A request as it comes out of the strict check.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// An ordinary one.
    Plain,
    /// One that asks for a WebSocket in the right way.
    WebSocket,
    /// One that is refused.
    Refused(Failure),
}

impl Connection {
    fn new(stream: TcpStream, peer: SocketAddr, shared: Arc<Shared>) -> Self {
        let own = stream.local_addr().unwrap_or(shared.address);
        let text = |text: String| HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("unknown"));
        let client = Client {
            ip: text(peer.ip().to_canonical().to_string()),
            port: HeaderValue::from(own.port()),
            host: text(SocketAddr::new(own.ip().to_canonical(), own.port()).to_string()),
        };
        Self { shared, client, front: Mutex::new(Front::new(stream)) }
    }

    pub(crate) fn front(&self) -> MutexGuard<'_, Front> {
        self.front.lock()
    }

    /// What the strict check says of the request that hyper has just handed over.
    pub(crate) fn arrival(&self) -> Arrival {
        let mut front = self.front();
        match front.take_failure() {
            Some(failure) => Arrival::Refused(failure),
            None if front.framing().wants_upgrade() => Arrival::WebSocket,
            None => Arrival::Plain,
        }
    }
}

/// Marks the request in flight as answered when it is dropped, which lets the next one in.
#[derive(Debug)]
pub(crate) struct InFlight(pub(crate) Arc<Connection>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.front().answered();
    }
}

/// Serves a connection to its end. Dropping the future cancels everything that is being done for it.
pub(crate) async fn run(stream: TcpStream, peer: SocketAddr, shared: Arc<Shared>, slot: Slot) {
    let connection = Arc::new(Connection::new(stream, peer, Arc::clone(&shared)));
    let socket = Socket::new(Arc::clone(&connection), slot);
    let serving = Arc::clone(&connection);
    let service = service_fn(move |request| {
        let connection = Arc::clone(&serving);
        async move { Ok::<http::Response<reply::Body>, Infallible>(request::serve(connection, request).await) }
    });
    let mut http = pin!(builder(&shared).serve_connection(TokioIo::new(socket), service).with_upgrades());
    let mut drain = pin!(shared.drain.notified());
    let mut listening = false;
    let ended = poll_fn(|cx| {
        if !std::mem::replace(&mut listening, true) {
            let _ = drain.as_mut().poll(cx); // once: it keeps the task's waker, and polling it takes a lock that all share
        }
        drive(http.as_mut(), &connection, cx)
    });
    if let Err(error) = ended.await {
        tracing::debug!(client = ?connection.client.ip, %error, "connection.ended");
    }
}

/// Polls hyper, then looks after the client.
fn drive<H>(mut http: Pin<&mut H>, connection: &Connection, cx: &mut Context<'_>) -> Poll<hyper::Result<()>>
where
    H: Future<Output = hyper::Result<()>>,
{
    loop {
        if let Poll::Ready(ended) = http.as_mut().poll(cx) {
            return Poll::Ready(ended);
        }
        let draining = connection.shared.draining.load(Ordering::Acquire);
        match connection.front().watch(cx, &connection.shared.limits, draining) {
            Watch::Again => {}
            Watch::Wait => return Poll::Pending,
            Watch::Close => return Poll::Ready(Ok(())),
        }
    }
}

fn builder(shared: &Shared) -> http1::Builder {
    let mut builder = http1::Builder::new();
    // Room for the largest head and for what hyper reads of a body at a time.
    builder.max_buf_size(shared.limits.head_bytes.max(56 * 1024) + 8 * 1024);
    if shared.limits.head_fields > 100 {
        builder.max_headers(shared.limits.head_fields);
    }
    builder
}
