//! Times as people write them: `10` (seconds), `"10s"`, `"500ms"`, `"2m"`, `"off"`.

use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// A time, or none: `"off"` and 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span(pub(crate) Option<Duration>);

impl Span {
    fn of(duration: Duration) -> Self {
        Self(Some(duration).filter(|duration| !duration.is_zero()))
    }
}

impl std::str::FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self(None));
        }
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let factor: u64 = match unit.trim() {
            "ms" => 1,
            "" | "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            other => return Err(format!("'{other}' is no unit of time; use ms, s, m or h, or \"off\"")),
        };
        let millis = number.parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
        let span = millis.map(|millis| Self::of(Duration::from_millis(millis)));
        span.ok_or_else(|| format!("'{text}' is no time such as 10, \"10s\", \"500ms\" or \"off\""))
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Span;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number of seconds or a text such as \"10s\" or \"off\"")
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<Span, E> {
                let seconds = u64::try_from(number).map_err(|_| E::custom("a time cannot be negative"))?;
                self.visit_u64(seconds)
            }
            fn visit_u64<E: Error>(self, number: u64) -> Result<Span, E> {
                Ok(Span::of(Duration::from_secs(number)))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Span, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Either)
    }
}
