//! The one thread that writes: takes what is queued in batches, appends it, removes what is too much or too old.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use hashbrown::HashMap;
use jiff::Timestamp;
use model::record::Record;
use model::statistics::Gauges;
use tokio::sync::broadcast;

use crate::entry;
use crate::heads::Captures;
use crate::heir::{Entry, Heir};
use crate::line::{Line, ndjson};
use crate::queue::{Message, Queue};
use crate::segment::{self, Kind, Limits, Log, Lost};
use crate::tally::Tally;

mod minutes;

/// Entries that are written before those who put more in hear that there is room.
const STEP: usize = 128;
/// Functions whose files are kept open.
const OPEN_FUNCTIONS: usize = 128;
/// Records a follower may be behind before some are skipped.
const FOLLOW_RECORDS: usize = 1024;
/// How often old segments are looked for, and how often dropping is said.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// The writer as everybody else sees it.
#[derive(Debug)]
pub(crate) struct Handle {
    queue: Arc<Queue>,
    counters: Arc<Counters>,
    tally: Tally,
    records: Followers,
}

/// Those who see records as they are written.
pub(crate) type Followers = broadcast::Sender<Arc<Record>>;

/// Seen from both ends of the queue.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) dropped_lines: AtomicU64,
    pub(crate) dropped_records: AtomicU64,
}

impl Counters {
    fn dropped(&self, kind: Kind) -> &AtomicU64 {
        match kind {
            Kind::Lines => &self.dropped_lines,
            // What could not be counted is as lost as a record.
            Kind::Records | Kind::Minutes | Kind::Months => &self.dropped_records,
        }
    }
}

/// A queue and the thread that empties it; the thread ends, with everything written, when the handle is dropped.
pub(crate) fn start(
    root: PathBuf,
    limits: Limits,
    captures: Arc<Captures>,
) -> io::Result<(Handle, std::thread::JoinHandle<()>)> {
    let queue = Arc::new(Queue::default());
    let counters = Arc::new(Counters::default());
    let tally = Tally::default();
    let records = Followers::new(FOLLOW_RECORDS);
    let handle = Handle {
        queue: Arc::clone(&queue),
        counters: Arc::clone(&counters),
        tally: tally.clone(),
        records: records.clone(),
    };
    let writer = Writer {
        root,
        limits,
        queue,
        counters,
        tally,
        records,
        captures,
        logs: HashMap::new(),
        flushes: Vec::new(),
        heir: None,
        entry: Vec::new(),
        trouble: Trouble::default(),
    };
    let thread = std::thread::Builder::new().name("telemetry".into()).spawn(move || writer.run())?;
    Ok((handle, thread))
}

impl Handle {
    pub(crate) fn line(&self, line: Arc<Line>) {
        self.offer(Message::Line(line), Kind::Lines);
    }

    pub(crate) fn record(&self, record: Record) {
        self.offer(Message::Record(record), Kind::Records);
    }

    pub(crate) fn gauge(&self, function: Arc<str>, seen: Gauges) {
        // Another one comes soon.
        _ = self.queue.offer(Message::Gauge(function, seen));
    }

    pub(crate) fn refused(&self, function: Arc<str>, count: u64) {
        self.offer(Message::Refused(function, count), Kind::Minutes);
    }

    pub(crate) fn forget(&self, function: &str) {
        self.queue.forget(function);
    }

    pub(crate) fn flush(&self) {
        self.queue.flush();
    }

    pub(crate) fn leave(&self, heir: Heir) {
        self.queue.leave(heir);
    }

    /// What the minute under way came to so far.
    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    pub(crate) fn records(&self) -> &Followers {
        &self.records
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }

    fn offer(&self, message: Message, kind: Kind) {
        if !self.queue.offer(message) {
            self.counters.dropped(kind).fetch_add(1, Relaxed);
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.queue.close();
    }
}

struct Writer {
    root: PathBuf,
    limits: Limits,
    queue: Arc<Queue>,
    counters: Arc<Counters>,
    tally: Tally,
    records: Followers,
    captures: Arc<Captures>,
    /// By function; those not open now are opened again when written to.
    logs: HashMap<String, Logs>,
    flushes: Vec<SyncSender<()>>,
    /// Who has the folder now.
    heir: Option<Heir>,
    /// The entry being written, for its memory.
    entry: Vec<u8>,
    trouble: Trouble,
}

#[derive(Default)]
struct Logs {
    lines: Option<Log>,
    records: Option<Log>,
    minutes: Option<Log>,
    months: Option<Log>,
}

/// What has been said about lost entries, so that each is said once.
#[derive(Default)]
struct Trouble {
    /// The disk has failed, and not yet held for a whole sweep's time since.
    disk_fails: bool,
    lost_since_sweep: bool,
    /// Drops said so far, whatever their cause.
    said: u64,
}

impl Writer {
    fn run(mut self) {
        self.recover(model::time::now());
        self.sweep(model::time::now());
        let mut swept = model::time::now();
        let mut messages = Vec::new();
        loop {
            let batch = self.queue.take(messages, SWEEP_EVERY);
            messages = batch.messages;
            let now = model::time::now();
            self.close_minute(now);
            self.take_all(&mut messages, now);
            self.write_all(now);
            if batch.last {
                self.close_last(now);
                return;
            }
            // Also when the clock went back, else nothing would be swept until it is that late again.
            if now.duration_since(swept).unsigned_abs() >= SWEEP_EVERY {
                swept = now;
                self.sweep(now);
                self.captures.sweep();
                self.say_drops();
            }
        }
    }

    fn take_all(&mut self, messages: &mut Vec<Message>, now: Timestamp) {
        let (mut entries, mut bytes) = (0, 0);
        for message in messages.drain(..) {
            if let Some(weight) = message.weight() {
                (entries, bytes) = (entries + 1, bytes + weight);
            }
            self.take(message, now);
            if entries == STEP {
                self.queue.done(entries, bytes);
                (entries, bytes) = (0, 0);
            }
        }
        self.queue.done(entries, bytes);
    }

    fn take(&mut self, message: Message, now: Timestamp) {
        let message = match self.heir.take() {
            None => message,
            Some(mut heir) => {
                let left = self.give(&mut heir, message);
                self.heir = Some(heir);
                let Some(left) = left else { return };
                left
            }
        };
        let mut entry = std::mem::take(&mut self.entry);
        entry.clear();
        match message {
            Message::Line(line) => {
                let made = ndjson(&*line, &mut entry);
                self.append(&line.function, Kind::Lines, made.map(|()| entry.as_slice()), now);
            }
            Message::Record(record) => {
                let made = entry::record(&record, &mut entry);
                self.append(&record.function, Kind::Records, made.map(|()| entry.as_slice()), now);
                self.tally.record(&record);
                if self.records.receiver_count() > 0 {
                    // Whoever followed may have gone since.
                    _ = self.records.send(Arc::new(record));
                }
            }
            Message::Gauge(function, seen) => self.tally.gauge(&function, seen),
            Message::Refused(function, count) => self.tally.refused(&function, count),
            Message::Forget(function) => self.forget(&function),
            Message::Flush(done) => self.flushes.push(done),
            Message::Leave(heir, done) => self.leave(heir, done, now),
        }
        self.entry = entry;
    }

    /// Gives an entry on, or gives back what is still this writer's.
    fn give(&self, heir: &mut Heir, message: Message) -> Option<Message> {
        let (entry, kind) = match message {
            Message::Line(line) => (Entry::Line(line), Kind::Lines),
            Message::Record(record) => (Entry::Record(Box::new(record)), Kind::Records),
            // Its own instances are what the heir counts.
            Message::Gauge(..) => return None,
            Message::Refused(..) => {
                self.counters.dropped(Kind::Minutes).fetch_add(1, Relaxed);
                return None;
            }
            Message::Forget(_) | Message::Flush(_) | Message::Leave(..) => return Some(message),
        };
        if !heir.give(entry) {
            self.counters.dropped(kind).fetch_add(1, Relaxed);
        }
        None
    }

    /// Writes everything, the minute under way too, and nothing any more.
    fn leave(&mut self, heir: Heir, done: SyncSender<()>, now: Timestamp) {
        self.write_all(now);
        self.close_last(now);
        self.logs.clear();
        self.heir = Some(heir);
        // Whoever asked may have gone.
        _ = done.send(());
    }

    fn append(&mut self, function: &str, kind: Kind, entry: serde_json::Result<&[u8]>, now: Timestamp) {
        let pushed = match (entry, self.log(function, kind)) {
            (Ok(entry), Ok(log)) => log.push(entry, now),
            (Err(error), _) => Err(Lost { entries: 1, path: self.root.clone(), cause: error.into() }),
            (_, Err(cause)) => Err(Lost { entries: 1, path: segment::folder(&self.root, function), cause }),
        };
        if let Err(lost) = pushed {
            self.lost(kind, &lost);
        }
    }

    fn log(&mut self, function: &str, kind: Kind) -> io::Result<&mut Log> {
        let place = self.logs.entry_ref(function).or_default().of(kind);
        match place {
            Some(log) => Ok(log),
            None => Ok(place.insert(Log::open(&self.root, function, kind, self.limits.of(kind))?)),
        }
    }

    /// Writes what is pending everywhere, and answers those who waited for it.
    fn write_all(&mut self, now: Timestamp) {
        let mut lost = Vec::new();
        for (place, kind) in self.logs.values_mut().flat_map(Logs::all) {
            if let Some(Err(loss)) = place.as_mut().map(|log| log.flush(now)) {
                // Opened anew with the next entry: the folder itself may be what is missing.
                *place = None;
                lost.push((kind, loss));
            }
        }
        for (kind, loss) in lost {
            self.lost(kind, &loss);
        }
        if self.logs.len() > OPEN_FUNCTIONS {
            self.logs.clear();
        }
        for done in self.flushes.drain(..) {
            // Whoever asked may have gone.
            _ = done.send(());
        }
    }

    fn forget(&mut self, function: &str) {
        self.tally.forget(function);
        self.logs.remove(function);
        let folder = segment::folder(&self.root, function);
        match std::fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(path = %folder.display(), %error, "telemetry.forget_failed");
            }
            _ => {}
        }
    }

    /// Removes what is too old, whoever wrote it; everything is written before.
    fn sweep(&mut self, now: Timestamp) {
        if self.heir.is_some() {
            return;
        }
        self.logs.clear();
        let entries = match std::fs::read_dir(&self.root) {
            Ok(entries) => entries,
            Err(error) => return tracing::warn!(path = %self.root.display(), %error, "telemetry.sweep_failed"),
        };
        for entry in entries.flatten() {
            if entry.file_name().to_str().is_some_and(segment::is_folder_name)
                && let Err(error) = self.sweep_folder(&entry.path(), now)
            {
                tracing::warn!(path = %entry.path().display(), %error, "telemetry.sweep_failed");
            }
        }
    }

    fn sweep_folder(&self, folder: &Path, now: Timestamp) -> io::Result<()> {
        let mut left = 0;
        for kind in Kind::ALL {
            left += segment::expire(folder, kind, self.limits.of(kind).max_age, now)?;
        }
        if left == 0 { std::fs::remove_dir_all(folder) } else { Ok(()) }
    }

    fn lost(&mut self, kind: Kind, lost: &Lost) {
        self.counters.dropped(kind).fetch_add(lost.entries, Relaxed);
        self.trouble.lost_since_sweep = true;
        if !self.trouble.disk_fails {
            self.trouble.disk_fails = true;
            tracing::warn!(path = %lost.path.display(), error = %lost.cause, "telemetry.disk_failed");
        }
    }

    /// Says how many entries were dropped since it was last said, and when the disk holds again.
    fn say_drops(&mut self) {
        let dropped =
            [Kind::Lines, Kind::Records].into_iter().map(|kind| self.counters.dropped(kind).load(Relaxed)).sum();
        if dropped > self.trouble.said {
            tracing::warn!(entries = dropped - self.trouble.said, "telemetry.dropped");
            self.trouble.said = dropped;
        }
        let lost = std::mem::take(&mut self.trouble.lost_since_sweep);
        if self.trouble.disk_fails && !lost {
            self.trouble.disk_fails = false;
            tracing::info!("telemetry.disk_recovered");
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue.abandon();
    }
}

impl Logs {
    fn of(&mut self, kind: Kind) -> &mut Option<Log> {
        match kind {
            Kind::Lines => &mut self.lines,
            Kind::Records => &mut self.records,
            Kind::Minutes => &mut self.minutes,
            Kind::Months => &mut self.months,
        }
    }

    fn all(&mut self) -> [(&mut Option<Log>, Kind); 4] {
        [
            (&mut self.lines, Kind::Lines),
            (&mut self.records, Kind::Records),
            (&mut self.minutes, Kind::Minutes),
            (&mut self.months, Kind::Months),
        ]
    }
}
