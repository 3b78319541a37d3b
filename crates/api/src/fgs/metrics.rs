//! What invocations came to: of a function, of a project, and the functions with the most of something.

mod report;
mod series;

use axum::Json;
use axum::extract::{FromRequestParts, State as Extract};
use http::request::Parts;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use model::statistics::Counts;
use telemetry::{Minute, Month, Telemetry};
use wire::codes;
use wire::fgs::metrics::{
    self as shape, FunctionMetrics, InstanceMetrics, ListStatisticsResponse, MonthUsed, Statistics,
};

use self::series::{Grid, Series};
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::query::Query;
use crate::router::Routes;
use crate::signature::Caller;
use crate::state::State;
use crate::target::{Target, parameter};

/// Minutes that are kept (31 days).
const KEPT: i64 = 31 * DAY;
const DAY: i64 = 24 * 60;
/// Points of an answer in pages (`api.md`: 100 if nothing is said, at most 500).
const POINTS: (i64, i64, i64) = (1, 100, 500);
/// Minutes of a point of [`shape::TENANT`] if nothing is said.
const USUAL: i64 = 5;

pub(crate) fn routes(routes: &mut Routes) {
    routes
        .on(shape::STATISTICS, statistics)
        .on(shape::TENANT, tenant)
        .on(shape::FUNCTION, function)
        .on(shape::INSTANCES, instances)
        .on(shape::REPORT, report::list);
}

/// The last `period` minutes: in points of a minute, or of an hour when it is more than a day.
async fn statistics(Extract(state): Extract<State>, target: Target, period: Period) -> Result<Json<Statistics>, Error> {
    let minutes = period.within(KEPT)?;
    let step = if minutes <= DAY { 1 } else { 60 };
    // One more than fit, because the first and the last are not whole.
    let grid = Grid::new(step, whole(minutes, step) + 1, 0);
    Ok(Json(statistics_of(&series(&state, function_of(&state, &target)?, grid).await?)))
}

/// The last day in points of `period` minutes.
async fn function(
    Extract(state): Extract<State>,
    target: Target,
    period: Period,
) -> Result<Json<FunctionMetrics>, Error> {
    let step = period.within(DAY)?;
    let series = series(&state, function_of(&state, &target)?, Grid::new(step, whole(DAY, step) + 1, 0)).await?;
    let Statistics {
        count,
        duration,
        fail_count,
        max_duration,
        min_duration,
        reject_count,
        function_error_count,
        system_error_count,
        reserved_instance_num,
        concurrency_num,
    } = statistics_of(&series);
    let instance_num = series.gauge(|seen| seen.instances);
    Ok(Json(FunctionMetrics {
        concurrency_num,
        count,
        duration,
        fail_count,
        function_error_count,
        system_error_count,
        instance_num,
        max_duration,
        min_duration,
        reject_count,
        reserved_instance_num,
    }))
}

/// Points of a minute, page by page back in time.
async fn instances(
    Extract(state): Extract<State>,
    target: Target,
    query: Query,
) -> Result<Json<InstanceMetrics>, Error> {
    let mut problems = Problems::default();
    let grid = page(&query, 1, &mut problems);
    problems.finish()?;
    let series = series(&state, function_of(&state, &target)?, grid).await?;
    Ok(Json(InstanceMetrics {
        instance_num: series.gauge(|seen| seen.instances),
        reserved_instance_num: series.gauge(|seen| seen.reserved),
    }))
}

async fn tenant(
    Extract(state): Extract<State>,
    caller: Caller,
    query: Query,
) -> Result<Json<ListStatisticsResponse>, Error> {
    let project = format!("urn:fss:{}:{}", state.store.region(), caller.project);
    let mut problems = Problems::default();
    match query.text("filter") {
        Some("monitor_data") => {
            let step = query.bounded("period", (1, USUAL, DAY), &mut problems);
            let grid = page(&query, i64::try_from(step).unwrap_or(USUAL), &mut problems);
            problems.finish()?;
            let statistics = Some(statistics_of(&series(&state, project, grid).await?));
            Ok(Json(ListStatisticsResponse { statistics, ..ListStatisticsResponse::default() }))
        }
        Some("monthly_report") => {
            let telemetry = state.telemetry.clone();
            let months = tokio::task::spawn_blocking(move || telemetry.months(&project)).await??;
            Ok(Json(report_of(&months, &wanted_months(query.text("option"), model::time::now()))))
        }
        other => {
            let text = "query parameter filter must be monitor_data or monthly_report";
            Err(Error::new(
                codes::QUERY,
                match other {
                    Some(other) => format!("{text}, not {}", quoted(other)),
                    None => text.to_owned(),
                },
            ))
        }
    }
}

fn function_of(state: &State, target: &Target) -> Result<String, Error> {
    Ok(target.version(state)?.0.id.to_string())
}

/// `marker` skips points, the newest first; so a walk goes back in time.
fn page(query: &Query, step: i64, problems: &mut Problems) -> Grid {
    // What is wrong is noted, and still reckoned with until it is said.
    let step = step.clamp(1, DAY);
    let points = query.bounded("limit", POINTS, problems);
    let skip = query.bounded("marker", (0, 0, KEPT), problems);
    let wide = |number: usize| i64::try_from(number).unwrap_or(KEPT);
    let kept = (whole(KEPT, step) - wide(skip)).max(0);
    Grid::new(step, wide(points).min(kept), wide(skip))
}

/// Points that it takes to cover so many minutes.
fn whole(minutes: i64, step: i64) -> i64 {
    minutes.saturating_add(step - 1) / step
}

async fn series(state: &State, name: String, grid: Grid) -> Result<Series, Error> {
    let telemetry = state.telemetry.clone();
    let minutes = read(telemetry, name, grid.since()).await?;
    Ok(Series::new(grid, &minutes))
}

async fn read(telemetry: Telemetry, name: String, since: Timestamp) -> Result<Vec<Minute>, Error> {
    Ok(tokio::task::spawn_blocking(move || telemetry.minutes(&name, since)).await??)
}

fn statistics_of(series: &Series) -> Statistics {
    Statistics {
        count: series.calls(|counts| Some(counts.invocations)),
        duration: series.durations(|counts| counts.durations.mean()),
        fail_count: series.calls(|counts| Some(counts.failures)),
        max_duration: series.durations(|counts| most(counts).then_some(series::exact(counts.durations.most))),
        min_duration: series.durations(|counts| most(counts).then_some(series::exact(counts.durations.least))),
        reject_count: series.calls(|counts| Some(counts.rejects)),
        function_error_count: series.calls(|counts| Some(counts.function_errors)),
        system_error_count: series.calls(|counts| Some(counts.system_errors)),
        reserved_instance_num: series.gauge(|seen| seen.reserved),
        concurrency_num: series.gauge(|seen| seen.concurrency),
    }
}

fn most(counts: &Counts) -> bool {
    counts.durations.count > 0
}

/// The months an `option` names (`api.md`: this one, the last one, the last three, the last six; anything else is this one).
fn wanted_months(option: Option<&str>, now: Timestamp) -> Vec<String> {
    let (back, count) = match option {
        Some("1") => (1, 1),
        Some("2") => (0, 3),
        Some("3") => (0, 6),
        _ => (0, 1),
    };
    let first: Date = now.to_zoned(TimeZone::UTC).date().first_of_month();
    let month = |months: i64| first.checked_sub(Span::new().months(months)).unwrap_or(first);
    (back..back + count).rev().map(|months| month(months).strftime("%Y-%m").to_string()).collect()
}

fn report_of(months: &[Month], wanted: &[String]) -> ListStatisticsResponse {
    let counts = |name: &String| months.iter().find(|month| month.month == *name).map(|month| &month.counts);
    let used = |value: &dyn Fn(&Counts) -> f64| {
        let month = |name: &String| MonthUsed { date: name.clone(), value: counts(name).map_or(0.0, value) };
        Some(wanted.iter().map(month).collect())
    };
    ListStatisticsResponse {
        count: used(&|counts| series::exact(counts.invocations)),
        gbs: used(&Counts::gb_seconds),
        // No instance has a GPU.
        gpu_gbs: used(&|_| 0.0),
        statistics: None,
    }
}

/// The path parameter: minutes.
struct Period(String);

impl Period {
    fn within(&self, most: i64) -> Result<i64, Error> {
        let minutes = self.0.parse().ok().filter(|minutes| (1..=most).contains(minutes));
        minutes.ok_or_else(|| {
            let text = format!("period must be a whole number of minutes from 1 to {most}, not {}", quoted(&self.0));
            Error::new(codes::QUERY, text)
        })
    }
}

impl FromRequestParts<State> for Period {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Error> {
        parameter(parts, &["period"]).await.map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_name_months_back_from_now() {
        let now = "2026-01-31T23:00:00Z".parse().unwrap();
        assert_eq!(wanted_months(None, now), ["2026-01"]);
        assert_eq!(wanted_months(Some("9"), now), ["2026-01"]);
        assert_eq!(wanted_months(Some("1"), now), ["2025-12"]);
        assert_eq!(wanted_months(Some("2"), now), ["2025-11", "2025-12", "2026-01"]);
        assert_eq!(wanted_months(Some("3"), now).len(), 6);
    }
}
