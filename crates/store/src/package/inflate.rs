//! One member's bytes, held to the size and the checksum the archive gave for them.

use std::io::{self, Read, Write};

use flate2::bufread::DeflateDecoder;

use super::central::{Member, Method};

const BUFFER: usize = 64 * 1024;

/// Why a member was not copied.
#[derive(Debug)]
pub(super) enum Error {
    /// The archive is wrong.
    Damaged(&'static str),
    /// The destination failed.
    Io(io::Error),
}

/// Copies all of a member, never a byte more than it declares.
pub(super) fn copy(member: &Member<'_>, into: &mut impl Write) -> Result<(), Error> {
    let content = member.content.ok_or(Error::Damaged("cannot be read"))?;
    match member.method {
        Method::Stored => check(member, content, into),
        Method::Deflated => {
            let mut decoder = DeflateDecoder::new(content);
            check(member, &mut decoder, into)?;
            match decoder.total_in() == member.compressed {
                true => Ok(()),
                false => Err(Error::Damaged("has bytes behind its compressed content")),
            }
        }
    }
}

/// The first `most` bytes of a member, or fewer where it is damaged: who copies it finds out.
pub(super) fn head(member: &Member<'_>, most: u64) -> Vec<u8> {
    let mut head = Vec::new();
    let content = member.content.unwrap_or_default();
    let _whole = match member.method {
        Method::Stored => content.take(most).read_to_end(&mut head),
        Method::Deflated => DeflateDecoder::new(content).take(most).read_to_end(&mut head),
    };
    head
}

fn check(member: &Member<'_>, mut from: impl Read, into: &mut impl Write) -> Result<(), Error> {
    let mut buffer = vec![0; BUFFER];
    let mut checksum = flate2::Crc::new();
    let mut left = member.size;
    loop {
        let read = from.read(&mut buffer).map_err(|_| Error::Damaged("has damaged compressed content"))?;
        let chunk = buffer.get(..read).unwrap_or_default();
        if chunk.is_empty() {
            break;
        }
        left = left.checked_sub(read as u64).ok_or(Error::Damaged("unpacks to more than the size it declares"))?;
        checksum.update(chunk);
        into.write_all(chunk).map_err(Error::Io)?;
    }
    if left != 0 {
        return Err(Error::Damaged("unpacks to less than the size it declares"));
    }
    match checksum.sum() == member.crc {
        true => Ok(()),
        false => Err(Error::Damaged("does not match its checksum (CRC-32): the upload is damaged")),
    }
}
