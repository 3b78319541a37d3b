//! Zips made byte by byte, so that each field can lie.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// One member and the ways in which it may differ from an honest one.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) name: Vec<u8>,
    pub(super) content: Vec<u8>,
    pub(super) deflate: bool,
    /// Unix mode with its file type; `None` is an archive from Windows.
    pub(super) mode: Option<u32>,
    pub(super) flags: u16,
    pub(super) extra: Vec<u8>,
    pub(super) local_extra: Vec<u8>,
    /// Behind the content, with flag bit 3.
    pub(super) descriptor: Descriptor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Descriptor {
    None,
    Bare,
    Signed,
    SignedWide,
    /// Announced and not there.
    Missing,
    /// There, with another size.
    Lying,
}

/// An archive and where its parts are.
#[derive(Clone, Debug)]
pub(super) struct Zip {
    pub(super) bytes: Vec<u8>,
    pub(super) locals: Vec<usize>,
    pub(super) centrals: Vec<usize>,
    pub(super) directory: usize,
    pub(super) end: usize,
}

pub(super) fn file(name: &str, content: impl AsRef<[u8]>) -> Made {
    Made {
        name: name.as_bytes().to_vec(),
        content: content.as_ref().to_vec(),
        deflate: true,
        mode: Some(0o100_644),
        flags: 0,
        extra: Vec::new(),
        local_extra: Vec::new(),
        descriptor: Descriptor::None,
    }
}

pub(super) fn program(name: &str, content: &str) -> Made {
    file(name, content).mode(0o100_755)
}

pub(super) fn folder(name: &str) -> Made {
    file(name, "").mode(0o040_755).stored()
}

pub(super) fn link(name: &str, target: &str) -> Made {
    file(name, target).mode(0o120_777)
}

impl Made {
    pub(super) fn mode(mut self, mode: u32) -> Self {
        self.mode = Some(mode);
        self
    }

    pub(super) fn windows(mut self) -> Self {
        self.mode = None;
        self
    }

    pub(super) fn stored(mut self) -> Self {
        self.deflate = false;
        self
    }

    pub(super) fn named(mut self, name: &[u8]) -> Self {
        self.name = name.to_vec();
        self
    }

    pub(super) fn flags(mut self, flags: u16) -> Self {
        self.flags = flags;
        self
    }

    pub(super) fn extra(mut self, id: u16, content: &[u8]) -> Self {
        self.extra.extend(extra(id, content));
        self
    }

    pub(super) fn local_extra(mut self, id: u16, content: &[u8]) -> Self {
        self.local_extra.extend(extra(id, content));
        self
    }

    pub(super) fn described(mut self, descriptor: Descriptor) -> Self {
        self.flags |= 1 << 3;
        self.descriptor = descriptor;
        self
    }

    fn packed(&self) -> Vec<u8> {
        if !self.deflate {
            return self.content.clone();
        }
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(6));
        encoder.write_all(&self.content).unwrap();
        encoder.finish().unwrap()
    }

    fn crc(&self) -> u32 {
        crc(&self.content)
    }
}

pub(super) fn crc(content: &[u8]) -> u32 {
    let mut checksum = flate2::Crc::new();
    checksum.update(content);
    checksum.sum()
}

fn extra(id: u16, content: &[u8]) -> Vec<u8> {
    let mut field = Vec::new();
    put16(&mut field, id);
    put16(&mut field, content.len() as u16);
    field.extend(content);
    field
}

pub(super) fn put16(out: &mut Vec<u8>, value: u16) {
    out.extend(value.to_le_bytes());
}

pub(super) fn put32(out: &mut Vec<u8>, value: u32) {
    out.extend(value.to_le_bytes());
}

pub(super) fn put64(out: &mut Vec<u8>, value: u64) {
    out.extend(value.to_le_bytes());
}

pub(super) fn zip(members: &[Made]) -> Zip {
    let mut bytes = Vec::new();
    let mut locals = Vec::new();
    for member in members {
        locals.push(bytes.len());
        local(&mut bytes, member);
    }
    let directory = bytes.len();
    let mut centrals = Vec::new();
    for (member, offset) in members.iter().zip(&locals) {
        centrals.push(bytes.len());
        central(&mut bytes, member, *offset);
    }
    let end = bytes.len();
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    put16(&mut bytes, members.len() as u16);
    put16(&mut bytes, members.len() as u16);
    put32(&mut bytes, (end - directory) as u32);
    put32(&mut bytes, directory as u32);
    put16(&mut bytes, 0);
    Zip { bytes, locals, centrals, directory, end }
}

fn local(out: &mut Vec<u8>, member: &Made) {
    let packed = member.packed();
    let (crc, compressed, size) = (member.crc(), packed.len() as u32, member.content.len() as u32);
    let announced = if member.descriptor == Descriptor::None { (crc, compressed, size) } else { (0, 0, 0) };
    out.extend(b"PK\x03\x04");
    put16(out, 20);
    header(out, member, announced);
    put16(out, member.local_extra.len() as u16);
    out.extend(&member.name);
    out.extend(&member.local_extra);
    out.extend(&packed);
    match member.descriptor {
        Descriptor::None | Descriptor::Missing => {}
        Descriptor::Bare => [crc, compressed, size].into_iter().for_each(|value| put32(out, value)),
        Descriptor::Signed => [0x0807_4b50, crc, compressed, size].into_iter().for_each(|value| put32(out, value)),
        Descriptor::Lying => [0x0807_4b50, crc, compressed, size + 1].into_iter().for_each(|value| put32(out, value)),
        Descriptor::SignedWide => {
            [0x0807_4b50, crc].into_iter().for_each(|value| put32(out, value));
            [compressed, size].into_iter().for_each(|value| put64(out, u64::from(value)));
        }
    }
}

/// What both headers share: flags to the length of the name.
fn header(out: &mut Vec<u8>, member: &Made, (crc, compressed, size): (u32, u32, u32)) {
    put16(out, member.flags);
    put16(out, if member.deflate { 8 } else { 0 });
    put16(out, (12 << 11) | (34 << 5) | (56 / 2));
    put16(out, ((2026 - 1980) << 9) | (11 << 5) | 22);
    for value in [crc, compressed, size] {
        put32(out, value);
    }
    put16(out, member.name.len() as u16);
}

fn central(out: &mut Vec<u8>, member: &Made, offset: usize) {
    let host = if member.mode.is_some() { 3 << 8 } else { 0 };
    out.extend(b"PK\x01\x02");
    put16(out, host | 20);
    put16(out, 20);
    header(out, member, (member.crc(), member.packed().len() as u32, member.content.len() as u32));
    put16(out, member.extra.len() as u16);
    put16(out, 0); // comment
    put16(out, 0); // disk
    put16(out, 0); // internal attributes
    put32(out, member.mode.unwrap_or_default() << 16);
    put32(out, offset as u32);
    out.extend(&member.name);
    out.extend(&member.extra);
}

impl Zip {
    /// Overwrites bytes at a place.
    pub(super) fn poke(mut self, at: usize, bytes: &[u8]) -> Self {
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
        self
    }

    /// Overwrites a field of the central record of member `index`.
    pub(super) fn poke_central(self, index: usize, field: usize, bytes: &[u8]) -> Self {
        let at = self.centrals[index] + field;
        self.poke(at, bytes)
    }

    /// Overwrites a field of the local header of member `index`.
    pub(super) fn poke_local(self, index: usize, field: usize, bytes: &[u8]) -> Self {
        let at = self.locals[index] + field;
        self.poke(at, bytes)
    }

    /// With a zip64 end record and locator in front of the end record, saying these numbers.
    pub(super) fn wide(mut self, members: u64, size: u64, start: u64) -> Self {
        let mut record = b"PK\x06\x06".to_vec();
        put64(&mut record, 44);
        put16(&mut record, 45);
        put16(&mut record, 45);
        put32(&mut record, 0);
        put32(&mut record, 0);
        for value in [members, members, size, start] {
            put64(&mut record, value);
        }
        record.extend(b"PK\x06\x07");
        put32(&mut record, 0);
        put64(&mut record, self.end as u64);
        put32(&mut record, 1);
        self.bytes.splice(self.end..self.end, record.iter().copied());
        self.end += record.len();
        self
    }
}
