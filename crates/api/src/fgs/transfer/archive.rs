//! The zip of an exported function: written as it is sent, read with a limit for everything in it.

use std::borrow::Cow;
use std::io::{self, Cursor, Read as _, Write as _};

use axum::body::Body;
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use model::limits;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use wire::codes::{self, Code};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::manifest;
use crate::problems::quoted;

/// Name of the package in the zip.
pub(super) const CODE: &str = "code.zip";
/// Bytes of a YAML: variables and a description are the most of it.
pub(super) const MANIFEST_BYTES: usize = 256 * 1024;
/// Files in a zip that are looked at, to say what is wrong with it.
const MEMBERS: u16 = 64;
/// Pieces that wait until the client takes them.
const WAITING: usize = 4;

/// What is wrong with a zip, and its code.
#[derive(Debug)]
pub(super) struct Problem(pub(super) Code, pub(super) String);

/// What was in a zip.
#[derive(Debug)]
pub(super) struct Imported {
    /// The request that would make the function, as JSON.
    pub(super) function: Bytes,
    pub(super) code: Option<Bytes>,
}

type Package = BoxStream<'static, Result<Bytes, store::Error>>;

/// A zip with a YAML of this name and the package, made while it is sent.
pub(super) fn write(name: String, yaml: String, package: Option<Package>) -> Body {
    let (sender, mut pieces) = mpsc::channel(WAITING);
    let runtime = Handle::current();
    let writing = tokio::task::spawn_blocking(move || {
        let sink = Sink(sender.clone());
        if let Err(error) = zip(sink, (&name, &yaml), package, &runtime) {
            // The client sees that the answer broke off; if it went away, nobody does.
            drop(sender.blocking_send(Err(error)));
        }
    });
    // The task ends by itself when nobody takes its pieces.
    drop(writing);
    Body::from_stream(stream::poll_fn(move |cx| pieces.poll_recv(cx)))
}

fn zip(sink: Sink, (name, yaml): (&str, &str), package: Option<Package>, runtime: &Handle) -> io::Result<()> {
    let mut writer = ZipWriter::new_stream(io::BufWriter::with_capacity(64 * 1024, sink));
    let options = SimpleFileOptions::default().unix_permissions(0o644);
    writer.start_file(name, options)?;
    writer.write_all(yaml.as_bytes())?;
    if let Some(mut package) = package {
        writer.start_file(CODE, options.compression_method(CompressionMethod::Stored))?;
        while let Some(piece) = runtime.block_on(package.next()) {
            writer.write_all(&piece.map_err(io::Error::other)?)?;
        }
    }
    writer.finish()?.into_inner().into_inner()?;
    Ok(())
}

/// Sends what is written.
struct Sink(mpsc::Sender<io::Result<Bytes>>);

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes)));
        sent.map(|()| bytes.len()).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads a zip that has exactly one YAML, and the package that it names.
pub(super) fn read(file: &Bytes) -> Result<Imported, Problem> {
    let invalid = |text: String| Problem(codes::IMPORT_INVALID, text);
    let unreadable = |error: ZipError| invalid(format!("file_code is not a zip that can be read: {error}"));
    if members(file) > MEMBERS {
        return Err(invalid(format!("file_code has more than {MEMBERS} files in it")));
    }
    let mut archive = ZipArchive::new(Cursor::new(file.as_ref())).map_err(unreadable)?;
    let names: Result<Vec<String>, _> = archive.file_names().map(|name| name.map(Cow::into_owned)).collect();
    let names = names.map_err(unreadable)?;
    let is_yaml = |name: &&String| name.ends_with(".yaml") || name.ends_with(".yml");
    let yaml = match names.iter().filter(is_yaml).collect::<Vec<_>>().as_slice() {
        [one] => (*one).clone(),
        [] => return Err(invalid("file_code has no YAML: it is not an exported function".to_owned())),
        several => {
            let text = format!("file_code has {} YAMLs, where exactly one is allowed", several.len());
            return Err(Problem(codes::IMPORT_SEVERAL, text));
        }
    };
    if let Some(other) = names.iter().find(|name| **name != yaml && *name != CODE) {
        return Err(invalid(format!("file_code has {} in it, beside the YAML only {CODE} is allowed", quoted(other))));
    }
    let text = member(&mut archive, &yaml, MANIFEST_BYTES)?;
    let text = str::from_utf8(&text).map_err(|_| invalid(format!("{} is not UTF-8", quoted(&yaml))))?;
    let (function, with_code) = manifest::read(text)?;
    let there = names.iter().any(|name| name == CODE);
    if with_code != there {
        let text = if there { "is there, but the YAML does not name it" } else { "is missing, which the YAML names" };
        return Err(invalid(format!("{CODE} {text}")));
    }
    let code = if there { Some(package(&mut archive, file)?) } else { None };
    Ok(Imported { function, code })
}

/// How many files a zip says that it has, before anything is made of them: the largest number at any place where it may say it
/// (APPNOTE 4.3.16).
fn members(file: &[u8]) -> u16 {
    const SIGNATURE: &[u8] = b"PK\x05\x06";
    const LONGEST: usize = 22 + 0xffff;
    let end = file.get(file.len().saturating_sub(LONGEST)..).unwrap_or_default();
    let said = |window: &[u8]| match window {
        [rest @ .., low, high] if rest.starts_with(SIGNATURE) => u16::from_le_bytes([*low, *high]),
        _ => 0,
    };
    end.windows(12).map(said).max().unwrap_or_default()
}

/// The package: where it lies if it is stored as it is, which is how it was exported.
fn package(archive: &mut ZipArchive<Cursor<&[u8]>>, file: &Bytes) -> Result<Bytes, Problem> {
    let unreadable = |error: ZipError| Problem(codes::IMPORT_INVALID, format!("{CODE} cannot be read: {error}"));
    let member_of = archive.by_name(CODE).map_err(unreadable)?;
    let (stored, size) = (member_of.compression() == CompressionMethod::Stored, member_of.size());
    let start = member_of.data_start();
    drop(member_of);
    let range = start.zip(start.and_then(|start| start.checked_add(size))).filter(|_| stored);
    let place = range.and_then(|(start, end)| Some(usize::try_from(start).ok()?..usize::try_from(end).ok()?));
    if let Some(place) = place.filter(|place| place.end <= file.len() && place.len() <= limits::PACKAGE_BYTES) {
        return Ok(file.slice(place));
    }
    member(archive, CODE, limits::PACKAGE_BYTES).map(Bytes::from)
}

/// A member, which must not be larger than `limit` whatever it says of itself.
fn member(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str, limit: usize) -> Result<Vec<u8>, Problem> {
    let unreadable =
        |error: String| Problem(codes::IMPORT_INVALID, format!("{} cannot be read: {error}", quoted(name)));
    let found = archive.by_name(name).map_err(|error| unreadable(error.to_string()))?;
    let mut bytes = Vec::new();
    found.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(|error| unreadable(error.to_string()))?;
    if bytes.len() > limit {
        return Err(Problem(codes::IMPORT_TOO_LARGE, format!("{} has more than {limit} bytes", quoted(name))));
    }
    Ok(bytes)
}
