//! One page of a list: `offset` and `limit` in, `size` and `total` out (`api.md` c.3).

use wire::codes;

use super::number;
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::query::Query;

/// Items of a page when nobody says, and at most.
const USUAL: usize = 20;
const MOST: usize = 500;

/// Which items of a list are asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    offset: usize,
    limit: usize,
}

impl Page {
    /// From the query; a `limit` of -1, as older clients send, means as many as there may be.
    pub(crate) fn read(query: &Query) -> Result<Self, Error> {
        let mut problems = Problems::default();
        let offset = bounded(query, "offset", (0, 0, usize::MAX), &mut problems);
        let limit = match query.text("limit") {
            Some("-1") => MOST,
            _ => bounded(query, "limit", (1, USUAL, MOST), &mut problems),
        };
        problems.finish()?;
        Ok(Self { offset, limit })
    }

    /// The page, how many items it has, and how many there are.
    pub(crate) fn cut<T, U>(&self, all: Vec<T>, view: impl FnMut(T) -> U) -> (Vec<U>, i64, i64) {
        let total = number(all.len());
        let page: Vec<U> = all.into_iter().skip(self.offset).take(self.limit).map(view).collect();
        let size = number(page.len());
        (page, size, total)
    }
}

fn bounded(query: &Query, name: &str, (least, usual, most): (usize, usize, usize), problems: &mut Problems) -> usize {
    let Some(text) = query.text(name) else { return usual };
    let value = text.parse().ok().filter(|value| (least..=most).contains(value));
    problems.unless(value.is_some(), codes::apig::PARAMETER, || {
        let must = if most == usize::MAX { format!("at least {least}") } else { format!("{least} to {most}") };
        format!("query parameter {name} must be {must}, not {}", quoted(text))
    });
    value.unwrap_or(usual)
}
