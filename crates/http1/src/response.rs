//! The head of a response, read strictly: any doubt about where the response ends makes it none.

use bytes::BytesMut;
use http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, StatusCode};
use memchr::{memchr, memchr_iter};

use crate::Malformed;
use crate::body::Framing;
use crate::field;
use crate::lines::Lines;
use crate::spare;

/// A head that is being read.
#[derive(Debug, Default)]
pub struct Reader {
    /// Whether it had bytes to look at.
    begun: bool,
    lines: Lines,
    fields: usize,
}

/// Bounds of a head.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes, with the empty line.
    pub bytes: usize,
    /// Header fields.
    pub fields: usize,
}

/// A head that is complete.
#[derive(Debug)]
pub struct Head {
    /// 100 to 999.
    pub status: StatusCode,
    /// The words after the status, where they are not the usual ones.
    pub reason: Option<bytes::Bytes>,
    /// HTTP/1.0 rather than 1.1.
    pub http10: bool,
    /// The fields as they came, framing too.
    pub headers: HeaderMap,
    /// What follows, when it answers a request other than HEAD.
    pub framing: Framing,
    /// Whether the connection can serve a request after this one, if the body has an end of its own.
    pub keep_alive: bool,
}

impl Reader {
    /// The head at the start of `bytes`, which is taken out of them; `None` until it is complete.
    ///
    /// # Errors
    /// It is none, or two servers might disagree about what follows it.
    pub fn read(&mut self, bytes: &mut BytesMut, limits: Limits) -> Result<Option<Head>, Malformed> {
        if !std::mem::replace(&mut self.begun, !bytes.is_empty())
            && let Some((length, fields)) = whole(bytes, limits)
        {
            self.begun = false;
            return parse(bytes, length, fields).map(Some);
        }
        while let Some(line) = self.lines.next(bytes)? {
            if self.lines.length() > limits.bytes {
                return Err(TOO_LARGE);
            }
            match (line.is_empty(), self.fields) {
                (true, 0) => return Err(Malformed("the response begins with an empty line")),
                (true, fields) => {
                    let length = std::mem::take(self).lines.length();
                    return parse(bytes, length, fields - 1).map(Some);
                }
                (false, fields) if fields > limits.fields => {
                    return Err(Malformed("the head of the response has too many header fields"));
                }
                (false, _) => self.fields += 1, // the status line is one too
            }
        }
        if bytes.len() > limits.bytes { Err(TOO_LARGE) } else { Ok(None) }
    }
}

/// Bytes and fields of a head that came in one piece and is within its limits, as nearly all do. What is wrong with it is found
/// when it is parsed.
fn whole(bytes: &[u8], limits: Limits) -> Option<(usize, usize)> {
    let bytes = bytes.get(..limits.bytes).unwrap_or(bytes);
    let ends = |end: &usize| bytes.get(..*end).is_some_and(|before| before.ends_with(b"\n\r") || before == b"\r");
    let (before, end) = memchr_iter(b'\n', bytes).enumerate().find(|(_, end)| ends(end))?;
    let fields = before.checked_sub(1).filter(|&fields| fields <= limits.fields)?;
    Some((end + 1, fields))
}

const TOO_LARGE: Malformed = Malformed("the head of the response is too large");

fn parse(bytes: &mut BytesMut, length: usize, fields: usize) -> Result<Head, Malformed> {
    let text = bytes.split_to(length).freeze();
    let mut rest = &*text;
    let (http10, status, reason) = status_line(line(&mut rest)?)?;
    let usual = status.canonical_reason().unwrap_or_default().as_bytes();
    let reason = (reason != usual && !reason.is_empty()).then(|| text.slice_ref(reason));
    let mut headers = spare::take(fields);
    let mut sums = Sums::default();
    loop {
        let line = line(&mut rest)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = field::read(line)?;
        sums.add(&name, value)?;
        headers.try_append(name, field::value(text.slice_ref(value))?).map_err(|_| TOO_LARGE)?;
    }
    let framing = sums.framing(status, http10)?;
    // A server that announces chunks where none can be may send them all the same.
    let confused = sums.chunked && has_no_body(status);
    let keep_alive = !sums.close && !confused && (!http10 || sums.keep_alive);
    Ok(Head { status, reason, http10, headers, framing, keep_alive })
}

/// The next line at the start of `rest`, which is taken out of it. A CR within it is found by whoever reads it: it is no part of
/// a status line or a field.
fn line<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], Malformed> {
    let end = memchr(b'\n', rest).unwrap_or(rest.len());
    let (line, after) = rest.split_at(end);
    *rest = after.get(1..).unwrap_or_default();
    line.strip_suffix(b"\r").ok_or(Malformed("a line of the head ends in LF without CR"))
}

/// `HTTP/1.x SP 3DIGIT [SP reason]`.
fn status_line(line: &[u8]) -> Result<(bool, StatusCode, &[u8]), Malformed> {
    const WRONG: Malformed = Malformed("the response does not begin with HTTP/1.1 or HTTP/1.0 and a status");
    let (version, rest) = line.split_at_checked(9).ok_or(WRONG)?;
    let http10 = match version {
        b"HTTP/1.1 " => false,
        b"HTTP/1.0 " => true,
        _ => return Err(WRONG),
    };
    let (digits, rest) = rest.split_at_checked(3).ok_or(WRONG)?;
    let status = StatusCode::from_bytes(digits).map_err(|_| Malformed("the status is not a number of 100 to 999"))?;
    let reason = match rest {
        [] => rest,
        [b' ', reason @ ..] => reason,
        _ => return Err(Malformed("the status is not a number of 100 to 999")),
    };
    if !reason.iter().all(|&byte| byte == b'\t' || (byte >= b' ' && byte != 0x7f)) {
        return Err(Malformed("the reason phrase has a control character"));
    }
    Ok((http10, status, field::trim(reason)))
}

/// Whatever the fields say (RFC 9110 section 6.4.1).
fn has_no_body(status: StatusCode) -> bool {
    status.is_informational() || status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED
}

/// What the fields say of framing.
#[derive(Debug, Default)]
struct Sums {
    length: Option<u64>,
    chunked: bool,
    close: bool,
    keep_alive: bool,
}

impl Sums {
    fn add(&mut self, name: &HeaderName, value: &[u8]) -> Result<(), Malformed> {
        match *name {
            CONNECTION => {
                for item in field::list(value) {
                    self.close |= item.eq_ignore_ascii_case(b"close");
                    self.keep_alive |= item.eq_ignore_ascii_case(b"keep-alive");
                }
            }
            CONTENT_LENGTH => {
                if self.length.is_some() {
                    return Err(Malformed("it has more than one content-length"));
                }
                let length = field::decimal(value).ok_or(Malformed("its content-length is not one decimal number"))?;
                self.length = Some(length);
            }
            TRANSFER_ENCODING => {
                if self.chunked || !value.eq_ignore_ascii_case(b"chunked") {
                    return Err(Malformed("its transfer-encoding is not chunked"));
                }
                self.chunked = true;
            }
            _ => {}
        }
        Ok(())
    }

    fn framing(&self, status: StatusCode, http10: bool) -> Result<Framing, Malformed> {
        if self.chunked && self.length.is_some() {
            return Err(Malformed("it has both content-length and transfer-encoding"));
        }
        if self.chunked && http10 {
            return Err(Malformed("it is HTTP/1.0 and has a transfer-encoding"));
        }
        if status == StatusCode::SWITCHING_PROTOCOLS {
            return Ok(Framing::ToClose);
        }
        if has_no_body(status) {
            return Ok(Framing::Length(0));
        }
        Ok(match (self.chunked, self.length) {
            (true, _) => Framing::Chunked,
            (false, Some(length)) => Framing::Length(length),
            (false, None) => Framing::ToClose,
        })
    }
}

#[cfg(test)]
mod tests;
