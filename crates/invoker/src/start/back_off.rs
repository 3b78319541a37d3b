//! Exponential back-off with full jitter: starts of a version that keeps failing wait longer and longer, one probe at a time.

use std::time::Duration;

use crate::config::BackOff;

/// How the starts of one version went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Failures {
    /// Failures in a row.
    count: u32,
    /// When the last one was counted.
    counted: Duration,
    /// No start before this time.
    until: Duration,
}

impl Failures {
    /// A start that was decided on at `began` failed. Those that were decided on before the last failure was known count
    /// together with it: a burst of first requests is one experience, not thirty.
    pub(crate) fn count(&mut self, began: Duration, now: Duration, rules: &BackOff) {
        if self.count > 0 && began <= self.counted {
            return;
        }
        self.count = self.count.saturating_add(1);
        self.counted = now;
        let Some(doublings) = self.count.checked_sub(rules.after.max(1)) else { return };
        let longest = rules.first.saturating_mul(1_u32.checked_shl(doublings).unwrap_or(u32::MAX)).min(rules.longest);
        let micros = u64::try_from(longest.as_micros()).unwrap_or(u64::MAX);
        self.until = now + Duration::from_micros(rand::random_range(0..=micros));
    }

    /// The function answered a request.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// How long no start may begin, if that is so.
    pub(crate) fn wait(&self, now: Duration) -> Option<Duration> {
        self.until.checked_sub(now).filter(|wait| !wait.is_zero())
    }

    /// How many starts may go on at the same time.
    pub(crate) fn at_once(&self) -> usize {
        if self.count == 0 { usize::MAX } else { 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: BackOff = BackOff { after: 3, first: Duration::from_secs(1), longest: Duration::from_secs(60) };

    /// Failures at the given seconds; the next start waits at most `expect` seconds, and over many runs more than half of it.
    #[track_caller]
    fn check(seconds: &[u64], expect: f64) {
        let mut most = 0.0_f64;
        for _ in 0..200 {
            let mut failures = Failures::default();
            let mut now = Duration::ZERO;
            for second in seconds {
                let began = now;
                now = Duration::from_secs(*second);
                failures.count(began + Duration::from_millis(1), now, &RULES);
            }
            let wait = failures.wait(now).unwrap_or_default().as_secs_f64();
            assert!(wait <= expect, "{wait} > {expect}");
            most = most.max(wait);
        }
        assert!(most >= expect / 2.0, "{most} of {expect}");
    }

    #[test]
    fn the_wait_doubles_from_the_third_failure_on_up_to_a_minute() {
        check(&[1], 0.0);
        check(&[1, 2], 0.0);
        check(&[1, 2, 3], 1.0);
        check(&[1, 2, 3, 5], 2.0);
        check(&[1, 2, 3, 5, 9], 4.0);
        check(&(1..50).collect::<Vec<_>>(), 60.0);
    }

    #[test]
    fn starts_that_failed_together_count_once_and_an_answer_forgives() {
        let mut failures = Failures::default();
        let at = Duration::from_secs;
        for _ in 0..30 {
            failures.count(at(1), at(2), &RULES);
        }
        assert_eq!((failures.count, failures.wait(at(2)), failures.at_once()), (1, None, 1));
        failures.forget();
        assert_eq!(failures.at_once(), usize::MAX);
    }
}
