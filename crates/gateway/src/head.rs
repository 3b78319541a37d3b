//! The strict check of a request head, on the bytes as they came, before any parser has normalised them (RFC 9112).
//!
//! What passes here is read alike by every server behind: lines end in CRLF and nowhere else is a CR or LF, framing is said once
//! and in one way, the host is said once. What another server might read differently is refused, and the connection closed.

use std::ops::Range;

use memchr::memchr;

use crate::config::Limits;
use crate::failure::Failure;

/// How the body after a head is delimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// This many bytes, possibly none.
    Length(u64),
    /// Chunks.
    Chunked,
}

/// What the framing needs to know of a head that passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// Its bytes, with the empty line.
    pub(crate) length: usize,
    /// What follows.
    pub(crate) body: Body,
    /// Whether it asks for a WebSocket in the way RFC 6455 wants it.
    pub(crate) websocket: bool,
}

/// A head that is being read. Each byte is looked at a bounded number of times, in whatever pieces the head arrives.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    /// Bytes that were searched for a line end.
    searched: usize,
    /// Where the line that is not complete yet begins.
    line: usize,
    fields: usize,
    request: Option<Request>,
    host: Option<Range<usize>>,
    length: Option<u64>,
    chunked: bool,
    expect: bool,
    connection_upgrade: bool,
    upgrades: Upgrades,
}

/// What the request line said.
#[derive(Debug)]
struct Request {
    get: bool,
    http11: bool,
    /// Of an absolute-form target.
    authority: Option<Range<usize>>,
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
    /// Looks at `bytes`, which begin with the head and grow from call to call. `None` until the head is complete.
    pub(crate) fn read(&mut self, bytes: &[u8], limits: &Limits) -> Result<Option<Head>, Failure> {
        loop {
            let Some(end) = self.line_end(bytes)? else {
                self.check_size(bytes.len(), limits)?;
                return Ok(None);
            };
            let line = bytes.get(self.line..end).unwrap_or_default();
            let start = self.line;
            self.line = end + 2;
            self.searched = self.line;
            if self.line > limits.head_bytes {
                return Err(Failure::head_too_large(limits.head_bytes));
            }
            match (&self.request, line.is_empty()) {
                (None, true) if start == 0 => {} // one empty line before a request is allowed (RFC 9112, 2.2)
                (None, _) => self.request = Some(request_line(line, start, limits)?),
                (Some(_), false) => self.field(line, start, limits)?,
                (Some(_), true) => return self.complete(bytes).map(Some),
            }
        }
    }

    /// Where the CR of the next line end is.
    fn line_end(&mut self, bytes: &[u8]) -> Result<Option<usize>, Failure> {
        let rest = bytes.get(self.searched..).unwrap_or_default();
        let Some(found) = memchr(b'\n', rest) else {
            return self.wait_for_end(bytes).map(|()| None);
        };
        let end = (self.searched + found).checked_sub(1).filter(|&end| bytes.get(end) == Some(&b'\r'));
        match end {
            // An empty line has its own CR, not the one before its beginning.
            Some(end) if end >= self.line => Ok(Some(end)),
            _ => Err(Failure::malformed("a line of the request head ends in LF without CR")),
        }
    }

    /// A CR that has come must be the last byte so far, or nobody need wait for the line's end.
    fn wait_for_end(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let rest = bytes.get(self.searched..).unwrap_or_default();
        match memchr(b'\r', rest) {
            Some(at) if at + 1 < rest.len() => Err(Failure::malformed("a CR without LF in the request head")),
            Some(_) => {
                self.searched = bytes.len() - 1;
                Ok(())
            }
            None => {
                self.searched = bytes.len();
                Ok(())
            }
        }
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
        self.fields += 1;
        if self.fields > limits.head_fields {
            return Err(Failure::too_many_fields(limits.head_fields));
        }
        let (name, value) = split_field(line)?;
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => self.host_field(value, start + line.len(), line),
            6 if name.eq_ignore_ascii_case(b"expect") => self.expect_field(value),
            7 if name.eq_ignore_ascii_case(b"upgrade") => {
                self.upgrade_field(value);
                Ok(())
            }
            10 if name.eq_ignore_ascii_case(b"connection") => {
                self.connection_upgrade |= list(value).any(|item| item.eq_ignore_ascii_case(b"upgrade"));
                Ok(())
            }
            14 if name.eq_ignore_ascii_case(b"content-length") => self.length_field(value),
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => self.coding_field(value),
            _ => Ok(()),
        }
    }

    fn host_field(&mut self, value: &[u8], line_end: usize, line: &[u8]) -> Result<(), Failure> {
        if self.host.is_some() {
            return Err(Failure::malformed("the request has more than one Host"));
        }
        if !is_authority(value) {
            return Err(Failure::malformed(
                "Host must be a name or an address with an optional port, and nothing else",
            ));
        }
        // The value ends where the white space at the end of the line begins.
        let trailing = line.iter().rev().take_while(|&&byte| is_space(byte)).count();
        let end = line_end - trailing;
        self.host = Some(end - value.len()..end);
        Ok(())
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

    /// The rules that need the whole head.
    fn complete(&self, bytes: &[u8]) -> Result<Head, Failure> {
        let Some(request) = &self.request else { return Err(Failure::malformed("the request line is missing")) };
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
        let body = if self.chunked { Body::Chunked } else { Body::Length(self.length.unwrap_or(0)) };
        let websocket = request.get
            && request.http11
            && self.connection_upgrade
            && self.upgrades == Upgrades::WebSocket
            && body == Body::Length(0);
        Ok(Head { length: self.line, body, websocket })
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
    Ok(Request { get: method == b"GET", http11, authority: authority.map(|it| begin + it.start..begin + it.end) })
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

/// `name ":" value`, the value without the white space around it.
pub(crate) fn split_field(line: &[u8]) -> Result<(&[u8], &[u8]), Failure> {
    let colon = line.iter().position(|&byte| !is_token_byte(byte));
    let Some((name, [b':', value @ ..])) = colon.and_then(|colon| line.split_at_checked(colon)) else {
        return Err(Failure::malformed(match line.first() {
            Some(b' ' | b'\t') => "a header field is continued on a second line",
            _ => "a line of the request head is not 'name: value'",
        }));
    };
    if name.is_empty() {
        return Err(Failure::malformed("a header field has no name"));
    }
    if !value.iter().fold(true, |legal, &byte| legal & ((byte >= b' ' && byte != 0x7f) || byte == b'\t')) {
        return Err(Failure::malformed("a header field has a control character in its value"));
    }
    Ok((name, trim(value)))
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

/// One decimal number as everyone reads it.
fn decimal(value: &[u8]) -> Option<u64> {
    let canonical = matches!(value, [b'0'] | [b'1'..=b'9', ..]) && value.iter().all(u8::is_ascii_digit);
    if !canonical {
        return None;
    }
    // hyper keeps the two largest values for itself.
    std::str::from_utf8(value).ok()?.parse().ok().filter(|&length| length < u64::MAX - 1)
}

/// The items of a comma-separated list.
fn list(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&byte| byte == b',').map(trim)
}

fn trim(mut value: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = value
        && is_space(*first)
    {
        value = rest;
    }
    while let [rest @ .., last] = value
        && is_space(*last)
    {
        value = rest;
    }
    value
}

fn is_space(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

fn is_token(value: &[u8]) -> bool {
    !value.is_empty() && value.iter().all(|&byte| is_token_byte(byte))
}

/// `tchar` of RFC 9110, 5.6.2.
pub(crate) fn is_token_byte(byte: u8) -> bool {
    const TABLE: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0;
        while byte < 256 {
            #[allow(clippy::indexing_slicing)] // evaluated by the compiler
            {
                table[byte] = (byte as u8).is_ascii_alphanumeric() || is_mark(byte as u8);
            }
            byte += 1;
        }
        table
    };
    TABLE.get(usize::from(byte)).copied().unwrap_or(false)
}

const fn is_mark(byte: u8) -> bool {
    matches!(
        byte,
        b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
    )
}

#[cfg(test)]
mod tests;
