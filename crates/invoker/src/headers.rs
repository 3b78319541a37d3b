//! Which headers reach the user's server and which come back.

use std::sync::Arc;

use bytes::{BufMut as _, BytesMut};
use http::header::{self, Entry, HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Uri, Version as Protocol};
use model::function::Version;

use crate::agencies::{Agencies, Lent};

/// The prefix of the platform's own headers, after `_` is read as `-`.
const PLATFORM: &[u8] = b"x-cff-";
/// Headers that belong to one connection (RFC 9110 section 7.6.1).
static HOP_BY_HOP: [HeaderName; 6] = [
    header::CONNECTION,
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];
/// Fields that mean something before the body only (RFC 9110 section 6.5.1): framing, routing, conditions, credentials, what
/// caches are told, what the body is.
static NOT_IN_TRAILERS: [HeaderName; 36] = [
    header::ACCEPT_RANGES,
    header::AGE,
    header::AUTHORIZATION,
    header::CACHE_CONTROL,
    header::CONTENT_DISPOSITION,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_LOCATION,
    header::CONTENT_RANGE,
    header::CONTENT_TYPE,
    header::COOKIE,
    header::DATE,
    header::EXPECT,
    header::EXPIRES,
    header::FORWARDED,
    header::HOST,
    header::IF_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_NONE_MATCH,
    header::IF_RANGE,
    header::IF_UNMODIFIED_SINCE,
    header::LOCATION,
    header::MAX_FORWARDS,
    header::PRAGMA,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::RANGE,
    header::RETRY_AFTER,
    header::SET_COOKIE,
    header::STRICT_TRANSPORT_SECURITY,
    header::TRAILER,
    header::VARY,
    header::VIA,
    header::WARNING,
    header::WWW_AUTHENTICATE,
    HeaderName::from_static("x-auth-token"),
];

/// The seven platform headers that are the same for every request of a version, as bytes; the eighth is the request's id. The
/// credentials of its agency come beside them, if the version asked for them.
#[derive(Debug)]
pub(crate) struct Stamp {
    lines: Vec<u8>,
    lent: Option<Lent>,
}

impl Stamp {
    pub(crate) fn new(version: &Arc<Version>, agencies: &Agencies) -> Self {
        let function = &version.function;
        let rows = [
            ("x-cff-memory", version.config.memory_mb.to_string()),
            ("x-cff-timeout", version.config.timeout_seconds.to_string()),
            ("x-cff-func-version", version.qualifier.to_string()),
            ("x-cff-func-name", function.name.clone()),
            ("x-cff-project-id", function.project.clone()),
            ("x-cff-package", function.package.clone()),
            ("x-cff-region", function.region.clone()),
        ];
        let mut lines = Vec::new();
        for (name, value) in rows {
            line(&mut lines, name, &value);
        }
        Self { lines, lent: Lent::new(version, agencies) }
    }

    /// Writes them all as lines of a head that has no others of the platform's.
    pub(crate) fn write(&self, out: &mut BytesMut, request_id: &str) {
        out.put_slice(&self.lines);
        if let Some(lines) = self.lent.as_ref().and_then(|lent| lent.lines(line)) {
            out.put_slice(&lines);
        }
        line(out, "x-cff-request-id", request_id);
    }
}

impl Stamp {
    /// Adds them all to the headers of a request that has no others of the platform's.
    pub(crate) fn insert(&self, headers: &mut HeaderMap, request_id: &str) {
        let mut lines = BytesMut::new();
        self.write(&mut lines, request_id);
        for line in <[u8]>::split(&lines, |byte| *byte == b'\n') {
            let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
            let (name, value) = line.split_at(colon);
            let value = value.get(1..).unwrap_or_default().trim_ascii();
            if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
                headers.insert(name, value);
            }
        }
    }
}

/// Names and numbers are always legal values; a name from elsewhere that is not is left out.
fn line(out: &mut impl bytes::BufMut, name: &str, value: &str) {
    if value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        for part in [name, ": ", value, "\r\n"] {
            out.put_slice(part.as_bytes());
        }
    }
}

/// Whether a request may switch to another protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Switch {
    /// The caller can.
    Allowed,
    /// There is nobody to switch.
    Denied,
}

/// Makes `request` what the user's server may see besides the [`Stamp`]; answers what it asked to switch to, if it did and may.
/// Done twice it is the same.
pub(crate) fn request(request: &mut Parts, chunked: bool, switch: Switch) -> Option<HeaderValue> {
    let headers = &mut request.headers;
    let special = |name: &HeaderName| is_stripped(name) || matches!(*name, header::EXPECT | header::TRAILER);
    // As a rule there is nothing of the kind, which one look at the names tells.
    let upgrade = if headers.keys().any(special) { adapt(headers, chunked, switch) } else { None };
    let authority = request.uri.authority();
    if let Entry::Vacant(entry) = headers.entry(header::HOST) {
        let host = authority.and_then(|authority| HeaderValue::from_str(authority.as_str()).ok());
        entry.insert(host.unwrap_or(HeaderValue::from_static("127.0.0.1:8000")));
    }
    if authority.is_some() {
        request.uri = request.uri.path_and_query().cloned().map_or(Uri::from_static("/"), Uri::from);
    }
    request.version = Protocol::HTTP_11;
    upgrade
}

/// Removes what concerns only the caller's connection, and says anew what the next one is to do.
fn adapt(headers: &mut HeaderMap, chunked: bool, switch: Switch) -> Option<HeaderValue> {
    let upgrade = wanted(headers).filter(|protocols| switch == Switch::Allowed && !is_http(protocols));
    let trailers = tokens(headers, header::TE).any(|coding| coding.eq_ignore_ascii_case(b"trailers"));
    strip(headers);
    // Whoever sent it was answered by the gateway already.
    headers.remove(header::EXPECT);
    if !chunked {
        headers.remove(header::TRAILER);
    }
    match &upgrade {
        Some(protocol) => {
            headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
            headers.insert(header::UPGRADE, protocol.clone());
        }
        // Who says what it takes in TE must say, too, that this is for one connection only (RFC 9110 section 10.1.4).
        None if trailers => {
            headers.insert(header::CONNECTION, HeaderValue::from_static("TE"));
            headers.insert(header::TE, HeaderValue::from_static("trailers"));
        }
        None => {}
    }
    upgrade
}

/// The protocol a request wants to switch to.
fn wanted(headers: &HeaderMap) -> Option<HeaderValue> {
    let protocol = headers.get(header::UPGRADE)?;
    tokens(headers, header::CONNECTION).any(|token| token.eq_ignore_ascii_case(b"upgrade")).then(|| protocol.clone())
}

/// Whether a switch would lead to HTTP again: through such a tunnel a client could send requests that nobody checks, with
/// platform headers of its own making.
fn is_http(protocols: &HeaderValue) -> bool {
    protocols.as_bytes().split(|b| *b == b',').any(|protocol| {
        let protocol = protocol.trim_ascii().to_ascii_lowercase();
        protocol.starts_with(b"h2") || protocol.starts_with(b"http") || protocol.starts_with(b"tls")
    })
}

/// Why a response is not passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Illegal(pub(crate) &'static str);

/// Makes the headers of a response what a caller may see.
pub(crate) fn response(headers: &mut HeaderMap) {
    strip(headers);
}

/// Makes trailers, of either direction, what the other side may see: none that would have meant something in the head.
pub(crate) fn trailers(headers: &mut HeaderMap) {
    strip(headers);
    remove(headers, |name| NOT_IN_TRAILERS.contains(name));
}

/// Whether a 101 answers what was asked; if so its headers are what the switch needs.
pub(crate) fn switched(headers: &mut HeaderMap, asked: Option<&HeaderValue>) -> Result<(), Illegal> {
    let asked = asked.ok_or(Illegal("it is a 101 that was not asked for"))?;
    let chosen = wanted(headers).ok_or(Illegal("its 101 names no protocol"))?;
    let name = |value: &HeaderValue| {
        value.as_bytes().split(|b| *b == b',').map(|name| name.trim_ascii().to_ascii_lowercase()).collect::<Vec<_>>()
    };
    let asked = name(asked);
    if !name(&chosen).iter().all(|name| asked.contains(name)) {
        return Err(Illegal("its 101 names a protocol that was not asked for"));
    }
    strip(headers);
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, chosen);
    Ok(())
}

/// Removes what belongs to one connection, the known names and those that `Connection` lists, and what is the platform's.
fn strip(headers: &mut HeaderMap) {
    if !headers.keys().any(is_stripped) {
        return; // as a rule
    }
    if headers.contains_key(header::CONNECTION) {
        let named: Vec<HeaderName> =
            tokens(headers, header::CONNECTION).filter_map(|token| HeaderName::from_bytes(token).ok()).collect();
        for name in named {
            // A sender must not list what ends at the far side; without them the message would change its meaning.
            if ![header::HOST, header::CONTENT_LENGTH].contains(&name) {
                headers.remove(name);
            }
        }
    }
    remove(headers, is_stripped);
}

fn is_stripped(name: &HeaderName) -> bool {
    is_platform(name) || HOP_BY_HOP.contains(name)
}

fn remove(headers: &mut HeaderMap, unwanted: impl Fn(&HeaderName) -> bool) {
    let names: Vec<HeaderName> = headers.keys().filter(|name| unwanted(name)).cloned().collect();
    for name in names {
        headers.remove(name);
    }
}

/// `X-CFF-*`, also when spelt with underscores, which many servers read as hyphens.
fn is_platform(name: &HeaderName) -> bool {
    let name = name.as_str().as_bytes();
    name.first() == PLATFORM.first()
        && name.len() >= PLATFORM.len()
        && name.iter().zip(PLATFORM).all(|(have, want)| have == want || (*want == b'-' && *have == b'_'))
}

fn tokens(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &[u8]> {
    headers.get_all(name).into_iter().flat_map(|value| value.as_bytes().split(|b| *b == b',').map(<[u8]>::trim_ascii))
}

#[cfg(test)]
mod tests;
