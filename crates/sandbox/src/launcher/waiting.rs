//! Requests that wait for a blank.

use super::slots::{Kind, Shared};
use crate::blank::Reply;
use crate::error::Failure;
use crate::message;
use crate::spec::Outline;
use std::collections::VecDeque;
use std::os::fd::OwnedFd;

/// What the daemon asked for.
#[derive(Debug)]
pub(super) struct Request {
    /// As it came, and what it says.
    pub(super) bytes: Vec<u8>,
    pub(super) outline: Outline,
    pub(super) shared: Vec<Shared>,
    pub(super) lease: OwnedFd,
    /// Never read here.
    pub(super) program: OwnedFd,
}

/// First come, first served among those who want the same; each waits for a blank that is made for one of them. A blank with
/// shared folders that are not asked for is of no use.
#[derive(Debug, Default)]
pub(super) struct Waiting(VecDeque<Request>);

impl Waiting {
    pub(super) fn push(&mut self, request: Request) {
        self.0.push_back(request);
    }

    /// How many want these shared folders.
    pub(super) fn count(&self, shared: &[Shared]) -> usize {
        self.0.iter().filter(|request| request.shared == shared).count()
    }

    /// Who has waited longest for such a blank.
    pub(super) fn take(&mut self, kind: &Kind) -> Option<Request> {
        let at = self.0.iter().position(|request| request.shared == kind.shared)?;
        self.0.remove(at)
    }
}

/// Understood as an answer and as what comes after it: both have the same form.
pub(super) fn refuse(lease: &OwnedFd, failure: Failure) {
    let bytes = serde_json::to_vec(&Reply::Failed(failure)).unwrap_or_default();
    let _ = message::send(lease, &bytes, &[]);
}
