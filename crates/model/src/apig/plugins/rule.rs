//! Rules of a `rate_limit` plug-in: a limit of its own for the requests that a condition on their parts picks out, such as all whose
//! `Host` is `www.example.com`.
//!
//! The vendor's document has conditions as JSON in a text: `["Host","==","www.example.com"]`, a name from the document's `parameters`, an
//! operator and a value. Several in one list must all hold.

use std::borrow::Cow;
use std::net::IpAddr;

use http::{HeaderMap, HeaderName, Method, Uri};
use percent_encoding::percent_decode_str;
use regex::bytes::{Regex, RegexBuilder};
use serde::Deserialize;

use crate::apig::ApiRef;
use crate::apig::throttles::{Period, Unit};

/// Rules of one document, as the vendor limits them.
const RULES: usize = 100;
/// Characters of the name of a parameter, as the vendor limits it.
const NAME_CHARS: usize = 32;
/// Bytes that a pattern may take when it is ready to be used.
const PATTERN_BYTES: usize = 64 * 1024;
/// Most calls and longest interval, as of throttling policies.
const MOST: u32 = i32::MAX as u32;

/// A limit for the requests that fit it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Unique in its document: it names the counter.
    pub name: String,
    /// The window.
    pub period: Period,
    /// Calls in one window.
    pub limit: u32,
    conditions: Vec<Condition>,
}

/// What conditions look at.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// As it came.
    pub method: &'a Method,
    /// As it came.
    pub uri: &'a Uri,
    /// As they came.
    pub headers: &'a HeaderMap,
    /// The client.
    pub source: IpAddr,
    /// What is called.
    pub api: &'a ApiRef,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Condition {
    part: Part,
    test: Test,
}

/// A part of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Header(HeaderName),
    Query(String),
    Path,
    Method,
    SourceIp,
    Stage,
    ApiId,
    ApiName,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    Is(String),
    IsNot(String),
    OneOf(Vec<String>),
    Matches(Pattern),
}

/// A regular expression that takes time in proportion to the text, whatever it is.
#[derive(Clone, Debug)]
struct Pattern(Regex);

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Pattern {}

/// An entry of `parameters`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parameter {
    #[serde(default, rename = "id")]
    _id: String,
    r#type: String,
    name: String,
    #[serde(default)]
    value: String,
}

/// An entry of `rules`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    #[serde(default)]
    match_regex: String,
    rule_name: String,
    #[serde(default)]
    time_unit: String,
    #[serde(default)]
    interval: u32,
    limit: u32,
}

impl Rule {
    /// Whether the rule's limit is this request's.
    pub fn fits(&self, seen: Seen<'_>) -> bool {
        self.conditions.iter().all(|condition| condition.holds(seen))
    }
}

/// Reads `parameters` and `rules`. A rule without a period of its own has that of the document.
pub(super) fn read(
    parameters: &[Parameter],
    entries: &[Entry],
    period: Period,
    problems: &mut Vec<String>,
) -> Vec<Rule> {
    if entries.len() > RULES {
        problems.push(format!("rules: at most {RULES}, not {}", entries.len()));
    }
    let mut parts = Vec::new();
    for (number, parameter) in parameters.iter().enumerate() {
        match parameter.part() {
            Ok(part) => parts.push((parameter.name.as_str(), part)),
            Err(problem) => problems.push(format!("parameters[{number}].{problem}")),
        }
    }
    let mut rules: Vec<Rule> = Vec::new();
    for (number, entry) in entries.iter().enumerate().take(RULES) {
        match entry.read(&parts, period) {
            Ok(rule) if rules.iter().any(|other| other.name == rule.name) => {
                problems.push(format!("rules[{number}].rule_name '{}' is there twice", rule.name.escape_debug()));
            }
            Ok(rule) => rules.push(rule),
            Err(problem) => problems.push(format!("rules[{number}].{problem}")),
        }
    }
    rules
}

impl Parameter {
    fn part(&self) -> Result<Part, String> {
        if self.name.is_empty() || self.name.chars().count() > NAME_CHARS {
            return Err(format!("name must have 1 to {NAME_CHARS} characters"));
        }
        let value = if self.value.is_empty() { &self.name } else { &self.value };
        match self.r#type.as_str() {
            "path" => Ok(Part::Path),
            "method" => Ok(Part::Method),
            "query" => Ok(Part::Query(value.clone())),
            "header" => value.parse().map(Part::Header).map_err(|_| "value must be the name of a header".to_owned()),
            "system" => match value.strip_prefix("$context.").unwrap_or(value) {
                "sourceIp" => Ok(Part::SourceIp),
                "stage" => Ok(Part::Stage),
                "apiId" => Ok(Part::ApiId),
                "apiName" => Ok(Part::ApiName),
                _ => Err("value must be sourceIp, stage, apiId or apiName".to_owned()),
            },
            _ => Err("type must be path, method, header, query or system".to_owned()),
        }
    }
}

impl Entry {
    fn read(&self, parts: &[(&str, Part)], default: Period) -> Result<Rule, String> {
        if self.rule_name.is_empty() || self.rule_name.chars().count() > 64 {
            return Err("rule_name must have 1 to 64 characters".to_owned());
        }
        if !(1..=MOST).contains(&self.limit) {
            return Err(format!("limit must be 1 to {MOST}, not {}", self.limit));
        }
        if self.interval > MOST {
            return Err(format!("interval must be 0 (the document's) to {MOST}, not {}", self.interval));
        }
        let unit = match self.time_unit.as_str() {
            "" => default.unit,
            own => Unit::of_word(own).ok_or("time_unit must be second, minute, hour or day")?,
        };
        let period = if self.interval == 0 { default } else { Period { interval: self.interval, unit } };
        let conditions = conditions(&self.match_regex, parts).map_err(|why| format!("match_regex {why}"))?;
        Ok(Rule { name: self.rule_name.clone(), period, limit: self.limit, conditions })
    }
}

/// One condition, or a list of them.
fn conditions(text: &str, parts: &[(&str, Part)]) -> Result<Vec<Condition>, String> {
    let form = "must be a condition such as [\"Host\",\"==\",\"www.example.com\"], or a list of them";
    let one = serde_json::from_str::<[String; 3]>(text).map(|one| vec![one]);
    let all = one.or_else(|_| serde_json::from_str::<Vec<[String; 3]>>(text)).map_err(|_| form.to_owned())?;
    if all.is_empty() {
        return Err(form.to_owned());
    }
    all.into_iter().map(|[name, operator, value]| condition((&name, &operator), value, parts)).collect()
}

fn condition((name, operator): (&str, &str), value: String, parts: &[(&str, Part)]) -> Result<Condition, String> {
    let part = parts.iter().find(|(own, _)| *own == name).map(|(_, part)| part.clone());
    let part = part.ok_or_else(|| format!("names '{}', which is none of parameters", name.escape_debug()))?;
    let test = match operator {
        "==" | "=" => Test::Is(value),
        "!=" => Test::IsNot(value),
        "enum" => Test::OneOf(value.split(',').map(|one| one.trim().to_owned()).collect()),
        "pattern" => Test::Matches(pattern(&value)?),
        _ => return Err(format!("has the operator '{}'; there are ==, !=, enum and pattern", operator.escape_debug())),
    };
    Ok(Condition { part, test })
}

fn pattern(text: &str) -> Result<Pattern, String> {
    let built = RegexBuilder::new(text).unicode(false).size_limit(PATTERN_BYTES).dfa_size_limit(PATTERN_BYTES).build();
    built.map(Pattern).map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "has a pattern that is too large".to_owned(),
        _ => "has a pattern that is no regular expression".to_owned(),
    })
}

impl Condition {
    /// What a request does not have is not equal to anything.
    fn holds(&self, seen: Seen<'_>) -> bool {
        let value = self.part.of(seen);
        let is = |text: &String| value.as_deref() == Some(text.as_bytes());
        match &self.test {
            Test::Is(text) => is(text),
            Test::IsNot(text) => !is(text),
            Test::OneOf(texts) => texts.iter().any(is),
            Test::Matches(pattern) => value.as_deref().is_some_and(|value| pattern.0.is_match(value)),
        }
    }
}

impl Part {
    /// Of a header or a query the first value.
    fn of<'a>(&self, seen: Seen<'a>) -> Option<Cow<'a, [u8]>> {
        let text = |text: &'a str| Some(Cow::Borrowed(text.as_bytes()));
        match self {
            Self::Header(name) => seen.headers.get(name).map(|value| Cow::Borrowed(value.as_bytes())),
            Self::Query(name) => query(seen.uri.query()?, name),
            Self::Path => text(seen.uri.path()),
            Self::Method => text(seen.method.as_str()),
            Self::SourceIp => Some(Cow::Owned(seen.source.to_string().into_bytes())),
            Self::Stage => text(&seen.api.env_name),
            Self::ApiId => text(&seen.api.api_id),
            Self::ApiName => text(&seen.api.name),
        }
    }
}

fn query<'a>(query: &'a str, name: &str) -> Option<Cow<'a, [u8]>> {
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let (_, value) = pairs.into_iter().find(|(own, _)| percent_decode_str(own).eq(name.bytes()))?;
    Some(match value.contains('+') {
        true => Cow::Owned(percent_decode_str(&value.replace('+', " ")).collect()),
        false => percent_decode_str(value).into(),
    })
}
