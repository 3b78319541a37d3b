//! Query parameters, with every problem reported.

use std::collections::BTreeMap;

use axum::extract::FromRequestParts;
use http::request::Parts;
use jiff::Timestamp;
use wire::codes;

use crate::error::Error;
use crate::problems::{Problems, quoted};

/// The parameters of a request by name; of a repeated one, the last.
#[derive(Debug, Default)]
pub(crate) struct Query(BTreeMap<String, String>);

impl Query {
    /// The value of a parameter, unless it is missing or empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// A whole number.
    pub(crate) fn number(&self, name: &str, problems: &mut Problems) -> Option<i64> {
        let text = self.text(name)?;
        let number = text.parse().ok();
        problems.unless(number.is_some(), codes::QUERY, || {
            format!("query parameter {name} must be a whole number, not {}", quoted(text))
        });
        number
    }

    /// A number within limits, or its default.
    pub(crate) fn bounded(&self, name: &str, (least, usual, most): (i64, i64, i64), problems: &mut Problems) -> usize {
        let number = self.number(name, problems).unwrap_or(usual);
        problems.unless((least..=most).contains(&number), codes::QUERY, || {
            format!("query parameter {name} must be {least} to {most}, not {number}")
        });
        usize::try_from(number).unwrap_or_default()
    }

    /// A point in time.
    pub(crate) fn time(&self, name: &str, problems: &mut Problems) -> Option<Timestamp> {
        let text = self.text(name)?;
        let time = text.parse().ok();
        problems.unless(time.is_some(), codes::QUERY, || {
            format!("query parameter {name} must be a time like 2026-01-02T03:04:05Z, not {}", quoted(text))
        });
        time
    }

    /// `true` or `false`; false if missing.
    pub(crate) fn flag(&self, name: &str, problems: &mut Problems) -> bool {
        let text = self.text(name).unwrap_or("false");
        problems.unless(matches!(text, "true" | "false"), codes::QUERY, || {
            format!("query parameter {name} must be true or false, not {}", quoted(text))
        });
        text == "true"
    }
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        match axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&parts.uri) {
            Ok(pairs) => Ok(Self(pairs.0.into_iter().collect())),
            Err(_) => Err(Error::new(codes::QUERY, "the query string is not percent-encoded UTF-8")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> Query {
        Query(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn every_wrong_parameter_is_named() {
        let query = query(&[("limit", "0"), ("since", "yesterday"), ("follow", "yes"), ("marker", "x")]);
        let mut problems = Problems::default();
        query.bounded("limit", (1, 100, 10_000), &mut problems);
        query.time("since", &mut problems);
        query.flag("follow", &mut problems);
        query.number("marker", &mut problems);
        let error = problems.finish().unwrap_err();
        for part in
            ["limit must be 1 to 10000, not 0", "'yesterday'", "'yes'", "marker must be a whole number, not 'x'"]
        {
            assert!(error.message().contains(part), "{}", error.message());
        }
    }

    #[test]
    fn missing_and_empty_parameters_have_their_defaults() {
        let query = query(&[("limit", "")]);
        let mut problems = Problems::default();
        assert_eq!(query.bounded("limit", (1, 100, 10_000), &mut problems), 100);
        assert!(!query.flag("follow", &mut problems));
        assert!(problems.finish().is_ok());
    }
}
