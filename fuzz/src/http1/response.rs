//! Responses, as a careful client reads them (RFC 9112, 6.3).

use super::{Body, Framing, Head, Reading, body, framing, head};
use Reading::{Bad, Incomplete, Whole};

/// A response that everyone reads alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Its head, or of a switch of protocols, the last one of this connection.
    pub head: Head,
    /// Status.
    pub status: u16,
    /// How its body is delimited.
    pub framing: Framing,
    /// The body.
    pub body: Body,
    /// Informational responses before it.
    pub interim: usize,
    /// All bytes it took.
    pub length: usize,
    /// Whether the connection is good for another request.
    pub keeps: bool,
    /// It speaks of a coding although it has no body: everyone knows where it ends (RFC 9112, 6.3), but nobody should say that.
    pub odd: bool,
}

/// The final response at the beginning of `bytes`; `ended` says that no more will come.
pub fn response(bytes: &[u8], method: &str, ended: bool) -> Reading<Response> {
    let (mut at, mut interim, mut odd) = (0, 0, false);
    loop {
        let head = match head(&bytes[at..], false) {
            Whole(head) => head,
            Incomplete => return Incomplete,
            Bad(why) => return Bad(why),
        };
        let (http11, status) = match start(&head) {
            Ok(start) => start,
            Err(why) => return Bad(why),
        };
        let Some(said) = framing(&head, http11) else { return Bad("the framing is in doubt") };
        odd |= said == Framing::Chunked && (status < 200 || status == 204 || status == 304);
        at += head.length;
        if (100..200).contains(&status) && status != 101 {
            interim += 1;
            continue;
        }
        return finish(head, Place { bytes, at, interim, ended, http11, status, method, said, odd });
    }
}

struct Place<'a> {
    bytes: &'a [u8],
    at: usize,
    interim: usize,
    ended: bool,
    http11: bool,
    status: u16,
    method: &'a str,
    said: Framing,
    odd: bool,
}

fn finish(head: Head, place: Place<'_>) -> Reading<Response> {
    let Place { bytes, at, interim, ended, http11, status, method, said, odd } = place;
    let silent = method == "HEAD" || matches!(status, 101 | 204 | 304);
    let unsaid = head.all("content-length").next().is_none() && said == Framing::Length(0);
    let framing = match () {
        () if silent => Framing::Length(0),
        () if unsaid => Framing::Close,
        () => said,
    };
    let body = match body(&bytes[at..], framing) {
        Whole(_) if framing == Framing::Close && !ended => return Incomplete,
        Whole(body) => body,
        Incomplete => return Incomplete,
        Bad(why) => return Bad(why),
    };
    let asked = head.lists("connection", "keep-alive");
    let keeps =
        framing != Framing::Close && status != 101 && !odd && !head.lists("connection", "close") && (http11 || asked);
    let length = at + body.length;
    Whole(Response { head, status, framing, body, interim, length, keeps, odd })
}

fn start(head: &Head) -> Result<(bool, u16), &'static str> {
    let [version, status, reason] = &head.start;
    let http11 = match &version[..] {
        b"HTTP/1.1" => true,
        b"HTTP/1.0" => false,
        _ => return Err("another version"),
    };
    if status.len() != 3 || !status.iter().all(u8::is_ascii_digit) || status[0] == b'0' {
        return Err("not a status");
    }
    if reason.iter().any(|&byte| byte != b'\t' && (byte < b' ' || byte == 0x7f)) {
        return Err("a control character in the reason");
    }
    let status = status.iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    Ok((http11, status))
}
