//! Query strings.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What every signer leaves as it is (RFC 3986 section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The pairs as they stand after `?`; empty for none.
pub(super) fn text(pairs: &[(&str, String)]) -> String {
    let encode = |text| utf8_percent_encode(text, RESERVED);
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_encoded() {
        assert_eq!(text(&[]), "");
        assert_eq!(text(&[("a", "1".into()), ("b c", "+&=é".into())]), "a=1&b%20c=%2B%26%3D%C3%A9");
    }
}
