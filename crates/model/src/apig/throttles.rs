//! Request throttling policies: how often published APIs may be called in a window of time, in all and by one app, user or address.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::plugins::Rule;

/// `time_unit`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Unit {
    /// A second.
    #[default]
    Second,
    /// 60 seconds.
    Minute,
    /// 60 minutes.
    Hour,
    /// 24 hours.
    Day,
}

impl Unit {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Second, Self::Minute, Self::Hour, Self::Day];

    /// As the wire spells it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Second => "SECOND",
            Self::Minute => "MINUTE",
            Self::Hour => "HOUR",
            Self::Day => "DAY",
        }
    }

    /// As messages spell it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// From the word for it.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|own| own.word() == word)
    }

    /// Its length.
    pub fn seconds(self) -> u64 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3600,
            Self::Day => 86_400,
        }
    }
}

/// How often, in one window. What is `None` is not limited on its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// All calls, at least 1.
    pub api: Option<u32>,
    /// Calls of one user.
    pub user: Option<u32>,
    /// Calls of one app.
    pub app: Option<u32>,
    /// Calls from one source address.
    pub ip: Option<u32>,
}

/// A window: so many units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// At least 1.
    pub interval: u32,
    /// Of what.
    pub unit: Unit,
}

impl Period {
    /// Its length.
    pub fn length(self) -> Duration {
        Duration::from_secs(u64::from(self.interval).saturating_mul(self.unit.seconds()))
    }
}

/// A policy as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// 32 hexadecimal digits.
    pub id: String,
    /// The project it belongs to.
    pub project: String,
    /// Unique in the project.
    pub name: String,
    /// For people.
    pub remark: String,
    /// Whether all APIs that it is bound to are counted together.
    pub shared: bool,
    /// The window.
    pub period: Period,
    /// What is allowed in it.
    pub limits: Limits,
    /// When it was made.
    pub created: Timestamp,
}

/// Who has a limit of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Object {
    /// An app, by its id.
    App,
    /// A user: of apps a project, of IAM users an account, by its id.
    User,
}

impl Object {
    /// As the wire spells it.
    pub fn code(self) -> &'static str {
        match self {
            Self::App => "APP",
            Self::User => "USER",
        }
    }
}

/// A limit for one app or user that takes the place of the policy's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Special {
    /// 32 hexadecimal digits.
    pub id: String,
    /// The policy.
    pub throttle_id: String,
    /// What `object_id` names.
    pub object: Object,
    /// Id of the app or user.
    pub object_id: String,
    /// Calls in one window of the policy.
    pub limit: u32,
    /// When it was set.
    pub applied: Timestamp,
}

/// What the gateway counts by: a policy as it applies to one published API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Throttle {
    /// Names what is counted together: the policy, and unless it is shared the API and its environment. Counters of the same
    /// scope go on when the policy or the Snapshot changes.
    pub scope: String,
    /// The window.
    pub period: Period,
    /// What is allowed in it.
    pub limits: Limits,
    /// Limits of single apps, by id.
    pub apps: HashMap<String, u32>,
    /// Limits of single users, by id.
    pub users: HashMap<String, u32>,
    /// Limits of the requests that a condition picks out, beside the others.
    pub rules: Vec<Rule>,
}

impl Throttle {
    /// A policy as it applies to an API in an environment.
    pub fn new(policy: &Policy, specials: &[Special], api_id: &str, env_id: &str) -> Self {
        let of = |object| {
            let own =
                specials.iter().filter(move |special| special.throttle_id == policy.id && special.object == object);
            own.map(|special| (special.object_id.clone(), special.limit)).collect()
        };
        let scope = match policy.shared {
            true => policy.id.clone(),
            false => format!("{} {api_id} {env_id}", policy.id),
        };
        let (apps, users) = (of(Object::App), of(Object::User));
        Self { scope, period: policy.period, limits: policy.limits, apps, users, rules: Vec::new() }
    }

    /// How often this app may call.
    pub fn of_app(&self, id: &str) -> Option<u32> {
        self.apps.get(id).copied().or(self.limits.app)
    }

    /// How often this user may call.
    pub fn of_user(&self, id: &str) -> Option<u32> {
        self.users.get(id).copied().or(self.limits.user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(shared: bool) -> Policy {
        Policy {
            id: "t".into(),
            project: "p".into(),
            name: "n".into(),
            remark: String::new(),
            shared,
            period: Period { interval: 2, unit: Unit::Minute },
            limits: Limits { api: Some(10), user: Some(5), app: None, ip: None },
            created: crate::time::now(),
        }
    }

    #[test]
    fn a_shared_policy_counts_all_its_apis_together() {
        let scope = |shared, api| Throttle::new(&policy(shared), &[], api, "e").scope;
        assert_eq!(scope(true, "a"), scope(true, "b"));
        assert_ne!(scope(false, "a"), scope(false, "b"));
        assert_ne!(scope(false, "a"), Throttle::new(&policy(false), &[], "a", "f").scope);
    }

    #[test]
    fn a_special_limit_takes_the_place_of_the_policys() {
        let special = |object, throttle: &str, limit| Special {
            id: String::new(),
            throttle_id: throttle.into(),
            object,
            object_id: "x".into(),
            limit,
            applied: crate::time::now(),
        };
        let specials = [special(Object::App, "t", 7), special(Object::User, "other", 9)];
        let throttle = Throttle::new(&policy(false), &specials, "a", "e");
        assert_eq!((throttle.of_app("x"), throttle.of_app("y")), (Some(7), None));
        assert_eq!((throttle.of_user("x"), throttle.of_user("y")), (Some(5), Some(5)));
    }

    #[test]
    fn the_longest_window_is_no_overflow() {
        let period = Period { interval: u32::MAX, unit: Unit::Day };
        assert_eq!(period.length().as_secs(), u64::from(u32::MAX) * 86_400);
    }
}
