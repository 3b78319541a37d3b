//! Little-endian numbers at a place in the archive, and the extra fields of a header. Out of range is `None`, never a panic.

/// `length` bytes at `at`.
pub(super) fn bytes(zip: &[u8], at: u64, length: u64) -> Option<&[u8]> {
    let start = usize::try_from(at).ok()?;
    let end = usize::try_from(at.checked_add(length)?).ok()?;
    zip.get(start..end)
}

pub(super) fn u16(zip: &[u8], at: u64) -> Option<u16> {
    bytes(zip, at, 2)?.try_into().ok().map(u16::from_le_bytes)
}

pub(super) fn u32(zip: &[u8], at: u64) -> Option<u32> {
    bytes(zip, at, 4)?.try_into().ok().map(u32::from_le_bytes)
}

pub(super) fn u64(zip: &[u8], at: u64) -> Option<u64> {
    bytes(zip, at, 8)?.try_into().ok().map(u64::from_le_bytes)
}

/// Zip64 sizes (APPNOTE 4.5.3).
pub(super) const ZIP64: u16 = 0x0001;
/// Unix owner and times, and the target of a hard link or symlink (APPNOTE 4.5.7).
pub(super) const PKWARE_UNIX: u16 = 0x000d;
/// Times as Unix seconds, Info-ZIP.
pub(super) const TIMES: u16 = 0x5455;
/// The name in UTF-8, Info-ZIP (APPNOTE 4.6.9).
pub(super) const UNICODE_NAME: u16 = 0x7075;
/// Unix mode and link target, ASi.
pub(super) const ASI_UNIX: u16 = 0x756e;

/// The content of the extra field `id`, if there is one.
pub(super) fn extra(extras: &[u8], id: u16) -> Option<&[u8]> {
    let mut at = 0;
    while let (Some(this), Some(length)) = (u16(extras, at), u16(extras, at + 2)) {
        let content = bytes(extras, at + 4, u64::from(length))?;
        if this == id {
            return Some(content);
        }
        at += 4 + u64::from(length);
    }
    None
}
