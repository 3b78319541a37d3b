//! The strict check of a request head, on the bytes as they came (RFC 9112), and the request that they make.
//!
//! What passes here is read alike by every server behind: lines end in CRLF and nowhere else is a CR or LF, framing is said once
//! and in one way, the host is said once. What another server might read differently is refused, and the connection closed.

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use http::header::{CONNECTION, CONTENT_LENGTH, COOKIE, EXPECT, HOST, TRANSFER_ENCODING, UPGRADE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, Version};
use http1::body::Framing;
use http1::field::{decimal, is_token, list};
use http1::lines::Lines;

use crate::config::Limits;
use crate::failure::Failure;

/// A head that passed.
#[derive(Debug)]
pub(crate) struct Head {
    /// Method, target and fields as they came.
    pub(crate) parts: Parts,
    /// What follows.
    pub(crate) body: Framing,
    /// Whether it asks for a WebSocket in the way RFC 6455 wants it.
    pub(crate) websocket: bool,
    /// Whether the client waits for a 100 before it sends its body.
    pub(crate) expects: bool,
    /// Whether the client wants to send another request.
    pub(crate) keep_alive: bool,
}

/// A head that is being read. Each byte is looked at a bounded number of times, in whatever pieces the head arrives.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    lines: Lines,
    request: Option<Request>,
    /// Names, and where their values are.
    fields: Vec<(HeaderName, Range<usize>)>,
    said: Said,
}

/// Fields that most requests have at most.
const USUAL_FIELDS: usize = 20;

/// What the request line said, and where.
#[derive(Debug)]
struct Request {
    method: Range<usize>,
    target: Range<usize>,
    http11: bool,
    /// Of an absolute-form target.
    authority: Option<Range<usize>>,
}

/// What the fields said that decides framing, route or connection.
#[derive(Debug, Default)]
struct Said {
    host: Option<Range<usize>>,
    length: Option<u64>,
    chunked: bool,
    expect: bool,
    close: bool,
    keep_alive: bool,
    connection_upgrade: bool,
    upgrades: Upgrades,
}

/// The `Upgrade` fields seen.
#[derive(Debug, Default, PartialEq, Eq)]
enum Upgrades {
    #[default]
    None,
    WebSocket,
    Other,
}

impl Reader {
    /// Looks at `bytes`, which begin with the head and grow from call to call; takes the head out when it is complete.
    pub(crate) fn read(&mut self, bytes: &mut BytesMut, limits: &Limits) -> Result<Option<Head>, Failure> {
        while let Some(line) = self.lines.next(bytes)? {
            if self.lines.length() > limits.head_bytes {
                return Err(Failure::head_too_large(limits.head_bytes));
            }
            let text = bytes.get(line.clone()).unwrap_or_default();
            match (&self.request, text.is_empty()) {
                (None, true) if line.start == 0 => {} // one empty line before a request is allowed (RFC 9112, 2.2)
                (None, _) => self.request = Some(request_line(text, line.start, limits)?),
                (Some(_), false) => self.field(text, line.start, limits)?,
                (Some(_), true) => return self.complete(bytes).map(Some),
            }
        }
        self.check_size(bytes.len(), limits).map(|()| None)
    }

    /// The limits of a head whose end has not come yet.
    fn check_size(&self, arrived: usize, limits: &Limits) -> Result<(), Failure> {
        // Method, two spaces and version fit in the slack; the exact limit is checked on the complete line.
        if self.request.is_none() && arrived > limits.uri_bytes + 64 {
            return Err(Failure::uri_too_long(limits.uri_bytes));
        }
        if arrived > limits.head_bytes {
            return Err(Failure::head_too_large(limits.head_bytes));
        }
        Ok(())
    }

    fn field(&mut self, line: &[u8], start: usize, limits: &Limits) -> Result<(), Failure> {
        if self.fields.len() >= limits.head_fields {
            return Err(Failure::too_many_fields(limits.head_fields));
        }
        let (name, value) = http1::field::read(line)?;
        let at = start + (value.as_ptr().addr() - line.as_ptr().addr());
        let place = at..at + value.len();
        self.said.add(&name, value, &place)?;
        if self.fields.is_empty() {
            self.fields.reserve(USUAL_FIELDS);
        }
        self.fields.push((name, place));
        Ok(())
    }

    /// The rules that need the whole head; then the request that it makes.
    fn complete(&mut self, bytes: &mut BytesMut) -> Result<Head, Failure> {
        let Some(request) = self.request.take() else {
            return Err(Failure::malformed("the request line is missing"));
        };
        let said = std::mem::take(&mut self.said);
        said.check(&request, bytes)?;
        let body = if said.chunked { Framing::Chunked } else { Framing::Length(said.length.unwrap_or(0)) };
        let text = bytes.split_to(std::mem::take(&mut self.lines).length()).freeze();
        let parts = self.parts(&request, &text)?;
        let websocket = parts.method == Method::GET
            && request.http11
            && said.connection_upgrade
            && said.upgrades == Upgrades::WebSocket
            && body == Framing::Length(0);
        let keep_alive = !said.close && (request.http11 || said.keep_alive);
        let expects = said.expect && request.http11 && body != Framing::Length(0);
        Ok(Head { parts, body, websocket, expects, keep_alive })
    }

    fn parts(&mut self, request: &Request, text: &Bytes) -> Result<Parts, Failure> {
        let illegal = || Failure::malformed("the request target is not a URI");
        let slice =
            |range: &Range<usize>| text.get(range.clone()).map(|bytes| text.slice_ref(bytes)).unwrap_or_default();
        let (mut parts, ()) = http::Request::new(()).into_parts();
        parts.method = Method::from_bytes(&slice(&request.method)).map_err(|_| illegal())?;
        parts.uri = Uri::from_maybe_shared(slice(&request.target)).map_err(|_| illegal())?;
        if request.authority.is_some() {
            parts.uri = with_path(parts.uri).ok_or_else(illegal)?;
        }
        parts.version = if request.http11 { Version::HTTP_11 } else { Version::HTTP_10 };
        parts.headers = http1::spare::take(self.fields.len());
        for (name, value) in self.fields.drain(..) {
            let value = http1::field::value(slice(&value))?;
            parts
                .headers
                .try_append(name, value)
                .map_err(|_| Failure::malformed("there are too many header fields"))?;
        }
        Ok(parts)
    }
}

impl Said {
    fn add(&mut self, name: &HeaderName, value: &[u8], place: &Range<usize>) -> Result<(), Failure> {
        match *name {
            HOST => return self.host_field(value, place),
            EXPECT => return self.expect_field(value),
            CONTENT_LENGTH => return self.length_field(value),
            TRANSFER_ENCODING => return self.coding_field(value),
            UPGRADE => self.upgrade_field(value),
            CONNECTION => self.connection_field(value),
            _ => {}
        }
        Ok(())
    }

    fn host_field(&mut self, value: &[u8], place: &Range<usize>) -> Result<(), Failure> {
        if self.host.is_some() {
            return Err(Failure::malformed("the request has more than one Host"));
        }
        if !is_authority(value) {
            return Err(Failure::malformed(
                "Host must be a name or an address with an optional port, and nothing else",
            ));
        }
        self.host = Some(place.clone());
        Ok(())
    }

    fn connection_field(&mut self, value: &[u8]) {
        for item in list(value) {
            self.close |= item.eq_ignore_ascii_case(b"close");
            self.keep_alive |= item.eq_ignore_ascii_case(b"keep-alive");
            self.connection_upgrade |= item.eq_ignore_ascii_case(b"upgrade");
        }
    }

    fn expect_field(&mut self, value: &[u8]) -> Result<(), Failure> {
        let known = value.eq_ignore_ascii_case(b"100-continue");
        if !known || std::mem::replace(&mut self.expect, true) {
            return Err(Failure::expectation());
        }
        Ok(())
    }

    fn upgrade_field(&mut self, value: &[u8]) {
        let alone = self.upgrades == Upgrades::None && value.eq_ignore_ascii_case(b"websocket");
        self.upgrades = if alone { Upgrades::WebSocket } else { Upgrades::Other };
    }

    fn length_field(&mut self, value: &[u8]) -> Result<(), Failure> {
        if self.length.is_some() {
            return Err(Failure::malformed("the request has more than one Content-Length"));
        }
        self.length = Some(decimal(value).ok_or_else(|| {
            Failure::malformed("Content-Length must be one decimal number without sign, list or leading zero")
        })?);
        Ok(())
    }

    fn coding_field(&mut self, value: &[u8]) -> Result<(), Failure> {
        if self.chunked {
            return Err(Failure::malformed("the request has more than one Transfer-Encoding"));
        }
        if value.eq_ignore_ascii_case(b"chunked") {
            self.chunked = true;
            return Ok(());
        }
        let chunked = list(value).filter(|item| item.eq_ignore_ascii_case(b"chunked")).count();
        let last = list(value).last().is_some_and(|item| item.eq_ignore_ascii_case(b"chunked"));
        if !list(value).all(is_token) || chunked > 1 || (chunked == 1 && !last) {
            return Err(Failure::malformed("Transfer-Encoding must be exactly 'chunked'"));
        }
        Err(Failure::unknown("the only transfer coding that is understood is 'chunked', alone"))
    }

    /// What one field cannot say alone.
    fn check(&self, request: &Request, bytes: &[u8]) -> Result<(), Failure> {
        if self.chunked && self.length.is_some() {
            return Err(Failure::malformed("the request has both Content-Length and Transfer-Encoding"));
        }
        if self.chunked && !request.http11 {
            return Err(Failure::malformed("HTTP/1.0 has no Transfer-Encoding"));
        }
        if self.host.is_none() && request.http11 {
            return Err(Failure::malformed("the request has no Host"));
        }
        let text = |range: &Range<usize>| bytes.get(range.clone()).unwrap_or_default();
        if let (Some(authority), Some(host)) = (&request.authority, &self.host)
            && !text(authority).eq_ignore_ascii_case(text(host))
        {
            return Err(Failure::malformed("the host in the request target is not the one in Host"));
        }
        Ok(())
    }
}

/// `METHOD SP target SP HTTP/1.x`; `start` is where the line begins.
fn request_line(line: &[u8], start: usize, limits: &Limits) -> Result<Request, Failure> {
    let mut parts = line.splitn(3, |&byte| byte == b' ');
    let (Some(method), Some(target), Some(version)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(Failure::malformed(
            "the request line must be a method, a target and a version, one space between them",
        ));
    };
    let http11 = match version {
        b"HTTP/1.1" => true,
        b"HTTP/1.0" => false,
        [b'H', b'T', b'T', b'P', b'/', major, b'.', minor] if major.is_ascii_digit() && minor.is_ascii_digit() => {
            return Err(Failure::version());
        }
        _ => {
            return Err(Failure::malformed(
                "the request target has a space in it, or the version is not HTTP/1.1 or HTTP/1.0",
            ));
        }
    };
    check_method(method)?;
    if target.len() > limits.uri_bytes {
        return Err(Failure::uri_too_long(limits.uri_bytes));
    }
    let authority = check_target(method, target)?;
    let begin = start + method.len() + 1;
    Ok(Request {
        method: start..start + method.len(),
        target: begin..begin + target.len(),
        http11,
        authority: authority.map(|it| begin + it.start..begin + it.end),
    })
}

/// Holds the head of a stream of HTTP/2 to the rules of this check, as far as its own framing has not (RFC 9113 section 8), and
/// makes it look like one of HTTP/1.1.
pub(crate) fn check_http2(parts: &mut Parts, limits: &Limits) -> Result<(), Failure> {
    check_method(parts.method.as_str().as_bytes())?;
    let target = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    if target.len() > limits.uri_bytes {
        return Err(Failure::uri_too_long(limits.uri_bytes));
    }
    check_target(parts.method.as_str().as_bytes(), target.as_bytes())?;
    if parts.headers.len() > limits.head_fields {
        return Err(Failure::too_many_fields(limits.head_fields));
    }
    let mut hosts = parts.headers.get_all(HOST).iter();
    let (host, another) = (hosts.next(), hosts.next());
    let authority = parts.uri.authority().map(|authority| authority.as_str().as_bytes());
    let name = match (authority, host.map(HeaderValue::as_bytes), another) {
        (_, _, Some(_)) => return Err(Failure::malformed("the request has more than one Host")),
        (Some(authority), Some(host), None) if !authority.eq_ignore_ascii_case(host) => {
            return Err(Failure::malformed("the host in :authority is not the one in Host"));
        }
        (Some(name), _, None) | (None, Some(name), None) => name,
        (None, None, None) => return Err(Failure::malformed("the request has neither :authority nor Host")),
    };
    if !is_authority(name) {
        return Err(Failure::malformed(
            "the host must be a name or an address with an optional port, and nothing else",
        ));
    }
    let name = HeaderValue::from_bytes(name).map_err(|_| Failure::malformed("the host is no header value"))?;
    parts.headers.insert(HOST, name);
    join_cookies(&mut parts.headers);
    check_expectation(&parts.headers)?;
    parts.version = Version::HTTP_11;
    Ok(())
}

/// HTTP/2 may send each cookie in a field of its own; servers behind want one field (RFC 9113 section 8.2.3).
fn join_cookies(headers: &mut HeaderMap) {
    if headers.get_all(COOKIE).iter().nth(1).is_none() {
        return;
    }
    let all: Vec<&[u8]> = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if let Ok(joined) = HeaderValue::from_bytes(&all.join(&b"; "[..])) {
        headers.insert(COOKIE, joined);
    }
}

fn check_expectation(headers: &HeaderMap) -> Result<(), Failure> {
    let known = headers.get_all(EXPECT).iter().all(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"));
    if known { Ok(()) } else { Err(Failure::expectation()) }
}

/// Methods are upper-case names; which of them an API takes is decided by its route.
fn check_method(method: &[u8]) -> Result<(), Failure> {
    match method {
        b"CONNECT" => return Err(Failure::method("CONNECT")),
        b"TRACE" => return Err(Failure::method("TRACE")),
        _ => {}
    }
    if !is_token(method) {
        return Err(Failure::malformed("the method is not a name"));
    }
    if method.len() > 32 || !method.iter().all(|&byte| byte.is_ascii_uppercase() || byte == b'-') {
        return Err(Failure::unknown("the method is unknown: methods are written in capital letters"));
    }
    Ok(())
}

/// The target's form and characters. Returns where the authority of an absolute-form target is.
fn check_target(method: &[u8], target: &[u8]) -> Result<Option<Range<usize>>, Failure> {
    if target == b"*" {
        return if method == b"OPTIONS" { Ok(None) } else { Err(Failure::malformed("target '*' is only for OPTIONS")) };
    }
    if target.first() == Some(&b'/') {
        check_path(target)?;
        return Ok(None);
    }
    let authority = scheme_length(target)
        .ok_or_else(|| Failure::malformed("the request target must begin with '/', http:// or https://"))?;
    let rest = target.get(authority..).unwrap_or_default();
    let length = rest.iter().position(|&byte| byte == b'/' || byte == b'?' || byte == b'#').unwrap_or(rest.len());
    let (host, path) = rest.split_at_checked(length).unwrap_or_default();
    if !is_authority(host) {
        return Err(Failure::malformed(
            "the host in the request target is not a name or an address with an optional port",
        ));
    }
    check_path(path)?;
    Ok(Some(authority..authority + length))
}

/// `http://a?b` asks for `/?b`: a target that goes on without its authority begins with a path (RFC 9112, 3.2.1).
fn with_path(uri: Uri) -> Option<Uri> {
    let query = match uri.path_and_query() {
        Some(target) if target.as_str().starts_with('?') => target.as_str(),
        _ => return Some(uri),
    };
    let target = format!("/{query}").parse().ok()?;
    let mut parts = uri.into_parts();
    parts.path_and_query = Some(target);
    Uri::from_parts(parts).ok()
}

fn scheme_length(target: &[u8]) -> Option<usize> {
    ["http://", "https://"].iter().map(|scheme| scheme.len()).find(|&length| {
        let scheme = target.get(..length).unwrap_or_default();
        scheme.eq_ignore_ascii_case(b"http://") || scheme.eq_ignore_ascii_case(b"https://")
    })
}

/// The characters that browsers and RFC 3986 leave unescaped in a path and in a query; no fragment, no byte over 0x7e.
fn check_path(target: &[u8]) -> Result<(), Failure> {
    let query = target.iter().position(|&byte| byte == b'?').unwrap_or(target.len());
    let (path, query) = target.split_at_checked(query).unwrap_or_default();
    let legal = |byte: u8| matches!(byte, b'!' | b'$'..=b';' | b'=' | b'?'..=b'~');
    if path.iter().all(|&byte| legal(byte) && byte != b'\\' && byte != b'`') && query.iter().all(|&byte| legal(byte)) {
        return Ok(());
    }
    Err(Failure::malformed("the request target has a character that must be percent-encoded, or a fragment"))
}

/// `host [":" port]`; no user, no list, nothing empty.
fn is_authority(value: &[u8]) -> bool {
    let (host, port) = match value {
        [b'[', rest @ ..] => {
            let Some(close) = rest.iter().position(|&byte| byte == b']') else { return false };
            let (address, port) = rest.split_at_checked(close).unwrap_or_default();
            let legal = address.iter().all(|&byte| byte.is_ascii_hexdigit() || byte == b':' || byte == b'.');
            (legal && !address.is_empty(), port.get(1..).unwrap_or_default())
        }
        _ => {
            let colon = value.iter().position(|&byte| byte == b':').unwrap_or(value.len());
            let (name, port) = value.split_at_checked(colon).unwrap_or_default();
            let legal = name.iter().all(|&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
            (legal && !name.is_empty(), port)
        }
    };
    let port = match port {
        [] => true,
        [b':', digits @ ..] => {
            (1..=5).contains(&digits.len())
                && digits.iter().all(u8::is_ascii_digit)
                && digits.iter().fold(0u32, |sum, digit| sum * 10 + u32::from(digit - b'0')) <= 65_535
        }
        _ => false,
    };
    host && port
}

#[cfg(test)]
mod tests;
