//! What invocations came to, by the minute: counted by the writer as it writes records, and kept as one entry a minute.
//!
//! Only the minute that is under way is in memory. When it is over each function that did anything, and each project of such a
//! function, gets an entry in a log of its own; an entry also says up to where the function's records are counted, so that
//! what a killed process had counted in memory only is counted again from the records it left.

use std::sync::Arc;

use hashbrown::HashMap;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::distribution::Distribution;
use model::record::Record;
use model::statistics::{Counts, Gauges, project_of};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

/// One minute of a function or a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Minute {
    /// Minutes since 1970 (UTC).
    pub minute: i64,
    /// What happened in it.
    pub counts: Counts,
}

/// One month (UTC) of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Month {
    /// `2026-01`.
    pub month: String,
    /// What happened in it.
    pub counts: Counts,
}

/// The minute a moment is in.
pub fn minute_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(60)
}

/// The month a minute is in.
pub(crate) fn month_of(minute: i64) -> String {
    let at = Timestamp::from_second(minute.saturating_mul(60)).unwrap_or(Timestamp::UNIX_EPOCH);
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m").to_string()
}

/// A minute in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Entry {
    pub(crate) minute: i64,
    pub(crate) counts: Counts,
    /// Up to where the records of the function are counted by now.
    pub(crate) counted: Place,
    /// The month so far, for a project.
    pub(crate) month: Option<Month>,
}

/// A place in the records of a function: before this byte of the segment that was begun then, and all segments before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Place {
    pub(crate) begun: u64,
    pub(crate) bytes: u64,
}

/// The minute under way; the writer counts, others look.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally(Arc<Mutex<Open>>);

#[derive(Debug, Default)]
struct Open {
    minute: i64,
    functions: HashMap<Arc<str>, Counts>,
    /// By project, what is known of its month.
    months: HashMap<String, Month>,
    /// Odd while entries are on their way from here to the disk.
    closes: u64,
}

/// What a look at the minute under way found.
#[derive(Debug)]
pub(crate) struct Look {
    pub(crate) minute: Minute,
    pub(crate) month: Option<Month>,
    /// Differs from that of another look when a minute ended between them; nothing when one ends just now.
    pub(crate) closes: Option<u64>,
}

impl Tally {
    pub(crate) fn record(&self, record: &Record) {
        self.with(&record.function, |counts| counts.record(record));
    }

    pub(crate) fn gauge(&self, function: &Arc<str>, seen: Gauges) {
        self.with(function, |counts| counts.gauge(seen));
    }

    pub(crate) fn refused(&self, function: &Arc<str>, count: u64) {
        self.with(function, |counts| counts.refused = counts.refused.saturating_add(count));
    }

    fn with(&self, function: &Arc<str>, change: impl FnOnce(&mut Counts)) {
        let mut open = self.0.lock();
        change(open.functions.entry_ref(&**function).or_default());
    }

    /// A deleted function has no minute any more; its project keeps it.
    pub(crate) fn forget(&self, function: &str) {
        let mut open = self.0.lock();
        if let (Some(counts), Some(project)) = (open.functions.remove(function), project_of(function)) {
            open.functions.entry(project.into()).or_default().beside(&counts);
        }
    }

    /// Goes on to the minute of `now`; what the one before came to is to be written, and then [`Tally::closed`].
    pub(crate) fn close(&self, now: Timestamp) -> Option<(i64, HashMap<Arc<str>, Counts>)> {
        let mut open = self.0.lock();
        let minute = std::mem::replace(&mut open.minute, minute_of(now));
        if minute == open.minute || open.functions.is_empty() {
            return None;
        }
        open.closes += 1;
        Some((minute, std::mem::take(&mut open.functions)))
    }

    /// As [`Tally::close`], for a minute that goes on without us.
    pub(crate) fn close_last(&self) -> Option<(i64, HashMap<Arc<str>, Counts>)> {
        let mut open = self.0.lock();
        if open.functions.is_empty() {
            return None;
        }
        open.closes += 1;
        Some((open.minute, std::mem::take(&mut open.functions)))
    }

    /// What was closed is written.
    pub(crate) fn closed(&self) {
        self.0.lock().closes += 1;
    }

    /// Adds a minute to the month of a project. Gives the month so far, and the one before if this minute ended it.
    pub(crate) fn add_to_month(&self, project: &str, minute: i64, counts: &Counts) -> (Month, Option<Month>) {
        let mut open = self.0.lock();
        let month = open.months.entry(project.to_owned()).or_default();
        let name = month_of(minute);
        let mut ended = None;
        if month.month != name {
            let before = std::mem::replace(month, Month { month: name, counts: Counts::default() });
            ended = Some(before).filter(|before| !before.month.is_empty());
        }
        month.counts.then(counts);
        // It is written anew each minute, and nobody asks how the waits of a month were distributed.
        month.counts.waits = Distribution::default();
        (month.clone(), ended)
    }

    /// What an earlier process knew of the month of a project.
    pub(crate) fn restore_month(&self, project: String, month: Month) {
        self.0.lock().months.insert(project, month);
    }

    /// A function, or all functions of a project.
    pub(crate) fn look(&self, name: &str) -> Look {
        let open = self.0.lock();
        let mut counts = open.functions.get(name).cloned().unwrap_or_default();
        for (function, others) in &open.functions {
            if project_of(function) == Some(name) {
                counts.beside(others);
            }
        }
        let month = open.months.get(name).cloned();
        let closes = open.closes.is_multiple_of(2).then_some(open.closes);
        Look { minute: Minute { minute: open.minute, counts }, month, closes }
    }
}

/// The minutes a function's counts make, together with its project's: what is to be written for each.
pub(crate) fn with_projects(functions: HashMap<Arc<str>, Counts>) -> HashMap<Arc<str>, Counts> {
    let mut all = functions;
    let mut projects: HashMap<Arc<str>, Counts> = HashMap::new();
    for (function, counts) in &all {
        if let Some(project) = project_of(function) {
            projects.entry(project.into()).or_default().beside(counts);
        }
    }
    for (project, counts) in projects {
        all.entry(project).or_default().beside(&counts);
    }
    all
}

/// Adds entries of the same minute up; in the order of time.
pub(crate) fn merged(entries: impl IntoIterator<Item = Minute>) -> Vec<Minute> {
    let mut by_minute = std::collections::BTreeMap::<i64, Counts>::new();
    for Minute { minute, counts } in entries {
        by_minute.entry(minute).or_default().then(&counts);
    }
    by_minute.into_iter().map(|(minute, counts)| Minute { minute, counts }).collect()
}

#[cfg(test)]
mod tests;
