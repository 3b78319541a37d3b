//! The end of the archive: where its directory is and how many members it has. Two readings of one archive are refused, so there
//! must be exactly one end record, it must end the file, and the directory must end where the record starts.

use super::field::{bytes, u16, u32, u64};

const SIGNATURE: &[u8] = b"PK\x05\x06";
const RECORD: u64 = 22;
const LOCATOR64: u32 = 0x0706_4b50;
const LOCATOR64_BYTES: u64 = 20;
const RECORD64: u32 = 0x0606_4b50;

/// Where the central directory is.
#[derive(Debug)]
pub(super) struct Directory {
    pub(super) start: u64,
    pub(super) end: u64,
    /// How many members it is said to have.
    pub(super) members: u64,
}

/// The numbers an end record gives, in its 32-bit or its 64-bit form.
#[derive(Debug, PartialEq)]
struct Numbers {
    members: u64,
    size: u64,
    start: u64,
}

pub(super) fn find(zip: &[u8]) -> Result<Directory, String> {
    let at = record(zip)?;
    let wide = wide(zip, at);
    let short = read(zip, at, wide.is_some()).ok_or("the end record is damaged")?;
    let (boundary, numbers) = match wide {
        Some(wide) => wide.and_then(|(start, long)| agree(&short, &long).map(|()| (start, long)))?,
        None => (at, short),
    };
    let end = numbers.start.checked_add(numbers.size).filter(|end| *end <= boundary);
    let end =
        end.ok_or("the central directory is said to lie outside of the archive: the upload is incomplete or damaged")?;
    if end != boundary {
        return Err(format!(
            "{} bytes that are no part of the archive stand before or within it: send a plain zip, not a self-extracting one",
            boundary - end
        ));
    }
    Ok(Directory { start: numbers.start, end, members: numbers.members })
}

/// Where the end record is: the one whose comment ends with the file.
fn record(zip: &[u8]) -> Result<u64, String> {
    let length = zip.len() as u64;
    let floor = zip.len().saturating_sub(RECORD as usize + usize::from(u16::MAX));
    let tail = zip.get(floor..).unwrap_or_default();
    let ends: Vec<(u64, u64)> = (floor as u64..)
        .zip(tail.windows(SIGNATURE.len()))
        .filter(|(_, window)| *window == SIGNATURE)
        .filter_map(|(at, _)| Some((at, at + RECORD + u64::from(u16(zip, at + 20)?))))
        .collect();
    let mut whole = ends.iter().filter(|(_, end)| *end == length);
    match (whole.next(), whole.next(), ends.iter().rfind(|(_, end)| *end < length)) {
        (Some((at, _)), None, _) => Ok(*at),
        (Some(_), Some(_), _) => Err("the archive has two end records, so that it can be read in two ways".to_owned()),
        (None, _, Some((_, end))) => {
            Err(format!("{} bytes follow the end of the archive: remove them or make it again", length - end))
        }
        (None, _, None) => Err(not_a_zip(zip)),
    }
}

fn not_a_zip(zip: &[u8]) -> String {
    let what = match zip {
        [] => "the package is empty",
        [b'P', b'K', ..] => "the zip has no end record: the upload is incomplete or damaged",
        [0x1f, 0x8b, ..] => "the package is a gzip file, not a zip: make one with `zip -r`",
        [b'7', b'z', ..] => "the package is a 7z file, not a zip: make one with `7z a -tzip`",
        [b'R', b'a', b'r', b'!', ..] => "the package is a RAR file, not a zip",
        _ => "the package is not a zip file",
    };
    what.to_owned()
}

fn read(zip: &[u8], at: u64, wide: bool) -> Option<Numbers> {
    // This disk, the directory's disk, members on this disk: an archive in several parts has no place here.
    let first = |disk: u16| disk == 0 || (wide && disk == u16::MAX);
    let whole = first(u16(zip, at + 4)?) && first(u16(zip, at + 6)?) && u16(zip, at + 8)? == u16(zip, at + 10)?;
    whole.then_some(Numbers {
        members: u64::from(u16(zip, at + 10)?),
        size: u64::from(u32(zip, at + 12)?),
        start: u64::from(u32(zip, at + 16)?),
    })
}

/// The 64-bit record in front of the end record at `end`: where it starts and what it says. `None` when there is none.
fn wide(zip: &[u8], end: u64) -> Option<Result<(u64, Numbers), String>> {
    let locator = end.checked_sub(LOCATOR64_BYTES).filter(|at| u32(zip, *at) == Some(LOCATOR64))?;
    Some(read_wide(zip, locator).ok_or_else(|| "the zip64 end record is damaged".to_owned()))
}

fn read_wide(zip: &[u8], locator: u64) -> Option<(u64, Numbers)> {
    let at = u64(zip, locator + 8)?;
    bytes(zip, at, 56)?;
    let fits = u32(zip, at)? == RECORD64
        && at.checked_add(12)?.checked_add(u64(zip, at + 4)?)? == locator
        && u32(zip, locator + 4)? == 0
        && u32(zip, at + 16)? == 0
        && u32(zip, at + 20)? == 0
        && u64(zip, at + 24)? == u64(zip, at + 32)?;
    let numbers = Numbers { members: u64(zip, at + 32)?, size: u64(zip, at + 40)?, start: u64(zip, at + 48)? };
    fits.then_some((at, numbers))
}

/// Where the short record gives a number instead of "see the long one", both must say the same.
fn agree(short: &Numbers, long: &Numbers) -> Result<(), String> {
    let same = |short: u64, long: u64, unsaid: u64| short == unsaid || short == long;
    let agrees = same(short.members, long.members, u64::from(u16::MAX))
        && same(short.size, long.size, u64::from(u32::MAX))
        && same(short.start, long.start, u64::from(u32::MAX));
    agrees.then_some(()).ok_or_else(|| "the zip64 end record contradicts the end record".to_owned())
}
