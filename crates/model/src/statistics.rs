//! What the invocations of a span of time came to: counts that add up, over time and over functions.

use serde::{Deserialize, Serialize};

use crate::distribution::Distribution;
use crate::error::{Fault, Kind};
use crate::record::Record;

/// What happened in one span of time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Requests, those that failed or were refused among them.
    pub invocations: u64,
    /// Those that failed, whoever's fault it was; neither what was refused nor what the caller gave up.
    pub failures: u64,
    /// Of which: the function's own. An answer of 400 or above counts as one, because the vendor counts user failures that
    /// were answered (`behaviour.md` 8.7).
    pub function_errors: u64,
    /// Of which: funcd's or its host's.
    pub system_errors: u64,
    /// Those that were refused: too many at once, or the function is disabled.
    pub rejects: u64,
    /// Microseconds in the function, of those that an instance served: without queue and cold start.
    pub durations: Spread,
    /// Bytes of memory of the instance after each of them.
    pub memory: Spread,
    /// Their memory size (MB) times their billed milliseconds.
    pub mb_ms: u64,
    /// Those that waited for a new instance.
    pub cold_starts: u64,
    /// Microseconds from arrival to the last byte, queue and cold start among them, of those that an instance served. Empty, with
    /// `cold_starts`, where an earlier version of funcd did not count them.
    #[serde(skip_serializing_if = "Distribution::is_empty")]
    pub waits: Distribution,
    /// Requests that the gateway refused before they came to the function (`APIG.…`): no invocations.
    #[serde(skip_serializing_if = "nothing")]
    pub refused: u64,
    /// What was looked at from time to time, if it was.
    pub gauges: Option<Gauges>,
}

/// Least, most and sum of some values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Spread {
    /// How many.
    pub count: u64,
    /// All of them together.
    pub sum: u64,
    /// The least; 0 when there is none.
    pub least: u64,
    /// The most.
    pub most: u64,
}

/// The instances of a function, at their most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Gauges {
    /// Requests at the same time.
    pub concurrency: u64,
    /// Instances on demand.
    pub instances: u64,
    /// Reserved instances.
    pub reserved: u64,
}

/// Keeps a count that is nearly always 0 out of files.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn nothing(count: &u64) -> bool {
    *count == 0
}

impl Counts {
    /// Adds one finished invocation.
    pub fn record(&mut self, record: &Record) {
        self.invocations += 1;
        match verdict(record) {
            Verdict::Fine => {}
            Verdict::Rejected => self.rejects += 1,
            Verdict::Failed(Fault::Platform) => {
                self.failures += 1;
                self.system_errors += 1;
            }
            Verdict::Failed(_) => {
                self.failures += 1;
                self.function_errors += 1;
            }
        }
        if record.instance.is_some() {
            let own = record.timings.total_us.saturating_sub(record.timings.queue_us);
            self.durations.add(own);
            self.memory.add(record.memory_bytes);
            self.cold_starts += u64::from(record.timings.boot_us > 0);
            self.waits.add(record.timings.total_us);
            self.mb_ms = self.mb_ms.saturating_add(u64::from(record.memory_mb).saturating_mul(own.div_ceil(1000)));
        }
    }

    /// Adds what was seen of the instances.
    pub fn gauge(&mut self, seen: Gauges) {
        self.gauges = Some(self.gauges.map_or(seen, |before| before.most(seen)));
    }

    /// Adds another span of time of the same thing.
    pub fn then(&mut self, later: &Self) {
        self.add(later);
        if let Some(seen) = later.gauges {
            self.gauge(seen);
        }
    }

    /// Adds the same span of time of another thing.
    pub fn beside(&mut self, other: &Self) {
        self.add(other);
        if let Some(seen) = other.gauges {
            self.gauges = Some(self.gauges.unwrap_or_default().sum(seen));
        }
    }

    /// Gigabytes times seconds, as they are billed.
    #[expect(clippy::cast_precision_loss, reason = "a month of a whole host is far below 2^53")]
    pub fn gb_seconds(&self) -> f64 {
        self.mb_ms as f64 / 1024.0 / 1000.0
    }

    fn add(&mut self, other: &Self) {
        self.invocations += other.invocations;
        self.failures += other.failures;
        self.function_errors += other.function_errors;
        self.system_errors += other.system_errors;
        self.rejects += other.rejects;
        self.refused = self.refused.saturating_add(other.refused);
        self.durations.merge(other.durations);
        self.memory.merge(other.memory);
        self.cold_starts += other.cold_starts;
        self.waits.merge(&other.waits);
        self.mb_ms = self.mb_ms.saturating_add(other.mb_ms);
    }
}

impl Spread {
    fn add(&mut self, value: u64) {
        self.merge(Self { count: 1, sum: value, least: value, most: value });
    }

    fn merge(&mut self, other: Self) {
        if other.count == 0 {
            return;
        }
        self.least = if self.count == 0 { other.least } else { self.least.min(other.least) };
        self.most = self.most.max(other.most);
        self.count += other.count;
        self.sum = self.sum.saturating_add(other.sum);
    }

    /// The average, if there is any value.
    #[expect(clippy::cast_precision_loss, reason = "microseconds and bytes of a span are far below 2^53")]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }
}

impl Gauges {
    fn most(self, other: Self) -> Self {
        Self {
            concurrency: self.concurrency.max(other.concurrency),
            instances: self.instances.max(other.instances),
            reserved: self.reserved.max(other.reserved),
        }
    }

    fn sum(self, other: Self) -> Self {
        Self {
            concurrency: self.concurrency + other.concurrency,
            instances: self.instances + other.instances,
            reserved: self.reserved + other.reserved,
        }
    }
}

enum Verdict {
    Fine,
    Rejected,
    Failed(Fault),
}

fn verdict(record: &Record) -> Verdict {
    let Some(name) = record.error.as_deref() else {
        return if record.status >= 400 { Verdict::Failed(Fault::Function) } else { Verdict::Fine };
    };
    match Kind::named(name) {
        Some(Kind::Throttled | Kind::Disabled) => Verdict::Rejected,
        // The caller's own doing says nothing about the function.
        Some(kind) if kind.fault() == Fault::Caller => Verdict::Fine,
        Some(kind) => Verdict::Failed(kind.fault()),
        None => Verdict::Failed(Fault::Platform),
    }
}

/// The project of a function's URN, as a name for what all its functions did together: `urn:fss:<region>:<project>`.
pub fn project_of(function: &str) -> Option<&str> {
    let (end, _) = function.match_indices(':').nth(3)?;
    function.get(..end)
}

#[cfg(test)]
mod tests;
