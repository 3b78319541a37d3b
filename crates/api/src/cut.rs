//! A large base64 text is cut out of a JSON body and decoded where it lies, so that a package is in memory once and not, as text,
//! as bytes and in between, three times.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use serde_json::value::RawValue;

/// Shorter texts are left to the reader of the body, which tells more about what is wrong with them.
const LARGE: usize = 64 * 1024;
/// Characters decoded at a time; a multiple of 4.
const CHUNK: usize = 64 * 1024;

/// A body whose large text, if it had one, is out.
#[derive(Debug)]
pub(crate) struct Cut {
    /// The body, with an empty text in its place.
    pub(crate) json: Bytes,
    /// What it was in base64, or why it is not.
    pub(crate) file: Option<Result<Bytes, String>>,
}

/// Cuts the text out that stands at `path`. A text with escapes or blanks in it, which nobody sends who encodes a file in one
/// piece, stays where it is.
pub(crate) fn cut(payload: Bytes, path: &[&str]) -> Cut {
    let Some(range) = find(&payload, path) else { return Cut { json: payload, file: None } };
    let (before, after) = (payload.get(..range.start), payload.get(range.end..));
    let json = [before.unwrap_or_default(), after.unwrap_or_default()].concat().into();
    // Nobody else holds it, so nothing is copied.
    let buffer = payload.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&*shared));
    Cut { json, file: Some(decode(buffer, range)) }
}

/// Where the text is, without its quotes.
fn find(payload: &[u8], path: &[&str]) -> Option<Range<usize>> {
    let mut value = payload;
    for name in path {
        let fields: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_slice(value).ok()?;
        value = fields.get(*name)?.get().as_bytes();
    }
    let text = value.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    if text.len() < LARGE || text.iter().any(|byte| matches!(byte, b'\\' | b' ')) {
        return None;
    }
    let start = text.as_ptr().addr().checked_sub(payload.as_ptr().addr())?;
    (payload.get(start..start + text.len()) == Some(text)).then(|| start..start + text.len())
}

/// Decodes a range to its own beginning: bytes are fewer than characters, so what is written was read before.
fn decode(mut buffer: BytesMut, range: Range<usize>) -> Result<Bytes, String> {
    let mut chunk = vec![0; CHUNK];
    let (mut read, mut write) = (range.start, range.start);
    while read < range.end {
        let taken = CHUNK.min(range.end - read);
        let (Some(chunk), Some(text)) = (chunk.get_mut(..taken), buffer.get(read..read + taken)) else { break };
        chunk.copy_from_slice(text);
        // Padding ends the whole text, not a piece of it.
        if read + taken < range.end && chunk.last() == Some(&b'=') {
            return Err(format!("not base64: padding at offset {} before the end", read + taken - range.start));
        }
        let place = buffer.get_mut(write..).unwrap_or_default();
        let written = STANDARD
            .decode_slice(&*chunk, place)
            .map_err(|error| format!("not base64: {error} (counted from offset {})", read - range.start))?;
        (read, write) = (read + taken, write + written);
    }
    Ok(buffer.freeze().slice(range.start..write))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PATH: [&str; 2] = ["func_code", "file"];

    fn body(text: &str) -> Bytes {
        format!(r#"{{"a":1,"func_code":{{"file":"{text}","link":""}},"z":"y"}}"#).into()
    }

    #[track_caller]
    fn check(text: &str, expect: Result<&[u8], &str>) {
        let Cut { json, file } = cut(body(text), &PATH);
        assert_eq!(json, body(""));
        match (file.unwrap(), expect) {
            (Ok(file), Ok(expect)) => assert!(file == expect),
            (Err(error), Err(part)) => assert!(error.contains(part), "{error}"),
            (file, _) => panic!("{:?}", file.map(|file| file.len())),
        }
    }

    #[test]
    fn a_large_text_is_decoded_where_it_lies() {
        for length in [LARGE, CHUNK * 3 / 4, 1_000_000, 1_000_001, 1_000_002] {
            let bytes: Vec<u8> = (0..length).map(|at| (at * 7 % 251) as u8).collect();
            let text = STANDARD.encode(&bytes);
            let payload = body(&text);
            let place = payload.as_ptr().addr();
            let file = cut(payload, &PATH).file.unwrap().unwrap();
            assert!((place..place + text.len()).contains(&file.as_ptr().addr()), "no second buffer");
            assert!(file == bytes);
        }
    }

    #[test]
    fn what_is_not_base64_is_refused_wherever_it_breaks() {
        let good = "A".repeat(4 * LARGE);
        check(&good, Ok(&vec![0; 3 * LARGE]));
        check(&format!("{good}*A=="), Err("not base64"));
        check(&format!("{}AA=={good}", "A".repeat(CHUNK - 4)), Err("padding at offset"));
        check(&format!("{}AA==AA{good}", "A".repeat(CHUNK - 8)), Err("not base64"));
        check(&format!("{good}A"), Err("not base64"));
    }

    #[test]
    fn what_is_small_escaped_or_elsewhere_is_left_alone() {
        let text = "A".repeat(LARGE);
        for payload in [
            body("AAAA"),
            body(&format!(r"{text}\n")),
            body(&format!("{text} ")),
            format!(r#"{{"file":"{text}"}}"#).into(),
            format!(r#"{{"func_code":["{text}"]}}"#).into(),
            Bytes::from(text.clone()),
        ] {
            let Cut { json, file } = cut(payload.clone(), &PATH);
            assert!(json == payload && file.is_none());
        }
    }

    proptest! {
        #[test]
        fn no_body_panics(text in ".{0,200}") {
            cut(Bytes::from(text), &PATH);
        }
    }
}
