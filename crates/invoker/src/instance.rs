//! One instance: a handle that requests share, and the one task that drives the process behind it.

use std::io;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use model::Error;
use model::instance::Action;
use model::record::Record;
use parking_lot::Mutex;
use tokio::sync::{mpsc, watch};

use crate::connection::Connections;
use crate::launch::{Process, Socket};

mod ask;
mod boot;
mod drive;
mod failure;
mod frost;
mod initialize;
mod output;
mod stop;

pub(crate) use drive::{Settling, drive};
pub(crate) use failure::Failure;

/// Records that may wait for a fresh figure of the memory; more are kept with the last one.
const SETTLING: usize = 16;

/// Stands for a figure of the memory that was not taken yet.
const UNMEASURED: u64 = u64::MAX;

/// What everybody may know of an instance and ask of it. Only its driver changes the process.
pub(crate) struct Instance {
    /// Its name.
    pub(crate) id: Arc<str>,
    /// Its number, larger than those of all before.
    pub(crate) number: u64,
    /// When its start was decided on.
    pub(crate) decided: Duration,
    /// Kept connections to its port.
    pub(crate) connections: Connections,
    /// How long its start took, when its port listened.
    pub(crate) birth: OnceLock<Birth>,
    process: Mutex<Option<Arc<dyn Process>>>,
    progress: Mutex<Progress>,
    orders: watch::Sender<Option<Action>>,
    fate: watch::Sender<Option<Failure>>,
    memory: AtomicU64,
    /// Microseconds of [`crate::site::Site::now`].
    measured: AtomicU64,
    settle: mpsc::Sender<Record>,
}

/// How the start of an instance went.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Birth {
    /// When it was ready.
    pub(crate) at: Duration,
    /// Making the sandbox.
    pub(crate) sandbox: Duration,
    /// From the start of the process until its port listened and it was initialised.
    pub(crate) boot: Duration,
}

/// How far a start has come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    /// It had its turn.
    pub(crate) launched: bool,
    /// It listens on another address than it should.
    pub(crate) elsewhere: Option<String>,
}

impl Instance {
    /// A new instance and what its driver needs besides.
    pub(crate) fn new(number: u64, decided: Duration) -> (Self, Settling) {
        let (settle, settling) = mpsc::channel(SETTLING);
        let mut id = uuid::Uuid::new_v4().simple().to_string();
        id.truncate(16);
        let instance = Self {
            id: id.into(),
            number,
            decided,
            connections: Connections::default(),
            birth: OnceLock::new(),
            process: Mutex::default(),
            progress: Mutex::default(),
            orders: watch::Sender::new(None),
            fate: watch::Sender::new(None),
            memory: AtomicU64::new(UNMEASURED),
            measured: AtomicU64::new(0),
            settle,
        };
        (instance, settling)
    }

    /// A new connection to the user's server.
    pub(crate) async fn connect(&self) -> io::Result<Socket> {
        let process = self.process.lock().clone();
        match process {
            Some(process) => process.connect().await,
            None => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    /// Tells the driver to do something to the process, or only to look at the clock again. A stronger order stays.
    pub(crate) fn order(&self, action: Option<Action>) {
        self.orders.send_modify(|order| *order = action.max(*order));
    }

    pub(crate) fn progress(&self) -> Progress {
        self.progress.lock().clone()
    }

    /// Why the process ended, if that becomes known within `patience`.
    pub(crate) async fn fate(&self, patience: Duration) -> Option<Error> {
        let mut fate = self.fate.subscribe();
        let known = tokio::time::timeout(patience, fate.wait_for(Option::is_some)).await.ok()?.ok()?;
        known.as_ref().map(Failure::error)
    }

    /// Why the process ended, if that is known.
    pub(crate) fn fate_now(&self) -> Option<Error> {
        self.fate.borrow().as_ref().map(Failure::error)
    }

    /// Bytes of memory when it was last measured, if it was.
    fn figure(&self) -> Option<u64> {
        Some(self.memory.load(Ordering::Relaxed)).filter(|bytes| *bytes != UNMEASURED)
    }

    /// Bytes of memory when it was last measured; 0 before that.
    pub(crate) fn memory(&self) -> u64 {
        self.figure().unwrap_or(0)
    }

    /// Bytes of memory, which the first to ask measures: an instance serves before its driver looks at it.
    pub(crate) fn memory_at_once(&self, now: Duration) -> u64 {
        if self.figure().is_none()
            && let Some(process) = self.process.lock().clone()
        {
            self.measured(process.usage().memory_bytes, now);
        }
        self.memory()
    }

    fn measured(&self, bytes: u64, now: Duration) {
        self.memory.store(bytes, Ordering::Relaxed);
        self.measured.store(micros(now), Ordering::Relaxed);
    }

    /// Completes a record with the memory of the instance. Where there is no figure yet, or the last is too old, the
    /// driver takes a new one, off the request's path; it gets the record then, and the caller gets nothing back.
    pub(crate) fn settle(&self, mut record: Record, now: Duration, age: Duration) -> Option<Record> {
        let figure = self.figure();
        record.memory_bytes = figure.unwrap_or(0);
        if figure.is_some() && micros(now).saturating_sub(self.measured.load(Ordering::Relaxed)) < micros(age) {
            return Some(record);
        }
        self.measured.store(micros(now), Ordering::Relaxed);
        let refused = match self.settle.try_send(record) {
            Ok(()) => return None,
            Err(mpsc::error::TrySendError::Full(record) | mpsc::error::TrySendError::Closed(record)) => record,
        };
        Some(Record { memory_bytes: self.memory_at_once(now), ..refused })
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
