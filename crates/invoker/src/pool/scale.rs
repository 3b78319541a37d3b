//! How many instances there should be, and what becomes of requests that none will serve.

use std::sync::Arc;
use std::time::Duration;

use model::error::Fault;
use model::instance::{Rules, State};
use model::instances::Cause;
use model::{Error, Kind};
use tokio::sync::oneshot;

use super::{Answer, Ask, Grant, Inner, Member, Pool, Requests, Waiter};
use crate::instance::{Failure, Instance};

use super::effects::Effects;

/// When a throttled caller may try again: slots come back all the time.
const RETRY: Duration = Duration::from_secs(1);

impl Pool {
    /// How many instances there may be at the same time.
    pub(super) fn maximum(&self) -> usize {
        // -1 is no limit; 0 disables the function and is refused before a pool is asked.
        usize::try_from(self.version.config.max_instances).unwrap_or(usize::MAX)
    }
}

impl Inner {
    /// Starts that would serve everybody who waits.
    pub(super) fn starts_wanted(&self, rules: &Rules) -> usize {
        self.waiting.len().div_ceil(usize::try_from(rules.slots.max(1)).unwrap_or(usize::MAX))
    }

    /// Gives a request a place in line, and starts what it takes.
    pub(super) fn line_up(&mut self, pool: &Arc<Pool>, ask: &Ask, effects: &mut Effects) -> Answer {
        let limit = pool.site.config.queue;
        if self.waiting.len() >= limit && !ask.moved {
            let detail = format!("{limit} requests wait already");
            return Answer::Now(Grant::Failed(Error::new(Kind::Throttled).detail(detail).retry_after(RETRY)));
        }
        let (sender, receiver) = oneshot::channel();
        let waiter = Waiter { ticket: ask.ticket, request_id: Arc::clone(&ask.request_id), since: effects.now, sender };
        // Nearly always the last: only those who come from another pool are older than the last one here.
        let at = self.waiting.partition_point(|other| other.ticket < waiter.ticket);
        self.waiting.insert(at, waiter);
        self.start_wanted(pool, effects);
        self.fail_hopeless(effects);
        Answer::Later(receiver)
    }

    /// Decides on as many starts as those who wait need beyond the slots that are starting already.
    pub(super) fn start_wanted(&mut self, pool: &Arc<Pool>, effects: &mut Effects) {
        if self.waiting.is_empty() || self.failures.wait(effects.now).is_some() {
            return;
        }
        let starting = self.count(|state| matches!(state, State::Starting { .. }));
        // An instance that only has to end serves nobody, so it does not keep another from starting.
        let serving = self.count(|state| !matches!(state, State::Draining { in_flight: 0, .. } | State::Gone { .. }));
        let wanted = self.starts_wanted(&pool.rules).saturating_sub(starting);
        let room = pool.maximum().saturating_sub(serving);
        let at_once = self.failures.at_once().saturating_sub(starting);
        for _ in 0..wanted.min(room).min(at_once) {
            self.decide_start(pool, false, effects);
        }
    }

    pub(super) fn decide_start(&mut self, pool: &Arc<Pool>, reserved: bool, effects: &mut Effects) {
        let since = effects.now;
        let (instance, settling) = Instance::new(pool.site.number(), since);
        let instance = Arc::new(instance);
        let member = Member {
            instance: Arc::clone(&instance),
            state: State::Starting { since },
            requests: Requests::default(),
            thawing: Vec::new(),
            asked: false,
            answered: false,
            reserved,
            cause: if reserved { Cause::Reserved } else { Cause::Request },
        };
        self.members.insert(instance.number, member);
        effects.starts.push((instance, settling));
    }

    /// After a failed start: the youngest requests beyond what other instances can serve hear why.
    pub(super) fn fail_surplus(&mut self, rules: &Rules, failure: &Failure, effects: &mut Effects) {
        if self.count(State::serves) > 0 {
            return;
        }
        let starting = self.count(|state| matches!(state, State::Starting { .. }));
        let slots = usize::try_from(rules.slots.max(1)).unwrap_or(usize::MAX);
        let kept = starting.saturating_mul(slots).min(self.waiting.len());
        let failed = self.waiting.split_off(kept);
        effects.grants.extend(failed.into_iter().map(|waiter| (waiter.sender, Grant::Failed(failure.error()))));
    }

    /// Nobody serves, nobody starts, and no start may begin yet: then waiting is of no use.
    pub(super) fn fail_hopeless(&mut self, effects: &mut Effects) {
        let Some(wait) = self.failures.wait(effects.now).filter(|_| !self.waiting.is_empty()) else { return };
        let hope = |state: &State| matches!(state, State::Starting { .. }) || state.serves();
        if self.count(hope) > 0 {
            return;
        }
        let error = || crash_loop(self.last_failure.as_ref()).retry_after(wait);
        effects.grants.extend(self.waiting.drain(..).map(|waiter| (waiter.sender, Grant::Failed(error()))));
    }

    /// What a request that came at `since`, and whose time is over, has waited for. A start is only named to those who had no
    /// other hope: where an instance served in the meantime, the slots were busy.
    pub(super) fn why_waiting(&self, since: Option<Duration>) -> Error {
        let serves = self.members.values().any(|member| member.instance.birth.get().is_some());
        let served = since.is_some() && self.served >= since;
        let mut starting =
            self.members.values().filter(|member| matches!(member.state, State::Starting { .. })).peekable();
        if serves || served || starting.peek().is_none() {
            return Error::new(Kind::Throttled).retry_after(RETRY);
        }
        let launched: Vec<&Member> = starting.filter(|member| member.instance.progress().launched).collect();
        if launched.is_empty() {
            return Error::new(Kind::Busy).retry_after(RETRY);
        }
        let elsewhere = launched.iter().find_map(|member| member.instance.progress().elsewhere);
        match elsewhere {
            Some(address) => Error::new(Kind::WrongAddress).detail(format!("it listens on {address}")),
            None => Error::new(Kind::NeverListened).detail("the caller's time was over before the port listened"),
        }
    }

    pub(super) fn count(&self, wanted: impl Fn(&State) -> bool) -> usize {
        self.members.values().filter(|member| wanted(&member.state)).count()
    }
}

/// What a caller hears while starts wait. The function is only blamed for what it did itself.
fn crash_loop(last: Option<&Failure>) -> Error {
    let kind = match last {
        Some(last) if last.kind.fault() == Fault::Platform => last.kind,
        _ => Kind::CrashLoop,
    };
    // Why the last start failed is in the log already, and this is said to every request.
    Error::new(kind)
}
