//! What invocations came to over time.

use serde::{Deserialize, Serialize};

use crate::Operation;

/// Answers a [`History`] of a function, or of all functions of the project together.
/// Query: `function` (name or URN), `since` and `until` (RFC 3339; the last hour), `step` (minutes of a point, 1 to 1,440; if it is
/// not said, so many that there are at most 240 points). At most 1,500 points; what is older than 31 days is not kept.
pub const SHOW: Operation = Operation::get("ShowHistory", "/v2/{project_id}/funcd/history");

/// Points in the order of time; a span in which nothing happened has none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct History {
    /// Where the first point would begin, RFC 3339, UTC.
    pub since: String,
    /// Where the last one would end.
    pub until: String,
    /// Seconds of a point.
    pub step: u64,
    /// The points.
    pub points: Vec<Point>,
}

/// What happened from `at` on for [`History::step`] seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Point {
    /// RFC 3339, UTC.
    pub at: String,
    /// Requests, those that failed or were refused among them.
    pub calls: u64,
    /// Those that failed by the function's fault; an answer of 400 or above is one.
    pub function_errors: u64,
    /// Those that failed by funcd's fault or its host's.
    pub system_errors: u64,
    /// Those that were refused: too many at once, or the function is disabled.
    pub throttles: u64,
    /// Requests that the gateway refused before they came to the function: wrong credentials, limits, access lists, parameters. They
    /// are not among `calls`.
    pub refused: u64,
    /// Those that waited for a new instance; absent where funcd did not count them yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cold_starts: Option<u64>,
    /// Microseconds from arrival to the last byte, of those that an instance served; absent where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency: Option<Latency>,
    /// Bytes of memory of the instance after each request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<Memory>,
    /// The instances, at their most; absent where none was there to be looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instances: Option<Instances>,
    /// Gigabytes times seconds, as they are billed.
    pub gb_seconds: f64,
}

/// Percentiles, each within 6.25 %.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Latency {
    /// Half were not slower.
    pub p50_us: u64,
    /// 95 of 100 were not slower.
    pub p95_us: u64,
    /// 99 of 100 were not slower.
    pub p99_us: u64,
}

/// Memory of instances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// On average.
    pub mean: u64,
    /// At most.
    pub most: u64,
}

/// Instances, at their most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Instances {
    /// On demand.
    pub on_demand: u64,
    /// Reserved.
    pub reserved: u64,
    /// Requests in them at the same time.
    pub concurrency: u64,
}
