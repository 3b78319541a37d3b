//! Installations under way, for whoever looks: they go on when the one who asked for them goes away.

use std::collections::BTreeMap;

use jiff::Timestamp;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

/// How an installation that this process began is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Attempt {
    /// It goes on.
    Installing {
        /// Since when.
        since: Timestamp,
        /// What it does, in words.
        step: String,
    },
    /// It ended without the runtime.
    Failed {
        /// Why.
        why: String,
    },
}

/// By the runtime's id; what came to a good end is not here.
#[derive(Debug, Default)]
pub(crate) struct UnderWay(Mutex<BTreeMap<String, Attempt>>);

impl UnderWay {
    pub(crate) fn of(&self, id: &str) -> Option<Attempt> {
        self.0.lock().get(id).cloned()
    }

    pub(crate) fn step(&self, id: &str, line: &str) {
        let mut all = self.0.lock();
        let since = match all.get(id) {
            Some(Attempt::Installing { since, .. }) => *since,
            _ => model::time::now(),
        };
        all.insert(id.to_owned(), Attempt::Installing { since, step: line.to_owned() });
    }

    /// It ended; `why` when it failed.
    pub(crate) fn end(&self, id: &str, why: Option<String>) {
        let mut all = self.0.lock();
        match why {
            Some(why) => all.insert(id.to_owned(), Attempt::Failed { why }),
            None => all.remove(id),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_keeps_the_beginning_and_an_end_leaves_only_its_failure() {
        let under_way = UnderWay::default();
        assert_eq!(under_way.of("a"), None);
        under_way.step("a", "one");
        let Some(Attempt::Installing { since, .. }) = under_way.of("a") else { panic!() };
        under_way.step("a", "two");
        assert_eq!(under_way.of("a"), Some(Attempt::Installing { since, step: "two".into() }));
        under_way.end("a", Some("no network".into()));
        assert_eq!(under_way.of("a"), Some(Attempt::Failed { why: "no network".into() }));
        under_way.step("a", "again");
        under_way.end("a", None);
        assert_eq!(under_way.of("a"), None);
    }
}
