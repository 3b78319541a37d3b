//! Limits of calls as a plug-in; where one is bound, the throttling policy of the API rests.

use std::collections::HashMap;

use serde::Deserialize;

use super::rule::{self, Entry, Parameter, Rule};
use super::shape;
use crate::apig::throttles::{Limits, Period, Throttle, Unit};

/// Most calls and longest interval, as of throttling policies.
const MOST: u32 = i32::MAX as u32;
/// Apps or users with limits of their own.
const SPECIALS: usize = 30;

/// What a document says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimit {
    shared: bool,
    period: Period,
    limits: Limits,
    apps: HashMap<String, u32>,
    users: HashMap<String, u32>,
    rules: Vec<Rule>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Document {
    scope: String,
    default_interval: Option<u32>,
    default_time_unit: String,
    /// -1 is none.
    api_limit: i64,
    app_limit: u32,
    user_limit: u32,
    ip_limit: u32,
    algorithm: Option<String>,
    specials: Vec<Special>,
    parameters: Vec<Parameter>,
    rules: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Special {
    r#type: String,
    policies: Vec<Own>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    key: String,
    limit: u32,
}

impl RateLimit {
    pub(super) fn read(text: &str) -> Result<Self, Vec<String>> {
        let document: Document = shape(text)?;
        let mut problems = Vec::new();
        let unit = match document.default_time_unit.as_str() {
            "" => Some(Unit::Second),
            word => Unit::of_word(word),
        };
        if unit.is_none() {
            problems.push("default_time_unit must be second, minute, hour or day".to_owned());
        }
        if !matches!(document.scope.as_str(), "" | "basic" | "share") {
            problems.push("scope must be basic or share".to_owned());
        }
        // All of them are counted exactly here: there is one machine.
        if document.algorithm.as_deref().is_some_and(|algorithm| !matches!(algorithm, "counter" | "haht" | "local")) {
            problems.push("algorithm must be counter, haht or local".to_owned());
        }
        let period = Period { interval: document.interval(), unit: unit.unwrap_or_default() };
        let rules = rule::read(&document.parameters, &document.rules, period, &mut problems);
        document.check_numbers(&mut problems);
        let (mut apps, mut users) = (HashMap::new(), HashMap::new());
        for special in &document.specials {
            match special.r#type.as_str() {
                "app" => special.add(&document, &mut apps, &mut problems),
                "user" => special.add(&document, &mut users, &mut problems),
                _ => problems.push("specials: type must be app or user".to_owned()),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let some = |limit: u32| (limit > 0).then_some(limit);
        let limits = Limits {
            api: u32::try_from(document.api_limit).ok(),
            user: some(document.user_limit),
            app: some(document.app_limit),
            ip: some(document.ip_limit),
        };
        Ok(Self { shared: document.scope == "share", period, limits, apps, users, rules })
    }

    /// As the gateway counts by it, for an API in an environment.
    pub fn throttle(&self, plugin_id: &str, api_id: &str, env_id: &str) -> Throttle {
        let Self { shared, period, limits, apps, users, rules } = self.clone();
        let scope = if shared { plugin_id.to_owned() } else { format!("{plugin_id} {api_id} {env_id}") };
        Throttle { scope, period, limits, apps, users, rules }
    }
}

impl Document {
    /// Units in a window where the document does not say.
    fn interval(&self) -> u32 {
        self.default_interval.unwrap_or(1)
    }

    /// The most that limits beside the API's own may be.
    fn most(&self) -> u32 {
        u32::try_from(self.api_limit).unwrap_or(MOST).min(MOST)
    }

    fn check_numbers(&self, problems: &mut Vec<String>) {
        if self.api_limit != -1 && !(1..=i64::from(MOST)).contains(&self.api_limit) {
            problems.push(format!("api_limit must be 1 to {MOST}, or -1 for no limit, not {}", self.api_limit));
        }
        let mut within = |field: &str, value: u32, least: u32, most: u32| {
            if !(least..=most).contains(&value) {
                problems.push(format!("{field} must be {least} to {most}, not {value}"));
            }
        };
        within("default_interval", self.interval(), 1, MOST);
        within("user_limit", self.user_limit, 0, self.most());
        within("ip_limit", self.ip_limit, 0, self.most());
        let user = if self.user_limit > 0 { self.user_limit } else { self.most() };
        within("app_limit", self.app_limit, 0, user.min(MOST));
    }
}

impl Special {
    fn add(&self, document: &Document, to: &mut HashMap<String, u32>, problems: &mut Vec<String>) {
        for Own { key, limit } in &self.policies {
            if key.is_empty() || key.len() > 64 {
                problems.push("specials: key must be the id of an app or a user".to_owned());
            }
            if *limit == 0 || *limit > document.most() {
                problems.push(format!("specials: limit must be 1 to {}, not {limit}", document.most()));
            }
            to.insert(key.clone(), *limit);
        }
        if to.len() > SPECIALS {
            problems.push(format!("specials: at most {SPECIALS} of one type"));
        }
    }
}
