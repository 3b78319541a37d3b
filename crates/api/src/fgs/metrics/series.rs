//! Minutes become points of a grid.

use std::collections::BTreeMap;

use jiff::Timestamp;
use model::statistics::{Counts, Gauges};
use telemetry::{Minute, minute_of};
use wire::fgs::metrics::Point;

/// What a point without data has.
const NO_DATA: f64 = -1.0;

/// Equal spans of time, aligned to their length; the last one has now in it, but for those skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    /// Minutes of a point.
    step: i64,
    points: i64,
    /// Number of the last span since 1970.
    last: i64,
}

impl Grid {
    pub(super) fn new(step: i64, points: i64, skip: i64) -> Self {
        Self::at(model::time::now(), step, points, skip)
    }

    fn at(now: Timestamp, step: i64, points: i64, skip: i64) -> Self {
        Self { step, points, last: minute_of(now).div_euclid(step) - skip }
    }

    fn spans(&self) -> impl Iterator<Item = i64> {
        self.last - self.points + 1..=self.last
    }

    /// Its beginning.
    pub(super) fn since(&self) -> Timestamp {
        let first = (self.last - self.points + 1).saturating_mul(self.step);
        Timestamp::from_second(first.saturating_mul(60)).unwrap_or(Timestamp::MIN)
    }
}

/// What happened in each span of a grid.
#[derive(Debug)]
pub(super) struct Series {
    grid: Grid,
    spans: BTreeMap<i64, Counts>,
}

impl Series {
    pub(super) fn new(grid: Grid, minutes: &[Minute]) -> Self {
        let mut spans = BTreeMap::<i64, Counts>::new();
        for Minute { minute, counts } in minutes {
            spans.entry(minute.div_euclid(grid.step)).or_default().then(counts);
        }
        Self { grid, spans }
    }

    /// A count; without an invocation there is no data.
    pub(super) fn calls(&self, value: impl Fn(&Counts) -> Option<u64>) -> Vec<Point> {
        self.points(|counts| if counts.invocations > 0 { value(counts).map(exact) } else { None })
    }

    /// Milliseconds of microseconds.
    pub(super) fn durations(&self, value: impl Fn(&Counts) -> Option<f64>) -> Vec<Point> {
        self.points(|counts| Some(value(counts)?.round() / 1000.0))
    }

    /// What was seen of instances.
    pub(super) fn gauge(&self, value: impl Fn(&Gauges) -> u64) -> Vec<Point> {
        self.points(|counts| counts.gauges.as_ref().map(|seen| exact(value(seen))))
    }

    fn points(&self, value: impl Fn(&Counts) -> Option<f64>) -> Vec<Point> {
        let point = |span: i64| Point {
            timestamp: span.saturating_mul(self.grid.step).saturating_mul(60_000),
            value: self.spans.get(&span).and_then(&value).unwrap_or(NO_DATA),
        };
        self.grid.spans().map(point).collect()
    }
}

/// A count as a number of JSON.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub(super) fn exact(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(minute: i64, invocations: u64) -> Minute {
        Minute { minute, counts: Counts { invocations, ..Counts::default() } }
    }

    /// (minute, value) of each point.
    #[track_caller]
    fn check(grid: Grid, minutes: &[Minute], expect: &[(i64, f64)]) {
        let points = Series::new(grid, minutes).calls(|counts| Some(counts.invocations));
        let got: Vec<_> = points.iter().map(|point| (point.timestamp / 60_000, point.value)).collect();
        assert_eq!(got, expect);
    }

    #[test]
    fn points_are_aligned_to_their_length_and_without_data_where_nothing_happened() {
        let now = Timestamp::from_second(17 * 60 + 30).unwrap();
        let minutes = [minute(9, 7), minute(10, 1), minute(14, 2), minute(17, 4)];
        check(Grid::at(now, 5, 2, 0), &minutes, &[(10, 3.0), (15, 4.0)]);
        check(Grid::at(now, 5, 2, 1), &minutes, &[(5, 7.0), (10, 3.0)]);
        check(Grid::at(now, 1, 3, 0), &minutes, &[(15, -1.0), (16, -1.0), (17, 4.0)]);
        check(Grid::at(now, 1, 0, 0), &minutes, &[]);
        assert_eq!(Grid::at(now, 5, 2, 0).since().as_second(), 600);
    }
}
