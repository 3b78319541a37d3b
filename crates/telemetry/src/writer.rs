//! The one thread that writes: takes what is queued in batches, appends it, removes what is too much or too old.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::time::Duration;

use jiff::Timestamp;
use model::record::Record;

use crate::line::{Line, ndjson};
use crate::segment::{self, Kind, Limits, Log, Lost};

/// Lines and records that may wait for the disk.
const QUEUE_ENTRIES: usize = 16 * 1024;
/// Bytes that may wait for the disk.
const QUEUE_BYTES: usize = 32 * 1024 * 1024;
/// Places in the queue that only flushes and forgettings may take, so that a flood of lines cannot keep them out.
const CONTROL_ENTRIES: usize = 1024;
/// Messages taken before they are written and flushes answered.
const BATCH: usize = 1024;
/// Functions whose files are kept open.
const OPEN_FUNCTIONS: usize = 128;
/// How often old segments are looked for, and how often dropping is said.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// What the writer is told, in order.
#[derive(Debug)]
enum Message {
    Line(Arc<Line>),
    Record(Box<Record>),
    Forget(String),
    /// Answered when everything before it is written.
    Flush(SyncSender<()>),
}

/// The writer's end of the queue is its own; this is everybody else's.
#[derive(Debug)]
pub(crate) struct Queue {
    sender: SyncSender<Message>,
    counters: Arc<Counters>,
}

/// Seen from both ends of the queue.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    queued: AtomicUsize,
    queued_bytes: AtomicUsize,
    pub(crate) dropped_lines: AtomicU64,
    pub(crate) dropped_records: AtomicU64,
}

impl Counters {
    fn dropped(&self, kind: Kind) -> &AtomicU64 {
        match kind {
            Kind::Lines => &self.dropped_lines,
            Kind::Records => &self.dropped_records,
        }
    }
}

/// A queue and the thread that empties it; the thread ends, with everything written, when the queue is dropped.
pub(crate) fn start(root: PathBuf, limits: Limits) -> io::Result<(Queue, std::thread::JoinHandle<()>)> {
    let (sender, receiver) = sync_channel(QUEUE_ENTRIES + CONTROL_ENTRIES);
    let counters = Arc::new(Counters::default());
    let queue = Queue { sender, counters: Arc::clone(&counters) };
    let trouble = Trouble::default();
    let writer = Writer { root, limits, counters, logs: HashMap::new(), flushes: Vec::new(), trouble };
    let thread = std::thread::Builder::new().name("telemetry".into()).spawn(move || writer.run(&receiver))?;
    Ok((queue, thread))
}

impl Queue {
    pub(crate) fn line(&self, line: Arc<Line>) {
        let weight = line.weight();
        self.send_or_drop(Message::Line(line), weight, Kind::Lines);
    }

    pub(crate) fn record(&self, record: Record) {
        let weight = record_weight(&record);
        self.send_or_drop(Message::Record(Box::new(record)), weight, Kind::Records);
    }

    pub(crate) fn forget(&self, function: &str) {
        // Fails only when the writer is gone, and then there is nothing left to keep tidy.
        _ = self.sender.send(Message::Forget(function.to_owned()));
    }

    pub(crate) fn flush(&self) {
        let (done, wait) = sync_channel(1);
        if self.sender.send(Message::Flush(done)).is_ok() {
            _ = wait.recv();
        }
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }

    fn send_or_drop(&self, message: Message, weight: usize, kind: Kind) {
        let counters = &self.counters;
        let entries = counters.queued.fetch_add(1, Relaxed);
        let bytes = counters.queued_bytes.fetch_add(weight, Relaxed);
        let sent = if entries >= QUEUE_ENTRIES || bytes >= QUEUE_BYTES {
            Err(TrySendError::Full(message))
        } else {
            self.sender.try_send(message)
        };
        if sent.is_err() {
            counters.queued.fetch_sub(1, Relaxed);
            counters.queued_bytes.fetch_sub(weight, Relaxed);
            counters.dropped(kind).fetch_add(1, Relaxed);
        }
    }
}

fn record_weight(record: &Record) -> usize {
    size_of::<Record>() + record.path.len() + record.function.len() + record.error.as_deref().map_or(0, str::len)
}

struct Writer {
    root: PathBuf,
    limits: Limits,
    counters: Arc<Counters>,
    /// By function; those not open now are opened again when written to.
    logs: HashMap<String, Logs>,
    flushes: Vec<SyncSender<()>>,
    trouble: Trouble,
}

#[derive(Default)]
struct Logs {
    lines: Option<Log>,
    records: Option<Log>,
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
    fn run(mut self, receiver: &Receiver<Message>) {
        self.sweep(model::time::now());
        let mut swept = model::time::now();
        loop {
            let received = receiver.recv_timeout(SWEEP_EVERY);
            let now = model::time::now();
            let ended = match received {
                Ok(message) => {
                    self.take(message, now);
                    self.take_more(receiver, now)
                }
                Err(RecvTimeoutError::Timeout) => false,
                Err(RecvTimeoutError::Disconnected) => true,
            };
            self.write_all(now);
            if ended {
                return;
            }
            // Also when the clock went back, else nothing would be swept until it is that late again.
            if now.duration_since(swept).unsigned_abs() >= SWEEP_EVERY {
                swept = now;
                self.sweep(now);
                self.say_drops();
            }
        }
    }

    /// Takes what is there, up to a batch; says whether that was the end.
    fn take_more(&mut self, receiver: &Receiver<Message>, now: Timestamp) -> bool {
        for _ in 1..BATCH {
            match receiver.try_recv() {
                Ok(message) => self.take(message, now),
                Err(TryRecvError::Empty) => return false,
                Err(TryRecvError::Disconnected) => return true,
            }
        }
        false
    }

    fn take(&mut self, message: Message, now: Timestamp) {
        match message {
            Message::Line(line) => {
                self.taken(line.weight());
                self.append(&line.function, Kind::Lines, ndjson(&*line), now);
            }
            Message::Record(record) => {
                self.taken(record_weight(&record));
                self.append(&record.function, Kind::Records, ndjson(&*record), now);
            }
            Message::Forget(function) => self.forget(&function),
            Message::Flush(done) => self.flushes.push(done),
        }
    }

    fn taken(&self, weight: usize) {
        self.counters.queued.fetch_sub(1, Relaxed);
        self.counters.queued_bytes.fetch_sub(weight, Relaxed);
    }

    fn append(&mut self, function: &str, kind: Kind, entry: serde_json::Result<Vec<u8>>, now: Timestamp) {
        let pushed = match (entry, self.log(function, kind)) {
            (Ok(entry), Ok(log)) => log.push(&entry, now),
            (Err(error), _) => Err(Lost { entries: 1, path: self.root.clone(), cause: error.into() }),
            (_, Err(cause)) => Err(Lost { entries: 1, path: segment::folder(&self.root, function), cause }),
        };
        if let Err(lost) = pushed {
            self.lost(kind, &lost);
        }
    }

    fn log(&mut self, function: &str, kind: Kind) -> io::Result<&mut Log> {
        let place = self.logs.entry(function.to_owned()).or_default().of(kind);
        match place {
            Some(log) => Ok(log),
            None => Ok(place.insert(Log::open(&self.root, function, kind, self.limits)?)),
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
            left += segment::expire(folder, kind, self.limits.max_age, now)?;
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
        let dropped = Kind::ALL.into_iter().map(|kind| self.counters.dropped(kind).load(Relaxed)).sum();
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

impl Logs {
    fn of(&mut self, kind: Kind) -> &mut Option<Log> {
        match kind {
            Kind::Lines => &mut self.lines,
            Kind::Records => &mut self.records,
        }
    }

    fn all(&mut self) -> [(&mut Option<Log>, Kind); 2] {
        [(&mut self.lines, Kind::Lines), (&mut self.records, Kind::Records)]
    }
}
