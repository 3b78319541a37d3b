//! Aliases: a name that stands for one published version, or for two of which each request goes to one. Facts: `behaviour.md` 8.1.
//!
//! [`Choice::pick`] is the only place where a request's version is decided; whoever has a request calls it once.

use std::sync::Arc;

use http::HeaderMap;
use http::header::COOKIE;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::function::Version;
use crate::urn::Qualifier;

/// An alias as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// Its name, without the `!` of a URN.
    pub name: String,
    /// The main version: `latest` or a published one.
    pub version: Qualifier,
    /// The published version that some requests go to instead.
    pub additional: Option<Additional>,
    /// Free text.
    pub description: String,
    /// When it was created.
    pub created: Timestamp,
    /// When it last changed.
    pub modified: Timestamp,
}

/// The second version of an alias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Additional {
    /// Name of a published version; never the main one, never `latest`.
    pub version: String,
    /// Which requests go there.
    pub share: Share,
}

/// Which requests go to the additional version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Share {
    /// So many of a hundred, 0 to 100, drawn anew for each.
    Weight(u8),
    /// Those that a rule says.
    Rules(Rules),
}

/// What must be true of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// Whether all rules must hold or one is enough.
    pub combine: Combine,
    /// At least one.
    pub rules: Vec<Rule>,
}

/// `combine_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Combine {
    /// Every rule holds.
    And,
    /// At least one does.
    Or,
}

/// A comparison of one header or cookie; false where the request has none of that name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Where the parameter is.
    pub place: Place,
    /// `rule_type` as the client spelt it: clients compare what they sent with what they get.
    pub rule_type: String,
    /// Name of the header (letters of either case are the same) or of the cookie (they are not).
    pub param: String,
    /// How it is compared.
    pub op: Op,
    /// With what; white space around either side does not count.
    pub value: String,
}

/// Where a rule's parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// A request header.
    Header,
    /// A cookie of the request.
    Cookie,
}

/// How a rule compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Op {
    /// The same text.
    #[serde(rename = "=")]
    Equal,
    /// Another text.
    #[serde(rename = "!=")]
    NotEqual,
    /// One of the texts in a comma-separated list; empty ones do not count.
    #[serde(rename = "in")]
    In,
    /// Both are whole numbers, and the request's is larger.
    #[serde(rename = ">")]
    Greater,
    /// ... or smaller.
    #[serde(rename = "<")]
    Less,
    /// ... not smaller.
    #[serde(rename = ">=")]
    NotLess,
    /// ... not larger.
    #[serde(rename = "<=")]
    NotGreater,
}

impl Op {
    /// All of them, the documented two first.
    pub const ALL: [Self; 7] =
        [Self::Equal, Self::In, Self::NotEqual, Self::Greater, Self::Less, Self::NotLess, Self::NotGreater];

    /// As the wire spells it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::In => "in",
            Self::Greater => ">",
            Self::Less => "<",
            Self::NotLess => ">=",
            Self::NotGreater => "<=",
        }
    }
}

/// What a qualifier stands for: the versions a request may go to.
#[derive(Clone, Debug)]
pub enum Choice {
    /// Always this one.
    Fixed(Arc<Version>),
    /// One of two.
    Split {
        /// Where requests go unless the share says otherwise.
        main: Arc<Version>,
        /// Where the others go.
        additional: Arc<Version>,
        /// Which those are.
        share: Arc<Share>,
    },
}

impl Choice {
    /// The version that one request goes to. `draw` gives a number that is uniform over all of its values; it is asked for at
    /// most once, and only if chance decides.
    pub fn pick(&self, headers: &HeaderMap, draw: impl FnOnce() -> u64) -> &Arc<Version> {
        match self {
            Self::Fixed(version) => version,
            Self::Split { main, additional, share } => {
                let there = match &**share {
                    Share::Weight(0) => false,
                    // The remainder's unevenness is one part in 10^17.
                    Share::Weight(weight) => draw() % 100 < u64::from(*weight),
                    Share::Rules(rules) => rules.hold(headers),
                };
                if there { additional } else { main }
            }
        }
    }

    /// The version that requests go to unless something says otherwise.
    pub fn main(&self) -> &Arc<Version> {
        match self {
            Self::Fixed(main) | Self::Split { main, .. } => main,
        }
    }
}

impl Rules {
    /// Whether they hold for a request.
    pub fn hold(&self, headers: &HeaderMap) -> bool {
        match self.combine {
            Combine::And => !self.rules.is_empty() && self.rules.iter().all(|rule| rule.holds(headers)),
            Combine::Or => self.rules.iter().any(|rule| rule.holds(headers)),
        }
    }
}

impl Rule {
    fn holds(&self, headers: &HeaderMap) -> bool {
        let found = match self.place {
            Place::Header => headers.get(self.param.as_str()).map(|value| value.as_bytes()),
            Place::Cookie => cookie(headers, self.param.as_bytes()),
        };
        found.is_some_and(|found| self.op.compare(found.trim_ascii(), self.value.trim().as_bytes()))
    }
}

impl Op {
    fn compare(self, found: &[u8], value: &[u8]) -> bool {
        let numbers = |fits: fn(&i64, &i64) -> bool| match (number(found), number(value)) {
            (Some(found), Some(value)) => fits(&found, &value),
            _ => false,
        };
        match self {
            Self::Equal => found == value,
            Self::NotEqual => found != value,
            Self::In => {
                value.split(|b| *b == b',').map(<[u8]>::trim_ascii).any(|item| !item.is_empty() && item == found)
            }
            Self::Greater => numbers(i64::gt),
            Self::Less => numbers(i64::lt),
            Self::NotLess => numbers(i64::ge),
            Self::NotGreater => numbers(i64::le),
        }
    }
}

fn number(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// The first cookie of this name. A client may spread its cookies over several header fields (RFC 9113 section 8.2.3); a value
/// may stand in double quotes (RFC 6265 section 4.1.1).
fn cookie<'a>(headers: &'a HeaderMap, name: &[u8]) -> Option<&'a [u8]> {
    let pairs = headers.get_all(COOKIE).into_iter().flat_map(|value| value.as_bytes().split(|b| *b == b';'));
    let value = pairs
        .filter_map(|pair| {
            let at = pair.iter().position(|b| *b == b'=')?;
            let (own, value) = pair.split_at_checked(at)?;
            (own.trim_ascii() == name).then(|| value.get(1..).unwrap_or_default().trim_ascii())
        })
        .next()?;
    let quoted = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\""));
    Some(quoted.unwrap_or(value))
}

#[cfg(test)]
mod tests;
