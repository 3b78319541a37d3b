//! Who fails five times in a row is kept out for five minutes (the vendor's rule, `api.md` c.2): an access key, or a user's name.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

/// Failures in a row that lock.
const FAILURES: u32 = 5;
/// How long it stays locked.
const LOCKED: SignedDuration = SignedDuration::from_mins(5);
/// Names that nobody has and that are remembered all the same, so that a lock does not tell who exists. The oldest goes first.
const STRANGERS: usize = 4096;

/// Failures by name. Names that exist are never forgotten for the sake of others, so that a flood of others unlocks none.
#[derive(Debug, Default)]
pub struct Lockout {
    known: HashMap<String, Failures>,
    strangers: HashMap<String, Failures>,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Timestamp,
}

impl Failures {
    fn left(self, now: Timestamp) -> Option<SignedDuration> {
        let left = LOCKED.checked_sub(now.duration_since(self.last))?;
        (self.count >= FAILURES && left.is_positive()).then_some(left)
    }
}

impl Lockout {
    /// For how much longer this name is kept out.
    pub fn locked(&self, name: &str, now: Timestamp) -> Option<SignedDuration> {
        let failures = self.known.get(name).or_else(|| self.strangers.get(name))?;
        failures.left(now)
    }

    /// Notes a failure; `exists` says whether the name is one of ours. Says whether it locked the name.
    pub fn failed(&mut self, name: &str, exists: bool, now: Timestamp) -> bool {
        let all = if exists { &mut self.known } else { &mut self.strangers };
        if !exists && all.len() >= STRANGERS && !all.contains_key(name) {
            let oldest = all.iter().min_by_key(|(_, failures)| failures.last).map(|(name, _)| name.clone());
            oldest.map(|oldest| all.remove(&oldest));
        }
        let failures = all.entry(name.to_owned()).or_insert(Failures { count: 0, last: now });
        // What was locked and is so no longer begins anew.
        let over = failures.count >= FAILURES && failures.left(now).is_none();
        failures.count = if over { 1 } else { failures.count.saturating_add(1) };
        failures.last = now;
        failures.count == FAILURES
    }

    /// Forgets the failures of a name.
    pub fn succeeded(&mut self, name: &str) {
        self.known.remove(name);
        self.strangers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    #[track_caller]
    fn check(failures: &[i64], now: i64, expect: bool) {
        let mut lockout = Lockout::default();
        for second in failures {
            lockout.failed("AK", true, at(*second));
        }
        assert_eq!(lockout.locked("AK", at(now)).is_some(), expect);
    }

    #[test]
    fn the_fifth_failure_in_a_row_locks_for_five_minutes() {
        check(&[0, 1, 2, 3], 4, false);
        check(&[0, 1, 2, 3, 4], 5, true);
        check(&[0, 1, 2, 3, 4], 4 + 299, true);
        check(&[0, 1, 2, 3, 4], 4 + 300, false);
    }

    #[test]
    fn after_the_lock_there_are_five_more_tries() {
        check(&[0, 1, 2, 3, 4, 304], 305, false);
        check(&[0, 1, 2, 3, 4, 304, 305, 306, 307], 308, false);
        check(&[0, 1, 2, 3, 4, 304, 305, 306, 307, 308], 309, true);
    }

    #[test]
    fn a_success_between_begins_the_row_anew() {
        let mut lockout = Lockout::default();
        for second in 0..4 {
            assert!(!lockout.failed("AK", true, at(second)));
        }
        lockout.succeeded("AK");
        assert!(!lockout.failed("AK", true, at(5)));
        assert_eq!(lockout.locked("AK", at(6)), None);
        assert_eq!(lockout.locked("other", at(6)), None);
    }

    #[test]
    fn strangers_are_locked_too_but_do_not_push_anybody_else_out() {
        let mut lockout = Lockout::default();
        for second in 0..5 {
            lockout.failed("real", true, at(second));
            lockout.failed("nobody", false, at(second));
        }
        assert!(lockout.locked("nobody", at(5)).is_some());
        for number in 0..5000 {
            lockout.failed(&format!("stranger-{number}"), false, at(6));
        }
        assert!(lockout.locked("real", at(7)).is_some());
        assert!(lockout.strangers.len() <= STRANGERS);
    }
}
