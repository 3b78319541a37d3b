//! Cross-origin resource sharing (<https://fetch.spec.whatwg.org/#http-cors-protocol>).

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Deserialize;

use super::shape;

/// Seconds that a browser may keep what a preflight said.
const MAX_AGE: u32 = 86_400 * 2;

/// Who may call from a page of another origin, and what such a page may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cors {
    /// None is any.
    origins: Option<Vec<String>>,
    methods: Option<HeaderValue>,
    headers: Option<HeaderValue>,
    exposed: Option<HeaderValue>,
    max_age: Option<u32>,
    credentials: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Document {
    allow_origin: String,
    allow_methods: String,
    allow_headers: String,
    expose_headers: String,
    max_age: Option<u32>,
    allow_credentials: bool,
}

impl Cors {
    pub(super) fn read(text: &str) -> Result<Self, Vec<String>> {
        let document: Document = shape(text)?;
        let mut problems = Vec::new();
        let origins = origins(&document.allow_origin, &mut problems);
        let methods = list("allow_methods", &document.allow_methods, &mut problems, |text| {
            text == "*" || (text.parse::<Method>().is_ok() && text.chars().all(|one| one.is_ascii_uppercase()))
        });
        let header = |text: &str| text == "*" || text.parse::<HeaderName>().is_ok();
        let headers = list("allow_headers", &document.allow_headers, &mut problems, header);
        let exposed = list("expose_headers", &document.expose_headers, &mut problems, header);
        if let Some(age) = document.max_age.filter(|age| *age > MAX_AGE) {
            problems.push(format!("max_age must be 0 to {MAX_AGE} seconds, not {age}"));
        }
        let (max_age, credentials) = (document.max_age, document.allow_credentials);
        match problems.is_empty() {
            true => Ok(Self { origins, methods, headers, exposed, max_age, credentials }),
            false => Err(problems),
        }
    }

    /// What a response to a request from this origin says. An origin that may not is told nothing.
    pub fn stamp(&self, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
        // A function's own headers of these names would contradict the gateway's.
        for name in [ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_EXPOSE_HEADERS] {
            headers.remove(name);
        }
        if self.origins.is_some() {
            headers.append(VARY, HeaderValue::from_static("Origin"));
        }
        let Some(allowed) = origin.and_then(|origin| self.allowed(origin)) else { return };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        if self.credentials {
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        if let Some(exposed) = &self.exposed {
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed.clone());
        }
    }

    /// The same for a preflight, whose answer says more.
    pub fn preflight(&self, origin: &HeaderValue, headers: &mut HeaderMap) {
        self.stamp(Some(origin), headers);
        headers.remove(ACCESS_CONTROL_EXPOSE_HEADERS);
        if self.allowed(origin).is_none() {
            return;
        }
        if let Some(methods) = &self.methods {
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods.clone());
        }
        if let Some(allowed) = &self.headers {
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, allowed.clone());
        }
        if let Some(age) = self.max_age {
            headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from(age));
        }
    }

    /// `Access-Control-Allow-Origin`. Any origin is `*`, with which browsers send no credentials whatever else is said: no page
    /// of a stranger ever reads with its visitor's rights.
    fn allowed(&self, origin: &HeaderValue) -> Option<HeaderValue> {
        match &self.origins {
            None => Some(HeaderValue::from_static("*")),
            Some(origins) => {
                let listed = origins.iter().any(|own| own.as_bytes().eq_ignore_ascii_case(origin.as_bytes()));
                listed.then(|| origin.clone())
            }
        }
    }
}

fn origins(text: &str, problems: &mut Vec<String>) -> Option<Vec<String>> {
    let texts: Vec<&str> = text.split(',').map(str::trim).filter(|text| !text.is_empty()).collect();
    if texts == ["*"] {
        return None;
    }
    if texts.is_empty() {
        problems.push("allow_origin is missing: * or origins like https://example.com, separated by commas".to_owned());
    }
    for text in texts.iter().filter(|text| !is_origin(text)) {
        problems.push(format!("allow_origin: '{}' is not an origin like https://example.com", text.escape_debug()));
    }
    Some(texts.into_iter().map(str::to_owned).collect())
}

/// Scheme, host and perhaps a port (RFC 6454 section 6.2).
fn is_origin(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let legal = |one: char| one.is_ascii_alphanumeric() || matches!(one, '+' | '-' | '.');
    !scheme.is_empty()
        && scheme.chars().all(legal)
        && rest.parse::<http::uri::Authority>().is_ok_and(|authority| !authority.as_str().contains('@'))
}

/// Names separated by commas, as one header.
fn list(field: &str, text: &str, problems: &mut Vec<String>, good: impl Fn(&str) -> bool) -> Option<HeaderValue> {
    let texts: Vec<&str> = text.split(',').map(str::trim).filter(|text| !text.is_empty()).collect();
    for text in texts.iter().filter(|text| !good(text)) {
        problems.push(format!("{field}: '{}' cannot stand there", text.escape_debug()));
    }
    if texts.is_empty() { None } else { HeaderValue::try_from(texts.join(",")).ok() }
}
