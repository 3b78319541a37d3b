//! What gRPC clients are told. They look for `grpc-status`, not for the status of HTTP (gRPC over HTTP/2, "Responses"), so a failure
//! of the gateway's own is a response of headers alone with status 200, and one in mid-response comes as trailers.

use std::fmt::Write as _;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};
use model::apig::Protocol;
use model::invoke::BodyError;
use model::snapshot::Route;

use crate::connection::Peer;
use crate::failure::Failure;

const STATUS: HeaderName = HeaderName::from_static("grpc-status");
const MESSAGE: HeaderName = HeaderName::from_static("grpc-message");

/// Whether these headers are of a gRPC request: the content type is `application/grpc`, perhaps with a format. `application/grpc-web`
/// is another protocol.
pub(crate) fn is_grpc(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let begins = value.get(..16).is_some_and(|begin| begin.eq_ignore_ascii_case(b"application/grpc"));
    begins && matches!(value.get(16), None | Some(b'+' | b';' | b' '))
}

/// Whether the request came by a protocol that its API speaks.
pub(crate) fn check_protocol(route: &Route, peer: &Peer, (http2, websocket): (bool, bool)) -> Result<(), Failure> {
    if matches!(route.protocol, Protocol::Https | Protocol::Grpcs)
        && peer.shared.tls_address.is_some()
        && !peer.client.secure
    {
        return Err(Failure::protocol("the API is called by https only"));
    }
    if route.protocol == Protocol::Grpcs && !http2 {
        return Err(Failure::protocol("the API speaks gRPC, which is HTTP/2"));
    }
    if route.http2 && websocket {
        return Err(Failure::protocol("the API's function speaks HTTP/2, in which there are no WebSockets here"));
    }
    Ok(())
}

/// The headers of a response that is nothing but a failure.
pub(crate) fn failed(headers: &mut HeaderMap, failure: &Failure) {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    say(headers, status(failure.status.as_u16()), &format!("{}: {}", failure.code, failure.message));
}

/// The trailers of a response that broke off, in place of its end. That it is not whole is what they say.
pub(crate) fn broken(error: &BodyError) -> HeaderMap {
    let mut trailers = HeaderMap::new();
    match error.downcast_ref::<model::Error>() {
        Some(error) => {
            say(&mut trailers, status(error.kind.status()), &format!("{}: {}", error.kind.code(), error.message));
        }
        None => say(&mut trailers, UNAVAILABLE, "the response broke off"),
    }
    trailers
}

fn say(headers: &mut HeaderMap, status: u16, message: &str) {
    headers.insert(STATUS, HeaderValue::from(status));
    if let Ok(message) = HeaderValue::try_from(encoded(message)) {
        headers.insert(MESSAGE, message);
    }
}

const UNAVAILABLE: u16 = 14;

/// As gRPC clients read a status of HTTP themselves (gRPC's "HTTP to gRPC Status Code Mapping"), but for a time that is over, which gRPC
/// has a code for.
fn status(http: u16) -> u16 {
    match http {
        400 => 13,      // INTERNAL
        401 => 16,      // UNAUTHENTICATED
        403 => 7,       // PERMISSION_DENIED
        404 => 12,      // UNIMPLEMENTED
        408 | 504 => 4, // DEADLINE_EXCEEDED
        499 => 1,       // CANCELLED
        429 | 502 | 503 => UNAVAILABLE,
        _ => 2, // UNKNOWN
    }
}

/// `Percent-Encoded` of the same document: everything but printable ASCII, and the percent sign.
fn encoded(message: &str) -> String {
    let mut text = String::with_capacity(message.len());
    for byte in message.bytes() {
        match byte {
            b'%' | ..=0x1f | 0x7f.. => _ = write!(text, "%{byte:02X}"),
            _ => text.push(char::from(byte)),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(content_type: &'static str, expect: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        assert_eq!(is_grpc(&headers), expect, "{content_type}");
    }

    #[test]
    fn grpc_is_told_by_its_content_type() {
        for grpc in ["application/grpc", "application/grpc+proto", "Application/GRPC; x=y"] {
            check(grpc, true);
        }
        for other in ["application/grpc-web", "application/grpc-web+proto", "application/grpcx", "application/json", ""]
        {
            check(other, false);
        }
    }

    #[test]
    fn a_message_is_printable_ascii() {
        assert_eq!(encoded("50 % of ü\n"), "50 %25 of %C3%BC%0A");
    }

    #[test]
    fn a_failure_keeps_its_meaning() {
        let mut headers = HeaderMap::new();
        failed(&mut headers, &Failure::from(&model::Error::new(model::Kind::TimedOut)));
        assert_eq!(
            (&headers[STATUS], &headers[CONTENT_TYPE]),
            (&HeaderValue::from(4), &"application/grpc".parse().unwrap())
        );
        let trailers = broken(&BodyError::from(model::Error::new(model::Kind::Exited).detail("secret")));
        assert_eq!(trailers[STATUS], "14");
        assert!(!trailers[MESSAGE].to_str().unwrap().contains("secret"));
    }
}
