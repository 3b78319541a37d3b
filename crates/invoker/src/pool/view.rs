//! A pool as others see it.

use std::time::Duration;

use jiff::SignedDuration;
use model::instance::{Reason, State};
use model::instances::{Ended, Identity, Running};

use super::{Member, Pool, Standing};
use crate::instance::Failure;

/// One instance, at one moment.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Status {
    /// Its name.
    pub id: String,
    /// URN of its function without qualifier.
    pub function: String,
    /// `latest` or a published name.
    pub version: String,
    /// Revision of the version.
    pub revision: u64,
    /// `starting`, `idle`, `frozen`, `paged_out`, `thawing`, `busy`, `draining` or `gone`.
    pub state: &'static str,
    /// Whether it is a reserved one.
    pub reserved: bool,
    /// Requests that it serves.
    pub in_flight: u32,
    /// Since its start was decided on.
    pub age: Duration,
}

impl Pool {
    pub(crate) fn instances(&self) -> Vec<Status> {
        let now = self.site.now();
        let inner = self.inner.lock();
        let status = |member: &Member| Status {
            id: member.instance.id.to_string(),
            function: self.urn.clone(),
            version: self.version.qualifier.to_string(),
            revision: self.version.revision,
            state: member.state.name(),
            reserved: member.reserved,
            in_flight: member.state.in_flight(),
            age: now.saturating_sub(member.instance.decided),
        };
        inner.members.values().map(status).collect()
    }

    /// As their owner sees them, the oldest first.
    pub(crate) fn running(&self) -> Vec<Running> {
        let now = self.site.now();
        let inner = self.inner.lock();
        let running = |member: &Member| Running {
            identity: self.identity(member, now),
            state: member.state.name(),
            reserved: member.reserved,
            in_flight: member.state.in_flight(),
        };
        inner.members.values().map(running).collect()
    }

    /// What is kept of an instance that ended, or of a start that failed.
    pub(super) fn ended(&self, member: &Member, now: Duration, (reason, failure): (Reason, &Failure)) -> Ended {
        Ended {
            identity: self.identity(member, now),
            at: model::time::now(),
            reason: reason.name(),
            detail: failure.detail.clone(),
        }
    }

    fn identity(&self, member: &Member, now: Duration) -> Identity {
        let instance = &member.instance;
        let age = SignedDuration::try_from(now.saturating_sub(instance.decided)).unwrap_or(SignedDuration::ZERO);
        let present = model::time::now();
        Identity {
            id: instance.id.to_string(),
            version: self.version.qualifier.clone(),
            revision: self.version.revision,
            cause: member.cause,
            decided: present.checked_sub(age).unwrap_or(present),
            start: instance.birth.get().map(|birth| (birth.sandbox, birth.boot)),
            memory_bytes: instance.memory(),
        }
    }

    /// Requests that an instance serves.
    pub(crate) fn in_flight(&self, number: u64) -> u32 {
        self.inner.lock().members.get(&number).map_or(0, |member| member.state.in_flight())
    }

    /// Why an instance is leaving, if it is.
    pub(crate) fn draining(&self, number: u64) -> Option<Reason> {
        match self.inner.lock().members.get(&number)?.state {
            State::Draining { reason, .. } => Some(reason),
            _ => None,
        }
    }

    pub(crate) fn standing(&self) -> Standing {
        self.inner.lock().standing
    }
}

#[cfg(test)]
mod tests;
