//! Which header fields travel, and which are ours.

use http::header::{
    CONNECTION, EXPECT, FORWARDED, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue, header};

/// `X-Request-Id`, on the way in and out.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The request id under the name that functions know.
pub(crate) const CFF_REQUEST_ID: HeaderName = HeaderName::from_static("x-cff-request-id");
/// Says that the gateway made the answer, and why.
pub(crate) const FUNCD_ERROR: HeaderName = HeaderName::from_static("x-funcd-error");
/// Inner code of a failed invocation.
pub(crate) const FUNC_ERROR_CODE: HeaderName = HeaderName::from_static("x-func-err-code");

/// Names that decide framing, routing or identity, which must not come back in disguise.
const GUARDED: [&str; 13] = [
    "connection",
    "content-length",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-real-ip",
    "x-request-id",
];

/// Removes from a client's request what must not reach the function: what concerns only this connection, what
/// `Connection` names, and every name that is ours. Servers that pass headers as variables (CGI, WSGI) read `_` as `-`, so a
/// name of ours with `_` is removed too.
pub(crate) fn clean_request(headers: &mut HeaderMap) {
    let dropped: Vec<HeaderName> = headers.keys().filter(|name| is_hop(name) || is_reserved(name)).cloned().collect();
    if dropped.is_empty() {
        return; // `Connection` is one of them
    }
    remove_named_by_connection(headers, &[header::HOST, header::CONTENT_LENGTH]);
    for name in dropped {
        headers.remove(name);
    }
}

/// Removes from a function's response what concerns only its connection, and what only the gateway may say.
pub(crate) fn clean_response(headers: &mut HeaderMap) {
    let dropped: Vec<HeaderName> =
        headers.keys().filter(|name| is_response_hop(name) || is_ours(name)).cloned().collect();
    if dropped.is_empty() {
        return; // `Connection` is one of them
    }
    remove_named_by_connection(headers, &[header::CONTENT_LENGTH]);
    for name in dropped {
        headers.remove(name);
    }
}

/// Removes from trailers what must not come after a body (RFC 9110 section 6.5.1): some recipients merge them into the headers,
/// where they would frame, route, authorise or identify.
pub(crate) fn clean_trailers(trailers: &mut HeaderMap) {
    let dropped: Vec<HeaderName> = trailers.keys().filter(|name| is_forbidden_trailer(name)).cloned().collect();
    for name in dropped {
        trailers.remove(name);
    }
}

fn is_forbidden_trailer(name: &HeaderName) -> bool {
    const FORBIDDEN: [HeaderName; 19] = [
        header::AUTHORIZATION,
        header::CACHE_CONTROL,
        header::CONTENT_ENCODING,
        header::CONTENT_LENGTH,
        header::CONTENT_RANGE,
        header::CONTENT_TYPE,
        header::COOKIE,
        EXPECT,
        FORWARDED,
        header::HOST,
        header::LOCATION,
        header::MAX_FORWARDS,
        header::PRAGMA,
        header::RANGE,
        header::SET_COOKIE,
        TE,
        TRAILER,
        header::VARY,
        header::WWW_AUTHENTICATE,
    ];
    FORBIDDEN.contains(name) || is_common_hop(name) || is_reserved(name) || is_ours(name)
}

/// Whether only the gateway may say this in a response.
fn is_ours(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.starts_with('x')
        && (name.starts_with("x-cff-")
            || name.starts_with("x-funcd-")
            || matches!(name, "x-request-id" | "x-func-err-code" | "x-is-func-err"))
}

fn is_hop(name: &HeaderName) -> bool {
    matches!(*name, EXPECT | FORWARDED | TE | TRAILER) || name == "http2-settings" || is_common_hop(name)
}

/// `Trailer` stays: it announces what comes after the body.
fn is_response_hop(name: &HeaderName) -> bool {
    is_common_hop(name)
}

fn is_common_hop(name: &HeaderName) -> bool {
    matches!(*name, CONNECTION | PROXY_AUTHENTICATE | PROXY_AUTHORIZATION | TRANSFER_ENCODING | UPGRADE)
        || name == "keep-alive"
        || name == "proxy-connection"
}

fn is_reserved(name: &HeaderName) -> bool {
    let name = name.as_str();
    if name.contains('_') {
        let folded = name.replace('_', "-");
        return is_ours_in_request(&folded) || GUARDED.contains(&folded.as_str());
    }
    is_ours_in_request(name)
}

fn is_ours_in_request(name: &str) -> bool {
    name.starts_with('x')
        && (name.starts_with("x-cff-")
            || name.starts_with("x-funcd-")
            || name.starts_with("x-forwarded-")
            || is_identity(name)
            || matches!(name, "x-real-ip" | "x-request-id"))
}

/// What was proven of the caller, which no client may say of itself. The AppCode is a client's to send.
fn is_identity(name: &str) -> bool {
    name.starts_with("x-apig-") && name != "x-apig-appcode"
}

fn remove_named_by_connection(headers: &mut HeaderMap, kept: &[HeaderName]) {
    if !headers.contains_key(CONNECTION) {
        return;
    }
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .flat_map(items)
        .filter_map(|item| HeaderName::from_bytes(item).ok())
        .filter(|name| !kept.contains(name))
        .collect();
    for name in named {
        headers.remove(name);
    }
}

/// Whether a comma-separated header has an item.
pub(crate) fn has_item(headers: &HeaderMap, name: HeaderName, item: &str) -> bool {
    headers.get_all(name).iter().flat_map(items).any(|found| found.eq_ignore_ascii_case(item.as_bytes()))
}

fn items(value: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    value.as_bytes().split(|&byte| byte == b',').map(<[u8]>::trim_ascii)
}

#[cfg(test)]
mod tests;
