//! An independent, strict reading of HTTP/1 messages (RFC 9110, 9112), on complete bytes and without regard for speed.
//!
//! Whatever servers are known to read in two ways is [`Reading::Bad`] here, whichever side sends it.

/// What complete or incomplete bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading<T> {
    /// The beginning of something; more bytes are needed to say of what.
    Incomplete,
    /// Nothing that everyone reads alike, and why.
    Bad(&'static str),
    /// It, and nothing is in doubt.
    Whole(T),
}

use Reading::{Bad, Incomplete, Whole};

/// A start line and fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The start line's three parts; the last may have spaces in it.
    pub start: [Vec<u8>; 3],
    /// Names in lower case, values without the blanks around them, in their order.
    pub fields: Vec<(String, Vec<u8>)>,
    /// Bytes, from the first one given to the end of the empty line.
    pub length: usize,
}

/// How a body is delimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// By its length.
    Length(u64),
    /// In chunks.
    Chunked,
    /// By the end of the connection (responses only).
    Close,
}

/// A body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// What it says.
    pub content: Vec<u8>,
    /// Bytes it took.
    pub length: usize,
    /// Whether there is so much beside the content that a limit may refuse it.
    pub large: bool,
}

impl Head {
    /// All values of a field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.fields.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_slice())
    }

    /// Whether a field's comma-separated list has an item, in letters of either case.
    pub fn lists(&self, name: &str, item: &str) -> bool {
        self.all(name)
            .flat_map(|value| value.split(|&byte| byte == b','))
            .any(|found| trim(found).eq_ignore_ascii_case(item.as_bytes()))
    }
}

/// The head at the beginning of `bytes`. One empty line may come before a request (RFC 9112, 2.2).
pub fn head(bytes: &[u8], empty_line_first: bool) -> Reading<Head> {
    let skipped = if empty_line_first && bytes.starts_with(b"\r\n") { 2 } else { 0 };
    let Some(end) = find(&bytes[skipped..], b"\r\n\r\n").map(|at| skipped + at) else {
        return Incomplete;
    };
    let mut lines = Vec::new();
    let mut rest = &bytes[skipped..end + 2];
    while let Some(at) = find(rest, b"\r\n") {
        lines.push(&rest[..at]);
        rest = &rest[at + 2..];
    }
    if lines.iter().any(|line| line.iter().any(|byte| b"\r\n\0".contains(byte))) {
        return Bad("CR, LF or NUL within a line");
    }
    let start: Vec<&[u8]> = lines[0].splitn(3, |&byte| byte == b' ').collect();
    // A response without reason often has no space before it either; for a request the check of the version sees it.
    let (first, second, third) = match start[..] {
        [first, second, third] => (first, second, third),
        [first, second] => (first, second, &b""[..]),
        _ => return Bad("the start line has no parts"),
    };
    let mut fields = Vec::new();
    for line in &lines[1..] {
        let Some(colon) = line.iter().position(|&byte| byte == b':') else { return Bad("a line without colon") };
        let (name, value) = (&line[..colon], &line[colon + 1..]);
        if !is_token(name) {
            return Bad("a field's name is no token");
        }
        if value.iter().any(|&byte| byte != b'\t' && (byte < 0x20 || byte == 0x7f)) {
            return Bad("a control character in a value");
        }
        fields.push((String::from_utf8_lossy(name).to_ascii_lowercase(), trim(value).to_vec()));
    }
    Whole(Head { start: [first.to_vec(), second.to_vec(), third.to_vec()], fields, length: end + 4 })
}

/// What follows a head, `None` when it is not said in exactly one way. `Length(0)` when nothing is said.
pub fn framing(head: &Head, http11: bool) -> Option<Framing> {
    let lengths: Vec<&[u8]> = head.all("content-length").collect();
    let codings: Vec<&[u8]> = head.all("transfer-encoding").collect();
    match (&lengths[..], &codings[..]) {
        ([], []) => Some(Framing::Length(0)),
        ([length], []) => {
            let text =
                std::str::from_utf8(length).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
            let number: u64 = text.parse().ok()?;
            (number.to_string() == text && number < u64::MAX - 1).then_some(Framing::Length(number))
        }
        ([], [coding]) if http11 && coding.eq_ignore_ascii_case(b"chunked") => Some(Framing::Chunked),
        _ => None,
    }
}

/// The body at the beginning of `bytes`.
pub fn body(bytes: &[u8], framing: Framing) -> Reading<Body> {
    match framing {
        Framing::Length(length) => match usize::try_from(length) {
            Ok(length) if length <= bytes.len() => {
                Whole(Body { content: bytes[..length].to_vec(), length, large: false })
            }
            _ => Incomplete,
        },
        Framing::Chunked => chunks(bytes),
        Framing::Close => Whole(Body { content: bytes.to_vec(), length: bytes.len(), large: false }),
    }
}

/// Bytes that the extensions of a body's chunks may have in any case, and as many for its trailers.
const ASIDE: usize = 4 * 1024;
/// Trailers that a body may have in any case.
const TRAILERS: usize = 32;

fn chunks(bytes: &[u8]) -> Reading<Body> {
    let (mut content, mut at, mut aside) = (Vec::new(), 0, 0);
    loop {
        let (line, after) = match line(bytes, at) {
            Whole(found) => found,
            Incomplete => return Incomplete,
            Bad(why) => return Bad(why),
        };
        let (size, extension) = match line.iter().position(|&byte| byte == b';') {
            Some(at) => (&line[..at], &line[at + 1..]),
            None => (line, &b""[..]),
        };
        aside += extension.len();
        if !(1..=15).contains(&size.len()) || !size.iter().all(u8::is_ascii_hexdigit) {
            return Bad("a chunk size is not one to fifteen hexadecimal digits");
        }
        if extension.iter().any(|byte| !matches!(byte, b'\t' | b' '..=b'~')) {
            return Bad("a chunk extension is not printable");
        }
        let size = usize::from_str_radix(std::str::from_utf8(size).unwrap(), 16).unwrap();
        at = after;
        if size == 0 {
            return trailers(bytes, at, Body { content, length: at, large: aside > ASIDE });
        }
        let Some(chunk) = bytes.get(at..at.saturating_add(size)) else { return Incomplete };
        content.extend_from_slice(chunk);
        at += size;
        match bytes.get(at..) {
            Some([b'\r', b'\n', ..]) => at += 2,
            None | Some([] | [b'\r']) => return Incomplete,
            _ => return Bad("a chunk does not end in CRLF"),
        }
    }
}

fn trailers(bytes: &[u8], mut at: usize, mut body: Body) -> Reading<Body> {
    let (start, mut number) = (at, 0);
    loop {
        let (line, after) = match line(bytes, at) {
            Whole(found) => found,
            Incomplete => return Incomplete,
            Bad(why) => return Bad(why),
        };
        at = after;
        if line.is_empty() {
            body.large |= at - start > ASIDE || number > TRAILERS;
            body.length = at;
            return Whole(body);
        }
        number += 1;
        let colon = line.iter().position(|&byte| byte == b':').unwrap_or(0);
        let mut value = line[colon..].iter().skip(1);
        if !is_token(&line[..colon]) || value.any(|&byte| byte != b'\t' && (byte < b' ' || byte == 0x7f)) {
            return Bad("a trailer is no field");
        }
    }
}

/// The line that begins at `at`, and where the next one does.
fn line(bytes: &[u8], at: usize) -> Reading<(&[u8], usize)> {
    let rest = &bytes[at.min(bytes.len())..];
    match rest.iter().position(|&byte| byte == b'\r' || byte == b'\n') {
        None => Incomplete,
        Some(end) if rest[end..].starts_with(b"\r\n") => Whole((&rest[..end], at + end + 2)),
        Some(end) if rest[end..] == *b"\r" => Incomplete,
        Some(_) => Bad("a line that does not end in CRLF"),
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn trim(value: &[u8]) -> &[u8] {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = value.iter().position(|byte| !blank(byte)).unwrap_or(value.len());
    let end = value.iter().rposition(|byte| !blank(byte)).map_or(start, |at| at + 1);
    &value[start..end]
}

/// RFC 9110, 5.6.2.
pub fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

pub mod request;
pub mod response;
