//! The request as the function gets it: the client's, without what is not the client's to say, with what we know.

use http::header::{CONNECTION, HOST, HeaderMap, TE, UPGRADE};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Uri, Version};

use crate::connection::Client;
use crate::fields::{self, REQUEST_ID};

pub(crate) const REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");
pub(crate) const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
pub(crate) const FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
pub(crate) const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// How often a request has come through the gateway, for functions that hand on what they get: the one who is called by itself is told
/// so. A client that writes it harms only its own request.
const HOPS: HeaderName = HeaderName::from_static("x-apig-hops");
/// As often as it may be.
const LEVELS: [&str; 10] = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"];

/// How often the request has come through before.
fn hops(headers: &HeaderMap) -> usize {
    let Some(hops) = headers.get(HOPS) else { return 0 };
    hops.to_str().ok().and_then(|hops| hops.parse().ok()).unwrap_or(0)
}

/// Whether the request has come through as often as it may (`behaviour.md` 7.2.3: an API may call itself in ten levels).
pub(crate) fn is_loop(headers: &HeaderMap) -> bool {
    hops(headers) >= LEVELS.len()
}

/// Makes the client's head the function's. Path and query stay as they were written.
pub(crate) fn request(mut parts: Parts, client: &Client, id: &HeaderValue, websocket: bool) -> Parts {
    let trailers = fields::has_item(&parts.headers, TE, "trailers");
    let level = LEVELS.get(hops(&parts.headers)).copied().unwrap_or("10");
    fields::clean_request(&mut parts.headers);
    if parts.uri.authority().is_some() {
        parts.uri = parts.uri.path_and_query().map_or_else(|| Uri::from_static("/"), |path| Uri::from(path.clone()));
    }
    parts.version = Version::HTTP_11;
    say_who_asks(&mut parts.headers, client, id);
    parts.headers.insert(HOPS, HeaderValue::from_static(level));
    if trailers {
        parts.headers.insert(TE, HeaderValue::from_static("trailers"));
    }
    if websocket {
        parts.headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        parts.headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    }
    parts
}

/// The headers of `behaviour.md` 1.3 that a gateway adds. They say what this connection and `Host` say, or a
/// proxy that is trusted ([`crate::origin`]): in a chain of its own a client could write any address.
fn say_who_asks(headers: &mut HeaderMap, client: &Client, id: &HeaderValue) {
    let host = headers.entry(HOST).or_insert_with(|| client.host.clone()).clone();
    let port = host.to_str().ok().and_then(port).filter(|port| *port != client.port);
    let port = port.and_then(|port| HeaderValue::try_from(port).ok());
    headers.insert(REAL_IP, client.ip.clone());
    headers.insert(FORWARDED_FOR, client.ip.clone());
    headers.insert(FORWARDED_HOST, host);
    headers.insert(FORWARDED_PORT, port.unwrap_or_else(|| client.port.clone()));
    headers.insert(FORWARDED_PROTO, HeaderValue::from_static(if client.secure { "https" } else { "http" }));
    headers.insert(REQUEST_ID, id.clone());
}

/// The host of `Host`, without port and without the dot that ends a complete name.
pub(crate) fn without_port(host: &str) -> &str {
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.split_once(':').map_or(host, |(name, _)| name),
    };
    name.strip_suffix('.').unwrap_or(name)
}

fn port(host: &str) -> Option<&str> {
    let after_address = host.rsplit_once(']').map_or(host, |(_, rest)| rest);
    after_address.rsplit_once(':').map(|(_, port)| port)
}

#[cfg(test)]
mod tests;
