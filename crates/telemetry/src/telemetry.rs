//! The handle everybody has: records without waiting, answers questions about what was recorded.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::Timestamp;
use model::record::Record;
use model::statistics::Gauges;
use tokio::sync::broadcast;

use crate::heads::Captures;
use crate::heir::Heir;
use crate::line::Line;
use crate::live::Live;
use crate::query::{self, Found, Query};
use crate::segment::{self, Kind, Limits};
use crate::splitter::LineSplitter;
use crate::tally::{self, Entry, Minute, Month};
use crate::writer::{self, Handle};

#[cfg(test)]
mod tests;

/// Where and how much is kept.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder, telemetry's alone; made with access for its owner only.
    pub dir: PathBuf,
    /// Bytes of lines, and as many of records, kept for a function.
    pub max_bytes: u64,
    /// How old an entry may become.
    pub max_age: Duration,
    /// Bytes a second that each output of an instance may write.
    pub rate_bytes: u32,
    /// Bytes that it may write at once.
    pub burst_bytes: u32,
}

impl Config {
    /// 64 MiB a function, a week, 1 MiB a second with bursts of 4 MiB (`reliability.md` B.3, row 23).
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            max_bytes: 64 * 1024 * 1024,
            max_age: Duration::from_hours(7 * 24),
            rate_bytes: 1024 * 1024,
            burst_bytes: 4 * 1024 * 1024,
        }
    }
}

/// Something about the folder that does not work.
#[derive(Debug, thiserror::Error)]
#[error("{what} {path}: {source}")]
pub struct Error {
    /// What was tried.
    pub what: &'static str,
    /// With what.
    pub path: PathBuf,
    /// Why it failed.
    pub source: std::io::Error,
}

/// The logs and records of all functions. Cheap clone; when the last one goes, what is queued is written.
#[derive(Clone)]
pub struct Telemetry {
    inner: Arc<Inner>,
}

struct Inner {
    config: Config,
    live: Live,
    captures: Arc<Captures>,
    /// Before `writing`, because the thread ends when the queue is gone.
    queue: Handle,
    _writing: Writing,
}

/// The writer thread, waited for when dropped.
struct Writing(Option<JoinHandle<()>>);

impl Drop for Writing {
    fn drop(&mut self) {
        if self.0.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("telemetry.writer_panicked");
        }
    }
}

impl Telemetry {
    /// Opens the folder, making it where needed, and starts the one writer thread. What an earlier process wrote stays and is
    /// gone on with.
    ///
    /// # Errors
    /// The folder cannot be made or read, or no thread can be started.
    pub fn open(config: Config) -> Result<Self, Error> {
        let failed = |what| {
            let path = config.dir.clone();
            move |source| Error { what, path, source }
        };
        segment::make_folder(&config.dir).map_err(failed("make the telemetry folder"))?;
        std::fs::read_dir(&config.dir).map_err(failed("read the telemetry folder"))?;
        let limits = Limits { max_bytes: config.max_bytes, max_age: config.max_age };
        let captures = Arc::<Captures>::default();
        let (queue, thread) = writer::start(config.dir.clone(), limits, Arc::clone(&captures))
            .map_err(failed("start the thread that writes to"))?;
        let inner = Inner { config, live: Live::default(), captures, queue, _writing: Writing(Some(thread)) };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// A splitter for one output of an instance, with the configured budget.
    pub fn splitter(&self) -> LineSplitter {
        LineSplitter::new(self.inner.config.rate_bytes, self.inner.config.burst_bytes)
    }

    /// Keeps a line. Never waits: when the disk is behind by 16,384 entries or 32 MiB, the line is dropped and counted, but still in
    /// the tail.
    pub fn log(&self, line: Line) {
        let line = Arc::new(line.capped());
        // In this order: who begins to follow between the two, and then reads what is kept, has it twice rather than not at all.
        self.inner.queue.line(Arc::clone(&line));
        self.inner.live.push(&line);
    }

    /// Keeps a record. Never waits, as [`Telemetry::log`].
    pub fn record(&self, record: Record) {
        self.inner.queue.record(record);
    }

    /// Lines of a function (URN without qualifier), oldest first, at most `limit` of the newest, none older than the configured age.
    /// Blocking I/O: call from `spawn_blocking`. A function without lines has none; that is no error.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn lines(&self, function: &str, query: &Query) -> Result<Vec<Line>, Error> {
        Ok(self.search_lines(function, query, |_| true)?.entries)
    }

    /// As [`Telemetry::lines`], of those that are `wanted`, within the query's budget.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn search_lines(
        &self,
        function: &str,
        query: &Query,
        wanted: impl Fn(&Line) -> bool,
    ) -> Result<Found<Line>, Error> {
        self.read(function, Kind::Lines, query, |query, entry| {
            let line: Line = serde_json::from_slice(entry).ok()?;
            let line = Line { function: function.to_owned(), ..line };
            (query.wants_line(&line) && wanted(&line)).then_some(line)
        })
    }

    /// The last lines still in memory, newest last; cheap. Empty after a restart until something is said.
    pub fn tail(&self, function: &str, limit: usize) -> Vec<Line> {
        self.inner.live.tail(function, limit)
    }

    /// Live lines of a function from now on; who lags gets the number of lines skipped. Ends when the function is forgotten.
    pub fn follow(&self, function: &str) -> broadcast::Receiver<Arc<Line>> {
        self.inner.live.follow(function)
    }

    /// Live lines of all functions, as [`Telemetry::follow`].
    pub fn follow_all(&self) -> broadcast::Receiver<Arc<Line>> {
        self.inner.live.follow_all()
    }

    /// Records of a function in the order their invocations ended, at most `limit` of the newest. Blocking I/O as
    /// [`Telemetry::lines`].
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn records(&self, function: &str, query: &Query) -> Result<Vec<Record>, Error> {
        Ok(self.search_records(function, query, |_| true)?.entries)
    }

    /// As [`Telemetry::records`], of those that are `wanted`, within the query's budget.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn search_records(
        &self,
        function: &str,
        query: &Query,
        wanted: impl Fn(&Record) -> bool,
    ) -> Result<Found<Record>, Error> {
        self.read(function, Kind::Records, query, |query, entry| {
            let record: Record = serde_json::from_slice(entry).ok()?;
            (query.wants_record(&record) && wanted(&record)).then_some(record)
        })
    }

    /// Records of all functions as the writer takes them, a moment after the invocation ended and nowhere in its way; who lags gets
    /// the number skipped.
    pub fn follow_records(&self) -> broadcast::Receiver<Arc<Record>> {
        self.inner.queue.records().subscribe()
    }

    /// Keeps what was seen of a function's instances (URN without qualifier). Never waits; when the disk is behind it is not
    /// kept.
    pub fn gauge(&self, function: Arc<str>, seen: Gauges) {
        self.inner.queue.gauge(function, seen);
    }

    /// Counts requests for a function (URN without qualifier) that were refused before they came to it. Never waits; lost, and counted as
    /// a record that is, when the disk is behind or another process has the folder.
    pub fn refused(&self, function: Arc<str>, count: u64) {
        self.inner.queue.refused(function, count);
    }

    /// What happened since a moment in each minute in which anything did, of a function (URN without qualifier) or all
    /// functions of a project ([`model::statistics::project_of`]); oldest first, at most a month. Blocking I/O as
    /// [`Telemetry::lines`].
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn minutes(&self, name: &str, since: Timestamp) -> Result<Vec<Minute>, Error> {
        let first = tally::minute_of(since);
        self.steady(name, |kept| {
            let entries = self.entries::<Entry>(name, Kind::Minutes, |entry| entry.minute >= first)?;
            let entries = entries.into_iter().map(|entry| Minute { minute: entry.minute, counts: entry.counts });
            Ok(tally::merged(entries.chain([kept.minute]).filter(|minute| minute.minute >= first)))
        })
    }

    /// What happened in each month (UTC) of a project in which anything did, oldest first, at most a year. Blocking I/O as
    /// [`Telemetry::lines`].
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn months(&self, project: &str) -> Result<Vec<Month>, Error> {
        self.steady(project, |kept| {
            let mut months = std::collections::BTreeMap::new();
            for month in self.entries::<Month>(project, Kind::Months, |_| true)? {
                months.insert(month.month, month.counts);
            }
            if let Some(month) = kept.month {
                months.insert(month.month, month.counts);
            }
            if kept.minute.counts != model::statistics::Counts::default() {
                let month = tally::month_of(kept.minute.minute);
                months.entry(month).or_default().then(&kept.minute.counts);
            }
            Ok(months.into_iter().map(|(month, counts)| Month { month, counts }).collect())
        })
    }

    /// An answer made of what is in memory and what is on disk, asked for again when something went from here to there
    /// meanwhile; that happens once a minute.
    fn steady<T>(&self, name: &str, mut read: impl FnMut(tally::Look) -> Result<T, Error>) -> Result<T, Error> {
        const TRIES: u32 = 5;
        let tally = self.inner.queue.tally();
        for _ in 1..TRIES {
            self.inner.queue.flush();
            let look = tally.look(name);
            let closes = look.closes;
            let answer = read(look)?;
            if closes.is_some() && tally.look(name).closes == closes {
                return Ok(answer);
            }
        }
        read(tally.look(name))
    }

    /// The entries of a kind that are wanted, oldest first; `wanted` refuses all that are older than one that it refuses.
    fn entries<T: serde::de::DeserializeOwned>(
        &self,
        name: &str,
        kind: Kind,
        wanted: impl Fn(&T) -> bool,
    ) -> Result<Vec<T>, Error> {
        let failed = |(path, source)| Error { what: "read", path, source };
        let segments = query::segments(&self.inner.config.dir, name, kind).map_err(failed)?;
        let mut found = Vec::new();
        let mut more = true;
        for segment in segments.iter().rev() {
            let each = &mut |bytes: &[u8]| {
                more = take(bytes, &wanted, &mut found);
                more
            };
            query::backwards(&segment.path, each).map_err(|source| failed((segment.path.clone(), source)))?;
            if !more {
                break;
            }
        }
        found.reverse();
        Ok(found)
    }

    /// Heads of requests, while somebody wants to see them.
    pub fn captures(&self) -> &Arc<Captures> {
        &self.inner.captures
    }

    /// Waits until everything sent so far is written (or counted as dropped). Blocking.
    pub fn flush(&self) {
        self.inner.queue.flush();
    }

    /// Writes everything sent so far, the counts of the minute under way too; later lines and records are given to `heir`, which has
    /// the folder from now on. Blocking.
    pub fn leave_to(&self, heir: Heir) {
        self.inner.queue.leave(heir);
    }

    /// Forgets a deleted function's logs and records: those sent so far; the tail, followers and heads at once, the files a moment later.
    pub fn forget(&self, function: &str) {
        self.inner.live.forget(function);
        self.inner.captures.forget(function);
        self.inner.queue.forget(function);
    }

    /// (dropped lines, dropped records) since the start: for a full queue or a failing disk.
    pub fn dropped(&self) -> (u64, u64) {
        let counters = self.inner.queue.counters();
        (counters.dropped_lines.load(Relaxed), counters.dropped_records.load(Relaxed))
    }

    fn read<T>(
        &self,
        function: &str,
        kind: Kind,
        query: &Query,
        parse: impl Fn(&Query, &[u8]) -> Option<T>,
    ) -> Result<Found<T>, Error> {
        if query.limit == 0 {
            return Ok(Found { entries: Vec::new(), cut: false });
        }
        // What was said before the question is in the answer.
        self.inner.queue.flush();
        let oldest = model::time::now().checked_sub(self.inner.config.max_age).unwrap_or(Timestamp::MIN);
        let query = Query { since: query.since.max(Some(oldest)), ..query.clone() };
        // Entries of another shape, from a later version of funcd or a bad disk, are passed over.
        query::segments(&self.inner.config.dir, function, kind)
            .and_then(|segments| query::newest(segments, &query, |entry| parse(&query, entry)))
            .map_err(|(path, source)| Error { what: "read", path, source })
    }
}

/// Adds an entry if it is wanted; says whether older ones can be, too. One of another shape is passed over.
fn take<T: serde::de::DeserializeOwned>(bytes: &[u8], wanted: impl Fn(&T) -> bool, found: &mut Vec<T>) -> bool {
    match serde_json::from_slice::<T>(bytes) {
        Ok(entry) if wanted(&entry) => found.push(entry),
        Ok(_) => return false,
        Err(_) => {}
    }
    true
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telemetry").field("config", &self.inner.config).finish_non_exhaustive()
    }
}
