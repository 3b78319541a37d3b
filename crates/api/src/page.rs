//! One page of a list whose `marker` is an offset.

use model::limits;

use crate::error::Error;
use crate::problems::Problems;
use crate::query::Query;

/// Which items of a list are asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    offset: usize,
    items: usize,
}

impl Page {
    /// From `marker` and the first of `names` that is there; without any of them, as many as a page may have.
    pub(crate) fn read(query: &Query, names: &[&str]) -> Result<Self, Error> {
        let mut problems = Problems::default();
        let most = i64::from(*limits::PAGE_ITEMS.end());
        let offset = query.bounded("marker", (0, 0, i64::from(i32::MAX)), &mut problems);
        let name = names.iter().find(|name| query.text(name).is_some()).copied().unwrap_or_default();
        let items = query.bounded(name, (0, most, i64::MAX), &mut problems);
        problems.finish()?;
        // As of functions: nothing, 0 and more than a page may have are a whole page.
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        Ok(Self { offset, items: if items == 0 { most } else { items.min(most) } })
    }

    /// The page, where the next one begins (0 behind the last), and how many items there are.
    pub(crate) fn cut<T, U>(&self, all: Vec<T>, view: impl Fn(T) -> U) -> (Vec<U>, u64, u64) {
        let count = all.len();
        let page: Vec<U> = all.into_iter().skip(self.offset).take(self.items).map(view).collect();
        let end = self.offset + page.len();
        let next = if page.is_empty() || end >= count { 0 } else { end };
        (page, next as u64, count as u64)
    }
}
