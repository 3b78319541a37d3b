//! Instances of a version or an alias that are kept whether somebody asks for them or not.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::cron::Cron;
use crate::urn::{FunctionId, Qualifier};

/// How many, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reserve {
    /// Of which function.
    pub function: FunctionId,
    /// Of its version, or of the version that its alias names at the time.
    pub qualifier: Qualifier,
    /// How many when no policy says otherwise.
    pub count: u32,
    /// Whether they are frozen while nobody asks for them.
    pub idle_mode: bool,
    /// When there are more.
    pub policies: Vec<Policy>,
}

/// From each moment that `cron` names on there are `count`, until another policy's moment comes or the time is over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// For its owner.
    pub name: String,
    /// A [`Cron`] expression, UTC.
    pub cron: String,
    /// How many.
    pub count: u32,
    /// Seconds since 1970 from which on it holds.
    pub start: i64,
    /// Seconds since 1970 from which on it does not.
    pub expired: i64,
}

impl Reserve {
    /// How many there should be at `now`.
    pub fn wanted(&self, now: Timestamp) -> u32 {
        let last = self.policies.iter().filter_map(|policy| Some((policy.last(now)?, policy.count)));
        // Of several at the same moment the largest number.
        last.max().map_or(self.count, |(_, count)| count)
    }

    /// The URN it was asked for with.
    pub fn urn(&self) -> String {
        self.function.urn(&self.qualifier)
    }
}

impl Policy {
    /// Its last moment within its time, if it is within its time now.
    fn last(&self, now: Timestamp) -> Option<Timestamp> {
        let (start, expired) = (Timestamp::from_second(self.start).ok()?, Timestamp::from_second(self.expired).ok()?);
        if now < start || now >= expired {
            return None;
        }
        Cron::parse(&self.cron).ok()?.last(now, start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(cron: &str, count: u32) -> Policy {
        let second = |text: &str| text.parse::<Timestamp>().unwrap().as_second();
        let (start, expired) = (second("2026-03-02T00:00:00Z"), second("2026-03-05T00:00:00Z"));
        Policy { name: "p".into(), cron: cron.into(), count, start, expired }
    }

    /// Two at base, ten from nine to six on working days.
    #[track_caller]
    fn check(now: &str, expect: u32) {
        let id = FunctionId { region: "r".into(), project: "p".into(), package: "default".into(), name: "f".into() };
        let policies = vec![policy("0 0 9 * * 1-5", 10), policy("0 0 18 * * 1-5", 3)];
        let reserve = Reserve { function: id, qualifier: Qualifier::Latest, count: 2, idle_mode: false, policies };
        assert_eq!(reserve.wanted(now.parse().unwrap()), expect, "{now}");
    }

    #[test]
    fn the_policy_whose_moment_came_last_holds_within_its_time() {
        check("2026-03-01T12:00:00Z", 2);
        check("2026-03-02T08:59:59Z", 2);
        check("2026-03-02T09:00:00Z", 10);
        check("2026-03-02T18:00:00Z", 3);
        check("2026-03-03T03:00:00Z", 3);
        check("2026-03-03T09:00:01Z", 10);
        check("2026-03-04T23:59:59Z", 3);
        check("2026-03-05T00:00:00Z", 2);
    }
}
