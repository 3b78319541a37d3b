use proptest::prelude::*;

use super::*;

const RULES: Rules = Rules { slots: 2, keep_alive: Duration::from_secs(60), grace: Duration::from_secs(5) };

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Runs `(second, event)` pairs from a start at 0 and compares the last state and all actions.
#[track_caller]
fn check(events: &[(u64, Event)], expect: State, actions: &[Action]) {
    let mut state = State::Starting { since: at(0) };
    let mut seen = Vec::new();
    for &(second, event) in events {
        let (next, action) = state.step(event, at(second), &RULES);
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
    check(&idle, State::Idle { since: at(3) }, &[]);
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
        1 => reason().prop_map(Event::Drain),
        1 => reason().prop_map(Event::Kill),
        1 => reason().prop_map(Event::Exited),
    ]
}

proptest! {
    #[test]
    fn no_sequence_of_events_breaks_a_promise(
        slots in 0..4_u32,
        events in prop::collection::vec((0..40_u64, event()), 0..60),
    ) {
        let rules = Rules { slots, ..RULES };
        let mut now = at(0);
        let mut state = State::Starting { since: now };
        let mut leases = 0_u32;
        let mut told_to_end = false;
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
            if matches!(next, State::Draining { in_flight: 0, .. }) {
                prop_assert!(told_to_end, "drained and never asked to end");
            }
            state = next;
        }
    }

    #[test]
    fn every_busy_instance_returns_to_idle(slots in 1..50_u32) {
        let rules = Rules { slots, ..RULES };
        let mut state = State::Idle { since: at(0) };
        for _ in 0..slots {
            state = state.step(Event::Lease, at(1), &rules).0;
        }
        prop_assert_eq!(state, State::Busy { in_flight: slots });
        prop_assert_eq!(state.step(Event::Lease, at(1), &rules).0, state);
        for _ in 0..slots {
            state = state.step(Event::Return, at(2), &rules).0;
        }
        prop_assert_eq!(state, State::Idle { since: at(2) });
    }
}
