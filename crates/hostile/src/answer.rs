//! One call as bytes: a request on a connection of its own, and all that comes back until the connection ends.
//!
//! A client library would hide what is looked for here: what was forwarded, and where it stopped.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::interrupt::Interrupt;

/// Bytes of an answer that are kept; the rest is counted.
const KEPT: usize = 1 << 20;
/// How often a call that waits looks whether to stop.
const TURN: Duration = Duration::from_millis(200);
/// Header fields that are understood.
const FIELDS: usize = 128;

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) host: &'a str,
    pub(crate) headers: Vec<(&'a str, &'a str)>,
    pub(crate) body: &'a [u8],
}

impl Request<'_> {
    /// On the wire, after which the connection closes unless it is `kept`.
    pub(crate) fn bytes(&self, kept: bool) -> Vec<u8> {
        let Self { method, path, host, headers, body } = self;
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n");
        if !kept {
            head.push_str("Connection: close\r\n");
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        let mut bytes = head.into_bytes();
        bytes.extend(b"\r\n");
        bytes.extend(*body);
        bytes
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The beginning, as it came.
    pub(crate) raw: Vec<u8>,
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    /// Without the chunks' framing, as far as it was kept.
    pub(crate) body: Vec<u8>,
    /// Bytes after the head.
    pub(crate) body_bytes: u64,
    /// Whether the body ended as its head announced.
    pub(crate) is_whole: bool,
}

impl Answer {
    /// The first value of a field.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body, if it is a JSON object.
    pub(crate) fn report(&self) -> Option<serde_json::Map<String, Value>> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The start of it, for people.
    pub(crate) fn excerpt(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let text: String = text.trim().chars().take(300).collect();
        format!("{} {text}", self.status)
    }
}

/// Sends a request and reads until the other side closes, at most for `limit`.
pub(crate) fn call(
    address: SocketAddr,
    request: &Request<'_>,
    limit: Duration,
    interrupt: &Interrupt,
) -> Result<Answer> {
    let end = Instant::now() + limit;
    let mut stream = TcpStream::connect_timeout(&address, limit).context("cannot connect to the gateway")?;
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(limit))?;
    stream.write_all(&request.bytes(false)).context("cannot send the request")?;
    let (mut raw, mut total) = (Vec::new(), 0_u64);
    let mut tail = Vec::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            bail!("no end of the answer within {} s, {total} bytes so far", limit.as_secs());
        }
        ensure!(!interrupt.is_raised(), "interrupted");
        stream.set_read_timeout(Some(left.min(TURN)))?;
        let read = match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset && total > 0 => break,
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
                continue;
            }
            Err(error) => return Err(error).context("the gateway broke the connection"),
        };
        let chunk = buffer.get(..read).unwrap_or_default();
        total += read as u64;
        raw.extend(chunk.iter().take(KEPT.saturating_sub(raw.len())));
        tail.extend(chunk.iter().skip(read.saturating_sub(8)));
        tail.drain(..tail.len().saturating_sub(8));
    }
    understand(raw, total, &tail)
}

/// Parses what came; `tail` is its end.
pub(crate) fn understand(raw: Vec<u8>, total: u64, tail: &[u8]) -> Result<Answer> {
    let mut rest = raw.as_slice();
    let (status, headers) = loop {
        let (length, status, headers) = head(rest)?;
        rest = rest.get(length..).unwrap_or_default();
        // Interim answers come before the real one (RFC 9110, section 15.2).
        if status == 101 || status >= 200 {
            break (status, headers);
        }
    };
    let body_bytes = total - (raw.len() - rest.len()) as u64;
    let field =
        |name: &str| headers.iter().find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str());
    let (body, is_whole) = if field("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
        (dechunked(rest), tail.ends_with(b"0\r\n\r\n"))
    } else {
        let announced = field("content-length").and_then(|value| value.parse::<u64>().ok());
        (rest.to_vec(), announced.is_none_or(|announced| announced == body_bytes))
    };
    Ok(Answer { status, headers, body, body_bytes, is_whole, raw })
}

/// Length of the head, its status, its fields.
type Head = (usize, u16, Vec<(String, String)>);

fn head(bytes: &[u8]) -> Result<Head> {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS];
    let mut parsed = httparse::Response::new(&mut fields);
    let start =
        || String::from_utf8_lossy(bytes.get(..bytes.len().min(200)).unwrap_or_default()).escape_debug().to_string();
    match parsed.parse(bytes).with_context(|| format!("the answer is not HTTP: {}", start()))? {
        httparse::Status::Partial => bail!("the answer ends in its head: {}", start()),
        httparse::Status::Complete(length) => {
            let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
            let fields = parsed.headers.iter().map(|field| (field.name.to_owned(), text(field.value))).collect();
            Ok((length, parsed.code.unwrap_or(0), fields))
        }
    }
}

/// The chunks' content (RFC 9112, section 7.1), as far as it is there.
fn dechunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(httparse::Status::Complete((skip, size))) = httparse::parse_chunk_size(bytes) {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let chunk = bytes.get(skip..).unwrap_or_default();
        body.extend(chunk.iter().take(size));
        match chunk.get(size.saturating_add(2)..) {
            Some(rest) if size > 0 => bytes = rest,
            _ => break,
        }
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, expect: (u16, &str, bool)) {
        let tail = raw.as_bytes()[raw.len().saturating_sub(8)..].to_vec();
        let answer = understand(raw.as_bytes().to_vec(), raw.len() as u64, &tail).unwrap();
        assert_eq!((answer.status, String::from_utf8_lossy(&answer.body).as_ref(), answer.is_whole), expect);
    }

    #[test]
    fn a_body_is_as_long_as_its_head_says() {
        check("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", (200, "ok", true));
        check("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", (200, "ok", false));
    }

    #[test]
    fn chunks_are_put_together() {
        check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n", (200, "ok", true));
        check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n5\r\nk", (200, "ok", false));
    }

    #[test]
    fn interim_answers_are_passed_over() {
        check("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", (204, "", true));
    }

    #[test]
    fn half_a_head_is_no_answer() {
        assert!(understand(b"HTTP/1.1 200 OK\r\nX: y".to_vec(), 21, b"").is_err());
    }
}
