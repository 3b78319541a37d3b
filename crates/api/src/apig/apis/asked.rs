//! What a test of an API asks for, read with every problem at once.

use std::fmt::Write as _;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use model::trigger::RELEASE_ENV;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;
use wire::apig::apis::DebugRequest;

use super::super::rule::{self, Rule};
use crate::body::{self, Payload, Rules};
use crate::error::Error;
use crate::problems::{Problems, quoted};

/// Bytes of a body.
const BODY: usize = 2_097_152;
const PATH: usize = 1024;
/// Characters of a name, and how many values there may be of either kind.
const NAME: usize = 32;
const VALUES: usize = 100;
/// What is between the gateway and its client, or between the test and the gateway.
const KEPT: [&str; 10] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "expect",
    "upgrade",
    "te",
    "trailer",
    "x-stage",
    "forwarded",
];
/// What stands in a query as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A request for a test.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) secure: bool,
    pub(super) path: String,
    /// Encoded, without `?`.
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// Host, maybe with a port; the group's own if nobody says.
    pub(super) domain: Option<String>,
    /// The environment where it is published; none is what is edited.
    pub(super) stage: Option<String>,
    /// Key and secret of an app that signs.
    pub(super) app: Option<(String, String)>,
}

impl Asked {
    pub(super) fn target(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }

    pub(super) fn scheme(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }
}

pub(super) fn read(payload: &Payload) -> Result<Asked, Error> {
    let mut problems = Problems::default();
    let given: DebugRequest = body::read(&payload.0, Rules::new("", rule::code_of), &mut problems);
    let mut rule = Rule { problems: &mut problems };
    let modes = "DEVELOPER (as it is edited) or CONSUMER (as it is published); MARKET is not there";
    let mode = rule.required("mode", modes, given.mode, |mode| matches!(mode, "DEVELOPER" | "CONSUMER"));
    let scheme = rule.required("scheme", "HTTP or HTTPS", given.scheme, |scheme| matches!(scheme, "HTTP" | "HTTPS"));
    let must = "one of GET, POST, PUT, DELETE, HEAD, PATCH, OPTIONS";
    let is_method = |method: &str| method != "ANY" && super::definition::is_method(method);
    let method = rule.required("method", must, given.method, is_method);
    let must = "a path that begins with / and is percent-encoded UTF-8, at most 1024 bytes";
    let path = rule.required("path", must, given.path, is_path);
    let published = mode == "CONSUMER";
    let must = "the name of an environment where the API is published; as it is edited (DEVELOPER) it is in RELEASE";
    let fits = |stage: &str| (published && HeaderValue::from_str(stage).is_ok()) || stage == RELEASE_ENV;
    let stage = rule.optional("stage", must, given.stage, fits).unwrap_or_else(|| RELEASE_ENV.to_owned());
    let domain = rule.optional("domain", "a host, with a port if need be", given.domain, is_authority);
    let body = given.body.unwrap_or_default();
    rule.wrong_unless(body.len() <= BODY, || format!("body must have at most {BODY} bytes, not {}", body.len()));
    let headers = headers(given.header, published, &mut rule);
    let query = query(given.query, &mut rule);
    let app = match (given.app_key.filter(|key| !key.is_empty()), given.app_secret.filter(|secret| !secret.is_empty()))
    {
        (Some(key), Some(secret)) => Some((key, secret)),
        (key, secret) => {
            let text = || "app_key and app_secret go together: give both or none".to_owned();
            rule.wrong_unless(key.is_none() && secret.is_none(), text);
            None
        }
    };
    problems.finish()?;
    Ok(Asked {
        method: method.parse().map_err(Error::internal)?,
        secure: scheme == "HTTPS",
        stage: published.then_some(stage),
        body: body.into(),
        path,
        query,
        headers,
        domain,
        app,
    })
}

fn is_path(path: &str) -> bool {
    let visible = path.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#'));
    path.starts_with('/')
        && path.len() <= PATH
        && visible
        && path.parse::<Uri>().is_ok()
        && percent_decode_str(path).decode_utf8().is_ok()
}

fn is_authority(text: &str) -> bool {
    let authority = text.parse::<http::uri::Authority>();
    authority.is_ok_and(|authority| !authority.as_str().contains('@') && !authority.host().is_empty())
}

/// Names and their values, one or several each.
fn pairs(field: &str, given: Option<Value>, rule: &mut Rule<'_>) -> Vec<(String, String)> {
    let given = match given {
        None | Some(Value::Null) => return Vec::new(),
        Some(Value::Object(given)) => given,
        Some(_) => {
            rule.wrong_unless(false, || format!("{field} must be an object: a list of texts for each name"));
            return Vec::new();
        }
    };
    let mut found = Vec::new();
    for (name, value) in given {
        let values = if let Value::Array(values) = value { values } else { vec![value] };
        for value in values {
            match value {
                Value::String(text) => found.push((name.clone(), text)),
                _ => {
                    rule.wrong_unless(false, || format!("{field} {} must be a text or a list of texts", quoted(&name)))
                }
            }
        }
    }
    rule.wrong_unless(found.len() <= VALUES, || {
        format!("{field} must have at most {VALUES} values, not {}", found.len())
    });
    found.truncate(VALUES);
    found
}

fn is_name(name: &str, beside: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    name.len() <= NAME
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || beside.contains(c))
        && !["x-apig-", "x-sdk-"].iter().any(|begin| lower.starts_with(begin))
        && lower != "x-stage"
}

fn headers(given: Option<Value>, published: bool, rule: &mut Rule<'_>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs("header", given, rule) {
        let lower = name.to_ascii_lowercase();
        let proof = published && matches!(lower.as_str(), "x-auth-token" | "authorization");
        let fits = is_name(&name, ".-") && !KEPT.contains(&lower.as_str()) && !proof;
        rule.wrong_unless(fits, || {
            let more = if published { ", X-Auth-Token, Authorization" } else { "" };
            format!(
                "header {} must be at most {NAME} letters, digits, '.' and '-' that begin with a letter, not X-Apig-…, X-Sdk-…{more} \
                 or one of {}",
                quoted(&name),
                KEPT.join(", ")
            )
        });
        match (HeaderName::try_from(lower), HeaderValue::try_from(value)) {
            (Ok(name), Ok(value)) => drop(headers.append(name, value)),
            (Ok(_), Err(_)) => {
                rule.wrong_unless(false, || format!("header {} has a value that is none", quoted(&name)))
            }
            (Err(_), _) => {}
        }
    }
    headers
}

fn query(given: Option<Value>, rule: &mut Rule<'_>) -> String {
    let mut query = String::new();
    for (name, value) in pairs("query", given, rule) {
        rule.wrong_unless(is_name(&name, "._-"), || {
            format!(
                "query {} must be at most {NAME} letters, digits, '.', '_' and '-' that begin with a letter, not X-Stage, X-Apig-… or \
                 X-Sdk-…",
                quoted(&name)
            )
        });
        let between = if query.is_empty() { "" } else { "&" };
        // Writing to a text cannot fail.
        let _ = write!(query, "{between}{}={}", name, utf8_percent_encode(&value, PLAIN));
    }
    query
}
