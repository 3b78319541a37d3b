//! The functions with the most of something.

use axum::Json;
use axum::extract::State as Extract;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use model::statistics::Counts;
use std::time::Duration;
use telemetry::{Minute, Telemetry, minute_of};
use wire::codes;
use wire::fgs::metrics::{FunctionMetric, ReportResponse};

use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::query::Query;
use crate::signature::Caller;
use crate::state::State;

/// Least, usual and most functions of an answer.
const LIMIT: (i64, i64, i64) = (1, 10, 400);

pub(super) async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    query: Query,
) -> Result<Json<ReportResponse>, Error> {
    let wanted = Wanted::read(&query, model::time::now())?;
    let functions = state.store.functions(&caller.project);
    let urns = functions.iter().map(|function| (function.id.to_string(), function.latest.urn())).collect();
    let telemetry = state.telemetry.clone();
    Ok(Json(tokio::task::spawn_blocking(move || wanted.answer(&telemetry, urns)).await??))
}

/// What is to be compared.
struct Wanted {
    metric: Metric,
    start: Timestamp,
    end: Timestamp,
    limit: usize,
}

impl Wanted {
    fn read(query: &Query, now: Timestamp) -> Result<Self, Error> {
        let mut problems = Problems::default();
        let name = query.text("type").unwrap_or("failcount");
        let metric = Metric::named(name);
        problems.unless(metric.is_some(), codes::QUERY, || {
            let names = Metric::ALL.map(|(name, _)| name).join(", ");
            format!("query parameter type must be one of {names}, not {}", quoted(name))
        });
        let end = moment(query, "end_time", &mut problems).unwrap_or(now);
        let day = Duration::from_hours(24);
        let start = moment(query, "start_time", &mut problems).or_else(|| end.checked_sub(day).ok()).unwrap_or(end);
        problems.unless(start <= end, codes::QUERY, || "start_time must not be after end_time".to_owned());
        let limit = query.bounded("limit", LIMIT, &mut problems);
        problems.finish()?;
        Ok(Self { metric: metric.unwrap_or(Metric::Failures), start, end, limit })
    }

    fn answer(&self, telemetry: &Telemetry, urns: Vec<(String, String)>) -> Result<ReportResponse, Error> {
        let mut values = Vec::new();
        let last = minute_of(self.end);
        for (function, key) in urns {
            let mut all = Counts::default();
            let minutes = telemetry.minutes(&function, self.start)?;
            for Minute { counts, .. } in minutes.iter().filter(|minute| minute.minute <= last) {
                all.then(counts);
            }
            let value = self.metric.of(&all);
            if value > 0 {
                values.push(FunctionMetric { key, value: i32::try_from(value).unwrap_or(i32::MAX) });
            }
        }
        values.sort_by(|a, b| b.value.cmp(&a.value).then_with(|| a.key.cmp(&b.key)));
        values.truncate(self.limit);
        let count = i64::try_from(values.len()).unwrap_or(i64::MAX);
        Ok(ReportResponse { values, next_marker: 0, count })
    }
}

/// A metric by the vendor's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Metric {
    Invocations,
    Failures,
    Rejects,
    /// Milliseconds on average.
    Duration,
    Longest,
    Shortest,
    Concurrency,
    Reserved,
}

impl Metric {
    /// `behaviour.md` 8.7.
    const ALL: [(&str, Self); 8] = [
        ("count", Self::Invocations),
        ("failcount", Self::Failures),
        ("rejectcount", Self::Rejects),
        ("duration", Self::Duration),
        ("maxDuration", Self::Longest),
        ("minDuration", Self::Shortest),
        ("concurrency", Self::Concurrency),
        ("reservedinstancenum", Self::Reserved),
    ];

    fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(name, _)| *name == text).map(|(_, metric)| metric)
    }

    fn of(self, counts: &Counts) -> u64 {
        let milliseconds = |micros: u64| micros.div_ceil(1000);
        let gauges = counts.gauges.unwrap_or_default();
        match self {
            Self::Invocations => counts.invocations,
            Self::Failures => counts.failures,
            Self::Rejects => counts.rejects,
            Self::Duration => milliseconds(counts.durations.sum.checked_div(counts.durations.count).unwrap_or(0)),
            Self::Longest => milliseconds(counts.durations.most),
            Self::Shortest => milliseconds(counts.durations.least),
            Self::Concurrency => gauges.concurrency,
            Self::Reserved => gauges.reserved,
        }
    }
}

/// A time as clients write it: the vendor does not say how, so each of its own forms is taken (`api.md` c.5).
fn moment(query: &Query, name: &str, problems: &mut Problems) -> Option<Timestamp> {
    let text = query.text(name)?;
    let moment = parse(text);
    problems.unless(moment.is_some(), codes::QUERY, || {
        format!(
            "query parameter {name} must be a time like 2026-01-02T03:04:05Z, 2026-01-02 03:04:05 (UTC) or milliseconds since \
             1970, not {}",
            quoted(text)
        )
    });
    moment
}

fn parse(text: &str) -> Option<Timestamp> {
    /// From here on it cannot be seconds.
    const MILLISECONDS: i64 = 100_000_000_000;
    if let Ok(number) = text.parse::<i64>() {
        return match number.abs() < MILLISECONDS {
            true => Timestamp::from_second(number).ok(),
            false => Timestamp::from_millisecond(number).ok(),
        };
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let civil: DateTime = text.parse().ok()?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_form_of_the_vendor() {
        let at: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        for text in
            ["2026-01-02T03:04:05Z", "2026-01-02T04:04:05+01:00", "2026-01-02 03:04:05", "1767323045", "1767323045000"]
        {
            assert_eq!(parse(text), Some(at), "{text}");
        }
        assert_eq!((parse("yesterday"), parse("")), (None, None));
    }
}
