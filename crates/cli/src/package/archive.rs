//! The zip: deterministic, so that an unchanged folder is an unchanged package.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Cursor, Read as _, Seek, SeekFrom, Write};
use std::rc::Rc;

use anyhow::{Context as _, Result, bail};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::{Entry, bootstrap, folder::Kind};
use crate::output::Output;

/// How many of the largest files a refusal names.
const NAMED: usize = 5;

/// Zips the entries in their order; refuses once the result is larger than `largest`.
pub(super) fn write(entries: &[Entry], largest: u64, output: &Output) -> Result<Vec<u8>> {
    let total = entries.iter().map(|entry| entry.size).sum();
    let progress = output.progress("zipping", total);
    let exceeded = Rc::new(Cell::new(false));
    let bounded = Bounded { inner: Cursor::new(Vec::new()), largest, exceeded: Rc::clone(&exceeded) };
    let written = add_all(ZipWriter::new(bounded), entries, &progress);
    progress.finish_and_clear();
    if exceeded.get() {
        bail!("{}", too_large(entries, largest));
    }
    Ok(written?.inner.into_inner())
}

fn add_all(mut zip: ZipWriter<Bounded>, entries: &[Entry], progress: &indicatif::ProgressBar) -> Result<Bounded> {
    for entry in entries {
        add(&mut zip, entry, progress).with_context(|| format!("cannot zip {}", entry.source.display()))?;
    }
    zip.finish().context("cannot finish the zip")
}

fn add(zip: &mut ZipWriter<Bounded>, entry: &Entry, progress: &indicatif::ProgressBar) -> Result<()> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(entry.mode);
    match &entry.kind {
        Kind::Folder => zip.add_directory(entry.path.as_str(), options)?,
        Kind::Symlink(target) => zip.add_symlink(entry.path.as_str(), target.as_str(), options)?,
        Kind::File => {
            zip.start_file(entry.path.as_str(), options)?;
            io::copy(&mut progress.wrap_read(File::open(&entry.source)?), zip)?;
        }
    }
    Ok(())
}

fn too_large(entries: &[Entry], largest: u64) -> String {
    let mut by_size: Vec<&Entry> = entries.iter().collect();
    by_size.sort_by_key(|entry| std::cmp::Reverse(entry.size));
    let named: Vec<String> = by_size
        .iter()
        .take(NAMED)
        .map(|entry| format!("{} ({})", entry.path, indicatif::HumanBytes(entry.size)))
        .collect();
    format!(
        "the package is over {}, the most the API takes: name what is not needed at run time in .funcdignore. Largest \
         files: {}",
        indicatif::HumanBytes(largest),
        named.join(", ")
    )
}

/// A buffer that refuses to grow over a size, so that a huge folder is not held in memory. After the refusal it takes everything
/// and keeps nothing: a zip writer finishes its archive when it is dropped, and complains on standard error when it cannot.
struct Bounded {
    inner: Cursor<Vec<u8>>,
    largest: u64,
    /// Read by whoever made it, as the zip writer keeps it to itself after a failure.
    exceeded: Rc<Cell<bool>>,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let end = self.inner.position().saturating_add(bytes.len() as u64);
        if self.exceeded.get() {
            self.inner.set_position(end);
            return Ok(bytes.len());
        }
        if end > self.largest {
            self.exceeded.set(true);
            *self.inner.get_mut() = Vec::new();
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Bounded {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// The names in somebody's zip, folders with a `/` at the end, and the first bytes of its start file.
pub(super) fn look(bytes: &[u8]) -> zip::result::ZipResult<(Vec<String>, Vec<u8>)> {
    let mut zip = ZipArchive::new(Cursor::new(bytes))?;
    let names = zip.file_names().map(|name| name.map(|name| name.into_owned())).collect::<Result<_, _>>()?;
    let mut head = Vec::new();
    if let Ok(start) = zip.by_name(bootstrap::NAME) {
        start.take(bootstrap::HEAD).read_to_end(&mut head)?;
    }
    Ok((names, head))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_writer_that_was_refused_can_be_dropped_in_silence() {
        let exceeded = Rc::new(Cell::new(false));
        let bounded = Bounded { inner: Cursor::new(Vec::new()), largest: 100, exceeded: Rc::clone(&exceeded) };
        let mut zip = ZipWriter::new(bounded);
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        zip.start_file("small", stored).unwrap();
        zip.write_all(b"x").unwrap();
        zip.start_file("big", stored).unwrap();
        zip.write_all(&[7; 200]).unwrap_err();
        assert!(exceeded.get());
        // What dropping does; it fails only aloud.
        assert!(zip.finish().unwrap().inner.into_inner().is_empty());
    }
}
