//! The answer as the client gets it, whoever made it; every header of ours is stamped here.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use http_body::{Frame, SizeHint};
use model::invoke::{self, BodyError};
use model::record::Outcome;
use serde::Serialize;

use crate::access::Access;
use crate::failure::Failure;
use crate::fields::{self, CFF_REQUEST_ID, FUNC_ERROR_CODE, FUNCD_ERROR, REQUEST_ID};
use crate::heads::Taken;
use crate::request::Exchange;
use crate::{grpc, https};

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Fields of a failure at most, but for those that policies add.
const FIELDS: usize = 8;

/// What a function answered.
pub(crate) struct Function {
    pub(crate) head: http::response::Parts,
    /// What the body gave at once, if it gave anything; its end is something, too.
    pub(crate) first: Option<Polled>,
    /// What comes after that.
    pub(crate) body: invoke::Body,
}

/// What polling a body gives.
pub(crate) type Polled = Option<Result<Frame<Bytes>, BodyError>>;

/// An answer that is complete but for its framing.
#[derive(Debug)]
pub(crate) struct Reply {
    /// Without the request's id: HTTP/1 writes its two fields beside the others, which costs less than a place among them.
    pub(crate) response: Response<Body>,
    /// The request's id.
    pub(crate) id: HeaderValue,
    /// Whether no request can follow it on the same connection.
    pub(crate) close: bool,
}

/// The body on its way to the client.
#[derive(Debug)]
pub(crate) struct Body {
    first: Option<Polled>,
    body: invoke::Body,
    access: Access,
    /// What was taken of the heads, until the answer's is sent.
    pub(crate) heads: Option<Box<Taken>>,
    described: bool,
    /// Whether the client looks for a status of gRPC, also where the response breaks off.
    grpc: bool,
}

impl Reply {
    /// The answer with all of its fields.
    pub(crate) fn whole(self) -> Response<Body> {
        let Self { mut response, id, .. } = self;
        response.headers_mut().insert(REQUEST_ID, id.clone());
        response.headers_mut().insert(CFF_REQUEST_ID, id);
        response
    }
}

impl Body {
    /// Of the gateway's own.
    fn own(body: invoke::Body, described: bool) -> Self {
        Self { first: None, body, access: Access::default(), heads: None, described, grpc: false }
    }

    /// Whether the head describes a body that is not sent: what GET would get, or what the client has already.
    pub(crate) fn is_described(&self) -> bool {
        self.described
    }
}

/// The vendor's shape of an error (`api.md` c.2).
#[derive(Serialize)]
struct ErrorBody<'a> {
    error_code: &'a str,
    error_msg: &'a str,
    request_id: &'a str,
}

/// A function's response, if it can be one.
pub(crate) fn response(function: Function, exchange: Exchange) -> Reply {
    let Function { head: mut parts, mut first, mut body } = function;
    let switches = parts.status == StatusCode::SWITCHING_PROTOCOLS && exchange.websocket;
    if parts.status.is_informational() && !switches {
        let error = model::Error::new(model::Kind::BadResponse);
        return failure(&Failure::from(&error), true, exchange);
    }
    fields::clean_response(&mut parts.headers);
    let described = exchange.method == Method::HEAD || parts.status == StatusCode::NOT_MODIFIED;
    if switches {
        parts.headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        parts.headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    } else if described || parts.status == StatusCode::NO_CONTENT {
        (first, body) = (None, invoke::empty());
    }
    if exchange.method == Method::HEAD {
        fix_length(&mut parts.headers);
    } else {
        parts.headers.remove(CONTENT_LENGTH); // whoever frames the body says it
    }
    if exchange.timing
        && let Some(outcome) = parts.extensions.get::<Outcome>()
        && let Ok(timing) = HeaderValue::try_from(timing(outcome))
    {
        parts.headers.append(SERVER_TIMING, timing);
    }
    let body = Body { first, body, access: Access::default(), heads: None, described, grpc: exchange.grpc };
    stamp(Response::from_parts(parts, body), false, exchange)
}

/// An answer of the gateway's own. `close` ends the connection after it.
pub(crate) fn failure(failure: &Failure, close: bool, exchange: Exchange) -> Reply {
    if exchange.grpc {
        return grpc_failure(failure, exchange);
    }
    let mut text = error_body(failure, &exchange.id);
    let mut instead = exchange.applied.as_ref().and_then(|applied| applied.instead(failure, &exchange.id));
    if let Some(instead) = &mut instead {
        text = std::mem::take(&mut instead.body).into_bytes();
    }
    let described = exchange.method == Method::HEAD;
    let length = text.len();
    let body = if described { invoke::empty() } else { invoke::full(text) };
    let mut response = Response::new(Body::own(body, described));
    *response.headers_mut() = http1::spare::take(FIELDS);
    if described {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
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
    if let Some(instead) = instead {
        headers.extend(instead.headers);
        fields::clean_response(headers);
        if described {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        headers.insert(FUNCD_ERROR, HeaderValue::from_static(failure.code));
        *response.status_mut() = instead.status.unwrap_or(failure.status);
    }
    stamp(response, close, exchange)
}

fn error_body(failure: &Failure, request_id: &str) -> Vec<u8> {
    let message = &*failure.message;
    // As nearly all are: this looks at many bytes at a time, and what needs no escapes is copied.
    let plain = message.bytes().fold(true, |all, byte| all & (byte >= b' ') & (byte != b'"') & (byte != b'\\'));
    if !plain {
        let body = ErrorBody { error_code: failure.code, error_msg: message, request_id };
        return serde_json::to_vec(&body).unwrap_or_default();
    }
    let parts =
        [r#"{"error_code":""#, failure.code, r#"","error_msg":""#, message, r#"","request_id":""#, request_id, r#""}"#];
    parts.concat().into_bytes()
}

/// The same for who looks for a status of gRPC. The policies' words for failures are for people.
fn grpc_failure(failure: &Failure, exchange: Exchange) -> Reply {
    let body = Body { grpc: true, ..Body::own(invoke::empty(), false) };
    let mut response = Response::new(body);
    *response.status_mut() = failure.status; // for the access record
    let headers = response.headers_mut();
    grpc::failed(headers, failure);
    headers.insert(FUNCD_ERROR, HeaderValue::from_static(failure.code));
    if let Some((name, value)) = failure.header.as_deref() {
        headers.insert(name, value.clone());
    }
    let mut reply = stamp(response, false, exchange);
    *reply.response.status_mut() = StatusCode::OK;
    reply
}

/// An answer of the gateway's own that is no failure. `close` ends the connection after it.
pub(crate) fn own(response: Response<invoke::Body>, close: bool, exchange: Exchange) -> Reply {
    let described = exchange.method == Method::HEAD;
    let response = response.map(|body| Body::own(body, described));
    stamp(response, close, exchange)
}

/// What every answer carries, whatever a function wrote there. What a function said of the id is removed already, and policies may not
/// say it.
fn stamp(mut response: Response<Body>, close: bool, exchange: Exchange) -> Reply {
    let status = response.status();
    let access = &mut response.body_mut().access;
    *access = exchange.access;
    access.status(status);
    response.body_mut().heads = exchange.heads;
    if let Some(applied) = exchange.applied {
        applied.stamp(response.headers_mut());
    }
    if let Some(hsts) = exchange.hsts {
        response.headers_mut().entry(https::STRICT).or_insert(hsts);
    }
    Reply { response, id: exchange.stamp, close }
}

/// Keeps `Content-Length` only where it is one number.
fn fix_length(headers: &mut HeaderMap) {
    let mut values = headers.get_all(CONTENT_LENGTH).iter();
    let (Some(first), rest) = (values.next(), values.next()) else { return };
    if rest.is_some() || http1::field::decimal(first.as_bytes()).is_none() {
        headers.remove(CONTENT_LENGTH);
    }
}

/// The phases in milliseconds, as browsers' tools show them.
fn timing(outcome: &Outcome) -> String {
    let times = &outcome.timings;
    let milliseconds = |micros: u64| format!("{}.{:03}", micros / 1000, micros % 1000);
    format!(
        "gateway;dur={}, queue;dur={}, sandbox;dur={}, boot;dur={}, thaw;dur={}, function;dur={}",
        milliseconds(times.gateway_us),
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
        let mut frame = match self.first.take() {
            Some(first) => first,
            None => ready!(Pin::new(&mut self.body).poll_frame(cx)),
        };
        match &mut frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    self.access.sent(data.len());
                } else if let Some(trailers) = frame.trailers_mut() {
                    fields::clean_trailers(trailers);
                }
            }
            Some(Err(error)) => {
                self.access.broken(error);
                if self.grpc {
                    frame = Some(Ok(Frame::trailers(grpc::broken(error))));
                    (self.first, self.body) = (None, invoke::empty());
                }
            }
            None => {}
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        match &self.first {
            None => self.body.is_end_stream(),
            Some(first) => first.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.body.size_hint();
        let Some(Some(Ok(first))) = &self.first else { return rest };
        let here = first.data_ref().map_or(0, |data| data.len() as u64);
        let mut all = SizeHint::new();
        all.set_lower(rest.lower() + here);
        if let Some(upper) = rest.upper() {
            all.set_upper(upper + here);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    #[test]
    fn a_failure_is_said_in_json_whatever_its_message_has() {
        for message in ["plain, as most are", "", "\"quoted\"", "a\\b", "tab\tand line\n", "\u{7f}", "十 é", "\u{1}"]
        {
            let failure = Failure { message: Cow::Borrowed(message), ..Failure::malformed("") };
            let body = ErrorBody { error_code: failure.code, error_msg: message, request_id: "1" };
            let said = String::from_utf8(error_body(&failure, "1")).unwrap();
            assert_eq!(said, serde_json::to_string(&body).unwrap(), "{message:?}");
        }
    }
}
