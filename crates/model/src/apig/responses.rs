//! Responses of a group: what a client gets in place of the gateway's own error, by the type of the error.

use std::collections::BTreeMap;

use http::{HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Responses that a group may have beside its default one.
pub const RESPONSES: usize = 4;
/// Headers of one response.
pub const HEADERS: usize = 10;
/// Bytes of the body of one response.
pub const BODY_BYTES: usize = 16 * 1024;
/// The body where nobody wrote one.
pub const BODY: &str =
    r#"{"error_code":"$context.error.code","error_msg":"$context.error.message","request_id":"$context.requestId"}"#;

/// A type of error, as the wire names it, with the status it usually has.
pub const TYPES: [(&str, u16); 23] = [
    ("AUTH_FAILURE", 401),
    ("AUTH_HEADER_MISSING", 401),
    ("AUTHORIZER_FAILURE", 500),
    ("AUTHORIZER_CONF_FAILURE", 500),
    ("AUTHORIZER_IDENTITIES_FAILURE", 401),
    ("BACKEND_UNAVAILABLE", 502),
    ("BACKEND_TIMEOUT", 504),
    ("THROTTLED", 429),
    ("UNAUTHORIZED", 401),
    ("ACCESS_DENIED", 403),
    ("NOT_FOUND", 404),
    ("REQUEST_PARAMETERS_FAILURE", 400),
    ("DEFAULT_4XX", 0),
    ("DEFAULT_5XX", 0),
    ("THIRD_AUTH_FAILURE", 401),
    ("THIRD_AUTH_IDENTITIES_FAILURE", 401),
    ("THIRD_AUTH_CONF_FAILURE", 500),
    ("OIDC_AUTH_TOKEN_VERIFY_FAIL", 401),
    ("OIDC_AUTH_GET_DISCOVERY_ERROR", 500),
    ("OIDC_AUTH_CODE_FLOW_FAIL", 500),
    ("JWT_AUTH_FAILURE", 401),
    ("ORCHESTRATION_PARAMETER_NOT_FOUND", 400),
    ("ORCHESTRATION_FAILURE", 400),
];

/// The static name of a type.
pub fn kind(name: &str) -> Option<&'static str> {
    TYPES.iter().find(|(own, _)| *own == name).map(|(own, _)| *own)
}

/// Responses of a group as they are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Responses {
    /// 32 hexadecimal digits.
    pub id: String,
    /// The project it belongs to.
    pub project: String,
    /// The group.
    pub group_id: String,
    /// Unique in the group.
    pub name: String,
    /// Whether it is what the group's APIs use that name no other.
    pub default: bool,
    /// What was written, by type; the other types are as they usually are.
    pub rules: BTreeMap<String, Rule>,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub modified: Timestamp,
}

/// The response to one type of error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// 200 to 599; of the two default types none is the error's own.
    pub status: Option<u16>,
    /// The body, with variables.
    pub body: String,
    /// Headers: name, and value with variables.
    pub headers: Vec<(String, String)>,
}

/// The same as the gateway uses it: templates cut into their parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Templates(BTreeMap<&'static str, Template>);

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// In place of the error's own.
    pub status: Option<StatusCode>,
    /// Of the body.
    pub body: Vec<Part>,
    /// Of the headers.
    pub headers: Vec<(HeaderName, Vec<Part>)>,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Itself.
    Text(String),
    /// What stands behind `$context.`; the name of a variable that there may or may not be.
    Variable(String),
}

impl Templates {
    /// Of what was written.
    pub fn new(responses: &Responses) -> Self {
        let template = |rule: &Rule| Template {
            status: rule.status.and_then(|status| StatusCode::from_u16(status).ok()),
            body: parts(&rule.body),
            headers: rule.headers.iter().filter_map(|(name, value)| Some((name.parse().ok()?, parts(value)))).collect(),
        };
        let rules = responses.rules.iter();
        Self(rules.filter_map(|(name, rule)| Some((kind(name)?, template(rule)))).collect())
    }

    /// The one for an error of this type and status.
    pub fn of(&self, kind: &str, status: StatusCode) -> Option<&Template> {
        let rest = || match status.as_u16() {
            400..=499 => self.0.get("DEFAULT_4XX"),
            500..=599 => self.0.get("DEFAULT_5XX"),
            _ => None,
        };
        self.0.get(kind).or_else(rest)
    }

    /// Whether nothing differs from the usual.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Cuts a template at its variables: `$context.`, then letters, digits, `_`, and dots between them.
pub fn parts(template: &str) -> Vec<Part> {
    const BEGIN: &str = "$context.";
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once(BEGIN) {
        let legal = |one: char| one.is_ascii_alphanumeric() || matches!(one, '_' | '.' | '-');
        let end = behind.find(|one| !legal(one)).unwrap_or(behind.len());
        let (name, after) = behind.split_at_checked(end).unwrap_or((behind, ""));
        let name_only = name.trim_end_matches(['.', '-']);
        push_text(&mut parts, before);
        parts.push(Part::Variable(name_only.to_owned()));
        push_text(&mut parts, name.get(name_only.len()..).unwrap_or_default());
        rest = after;
    }
    push_text(&mut parts, rest);
    parts
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        _ if text.is_empty() => {}
        Some(Part::Text(before)) => before.push_str(text),
        _ => parts.push(Part::Text(text.to_owned())),
    }
}

/// A template with its variables in place: of a text that is JSON, values are escaped as they must be in a JSON string.
pub fn fill(parts: &[Part], json: bool, value: impl Fn(&str) -> Option<String>) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Text(own) => text.push_str(own),
            Part::Variable(name) => {
                let value = value(name).unwrap_or_default();
                match json {
                    true => text.push_str(&escaped(&value)),
                    false => text.push_str(&value),
                }
            }
        }
    }
    text
}

fn escaped(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default().to_owned()
}

/// A header's value, without what no header may have.
pub fn header_value(parts: &[Part], value: impl Fn(&str) -> Option<String>) -> Option<HeaderValue> {
    HeaderValue::try_from(fill(parts, false, value)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(template: &str, expect: &str) {
        let value = |name: &str| match name {
            "error.code" => Some("APIG.0308".to_owned()),
            "reqPath" => Some("/a\"b\n".to_owned()),
            _ => None,
        };
        assert_eq!(fill(&parts(template), true, value), expect);
    }

    #[test]
    fn variables_are_put_in_place_and_cannot_break_out_of_a_string() {
        check("", "");
        check("plain $ text", "plain $ text");
        check(r#"{"c":"$context.error.code"}"#, r#"{"c":"APIG.0308"}"#);
        check(r#"{"p":"$context.reqPath"}"#, r#"{"p":"/a\"b\n"}"#);
        check("at $context.error.code.", "at APIG.0308.");
        check("$context.error.code$context.error.code", "APIG.0308APIG.0308");
        check("[$context.unknown]", "[]");
        check("$context.", "");
    }

    #[test]
    fn a_type_without_a_template_has_that_of_its_class() {
        let rule = |body: &str| Rule { body: body.into(), ..Rule::default() };
        let rules = [("THROTTLED", rule("t")), ("DEFAULT_4XX", rule("4")), ("NONE", rule("n"))];
        let now = crate::time::now();
        let templates = Templates::new(&Responses {
            id: String::new(),
            project: String::new(),
            group_id: String::new(),
            name: String::new(),
            default: true,
            rules: rules.into_iter().map(|(name, rule)| (name.to_owned(), rule)).collect(),
            created: now,
            modified: now,
        });
        let body = |kind, status| {
            let template = templates.of(kind, StatusCode::from_u16(status).unwrap())?;
            Some(fill(&template.body, true, |_| None))
        };
        assert_eq!(body("THROTTLED", 429).as_deref(), Some("t"));
        assert_eq!(body("NOT_FOUND", 404).as_deref(), Some("4"));
        assert_eq!(body("BACKEND_TIMEOUT", 504), None);
    }
}
