//! Header fields as bytes: `name ":" value` (RFC 9110 section 5), and what is made of them.

use http::{HeaderName, HeaderValue};
use memchr::memchr;

use crate::{Malformed, names};

/// Takes a line apart; the value comes without the white space around it. What characters that has, [`value`] looks at,
/// and [`is_value`] for whoever does not make it one yet.
///
/// # Errors
/// The line is no field, or one that continues the line before, which was once legal (RFC 9112 section 5.2).
pub fn split(line: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let colon = line.iter().position(|&byte| !is_token_byte(byte));
    let Some((name, [b':', value @ ..])) = colon.and_then(|colon| line.split_at_checked(colon)) else {
        return Err(Malformed(match line.first() {
            Some(b' ' | b'\t') => "a header field is continued on a second line",
            _ => "a line of the head is not 'name: value'",
        }));
    };
    if name.is_empty() {
        return Err(Malformed("a header field has no name"));
    }
    Ok((name, trim(value)))
}

/// As [`split`], with the name as the `http` crate has it. A name that came before is looked up rather than looked at.
///
/// # Errors
/// As [`split`], or the name is longer than that crate can hold.
pub fn read(line: &[u8]) -> Result<(HeaderName, &[u8]), Malformed> {
    if let Some((written, [b':', value @ ..])) = memchr(b':', line).and_then(|colon| line.split_at_checked(colon))
        && let Some(name) = names::known(written)
    {
        return Ok((name, trim(value)));
    }
    let (name, value) = split(line)?;
    Ok((names::name(name)?, value))
}

/// Whether a value has nothing but what values may have: no control character other than a tab (RFC 9110 section 5.5).
pub fn is_value(value: &[u8]) -> bool {
    value.iter().fold(true, |legal, &byte| legal & ((byte >= b' ' && byte != 0x7f) || byte == b'\t'))
}

/// A value as the `http` crate has it.
///
/// # Errors
/// It has a control character other than a tab (RFC 9110 section 5.5).
pub fn value(value: bytes::Bytes) -> Result<HeaderValue, Malformed> {
    HeaderValue::from_maybe_shared(value).map_err(|_| Malformed("a header field has a control character in its value"))
}

/// One decimal number as everyone reads it: no sign, no list, no leading zero, no overflow. The two largest are nobody's length:
/// some libraries keep them for themselves.
pub fn decimal(value: &[u8]) -> Option<u64> {
    let canonical = matches!(value, [b'0'] | [b'1'..=b'9', ..]) && value.iter().all(u8::is_ascii_digit);
    if !canonical {
        return None;
    }
    let digit = |number: u64, digit: &u8| number.checked_mul(10)?.checked_add(u64::from(digit - b'0'));
    value.iter().try_fold(0, digit).filter(|&number| number < u64::MAX - 1)
}

/// The items of a comma-separated list.
pub fn list(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&byte| byte == b',').map(trim)
}

/// A value without the white space around it.
pub fn trim(mut value: &[u8]) -> &[u8] {
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

/// White space within a line.
pub fn is_space(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// `token` of RFC 9110 section 5.6.2.
pub fn is_token(value: &[u8]) -> bool {
    !value.is_empty() && value.iter().all(|&byte| is_token_byte(byte))
}

/// `tchar` of RFC 9110 section 5.6.2.
pub fn is_token_byte(byte: u8) -> bool {
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
mod tests {
    use super::*;

    #[test]
    fn a_field_is_a_name_a_colon_and_a_value() {
        assert_eq!(split(b"Host:  a \t"), Ok((&b"Host"[..], &b"a"[..])));
        assert_eq!(split(b"X:"), Ok((&b"X"[..], &b""[..])));
        for line in [&b"Host : a"[..], b" a: b", b"\ta", b": a", b"a", b"a\x80: b", b"", b":", b"abcd", b"ab cd:e"] {
            assert!(split(line).is_err() && read(line) == Err(split(line).unwrap_err()), "{line:?}");
        }
        for line in [&b"Host:  a \t"[..], b"X:", b"X-Some-Name: a:b", b"x-some-name:c"] {
            let expect = split(line).map(|(name, value)| (HeaderName::from_bytes(name).unwrap(), value));
            for _ in 0..2 {
                assert_eq!(read(line), expect); // made, and known
            }
        }
        for value in [&b"\x01"[..], b"a\0b", b"a\x7f", b"a\rb", b"a\nb"] {
            assert!(super::value(bytes::Bytes::from_static(value)).is_err() && !is_value(value), "{value:?}");
        }
        for value in [&b""[..], b"a\tb", b"\x80\xff"] {
            assert!(super::value(bytes::Bytes::from_static(value)).is_ok() && is_value(value), "{value:?}");
        }
    }

    /// Every line of up to six of these bytes, whether its name was there before or not.
    #[test]
    fn what_is_read_is_what_is_split() {
        let mut lines = vec![Vec::new()];
        for length in 0..6 {
            let longest: Vec<Vec<u8>> = lines.iter().filter(|line| line.len() == length).cloned().collect();
            lines.extend(longest.iter().flat_map(|line| b"aB-: \x80".map(|byte| [line, &[byte][..]].concat())));
        }
        assert_eq!(lines.len(), (0..=6).map(|length| 6usize.pow(length)).sum());
        for line in lines {
            let expect = split(&line).map(|(name, value)| (HeaderName::from_bytes(name).unwrap(), value));
            assert_eq!(read(&line), expect, "{}", line.escape_ascii());
        }
    }

    #[test]
    fn a_number_is_written_in_one_way() {
        assert_eq!(decimal(b"0"), Some(0));
        assert_eq!(decimal(b"18446744073709551613"), Some(u64::MAX - 2));
        for text in [
            "",
            "00",
            "01",
            "+1",
            "-1",
            " 1",
            "1 ",
            "1,1",
            "0x1",
            "1_0",
            "18446744073709551614",
            "18446744073709551616",
            "1e3",
        ] {
            assert_eq!(decimal(text.as_bytes()), None, "{text:?}");
        }
    }
}
