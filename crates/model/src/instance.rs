//! The life of an instance as a pure state machine.
//!
//! ```text
//!             Ready           Lease
//!  Starting ────────> Idle <────────> Busy
//!      │               │      Return    │
//!      │ Drain, Kill   │ Tick, Drain    │ Drain, Kill
//!      └──────────> Draining <──────────┘
//!                      │ Exited (from every state)
//!                      v
//!                    Gone
//!
//!        Tick           PageOut
//!  Idle ──────> Frozen ─────────> PagedOut     (both leave as Idle does)
//!                  │ Lease            │
//!                  └───> Thawing <────┘
//!                           │ Thawed
//!                           └───────> Busy
//! ```
//!
//! 1. An instance is [`State::Starting`] until its port listens, then it may be leased: one lease is one request.
//! 2. It is [`State::Busy`] with at most [`Rules::slots`] requests, or [`State::Idle`], and leaves after
//!    [`Rules::keep_alive`] without one.
//! 3. Without a request for [`Rules::freeze_after`] it is [`State::Frozen`]: its processes do not run. Short of memory, the
//!    host takes that of frozen ones away: [`State::PagedOut`]. A lease makes it [`State::Thawing`]; the request waits until
//!    it is awake.
//! 4. [`State::Draining`] it gets no new lease; when the last request came back it is asked to end, and made to after
//!    [`Rules::grace`] (and before that its pre-stop hook is called, if it has one).
//! 5. [`State::Gone`] is for ever.
//!
//! There is no event that makes more leases than slots, none that loses a lease, and none that leads out of `Gone`. What has
//! a request, or is to end, is never to be frozen ([`State::pose`]). An event that makes no sense in a state changes nothing.
//! Times are durations since any fixed moment.

use std::time::Duration;

/// What the machine is told about the function it serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Requests at the same time (`concurrent_num`); 0 counts as 1.
    pub slots: u32,
    /// How long an instance without a request is kept.
    pub keep_alive: Duration,
    /// After how long without a request it is frozen; `None` where that is not wanted, or not possible.
    pub freeze_after: Option<Duration>,
    /// How long an instance that was asked to end may take, and how long other requests may go on in an instance that
    /// is no longer trusted.
    pub grace: Duration,
    /// How long a healthy instance may take for its pre-stop hook, before it is asked to end; zero without one.
    pub pre_stop: Duration,
}

impl Rules {
    /// The shortest time after which something happens to an instance without a request.
    pub fn shortest(&self) -> Duration {
        self.freeze_after.map_or(self.keep_alive, |after| after.min(self.keep_alive))
    }
}

/// What an instance is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its port does not listen yet.
    Starting {
        /// When it was decided to start it.
        since: Duration,
    },
    /// It waits for a request.
    Idle {
        /// Since when.
        since: Duration,
        /// From when on the time counts after which it is frozen: `since`, or later if it could not be frozen.
        awake: Duration,
    },
    /// It waits for a request, and its processes do not run.
    Frozen {
        /// Since when it waits.
        since: Duration,
    },
    /// As [`State::Frozen`], and its memory is in the host's swap, as far as possible.
    PagedOut {
        /// Since when it waits.
        since: Duration,
    },
    /// It was frozen, and requests wait until it is awake.
    Thawing {
        /// How many; 0 when all of them went away meanwhile.
        in_flight: u32,
    },
    /// It serves requests.
    Busy {
        /// How many; from 1 to [`Rules::slots`].
        in_flight: u32,
    },
    /// It gets no new request and ends when it has none.
    Draining {
        /// Why it leaves.
        reason: Reason,
        /// When its grace began: at the decision, or when the last request came back.
        since: Duration,
        /// Requests that are still on their way.
        in_flight: u32,
    },
    /// The process is no more.
    Gone {
        /// Why.
        reason: Reason,
    },
}

/// Why an instance left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Nobody asked for it long enough.
    Idle,
    /// Nobody waits for it any more.
    Unneeded,
    /// Its version was changed or deleted.
    Superseded,
    /// funcd is shutting down.
    Shutdown,
    /// It did not start.
    StartFailed,
    /// It did not give up a request whose time was over.
    TimedOut,
    /// Its port listens no longer.
    Unreachable,
    /// Its process ended by itself.
    Exited,
    /// It used more memory than it has.
    OutOfMemory,
}

impl Reason {
    /// Whether the requests in flight may take as long as they are allowed to, because the instance is healthy.
    pub fn patient(self) -> bool {
        matches!(self, Self::Idle | Self::Unneeded | Self::Superseded | Self::Shutdown)
    }

    /// Name for logs and lists, such as `out_of_memory`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Unneeded => "unneeded",
            Self::Superseded => "superseded",
            Self::Shutdown => "shutdown",
            Self::StartFailed => "start_failed",
            Self::TimedOut => "timed_out",
            Self::Unreachable => "unreachable",
            Self::Exited => "exited",
            Self::OutOfMemory => "out_of_memory",
        }
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The port listens.
    Ready,
    /// A request takes a slot.
    Lease,
    /// A request gives its slot back.
    Return,
    /// Its processes run again.
    Thawed,
    /// Its processes could not be frozen.
    NotFrozen,
    /// Its memory is wanted.
    PageOut,
    /// Somebody looks at the clock.
    Tick,
    /// No new lease; end when the last one came back.
    Drain(Reason),
    /// End now, whoever is served.
    Kill(Reason),
    /// The process is gone.
    Exited(Reason),
}

/// What to do to the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Ask it to end (SIGTERM). One that was frozen is awake by then: every state that leads here wants it so.
    Terminate,
    /// Make it end (SIGKILL).
    Kill,
}

/// How the processes of an instance should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pose {
    /// They run.
    Awake,
    /// They do not run.
    Frozen,
    /// They do not run, and their memory is in the host's swap.
    PagedOut,
}

impl State {
    /// The state after `event`, and what to do to the process.
    pub fn step(self, event: Event, now: Duration, rules: &Rules) -> (Self, Option<Action>) {
        match (self, event) {
            (Self::Gone { .. }, _) => (self, None),
            (Self::Draining { reason, in_flight, .. }, Event::Exited(exit)) => {
                (Self::Gone { reason: if in_flight > 0 { exit } else { reason } }, None)
            }
            (_, Event::Exited(reason)) => (Self::Gone { reason }, None),
            (_, Event::Kill(reason)) => self.kill(reason, now),
            (_, Event::Drain(reason)) => self.drain(reason, now),
            (_, Event::Tick) => self.tick(now, rules),
            (Self::Starting { .. }, Event::Ready) => (Self::idle(now), None),
            (_, Event::Lease) if self.free(rules) > 0 => (self.lease(), None),
            (Self::Frozen { since }, Event::PageOut) => (Self::PagedOut { since }, None),
            (Self::Frozen { since } | Self::PagedOut { since }, Event::NotFrozen) => {
                (Self::Idle { since, awake: now }, None)
            }
            (Self::Thawing { in_flight: 0 }, Event::Thawed) => (Self::idle(now), None),
            (Self::Thawing { in_flight }, Event::Thawed) => (Self::Busy { in_flight }, None),
            (Self::Thawing { in_flight: 1.. }, Event::Return) => {
                (Self::Thawing { in_flight: self.in_flight() - 1 }, None)
            }
            (Self::Busy { in_flight: ..=1 }, Event::Return) => (Self::idle(now), None),
            (Self::Busy { in_flight }, Event::Return) => (Self::Busy { in_flight: in_flight - 1 }, None),
            (Self::Draining { reason, in_flight: 1, .. }, Event::Return) => {
                (Self::Draining { reason, since: now, in_flight: 0 }, Some(Action::Terminate))
            }
            (Self::Draining { reason, since, in_flight: 2.. }, Event::Return) => {
                (Self::Draining { reason, since, in_flight: self.in_flight() - 1 }, None)
            }
            _ => (self, None),
        }
    }

    fn idle(now: Duration) -> Self {
        Self::Idle { since: now, awake: now }
    }

    fn lease(self) -> Self {
        let in_flight = self.in_flight() + 1;
        match self {
            Self::Frozen { .. } | Self::PagedOut { .. } | Self::Thawing { .. } => Self::Thawing { in_flight },
            _ => Self::Busy { in_flight },
        }
    }

    fn kill(self, reason: Reason, now: Duration) -> (Self, Option<Action>) {
        let reason = if let Self::Draining { reason: first, .. } = self { first } else { reason };
        (Self::Draining { reason, since: now, in_flight: self.in_flight() }, Some(Action::Kill))
    }

    fn drain(self, reason: Reason, now: Duration) -> (Self, Option<Action>) {
        let drained = Self::Draining { reason, since: now, in_flight: self.in_flight() };
        match self {
            // It never had a request, so there is nothing it could want to finish.
            Self::Starting { .. } => (drained, Some(Action::Kill)),
            Self::Idle { .. } | Self::Frozen { .. } | Self::PagedOut { .. } | Self::Thawing { in_flight: 0 } => {
                (drained, Some(Action::Terminate))
            }
            Self::Busy { .. } | Self::Thawing { .. } => (drained, None),
            Self::Draining { reason: first, in_flight: 1.., .. } if first.patient() && !reason.patient() => {
                (drained, None)
            }
            Self::Draining { .. } | Self::Gone { .. } => (self, None),
        }
    }

    fn tick(self, now: Duration, rules: &Rules) -> (Self, Option<Action>) {
        if self.deadline(rules).is_none_or(|deadline| now < deadline) {
            return (self, None);
        }
        match self {
            Self::Idle { since, .. } if now < since.saturating_add(rules.keep_alive) => (Self::Frozen { since }, None),
            Self::Idle { .. } | Self::Frozen { .. } | Self::PagedOut { .. } => self.drain(Reason::Idle, now),
            Self::Draining { reason, .. } => self.kill(reason, now),
            Self::Starting { .. } | Self::Thawing { .. } | Self::Busy { .. } | Self::Gone { .. } => (self, None),
        }
    }

    /// When the next [`Event::Tick`] can matter, if the state does not change before.
    pub fn deadline(&self, rules: &Rules) -> Option<Duration> {
        match *self {
            Self::Idle { since, awake } => {
                let leaves = since.saturating_add(rules.keep_alive);
                Some(rules.freeze_after.map_or(leaves, |after| leaves.min(awake.saturating_add(after))))
            }
            Self::Frozen { since } | Self::PagedOut { since } => Some(since.saturating_add(rules.keep_alive)),
            Self::Draining { reason, since, in_flight } if in_flight == 0 || !reason.patient() => {
                let hook = if reason.patient() { rules.pre_stop } else { Duration::ZERO };
                Some(since.saturating_add(hook).saturating_add(rules.grace))
            }
            Self::Starting { .. }
            | Self::Thawing { .. }
            | Self::Busy { .. }
            | Self::Draining { .. }
            | Self::Gone { .. } => None,
        }
    }

    /// How its processes should be. Who changes them looks here, and acts on nothing else: however late it looks, it does
    /// what is right then.
    pub fn pose(&self) -> Pose {
        match self {
            Self::Frozen { .. } => Pose::Frozen,
            Self::PagedOut { .. } => Pose::PagedOut,
            Self::Starting { .. }
            | Self::Idle { .. }
            | Self::Thawing { .. }
            | Self::Busy { .. }
            | Self::Draining { .. }
            | Self::Gone { .. } => Pose::Awake,
        }
    }

    /// Whether it has a port and is not about to leave: requests that wait may hope for it.
    pub fn serves(&self) -> bool {
        match self {
            Self::Idle { .. }
            | Self::Frozen { .. }
            | Self::PagedOut { .. }
            | Self::Thawing { .. }
            | Self::Busy { .. } => true,
            Self::Starting { .. } | Self::Draining { .. } | Self::Gone { .. } => false,
        }
    }

    /// How many more requests it can take now.
    pub fn free(&self, rules: &Rules) -> u32 {
        match *self {
            Self::Idle { .. } | Self::Frozen { .. } | Self::PagedOut { .. } => rules.slots.max(1),
            Self::Thawing { in_flight } | Self::Busy { in_flight } => rules.slots.max(1).saturating_sub(in_flight),
            Self::Starting { .. } | Self::Draining { .. } | Self::Gone { .. } => 0,
        }
    }

    /// How many requests it serves now.
    pub fn in_flight(&self) -> u32 {
        match *self {
            Self::Thawing { in_flight } | Self::Busy { in_flight } | Self::Draining { in_flight, .. } => in_flight,
            Self::Starting { .. }
            | Self::Idle { .. }
            | Self::Frozen { .. }
            | Self::PagedOut { .. }
            | Self::Gone { .. } => 0,
        }
    }

    /// Name for logs and lists, such as `starting`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Starting { .. } => "starting",
            Self::Idle { .. } => "idle",
            Self::Frozen { .. } => "frozen",
            Self::PagedOut { .. } => "paged_out",
            Self::Thawing { .. } => "thawing",
            Self::Busy { .. } => "busy",
            Self::Draining { .. } => "draining",
            Self::Gone { .. } => "gone",
        }
    }
}

#[cfg(test)]
mod tests;
