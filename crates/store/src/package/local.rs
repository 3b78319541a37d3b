//! The local headers: each must say what the central directory says, and no two members may share a byte.
//! An archive whose members overlap unpacks to far more than it holds; one whose headers differ is two archives.

use super::central::{Member, Method, flag};
use super::end::Directory;
use super::field::{self, bytes, u16, u32, u64};
use super::problems::Problems;

const SIGNATURE: u32 = 0x0403_4b50;
const HEADER: u64 = 30;
const DESCRIPTOR: u32 = 0x0807_4b50;
/// Flags that change how a member is read.
const DECIDING: u16 = flag::ENCRYPTED | flag::DESCRIPTOR | flag::STRONGLY_ENCRYPTED | flag::UTF8 | flag::MASKED;

/// Checks every member and gives it its content.
pub(super) fn check<'a>(zip: &'a [u8], directory: &Directory, members: &mut [Member<'a>], problems: &mut Problems) {
    let mut places = Vec::with_capacity(members.len());
    for (index, member) in members.iter_mut().enumerate().filter(|(_, member)| member.readable) {
        match place(zip, directory, member) {
            Ok((content, end)) => {
                member.content = Some(content);
                places.push((member.offset, end, index));
            }
            Err(problem) => problems.push(format!("{} {problem}", member.shown)),
        }
    }
    let broken = places.len() != members.len();
    places.sort_unstable();
    if let Some((start, ..)) = places.first().filter(|(start, ..)| *start != 0 && !broken) {
        problems.push(format!("{start} bytes stand before the archive: send a plain zip, not a self-extracting one"));
    }
    for pair in places.windows(2) {
        let [(_, end, first), (start, _, second)] = pair else { continue };
        let (Some(first), Some(second)) = (members.get(*first), members.get(*second)) else { continue };
        if end > start {
            problems.push(format!("{} and {} overlap in the archive, as in a zip bomb", first.shown, second.shown));
        }
    }
}

/// The member's compressed bytes and where it ends, or how its local header contradicts.
fn place<'a>(zip: &'a [u8], directory: &Directory, member: &Member<'a>) -> Result<(&'a [u8], u64), String> {
    let at = member.offset;
    let absent = || "has no local header where the central directory says".to_owned();
    let damaged = || "reaches over the end of the archive: the upload is incomplete or damaged".to_owned();
    if bytes(zip, at, HEADER).is_none() || u32(zip, at) != Some(SIGNATURE) {
        return Err(absent());
    }
    let name_bytes = u64::from(u16(zip, at + 26).ok_or_else(absent)?);
    let extra_bytes = u64::from(u16(zip, at + 28).ok_or_else(absent)?);
    let name = bytes(zip, at + HEADER, name_bytes).ok_or_else(damaged)?;
    let extras = bytes(zip, at + HEADER + name_bytes, extra_bytes).ok_or_else(damaged)?;
    let start = at + HEADER + name_bytes + extra_bytes;
    let content = bytes(zip, start, member.compressed).ok_or_else(damaged)?;
    if member.method == Method::Stored && member.compressed != member.size {
        return Err(format!("is stored, but its sizes differ ({} and {})", member.compressed, member.size));
    }
    if name != member.raw_name {
        return Err("has another name in its local header".to_owned());
    }
    let flags = u16(zip, at + 6).ok_or_else(absent)?;
    if (flags ^ member.flags) & DECIDING != 0 || u16(zip, at + 8) != Some(member.raw_method) {
        return Err("has other flags or another method in its local header".to_owned());
    }
    let numbers = Numbers::local(zip, at, extras).ok_or_else(absent)?;
    let end = numbers.settle(zip, start + member.compressed, member)?;
    if end > directory.start {
        return Err("reaches into the central directory".to_owned());
    }
    Ok((content, end))
}

/// What a local header says of its content.
struct Numbers {
    crc: u32,
    compressed: u64,
    size: u64,
}

impl Numbers {
    fn local(zip: &[u8], at: u64, extras: &[u8]) -> Option<Self> {
        let (crc, compressed, size) = (u32(zip, at + 14)?, u32(zip, at + 18)?, u32(zip, at + 22)?);
        if compressed != u32::MAX && size != u32::MAX {
            return Some(Self { crc, compressed: u64::from(compressed), size: u64::from(size) });
        }
        let wide = field::extra(extras, field::ZIP64)?; // in a local header always both (APPNOTE 4.5.3)
        Some(Self { crc, size: u64(wide, 0)?, compressed: u64(wide, 8)? })
    }

    fn agree(&self, member: &Member<'_>) -> bool {
        self.crc == member.crc && self.compressed == member.compressed && self.size == member.size
    }

    /// Where the member ends whose content ends at `at`: behind its data descriptor, if it has one. Who writes to a stream leaves
    /// zeros in the header and the numbers behind the content, with or without signature, in 32 or 64 bits.
    fn settle(&self, zip: &[u8], at: u64, member: &Member<'_>) -> Result<u64, String> {
        let differs = || "has another size or checksum in its local header".to_owned();
        if member.flags & flag::DESCRIPTOR == 0 {
            return self.agree(member).then_some(at).ok_or_else(differs);
        }
        let kept = |local: u64, central: u64| local == 0 || local == central;
        if !(kept(u64::from(self.crc), u64::from(member.crc))
            && kept(self.compressed, member.compressed)
            && kept(self.size, member.size))
        {
            return Err(differs());
        }
        match descriptor_end(zip, at, member) {
            Some(end) => Ok(end),
            None if self.agree(member) => Ok(at),
            None => Err("has another size or checksum behind its content".to_owned()),
        }
    }
}

fn descriptor_end(zip: &[u8], at: u64, member: &Member<'_>) -> Option<u64> {
    let signed = if u32(zip, at) == Some(DESCRIPTOR) { vec![at + 4, at] } else { vec![at] };
    signed.into_iter().find_map(|at| {
        (u32(zip, at)? == member.crc).then_some(())?;
        let wide = u64(zip, at + 4) == Some(member.compressed) && u64(zip, at + 12) == Some(member.size);
        let short = u32(zip, at + 4).map(u64::from) == Some(member.compressed)
            && u32(zip, at + 8).map(u64::from) == Some(member.size);
        if wide { Some(at + 20) } else { short.then_some(at + 12) }
    })
}
