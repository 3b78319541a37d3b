//! The answer as the client gets it, whoever made it; every header of ours is stamped here.

use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use http_body::{Body as _, Frame, SizeHint};
use model::invoke::{self, BodyError};
use model::record::Outcome;
use serde::Serialize;

use crate::access::Access;
use crate::connection::InFlight;
use crate::failure::Failure;
use crate::fields::{self, CFF_REQUEST_ID, FUNC_ERROR_CODE, FUNCD_ERROR, REQUEST_ID};
use crate::request::Exchange;

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// What a function answered.
pub(crate) type Function = Response<invoke::Body>;

/// The body on its way to the client. While it lives the request is in flight.
#[derive(Debug)]
pub(crate) struct Body {
    body: invoke::Body,
    access: Access,
    _in_flight: InFlight,
}

/// The vendor's shape of an error (`api.md` c.2).
#[derive(Serialize)]
struct ErrorBody<'a> {
    error_code: &'a str,
    error_msg: &'a str,
    request_id: &'a str,
}

/// A function's response, if it can be one.
pub(crate) fn response(response: Function, exchange: Exchange) -> Response<Body> {
    let (mut parts, mut body) = response.into_parts();
    if parts.status.is_informational() && !switches(parts.status, &exchange) {
        let error = model::Error::new(model::Kind::BadResponse);
        return failure(&Failure::from(&error), true, exchange);
    }
    fields::clean_response(&mut parts.headers);
    if parts.status == StatusCode::SWITCHING_PROTOCOLS {
        parts.headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        parts.headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    } else if has_no_body(&exchange.method, parts.status) {
        body = invoke::empty();
    }
    fix_length(&mut parts.headers, parts.status, &exchange.method, &body);
    if exchange.timing
        && let Some(outcome) = parts.extensions.get::<Outcome>()
        && let Ok(timing) = HeaderValue::try_from(timing(outcome))
    {
        parts.headers.append(SERVER_TIMING, timing);
    }
    stamp(Response::from_parts(parts, body), exchange)
}

/// An answer of the gateway's own. `close` ends the connection after it.
pub(crate) fn failure(failure: &Failure, close: bool, exchange: Exchange) -> Response<Body> {
    let text = ErrorBody { error_code: failure.code, error_msg: &failure.message, request_id: &exchange.id };
    let text = serde_json::to_vec(&text).unwrap_or_default();
    let mut response = Response::new(invoke::full(text));
    *response.status_mut() = failure.status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(FUNCD_ERROR, HeaderValue::from_static(failure.code));
    if let Some(code) = failure.inner_code {
        headers.insert(FUNC_ERROR_CODE, HeaderValue::from(code));
    }
    if let Some((name, value)) = failure.header.as_deref() {
        headers.insert(name, value.clone());
    }
    if close {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    stamp(response, exchange)
}

/// What every answer carries, whatever a function wrote there.
fn stamp(response: Function, exchange: Exchange) -> Response<Body> {
    let id = exchange.id_value();
    let Exchange { in_flight, mut access, .. } = exchange;
    access.status(response.status());
    let (mut parts, body) = response.into_parts();
    parts.headers.insert(REQUEST_ID, id.clone());
    parts.headers.insert(CFF_REQUEST_ID, id);
    if in_flight.0.shared.draining.load(Ordering::Acquire) && parts.status != StatusCode::SWITCHING_PROTOCOLS {
        parts.headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Response::from_parts(parts, Body { body, access, _in_flight: in_flight })
}

/// Whether this is the 101 that the client asked for; from here on the bytes are not HTTP.
fn switches(status: StatusCode, exchange: &Exchange) -> bool {
    status == StatusCode::SWITCHING_PROTOCOLS && exchange.in_flight.0.front().tunnel()
}

fn has_no_body(method: &Method, status: StatusCode) -> bool {
    method == Method::HEAD || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

/// Keeps `Content-Length` only where it is one number and true; hyper frames the body otherwise.
fn fix_length(headers: &mut HeaderMap, status: StatusCode, method: &Method, body: &invoke::Body) {
    let mut values = headers.get_all(CONTENT_LENGTH).iter();
    let (Some(first), rest) = (values.next(), values.next()) else { return };
    let length: Option<u64> = first
        .to_str()
        .ok()
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|text| text.parse().ok());
    let described = method == Method::HEAD || status == StatusCode::NOT_MODIFIED;
    let right = match (length, body.size_hint().exact()) {
        _ if status.is_informational() || status == StatusCode::NO_CONTENT || rest.is_some() => false,
        (None, _) => false,
        (Some(_), _) if described => true,
        (Some(length), Some(exact)) => length == exact,
        (Some(_), None) => true,
    };
    if !right {
        headers.remove(CONTENT_LENGTH);
    }
}

/// The phases in milliseconds, as browsers' tools show them.
fn timing(outcome: &Outcome) -> String {
    let times = &outcome.timings;
    let milliseconds = |micros: u64| format!("{}.{:03}", micros / 1000, micros % 1000);
    format!(
        "queue;dur={}, sandbox;dur={}, boot;dur={}, thaw;dur={}, function;dur={}",
        milliseconds(times.queue_us),
        milliseconds(times.sandbox_us),
        milliseconds(times.boot_us),
        milliseconds(times.thaw_us),
        milliseconds(times.first_byte_us),
    )
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let mut frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &mut frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    self.access.sent(data.len());
                } else if let Some(trailers) = frame.trailers_mut() {
                    fields::clean_response(trailers);
                }
            }
            Some(Err(error)) => self.access.broken(error),
            None => {}
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
