use proptest::prelude::*;

use super::*;

const RULES: Rules = Rules {
    slots: 2,
    keep_alive: Duration::from_secs(60),
    freeze_after: None,
    grace: Duration::from_secs(5),
    pre_stop: Duration::ZERO,
};
/// As [`RULES`], and frozen after ten seconds.
const FREEZING: Rules = Rules { freeze_after: Some(Duration::from_secs(10)), ..RULES };

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Runs `(second, event)` pairs from a start at 0 and compares the last state and all actions.
#[track_caller]
fn check(events: &[(u64, Event)], expect: State, actions: &[Action]) {
    check_by(&RULES, events, expect, actions);
}

#[track_caller]
fn check_by(rules: &Rules, events: &[(u64, Event)], expect: State, actions: &[Action]) {
    let mut state = State::Starting { since: at(0) };
    let mut seen = Vec::new();
    for &(second, event) in events {
        let (next, action) = state.step(event, at(second), rules);
        state = next;
        seen.extend(action);
    }
    assert_eq!(state, expect);
    assert_eq!(seen, actions);
}

#[test]
fn an_instance_without_requests_leaves_after_the_keep_alive_and_is_killed_when_it_does_not_end() {
    use Event::{Exited, Lease, Ready, Return, Tick};
    let idle = [(1, Ready), (2, Lease), (3, Return), (62, Tick)];
    check(&idle, State::Idle { since: at(3), awake: at(3) }, &[]);
    let reason = Reason::Idle;
    let left = [&idle[..], &[(63, Tick), (67, Tick)]].concat();
    check(&left, State::Draining { reason, since: at(63), in_flight: 0 }, &[Action::Terminate]);
    let killed = [&left[..], &[(68, Tick), (69, Exited(Reason::Exited))]].concat();
    check(&killed, State::Gone { reason }, &[Action::Terminate, Action::Kill]);
}

#[test]
fn a_superseded_instance_finishes_its_requests_however_long_they_take() {
    use Event::{Drain, Lease, Ready, Return, Tick};
    let reason = Reason::Superseded;
    let busy = [(1, Ready), (2, Lease), (2, Lease), (3, Drain(reason)), (900, Tick), (900, Lease), (901, Return)];
    check(&busy, State::Draining { reason, since: at(3), in_flight: 1 }, &[]);
    let done = [&busy[..], &[(902, Return)]].concat();
    check(&done, State::Draining { reason, since: at(902), in_flight: 0 }, &[Action::Terminate]);
}

#[test]
fn an_instance_that_hangs_gives_the_other_requests_its_grace_and_no_more() {
    use Event::{Drain, Kill, Lease, Ready, Return, Tick};
    let reason = Reason::TimedOut;
    let events = [(1, Ready), (2, Lease), (2, Lease), (5, Return), (5, Drain(reason)), (9, Tick)];
    check(&events, State::Draining { reason, since: at(5), in_flight: 1 }, &[]);
    let over = [&events[..], &[(10, Tick)]].concat();
    check(&over, State::Draining { reason, since: at(10), in_flight: 1 }, &[Action::Kill]);
    let alone = [(1, Ready), (2, Lease), (5, Kill(reason)), (5, Return)];
    let gone = State::Draining { reason, since: at(5), in_flight: 0 };
    check(&alone, gone, &[Action::Kill, Action::Terminate]);
}

#[test]
fn a_drained_instance_that_then_hangs_loses_its_patience() {
    use Event::{Drain, Lease, Ready};
    let reason = Reason::TimedOut;
    let events = [(1, Ready), (2, Lease), (3, Drain(Reason::Superseded)), (4, Drain(reason)), (5, Drain(Reason::Idle))];
    check(&events, State::Draining { reason, since: at(4), in_flight: 1 }, &[]);
}

#[test]
fn a_start_that_nobody_needs_is_killed_at_once() {
    let reason = Reason::Unneeded;
    let state = State::Draining { reason, since: at(1), in_flight: 0 };
    check(&[(1, Event::Drain(reason)), (1, Event::Ready), (1, Event::Lease)], state, &[Action::Kill]);
}

#[test]
fn an_idle_instance_is_frozen_and_then_paged_out_and_a_request_waits_until_it_is_awake() {
    use Event::{Lease, PageOut, Ready, Return, Thawed, Tick};
    let idle = [(1, Ready), (2, Lease), (3, Return), (12, Tick)];
    check_by(&FREEZING, &idle, State::Idle { since: at(3), awake: at(3) }, &[]);
    let frozen = [&idle[..], &[(13, Tick)]].concat();
    check_by(&FREEZING, &frozen, State::Frozen { since: at(3) }, &[]);
    let paged_out = [&frozen[..], &[(20, PageOut), (21, PageOut), (22, Tick)]].concat();
    check_by(&FREEZING, &paged_out, State::PagedOut { since: at(3) }, &[]);
    for before in [frozen, paged_out] {
        let thawing = [&before[..], &[(30, Lease), (30, Lease), (30, Lease)]].concat();
        check_by(&FREEZING, &thawing, State::Thawing { in_flight: 2 }, &[]);
        let busy = [&thawing[..], &[(31, Thawed)]].concat();
        check_by(&FREEZING, &busy, State::Busy { in_flight: 2 }, &[]);
        let left = [&thawing[..], &[(31, Return), (31, Return), (32, Thawed)]].concat();
        check_by(&FREEZING, &left, State::Idle { since: at(32), awake: at(32) }, &[]);
    }
}

#[test]
fn a_frozen_instance_leaves_when_an_idle_one_would() {
    use Event::{Drain, PageOut, Ready, Tick};
    for page_out in [Tick, PageOut] {
        let idle = [(1, Ready), (11, Tick), (20, page_out), (61, Tick)];
        check_by(
            &FREEZING,
            &idle,
            State::Draining { reason: Reason::Idle, since: at(61), in_flight: 0 },
            &[Action::Terminate],
        );
        let reason = Reason::Superseded;
        let drained = [(1, Ready), (11, Tick), (20, page_out), (21, Drain(reason))];
        check_by(&FREEZING, &drained, State::Draining { reason, since: at(21), in_flight: 0 }, &[Action::Terminate]);
    }
}

#[test]
fn who_waits_for_a_thaw_is_served_by_an_instance_that_is_then_superseded() {
    use Event::{Drain, Lease, Ready, Return, Thawed, Tick};
    let reason = Reason::Superseded;
    let events = [(1, Ready), (11, Tick), (20, Lease), (20, Drain(reason)), (21, Thawed)];
    check_by(&FREEZING, &events, State::Draining { reason, since: at(20), in_flight: 1 }, &[]);
    let done = [&events[..], &[(22, Return)]].concat();
    check_by(&FREEZING, &done, State::Draining { reason, since: at(22), in_flight: 0 }, &[Action::Terminate]);
}

#[test]
fn what_cannot_be_frozen_is_tried_again_and_still_leaves_in_time() {
    use Event::{NotFrozen, Ready, Tick};
    let events = [(1, Ready), (11, Tick), (12, NotFrozen), (21, Tick)];
    check_by(&FREEZING, &events, State::Idle { since: at(1), awake: at(12) }, &[]);
    let again = [&events[..], &[(22, Tick)]].concat();
    check_by(&FREEZING, &again, State::Frozen { since: at(1) }, &[]);
    let stubborn = [&again[..], &[(55, NotFrozen), (61, Tick)]].concat();
    let left = State::Draining { reason: Reason::Idle, since: at(61), in_flight: 0 };
    check_by(&FREEZING, &stubborn, left, &[Action::Terminate]);
}

#[test]
fn an_instance_that_leaves_before_it_would_be_frozen_is_never_frozen() {
    use Event::{Ready, Tick};
    let rules = Rules { keep_alive: at(5), ..FREEZING };
    let left = State::Draining { reason: Reason::Idle, since: at(11), in_flight: 0 };
    check_by(&rules, &[(1, Ready), (11, Tick)], left, &[Action::Terminate]);
}

fn event() -> impl Strategy<Value = Event> {
    let reason = || {
        prop::sample::select(vec![
            Reason::Idle,
            Reason::Superseded,
            Reason::TimedOut,
            Reason::Exited,
            Reason::OutOfMemory,
            Reason::Unreachable,
        ])
    };
    prop_oneof![
        2 => Just(Event::Ready),
        6 => Just(Event::Lease),
        6 => Just(Event::Return),
        3 => Just(Event::Tick),
        3 => Just(Event::Thawed),
        2 => Just(Event::PageOut),
        1 => Just(Event::NotFrozen),
        1 => reason().prop_map(Event::Drain),
        1 => reason().prop_map(Event::Kill),
        1 => reason().prop_map(Event::Exited),
    ]
}

proptest! {
    #[test]
    fn no_sequence_of_events_breaks_a_promise(
        slots in 0..4_u32,
        freeze_after in prop::option::of((0..80_u64).prop_map(at)),
        events in prop::collection::vec((0..40_u64, event()), 0..60),
    ) {
        let rules = Rules { slots, freeze_after, ..RULES };
        let mut now = at(0);
        let mut state = State::Starting { since: now };
        let mut leases = 0_u32;
        let mut told_to_end = false;
        // What is known of the process: it is changed by whoever follows the pose, and sends the news.
        let mut asleep = false;
        for (seconds, event) in events {
            now += at(seconds);
            let free = state.free(&rules);
            let (next, action) = state.step(event, now, &rules);
            match event {
                // A slot is given exactly when the state before said that one is free.
                Event::Lease if free > 0 => leases += 1,
                Event::Return if leases > 0 => leases -= 1,
                _ => {}
            }
            if matches!(state, State::Gone { .. }) {
                prop_assert_eq!(next, state, "out of Gone");
                prop_assert_eq!(action, None);
                leases = 0;
            } else if matches!(next, State::Gone { .. }) {
                leases = 0;
            } else {
                prop_assert_eq!(next.in_flight(), leases, "a lease was lost or made up");
            }
            prop_assert!(next.in_flight() <= rules.slots.max(1), "too many requests");
            prop_assert!(!matches!(next, State::Busy { in_flight: 0 }), "busy with nothing");
            if matches!(state, State::Draining { .. }) {
                prop_assert!(matches!(next, State::Draining { .. } | State::Gone { .. }), "back from draining");
                prop_assert!(next.in_flight() <= state.in_flight(), "a new lease while draining");
            }
            told_to_end |= action.is_some();
            match (next.pose(), event) {
                (Pose::Frozen | Pose::PagedOut, _) => asleep = true,
                (Pose::Awake, Event::Thawed | Event::NotFrozen) => asleep = false,
                (Pose::Awake, _) => {}
            }
            if matches!(next, State::Frozen { .. } | State::PagedOut { .. }) {
                prop_assert!(rules.freeze_after.is_some(), "frozen and not wanted");
                prop_assert!(next.deadline(&rules).is_some(), "frozen for ever");
                prop_assert_eq!(next.in_flight(), 0, "frozen with a request");
            }
            // A request is sent, and so an instance busy, only where no news of a thaw is missing.
            prop_assert!(!(asleep && matches!(next, State::Idle { .. } | State::Busy { .. })), "used while asleep");
            if next.in_flight() > 0 || action.is_some() {
                prop_assert_eq!(next.pose(), Pose::Awake, "to be frozen with a request or when it is to end");
            }
            if matches!(next, State::Draining { in_flight: 0, .. }) {
                prop_assert!(told_to_end, "drained and never asked to end");
            }
            state = next;
        }
    }

    #[test]
    fn left_alone_every_instance_ends(
        freeze_after in prop::option::of((0..80_u64).prop_map(at)),
        page_out in any::<bool>(),
    ) {
        let rules = Rules { freeze_after, ..RULES };
        let mut state = State::Starting { since: at(0) }.step(Event::Ready, at(0), &rules).0;
        let mut looks = 0;
        while let Some(deadline) = state.deadline(&rules) {
            looks += 1;
            prop_assert!(looks < 10, "it never ends: {:?}", state);
            let (next, action) = state.step(Event::Tick, deadline, &rules);
            prop_assert_ne!(next, state, "a deadline at which nothing happens");
            if action == Some(Action::Terminate) {
                prop_assert_eq!(deadline, rules.keep_alive, "not when an idle instance leaves");
                prop_assert_eq!(next.pose(), Pose::Awake);
                return Ok(());
            }
            state = if page_out { next.step(Event::PageOut, deadline, &rules).0 } else { next };
        }
        prop_assert!(false, "nothing more happens to it");
    }

    #[test]
    fn every_busy_instance_returns_to_idle(slots in 1..50_u32) {
        let rules = Rules { slots, ..RULES };
        let mut state = State::Idle { since: at(0), awake: at(0) };
        for _ in 0..slots {
            state = state.step(Event::Lease, at(1), &rules).0;
        }
        prop_assert_eq!(state, State::Busy { in_flight: slots });
        prop_assert_eq!(state.step(Event::Lease, at(1), &rules).0, state);
        for _ in 0..slots {
            state = state.step(Event::Return, at(2), &rules).0;
        }
        prop_assert_eq!(state, State::Idle { since: at(2), awake: at(2) });
    }
}
