//! A pool as others see it.

use std::time::Duration;

use model::instance::{Reason, State};

use super::{Member, Pool, Standing};

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
