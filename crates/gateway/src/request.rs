//! The life of one request at the gateway, one line per phase.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::{HeaderName, HeaderValue, Request, Response};
use http_body::Body as _;
use model::apig::ApiRef;
use model::function::Version;
use model::invoke::{self, Hints, Invocation, Source};
use model::snapshot::{Auth, Route, Snapshot};
use tokio::time::Instant;

use crate::access::Access;
use crate::authenticate::{self, Admitted, Guard, Refusal};
use crate::connection::Peer;
use crate::failure::Failure;
use crate::heads::Taken;
use crate::ids::Id;
use crate::policies::Applied;
use crate::reply::{self, Reply};
use crate::{forward, grpc, heads, https, origin, parameters, preflight, refusals, throttle, upload};

/// How long an invocation whose body was refused gets to end by itself. It takes a moment, unless the function holds on to the
/// body and never answers.
const REFUSAL_GRACE: Duration = Duration::from_millis(200);

/// Asks for `Server-Timing`.
const TIMING: HeaderName = HeaderName::from_static("x-funcd-timing");

/// Names the environment whose APIs the client means.
const STAGE: HeaderName = HeaderName::from_static("x-stage");

/// What a connection says of a request beside its head.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) peer: Arc<Peer>,
    /// How the body fares, if there is one.
    pub(crate) upload: Option<upload::Outcome>,
    /// Whether leaving the body unread costs the connection.
    pub(crate) unread: bool,
    /// Whether it asks for a WebSocket in the right way.
    pub(crate) websocket: bool,
    /// Whether it is a stream of HTTP/2.
    pub(crate) http2: bool,
    /// Where informational responses go, if the client can take them.
    pub(crate) hints: Option<Hints>,
}

/// What an answer needs to know of its request.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) id: Arc<str>,
    /// The id as headers say it.
    pub(crate) stamp: HeaderValue,
    pub(crate) method: http::Method,
    /// The client asked for `Server-Timing`.
    pub(crate) timing: bool,
    pub(crate) websocket: bool,
    /// Whether the client looks for a status of gRPC.
    pub(crate) grpc: bool,
    /// What a client that came by https is told of that.
    pub(crate) hsts: Option<HeaderValue>,
    pub(crate) access: Access,
    /// The policies of its API, if that has any.
    pub(crate) applied: Option<Box<Applied>>,
    /// What was taken of its head, if the function's owner wants to see it.
    pub(crate) heads: Option<Box<Taken>>,
    /// When its head was there.
    began: Instant,
}

/// Where a route leads this request, taken out of the snapshot so that no request holds on to an old one.
#[derive(Debug)]
struct Target {
    version: Arc<Version>,
    /// None for an API that is open to anybody.
    guard: Option<Guard>,
    timeout: Duration,
    /// Whether the function speaks HTTP/2.
    http2: bool,
    /// The route itself, if its API's definition says more of requests than where they go.
    detailed: Option<Arc<Route>>,
}

impl Target {
    /// How it was found, where that is known still.
    fn api(&self) -> Option<&Arc<ApiRef>> {
        let route = self.detailed.as_ref().or(self.guard.as_ref().map(|guard| &guard.0))?;
        Some(&route.api)
    }
}

/// Answers one request.
pub(crate) async fn serve(mut asked: Asked, request: Request<invoke::Body>) -> Reply {
    asked.peer = origin::of(asked.peer, request.headers());
    let mut exchange = Exchange::begin(&asked, &request);
    if let Some(elsewhere) = https::answer(&asked.peer, &request) {
        return reply::own(elsewhere, asked.unread, exchange);
    }
    if let Some(allowed) = preflight::answer(&asked.peer, &request) {
        return reply::own(allowed, asked.unread, exchange);
    }
    let answered = match answer(&mut exchange, &asked, request).await {
        Ok(response) => begun(response).await.map_err(|failure| (failure, true)),
        Err(failed) => Err(failed),
    };
    match answered {
        Ok(function) => reply::response(function, exchange),
        Err((failure, close)) => fail(&asked.peer, exchange, &failure, close),
    }
}

/// Answers what is no request.
pub(crate) fn refuse(peer: &Arc<Peer>, failure: &Failure) -> Reply {
    let asked =
        Asked { peer: Arc::clone(peer), upload: None, unread: true, websocket: false, http2: false, hints: None };
    let exchange = Exchange::begin(&asked, &Request::new(()));
    fail(peer, exchange, failure, true)
}

fn fail(peer: &Peer, exchange: Exchange, failure: &Failure, close: bool) -> Reply {
    if failure.is_refusal() {
        peer.shared.counters.refused.fetch_add(1, Ordering::Relaxed);
    }
    reply::failure(failure, close, exchange)
}

impl Exchange {
    fn begin<B>(asked: &Asked, request: &Request<B>) -> Self {
        let Id { text: id, stamp } = Id::new();
        Self {
            timing: request.headers().get(TIMING).is_some_and(|value| value == "1"),
            stamp,
            method: request.method().clone(),
            websocket: asked.websocket,
            grpc: asked.http2 && grpc::is_grpc(request.headers()),
            hsts: asked.peer.client.secure.then(|| asked.peer.shared.hsts.clone()).flatten(),
            access: Access::begin(&id, &asked.peer.client, request),
            applied: None,
            heads: None,
            began: Instant::now(),
            id,
        }
    }
}

/// The phases. An error comes with whether the connection can serve no further request.
async fn answer(
    exchange: &mut Exchange,
    asked: &Asked,
    request: Request<invoke::Body>,
) -> Result<Response<invoke::Body>, (Failure, bool)> {
    let target = match route(exchange, asked, &request) {
        Ok(target) => target,
        Err(failure) => return Err(turned_away(request, (failure, asked.unread))),
    };
    if let Err(failure) = admit(exchange, &asked.peer) {
        return Err(refused(exchange, asked, &target, (failure, asked.unread)));
    }
    let mut admitted = match &target.guard {
        None => Admitted::anybody(request),
        // In a box: few requests pay for the room that the rest does not need.
        Some(guard) => {
            let checked: BoxFuture<'_, _> =
                Box::pin(authenticate(asked, guard, &target.version, request, &exchange.id));
            checked.await?
        }
    };
    if let Err(failure) = throttle(exchange, &asked.peer, &admitted) {
        let told = refused(exchange, asked, &target, (failure, must_close(asked)));
        return Err(turned_away(admitted.request, told));
    }
    check_limits(&asked.peer, &admitted.request)
        .map_err(|failure| refused(exchange, asked, &target, (failure, true)))?;
    exchange.access.function(&target.version);
    if let Some(route) = &target.detailed {
        let applied = parameters::apply(route, &exchange.id, &asked.peer.client, admitted.request);
        admitted.request =
            applied.map_err(|failure| refused(exchange, asked, &target, (failure, must_close(asked))))?;
    }
    if let Some(upload) = asked.upload.as_ref().filter(|_| target.http2 && exchange.grpc) {
        upload.be_patient();
    }
    if let Some(taken) = &mut exchange.heads {
        taken.admit();
    }
    invoke(asked, exchange.began, describe(asked, target, admitted, exchange)).await
}

/// Tells the owner of what a refusal is about, and passes it on.
fn refused(exchange: &Exchange, asked: &Asked, target: &Target, why: (Failure, bool)) -> (Failure, bool) {
    let api = exchange.applied.as_ref().and_then(|applied| applied.api());
    let request = refusals::Request { id: &exchange.id, version: Some(&target.version), api: api.or(target.api()) };
    refusals::note(&asked.peer.shared, request, &why.0, &why.0.message);
    why
}

fn route<B>(exchange: &mut Exchange, asked: &Asked, request: &Request<B>) -> Result<Target, Failure> {
    let peer = &*asked.peer;
    let snapshot = peer.snapshots.load();
    let Some(route) = find(&snapshot, request, request.method()) else {
        let named = host(request);
        let responses = snapshot.responses(forward::without_port(named));
        exchange.applied = responses.map(|responses| Applied::of_host(Arc::clone(responses), peer, request));
        return Err(Failure::not_published(request.method(), named, request.uri().path(), stage(request)));
    };
    lead(exchange, asked, (&snapshot, route), request).inspect_err(|failure| {
        let refused = refusals::Request { id: &exchange.id, version: route.latest.as_ref(), api: Some(&route.api) };
        refusals::note(&peer.shared, refused, failure, &failure.message);
    })
}

/// Where a route leads, and whether it may be gone this way.
fn lead<B>(
    exchange: &mut Exchange,
    asked: &Asked,
    (snapshot, route): (&Snapshot, &Arc<Route>),
    request: &Request<B>,
) -> Result<Target, Failure> {
    let peer = &*asked.peer;
    if forward::is_loop(request.headers()) {
        return Err(Failure::recursion());
    }
    if let Some(limit) = peer.shared.subdomain_daily_limit {
        throttle::admit_subdomain(
            &peer.shared.windows,
            snapshot,
            (forward::without_port(host(request)), route),
            limit,
        )?;
    }
    if route.policies.is_some() {
        exchange.applied = Applied::begin(route, peer, request);
    }
    grpc::check_protocol(route, peer, (asked.http2, asked.websocket))?;
    let choice = route.choice.as_ref().ok_or_else(Failure::no_back_end)?;
    let version = Arc::clone(choice.pick(request.headers(), rand::random));
    exchange.heads = heads::take(peer, &version, &exchange.id, request);
    let guard = match &route.auth {
        Auth::None => None,
        _ => Some(Guard(Arc::clone(route))),
    };
    let detailed = route.definition.is_some().then(|| Arc::clone(route));
    Ok(Target { version, guard, timeout: route.timeout, http2: route.http2, detailed })
}

/// The route of a request, had it this method.
pub(crate) fn find<'a, B>(
    snapshot: &'a Snapshot,
    request: &Request<B>,
    method: &http::Method,
) -> Option<&'a Arc<Route>> {
    snapshot.route_in(forward::without_port(host(request)), stage(request), method, request.uri().path())
}

fn host<B>(request: &Request<B>) -> &str {
    request.headers().get(http::header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default()
}

fn stage<B>(request: &Request<B>) -> Option<&str> {
    request.headers().get(STAGE).map(|stage| stage.to_str().unwrap_or("?")).filter(|stage| !stage.is_empty())
}

/// Nobody gets this request: the map of its fields is room for another's. Floods are turned away here, so it counts.
fn turned_away<T>(request: Request<invoke::Body>, why: T) -> T {
    http1::spare::keep(request.into_parts().0.headers);
    why
}

fn admit(exchange: &Exchange, peer: &Peer) -> Result<(), Failure> {
    match &exchange.applied {
        Some(applied) => applied.admit(peer),
        None => Ok(()),
    }
}

async fn authenticate(
    asked: &Asked,
    guard: &Guard,
    version: &Arc<Version>,
    request: Request<invoke::Body>,
    id: &Arc<str>,
) -> Result<Admitted, (Failure, bool)> {
    authenticate::check(asked, (guard, version, id), request).await.map_err(|Refusal { failure, reason }| {
        let refused = refusals::Request { id, version: Some(version), api: Some(&guard.0.api) };
        refusals::note(&asked.peer.shared, refused, &failure, &reason);
        (failure, must_close(asked))
    })
}

/// Whether an answer before the end of the body costs the connection.
fn must_close(asked: &Asked) -> bool {
    asked.unread && !asked.upload.as_ref().is_none_or(upload::Outcome::is_complete)
}

fn throttle(exchange: &mut Exchange, peer: &Peer, admitted: &Admitted) -> Result<(), Failure> {
    match &mut exchange.applied {
        Some(applied) => applied.throttle(peer, &admitted.caller, &admitted.request),
        None => Ok(()),
    }
}

/// What can be said before the first byte of the body; the upload counts the rest.
fn check_limits(peer: &Peer, request: &Request<invoke::Body>) -> Result<(), Failure> {
    let limit = peer.shared.limits.body_bytes;
    if request.body().size_hint().lower() > limit {
        return Err(Failure::body_too_large(limit));
    }
    Ok(())
}

fn describe(asked: &Asked, target: Target, admitted: Admitted, exchange: &Exchange) -> Invocation {
    let (parts, body) = admitted.request.into_parts();
    let mut parts = forward::request(parts, &asked.peer.client, &exchange.stamp, asked.websocket);
    parts.headers.extend(admitted.proven);
    Invocation {
        request_id: Arc::clone(&exchange.id),
        version: target.version,
        request: Request::from_parts(parts, body),
        upgrade: asked.websocket,
        http2: target.http2,
        hints: asked.hints.clone(),
        timeout: target.timeout,
        source: Source::Gateway,
        held: exchange.began.elapsed(),
    }
}

/// Waits for the function's response head, or for the client to break a rule in the body.
async fn invoke(
    asked: &Asked,
    began: Instant,
    invocation: Invocation,
) -> Result<Response<invoke::Body>, (Failure, bool)> {
    let shared = &asked.peer.shared;
    let (version, id) = (Arc::clone(&invocation.version), Arc::clone(&invocation.request_id));
    let (held, limit) = (invocation.held, invocation.timeout);
    let mut invoked = shared.invoke.invoke(invocation);
    let response = match &asked.upload {
        None => invoked.await,
        Some(upload) => tokio::select! {
            biased;
            failure = upload.refused() => {
                // Dropped at once, the invocation would be recorded as cancelled instead of what the client is told.
                let _recorded = tokio::time::timeout(REFUSAL_GRACE, &mut invoked).await;
                return Err((failure, true));
            }
            response = &mut invoked => response,
        },
    };
    response.map_err(|error| {
        // The invoker only knows that the body broke; why is better news.
        if let Some(refused) = asked.upload.as_ref().and_then(upload::Outcome::refusal) {
            return (refused, true);
        }
        let mut failure = Failure::from(&error);
        // The function may take its own time; when that is not over yet, it is the API that gave up.
        if error.kind == model::Kind::TimedOut && began.elapsed() >= held + limit {
            failure = Failure::back_end_timeout(limit);
        }
        tell_owner(&asked.peer, (&version, &id), &failure, &error);
        (failure, must_close(asked))
    })
}

/// Looks once whether the body begins well, without waiting for it: as long as no byte of the head was sent, what is wrong with
/// the response can be said.
async fn begun(response: Response<invoke::Body>) -> Result<reply::Function, Failure> {
    let (head, mut body) = response.into_parts();
    let first = std::future::poll_fn(|cx| Poll::Ready(Pin::new(&mut body).poll_frame(cx))).await;
    let first = match first {
        Poll::Ready(Some(Err(error))) if !head.status.is_informational() => {
            let error = error
                .downcast::<model::Error>()
                .map_or_else(|_| model::Error::new(model::Kind::BadResponse), |error| *error);
            return Err(Failure::from(&error));
        }
        Poll::Ready(frame) => Some(frame),
        Poll::Pending => None,
    };
    Ok(reply::Function { head, first, body })
}

/// What the caller must not know goes to the function's log.
fn tell_owner(peer: &Peer, (version, id): (&Version, &str), failure: &Failure, error: &model::Error) {
    let Some(detail) = &error.detail else { return };
    refusals::say(&peer.shared.telemetry, version, Some(id), format!("{}: {detail}", failure.message));
}
