//! Which requests are wanted, by how they went.

use std::ops::RangeInclusive;

use model::record::Record;
use wire::codes;

use crate::problems::{Problems, quoted};
use crate::query::Query;

/// Statuses that a filter may name.
const MOST_STATUSES: usize = 20;

/// What a request must be; everything where nothing is said.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    asked: telemetry::Query,
    version: Option<String>,
    /// One of these; empty: any.
    statuses: Vec<RangeInclusive<u16>>,
    /// Microseconds that it took at least.
    slow: u64,
    cold: bool,
    failed: bool,
    /// In lower case.
    text: Option<String>,
}

impl Filter {
    pub(super) fn read(query: &Query, asked: &telemetry::Query, problems: &mut Problems) -> Self {
        let slow = query.bounded("slow_ms", (0, 0, i64::from(u32::MAX)), problems) as u64;
        Self {
            asked: asked.clone(),
            version: query.text("version").map(str::to_owned),
            statuses: statuses(query.text("status").unwrap_or_default(), problems),
            slow: slow.saturating_mul(1_000),
            cold: query.flag("cold", problems),
            failed: query.flag("failed", problems),
            text: query.text("text").map(str::to_lowercase),
        }
    }

    pub(super) fn wants(&self, record: &Record) -> bool {
        let telemetry::Query { since, until, instance, request_id, .. } = &self.asked;
        since.is_none_or(|since| record.started >= since)
            && until.is_none_or(|until| record.started <= until)
            && instance.as_deref().is_none_or(|instance| record.instance.as_deref() == Some(instance))
            && request_id.as_deref().is_none_or(|id| *record.request_id == *id)
            && self.version.as_deref().is_none_or(|version| *record.version == *version)
            && (self.statuses.is_empty() || self.statuses.iter().any(|range| range.contains(&record.status)))
            && record.timings.whole_us() >= self.slow
            && (!self.cold || record.timings.boot_us > 0)
            && (!self.failed || record.error.is_some() || record.status >= 400)
            && self.text.as_deref().is_none_or(|text| says(record, text))
    }
}

fn says(record: &Record, text: &str) -> bool {
    let error = record.error.as_deref().unwrap_or_default();
    let instance = record.instance.as_deref().unwrap_or_default();
    let asked = format!("{} {}", record.method, record.path);
    [&asked, error, &record.request_id, instance].iter().any(|part| part.to_lowercase().contains(text))
}

/// `404`, `5xx`, or several with commas between.
fn statuses(text: &str, problems: &mut Problems) -> Vec<RangeInclusive<u16>> {
    let words: Vec<&str> = text.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
    let ranges: Option<Vec<_>> = words.iter().map(|word| status(word)).collect();
    problems.unless(ranges.is_some() && words.len() <= MOST_STATUSES, codes::QUERY, || {
        let given = quoted(text);
        format!(
            "query parameter status must be like 404 or 5xx, at most {MOST_STATUSES} with commas between, not {given}"
        )
    });
    ranges.unwrap_or_default()
}

fn status(word: &str) -> Option<RangeInclusive<u16>> {
    if let Some(class) = word.to_ascii_lowercase().strip_suffix("xx") {
        let class: u16 = class.parse().ok().filter(|class| (1..=9).contains(class))?;
        return Some(class * 100..=class * 100 + 99);
    }
    let status = word.parse().ok().filter(|status| (100..=999).contains(status))?;
    Some(status..=status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &[RangeInclusive<u16>]) {
        let mut problems = Problems::default();
        assert_eq!(statuses(text, &mut problems), expect, "{text}");
        assert!(problems.finish().is_ok());
    }

    #[test]
    fn statuses_are_single_ones_and_classes() {
        check("", &[]);
        check("404", &[404..=404]);
        check("5xx, 404,4XX", &[500..=599, 404..=404, 400..=499]);
    }

    #[test]
    fn what_is_no_status_is_told() {
        for text in ["99", "1000", "0xx", "xx", "10xx", "ok", "200,ok", "-1"] {
            let mut problems = Problems::default();
            statuses(text, &mut problems);
            assert!(problems.finish().is_err(), "{text}");
        }
    }
}
