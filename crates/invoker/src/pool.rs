//! All instances of one version and the requests that wait for them.
//!
//! Everything is decided under one short lock by the state machine of [`model::instance`] and the rules of [`scale`]; what
//! follows from a decision (a start, a signal, an answer to who waits) is carried out after the lock is released.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use model::function::Version;
use model::instance::{Event, Pose, Reason, Rules, State};
use model::instances::Cause;
use model::{Error, Kind};
use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::headers::Stamp;
use crate::instance::{Failure, Instance};
use crate::record::Names;
use crate::site::Site;
use crate::start::Failures;

mod effects;
mod frozen;
mod lease;
mod load;
mod requests;
mod reserved;
mod scale;
mod shutdown;
mod view;

use effects::Effects;
pub(crate) use lease::{End, Lease};
use load::Load;
use requests::Requests;
pub(crate) use reserved::Kept;
pub use view::Status;

/// The instances of one version of one function.
pub(crate) struct Pool {
    pub(crate) version: Arc<Version>,
    /// URN without qualifier.
    pub(crate) urn: String,
    /// What records call the version.
    pub(crate) names: Names,
    pub(crate) stamp: Stamp,
    /// What each line of its log carries.
    pub(crate) tags: Option<Arc<BTreeMap<String, String>>>,
    pub(crate) site: Arc<Site>,
    pub(crate) rules: Rules,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    standing: Standing,
    load: Load,
    /// The reserved ones it is to have.
    kept: Kept,
    /// Since when there is a newer version, if this was seen.
    outdated: Option<Duration>,
    members: BTreeMap<u64, Member>,
    /// Instances with a free slot, the most recently used last.
    available: Vec<u64>,
    /// Requests without a slot, in the order they arrived. Not empty only when `available` is.
    waiting: VecDeque<Waiter>,
    failures: Failures,
    /// The last of them.
    last_failure: Option<Failure>,
    /// Whether any instance of this version ever answered a request. From then on one that ends in its first request has met a
    /// bad request, and is no failed start: a caller must not be able to lock others out of a function that works.
    proved: bool,
    /// When an instance that had become ready was last there, apart from those that still are.
    served: Option<Duration>,
}

/// An instance as the pool sees it.
struct Member {
    instance: Arc<Instance>,
    state: State,
    requests: Requests,
    /// Requests that have a slot and wait until it is awake.
    thawing: Vec<oneshot::Sender<()>>,
    /// Whether it ever had a request, and answered one.
    asked: bool,
    answered: bool,
    /// Whether it is one of those that are kept.
    reserved: bool,
    /// Why it was started.
    cause: Cause,
}

struct Waiter {
    ticket: u64,
    request_id: Arc<str>,
    since: Duration,
    sender: oneshot::Sender<Grant>,
}

/// Whether a pool is still the one to ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Standing {
    /// New requests come here.
    #[default]
    Current,
    /// A newer version of the function serves new requests.
    Superseded,
    /// The function is deleted; requests that were on their way are still served.
    Orphaned,
    /// It was empty and is taken off the list.
    Forgotten,
    /// funcd is shutting down.
    Stopped,
}

/// What a request that waited gets.
#[derive(Debug)]
pub(crate) enum Grant {
    Leased(Lease),
    Failed(Error),
    /// Another pool is to be asked.
    Moved,
}

/// A request for a slot.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    /// Its place in line, the same in every pool it asks.
    pub(crate) ticket: u64,
    pub(crate) request_id: Arc<str>,
    /// Whether it was in a line already; it is not turned away because the new one is long.
    pub(crate) moved: bool,
    /// Whether this version is to serve it even if it is superseded, because there is no newer one any more.
    pub(crate) stay: bool,
}

/// What a pool says to an [`Ask`].
pub(crate) enum Answer {
    Now(Grant),
    /// There is a place in line.
    Later(oneshot::Receiver<Grant>),
}

impl Pool {
    pub(crate) fn new(version: Arc<Version>, site: Arc<Site>) -> Self {
        let rules = Rules {
            slots: version.config.concurrent_num.max(1),
            keep_alive: site.config.keep_alive,
            freeze_after: site.config.freeze_after,
            grace: site.config.stop_grace,
            pre_stop: version.config.pre_stop_timeout().unwrap_or_default(),
        };
        let urn = version.function.to_string();
        let tags = version.config.log.line_tags().map(|tags| Arc::new(tags.clone()));
        Self {
            tags,
            stamp: Stamp::new(&version, &site.config.agencies),
            names: Names::of(&version),
            version,
            urn,
            site,
            rules,
            inner: Mutex::default(),
        }
    }

    /// Asks for a slot: at once when one is free, else there may be a place in line.
    pub(crate) fn ask(self: &Arc<Self>, ask: &Ask) -> Answer {
        self.change(|inner, effects| {
            match inner.standing {
                Standing::Forgotten => return Answer::Now(Grant::Moved),
                Standing::Superseded if !ask.stay => return Answer::Now(Grant::Moved),
                Standing::Stopped => return Answer::Now(Grant::Failed(Error::new(Kind::Draining))),
                Standing::Current | Standing::Superseded | Standing::Orphaned => {}
            }
            match inner.lease(self, ask.ticket, &ask.request_id, effects) {
                Some(lease) => Answer::Now(Grant::Leased(lease)),
                None => inner.line_up(self, ask, effects),
            }
        })
    }

    /// Leaves the line; a request that was already served is not in it.
    pub(crate) fn leave(self: &Arc<Self>, ticket: u64) {
        self.change(|inner, _| inner.remove(ticket).is_some());
    }

    /// Leaves the line because there is no more time, and says what the time went into.
    pub(crate) fn expire(self: &Arc<Self>, ticket: u64) -> Error {
        self.change(|inner, _| {
            let since = inner.remove(ticket).map(|waiter| waiter.since);
            inner.why_waiting(since)
        })
    }

    /// Whether the start of an instance whose turn it is still helps anybody; if not, the pool forgets it.
    pub(crate) fn still_needed(self: &Arc<Self>, number: u64) -> bool {
        self.change(|inner, effects| {
            let starting =
                inner.members.values().filter(|member| matches!(member.state, State::Starting { .. })).count();
            let is_starting = inner.state(number).is_some_and(|state| matches!(state, State::Starting { .. }));
            let reserved = inner.members.get(&number).is_some_and(|member| member.reserved);
            let needed = is_starting && (reserved || starting <= inner.starts_wanted(&self.rules));
            if !needed {
                inner.step(self, number, Event::Drain(Reason::Unneeded), effects);
            }
            needed
        })
    }

    /// The port of an instance listens.
    pub(crate) fn ready(self: &Arc<Self>, number: u64) {
        self.change(|inner, effects| {
            inner.step(self, number, Event::Ready, effects);
            inner.settle(self, effects);
        });
        // What waits for reserved instances looks again.
        self.site.look.notify_one();
    }

    /// An instance did not start; those who waited for it, and whom no other can serve, hear why.
    pub(crate) fn failed(self: &Arc<Self>, number: u64, failure: &Failure) {
        self.change(|inner, effects| {
            let started = inner.state(number).is_some_and(|state| matches!(state, State::Starting { .. }));
            let Some(member) = inner.members.remove(&number) else { return };
            let reason = if started { Reason::StartFailed } else { Reason::Unneeded };
            effects.ended.push(self.ended(&member, effects.now, (reason, failure)));
            if started {
                inner.failures.count(member.instance.decided, effects.now, &self.site.config.back_off);
                inner.last_failure = Some(failure.clone());
                inner.fail_surplus(&self.rules, failure, effects);
            }
            inner.settle(self, effects);
        });
    }

    /// The process of an instance is gone.
    pub(crate) fn gone(self: &Arc<Self>, number: u64, reason: Reason, failure: &Failure) {
        self.change(|inner, effects| {
            let own_doing = matches!(reason, Reason::Exited | Reason::OutOfMemory);
            inner.step(self, number, Event::Exited(reason), effects);
            let Some(member) = inner.members.remove(&number) else { return };
            effects.ended.push(self.ended(&member, effects.now, (reason, failure)));
            inner.served = Some(effects.now);
            // One that was never asked has only itself to blame, whatever others did before.
            if own_doing && !member.answered && !(inner.proved && member.asked) {
                inner.last_failure = Some(failure.clone());
                inner.failures.count(member.instance.decided, effects.now, &self.site.config.back_off);
            }
            inner.settle(self, effects);
        });
    }

    /// Ends an instance whatever it does.
    pub(crate) fn kill(self: &Arc<Self>, number: u64, reason: Reason) {
        self.change(|inner, effects| inner.step(self, number, Event::Kill(reason), effects));
    }

    /// Looks at an instance's clock; answers when to look again, if that is known.
    pub(crate) fn tick(self: &Arc<Self>, number: u64) -> Option<Duration> {
        self.change(|inner, effects| {
            inner.step(self, number, Event::Tick, effects);
            let member = inner.members.get(&number)?;
            member.state.deadline(&self.rules_of(member.reserved, inner.kept))
        })
    }

    /// A slot comes back.
    fn give_back(self: &Arc<Self>, lease: &Lease, end: End) {
        self.change(|inner, effects| {
            inner.give_back(self, lease, end, effects);
            inner.settle(self, effects);
        });
    }

    /// The version is not the current one any more. With `newer` those who wait are sent there, else they are still served.
    pub(crate) fn retire(self: &Arc<Self>, newer: bool) {
        self.change(|inner, effects| {
            if !matches!(inner.standing, Standing::Current | Standing::Orphaned) {
                return;
            }
            inner.standing = if newer { Standing::Superseded } else { Standing::Orphaned };
            if newer {
                effects.grants.extend(inner.waiting.drain(..).map(|waiter| (waiter.sender, Grant::Moved)));
            }
            inner.settle(self, effects);
        });
    }

    /// Looks again at what may have changed with time alone, such as the end of a back-off.
    pub(crate) fn review(self: &Arc<Self>) {
        self.change(|inner, effects| inner.settle(self, effects));
    }

    /// Which request a line of output read now belongs to, as far as one can know.
    pub(crate) fn request_of(&self, number: u64) -> Option<Arc<str>> {
        self.inner.lock().members.get(&number)?.requests.speaker(self.site.now())
    }

    fn change<T>(self: &Arc<Self>, change: impl FnOnce(&mut Inner, &mut Effects) -> T) -> T {
        let mut effects = Effects::at(self.site.now());
        let result = change(&mut self.inner.lock(), &mut effects);
        effects.run(self);
        result
    }
}

impl Inner {
    fn state(&self, number: u64) -> Option<State> {
        self.members.get(&number).map(|member| member.state)
    }

    /// Tells an instance's state machine what happened and keeps the list of free slots true.
    fn step(&mut self, pool: &Pool, number: u64, event: Event, effects: &mut Effects) {
        let Some(member) = self.members.get_mut(&number) else { return };
        let before = member.state;
        let rules = pool.rules_of(member.reserved, self.kept);
        let (state, action) = before.step(event, effects.now, &rules);
        member.state = state;
        let leaves = matches!(state, State::Draining { .. }) && !matches!(before, State::Draining { .. });
        let moves = before.pose() != state.pose();
        if leaves || moves || action.is_some() {
            effects.orders.push((Arc::clone(&member.instance), action));
        }
        match (before.free(&pool.rules) > 0, state.free(&pool.rules) > 0) {
            (false, true) => self.available.push(number),
            (true, false) if self.available.last() == Some(&number) => drop(self.available.pop()),
            (true, false) => self.available.retain(|other| *other != number),
            // Below those that are awake, above those that were frozen before: the next request is sent to the quickest.
            (true, true) if moves && state.pose() == Pose::Frozen => {
                self.available.retain(|other| *other != number);
                let awake = |other: &u64| self.state(*other).is_none_or(|state| state.pose() == Pose::Awake);
                let at = self.available.iter().position(awake).unwrap_or(self.available.len());
                self.available.insert(at, number);
            }
            (true, true) | (false, false) => {}
        }
    }

    /// Takes a slot of the most recently used instance that has one; reserved ones come first.
    fn lease(&mut self, pool: &Arc<Pool>, ticket: u64, request_id: &Arc<str>, effects: &mut Effects) -> Option<Lease> {
        let number = self.next_free()?;
        self.step(pool, number, Event::Lease, effects);
        let member = self.members.get_mut(&number)?;
        member.requests.begin(ticket, request_id);
        member.asked = true;
        self.load.begin();
        let thawing = matches!(member.state, State::Thawing { .. }).then(|| {
            let (sender, receiver) = oneshot::channel();
            member.thawing.push(sender);
            receiver
        });
        Some(Lease::new(pool, &member.instance, ticket, thawing))
    }

    fn give_back(&mut self, pool: &Arc<Pool>, lease: &Lease, end: End, effects: &mut Effects) {
        let number = lease.instance.number;
        self.load.end();
        let Some(member) = self.members.get_mut(&number) else { return };
        member.requests.end(lease.ticket, effects.now);
        if lease.answered {
            member.answered = true;
            self.proved = true;
            self.failures.forget();
        }
        let alone = member.state.in_flight() <= 1;
        match end {
            End::Over => {}
            End::TimedOut if alone => self.step(pool, number, Event::Kill(Reason::TimedOut), effects),
            End::TimedOut => self.step(pool, number, Event::Drain(Reason::TimedOut), effects),
            End::Unreachable => self.step(pool, number, Event::Drain(Reason::Unreachable), effects),
        }
        self.step(pool, number, Event::Return, effects);
    }

    /// Brings everything in line after a change: free slots to who waits, starts for the rest, an end for what nobody needs.
    fn settle(&mut self, pool: &Arc<Pool>, effects: &mut Effects) {
        while !self.available.is_empty() {
            let Some(waiter) = self.waiting.pop_front() else { break };
            let Some(lease) = self.lease(pool, waiter.ticket, &waiter.request_id, effects) else { break };
            effects.grants.push((waiter.sender, Grant::Leased(lease)));
        }
        self.start_wanted(pool, effects);
        self.keep_wanted(pool, effects);
        self.fail_hopeless(effects);
        if self.standing != Standing::Current && self.waiting.is_empty() {
            let all: Vec<u64> = self.members.keys().copied().collect();
            for number in all {
                self.step(pool, number, Event::Drain(Reason::Superseded), effects);
            }
        }
    }

    fn remove(&mut self, ticket: u64) -> Option<Waiter> {
        let at = self.waiting.binary_search_by_key(&ticket, |waiter| waiter.ticket).ok()?;
        self.waiting.remove(at)
    }
}

#[cfg(test)]
mod tests;
