//! What waits for the writer: put in by anybody without waiting, taken out in batches.
//!
//! Only the first entry after a pause wakes the writer. While there is traffic it looks by itself every [`PACE`], so recording
//! costs a short lock and no wakeup.

use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

use model::record::Record;
use model::statistics::Gauges;
use parking_lot::{Condvar, Mutex, MutexGuard};

use crate::heir::Heir;
use crate::line::Line;

/// Lines and records that may wait for the disk.
const ENTRIES: usize = 16 * 1024;
/// Bytes that may wait for the disk.
const BYTES: usize = 32 * 1024 * 1024;
/// Flushes and forgettings that may wait; a flood of lines does not keep them out.
const CONTROLS: usize = 1024;
/// How long entries are gathered while there is traffic.
const PACE: Duration = Duration::from_millis(5);
/// Entries from which on a batch does not wait for its time, and whose memory an empty queue keeps.
const MANY: usize = 1024;

/// What the writer is told, in order.
#[derive(Debug)]
#[allow(clippy::large_enum_variant)] // almost all are records, which are not worth a box each
pub(crate) enum Message {
    Line(Arc<Line>),
    Record(Record),
    /// What was seen of a function's instances.
    Gauge(Arc<str>, Gauges),
    /// So many requests for a function were refused before they came to it.
    Refused(Arc<str>, u64),
    Forget(String),
    /// Answered when everything before it is written.
    Flush(SyncSender<()>),
    /// As that; what comes after it is the heir's.
    Leave(Heir, SyncSender<()>),
}

impl Message {
    /// Bytes of an entry; a control weighs nothing.
    pub(crate) fn weight(&self) -> Option<usize> {
        match self {
            Self::Line(line) => Some(line.weight()),
            Self::Record(record) => {
                Some(size_of::<Record>() + record.path.len() + record.request_id.len() + record.method.len())
            }
            Self::Gauge(..) | Self::Refused(..) => Some(size_of::<Self>()),
            Self::Forget(_) | Self::Flush(_) | Self::Leave(..) => None,
        }
    }
}

/// A queue with one reader.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    inner: Mutex<Inner>,
    /// The writer has something to do now.
    work: Condvar,
    /// There is room for controls, or never will be.
    room: Condvar,
}

#[derive(Debug, Default)]
struct Inner {
    messages: Vec<Message>,
    /// Entries, and their bytes, that were not written yet: here and in the writer's hands.
    entries: usize,
    bytes: usize,
    /// Flushes and forgettings here.
    controls: usize,
    reader: Reader,
    /// Nothing more is put in.
    closed: bool,
}

/// What the writer is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Reader {
    /// It writes, or gathers: it will look by itself.
    #[default]
    Up,
    /// It sleeps until it is woken.
    Asleep,
    /// It ended.
    Gone,
}

/// A batch and whether it is the last.
pub(crate) struct Batch {
    pub(crate) messages: Vec<Message>,
    pub(crate) last: bool,
}

impl Queue {
    /// Puts an entry in; `false` when there is no room.
    pub(crate) fn offer(&self, message: Message) -> bool {
        let weight = message.weight().unwrap_or(0);
        let mut inner = self.inner.lock();
        if inner.entries >= ENTRIES || inner.bytes >= BYTES || inner.reader == Reader::Gone {
            return false;
        }
        inner.entries += 1;
        inner.bytes += weight;
        inner.messages.push(message);
        // Filling it up is no pause, but a reason to begin.
        if inner.reader == Reader::Asleep || inner.messages.len() == MANY {
            self.wake(inner);
        }
        true
    }

    /// Everything of a function is to go.
    pub(crate) fn forget(&self, function: &str) {
        self.tell(Message::Forget(function.to_owned()));
    }

    /// Waits until everything put in so far was written.
    pub(crate) fn flush(&self) {
        let (done, wait) = sync_channel(1);
        self.tell(Message::Flush(done));
        // The writer may be gone; then there is nothing to wait for.
        _ = wait.recv();
    }

    /// Waits until everything put in so far was written; what comes later is given to `heir`.
    pub(crate) fn leave(&self, heir: Heir) {
        let (done, wait) = sync_channel(1);
        self.tell(Message::Leave(heir, done));
        _ = wait.recv();
    }

    /// Nothing more comes; the writer ends when it has written what is here.
    pub(crate) fn close(&self) {
        let mut inner = self.inner.lock();
        inner.closed = true;
        self.wake(inner);
    }

    fn tell(&self, control: Message) {
        let mut inner = self.inner.lock();
        while inner.controls >= CONTROLS && inner.reader != Reader::Gone {
            self.room.wait(&mut inner);
        }
        if inner.reader != Reader::Gone {
            inner.controls += 1;
            inner.messages.push(control);
            self.wake(inner);
        }
    }

    fn wake(&self, mut inner: MutexGuard<'_, Inner>) {
        inner.reader = Reader::Up;
        drop(inner);
        self.work.notify_one();
    }

    /// The writer's: `spare` is its last batch, for its memory. Gives what has come, after gathering for a moment; nothing
    /// when nothing came for so `long`.
    pub(crate) fn take(&self, mut spare: Vec<Message>, long: Duration) -> Batch {
        spare.clear();
        spare.shrink_to(MANY);
        let mut inner = self.inner.lock();
        if !inner.is_urgent() {
            self.work.wait_for(&mut inner, PACE);
        }
        if inner.messages.is_empty() && !inner.closed {
            inner.reader = Reader::Asleep;
            self.work.wait_for(&mut inner, long);
            inner.reader = Reader::Up;
        }
        inner.controls = 0;
        let messages = std::mem::replace(&mut inner.messages, spare);
        let last = inner.closed && messages.is_empty();
        drop(inner);
        self.room.notify_all();
        Batch { messages, last }
    }

    /// The writer's: so many entries are out of its hands.
    pub(crate) fn done(&self, entries: usize, bytes: usize) {
        let mut inner = self.inner.lock();
        inner.entries -= entries;
        inner.bytes -= bytes;
    }

    /// The writer's last word.
    pub(crate) fn abandon(&self) {
        let mut inner = self.inner.lock();
        inner.reader = Reader::Gone;
        // Whoever waits for a flush hears that it will not come.
        let left = std::mem::take(&mut inner.messages);
        drop(inner);
        drop(left);
        self.room.notify_all();
    }
}

impl Inner {
    fn is_urgent(&self) -> bool {
        self.closed || self.controls > 0 || self.messages.len() >= MANY
    }
}

#[cfg(test)]
mod tests;
