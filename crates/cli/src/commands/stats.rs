//! `funcd stats`.

use anyhow::Result;
use serde::Serialize;
use wire::fgs::metrics::{self, Point, Statistics};

use super::{Context, function, info};
use crate::client::Call;
use crate::output::Table;

/// Options of `funcd stats`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Examples:
  funcd stats web               the last hour
  funcd stats web --minutes 1440
  funcd stats web --json | jq .failures")]
pub struct Arguments {
    /// Name of the function, `package:name`, or its URN.
    #[arg(value_name = "NAME")]
    function: String,
    /// How many minutes back, at most a month.
    #[arg(short, long, value_name = "N", default_value_t = 60)]
    minutes: u32,
}

/// All of them together.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
struct Summary {
    minutes: u32,
    invocations: u64,
    failures: u64,
    function_errors: u64,
    system_errors: u64,
    rejects: u64,
    /// Milliseconds, if anything was served.
    shortest_ms: Option<f64>,
    longest_ms: Option<f64>,
    concurrency: Option<u64>,
    reserved_instances: Option<u64>,
}

pub(super) fn run(context: &Context<'_>, arguments: &Arguments) -> Result<()> {
    let client = context.client()?;
    let urn = function::urn(&client, &info(&client)?.region, &arguments.function);
    let statistics: Statistics = client
        .call(metrics::STATISTICS, Call::of(&[&urn, &arguments.minutes.to_string()]))
        .map_err(|error| function::or_absent(error, &arguments.function))?;
    let summary = summary(arguments.minutes, &statistics);
    context.output.data(&summary, || table(&summary).text())
}

fn summary(minutes: u32, statistics: &Statistics) -> Summary {
    Summary {
        minutes,
        invocations: sum(&statistics.count),
        failures: sum(&statistics.fail_count),
        function_errors: sum(&statistics.function_error_count),
        system_errors: sum(&statistics.system_error_count),
        rejects: sum(&statistics.reject_count),
        shortest_ms: there(&statistics.min_duration).min_by(f64::total_cmp),
        longest_ms: there(&statistics.max_duration).max_by(f64::total_cmp),
        concurrency: there(&statistics.concurrency_num).max_by(f64::total_cmp).map(whole),
        reserved_instances: there(&statistics.reserved_instance_num).max_by(f64::total_cmp).map(whole),
    }
}

/// The values of a series without those that say that there is none.
fn there(points: &[Point]) -> impl Iterator<Item = f64> {
    points.iter().map(|point| point.value).filter(|value| *value >= 0.0)
}

fn sum(points: &[Point]) -> u64 {
    whole(there(points).sum())
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts, not below 0")]
fn whole(value: f64) -> u64 {
    value as u64
}

fn table(summary: &Summary) -> Table {
    let text = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.1} ms"));
    let count = |value: Option<u64>| value.map_or_else(|| "-".to_owned(), |value| value.to_string());
    let mut table = Table::new(&[&format!("LAST {} MINUTES", summary.minutes), ""]);
    for (name, value) in [
        ("invocations", summary.invocations.to_string()),
        ("failures", summary.failures.to_string()),
        ("of the function", summary.function_errors.to_string()),
        ("of the system", summary.system_errors.to_string()),
        ("rejected", summary.rejects.to_string()),
        ("shortest", text(summary.shortest_ms)),
        ("longest", text(summary.longest_ms)),
        ("at the same time", count(summary.concurrency)),
        ("reserved instances", count(summary.reserved_instances)),
    ] {
        table.row([name, value.as_str()]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_without_data_count_nothing() {
        let points = |values: &[f64]| values.iter().map(|value| Point { timestamp: 0, value: *value }).collect();
        let statistics = Statistics {
            count: points(&[-1.0, 2.0, 3.0]),
            fail_count: points(&[-1.0, 1.0, 0.0]),
            min_duration: points(&[-1.0, 4.5, 2.0]),
            max_duration: points(&[-1.0, 4.5, 9.0]),
            reserved_instance_num: points(&[-1.0, -1.0, 2.0]),
            ..Statistics::default()
        };
        let summary = summary(60, &statistics);
        assert_eq!((summary.invocations, summary.failures, summary.concurrency), (5, 1, None));
        assert_eq!((summary.shortest_ms, summary.longest_ms), (Some(2.0), Some(9.0)));
        assert!(table(&summary).text().contains("reserved instances  2\n"), "{}", table(&summary).text());
    }
}
