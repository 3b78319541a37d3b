//! Heads as bytes. What frames the body is written here and nowhere else: a length or a coding among the fields is passed over.

use std::cell::RefCell;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::{BufMut as _, BytesMut};
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use crate::body::Framing;

/// What a request head says.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The method.
    pub method: &'a Method,
    /// The target as it is written, in origin form.
    pub target: &'a str,
    /// The fields.
    pub headers: &'a HeaderMap,
    /// What follows. None means that no body does, and nothing is said about it.
    pub framing: Option<Framing>,
}

/// A request head. `more` adds whole field lines, CRLF included, that the writer of the request has at hand.
pub fn request(out: &mut BytesMut, request: &Request<'_>, more: impl FnOnce(&mut BytesMut)) {
    let Request { method, target, headers, framing } = request;
    out.reserve(method.as_str().len() + target.len() + 16 + size(headers));
    out.put_slice(method.as_str().as_bytes());
    out.put_u8(b' ');
    out.put_slice(target.as_bytes());
    out.put_slice(b" HTTP/1.1\r\n");
    fields(out, headers, *framing);
    more(out);
    out.put_slice(b"\r\n");
}

/// What a response head says.
#[derive(Clone, Copy, Debug)]
pub struct Response<'a> {
    /// The status.
    pub status: StatusCode,
    /// The words after it, where they are not the usual ones.
    pub reason: Option<&'a [u8]>,
    /// The fields.
    pub headers: &'a HeaderMap,
    /// What follows. None means that nothing is said about it: there is no body, or the end of the connection ends it.
    pub framing: Option<Framing>,
}

/// A response head. `more` adds whole field lines, as in [`request`].
pub fn response(out: &mut BytesMut, response: &Response<'_>, more: impl FnOnce(&mut BytesMut)) {
    let Response { status, reason, headers, framing } = *response;
    let reason = reason.unwrap_or_else(|| status.canonical_reason().unwrap_or_default().as_bytes());
    out.reserve(reason.len() + 160 + size(headers)); // with a date and an id among what is added
    out.put_slice(b"HTTP/1.1 ");
    out.put_slice(status.as_str().as_bytes());
    out.put_u8(b' ');
    out.put_slice(reason);
    out.put_slice(b"\r\n");
    fields(out, headers, framing);
    more(out);
    out.put_slice(b"\r\n");
}

/// The empty line of a head or of a trailer section, and the fields before it.
pub fn trailers(out: &mut BytesMut, trailers: &HeaderMap) {
    out.reserve(size(trailers) + 2);
    for (name, value) in trailers {
        field(out, name, value);
    }
    out.put_slice(b"\r\n");
}

fn size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum::<usize>() + 40
}

fn fields(out: &mut BytesMut, headers: &HeaderMap, framing: Option<Framing>) {
    for (name, value) in headers {
        if *name != CONTENT_LENGTH && *name != TRANSFER_ENCODING {
            field(out, name, value);
        }
    }
    match framing {
        Some(Framing::Length(length)) => {
            out.put_slice(b"content-length: ");
            decimal(out, length);
            out.put_slice(b"\r\n");
        }
        Some(Framing::Chunked) => out.put_slice(b"transfer-encoding: chunked\r\n"),
        Some(Framing::ToClose) | None => {}
    }
}

/// One field line.
pub fn field(out: &mut BytesMut, name: &HeaderName, value: &HeaderValue) {
    out.put_slice(name.as_str().as_bytes());
    out.put_slice(b": ");
    out.put_slice(value.as_bytes());
    out.put_slice(b"\r\n");
}

fn decimal(out: &mut BytesMut, number: u64) {
    let mut digits = [0; 20];
    let mut rest = number;
    let mut at = digits.len();
    for (index, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        at = index;
        if rest == 0 {
            break;
        }
    }
    out.put_slice(digits.get(at..).unwrap_or_default());
}

/// The size line of a chunk.
pub(crate) fn chunk_size(out: &mut BytesMut, size: usize) {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let places = (usize::BITS - size.leading_zeros()).div_ceil(4).max(1);
    out.reserve(places as usize + 2);
    for place in (0..places).rev() {
        out.put_u8(DIGITS.get((size >> (place * 4)) & 0xf).copied().unwrap_or(b'0'));
    }
    out.put_slice(b"\r\n");
}

/// A field line with `Date` at this many seconds since 1970 (RFC 9110 section 5.6.7); made once a second and thread.
pub fn date(out: &mut BytesMut, seconds: u64) {
    thread_local! { static LAST: RefCell<(u64, String)> = const { RefCell::new((u64::MAX, String::new())) } }
    LAST.with_borrow_mut(|(at, line)| {
        if *at != seconds {
            *at = seconds;
            *line = format!("date: {}\r\n", http_date(seconds));
        }
        out.put_slice(line.as_bytes());
    });
}

/// This many seconds since 1970 as `Date` says them.
pub fn http_date(seconds: u64) -> String {
    let time: SystemTime = UNIX_EPOCH + Duration::from_secs(seconds);
    httpdate::fmt_http_date(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_they_are_read() {
        for number in [0, 7, 10, 1234, u64::MAX] {
            let mut out = BytesMut::new();
            decimal(&mut out, number);
            assert_eq!(out, number.to_string());
        }
        for size in [1, 9, 15, 16, 255, 4096, 0xdead_beef] {
            let mut out = BytesMut::new();
            chunk_size(&mut out, size);
            assert_eq!(out, format!("{size:x}\r\n"));
        }
    }

    #[test]
    fn only_the_framing_frames() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("7"));
        headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("gzip"));
        headers.insert("a", HeaderValue::from_static("b"));
        let head = |framing| {
            let mut out = BytesMut::new();
            let head = Request { method: &Method::GET, target: "/x?y", headers: &headers, framing };
            request(&mut out, &head, |out| out.put_slice(b"c: d\r\n"));
            String::from_utf8(out.to_vec()).unwrap()
        };
        assert_eq!(head(None), "GET /x?y HTTP/1.1\r\na: b\r\nc: d\r\n\r\n");
        assert_eq!(head(Some(Framing::Length(3))), "GET /x?y HTTP/1.1\r\na: b\r\ncontent-length: 3\r\nc: d\r\n\r\n");
        assert_eq!(
            head(Some(Framing::Chunked)),
            "GET /x?y HTTP/1.1\r\na: b\r\ntransfer-encoding: chunked\r\nc: d\r\n\r\n"
        );
    }

    #[test]
    fn a_date_is_the_one_of_rfc_9110() {
        let line = |seconds| {
            let mut out = BytesMut::new();
            date(&mut out, seconds);
            String::from_utf8(out.to_vec()).unwrap()
        };
        for _ in 0..2 {
            assert_eq!(line(784_111_777), "date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
            assert_eq!(line(784_111_778), "date: Sun, 06 Nov 1994 08:49:38 GMT\r\n");
        }
    }
}
