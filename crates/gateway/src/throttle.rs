//! Limits of calls in windows of time: by API, app, user and source address, and by rules for what a request says. A call over one of them is answered with 429 here and
//! costs no function.
//!
//! A window begins with the first call that is counted in it and ends when its length is over; there is no call that was let
//! through and not counted. Counters belong to the scope of a policy, not to a route or a Snapshot: whatever is changed, they go on.

mod windows;

use std::net::IpAddr;

use http::{HeaderName, HeaderValue};
use model::apig::plugins::Seen;
use model::apig::throttles::{Period, Throttle, Unit};
use model::snapshot::{Route, Snapshot};

use crate::caller::Caller;
use crate::failure::Failure;
use crate::listener::network;

pub(crate) use self::windows::Windows;
use self::windows::{Full, Taken};

/// What a limit counts by, and the word for it in messages (`behaviour.md` 7.2.4 APIG.0308).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum By {
    Api,
    App,
    User,
    Ip,
    Rule,
}

impl By {
    fn word(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::App => "app",
            Self::User => "user",
            Self::Ip => "ip",
            Self::Rule => "rule",
        }
    }

    /// Where it is told what is left; the vendor has none for rules.
    fn header(self) -> Option<HeaderName> {
        Some(HeaderName::from_static(match self {
            Self::Api => "x-apig-ratelimit-api",
            Self::App => "x-apig-ratelimit-app",
            Self::User => "x-apig-ratelimit-user",
            Self::Ip => "x-apig-ratelimit-ip",
            Self::Rule => return None,
        }))
    }
}

/// One limit that a call has to pass.
#[derive(Debug)]
struct Gate<'a> {
    by: By,
    limit: u32,
    period: Period,
    subject: Subject<'a>,
}

/// Whose calls are counted.
#[derive(Debug)]
enum Subject<'a> {
    Everybody,
    Named(&'a str),
    Network(IpAddr),
}

impl Subject<'_> {
    fn key(&self, windows: &Windows, scope: &str, by: By) -> windows::Key {
        match self {
            Self::Everybody => windows.key(scope, by, &[]),
            Self::Named(id) => windows.key(scope, by, id.as_bytes()),
            Self::Network(IpAddr::V4(address)) => windows.key(scope, by, &address.octets()),
            Self::Network(IpAddr::V6(address)) => windows.key(scope, by, &address.octets()),
        }
    }
}

/// What is left of each limit, for a client that asks.
pub(crate) type Remains = Vec<(HeaderName, HeaderValue)>;

/// Counts a call, or refuses it and counts it nowhere. What is left is noted where somebody wants to know.
pub(crate) fn admit(
    windows: &Windows,
    throttle: &Throttle,
    (caller, seen): (&Caller, Seen<'_>),
    mut remains: Option<&mut Remains>,
) -> Result<(), Failure> {
    let now = windows.now();
    let mut taken = Counted::default();
    for gate in gates(throttle, caller, seen) {
        let key = gate.subject.key(windows, &throttle.scope, gate.by);
        match windows.take(key, (gate.limit, gate.period.length()), now) {
            Ok((one, left)) => {
                note(&mut remains, &gate, left);
                taken.push(one);
            }
            Err(Full { wait }) => {
                note(&mut remains, &gate, 0);
                taken.give_back(windows);
                let period = (gate.period.interval, gate.period.unit.word());
                return Err(Failure::throttled(gate.by.word(), gate.limit, period, wait));
            }
        }
    }
    Ok(())
}

/// Counts a call at a group's own sub-domain, which is for trying things out; at domains that were bound and at the bare address, none.
pub(crate) fn admit_subdomain(
    windows: &Windows,
    snapshot: &Snapshot,
    (host, route): (&str, &Route),
    limit: u32,
) -> Result<(), Failure> {
    if !snapshot.is_subdomain(host) {
        return Ok(());
    }
    let key = windows.key(&format!("sub-domain {} {}", route.api.project, route.api.group_id), By::Api, &[]);
    let period = Period { interval: 1, unit: Unit::Day };
    let taken = windows.take(key, (limit, period.length()), windows.now());
    let full = |Full { wait }| Failure::throttled("domain", limit, (period.interval, period.unit.word()), wait);
    taken.map(drop).map_err(full)
}

/// Where a call was counted so far. Few have rules, so these places are enough for most.
#[derive(Debug, Default)]
struct Counted {
    first: [Option<Taken>; 4],
    more: Vec<Taken>,
}

impl Counted {
    fn push(&mut self, one: Taken) {
        match self.first.iter_mut().find(|place| place.is_none()) {
            Some(place) => *place = Some(one),
            None => self.more.push(one),
        }
    }

    fn give_back(self, windows: &Windows) {
        for one in self.first.into_iter().flatten().chain(self.more) {
            windows.give_back(one);
        }
    }
}

/// The API's own limit first: it is what most calls over a limit are over, and then no table of addresses is touched. Rules last.
fn gates<'a>(throttle: &'a Throttle, caller: &'a Caller, seen: Seen<'a>) -> impl Iterator<Item = Gate<'a>> {
    let period = throttle.period;
    let gate = |by, limit: Option<u32>, subject| Some(Gate { by, limit: limit?, period, subject });
    let app = caller.app.as_ref().and_then(|app| gate(By::App, throttle.of_app(&app.id), Subject::Named(&app.id)));
    let user = caller.user.as_ref().and_then(|id| gate(By::User, throttle.of_user(id), Subject::Named(id)));
    let own = [
        gate(By::Api, throttle.limits.api, Subject::Everybody),
        app,
        user,
        gate(By::Ip, throttle.limits.ip, Subject::Network(network(seen.source))),
    ];
    let rules = throttle.rules.iter().filter(move |rule| rule.fits(seen)).map(|rule| Gate {
        by: By::Rule,
        limit: rule.limit,
        period: rule.period,
        subject: Subject::Named(&rule.name),
    });
    own.into_iter().flatten().chain(rules)
}

/// As the vendor's gateway says it in `X-Apig-Mode: debug`.
fn note(remains: &mut Option<&mut Remains>, gate: &Gate<'_>, left: u32) {
    let Some(remains) = remains else { return }; // as a rule: no name is made for nobody
    let Some(header) = gate.by.header() else { return };
    let (interval, unit) = (gate.period.interval, gate.period.unit.word());
    let text = format!("remain:{left},limit:{},time:{interval} {unit}", gate.limit);
    if let Ok(value) = HeaderValue::try_from(text) {
        remains.push((header, value));
    }
}

#[cfg(test)]
mod tests;
