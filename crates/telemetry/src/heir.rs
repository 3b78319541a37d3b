//! Another process that takes over the folder while this one still has something to say.

use std::fmt;
use std::sync::Arc;

use model::record::Record;

use crate::line::Line;

/// What is given on.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// A line of a function's log.
    Line(Arc<Line>),
    /// An invocation that ended.
    Record(Box<Record>),
}

type Take = dyn FnMut(Entry) -> bool + Send;

/// Where entries go once this process may write no more.
pub struct Heir(Box<Take>);

impl Heir {
    /// `take` is called from the writer's thread, in order, and may wait; `false`: the entry is lost, and counted.
    pub fn new(take: impl FnMut(Entry) -> bool + Send + 'static) -> Self {
        Self(Box::new(take))
    }

    pub(crate) fn give(&mut self, entry: Entry) -> bool {
        (self.0)(entry)
    }
}

impl fmt::Debug for Heir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Heir")
    }
}
