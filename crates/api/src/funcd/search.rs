//! The newest of what several functions left, within a budget.

use jiff::Timestamp;
use telemetry::{Found, Query};

/// Bytes that a search looks at, of all functions together.
const BUDGET: u64 = 128 * 1024 * 1024;
/// Bytes that it looks at of each function at least.
const LEAST: u64 = 1024 * 1024;

/// Asks `find` about each function; gives at most `query.limit` of the newest, by `at`.
pub(super) fn newest<T>(
    functions: &[String],
    query: &Query,
    at: impl Fn(&T) -> Timestamp,
    find: impl Fn(&str, &Query) -> Result<Found<T>, telemetry::Error>,
) -> Result<Found<T>, telemetry::Error> {
    let share = (BUDGET / (functions.len() as u64).max(1)).max(LEAST);
    let mut query = Query { budget: share, ..query.clone() };
    let mut all = Found { entries: Vec::new(), cut: false };
    for function in functions {
        let found = find(function, &query)?;
        all.cut |= found.cut;
        all.entries.extend(found.entries);
        if functions.len() > 1 {
            // Entries of a function stay in the order in which they were written where their times are the same.
            all.entries.sort_by_key(&at);
        }
        let older = all.entries.len().saturating_sub(query.limit);
        all.entries.drain(..older);
        if all.entries.len() == query.limit {
            // What is older than all of these is not among the newest.
            query.since = query.since.max(all.entries.first().map(&at));
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Entries of each function, by second, and which of them are found.
    #[track_caller]
    fn check(functions: &[(&str, &[i64])], limit: usize, expect: &[i64]) {
        let names: Vec<String> = functions.iter().map(|(name, _)| (*name).to_owned()).collect();
        let second = |second: &i64| Timestamp::from_second(*second).unwrap();
        let found = newest(&names, &Query { limit, ..Query::default() }, second, |name, query| {
            let (_, of) = functions.iter().find(|(known, _)| *known == name).unwrap();
            let mut entries: Vec<i64> =
                of.iter().copied().filter(|at| query.since.is_none_or(|since| second(at) >= since)).collect();
            entries.drain(..entries.len().saturating_sub(query.limit));
            Ok(Found { entries, cut: name == "long" })
        });
        let found = found.unwrap();
        assert_eq!((found.entries.as_slice(), found.cut), (expect, functions.iter().any(|(name, _)| *name == "long")));
    }

    #[test]
    fn the_newest_of_all_functions_come_in_the_order_of_time() {
        check(&[("a", &[1, 4, 6]), ("b", &[2, 3, 7])], 4, &[3, 4, 6, 7]);
        check(&[("a", &[1, 4, 6]), ("b", &[]), ("long", &[9])], 9, &[1, 4, 6, 9]);
        check(&[], 4, &[]);
    }
}
