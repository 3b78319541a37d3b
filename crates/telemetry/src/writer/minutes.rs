//! Minutes that are over become entries; those that a killed process did not write are counted again from its records.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hashbrown::HashMap;
use jiff::Timestamp;
use model::record::Record;
use model::statistics::{Counts, project_of};

use super::Writer;
use crate::line::ndjson;
use crate::query::backwards;
use crate::segment::{self, Kind};
use crate::tally::{Entry, Month, Place, minute_of, with_projects};

/// Bytes of a function's newest records that are looked at when it is not known what is counted. One minute makes more only
/// where thousands of requests a second are served.
const RECOUNTED: u64 = 32 * 1024 * 1024;

/// What functions did in minutes that are in no entry.
type Uncounted = BTreeMap<i64, HashMap<Arc<str>, Counts>>;

impl Writer {
    /// Writes the minute before this one, if anything happened in it.
    pub(super) fn close_minute(&mut self, now: Timestamp) {
        if let Some((minute, functions)) = self.tally.close(now) {
            self.write_minute(minute, functions, now);
            self.tally.closed();
        }
    }

    /// Writes the minute under way: the process ends.
    pub(super) fn close_last(&mut self, now: Timestamp) {
        if let Some((minute, functions)) = self.tally.close_last() {
            self.write_minute(minute, functions, now);
            self.tally.closed();
        }
    }

    /// Everything counted is flushed before, so the end of a log is where counting stands.
    fn write_minute(&mut self, minute: i64, functions: HashMap<Arc<str>, Counts>, now: Timestamp) {
        for (name, counts) in with_projects(functions) {
            let is_function = project_of(&name).is_some();
            let counted = match is_function {
                true => self.log(&name, Kind::Records).map(|records| records.end()).unwrap_or_default(),
                false => Place::default(),
            };
            let month = if is_function { None } else { Some(self.add_to_month(&name, minute, &counts, now)) };
            self.append_entry(&name, Kind::Minutes, &Entry { minute, counts, counted, month }, now);
        }
        self.write_all(now);
    }

    fn add_to_month(&mut self, project: &str, minute: i64, counts: &Counts, now: Timestamp) -> Month {
        let (month, ended) = self.tally.add_to_month(project, minute, counts);
        if let Some(ended) = ended {
            self.append_entry(project, Kind::Months, &ended, now);
        }
        month
    }

    fn append_entry(&mut self, name: &str, kind: Kind, entry: &impl serde::Serialize, now: Timestamp) {
        let mut bytes = Vec::new();
        let made = ndjson(entry, &mut bytes);
        self.append(name, kind, made.map(|()| bytes.as_slice()), now);
    }

    /// Goes on where an earlier process stopped: months as it knew them, and records that it wrote but had not counted.
    pub(super) fn recover(&mut self, now: Timestamp) {
        let Ok(folders) = std::fs::read_dir(&self.root) else { return };
        let mut uncounted = Uncounted::new();
        for folder in folders.flatten() {
            if folder.file_name().to_str().is_some_and(segment::is_folder_name)
                && let Err(error) = self.recover_folder(&folder.path(), &mut uncounted)
            {
                tracing::warn!(path = %folder.path().display(), %error, "telemetry.not_recounted");
            }
        }
        for (minute, functions) in uncounted {
            self.write_minute(minute, functions, now);
        }
    }

    fn recover_folder(&self, folder: &Path, uncounted: &mut Uncounted) -> io::Result<()> {
        let Some(name) = segment::owner(folder) else { return Ok(()) };
        let entry = newest_entry(folder);
        if project_of(&name).is_none() {
            if let Some(month) = entry.and_then(|entry| entry.month) {
                self.tally.restore_month(name, month);
            }
            return Ok(());
        }
        for (minute, counts) in recount(folder, entry.map(|entry| entry.counted))? {
            uncounted.entry(minute).or_default().insert(name.as_str().into(), counts);
        }
        Ok(())
    }
}

fn newest_entry(folder: &Path) -> Option<Entry> {
    let segments = segment::list(folder, Kind::Minutes).ok()?;
    let mut newest = None;
    for segment in segments.iter().rev() {
        let parse = &mut |bytes: &[u8]| {
            newest = serde_json::from_slice(bytes).ok();
            newest.is_none()
        };
        backwards(&segment.path, parse).ok()?;
        if newest.is_some() {
            break;
        }
    }
    newest
}

/// What the records after `counted` came to, by the minute in which they ended.
fn recount(folder: &Path, counted: Option<Place>) -> io::Result<BTreeMap<i64, Counts>> {
    let counted = counted.unwrap_or_default();
    let mut minutes = BTreeMap::<i64, Counts>::new();
    let mut left = RECOUNTED;
    for segment in segment::list(folder, Kind::Records)?.iter().rev() {
        if segment.begun < counted.begun || left == 0 {
            break;
        }
        let from = if segment.begun == counted.begun { counted.bytes } else { 0 };
        let from = from.max(segment.bytes.saturating_sub(left));
        left = left.saturating_sub(segment.bytes.saturating_sub(from));
        for line in read_from(&segment.path, from)?.split(|byte| *byte == b'\n') {
            // Torn lines, and those of another shape, count nothing, as they are shown to nobody.
            if let Ok(record) = serde_json::from_slice::<Record>(line) {
                minutes.entry(ended(&record)).or_default().record(&record);
            }
        }
    }
    Ok(minutes)
}

fn ended(record: &Record) -> i64 {
    let took = Duration::from_micros(record.timings.total_us);
    minute_of(record.started.checked_add(took).unwrap_or(record.started))
}

fn read_from(path: &Path, from: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(RECOUNTED).read_to_end(&mut bytes)?;
    Ok(bytes)
}
