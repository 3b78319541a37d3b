//! The policies of an API as they go along with one of its requests: from the phase that finds them to the answer that shows them.

use std::net::IpAddr;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, Request};
use model::snapshot::Policies;

use crate::caller::Caller;
use crate::failure::Failure;
use crate::throttle::{self, Remains, Windows};

/// Asks what is left of each limit (`debug`).
const MODE: HeaderName = HeaderName::from_static("x-apig-mode");

/// What applies to a request of an API that has policies.
#[derive(Debug)]
pub(crate) struct Applied {
    policies: Arc<Policies>,
    /// What is left of each limit, where the client wants to know.
    remains: Option<Remains>,
}

impl Applied {
    /// Looks at a request whose route has policies.
    pub(crate) fn begin<B>(policies: Arc<Policies>, request: &Request<B>) -> Box<Self> {
        let wanted = request.headers().get(MODE).is_some_and(|mode| mode.as_bytes().eq_ignore_ascii_case(b"debug"));
        Box::new(Self { policies, remains: wanted.then(Vec::new) })
    }

    /// Counts the request against the limits that it falls under.
    pub(crate) fn throttle(&mut self, windows: &Windows, caller: &Caller, source: IpAddr) -> Result<(), Failure> {
        match &self.policies.throttle {
            Some(limits) => throttle::admit(windows, limits, (caller, source), self.remains.as_mut()),
            None => Ok(()),
        }
    }

    /// Adds what the policies say to the head of an answer, whoever made it.
    pub(crate) fn stamp(self, headers: &mut HeaderMap) {
        for (name, value) in self.remains.into_iter().flatten() {
            headers.insert(name, value);
        }
    }
}
