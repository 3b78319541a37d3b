//! The canonical request of `SDK-HMAC-SHA256` (`api.md` b.1, step 2), from what is on the wire.

use std::borrow::Cow;
use std::fmt::Write as _;

use percent_encoding::percent_decode;

/// The canonical form of a raw path: decoded as a whole, every segment encoded again, ending in `/`.
///
/// `%2F` and `/` have one canonical form; that is the vendor's rule.
pub(crate) fn path(raw: &str) -> String {
    let decoded: Cow<'_, [u8]> = percent_decode(raw.as_bytes()).into();
    let mut text = String::with_capacity(raw.len() + 1);
    for (index, segment) in decoded.split(|byte| *byte == b'/').enumerate() {
        if index > 0 {
            text.push('/');
        }
        encode(segment, &mut text);
    }
    if !text.ends_with('/') {
        text.push('/');
    }
    text
}

/// The canonical form of a raw query (without `?`): pairs decoded, sorted by name then value, encoded again.
///
/// `+` is read as a space, as the server's own query parser reads it, so that what was signed is what is acted upon.
/// Every official client sends `%20` and `%2B`.
pub(crate) fn query(raw: &str) -> String {
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = raw
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode_query(name), decode_query(value)))
        .collect();
    // Bytes of UTF-8 sort as their code points do.
    pairs.sort();
    let mut text = String::with_capacity(raw.len());
    for (index, (name, value)) in pairs.iter().enumerate() {
        if index > 0 {
            text.push('&');
        }
        encode(name, &mut text);
        text.push('=');
        encode(value, &mut text);
    }
    text
}

fn decode_query(raw: &str) -> Vec<u8> {
    let spaced = raw.replace('+', " ");
    percent_decode(spaced.as_bytes()).collect()
}

/// Percent-encodes everything but `A-Z a-z 0-9 - . _ ~`.
fn encode(bytes: &[u8], into: &mut String) {
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            into.push(char::from(*byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(into, "%{byte:02X}");
        }
    }
}

/// The header lines, each ending in `\n`, in the order of `names`; `None` when a named header was not sent.
///
/// A header that occurs several times gives one line each, values sorted.
pub(crate) fn headers<'a>(names: impl Iterator<Item = &'a str>, sent: &[(&str, &[u8])]) -> Option<Vec<u8>> {
    let mut lines = Vec::new();
    for name in names {
        let mut values: Vec<&[u8]> = values(name, sent).collect();
        if values.is_empty() {
            return None;
        }
        values.sort_unstable();
        for value in values {
            lines.extend_from_slice(name.to_ascii_lowercase().as_bytes());
            lines.push(b':');
            lines.extend_from_slice(value);
            lines.push(b'\n');
        }
    }
    Some(lines)
}

/// The values of one header, trimmed of outer blanks, as raw bytes.
pub(crate) fn values<'a>(name: &str, sent: &'a [(&'a str, &'a [u8])]) -> impl Iterator<Item = &'a [u8]> {
    sent.iter().filter(move |(candidate, _)| candidate.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim_ascii())
}

/// The six parts joined by `\n`; `headers` already ends in one.
pub(crate) struct Parts<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a [u8],
    pub(crate) signed_headers: &'a str,
    pub(crate) payload: &'a [u8],
}

impl Parts<'_> {
    pub(crate) fn text(&self) -> Vec<u8> {
        let method = self.method.to_ascii_uppercase();
        [
            method.as_bytes(),
            self.path.as_bytes(),
            self.query.as_bytes(),
            self.headers,
            self.signed_headers.as_bytes(),
            self.payload,
        ]
        .join(&b'\n')
    }
}

#[cfg(test)]
mod tests;
