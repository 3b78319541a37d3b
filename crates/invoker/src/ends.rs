//! Which instances ended lately, and why: the newest of each function, in memory only.

use std::collections::VecDeque;

use model::instances::Ended;
use parking_lot::Mutex;

/// Of one function.
const OF_A_FUNCTION: usize = 20;
/// Of all functions; whichever are the oldest go first.
const ALTOGETHER: usize = 2_000;

/// The newest last, each with the URN of its function without qualifier.
#[derive(Default)]
pub(crate) struct Ends(Mutex<VecDeque<(String, Ended)>>);

impl Ends {
    pub(crate) fn keep(&self, function: &str, ended: Ended) {
        let mut all = self.0.lock();
        let mut own = all.iter().enumerate().filter(|(_, (other, _))| other == function);
        let surplus = own.next().map(|(oldest, _)| oldest).filter(|_| own.count() + 1 >= OF_A_FUNCTION);
        if let Some(oldest) = surplus {
            all.remove(oldest);
        } else if all.len() >= ALTOGETHER {
            all.pop_front();
        }
        all.push_back((function.to_owned(), ended));
    }

    /// Of one function, the newest first.
    pub(crate) fn of(&self, function: &str) -> Vec<Ended> {
        let all = self.0.lock();
        all.iter().rev().filter(|(other, _)| other == function).map(|(_, ended)| ended.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use model::instances::{Cause, Identity};
    use model::urn::Qualifier;

    use super::*;

    fn ended(id: usize) -> Ended {
        let identity = Identity {
            id: id.to_string(),
            version: Qualifier::Latest,
            revision: 1,
            cause: Cause::Request,
            decided: model::time::now(),
            start: None,
            memory_bytes: 0,
        };
        Ended { identity, at: model::time::now(), reason: "idle", detail: String::new() }
    }

    #[test]
    fn a_function_keeps_its_newest_ends_and_takes_no_place_of_others() {
        let ends = Ends::default();
        ends.keep("quiet", ended(0));
        for id in 0..100 {
            ends.keep("busy", ended(id));
        }
        let ids = |function| ends.of(function).into_iter().map(|ended| ended.identity.id).collect::<Vec<_>>();
        assert_eq!(ids("busy"), (80..100).rev().map(|id| id.to_string()).collect::<Vec<_>>());
        assert_eq!(ids("quiet"), ["0"]);
    }

    #[test]
    fn there_is_a_limit_for_all_functions_together() {
        let ends = Ends::default();
        for function in 0..ALTOGETHER + 5 {
            ends.keep(&function.to_string(), ended(function));
        }
        assert_eq!(ends.0.lock().len(), ALTOGETHER);
        assert_eq!(ends.of("4"), []);
        assert_eq!(ends.of("5").len(), 1);
    }
}
