//! What is told to clients about https: those that came without it where it is asked for, and those that came with it.

use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use model::invoke;

use crate::connection::Peer;
use crate::forward;

/// RFC 6797 section 6.1.
pub(crate) const STRICT: HeaderName = HeaderName::from_static("strict-transport-security");
/// The port that need not be said.
const USUAL: u16 = 443;

/// What is asked below here is whose the domain is (RFC 8555 section 8.3).
const CHALLENGE: &str = "/.well-known/acme-challenge/";

/// The answer to a request that is not for a function: one of a server that issues certificates, or one that should have come by https.
pub(crate) fn answer<B>(peer: &Peer, request: &Request<B>) -> Option<Response<invoke::Body>> {
    challenge(peer, request).or_else(|| redirect(peer, request))
}

fn challenge<B>(peer: &Peer, request: &Request<B>) -> Option<Response<invoke::Body>> {
    let token = request.uri().path().strip_prefix(CHALLENGE)?;
    let answer = peer.shared.challenges.as_ref()?.find(token)?;
    let mut response = Response::new(invoke::full(answer));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    Some(response)
}

fn redirect<B>(peer: &Peer, request: &Request<B>) -> Option<Response<invoke::Body>> {
    let tls = peer.shared.tls_address?;
    if peer.client.secure {
        return None;
    }
    let named = request.headers().get(http::header::HOST)?.to_str().ok()?;
    let host = forward::without_port(named);
    if !peer.shared.https.redirect && !is_asked_for(peer, host) {
        return None;
    }
    let port = peer.shared.https.port.unwrap_or(tls.port());
    let location = HeaderValue::try_from(location(host, port, request.uri())).ok()?;
    let mut response = Response::new(invoke::empty());
    // What is neither GET nor HEAD must come again as it was, with its body.
    *response.status_mut() = match *request.method() {
        Method::GET | Method::HEAD => StatusCode::MOVED_PERMANENTLY,
        _ => StatusCode::PERMANENT_REDIRECT,
    };
    response.headers_mut().insert(LOCATION, location);
    Some(response)
}

/// Whether the domain's owner wants it.
fn is_asked_for(peer: &Peer, host: &str) -> bool {
    let snapshot = peer.snapshots.load();
    let domains = snapshot.domains();
    if domains.is_empty() {
        return false;
    }
    domains.find(&host.to_ascii_lowercase()).is_some_and(|domain| domain.redirect)
}

fn location(host: &str, port: u16, uri: &http::Uri) -> String {
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let path = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    match port {
        USUAL => format!("https://{host}{path}"),
        _ => format!("https://{host}:{port}{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(host: &str, port: u16, target: &str, expect: &str) {
        assert_eq!(location(host, port, &target.parse().unwrap()), expect);
    }

    #[test]
    fn the_same_address_in_https() {
        check("a.example.com", 443, "/b%20c?d=%E4", "https://a.example.com/b%20c?d=%E4");
        check("a.example.com", 8443, "/", "https://a.example.com:8443/");
        check("::1", 443, "/x", "https://[::1]/x");
        check("a", 443, "http://b/x?y", "https://a/x?y");
    }
}
