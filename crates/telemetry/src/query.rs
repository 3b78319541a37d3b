//! Reading: the newest entries of a function that match, from the end of its segments backwards.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use model::record::Record;

use crate::line::Line;
use crate::segment::{self, Kind, Segment};

#[cfg(test)]
mod tests;

/// How much later than a segment's end an entry in it may claim to be, microseconds: times are taken before entries are
/// queued, a segment's in between, and clocks are set.
const SLACK: u64 = 60_000_000;

/// What is looked for.
#[derive(Clone, Debug)]
pub struct Query {
    /// Lines read, or invocations begun, at this time or later.
    pub since: Option<Timestamp>,
    /// Nor later than this.
    pub until: Option<Timestamp>,
    /// At most so many of the newest; 0 gives none.
    pub limit: usize,
    /// Only this instance's.
    pub instance: Option<String>,
    /// Only this request's.
    pub request_id: Option<String>,
    /// Bytes that are looked at, wanted or not; older ones are left.
    pub budget: u64,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<T> {
    /// Oldest first.
    pub entries: Vec<T>,
    /// Whether the budget was used up before everything was looked at.
    pub cut: bool,
}

impl Default for Query {
    /// The newest thousand, however far back.
    fn default() -> Self {
        Self { since: None, until: None, limit: 1000, instance: None, request_id: None, budget: u64::MAX }
    }
}

impl Query {
    pub(crate) fn wants_line(&self, line: &Line) -> bool {
        self.wants(line.at, Some(&line.instance), line.request_id.as_deref())
    }

    pub(crate) fn wants_record(&self, record: &Record) -> bool {
        self.wants(record.started, record.instance.as_deref(), Some(&record.request_id))
    }

    fn wants(&self, at: Timestamp, instance: Option<&str>, request_id: Option<&str>) -> bool {
        self.since.is_none_or(|since| at >= since)
            && self.until.is_none_or(|until| at <= until)
            && self.instance.as_deref().is_none_or(|wanted| instance == Some(wanted))
            && self.request_id.as_deref().is_none_or(|wanted| request_id == Some(wanted))
    }
}

/// The newest `limit` entries that `parse` accepts, oldest first. Entries are in the order they were written.
pub(crate) fn newest<T>(
    segments: Vec<Segment>,
    query: &Query,
    mut parse: impl FnMut(&[u8]) -> Option<T>,
) -> Result<Found<T>, (PathBuf, io::Error)> {
    let since = query.since.map_or(0, segment::micros);
    let mut found = Vec::new();
    let mut left = query.budget;
    for segment in segments.into_iter().rev() {
        backwards(&segment.path, &mut |entry| {
            found.extend(parse(entry));
            left = left.saturating_sub(entry.len() as u64);
            found.len() < query.limit && left > 0
        })
        .map_err(|cause| (segment.path.clone(), cause))?;
        // Whatever an older segment holds was written before this one was begun.
        if found.len() >= query.limit || left == 0 || segment.begun.saturating_add(SLACK) < since {
            break;
        }
    }
    let cut = left == 0 && found.len() < query.limit;
    found.reverse();
    Ok(Found { entries: found, cut })
}

/// The segments of a function, for reading.
pub(crate) fn segments(root: &Path, function: &str, kind: Kind) -> Result<Vec<Segment>, (PathBuf, io::Error)> {
    let folder = segment::folder(root, function);
    segment::list(&folder, kind).map_err(|cause| (folder, cause))
}

/// Gives the entries of a segment, newest first, until `each` says enough.
pub(crate) fn backwards(path: &Path, each: &mut dyn FnMut(&[u8]) -> bool) -> io::Result<()> {
    let file = match File::open(path) {
        // Removed by size, age or forgetting since it was listed.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        file => file?,
    };
    let mut entries = Backwards::new(file)?;
    while let Some(entry) = entries.next()? {
        if !each(&entry) {
            return Ok(());
        }
    }
    Ok(())
}

/// The complete lines of a file from its end; what follows the last line end is being written or torn, and skipped.
struct Backwards {
    file: File,
    /// Where `buffer` begins in the file.
    position: u64,
    /// Bytes up to a line end, or none.
    buffer: Vec<u8>,
}

impl Backwards {
    const BLOCK: usize = 64 * 1024;

    fn new(file: File) -> io::Result<Self> {
        let position = file.metadata()?.len();
        let mut lines = Self { file, position, buffer: Vec::new() };
        while lines.position > 0 {
            lines.buffer.clear();
            lines.prepend()?;
            if let Some(end) = lines.buffer.iter().rposition(|byte| *byte == b'\n') {
                lines.buffer.truncate(end + 1);
                return Ok(lines);
            }
        }
        lines.buffer.clear();
        Ok(lines)
    }

    /// The line before, without its end.
    fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            match self.take_line() {
                None if self.position > 0 => self.prepend()?,
                line => return Ok(line),
            }
        }
    }

    /// The last line of the buffer, if it begins there.
    fn take_line(&mut self) -> Option<Vec<u8>> {
        let (_, body) = self.buffer.split_last()?;
        let begin = match body.iter().rposition(|byte| *byte == b'\n') {
            Some(line_end) => line_end + 1,
            None if self.position == 0 => 0,
            None => return None,
        };
        let mut line = self.buffer.split_off(begin);
        line.pop();
        Some(line)
    }

    /// Reads the block before the buffer; blocks grow with the line, so a long one is not copied again and again.
    fn prepend(&mut self) -> io::Result<()> {
        let wanted = Self::BLOCK.max(self.buffer.len()) as u64;
        let start = self.position.saturating_sub(wanted);
        let mut block = vec![0; usize::try_from(self.position - start).unwrap_or(0)];
        self.file.read_exact_at(&mut block, start)?;
        block.append(&mut self.buffer);
        self.buffer = block;
        self.position = start;
        Ok(())
    }
}
