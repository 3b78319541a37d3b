//! The head of a request and that of its answer, as they may be kept in memory for a while when the function's owner wants to see them.
//!
//! A value is kept only if its name is harmless ([`HARMLESS`]) or one that the owner listed ([`Names`]); of every other field only how
//! long its value is. What was never taken cannot leak: hiding happens here, before anything is kept, not when it is shown. Values of
//! names that prove who somebody is ([`SECRET`]) cannot be listed.

use std::sync::Arc;

use crate::limits::{HEAD_BYTES, HEAD_PATH_BYTES, HEAD_VALUE_BYTES};

/// Names whose values are kept without being listed. Each says how a message is made, stored, negotiated or traced, or what program
/// speaks, and none says who somebody is or what they may do. Not among them: names whose values hold addresses of pages with their
/// queries (`referer`, `location`), addresses of persons (`x-forwarded-for`), or what some programs put tokens into
/// (`sec-websocket-protocol`). In order, for the search.
const HARMLESS: [&str; 90] = [
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "accept-patch",
    "accept-post",
    "accept-ranges",
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "access-control-max-age",
    "access-control-request-headers",
    "access-control-request-method",
    "age",
    "allow",
    "alt-svc",
    "cache-control",
    "connection",
    "content-encoding",
    "content-language",
    "content-length",
    "content-range",
    "content-type",
    "date",
    "dnt",
    "etag",
    "expect",
    "expires",
    "grpc-accept-encoding",
    "grpc-encoding",
    "grpc-status",
    "grpc-timeout",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "keep-alive",
    "last-modified",
    "max-forwards",
    "origin",
    "pragma",
    "priority",
    "range",
    "retry-after",
    "sec-ch-ua",
    "sec-ch-ua-mobile",
    "sec-ch-ua-platform",
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-fetch-site",
    "sec-fetch-user",
    "sec-gpc",
    "sec-websocket-extensions",
    "sec-websocket-version",
    "server",
    "server-timing",
    "strict-transport-security",
    "te",
    "timing-allow-origin",
    "traceparent",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "upgrade-insecure-requests",
    "user-agent",
    "vary",
    "via",
    "x-apig-hops",
    "x-cff-request-id",
    "x-content-type-options",
    "x-dns-prefetch-control",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-frame-options",
    "x-func-err-code",
    "x-funcd-error",
    "x-funcd-timing",
    "x-powered-by",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-request-id",
    "x-requested-with",
    "x-robots-tag",
    "x-stage",
];

/// Names whose values nobody gets to see: what proves who somebody is, to a function, to the gateway or to the API. In order.
const SECRET: [&str; 14] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "set-cookie",
    "set-cookie2",
    "x-apig-appcode",
    "x-auth-token",
    "x-cff-auth-token",
    "x-cff-security-access-key",
    "x-cff-security-secret-key",
    "x-cff-security-token",
    "x-funcd-session",
    "x-security-token",
    "x-subject-token",
];

/// Characters of a name that can be listed.
pub const NAME_CHARS: usize = 128;

/// Why a name cannot be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unlisted {
    /// No field has it.
    #[error("is no name of a header: 1 to {NAME_CHARS} letters, digits and !#$%&'*+-.^_`|~")]
    NoName,
    /// Its value proves who somebody is.
    #[error("cannot be listed: its value proves who somebody is, and is never kept")]
    Secret,
}

/// The names that a function's owner listed, beside [`HARMLESS`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names(Vec<String>);

impl Names {
    /// Adds one.
    ///
    /// # Errors
    /// It cannot be listed.
    pub fn list(&mut self, name: &str) -> Result<(), Unlisted> {
        let name = name.to_ascii_lowercase();
        if name.is_empty() || name.len() > NAME_CHARS || !name.bytes().all(is_token) {
            return Err(Unlisted::NoName);
        }
        // Servers that pass headers as variables read `_` as `-`.
        if SECRET.binary_search(&name.replace('_', "-").as_str()).is_ok() {
            return Err(Unlisted::Secret);
        }
        if let Err(place) = self.0.binary_search(&name) {
            self.0.insert(place, name);
        }
        Ok(())
    }

    /// In small letters, in order, each once.
    pub fn listed(&self) -> &[String] {
        &self.0
    }

    /// Whether values of this name, in small letters, are kept.
    fn shows(&self, name: &str) -> bool {
        HARMLESS.binary_search(&name).is_ok() || self.0.binary_search_by(|one| one.as_str().cmp(name)).is_ok()
    }
}

/// RFC 9110 section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// What is kept of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Hidden,
    /// All of it.
    Whole(String),
    /// As much as fits.
    Beginning(String),
}

/// One field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// In small letters.
    pub name: String,
    /// How long its value is.
    pub bytes: usize,
    /// What is kept of that.
    pub value: Value,
}

/// The fields of a head, as many as fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    kept: Vec<Field>,
    left_out: usize,
    bytes: usize,
}

impl Fields {
    /// Adds one, in small letters, if there is room for it.
    pub fn add(&mut self, name: &str, value: &[u8], names: &Names) {
        let text = if names.shows(name) { beginning(value) } else { Value::Hidden };
        let shown = match &text {
            Value::Hidden => 0,
            Value::Whole(text) | Value::Beginning(text) => text.len(),
        };
        let bytes = size_of::<Field>() + name.len() + shown;
        if self.left_out > 0 || self.bytes + bytes > HEAD_BYTES {
            self.left_out += 1;
            return;
        }
        self.bytes += bytes;
        self.kept.push(Field { name: name.to_owned(), bytes: value.len(), value: text });
    }

    /// In the order in which they came.
    pub fn kept(&self) -> &[Field] {
        &self.kept
    }

    /// How many more there were.
    pub fn left_out(&self) -> usize {
        self.left_out
    }
}

fn beginning(value: &[u8]) -> Value {
    match value.get(..HEAD_VALUE_BYTES) {
        Some(beginning) if value.len() > HEAD_VALUE_BYTES => {
            Value::Beginning(String::from_utf8_lossy(beginning).into_owned())
        }
        _ => Value::Whole(String::from_utf8_lossy(value).into_owned()),
    }
}

/// A request's head, as the client sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The method.
    pub method: String,
    /// The path without the query, as much of it as fits; a record has it, too.
    pub path: String,
    /// How long the query is, if there is one. What it says is hidden: many put tokens there, under any name.
    pub query_bytes: Option<usize>,
    /// The fields.
    pub fields: Fields,
}

impl Asked {
    /// With no fields yet.
    pub fn new(method: &str, path: &str, query: Option<&str>) -> Self {
        let path = path.get(..path.floor_char_boundary(HEAD_PATH_BYTES)).unwrap_or_default();
        let query_bytes = query.map(str::len);
        Self { method: method.to_owned(), path: path.to_owned(), query_bytes, fields: Fields::default() }
    }
}

/// An answer's head, as it was sent to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The fields.
    pub fields: Fields,
}

/// The heads of a request and of its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heads {
    /// `X-CFF-Request-Id`.
    pub request_id: Arc<str>,
    /// The request's.
    pub asked: Asked,
    /// The answer's; none where the client went away before.
    pub answered: Option<Answered>,
}

impl Heads {
    /// Bytes of memory that it takes, about.
    pub fn weight(&self) -> usize {
        let answered = self.answered.as_ref().map_or(0, |answered| answered.fields.bytes);
        let asked = self.asked.method.len() + self.asked.path.len() + self.asked.fields.bytes;
        size_of::<Self>() + self.request_id.len() + asked + answered
    }
}

#[cfg(test)]
mod tests;
