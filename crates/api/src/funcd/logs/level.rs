//! How bad a line is, as it says of itself.

use serde_json::Value;

/// From the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

/// Names of levels as log libraries write them.
const NAMES: [(&str, Level); 13] = [
    ("trace", Level::Trace),
    ("debug", Level::Debug),
    ("info", Level::Info),
    ("notice", Level::Info),
    ("warn", Level::Warn),
    ("warning", Level::Warn),
    ("err", Level::Error),
    ("error", Level::Error),
    ("severe", Level::Error),
    ("fatal", Level::Fatal),
    ("crit", Level::Fatal),
    ("critical", Level::Fatal),
    ("panic", Level::Fatal),
];
/// Fields of lines that are JSON.
const FIELDS: [&str; 4] = ["level", "severity", "lvl", "levelname"];
/// Bytes at the beginning of a line of text in which a level stands.
const HEAD: usize = 80;

impl Level {
    pub(super) const ALL: [Self; 6] = [Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error, Self::Fatal];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }

    fn named(word: &str) -> Option<Self> {
        NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, level)| *level)
    }
}

/// The level that a line has, if it says so: in a field of its JSON, as a word in capitals near its beginning, in brackets, before a
/// colon, or as `level=…`.
pub(super) fn of(text: &str) -> Option<Level> {
    if text.starts_with('{')
        && let Ok(Value::Object(fields)) = serde_json::from_str(text)
    {
        return FIELDS.iter().find_map(|name| of_value(fields.get(*name)?));
    }
    let head = text.get(..text.floor_char_boundary(HEAD)).unwrap_or_default();
    let mut rest = head;
    while let Some(begin) = rest.find(|c: char| c.is_ascii_alphabetic()) {
        let before = rest.get(..begin).unwrap_or_default();
        let word = rest.get(begin..).unwrap_or_default();
        let end = word.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(word.len());
        let (word, after) = word.split_at(end);
        let is_first = before.len() == head.len() - rest.len() + begin && before.trim().is_empty();
        let stands_out = word.bytes().all(|byte| byte.is_ascii_uppercase())
            || (before.ends_with(['[', '<', '(']) && after.starts_with([']', '>', ')']))
            || (is_first && after.starts_with(':'))
            || head.get(..head.len() - after.len() - word.len()).is_some_and(|all| all.ends_with("level="));
        if let Some(level) = Level::named(word).filter(|_| stands_out) {
            return Some(level);
        }
        rest = after;
    }
    None
}

/// Words, or the numbers that some libraries have for them (10 is trace, 60 fatal).
fn of_value(value: &Value) -> Option<Level> {
    if let Some(word) = value.as_str() {
        return Level::named(word);
    }
    let number = usize::try_from(value.as_u64()?).ok()?;
    Level::ALL.get((number / 10).checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Option<Level>) {
        assert_eq!(of(text), expect, "{text}");
    }

    #[test]
    fn a_level_is_where_log_libraries_write_it() {
        check("2026-01-02T03:04:05Z ERROR db: gone", Some(Level::Error));
        check("[warn] slow", Some(Level::Warn));
        check("WARNING:root:slow", Some(Level::Warn));
        check("Error: connect ECONNREFUSED", Some(Level::Error));
        check("ts=1 level=debug msg=x", Some(Level::Debug));
        check(r#"{"level":"info","msg":"ERROR"}"#, Some(Level::Info));
        check(r#"{"severity":"CRITICAL"}"#, Some(Level::Fatal));
        check(r#"{"level":50,"msg":"x"}"#, Some(Level::Error));
    }

    #[test]
    fn prose_has_none() {
        check("no error was found", None);
        check("the info: desk", None);
        check("", None);
        check(r#"{"level":{}}"#, None);
        check(r#"{"level":7000000}"#, None);
        check(&format!("{}ERROR", " ".repeat(200)), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_looked_at(text in "\\PC{0,120}") {
            of(&text);
        }
    }
}
