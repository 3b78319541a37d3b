//! Requests, by the rules of the gateway's front (`docs/http-semantics.md`).

use super::{Framing, Head, Reading, body, framing, head, is_token};
use Reading::{Bad, Incomplete, Whole};

/// Limits of the gateway as it is shipped.
const HEAD_BYTES: usize = 32 * 1024;
const HEAD_FIELDS: usize = 100;
const TARGET_BYTES: usize = 8 * 1024;

/// A request that everyone reads alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its head.
    pub head: Head,
    /// How its body is delimited.
    pub framing: Framing,
}

impl Request {
    /// The method.
    pub fn method(&self) -> &[u8] {
        &self.head.start[0]
    }

    /// Path and query of the target.
    pub fn path(&self) -> Vec<u8> {
        let target = &self.head.start[1];
        let Some((_, path)) = authority(target) else { return target.clone() };
        if path.starts_with(b"/") { path.to_vec() } else { [b"/", path].concat() }
    }

    /// Whether the connection is done after it.
    pub fn is_last(&self) -> bool {
        let http11 = self.head.start[2] == b"HTTP/1.1";
        self.head.lists("connection", "close") || (!http11 && !self.head.lists("connection", "keep-alive"))
    }
}

/// What a client's bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// Requests with their bodies.
    pub whole: Vec<(Request, super::Body)>,
    /// A request whose body is not complete, or not in order.
    pub broken: Option<Request>,
    /// Why it ends before the bytes do.
    pub bad: Option<&'static str>,
    /// The last body's length is a matter of limits, so nothing is said of what comes after it.
    pub large: bool,
}

/// Reads one request after another, up to the first that is in doubt.
pub fn conversation(mut bytes: &[u8]) -> Conversation {
    let mut told = Conversation { whole: Vec::new(), broken: None, bad: None, large: false };
    loop {
        let request = match request(bytes) {
            Whole(request) => request,
            Incomplete => return told,
            Bad(why) => {
                told.bad = Some(why);
                return told;
            }
        };
        let rest = &bytes[request.head.length..];
        match body(rest, request.framing) {
            Whole(body) => {
                bytes = &rest[body.length..];
                told.large = body.large;
                told.whole.push((request, body));
                if told.large {
                    return told;
                }
            }
            other => {
                told.broken = Some(request);
                if let Bad(why) = other {
                    told.bad = Some(why);
                }
                return told;
            }
        }
    }
}

/// The request head at the beginning of `bytes`.
pub fn request(bytes: &[u8]) -> Reading<Request> {
    let head = match head(bytes, true) {
        Whole(head) => head,
        Incomplete => return Incomplete,
        Bad(why) => return Bad(why),
    };
    if head.length > HEAD_BYTES || head.fields.len() > HEAD_FIELDS {
        return Bad("too large a head");
    }
    match check(&head) {
        Ok(framing) => Whole(Request { head, framing }),
        Err(why) => Bad(why),
    }
}

fn check(head: &Head) -> Result<Framing, &'static str> {
    let [method, target, version] = &head.start;
    let http11 = match &version[..] {
        b"HTTP/1.1" => true,
        b"HTTP/1.0" => false,
        _ => return Err("another version"),
    };
    let shouted = method.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'-');
    if !is_token(method) || !shouted || method.len() > 32 || [&b"CONNECT"[..], b"TRACE"].contains(&&method[..]) {
        return Err("not a method");
    }
    if target.len() > TARGET_BYTES {
        return Err("too long a target");
    }
    let hosts: Vec<&[u8]> = head.all("host").collect();
    if hosts.len() > 1 || (http11 && hosts.is_empty()) || !hosts.iter().all(|host| is_host(host)) {
        return Err("not exactly one Host");
    }
    match authority(target) {
        _ if target == b"*" && method == b"OPTIONS" => {}
        None if target.starts_with(b"/") && is_path(target) => {}
        Some((named, path)) if is_host(named) && is_path(path) => {
            if hosts.first().is_some_and(|host| !host.eq_ignore_ascii_case(named)) {
                return Err("two different hosts");
            }
        }
        _ => return Err("not a target"),
    }
    let expectations: Vec<&[u8]> = head.all("expect").collect();
    if expectations.len() > 1 || !expectations.iter().all(|value| value.eq_ignore_ascii_case(b"100-continue")) {
        return Err("an unknown expectation");
    }
    framing(head, http11).ok_or("the framing is in doubt")
}

/// Authority and the rest of an absolute target.
fn authority(target: &[u8]) -> Option<(&[u8], &[u8])> {
    let lower = target.to_ascii_lowercase();
    let rest =
        [&b"http://"[..], b"https://"].iter().find(|scheme| lower.starts_with(scheme)).map(|it| &target[it.len()..])?;
    let end = rest.iter().position(|byte| b"/?#".contains(byte)).unwrap_or(rest.len());
    Some((&rest[..end], &rest[end..]))
}

/// Printable ASCII that needs no escape in a path or a query, and no fragment.
fn is_path(path: &[u8]) -> bool {
    let query = path.iter().position(|&byte| byte == b'?').unwrap_or(path.len());
    path.iter().enumerate().all(|(at, byte)| {
        byte.is_ascii_graphic() && !b"\"#<>".contains(byte) && (at >= query || !b"\\`".contains(byte))
    })
}

/// A name or an address, and possibly a port.
fn is_host(host: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(host) else { return false };
    let (name, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let Some((address, port)) = rest.split_once(']') else { return false };
            if address.is_empty() || !address.chars().all(|c| c.is_ascii_hexdigit() || ":.".contains(c)) {
                return false;
            }
            if port.is_empty() {
                return true;
            }
            let Some(port) = port.strip_prefix(':') else { return false };
            ("address", Some(port))
        }
        None => text.split_once(':').map_or((text, None), |(name, port)| (name, Some(port))),
    };
    let legal = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c));
    let port = port.is_none_or(|port| {
        (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()
    });
    legal && port
}
