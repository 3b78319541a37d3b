//! A page of a list whose marker is an offset.

use wire::fgs::reserves::PageInfo;

use crate::problems::Problems;
use crate::query::Query;

/// Which items.
#[derive(Clone, Copy, Debug)]
pub(in crate::fgs) struct Page {
    offset: usize,
    limit: usize,
}

impl Page {
    pub(in crate::fgs) fn read(query: &Query, limit: usize, problems: &mut Problems) -> Self {
        Self { offset: query.bounded("marker", (0, 0, i64::from(i32::MAX)), problems), limit }
    }

    /// The items of the page. Its next marker is an offset, too: who walks on comes to an empty page, and ends.
    pub(in crate::fgs) fn cut<'a, T>(&self, all: &'a [T]) -> (&'a [T], PageInfo) {
        let from = self.offset.min(all.len());
        let to = from.saturating_add(self.limit).min(all.len());
        let items = all.get(from..to).unwrap_or_default();
        let page = PageInfo {
            next_marker: number(self.offset + items.len()),
            previous_marker: number(self.offset.saturating_sub(self.limit)),
            current_count: number(items.len()),
        };
        (items, page)
    }
}

/// A count as JSON has it.
pub(in crate::fgs) fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
