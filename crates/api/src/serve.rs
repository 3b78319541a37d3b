//! The listener: connections with bounded heads and bounded time, and a drain that finishes what was begun.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use http::HeaderValue;
use http::header::CONNECTION;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use crate::unread::Unread;

/// A head must be complete in this time; an idle connection is closed after it.
const HEAD: Duration = Duration::from_secs(30);
/// Bytes of a head. The API gateway in front of the vendor's API takes 128 KB of headers.
const HEAD_BYTES: usize = 128 * 1024;
/// Connections at the same time; the next one waits in the listener's backlog.
const CONNECTIONS: usize = 1024;
/// How long a drain may take.
const DRAIN: Duration = Duration::from_secs(30);
/// After `accept` failed for want of descriptors or memory.
const PAUSE: Duration = Duration::from_millis(50);

/// The address a connection comes from: an extension of each request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// What a handler may know about the server it runs in: an extension of each request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Serving {
    /// Work that ends although its client went away.
    pub(crate) tasks: TaskTracker,
    /// Connections end with their next answer when this is cancelled.
    leaving: CancellationToken,
    /// Endless answers end when this is cancelled.
    pub(crate) stopping: CancellationToken,
}

/// Serves `router` at `listener` until `shutdown` is ready, then finishes the requests under way, at most 30 s. For as long as
/// `shutdown` says, clients between two requests may send another, and are told with its answer to connect anew; then they are
/// closed. Dropping the future ends every connection at once.
pub async fn serve(listener: TcpListener, router: Router, shutdown: impl Future<Output = Duration>) {
    let serving = Serving::default();
    let connections = Arc::new(Semaphore::new(CONNECTIONS));
    let mut running = tokio::task::JoinSet::new();
    let mut shutdown = pin!(shutdown);
    let last = loop {
        let accepted = tokio::select! {
            biased;
            last = &mut shutdown => break last,
            Some(_) = running.join_next(), if !running.is_empty() => continue,
            accepted = accept(&listener, &connections) => accepted,
        };
        if let Some((stream, peer, permit)) = accepted {
            let connection = connection(stream, peer, router.clone(), serving.clone());
            running.spawn(async move {
                connection.await;
                drop(permit);
            });
        }
    };
    drop(listener);
    serving.leaving.cancel();
    let _ = tokio::time::timeout(last, async { while running.join_next().await.is_some() {} }).await;
    serving.stopping.cancel();
    serving.tasks.close();
    let drained = async {
        while running.join_next().await.is_some() {}
        serving.tasks.wait().await;
    };
    if tokio::time::timeout(DRAIN, drained).await.is_err() {
        tracing::warn!(seconds = DRAIN.as_secs(), "api.drain_timed_out");
    }
}

async fn accept(
    listener: &TcpListener,
    connections: &Arc<Semaphore>,
) -> Option<(TcpStream, Peer, tokio::sync::OwnedSemaphorePermit)> {
    let permit = Arc::clone(connections).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, Peer(peer), permit)),
        Err(error) => {
            tracing::warn!(%error, "api.accept_failed");
            tokio::time::sleep(PAUSE).await;
            None
        }
    }
}

async fn connection(stream: TcpStream, peer: Peer, router: Router, serving: Serving) {
    let stopping = serving.stopping.clone();
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(serving.clone());
        request.extensions_mut().insert(peer);
        let (router, serving, leaving) = (router.clone(), serving.clone(), serving.leaving.clone());
        async move {
            let (parts, body) = request.into_parts();
            let body = Unread::new(body, &parts.headers, serving);
            let mut answer = router.oneshot(hyper::Request::from_parts(parts, axum::body::Body::new(body))).await?;
            if leaving.is_cancelled() {
                answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(answer)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "api.connection_failed");
    }
}
