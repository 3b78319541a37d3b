//! What invocations came to.

use serde::{Deserialize, Serialize, Serializer};

use crate::Operation;

/// A function over the last `period` minutes; answers [`Statistics`].
pub const STATISTICS: Operation =
    Operation::get("ListFunctionStatistics", "/v2/{project_id}/fgs/functions/{func_urn}/statistics/{period}");
/// All functions of a project; answers [`ListStatisticsResponse`].
/// Query: `filter` (`monitor_data`, `monthly_report`), `period` (minutes of a point), `option` (which months), `limit`, `marker`.
pub const TENANT: Operation = Operation::get("ListStatistics", "/v2/{project_id}/fgs/functions/statistics");
/// A function in points of `period` minutes; answers [`FunctionMetrics`].
pub const FUNCTION: Operation =
    Operation::get("ShowFunctionMetrics", "/v2/{project_id}/fgs/functions/{func_urn}/slareports/{period}");
/// The instances of a function; answers [`InstanceMetrics`]. Query: `limit`, `marker`.
pub const INSTANCES: Operation =
    Operation::get("ShowFuncReservedInstanceMetrics", "/v2/{project_id}/fgs/functions/{func_urn}/instancereports");
/// The functions with the most of something; answers [`ReportResponse`].
/// Query: `type`, `start_time`, `end_time`, `limit`.
pub const REPORT: Operation = Operation::get("ListFunctionAsMetric", "/v2/{project_id}/fgs/function/report");

/// One point of a series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Point {
    /// Its beginning, milliseconds since 1970.
    pub timestamp: i64,
    /// -1: nothing happened.
    #[serde(serialize_with = "plain")]
    pub value: f64,
}

/// What the invocations of each span of time came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Statistics {
    /// Invocations.
    pub count: Vec<Point>,
    /// Milliseconds on average.
    pub duration: Vec<Point>,
    /// Failures.
    pub fail_count: Vec<Point>,
    /// Milliseconds at most.
    pub max_duration: Vec<Point>,
    /// Milliseconds at least.
    pub min_duration: Vec<Point>,
    /// Refused ones.
    pub reject_count: Vec<Point>,
    /// Failures of the function.
    pub function_error_count: Vec<Point>,
    /// Failures of the platform.
    pub system_error_count: Vec<Point>,
    /// Reserved instances at most.
    pub reserved_instance_num: Vec<Point>,
    /// Requests at the same time, at most.
    pub concurrency_num: Vec<Point>,
}

/// [`Statistics`] with the number of instances.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FunctionMetrics {
    /// Requests at the same time, at most.
    pub concurrency_num: Vec<Point>,
    /// Invocations.
    pub count: Vec<Point>,
    /// Milliseconds on average.
    pub duration: Vec<Point>,
    /// Failures.
    pub fail_count: Vec<Point>,
    /// Failures of the function.
    pub function_error_count: Vec<Point>,
    /// Failures of the platform.
    pub system_error_count: Vec<Point>,
    /// Instances on demand at most.
    pub instance_num: Vec<Point>,
    /// Milliseconds at most.
    pub max_duration: Vec<Point>,
    /// Milliseconds at least.
    pub min_duration: Vec<Point>,
    /// Refused ones.
    pub reject_count: Vec<Point>,
    /// Reserved instances at most.
    pub reserved_instance_num: Vec<Point>,
}

/// The instances of a function.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InstanceMetrics {
    /// Those on demand, at most.
    pub instance_num: Vec<Point>,
    /// Reserved ones, at most.
    pub reserved_instance_num: Vec<Point>,
}

/// What was asked for of all functions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListStatisticsResponse {
    /// Invocations by month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<Vec<MonthUsed>>,
    /// Gigabyte-seconds by month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gbs: Option<Vec<MonthUsed>>,
    /// The same of graphics memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu_gbs: Option<Vec<MonthUsed>>,
    /// By shorter spans of time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statistics: Option<Statistics>,
}

/// One month.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MonthUsed {
    /// `2026-01`.
    pub date: String,
    /// How much.
    #[serde(serialize_with = "plain")]
    pub value: f64,
}

/// Functions in the order of a metric.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportResponse {
    /// The largest first; none without any.
    pub values: Vec<FunctionMetric>,
    /// 0: there is no other page.
    pub next_marker: i64,
    /// How many functions are listed.
    pub count: i64,
}

/// One function.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FunctionMetric {
    /// URN with `latest`.
    pub key: String,
    /// The metric.
    pub value: i32,
}

/// Whole numbers without a fraction, as the vendor writes them.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it so")]
fn plain<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() <= EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
        return serializer.serialize_i64(*value as i64);
    }
    serializer.serialize_f64(*value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_values_have_no_fraction() {
        let json = |value| serde_json::to_string(&Point { timestamp: 1, value }).unwrap();
        assert_eq!(json(-1.0), r#"{"timestamp":1,"value":-1}"#);
        assert_eq!(json(1.5), r#"{"timestamp":1,"value":1.5}"#);
    }
}
