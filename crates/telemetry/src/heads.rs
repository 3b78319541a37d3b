//! Heads of requests and answers, while a function's owner wants to see them: in memory and nowhere else, of the newest requests, for a
//! while.
//!
//! 1. The owner switches it on ([`Captures::start`]), with the names whose values may be kept.
//! 2. For each request somebody asks whether its heads are wanted ([`Captures::wanted`]): where nobody wants any, that is one load.
//! 3. What was taken is kept ([`Captures::keep`]); the oldest of the function go, and where all together are too many, the oldest of the
//!    function that has most.
//! 4. Its time is over. What was kept can be read for an hour more ([`Captures::find`]).
//! 5. It is forgotten then, or as soon as the owner stops it, the function is deleted or the process ends.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use hashbrown::HashMap;
use jiff::{SignedDuration, Timestamp};
use model::heads::{Heads, Names};
use model::limits::{ALL_HEADS_BYTES, HEADER_CAPTURES, HEADERS_READABLE_SECONDS, HEADS};
use model::urn::FunctionId;
use parking_lot::RwLock;
use tokio::time::Instant;

/// After the end, until everything is forgotten.
const READABLE: Duration = Duration::from_secs(HEADERS_READABLE_SECONDS);

/// The captures of all functions.
#[derive(Debug, Default)]
pub struct Captures {
    /// Whether any may be running: all that a request looks at when none is.
    any: AtomicBool,
    all: RwLock<All>,
}

/// What is to be known of a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Whether its time is not over.
    pub running: bool,
    /// When it was switched on.
    pub started: Timestamp,
    /// When it ends, or ended.
    pub ends: Timestamp,
    /// The names that the owner listed.
    pub names: Arc<Names>,
    /// Requests whose heads are there.
    pub requests: usize,
}

/// As many run as may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany {
    /// How many may.
    pub limit: usize,
    /// Whether it is the project's limit.
    pub of_project: bool,
}

impl fmt::Display for TooMany {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whose = if self.of_project { "the project" } else { "this installation" };
        write!(
            f,
            "headers of {} functions of {whose} are being kept, which is the most: stop one, or wait until one ends",
            self.limit
        )
    }
}

impl std::error::Error for TooMany {}

impl Captures {
    /// Begins, for so long. One that runs is prolonged; what it kept stays if the names are the same.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn start(&self, function: &FunctionId, names: Names, length: Duration) -> Result<State, TooMany> {
        let (now, mut all) = (Instant::now(), self.all.write());
        all.sweep(now);
        let state = all.start(function, names, length, now)?;
        self.any.store(true, Relaxed);
        Ok(state)
    }

    /// Ends it and forgets what it kept; says what it was.
    pub fn stop(&self, function: &FunctionId) -> Option<State> {
        let (now, mut all) = (Instant::now(), self.all.write());
        let was = all.remove(function).map(|capture| capture.state(now));
        self.any.store(all.any(now), Relaxed);
        was
    }

    /// What the function has, if it has any.
    pub fn state(&self, function: &FunctionId) -> Option<State> {
        let now = Instant::now();
        let all = self.all.read();
        all.captures.get(function).filter(|capture| !capture.is_gone(now)).map(|capture| capture.state(now))
    }

    /// Those of a project that run, by their functions' names.
    pub fn running(&self, project: &str) -> Vec<(FunctionId, State)> {
        let now = Instant::now();
        let all = self.all.read();
        let running = all.captures.iter().filter(|(id, capture)| id.project == project && capture.is_running(now));
        let mut running: Vec<_> = running.map(|(id, capture)| (id.clone(), capture.state(now))).collect();
        running.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        running
    }

    /// The names whose values may be kept, if heads of this function's requests are wanted now.
    #[inline]
    pub fn wanted(&self, function: &FunctionId) -> Option<Arc<Names>> {
        if !self.any.load(Relaxed) {
            return None;
        }
        self.names(function)
    }

    #[cold]
    fn names(&self, function: &FunctionId) -> Option<Arc<Names>> {
        let now = Instant::now();
        let all = self.all.read();
        let capture = all.captures.get(function).filter(|capture| capture.is_running(now))?;
        Some(Arc::clone(&capture.names))
    }

    /// Keeps heads that were taken with these names; not those of a capture that is no more.
    pub fn keep(&self, function: &FunctionId, names: &Arc<Names>, heads: Heads) {
        self.all.write().keep(function, names, heads);
    }

    /// The heads of a request, if they are there.
    pub fn find(&self, function: &FunctionId, request_id: &str) -> Option<Arc<Heads>> {
        let now = Instant::now();
        let all = self.all.read();
        let capture = all.captures.get(function).filter(|capture| !capture.is_gone(now))?;
        capture.kept.iter().rev().find(|heads| *heads.request_id == *request_id).cloned()
    }

    /// Forgets those whose time was over an hour ago; requests pay nothing any more once none runs.
    pub(crate) fn sweep(&self) {
        let (now, mut all) = (Instant::now(), self.all.write());
        all.sweep(now);
        self.any.store(all.any(now), Relaxed);
    }

    /// Forgets a function that is deleted, by its URN.
    pub(crate) fn forget(&self, function: &str) {
        let found = self.all.read().captures.keys().find(|id| id.to_string() == function).cloned();
        if let Some(function) = found {
            self.stop(&function);
        }
    }
}

#[derive(Debug, Default)]
struct All {
    captures: HashMap<FunctionId, Capture>,
    /// What is kept weighs this much.
    bytes: usize,
}

#[derive(Debug)]
struct Capture {
    names: Arc<Names>,
    started: Timestamp,
    ends: Timestamp,
    end: Instant,
    /// The oldest first.
    kept: VecDeque<Arc<Heads>>,
    bytes: usize,
}

impl All {
    fn start(&mut self, function: &FunctionId, names: Names, length: Duration, now: Instant) -> Result<State, TooMany> {
        self.make_room(function, now)?;
        if self.captures.get(function).is_some_and(|capture| *capture.names != names) {
            self.remove(function);
        }
        let started = model::time::now();
        let ends = started.checked_add(SignedDuration::try_from(length).unwrap_or_default()).unwrap_or(started);
        let new = || Capture { names: Arc::new(names), started, ends, end: now, kept: VecDeque::new(), bytes: 0 };
        let capture = self.captures.entry(function.clone()).or_insert_with(new);
        if !capture.is_running(now) {
            capture.started = started;
        }
        (capture.ends, capture.end) = (ends, now + length);
        Ok(capture.state(now))
    }

    /// Lets one more run, in place of what others that are over have kept, if need be.
    fn make_room(&mut self, function: &FunctionId, now: Instant) -> Result<(), TooMany> {
        let (of_project, of_all) = HEADER_CAPTURES;
        let others = || self.captures.iter().filter(|(id, capture)| *id != function && capture.is_running(now));
        if others().filter(|(id, _)| id.project == function.project).count() >= of_project {
            return Err(TooMany { limit: of_project, of_project: true });
        }
        if others().count() >= of_all {
            return Err(TooMany { limit: of_all, of_project: false });
        }
        if !self.captures.contains_key(function) && self.captures.len() >= of_all {
            let over = self.captures.iter().filter(|(_, capture)| !capture.is_running(now));
            let oldest = over.min_by_key(|(_, capture)| capture.end).map(|(id, _)| id.clone());
            if let Some(oldest) = oldest {
                self.remove(&oldest);
            }
        }
        Ok(())
    }

    fn keep(&mut self, function: &FunctionId, names: &Arc<Names>, heads: Heads) {
        let Some(capture) = self.captures.get_mut(function).filter(|capture| Arc::ptr_eq(&capture.names, names)) else {
            return;
        };
        let weight = heads.weight();
        capture.kept.push_back(Arc::new(heads));
        capture.bytes += weight;
        self.bytes += weight;
        if capture.kept.len() > HEADS {
            self.bytes -= capture.drop_oldest();
        }
        while self.bytes > ALL_HEADS_BYTES {
            let Some(largest) = self.captures.values_mut().max_by_key(|capture| capture.bytes) else { return };
            self.bytes -= largest.drop_oldest();
        }
    }

    fn remove(&mut self, function: &FunctionId) -> Option<Capture> {
        let capture = self.captures.remove(function)?;
        self.bytes -= capture.bytes;
        Some(capture)
    }

    fn sweep(&mut self, now: Instant) {
        self.captures.retain(|_, capture| !capture.is_gone(now));
        self.bytes = self.captures.values().map(|capture| capture.bytes).sum();
    }

    fn any(&self, now: Instant) -> bool {
        self.captures.values().any(|capture| capture.is_running(now))
    }
}

impl Capture {
    fn is_running(&self, now: Instant) -> bool {
        now < self.end
    }

    fn is_gone(&self, now: Instant) -> bool {
        now >= self.end + READABLE
    }

    /// Gives back its weight.
    fn drop_oldest(&mut self) -> usize {
        let weight = self.kept.pop_front().map_or(0, |heads| heads.weight());
        self.bytes -= weight;
        weight
    }

    fn state(&self, now: Instant) -> State {
        let Self { started, ends, names, kept, .. } = self;
        let (started, ends, names) = (*started, *ends, Arc::clone(names));
        State { running: self.is_running(now), started, ends, names, requests: kept.len() }
    }
}

#[cfg(test)]
mod tests;
