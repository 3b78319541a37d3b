//! Files: one folder per function, in it segments of lines and segments of records, each append-only NDJSON.
//!
//! A folder is named by a digest of the function's URN (its file `function` says which), a segment by the microsecond it was
//! begun, so names sort by age and the next one's name says when a segment ended.

use std::collections::VecDeque;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::tally::Place;

#[cfg(test)]
mod tests;

/// Bytes gathered before they are written at the latest.
const PENDING_BYTES: usize = 256 * 1024;

/// What a segment holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Lines,
    Records,
    /// What the records of each minute came to.
    Minutes,
    /// What the minutes of each month came to.
    Months,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Lines, Self::Records, Self::Minutes, Self::Months];

    fn prefix(self) -> &'static str {
        match self {
            Self::Lines => "lines-",
            Self::Records => "records-",
            Self::Minutes => "minutes-",
            Self::Months => "months-",
        }
    }
}

/// How much of each kind is kept for a function.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) max_bytes: u64,
    pub(crate) max_age: Duration,
}

impl Limits {
    /// Those of a kind: what the operator says is about lines and records. An entry of a minute has some 500 bytes.
    pub(crate) fn of(self, kind: Kind) -> Self {
        const DAY: Duration = Duration::from_hours(24);
        match kind {
            Kind::Lines | Kind::Records => self,
            Kind::Minutes => Self { max_bytes: 32 * 1024 * 1024, max_age: 31 * DAY },
            Kind::Months => Self { max_bytes: 64 * 1024, max_age: 400 * DAY },
        }
    }

    /// A segment is an eighth of the budget, so that at most an eighth more than needed goes at once.
    fn segment_bytes(self) -> u64 {
        (self.max_bytes / 8).clamp(4 * 1024, 16 * 1024 * 1024)
    }

    fn segment_age(self) -> Duration {
        (self.max_age / 8).max(Duration::from_secs(1))
    }
}

/// The folder of a function. The URN is somebody else's text and is not part of the path.
pub(crate) fn folder(root: &Path, function: &str) -> PathBuf {
    let digest = Sha256::digest(function.as_bytes());
    root.join(hex::encode(digest.get(..16).unwrap_or_default()))
}

/// Whether a folder's name is one [`folder`] gives.
pub(crate) fn is_folder_name(name: &str) -> bool {
    name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// A closed or growing segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) path: PathBuf,
    /// When it was begun, microseconds since the epoch.
    pub(crate) begun: u64,
    pub(crate) bytes: u64,
}

/// The segments of a folder, oldest first; none when there is no folder.
pub(crate) fn list(folder: &Path, kind: Kind) -> io::Result<Vec<Segment>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut segments = Vec::new();
    for entry in entries {
        let entry = entry?;
        let Some(begun) = entry.file_name().to_str().and_then(|name| begun(name, kind)) else { continue };
        // It may have been removed since; then it is not listed.
        if let Ok(metadata) = entry.metadata()
            && metadata.is_file()
        {
            segments.push(Segment { path: entry.path(), begun, bytes: metadata.len() });
        }
    }
    segments.sort_by_key(|segment| segment.begun);
    Ok(segments)
}

fn begun(name: &str, kind: Kind) -> Option<u64> {
    let digits = name.strip_prefix(kind.prefix())?.strip_suffix(".ndjson")?;
    (digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok())?
}

/// Microseconds since the epoch.
pub(crate) fn micros(at: Timestamp) -> u64 {
    u64::try_from(at.as_microsecond()).unwrap_or(0)
}

/// Removes the segments of a folder whose newest entry is older than `max_age`; says how many are left.
pub(crate) fn expire(folder: &Path, kind: Kind, max_age: Duration, now: Timestamp) -> io::Result<usize> {
    let segments = list(folder, kind)?;
    let horizon = micros(now).saturating_sub(u64::try_from(max_age.as_micros()).unwrap_or(u64::MAX));
    let mut left = segments.len();
    let ends = segments.iter().skip(1).map(|next| Some(next.begun)).chain([None]);
    for (segment, end) in segments.iter().zip(ends) {
        let end = match end {
            Some(end) => end,
            None => last_write(&segment.path)?,
        };
        if end >= horizon {
            break;
        }
        std::fs::remove_file(&segment.path)?;
        left -= 1;
    }
    Ok(left)
}

fn last_write(path: &Path) -> io::Result<u64> {
    let written = std::fs::metadata(path)?.modified()?;
    Ok(Timestamp::try_from(written).map(micros).unwrap_or(0))
}

/// Entries that could not be written, and why.
#[derive(Debug)]
pub(crate) struct Lost {
    pub(crate) entries: u64,
    pub(crate) path: PathBuf,
    pub(crate) cause: io::Error,
}

/// The growing end of one kind of a function's segments. Only the writer thread has one.
#[derive(Debug)]
pub(crate) struct Log {
    folder: PathBuf,
    kind: Kind,
    limits: Limits,
    /// Oldest first.
    closed: VecDeque<Segment>,
    active: Option<(File, Segment)>,
    pending: Vec<u8>,
    pending_entries: u64,
}

impl Log {
    /// Opens the folder, making it where needed, and goes on with its newest segment.
    pub(crate) fn open(root: &Path, function: &str, kind: Kind, limits: Limits) -> io::Result<Self> {
        let folder = folder(root, function);
        make_folder(&folder)?;
        name_folder(&folder, function)?;
        let mut closed = VecDeque::from(list(&folder, kind)?);
        let active = match closed.pop_back() {
            Some(newest) => Some(reopen(newest)?),
            None => None,
        };
        let pending = Vec::new();
        Ok(Self { folder, kind, limits, closed, active, pending, pending_entries: 0 })
    }

    /// Takes one entry, its line end included; it is on disk after [`Log::flush`]. An error is about those before it.
    pub(crate) fn push(&mut self, entry: &[u8], now: Timestamp) -> Result<(), Lost> {
        let would_be = self.active_bytes() + (self.pending.len() + entry.len()) as u64;
        let has_some = self.active_bytes() > 0 || !self.pending.is_empty();
        let mut written = Ok(());
        if has_some && (would_be > self.limits.segment_bytes() || self.is_old(now)) {
            written = self.flush(now);
            self.closed.extend(self.active.take().map(|(_, segment)| segment));
        }
        self.pending.extend_from_slice(entry);
        self.pending_entries += 1;
        if written.is_ok() && self.pending.len() >= PENDING_BYTES { self.flush(now) } else { written }
    }

    /// Writes what is pending. After an error nothing is pending, and the file ends where it did or with a torn line that
    /// readers skip.
    pub(crate) fn flush(&mut self, now: Timestamp) -> Result<(), Lost> {
        let pending = std::mem::take(&mut self.pending);
        let entries = std::mem::take(&mut self.pending_entries);
        if pending.is_empty() {
            return Ok(());
        }
        self.append(&pending, now).map_err(|cause| {
            if let Some((file, segment)) = self.active.take() {
                // Gives the torn part back to a full disk; where that fails too, reopening ends the torn line.
                _ = file.set_len(segment.bytes);
                self.active = reopen(segment).ok();
            }
            Lost { entries, path: self.folder.clone(), cause }
        })
    }

    fn append(&mut self, bytes: &[u8], now: Timestamp) -> io::Result<()> {
        if self.active.is_none() {
            self.begin(now)?;
        }
        let Some((file, segment)) = &mut self.active else { return Ok(()) };
        file.write_all(bytes)?;
        segment.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Begins a segment, after making room for it within the budget.
    fn begin(&mut self, now: Timestamp) -> io::Result<()> {
        let budget = self.limits.max_bytes.saturating_sub(self.limits.segment_bytes());
        while self.closed.iter().map(|segment| segment.bytes).sum::<u64>() > budget {
            let Some(oldest) = self.closed.pop_front() else { break };
            remove(&oldest.path)?;
        }
        // A clock that went back must not sort the new segment before older ones.
        let begun = micros(now).max(self.closed.back().map_or(0, |last| last.begun + 1));
        let path = self.folder.join(format!("{}{begun:020}.ndjson", self.kind.prefix()));
        let file = OpenOptions::new().append(true).create_new(true).mode(0o600).open(&path)?;
        self.active = Some((file, Segment { path, begun, bytes: 0 }));
        Ok(())
    }

    /// Where it ends, everything being flushed.
    pub(crate) fn end(&self) -> Place {
        let last = self.active.as_ref().map(|(_, segment)| segment).or(self.closed.back());
        last.map_or_else(Place::default, |segment| Place { begun: segment.begun, bytes: segment.bytes })
    }

    fn active_bytes(&self) -> u64 {
        self.active.as_ref().map_or(0, |(_, segment)| segment.bytes)
    }

    fn is_old(&self, now: Timestamp) -> bool {
        let age = self.active.as_ref().map_or(0, |(_, segment)| micros(now).saturating_sub(segment.begun));
        Duration::from_micros(age) > self.limits.segment_age()
    }
}

/// Makes a folder that only its owner may look into: logs hold what users print.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Says for people whose folder it is.
fn name_folder(folder: &Path, function: &str) -> io::Result<()> {
    let named = OpenOptions::new().write(true).create_new(true).mode(0o600).open(folder.join("function"));
    match named {
        Ok(mut file) => {
            let mut text = Vec::new();
            crate::line::ndjson(function, &mut text)?;
            file.write_all(&text)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// The function a folder belongs to, if it says so.
pub(crate) fn owner(folder: &Path) -> Option<String> {
    serde_json::from_slice(&std::fs::read(folder.join("function")).ok()?).ok()
}

/// Opens a segment to go on with it; a line torn by a crash is ended, so that it does not spoil the next.
fn reopen(mut segment: Segment) -> io::Result<(File, Segment)> {
    let mut file = OpenOptions::new().append(true).read(true).open(&segment.path)?;
    segment.bytes = file.metadata()?.len();
    if segment.bytes > 0 {
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            file.write_all(b"\n")?;
            segment.bytes += 1;
        }
    }
    Ok((file, segment))
}

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}
