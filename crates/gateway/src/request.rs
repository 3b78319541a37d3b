//! The life of one request at the gateway, one line per phase.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::{HeaderValue, Request, Response};
use hyper::body::{Body as _, Incoming};
use model::function::Version;
use model::invoke::{Invocation, Source};
use model::trigger::Auth;
use telemetry::{Line, Stream};

use crate::access::Access;
use crate::connection::{Arrival, Connection, InFlight};
use crate::failure::Failure;
use crate::upload::{self, Upload};
use crate::{forward, reply};

/// How long an invocation whose body was refused gets to end by itself. It takes a moment, unless the function holds on to the
/// body and never answers.
const REFUSAL_GRACE: Duration = Duration::from_millis(200);

/// What an answer needs to know of its request.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) in_flight: InFlight,
    pub(crate) id: String,
    pub(crate) method: http::Method,
    /// The client asked for `Server-Timing`.
    pub(crate) timing: bool,
    pub(crate) access: Access,
}

/// Where a route leads, taken out of the snapshot so that no request holds on to an old one.
#[derive(Debug)]
struct Target {
    version: Arc<Version>,
    auth: Auth,
    timeout: Duration,
}

/// Answers one request.
pub(crate) async fn serve(connection: Arc<Connection>, request: Request<Incoming>) -> Response<reply::Body> {
    let mut exchange = begin(connection, &request);
    match answer(&mut exchange, request).await {
        Ok(response) => reply::response(response, exchange),
        Err((failure, close)) => {
            if failure.is_refusal() {
                exchange.in_flight.0.shared.counters.refused.fetch_add(1, Ordering::Relaxed);
            }
            reply::failure(&failure, close, exchange)
        }
    }
}

fn begin(connection: Arc<Connection>, request: &Request<Incoming>) -> Exchange {
    let id = uuid::Uuid::new_v4().simple().to_string();
    Exchange {
        timing: request.headers().get("x-funcd-timing").is_some_and(|value| value == "1"),
        method: request.method().clone(),
        access: Access::begin(&id, &connection.client, request),
        in_flight: InFlight(connection),
        id,
    }
}

/// The phases. An error comes with whether the connection can serve no further request.
async fn answer(exchange: &mut Exchange, request: Request<Incoming>) -> Result<reply::Function, (Failure, bool)> {
    let connection = Arc::clone(&exchange.in_flight.0);
    let unread = upload::is_large(request.body()) || request.headers().contains_key(http::header::EXPECT);
    let websocket = check_head(&connection).map_err(|failure| (failure, true))?;
    let target = route(&connection, &request).map_err(|failure| (failure, unread))?;
    authenticate(target.auth).map_err(|failure| (failure, unread))?;
    check_limits(&connection, &request).map_err(|failure| (failure, true))?;
    exchange.access.function(&target.version);
    let (invocation, upload) = describe(&connection, target, request, &exchange.id, websocket);
    invoke(&connection, invocation, upload, unread).await
}

/// Whether the request asks for a WebSocket; or why it is refused.
fn check_head(connection: &Connection) -> Result<bool, Failure> {
    match connection.arrival() {
        Arrival::Plain => Ok(false),
        Arrival::WebSocket => Ok(true),
        Arrival::Refused(failure) => Err(failure),
    }
}

fn route(connection: &Connection, request: &Request<Incoming>) -> Result<Target, Failure> {
    let named = request.headers().get(http::header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let host = forward::without_port(named);
    let snapshot = connection.shared.snapshots.load();
    match snapshot.route(host, request.method(), request.uri().path()) {
        Some(route) => Ok(Target { version: Arc::clone(&route.version), auth: route.auth, timeout: route.timeout }),
        None => Err(Failure::not_published(request.method(), named, request.uri().path())),
    }
}

fn authenticate(auth: Auth) -> Result<(), Failure> {
    match auth {
        Auth::None => Ok(()),
        Auth::App => Err(Failure::app_credentials()),
        Auth::Iam => Err(Failure::iam_credentials()),
    }
}

/// What can be said before the first byte of the body; [`Upload`] counts the rest.
fn check_limits(connection: &Connection, request: &Request<Incoming>) -> Result<(), Failure> {
    let limit = connection.shared.limits.body_bytes;
    if request.body().size_hint().lower() > limit {
        return Err(Failure::body_too_large(limit));
    }
    Ok(())
}

fn describe(
    connection: &Arc<Connection>,
    target: Target,
    request: Request<Incoming>,
    id: &str,
    websocket: bool,
) -> (Invocation, Option<upload::Outcome>) {
    let (parts, body) = request.into_parts();
    let parts = forward::request(parts, &connection.client, id, websocket);
    let (body, upload) = Upload::watch(body, connection);
    let invocation = Invocation {
        request_id: id.to_owned(),
        version: target.version,
        request: Request::from_parts(parts, body),
        upgrade: websocket,
        hints: None,
        timeout: target.timeout,
        source: Source::Gateway,
    };
    (invocation, upload)
}

/// Waits for the function's response head, or for the client to break a rule in the body.
async fn invoke(
    connection: &Connection,
    invocation: Invocation,
    upload: Option<upload::Outcome>,
    unread: bool,
) -> Result<reply::Function, (Failure, bool)> {
    let (version, id) = (Arc::clone(&invocation.version), invocation.request_id.clone());
    let mut invoked = std::pin::pin!(connection.shared.invoke.invoke(invocation));
    let response = match &upload {
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
        if let Some(refused) = upload.as_ref().and_then(upload::Outcome::refusal) {
            return (refused, true);
        }
        tell_owner(connection, &version, id, &error);
        let close = unread && upload.is_some_and(|upload| !upload.is_complete());
        (Failure::from(&error), close)
    })
}

/// What the caller must not know goes to the function's log.
fn tell_owner(connection: &Connection, version: &Version, id: String, error: &model::Error) {
    let Some(detail) = &error.detail else { return };
    connection.shared.telemetry.log(Line {
        at: model::time::now(),
        function: version.function.to_string(),
        version: version.qualifier.to_string(),
        instance: String::new(),
        stream: Stream::System,
        request_id: Some(id),
        text: format!("{}: {detail}", error.message),
    });
}

impl Exchange {
    /// The request id as a header value.
    pub(crate) fn id_value(&self) -> HeaderValue {
        HeaderValue::try_from(self.id.as_str()).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}
