//! Which headers reach the user's server and which come back.

use std::sync::Arc;

use http::header::{self, Entry, HeaderMap, HeaderName, HeaderValue};
use http::{Extensions, Request, Response, Uri, Version as Protocol};
use http_body::Body as _;
use model::function::Version;
use model::invoke::Body;

/// The prefix of the platform's own headers, after `_` is read as `-`.
const PLATFORM: &[u8] = b"x-cff-";
const REQUEST_ID: HeaderName = HeaderName::from_static("x-cff-request-id");
/// Headers that belong to one connection (RFC 9110 section 7.6.1).
const HOP_BY_HOP: [HeaderName; 6] = [
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// The seven platform headers that are the same for every request of a version; the eighth is the request's id.
#[derive(Debug)]
pub(crate) struct Stamp(Vec<(HeaderName, HeaderValue)>);

impl Stamp {
    pub(crate) fn new(version: &Arc<Version>) -> Self {
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
        // Names and numbers are always legal values; a name from elsewhere that is not is left out.
        let value =
            |(name, text): (_, String)| Some((HeaderName::from_static(name), HeaderValue::from_str(&text).ok()?));
        Self(rows.into_iter().filter_map(value).collect())
    }

    fn put(&self, headers: &mut HeaderMap, request_id: &str) {
        for (name, value) in &self.0 {
            headers.insert(name.clone(), value.clone());
        }
        if let Ok(id) = HeaderValue::from_str(request_id) {
            headers.insert(REQUEST_ID, id);
        }
    }
}

/// Whether a request may switch to another protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Switch {
    /// The caller's connection is at hand.
    Allowed,
    /// There is nobody to switch.
    Denied,
}

/// Makes `request` what the user's server may see; answers what it asked to switch to, if it did and may.
pub(crate) fn request(
    request: &mut Request<Body>,
    stamp: &Stamp,
    request_id: &str,
    switch: Switch,
) -> Option<HeaderValue> {
    let upgrade = wanted(request.headers()).filter(|protocols| switch == Switch::Allowed && !is_http(protocols));
    let streamed = !request.body().is_end_stream() && request.body().size_hint().exact().is_none();
    let (host, target) = split(request.uri());
    let headers = request.headers_mut();
    strip_hop_by_hop(headers);
    strip_platform(headers);
    // Whoever sent it was answered by the gateway already.
    headers.remove(header::EXPECT);
    if let Entry::Vacant(entry) = headers.entry(header::HOST) {
        entry.insert(host.unwrap_or(HeaderValue::from_static("127.0.0.1:8000")));
    }
    if streamed && !headers.contains_key(header::CONTENT_LENGTH) {
        // hyper takes a GET without a length for one without a body.
        headers.insert(header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    }
    if let Some(protocol) = &upgrade {
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(header::UPGRADE, protocol.clone());
    }
    stamp.put(headers, request_id);
    *request.uri_mut() = target;
    *request.version_mut() = Protocol::HTTP_11;
    upgrade
}

/// The protocol a request wants to switch to.
fn wanted(headers: &HeaderMap) -> Option<HeaderValue> {
    let asked = tokens(headers, header::CONNECTION).any(|token| token.eq_ignore_ascii_case(b"upgrade"));
    headers.get(header::UPGRADE).filter(|_| asked).cloned()
}

/// Whether a switch would lead to HTTP again: through such a tunnel a client could send requests that nobody checks, with
/// platform headers of its own making.
fn is_http(protocols: &HeaderValue) -> bool {
    protocols.as_bytes().split(|b| *b == b',').any(|protocol| {
        let protocol = protocol.trim_ascii().to_ascii_lowercase();
        protocol.starts_with(b"h2") || protocol.starts_with(b"http") || protocol.starts_with(b"tls")
    })
}

/// Host and origin form of a target.
fn split(uri: &Uri) -> (Option<HeaderValue>, Uri) {
    let host = uri.authority().and_then(|authority| HeaderValue::from_str(authority.as_str()).ok());
    let target = uri.path_and_query().cloned().map(Uri::from).unwrap_or_else(|| Uri::from_static("/"));
    (host, target)
}

/// Why a response is not passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Illegal(pub(crate) &'static str);

/// Makes `response` what a caller may see, or says why it cannot be trusted.
///
/// # Errors
/// Its framing is ambiguous: hyper has chosen one reading, another proxy might choose the other.
pub(crate) fn response<B>(response: &mut Response<B>) -> Result<(), Illegal> {
    check_framing(response.headers())?;
    let headers = response.headers_mut();
    strip_hop_by_hop(headers);
    strip_platform(headers);
    let reason = response.extensions_mut().remove::<hyper::ext::ReasonPhrase>();
    // Nothing else that hyper noted about this connection is for the next one.
    *response.extensions_mut() = Extensions::new();
    if let Some(reason) = reason {
        response.extensions_mut().insert(reason);
    }
    *response.version_mut() = Protocol::HTTP_11;
    Ok(())
}

fn check_framing(headers: &HeaderMap) -> Result<(), Illegal> {
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let lengths = headers.get_all(header::CONTENT_LENGTH).iter().count();
    match (codings.next(), codings.next()) {
        (Some(_), _) if lengths > 0 => Err(Illegal("it has both content-length and transfer-encoding")),
        (Some(coding), None) if coding.as_bytes().eq_ignore_ascii_case(b"chunked") => Ok(()),
        (Some(_), _) => Err(Illegal("its transfer-encoding is not chunked")),
        (None, _) if lengths > 1 => Err(Illegal("it has more than one content-length")),
        (None, _) => Ok(()),
    }
}

/// Whether a 101 answers what was asked; if so it gets back the headers that the switch needs.
pub(crate) fn switched<B>(response: &mut Response<B>, asked: &HeaderValue) -> Result<(), Illegal> {
    let chosen = wanted(response.headers()).ok_or(Illegal("its 101 names no protocol"))?;
    let name = |value: &HeaderValue| {
        value.as_bytes().split(|b| *b == b',').map(|name| name.trim_ascii().to_ascii_lowercase()).collect::<Vec<_>>()
    };
    let asked = name(asked);
    if !name(&chosen).iter().all(|name| asked.contains(name)) {
        return Err(Illegal("its 101 names a protocol that was not asked for"));
    }
    let headers = response.headers_mut();
    strip_hop_by_hop(headers);
    strip_platform(headers);
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, chosen);
    Ok(())
}

/// Removes what belongs to one connection: the known names and those that `Connection` lists.
fn strip_hop_by_hop(headers: &mut HeaderMap) {
    if headers.contains_key(header::CONNECTION) {
        let named: Vec<HeaderName> =
            tokens(headers, header::CONNECTION).filter_map(|token| HeaderName::from_bytes(token).ok()).collect();
        for name in named {
            // A sender must not list what ends at the far side; without them the message would change its meaning.
            if ![header::HOST, header::CONTENT_LENGTH].contains(&name) {
                headers.remove(name);
            }
        }
        headers.remove(header::CONNECTION);
    }
    for name in &HOP_BY_HOP {
        headers.remove(name);
    }
}

/// Removes `X-CFF-*`, also when spelt with underscores, which many servers read as hyphens.
fn strip_platform(headers: &mut HeaderMap) {
    let is_platform = |name: &HeaderName| {
        let name = name.as_str().as_bytes();
        name.len() >= PLATFORM.len()
            && name.iter().zip(PLATFORM).all(|(have, want)| have == want || (*want == b'-' && *have == b'_'))
    };
    let own: Vec<HeaderName> = headers.keys().filter(|name| is_platform(name)).cloned().collect();
    for name in own {
        headers.remove(name);
    }
}

fn tokens(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &[u8]> {
    headers.get_all(name).into_iter().flat_map(|value| value.as_bytes().split(|b| *b == b',').map(<[u8]>::trim_ascii))
}

#[cfg(test)]
mod tests;
