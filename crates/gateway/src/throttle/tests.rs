use std::collections::HashMap;
use std::net::Ipv6Addr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use model::apig::ApiRef;
use model::apig::throttles::{Limits, Unit};
use proptest::prelude::*;

use super::*;
use crate::caller::Named;

const ALL: Limits = Limits { api: Some(6), user: Some(4), app: Some(3), ip: Some(2) };

fn throttle(limits: Limits) -> Throttle {
    Throttle {
        scope: "t".into(),
        period: Period { interval: 10, unit: Unit::Second },
        limits,
        apps: HashMap::new(),
        users: HashMap::new(),
        rules: Vec::new(),
    }
}

/// A request from an address, of which nothing else is known.
fn from(last: u8) -> Seen<'static> {
    static REQUEST: LazyLock<(http::Method, http::Uri, http::HeaderMap, ApiRef)> = LazyLock::new(Default::default);
    let (method, uri, headers, api) = &*REQUEST;
    Seen { method, uri, headers, source: address(last), api }
}

fn address(last: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, last])
}

fn app(id: &str, user: &str) -> Caller {
    let named = Named { id: id.into(), name: id.into() };
    Caller { app: Some(named), user: Some(Arc::from(user)), account: None }
}

/// How many of so many calls are let through.
fn through(windows: &Windows, limits: &Throttle, caller: &Caller, source: u8) -> usize {
    (0..20).filter(|_| admit(windows, limits, (caller, from(source)), None).is_ok()).count()
}

#[track_caller]
fn check(limits: Limits, caller: &Caller, expect: usize) {
    assert_eq!(through(&Windows::default(), &throttle(limits), caller, 1), expect);
}

#[tokio::test(start_paused = true)]
async fn each_limit_holds_for_itself() {
    check(Limits { api: Some(6), ..Limits::default() }, &Caller::default(), 6);
    check(Limits { ip: Some(2), ..Limits::default() }, &Caller::default(), 2);
    check(Limits { app: Some(3), ..Limits::default() }, &app("a", "u"), 3);
    check(Limits { user: Some(4), ..Limits::default() }, &app("a", "u"), 4);
    check(Limits { user: Some(4), app: Some(3), ..Limits::default() }, &Caller::default(), 20);
    check(ALL, &app("a", "u"), 2);
}

#[tokio::test(start_paused = true)]
async fn who_is_refused_takes_nothing_from_the_others() {
    let (windows, limits) = (Windows::default(), throttle(ALL));
    assert_eq!(through(&windows, &limits, &app("a", "u"), 1), 2);
    assert_eq!(through(&windows, &limits, &app("a", "u"), 2), 1, "the app has one left");
    assert_eq!(through(&windows, &limits, &app("b", "u"), 3), 1, "the user has one left");
    assert_eq!(through(&windows, &limits, &app("c", "v"), 3), 1, "the address has one left");
    assert_eq!(through(&windows, &limits, &app("c", "v"), 4), 1, "the API has one left");
    assert_eq!(through(&windows, &limits, &app("d", "w"), 5), 0);
}

#[tokio::test(start_paused = true)]
async fn a_special_limit_is_the_apps_own() {
    let mut limits = throttle(Limits { app: Some(3), ..Limits::default() });
    limits.apps.insert("vip".into(), 9);
    limits.users.insert("slow".into(), 1);
    let windows = Windows::default();
    assert_eq!(through(&windows, &limits, &app("vip", "u"), 1), 9);
    assert_eq!(through(&windows, &limits, &app("a", "u"), 1), 3);
    assert_eq!(through(&windows, &limits, &app("b", "slow"), 1), 1);
}

#[tokio::test(start_paused = true)]
async fn a_window_begins_with_its_first_call_and_says_when_it_ends() {
    let (windows, limits) = (Windows::default(), throttle(Limits { api: Some(2), ..Limits::default() }));
    let call = || admit(&windows, &limits, (&Caller::default(), from(1)), None);
    tokio::time::advance(Duration::from_secs(7)).await;
    assert!(call().is_ok());
    tokio::time::advance(Duration::from_millis(9_500)).await;
    assert!(call().is_ok());
    let refused = call().unwrap_err();
    assert_eq!((refused.status.as_u16(), refused.code), (429, "APIG.0308"));
    assert_eq!(
        refused.message,
        "The throttling threshold has been reached: policy api over ratelimit,limit:2,time:10 second"
    );
    assert_eq!(refused.header.unwrap().1, "1");
    tokio::time::advance(Duration::from_millis(499)).await;
    assert!(call().is_err());
    tokio::time::advance(Duration::from_millis(1)).await;
    assert!(call().is_ok() && call().is_ok() && call().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_changed_policy_goes_on_with_what_was_counted() {
    let windows = Windows::default();
    let mut limits = throttle(Limits { api: Some(3), ..Limits::default() });
    limits.period = Period { interval: 1, unit: Unit::Day };
    assert_eq!(through(&windows, &limits, &Caller::default(), 1), 3);
    limits.limits.api = Some(5);
    assert_eq!(through(&windows, &limits, &Caller::default(), 1), 2);
    limits.limits.api = Some(4);
    assert_eq!(through(&windows, &limits, &Caller::default(), 1), 0);
    limits.period = Period { interval: 1, unit: Unit::Second };
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(through(&windows, &limits, &Caller::default(), 1), 4, "the window of a day is gone with the policy's");
}

#[tokio::test(start_paused = true)]
async fn scopes_are_counted_apart() {
    let (windows, limits) = (Windows::default(), throttle(Limits { api: Some(2), ip: Some(1), ..Limits::default() }));
    let other = Throttle { scope: "u".into(), ..limits.clone() };
    assert_eq!(through(&windows, &limits, &Caller::default(), 1), 1);
    assert_eq!(through(&windows, &other, &Caller::default(), 1), 1);
}

#[test]
fn of_ipv6_the_network_counts() {
    let v6 = |text: &str| network(text.parse::<Ipv6Addr>().unwrap().into());
    assert_eq!(v6("2001:db8::1"), v6("2001:db8::ffff:1"));
    assert_ne!(v6("2001:db8::1"), v6("2001:db8:0:1::1"));
    assert_eq!(v6("::ffff:192.0.2.1"), network(address(1)));
}

#[tokio::test(start_paused = true)]
async fn a_million_addresses_take_no_more_than_their_table_and_do_not_free_who_calls_most() {
    let windows = Windows::default();
    let bound = (3, Duration::from_secs(60));
    let key = |address: u32| windows.key("t", By::Ip, &address.to_be_bytes());
    let heavy = key(u32::MAX);
    for _ in 0..3 {
        assert!(windows.take(heavy, bound, 0).is_ok());
    }
    for address in 0..1_000_000 {
        assert!(windows.take(key(address), bound, 1).is_ok());
    }
    let (addresses, others) = windows.held();
    assert!(addresses > 100_000 && addresses <= 131_072, "{addresses}");
    assert_eq!(others, 0);
    assert!(windows.take(heavy, bound, 2).is_err(), "three calls weigh more than one");
}

#[tokio::test(start_paused = true)]
async fn windows_that_are_over_are_swept_out() {
    let windows = Windows::default();
    let second = (1, Duration::from_secs(1));
    for app in 0..1_000_000u32 {
        let now = u64::from(app) * 1_000_000; // a new app every millisecond: a thousand windows run
        assert!(windows.take(windows.key("t", By::App, &app.to_be_bytes()), second, now).is_ok());
    }
    let (_, others) = windows.held();
    assert!(others <= 64 * 2048, "{others}");
}

#[test]
fn threads_together_get_exactly_the_limit() {
    let windows = Windows::default();
    let limits = throttle(Limits { api: Some(5_000), ..Limits::default() });
    let through: usize = std::thread::scope(|scope| {
        let thread =
            || (0..4_000).filter(|_| admit(&windows, &limits, (&Caller::default(), from(1)), None).is_ok()).count();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(thread)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(through, 5_000);
}

/// What [`admit`] should do, slowly: every call that was let through is remembered with its millisecond, and windows are found by looking
/// at all of them.
#[derive(Default)]
struct Oracle(Vec<(u64, [Option<String>; 4])>);

impl Oracle {
    fn admit(&mut self, limits: &Throttle, (caller, source): (&Caller, u8), now: u64) -> bool {
        let app = caller.app.as_ref().map(|app| app.id.to_string());
        let user = caller.user.as_ref().map(|user| user.to_string());
        let bounds = [
            (limits.limits.api, Some(String::new())),
            (app.as_ref().and_then(|id| limits.of_app(id)), app.clone()),
            (user.as_ref().and_then(|id| limits.of_user(id)), user.clone()),
            (limits.limits.ip, Some(source.to_string())),
        ];
        let subjects = bounds.clone().map(|(limit, subject)| limit.and(subject));
        let fits = (0..4).all(|by| match (&bounds[by].0, &subjects[by]) {
            (Some(limit), Some(subject)) => self.in_window(by, subject, limits, now) < *limit as usize,
            _ => true,
        });
        if fits {
            self.0.push((now, subjects));
        }
        fits
    }

    /// Windows follow one another from the first call on: each begins with the first call behind the end of the one before.
    fn in_window(&self, by: usize, subject: &str, limits: &Throttle, now: u64) -> usize {
        let length = u64::try_from(limits.period.length().as_millis()).unwrap();
        let own: Vec<u64> =
            self.0.iter().filter(|(_, all)| all[by].as_deref() == Some(subject)).map(|(at, _)| *at).collect();
        let mut opened = None;
        for at in &own {
            match opened {
                Some(begin) if at - begin < length => {}
                _ => opened = Some(*at),
            }
        }
        match opened {
            Some(begin) if now - begin < length => own.iter().filter(|at| **at >= begin).count(),
            _ => 0,
        }
    }
}

/// Milliseconds between two calls, of a window of so many: most come at once or close to an end of a window.
fn pause(kind: u8, window: u64) -> u64 {
    match kind {
        0..=3 => 0,
        4 => 1,
        5 => window / 3,
        6 => window - 1,
        7 => window,
        _ => window * 5 / 2,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..ProptestConfig::default() })]
    #[test]
    fn whatever_comes_when_the_oracle_agrees(
        limits in (proptest::option::of(1..8u32), proptest::option::of(1..6u32), proptest::option::of(1..5u32), proptest::option::of(1..4u32)),
        periods in proptest::collection::vec((1..5u32, 0..4usize), 1..3),
        special in proptest::option::of(0..9u32),
        calls in proptest::collection::vec((0..9u8, 0..4u8, 0..3u8, 0..3u8), 1..120),
    ) {
        let (api, user, app_limit, ip) = limits;
        let mut limits = throttle(Limits { api, user, app: app_limit, ip });
        // A second one comes into force at half time.
        let periods: Vec<_> = periods
            .into_iter()
            .map(|(interval, unit)| Period { interval, unit: [Unit::Second, Unit::Minute, Unit::Hour, Unit::Day][unit] })
            .collect();
        limits.apps = special.map(|limit| ("1".to_owned(), limit)).into_iter().collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let (windows, mut oracle, mut now) = (Windows::default(), Oracle::default(), 0);
            let half = calls.len() / 2;
            for (number, (kind, name, owner, source)) in calls.into_iter().enumerate() {
                let period = periods[usize::from(number >= half && periods.len() > 1)];
                if period != limits.period {
                    // What happens to windows that run has a test of its own; here none does any more.
                    let over = u64::try_from(limits.period.length().max(period.length()).as_millis()).unwrap();
                    tokio::time::advance(Duration::from_millis(over)).await;
                    now += over;
                    limits.period = period;
                }
                let pause = pause(kind, u64::try_from(period.length().as_millis()).unwrap());
                tokio::time::advance(Duration::from_millis(pause)).await;
                now += pause;
                let caller = if name == 3 { Caller::default() } else { app(&name.to_string(), &owner.to_string()) };
                let ours = admit(&windows, &limits, (&caller, from(source)), None).is_ok();
                prop_assert_eq!(ours, oracle.admit(&limits, (&caller, source), now));
            }
            Ok(())
        })?;
    }
}
