//! Limits of calls in windows of time: by API, app, user and source address. A call over one of them is answered with 429 here and
//! costs no function.
//!
//! A window begins with the first call that is counted in it and ends when its length is over; there is no call that was let
//! through and not counted. Counters belong to the scope of a policy, not to a route or a Snapshot: whatever is changed, they go on.

mod windows;

use std::net::IpAddr;

use http::{HeaderName, HeaderValue};
use model::apig::throttles::Throttle;

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
}

impl By {
    fn word(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::App => "app",
            Self::User => "user",
            Self::Ip => "ip",
        }
    }

    fn header(self) -> HeaderName {
        HeaderName::from_static(match self {
            Self::Api => "x-apig-ratelimit-api",
            Self::App => "x-apig-ratelimit-app",
            Self::User => "x-apig-ratelimit-user",
            Self::Ip => "x-apig-ratelimit-ip",
        })
    }
}

/// One limit that a call has to pass.
#[derive(Debug)]
struct Gate<'a> {
    by: By,
    limit: u32,
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
    (caller, source): (&Caller, IpAddr),
    mut remains: Option<&mut Remains>,
) -> Result<(), Failure> {
    let length = throttle.period.length();
    let now = windows.now();
    let mut taken: [Option<Taken>; 4] = [None; 4];
    for (place, gate) in taken.iter_mut().zip(gates(throttle, caller, source)) {
        let Some(gate) = gate else { continue };
        let key = gate.subject.key(windows, &throttle.scope, gate.by);
        match windows.take(key, (gate.limit, length), now) {
            Ok((one, left)) => {
                note(&mut remains, throttle, &gate, left);
                *place = Some(one);
            }
            Err(Full { wait }) => {
                note(&mut remains, throttle, &gate, 0);
                for one in taken.into_iter().flatten() {
                    windows.give_back(one);
                }
                let period = (throttle.period.interval, throttle.period.unit.word());
                return Err(Failure::throttled(gate.by.word(), gate.limit, period, wait));
            }
        }
    }
    Ok(())
}

/// The API's own limit first: it is what most calls over a limit are over, and then no table of addresses is touched.
fn gates<'a>(throttle: &Throttle, caller: &'a Caller, source: IpAddr) -> [Option<Gate<'a>>; 4] {
    let named = |by, limit: Option<u32>, id: &'a str| Some(Gate { by, limit: limit?, subject: Subject::Named(id) });
    [
        throttle.limits.api.map(|limit| Gate { by: By::Api, limit, subject: Subject::Everybody }),
        caller.app.as_ref().and_then(|app| named(By::App, throttle.of_app(&app.id), &app.id)),
        caller.user.as_ref().and_then(|id| named(By::User, throttle.of_user(id), id)),
        throttle.limits.ip.map(|limit| Gate { by: By::Ip, limit, subject: Subject::Network(network(source)) }),
    ]
}

/// As the vendor's gateway says it in `X-Apig-Mode: debug`.
fn note(remains: &mut Option<&mut Remains>, throttle: &Throttle, gate: &Gate<'_>, left: u32) {
    let Some(remains) = remains else { return };
    let (interval, unit) = (throttle.period.interval, throttle.period.unit.word());
    let text = format!("remain:{left},limit:{},time:{interval} {unit}", gate.limit);
    if let Ok(value) = HeaderValue::try_from(text) {
        remains.push((gate.by.header(), value));
    }
}

#[cfg(test)]
mod tests;
