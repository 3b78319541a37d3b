//! One client's connection: a request, its answer, and the next, until either side closes it.

use std::future::poll_fn;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use http::{HeaderValue, Request, Response};
use http_body::Body as _;
use http1::body::Framing;
use http1::write;
use model::invoke::{self, Hints};
use model::snapshot::{Snapshot, Snapshots};
use parking_lot::{Mutex, MutexGuard};
use tokio::net::TcpStream;

use crate::answer::Answer;
use crate::front::{Front, Leaving, Next, Watch};
use crate::head::Head;
use crate::listener::Slot;
use crate::request::Asked;
use crate::shared::Shared;
use crate::stream::Stream;
use crate::upload::{Source, Upload};
use crate::{fields, http2, reply, request};

/// What all requests of a connection have in common.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) peer: Arc<Peer>,
    /// Used by this connection's task only, but for a body that the invoker still holds.
    front: Mutex<Front>,
}

/// Who is at the other end, and what is around.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) shared: Arc<Shared>,
    /// Where its requests are looked up: everybody's state, but for a test of an API.
    pub(crate) snapshots: Arc<Snapshots>,
    pub(crate) client: Client,
}

/// The two ends of the connection, as the headers for the function say it; of a request that a trusted proxy passed on, its client.
#[derive(Debug)]
pub(crate) struct Client {
    /// Address of the client; of IPv4 in its own form.
    pub(crate) address: IpAddr,
    /// The same, for `X-Real-IP` and `X-Forwarded-For`.
    pub(crate) ip: HeaderValue,
    /// Our port, for `X-Forwarded-Port` when `Host` names none.
    pub(crate) port: HeaderValue,
    /// Our address, for a request without `Host`.
    pub(crate) host: HeaderValue,
    /// Whether the connection is encrypted, for `X-Forwarded-Proto`.
    pub(crate) secure: bool,
    /// Whether what it says about its own client is believed.
    pub(crate) proxy: bool,
}

impl Client {
    fn new(peer: SocketAddr, own: SocketAddr, secure: bool) -> Self {
        let text = |text: String| HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("unknown"));
        Self {
            address: peer.ip().to_canonical(),
            ip: text(peer.ip().to_canonical().to_string()),
            port: HeaderValue::from(own.port()),
            host: text(SocketAddr::new(own.ip().to_canonical(), own.port()).to_string()),
            secure,
            proxy: false,
        }
    }
}

impl Peer {
    fn new(stream: &Stream, peer: SocketAddr, shared: Arc<Shared>) -> Self {
        let own = stream.socket().local_addr().unwrap_or(shared.address);
        let snapshots = Arc::clone(&shared.snapshots);
        let proxy = shared.trusted_proxies.contains(peer.ip());
        Self { client: Client { proxy, ..Client::new(peer, own, stream.is_secure()) }, snapshots, shared }
    }

    /// Somebody on this host who tries an API that is in this Snapshot.
    pub(crate) fn for_test(shared: Arc<Shared>, snapshot: Snapshot, secure: bool) -> Self {
        let own = if secure { shared.tls_address.unwrap_or(shared.address) } else { shared.address };
        let snapshots = Arc::<Snapshots>::default();
        snapshots.publish(snapshot);
        Self { client: Client::new((Ipv4Addr::LOCALHOST, 0).into(), own, secure), snapshots, shared }
    }
}

impl Connection {
    pub(crate) fn front(&self) -> MutexGuard<'_, Front> {
        self.front.lock()
    }

    fn draining(&self) -> bool {
        self.peer.shared.draining.load(Ordering::Acquire)
    }

    fn leaving(&self) -> Leaving {
        match self.draining() {
            false => Leaving::No,
            true if self.peer.shared.heir.get().is_some() => match self.peer.client.secure {
                false => Leaving::ToHeir,
                true => Leaving::Soon,
            },
            true => Leaving::Closing,
        }
    }

    /// Looks after the client while something else is waited for.
    fn watch(&self, cx: &mut Context<'_>) -> Watch {
        self.front().watch(cx, &self.peer.shared.limits)
    }
}

/// The owner of the socket: dropping it closes it and gives the connection's place back.
struct Open {
    connection: Arc<Connection>,
    _slot: Slot,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.connection.front().close();
    }
}

/// As [`run`], after a handshake.
pub(crate) async fn run_tls(stream: TcpStream, peer: SocketAddr, shared: Arc<Shared>, slot: Slot) {
    let Some(tls) = &shared.tls else { return };
    match tls.accept(stream, &shared.limits).await {
        Ok(stream) => run(stream, peer, Arc::clone(&shared), slot).await,
        Err(error) => {
            shared.counters.handshakes_failed.fetch_add(1, Ordering::Relaxed);
            tracing::debug!(client = %peer.ip(), %error, "connection.handshake_failed");
        }
    }
}

/// Serves a connection to its end. Dropping the future cancels everything that is being done for it.
pub(crate) async fn run(stream: Stream, peer: SocketAddr, shared: Arc<Shared>, slot: Slot) {
    let peer = Arc::new(Peer::new(&stream, peer, Arc::clone(&shared)));
    let front = Mutex::new(Front::new(stream));
    let connection = Arc::new(Connection { peer, front });
    let open = Open { connection: Arc::clone(&connection), _slot: slot };
    let mut drain = pin!(shared.drain.notified());
    // Once: it keeps the task's waker, and polling it takes a lock that all share.
    poll_fn(|cx| {
        let _ = drain.as_mut().poll(cx);
        Poll::Ready(())
    })
    .await;
    loop {
        let next = poll_fn(|cx| connection.front().poll_next(cx, &shared.limits, connection.leaving())).await;
        let persists = match next {
            Next::Request(head) => exchange(&connection, *head).await,
            Next::Refused(failure) => {
                let reply = request::refuse(&connection.peer, &failure);
                // Whether it got through changes nothing any more.
                let _sent = send(&connection, &mut Answer::new(reply, false)).await;
                false
            }
            Next::Http2 => return http2::serve(&connection, open).await,
            Next::Leave => return hand_over(&connection).await,
            Next::Gone => false,
        };
        if !persists {
            break;
        }
    }
    poll_fn(|cx| connection.front().poll_shutdown(cx)).await;
}

/// Gives the socket, of which nothing was read that was not answered, to the process that takes this one's place.
async fn hand_over(connection: &Connection) {
    let taken = connection.front().take();
    let (Some(heir), Some((Stream::Plain(stream), _))) = (connection.peer.shared.heir.get(), taken) else { return };
    match stream.into_std() {
        Ok(stream) => heir.give(stream.into()).await,
        Err(error) => tracing::warn!(%error, "gateway.connection_not_handed_over"),
    }
}

/// One request and its answer. Whether another can follow.
async fn exchange(connection: &Arc<Connection>, head: Head) -> bool {
    let Head { parts, body, websocket, keep_alive, .. } = head;
    let http10 = parts.version == http::Version::HTTP_10;
    let limits = &connection.peer.shared.limits;
    let (number, unread) = {
        let front = connection.front();
        (front.number(), front.is_unread())
    };
    let (source, upload) = match body {
        Framing::Length(0) if !websocket => (invoke::empty(), None),
        _ => {
            // What goes through a tunnel is no body.
            let limit = if websocket { u64::MAX } else { limits.body_bytes };
            let (body, upload) = Upload::watch(Source::Http1 { connection: Arc::clone(connection), number }, limit);
            (body, Some(upload))
        }
    };
    let asked = Asked {
        peer: Arc::clone(&connection.peer),
        upload,
        unread,
        websocket,
        http2: false,
        // Its own: one that goes on without its caller may still put in something.
        hints: (!http10).then(Hints::default),
    };
    let Some(reply) = invoked(connection, asked, Request::from_parts(parts, source)).await else { return false };
    let switched = reply.response.status() == http::StatusCode::SWITCHING_PROTOCOLS;
    // Before the front is locked: the answer's body may be the request's.
    let known = reply.response.body().size_hint().exact().is_some();
    let persists = {
        let mut front = connection.front();
        front.respond();
        if switched {
            front.tunnel();
        }
        // While both are streamed the rest of the request may still come; an answer that is all there is not waiting for it.
        let early = known && front.is_unread();
        keep_alive && !switched && !reply.close && !connection.draining() && !early
    };
    let mut answer = Answer::to(reply, http10, persists);
    if !send(connection, &mut answer).await || switched || !answer.persists() {
        return false;
    }
    drop(answer);
    poll_fn(|cx| connection.front().poll_rest(cx, limits)).await
}

/// The answer to a request, whoever makes it; `None` when the client is gone before.
async fn invoked(connection: &Connection, asked: Asked, request: Request<invoke::Body>) -> Option<reply::Reply> {
    let hints = asked.hints.clone();
    let mut serving = pin!(request::serve(asked, request));
    poll_fn(|cx| {
        loop {
            if let Poll::Ready(reply) = serving.as_mut().poll(cx) {
                return Poll::Ready(Some(reply));
            }
            for hint in hints.as_ref().map(Hints::take).unwrap_or_default() {
                inform(&mut connection.front(), hint);
            }
            match connection.watch(cx) {
                Watch::Again => {}
                Watch::Wait => return Poll::Pending,
                Watch::Close => return Poll::Ready(None),
            }
        }
    })
    .await
}

/// Passes an informational response on, ahead of the answer.
fn inform(front: &mut Front, hint: Response<()>) {
    let (mut parts, ()) = hint.into_parts();
    fields::clean_response(&mut parts.headers);
    let hint = write::Response { status: parts.status, reason: None, headers: &parts.headers, framing: None };
    write::response(front.outbox.head(), &hint, |_| {});
}

/// Sends an answer as fast as it comes and the client takes it. Whether all of it was sent.
async fn send(connection: &Connection, answer: &mut Answer) -> bool {
    poll_fn(|cx| {
        loop {
            match poll_send(connection, answer, cx) {
                Poll::Ready(sent) => return Poll::Ready(sent),
                Poll::Pending => {}
            }
            match connection.watch(cx) {
                Watch::Again => {}
                Watch::Wait => return Poll::Pending,
                Watch::Close => return Poll::Ready(false),
            }
        }
    })
    .await
}

fn poll_send(connection: &Connection, answer: &mut Answer, cx: &mut Context<'_>) -> Poll<bool> {
    loop {
        let mut waits = false;
        let mut room = {
            let mut front = connection.front();
            answer.head(&mut front.outbox);
            front.outbox.has_room()
        };
        while !answer.is_over() && room {
            // The front is not locked here: the function's answer may depend on the request's body.
            let Poll::Ready(frame) = Pin::new(&mut *answer).poll_frame(cx) else {
                waits = true;
                break;
            };
            let mut front = connection.front();
            answer.put(frame, &mut front.outbox);
            room = front.outbox.has_room();
        }
        let flushed = connection.front().poll_flush(cx, &connection.peer.shared.limits);
        match flushed {
            Poll::Ready(Err(error)) => {
                tracing::debug!(client = ?connection.peer.client.ip, %error, "connection.ended");
                return Poll::Ready(false);
            }
            Poll::Ready(Ok(())) if answer.is_over() => return Poll::Ready(answer.is_whole()),
            Poll::Ready(Ok(())) if !waits => {}
            Poll::Ready(Ok(())) | Poll::Pending => return Poll::Pending,
        }
    }
}
