//! The central directory: what each member claims to be. Sums over all members (count, size, ratio) are checked here.

use super::Limits;
use super::end::Directory;
use super::field::{self, bytes, u16, u32, u64};
use super::name::{self, Fault, Name};
use super::problems::{Problems, show};

const SIGNATURE: u32 = 0x0201_4b50;
const HEADER: u64 = 46;

/// Flag bits (APPNOTE 4.4.4).
pub(super) mod flag {
    pub(crate) const ENCRYPTED: u16 = 1;
    pub(crate) const DESCRIPTOR: u16 = 1 << 3;
    pub(crate) const PATCHED: u16 = 1 << 5;
    pub(crate) const STRONGLY_ENCRYPTED: u16 = 1 << 6;
    pub(crate) const UTF8: u16 = 1 << 11;
    pub(crate) const MASKED: u16 = 1 << 13;
}

/// How a member's bytes are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Stored,
    Deflated,
}

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
    Link,
}

/// One member of the archive as the central directory describes it.
#[derive(Debug)]
pub(super) struct Member<'a> {
    /// Its path as a message shows it.
    pub(super) shown: String,
    /// Its path; `None` when that is illegal (and already complained about).
    pub(super) name: Option<Name>,
    pub(super) raw_name: &'a [u8],
    pub(super) kind: Kind,
    pub(super) flags: u16,
    pub(super) raw_method: u16,
    pub(super) method: Method,
    pub(super) crc: u32,
    pub(super) compressed: u64,
    pub(super) size: u64,
    /// Unix permission bits, where the archive has them.
    pub(super) mode: Option<u32>,
    /// Seconds since 1970.
    pub(super) modified: i64,
    /// Where its local header starts.
    pub(super) offset: u64,
    /// Its compressed bytes, once the local header is known to agree; `None` before, and for good when something is wrong with
    /// it (and already complained about).
    pub(super) content: Option<&'a [u8]>,
    /// Whether its sizes and method are such that its content can be looked for.
    pub(super) readable: bool,
}

/// One record as it is written, before anything is judged.
struct Raw<'a> {
    at: u64,
    zip: &'a [u8],
    name: &'a [u8],
    extras: &'a [u8],
    next: u64,
}

/// All members; `None` when the directory itself cannot be followed.
pub(super) fn read<'a>(
    zip: &'a [u8],
    directory: &Directory,
    limits: &Limits,
    problems: &mut Problems,
) -> Option<Vec<Member<'a>>> {
    if directory.members > limits.entries as u64 {
        problems.push(format!("the package has {} entries, more than {}", directory.members, limits.entries));
        return None;
    }
    let mut members = Vec::new();
    let mut at = directory.start;
    while at < directory.end {
        if members.len() as u64 == directory.members {
            problems.push(format!("the archive has more members than the {} it says", directory.members));
            return None;
        }
        let Some(raw) = Raw::read(zip, at).filter(|raw| raw.next <= directory.end) else {
            problems.push(format!("the central directory is damaged at byte {at}"));
            return None;
        };
        members.push(raw.judge(limits, problems)?);
        at = raw.next;
    }
    if members.len() as u64 != directory.members {
        problems.push(format!("the archive says {} members and has {}", directory.members, members.len()));
        return None;
    }
    check_sums(zip, &members, limits, problems);
    Some(members)
}

fn check_sums(zip: &[u8], members: &[Member<'_>], limits: &Limits, problems: &mut Problems) {
    let unpacked = members.iter().fold(0_u64, |sum, member| sum.saturating_add(member.size));
    let packed = zip.len() as u64;
    if unpacked > limits.unpacked_bytes {
        problems.push(format!("unpacked it is {unpacked} bytes, more than {}", limits.unpacked_bytes));
    } else if unpacked > limits.ratio_from_bytes && unpacked / packed.max(1) > limits.ratio {
        problems.push(format!(
            "unpacked it is {} times larger than the zip, more than {} (asked for above {} bytes): let the function make such \
             files in /tmp when it starts",
            unpacked / packed.max(1),
            limits.ratio,
            limits.ratio_from_bytes
        ));
    }
}

impl<'a> Raw<'a> {
    fn read(zip: &'a [u8], at: u64) -> Option<Self> {
        (u32(zip, at)? == SIGNATURE).then_some(())?;
        let name_bytes = u64::from(u16(zip, at + 28)?);
        let extra_bytes = u64::from(u16(zip, at + 30)?);
        let comment_bytes = u64::from(u16(zip, at + 32)?);
        let name = bytes(zip, at + HEADER, name_bytes)?;
        let extras = bytes(zip, at + HEADER + name_bytes, extra_bytes)?;
        let next = at + HEADER + name_bytes + extra_bytes + comment_bytes;
        Some(Self { at, zip, name, extras, next })
    }

    /// The member this record describes, with every complaint about it. `None` only when the record cannot be read at all.
    fn judge(&self, limits: &Limits, problems: &mut Problems) -> Option<Member<'a>> {
        let flags = u16(self.zip, self.at + 8)?;
        let text = name::decode(self.name, flags & flag::UTF8 != 0, self.extras);
        let shown = show(&String::from_utf8_lossy(self.name));
        let name = match text.and_then(|text| name::parse(&text, limits)) {
            Ok(name) => Some(name),
            Err(Fault::Backslash(path)) => {
                problems.backslash(&path);
                None
            }
            Err(Fault::Other(problem)) => {
                problems.push(problem);
                None
            }
        };
        let raw_method = u16(self.zip, self.at + 10)?;
        let mut readable = true;
        let method = method(flags, raw_method).unwrap_or_else(|problem| {
            problems.push(format!("{shown} {problem}"));
            readable = false;
            Method::Stored
        });
        let mode = self.mode()?;
        let kind = self.kind(name.as_ref(), mode).unwrap_or_else(|problem| {
            problems.push(format!("{shown} {problem}"));
            Kind::File
        });
        let (size, compressed, offset) = self.sizes()?.unwrap_or_else(|problem| {
            problems.push(format!("{shown} {problem}"));
            readable = false;
            (0, 0, 0)
        });
        if kind == Kind::Folder && size != 0 {
            problems.push(format!("{shown} is a folder with content"));
        }
        Some(Member {
            shown,
            name,
            raw_name: self.name,
            kind,
            flags,
            raw_method,
            method,
            crc: u32(self.zip, self.at + 16)?,
            compressed,
            size,
            mode: mode.map(|mode| mode & 0o777),
            modified: self.modified()?,
            offset,
            content: None,
            readable,
        })
    }

    /// The Unix mode, file type included. Members made on DOS (host 0: nearly every tool on Windows) have none. Of every other host it
    /// counts, because other readers let it count: what they would make a symlink must not be a file here. A zero means that the tool
    /// did not know.
    fn mode(&self) -> Option<Option<u32>> {
        let host = u16(self.zip, self.at + 4)? >> 8;
        let mode = u32(self.zip, self.at + 38)? >> 16;
        Some((host != 0 && mode != 0).then_some(mode))
    }

    fn kind(&self, name: Option<&Name>, mode: Option<u32>) -> Result<Kind, String> {
        let folder = name.is_some_and(|name| name.folder);
        self.check_unix_fields()?;
        let mode = mode.unwrap_or_default();
        match mode & 0o170_000 {
            0o120_000 if folder => Err("is a symlink and a folder at once".to_owned()),
            0o120_000 => Ok(Kind::Link),
            0o040_000 if !folder && name.is_some() => Err("is a folder by its mode and a file by its name".to_owned()),
            0 | 0o100_000 | 0o040_000 if folder => Ok(Kind::Folder),
            0 | 0o100_000 if mode & 0o6000 != 0 => {
                Err("has the setuid or setgid bit: no file of a package may change who runs it (`chmod ug-s`)"
                    .to_owned())
            }
            0 | 0o100_000 => Ok(Kind::File),
            0o040_000 => Ok(Kind::Folder),
            0o020_000 | 0o060_000 => Err("is a device".to_owned()),
            0o010_000 => Err("is a named pipe".to_owned()),
            0o140_000 => Err("is a socket".to_owned()),
            _ => Err(format!("has an unknown file type (mode {mode:o})")),
        }
    }

    /// Two old extra fields can turn a member into a hard link or a device behind its mode's back.
    fn check_unix_fields(&self) -> Result<(), String> {
        if field::extra(self.extras, field::PKWARE_UNIX).is_some_and(|content| content.len() > 12) {
            return Err("is a hard link or a device".to_owned());
        }
        let asi = field::extra(self.extras, field::ASI_UNIX).and_then(|content| {
            Some((u16(content, 4)? & 0o170_000, u32(content, 6)?)) // the type, and the bytes of a link's target
        });
        match asi {
            None | Some((0o100_000 | 0o040_000 | 0, 0)) => Ok(()),
            Some(_) => {
                Err("is a link or a device by an old Unix field: make the archive with a current tool".to_owned())
            }
        }
    }

    /// Size, compressed size and offset, from the zip64 field where the header says so. The outer `None`: unreadable.
    fn sizes(&self) -> Option<Result<(u64, u64, u64), String>> {
        let short = [
            u64::from(u32(self.zip, self.at + 24)?),
            u64::from(u32(self.zip, self.at + 20)?),
            u64::from(u32(self.zip, self.at + 42)?),
        ];
        let disk = u16(self.zip, self.at + 34)?;
        let extra = field::extra(self.extras, field::ZIP64);
        Some(widen(short, disk, extra).ok_or_else(|| "has zip64 sizes that contradict its header".to_owned()))
    }

    /// The time in the Info-ZIP field, else the header's, which has no zone and is read as UTC.
    fn modified(&self) -> Option<i64> {
        let times =
            field::extra(self.extras, field::TIMES).filter(|content| content.first().is_some_and(|has| has & 1 == 1));
        if let Some(seconds) = times.and_then(|content| u32(content, 1)) {
            return Some(i64::from(seconds));
        }
        let (time, date) = (u16(self.zip, self.at + 12)?, u16(self.zip, self.at + 14)?);
        Some(dos_seconds(date, time).unwrap_or_default())
    }
}

/// The numbers that were too large for their place, from the zip64 field: they stand there in this order, and only they.
/// A field that repeats both sizes beside a header that has them is tolerated when they agree.
fn widen(short: [u64; 3], disk: u16, extra: Option<&[u8]>) -> Option<(u64, u64, u64)> {
    let unsaid = u64::from(u32::MAX);
    let mut long = short;
    let mut at = 0;
    for number in long.iter_mut().filter(|number| **number == unsaid) {
        *number = u64(extra?, at)?;
        at += 8;
    }
    let disk = if disk == u16::MAX { u32(extra?, at)? } else { u32::from(disk) };
    let repeats = extra.and_then(|extra| Some((u64(extra, 0)?, u64(extra, 8)?)));
    let [size, compressed, offset] = long;
    if at == 0 && repeats.is_some_and(|repeated| repeated != (size, compressed)) || disk != 0 {
        return None;
    }
    Some((size, compressed, offset))
}

/// What Deflate64 and the like are called, so that the message can say it.
fn method(flags: u16, raw: u16) -> Result<Method, String> {
    if flags & (flag::ENCRYPTED | flag::STRONGLY_ENCRYPTED | flag::MASKED) != 0 || raw == 99 {
        return Err("is encrypted: make the archive without a password".to_owned());
    }
    if flags & flag::PATCHED != 0 {
        return Err("is a patch, not a file".to_owned());
    }
    let name = match raw {
        0 => return Ok(Method::Stored),
        8 => return Ok(Method::Deflated),
        9 => "Deflate64",
        12 => "bzip2",
        14 => "LZMA",
        93 => "Zstandard",
        95 => "xz",
        98 => "PPMd",
        _ => "an unknown method",
    };
    Err(format!("is compressed with {name} (method {raw}): use Deflate, the default of every zip tool"))
}

fn dos_seconds(date: u16, time: u16) -> Option<i64> {
    let small = |value: u16| i8::try_from(value).ok();
    let year = i16::try_from(1980 + (date >> 9)).ok()?;
    let (month, day) = (small((date >> 5) & 15)?, small(date & 31)?);
    let (hour, minute, second) = (small(time >> 11)?, small((time >> 5) & 63)?, small((time & 31) * 2)?);
    let at = jiff::civil::DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    Some(at.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}
