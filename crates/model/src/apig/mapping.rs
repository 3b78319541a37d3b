//! What an API's definition does with a request: its parameters are checked, and the back end gets what it asks for beside them.
//! What is neither declared nor mapped stays as it was written.

use std::borrow::Cow;
use std::collections::BTreeMap;

use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderName, HeaderValue, Uri};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::parameter::{Location, Mapping, Origin, Parameter, System};
use super::{ApiRef, Definition, path};

/// What the gateway knows of a request.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The API that answers it.
    pub api: &'a ApiRef,
    /// Address of the client.
    pub source_ip: &'a str,
    /// Id of the request.
    pub request_id: &'a str,
    /// When it came.
    pub at: Timestamp,
}

/// Checks a request for an API whose path is `template`, and makes it what the back end gets.
///
/// # Errors
/// What the client did wrong, for them.
pub fn apply(definition: &Definition, template: &str, known: Known<'_>, parts: &mut Parts) -> Result<(), String> {
    let mut query = Query::read(parts.uri.query().unwrap_or_default());
    let mut values = BTreeMap::new();
    for parameter in &definition.parameters {
        let given = given(parameter, template, parts, &query)?;
        let first = accept(parameter, given)?;
        hand_on(parameter, first.as_ref(), parts, &mut query)?;
        if let Some((value, _)) = first {
            values.insert(parameter.name.as_str(), value);
        }
    }
    for mapping in &definition.mappings {
        if let Some(value) = value_of(mapping, &values, known) {
            put(mapping.location, &mapping.name, &value, parts, &mut query)?;
        }
    }
    query.write(parts)
}

/// Every value the client gave, decoded: of a repeated parameter each one is checked, as nobody knows which one the back end reads.
fn given(parameter: &Parameter, template: &str, parts: &Parts, query: &Query) -> Result<Vec<String>, String> {
    let name = parameter.name.as_str();
    let text =
        |value: &HeaderValue| value.to_str().map(str::to_owned).map_err(|_| format!("header {name} is not text"));
    match parameter.location {
        Location::Path => {
            let values = path::values(template, parts.uri.path()).filter(|(own, _)| *own == name);
            values.map(|(_, value)| decoded(value, name)).collect()
        }
        Location::Query => query.values(name).map(|value| decoded(&value.replace('+', " "), name)).collect(),
        Location::Header => parts.headers.get_all(name).iter().map(text).collect(),
        Location::Cookie => {
            let lines: Vec<String> =
                parts.headers.get_all(http::header::COOKIE).iter().map(text).collect::<Result<_, _>>()?;
            let pairs = lines.iter().flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
            Ok(pairs.filter(|(own, _)| *own == name).map(|(_, value)| value.to_owned()).collect())
        }
    }
}

fn decoded(text: &str, name: &str) -> Result<String, String> {
    let decoded = percent_decode_str(text).decode_utf8().map_err(|_| format!("parameter {name} is not UTF-8"))?;
    Ok(decoded.into_owned())
}

/// The first value, and whether the client gave it.
fn accept(parameter: &Parameter, given: Vec<String>) -> Result<Option<(String, bool)>, String> {
    let mut first = None;
    for value in given {
        let value = parameter.accept(Some(Cow::Owned(value)))?.map(|value| (value.into_owned(), true));
        first = first.or(value);
    }
    match first {
        Some(first) => Ok(Some(first)),
        None => Ok(parameter.accept(None)?.map(|value| (value.into_owned(), false))),
    }
}

/// What does not pass is taken away; what passes and was not given has its default.
fn hand_on(
    parameter: &Parameter,
    value: Option<&(String, bool)>,
    parts: &mut Parts,
    query: &mut Query,
) -> Result<(), String> {
    let name = parameter.name.as_str();
    match (parameter.location, parameter.pass_through, value) {
        (Location::Query, false, _) => query.remove(name),
        (Location::Header, false, _) => drop(parts.headers.remove(name)),
        (location @ (Location::Query | Location::Header), true, Some((default, false))) => {
            put(location, name, default, parts, query)?;
        }
        _ => {}
    }
    Ok(())
}

fn value_of<'a>(mapping: &'a Mapping, values: &'a BTreeMap<&str, String>, known: Known<'a>) -> Option<Cow<'a, str>> {
    match &mapping.origin {
        Origin::Request(name) => values.get(name.as_str()).map(|value| Cow::Borrowed(value.as_str())),
        Origin::Constant(text) => Some(Cow::Borrowed(text)),
        Origin::System(what) => Some(match what {
            System::SourceIp => Cow::Borrowed(known.source_ip),
            System::Stage => Cow::Borrowed(&known.api.env_name),
            System::ApiId => Cow::Borrowed(&known.api.api_id),
            System::ApiName => Cow::Borrowed(&known.api.name),
            System::RequestId => Cow::Borrowed(known.request_id),
            System::HandleTime => Cow::Owned(known.at.as_millisecond().to_string()),
        }),
    }
}

fn put(location: Location, name: &str, value: &str, parts: &mut Parts, query: &mut Query) -> Result<(), String> {
    if location == Location::Header {
        let wrong = |_| format!("the value of {name} cannot stand in a header");
        let header = HeaderName::try_from(name).map_err(|_| format!("{name} is no header"))?;
        parts.headers.insert(header, HeaderValue::try_from(value).map_err(wrong)?);
    } else {
        query.remove(name);
        query.add(name, value);
    }
    Ok(())
}

/// A query, each pair as it was written.
struct Query {
    pairs: Vec<String>,
    changed: bool,
}

impl Query {
    fn read(query: &str) -> Self {
        let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(str::to_owned).collect();
        Self { pairs, changed: false }
    }

    fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |pair| is_named(pair, name)).map(|pair| halves(pair).1)
    }

    fn remove(&mut self, name: &str) {
        let before = self.pairs.len();
        self.pairs.retain(|pair| !is_named(pair, name));
        self.changed |= self.pairs.len() != before;
    }

    fn add(&mut self, name: &str, value: &str) {
        let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
        self.pairs.push(format!("{}={}", encoded(name), encoded(value)));
        self.changed = true;
    }

    fn write(self, parts: &mut Parts) -> Result<(), String> {
        if !self.changed {
            return Ok(());
        }
        let path = parts.uri.path();
        let text = if self.pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", self.pairs.join("&")) };
        let wrong = || "the query has become too long".to_owned();
        let mut uri = std::mem::take(&mut parts.uri).into_parts();
        uri.path_and_query = Some(PathAndQuery::try_from(text).map_err(|_| wrong())?);
        parts.uri = Uri::from_parts(uri).map_err(|_| wrong())?;
        Ok(())
    }
}

fn halves(pair: &str) -> (&str, &str) {
    pair.split_once('=').unwrap_or((pair, ""))
}

fn is_named(pair: &str, name: &str) -> bool {
    let own = halves(pair).0.replace('+', " ");
    percent_decode_str(&own).decode_utf8().is_ok_and(|own| own == name)
}

#[cfg(test)]
mod tests;
