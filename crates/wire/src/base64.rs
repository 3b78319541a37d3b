//! Bytes that travel as base64 text inside JSON, decoded while they are read so that a large package is held once.

use std::fmt;

use base64::Engine as _;
use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// Bytes, written as base64 with padding; line ends inside the text are tolerated when it is read.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Base64(pub Vec<u8>);

impl fmt::Debug for Base64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Base64({} bytes)", self.0.len())
    }
}

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Base64Display::new(&self.0, &STANDARD))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text)
    }
}

struct Text;

impl Visitor<'_> for Text {
    type Value = Base64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text in base64")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Base64, E> {
        let decoded = match text.bytes().any(|byte| byte.is_ascii_whitespace()) {
            false => STANDARD.decode(text),
            true => STANDARD.decode(text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect::<Vec<u8>>()),
        };
        decoded.map(Base64).map_err(|error| E::custom(format!("not base64: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, expect: Result<&[u8], &str>) {
        let got = serde_json::from_str::<Base64>(json).map(|bytes| bytes.0).map_err(|error| error.to_string());
        match expect {
            Ok(bytes) => assert_eq!(got.unwrap(), bytes),
            Err(part) => assert!(got.clone().unwrap_err().contains(part), "{got:?}"),
        }
    }

    #[test]
    fn text_is_decoded_with_or_without_line_ends() {
        check(r#""UEsDBAo=""#, Ok(b"PK\x03\x04\x0a"));
        check(r#""UEsD\r\nBAo=\n""#, Ok(b"PK\x03\x04\x0a"));
        check(r#""""#, Ok(b""));
    }

    #[test]
    fn what_is_not_base64_is_named() {
        check(r#""UEsD*""#, Err("not base64"));
        check("7", Err("text in base64"));
    }

    #[test]
    fn bytes_are_written_padded() {
        assert_eq!(serde_json::to_string(&Base64(b"PK\x03\x04\x0a".to_vec())).unwrap(), r#""UEsDBAo=""#);
    }
}
