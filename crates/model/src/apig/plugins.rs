//! Plug-ins: documents that change what the gateway does with an API's calls. Those that are there are in [`Kind`].

mod cors;
mod headers;
mod rate_limit;
mod rule;

use jiff::Timestamp;

pub use cors::Cors;
pub use headers::{Action, Change, ResponseHeaders};
pub use rate_limit::RateLimit;
pub use rule::{Rule, Seen};

/// Characters of a document.
pub const CONTENT_CHARS: usize = 65_535;

/// `plugin_type`, as far as it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Cross-origin resource sharing.
    Cors,
    /// Changes of response headers.
    SetRespHeaders,
    /// Limits of calls.
    RateLimit,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Cors, Self::SetRespHeaders, Self::RateLimit];
    /// What the specification has beside them.
    pub const NOT_THERE: [&'static str; 7] =
        ["kafka_log", "breaker", "third_auth", "proxy_cache", "proxy_mirror", "oidc_auth", "jwt_auth"];

    /// As the wire spells it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Cors => "cors",
            Self::SetRespHeaders => "set_resp_headers",
            Self::RateLimit => "rate_limit",
        }
    }

    /// From the wire's spelling.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|own| own.code() == code)
    }
}

/// A plug-in as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plugin {
    /// 32 hexadecimal digits.
    pub id: String,
    /// The project it belongs to.
    pub project: String,
    /// Unique in the project.
    pub name: String,
    /// What its document is.
    pub kind: Kind,
    /// The document, as it was sent.
    pub content: String,
    /// For people.
    pub remark: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub modified: Timestamp,
}

/// A document that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Of [`Kind::Cors`].
    Cors(Cors),
    /// Of [`Kind::SetRespHeaders`].
    SetRespHeaders(ResponseHeaders),
    /// Of [`Kind::RateLimit`].
    RateLimit(RateLimit),
}

impl Content {
    /// Reads a document.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(kind: Kind, text: &str) -> Result<Self, Vec<String>> {
        if text.chars().count() > CONTENT_CHARS {
            return Err(vec![format!("has more than {CONTENT_CHARS} characters")]);
        }
        match kind {
            Kind::Cors => Cors::read(text).map(Self::Cors),
            Kind::SetRespHeaders => ResponseHeaders::read(text).map(Self::SetRespHeaders),
            Kind::RateLimit => RateLimit::read(text).map(Self::RateLimit),
        }
    }
}

/// A document of a known shape, or why it is none.
fn shape<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Vec<String>> {
    if !text.trim_start().starts_with('{') {
        return Err(vec!["cannot be read: it is not a JSON object".to_owned()]);
    }
    serde_json::from_str(text).map_err(|error| vec![format!("cannot be read: {error}")])
}

#[cfg(test)]
mod tests;
