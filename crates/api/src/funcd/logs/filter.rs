//! Which lines of a log are wanted, by what they are and what they say.

use serde_json::Value;
use telemetry::Line;
use wire::codes;

use super::level::{self, Level};
use super::origin;
use crate::problems::{Problems, quoted};
use crate::query::Query;

/// What a line must be; everything where nothing is said.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    version: Option<String>,
    stream: Option<String>,
    level: Option<Level>,
    /// In lower case.
    text: Option<String>,
    /// Names from outside to inside, and the value.
    field: Option<(Vec<String>, String)>,
}

impl Filter {
    pub(super) fn read(query: &Query, problems: &mut Problems) -> Self {
        let own = |name: &str| query.text(name).map(str::to_owned);
        let stream = own("stream");
        let known = stream.as_deref().is_none_or(|stream| ["stdout", "stderr", "system"].contains(&stream));
        problems.unless(known, codes::QUERY, || {
            let given = quoted(stream.as_deref().unwrap_or_default());
            format!("query parameter stream must be stdout, stderr or system, not {given}")
        });
        let level = query.text("level").map(|name| (name, Level::ALL.into_iter().find(|level| level.name() == name)));
        problems.unless(level.is_none_or(|(_, level)| level.is_some()), codes::QUERY, || {
            let names = Level::ALL.map(Level::name).join(", ");
            let given = quoted(level.map(|(name, _)| name).unwrap_or_default());
            format!("query parameter level must be one of {names}, not {given}")
        });
        let field =
            query.text("field").map(|field| (field, field.split_once('=').filter(|(name, _)| !name.is_empty())));
        problems.unless(field.is_none_or(|(_, pair)| pair.is_some()), codes::QUERY, || {
            let given = quoted(field.map(|(text, _)| text).unwrap_or_default());
            format!("query parameter field must be like name=value or outer.inner=value, not {given}")
        });
        let pair = field.and_then(|(_, pair)| pair);
        Self {
            version: own("version"),
            stream,
            level: level.and_then(|(_, level)| level),
            text: query.text("text").map(str::to_lowercase),
            field: pair.map(|(name, value)| (name.split('.').map(str::to_owned).collect(), value.to_owned())),
        }
    }

    pub(super) fn wants(&self, line: &Line) -> bool {
        self.version.as_ref().is_none_or(|version| *version == line.version)
            && self.stream.as_deref().is_none_or(|stream| stream == origin(line.stream))
            && self.level.is_none_or(|wanted| level::of(&line.text) == Some(wanted))
            && self.text.as_ref().is_none_or(|text| line.text.to_lowercase().contains(text))
            && self.field.as_ref().is_none_or(|(names, value)| has(&line.text, names, value))
    }
}

/// Whether a line is a JSON object with this value at these names.
fn has(text: &str, names: &[String], value: &str) -> bool {
    if !text.starts_with('{') {
        return false;
    }
    let Ok(object) = serde_json::from_str::<Value>(text) else { return false };
    match names.iter().try_fold(&object, |inside, name| inside.get(name)) {
        Some(Value::String(text)) => text == value,
        Some(Value::Object(_) | Value::Array(_)) | None => false,
        Some(plain) => {
            let text = plain.to_string();
            text == value
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, field: &str, expect: bool) {
        let (names, value) = field.split_once('=').unwrap();
        let names: Vec<String> = names.split('.').map(str::to_owned).collect();
        assert_eq!(has(text, &names, value), expect, "{text} {field}");
    }

    #[test]
    fn fields_are_found_inside_objects_whatever_their_type() {
        let line = r#"{"user":{"id":42,"name":"a=b"},"ok":true,"none":null,"list":[1]}"#;
        check(line, "user.id=42", true);
        check(line, "user.name=a=b", true);
        check(line, "ok=true", true);
        check(line, "none=null", true);
        check(line, "user.id=4", false);
        check(line, "user=42", false);
        check(line, "user.id.more=42", false);
        check(line, "list=1", false);
        check("user.id=42", "user.id=42", false);
        check("{broken", "a=b", false);
    }
}
