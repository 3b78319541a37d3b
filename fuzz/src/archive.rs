//! Plausible zips in which everything can lie: the fuzzer decides what they say, their structure stays that of an archive.

use std::io::Write as _;

use arbitrary::Arbitrary;
use flate2::Compression;
use flate2::write::DeflateEncoder;

/// What an archive is to be.
#[derive(Arbitrary, Clone, Debug)]
pub struct Plan {
    /// Without one a package is refused before anything interesting happens.
    without_bootstrap: bool,
    members: Vec<Member>,
    /// Bytes before the first member and behind the end.
    around: Option<(Vec<u8>, Vec<u8>)>,
    end: Option<End>,
}

/// What the end record says instead of the truth.
#[derive(Arbitrary, Clone, Copy, Debug)]
enum End {
    Members(u16),
    Size(u32),
    Start(u32),
    Comment(u16),
    Disk(u16),
    Wide { members: u64, size: u64, start: u64 },
    HonestlyWide,
}

#[derive(Arbitrary, Clone, Debug)]
struct Member {
    name: Name,
    kind: Kind,
    content: Content,
    stored: bool,
    described: Option<Descriptor>,
    lies: Vec<Lie>,
}

#[derive(Arbitrary, Clone, Debug)]
enum Name {
    /// Short words, so that names meet.
    Words(Vec<Word>),
    Bytes(Vec<u8>),
    Long(u8, u16),
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Word {
    A,
    UpperA,
    B,
    Bootstrap,
    Accent,
    Dot,
    DotDot,
    Nothing,
    Back,
}

#[derive(Arbitrary, Clone, Debug)]
enum Kind {
    File,
    Program,
    Folder,
    Link(Vec<Word>),
    LinkTo(Vec<u8>),
    Windows,
    Mode(u32),
}

#[derive(Arbitrary, Clone, Debug)]
enum Content {
    Script,
    Bytes(Vec<u8>),
    Many(u8, u32),
}

#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
enum Descriptor {
    Bare,
    Signed,
    Wide,
    Missing,
    Lying,
}

/// Where a header says something else.
#[derive(Arbitrary, Clone, Debug)]
enum Lie {
    Flags(u16),
    Method(u16),
    Checksum(u32),
    Compressed(u32),
    Size(u32),
    Local(u8, u16),
    Central(u8, u16),
    /// Its content is another one's.
    Overlap(u8),
    Offset(u32),
    LocalName(Vec<u8>),
    Extra(u16, Vec<u8>),
    LocalExtra(u16, Vec<u8>),
}

/// Bytes that one member may have, so that an input costs little.
const MANY: u32 = 300 * 1024;

impl Plan {
    /// The archive.
    pub fn bytes(&self) -> Vec<u8> {
        let (before, behind) = self.around.clone().unwrap_or_default();
        let bootstrap = Member {
            name: Name::Words(vec![Word::Bootstrap]),
            kind: Kind::Program,
            content: Content::Script,
            stored: false,
            described: None,
            lies: Vec::new(),
        };
        let members: Vec<&Member> =
            (!self.without_bootstrap).then_some(&bootstrap).into_iter().chain(self.members.iter().take(60)).collect();
        let mut bytes = before;
        let mut offsets = Vec::new();
        for member in &members {
            offsets.push(bytes.len());
            member.local(&mut bytes);
        }
        let start = bytes.len();
        for (index, member) in members.iter().enumerate() {
            member.central(&mut bytes, index, &offsets);
        }
        self.finish(&mut bytes, start, members.len());
        bytes.extend(behind);
        bytes
    }

    fn finish(&self, bytes: &mut Vec<u8>, start: usize, members: usize) {
        let end = bytes.len();
        let (mut count, mut size, mut from) = (members as u16, (end - start) as u32, start as u32);
        let (mut comment, mut disk, mut wide) = (0, 0, None);
        match self.end {
            Some(End::Members(other)) => count = other,
            Some(End::Size(other)) => size = other,
            Some(End::Start(other)) => from = other,
            Some(End::Comment(length)) => comment = length,
            Some(End::Disk(other)) => disk = other,
            Some(End::Wide { members, size, start }) => wide = Some([members, size, start]),
            Some(End::HonestlyWide) => wide = Some([members as u64, u64::from(size), start as u64]),
            None => {}
        }
        if let Some([members, size, start]) = wide {
            bytes.extend(b"PK\x06\x06");
            put(bytes, &[44, 0, 45 | 45 << 16, 0, 0]);
            for value in [members, members, size, start] {
                bytes.extend(value.to_le_bytes());
            }
            bytes.extend(b"PK\x06\x07");
            put(bytes, &[0, end as u32, 0, 1]);
        }
        bytes.extend(b"PK\x05\x06");
        for value in [disk, disk, count, count] {
            bytes.extend(value.to_le_bytes());
        }
        put(bytes, &[size, from]);
        bytes.extend(u16::to_le_bytes(comment));
        bytes.extend(vec![b'c'; usize::from(comment)]);
    }
}

impl Member {
    fn name(&self) -> Vec<u8> {
        let mut name = match &self.name {
            Name::Words(words) => joined(words),
            Name::Bytes(bytes) => bytes.clone(),
            Name::Long(byte, times) => vec![*byte; usize::from(*times % 1200)],
        };
        if matches!(self.kind, Kind::Folder) {
            name.push(b'/');
        }
        name.truncate(4000);
        name
    }

    fn content(&self) -> Vec<u8> {
        match (&self.kind, &self.content) {
            (Kind::Folder, _) => Vec::new(),
            (Kind::Link(words), _) => joined(words),
            (Kind::LinkTo(target), _) => target.clone(),
            (_, Content::Script) => b"#!/bin/sh\nexec node index.js\n".to_vec(),
            (_, Content::Bytes(bytes)) => bytes.clone(),
            (_, Content::Many(byte, times)) => vec![*byte; (times % MANY) as usize],
        }
    }

    fn packed(&self) -> Vec<u8> {
        let content = self.content();
        if self.stored {
            return content;
        }
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&content).unwrap();
        encoder.finish().unwrap()
    }

    fn mode(&self) -> Option<u32> {
        match self.kind {
            Kind::File => Some(0o100_644),
            Kind::Program => Some(0o100_755),
            Kind::Folder => Some(0o040_755),
            Kind::Link(_) | Kind::LinkTo(_) => Some(0o120_777),
            Kind::Windows => None,
            Kind::Mode(mode) => Some(mode & 0xffff),
        }
    }

    /// Flags to the length of the name, as both headers have them; then the extra field's length follows.
    fn common(&self, out: &mut Vec<u8>, name: &[u8], local: bool) {
        let content = self.content();
        let mut checksum = flate2::Crc::new();
        checksum.update(&content);
        let (mut flags, mut method) = (u16::from(self.described.is_some()) << 3, if self.stored { 0 } else { 8 });
        let mut sums = [checksum.sum(), self.packed().len() as u32, content.len() as u32];
        if local && self.described.is_some() {
            sums = [0; 3];
        }
        for lie in &self.lies {
            match lie {
                Lie::Flags(other) => flags = *other,
                Lie::Method(other) => method = *other,
                Lie::Checksum(other) => sums[0] = *other,
                Lie::Compressed(other) => sums[1] = *other,
                Lie::Size(other) => sums[2] = *other,
                _ => {}
            }
        }
        for value in [flags, method, 0x6000, 0x5d76] {
            out.extend(u16::to_le_bytes(value));
        }
        put(out, &sums);
        out.extend((name.len() as u16).to_le_bytes());
    }

    fn extra(&self, local: bool) -> Vec<u8> {
        let mut field = Vec::new();
        for lie in &self.lies {
            let (Lie::Extra(id, bytes) | Lie::LocalExtra(id, bytes)) = lie else { continue };
            if matches!(lie, Lie::LocalExtra(..)) == local && field.len() < 20_000 {
                field.extend(id.to_le_bytes());
                field.extend((bytes.len() as u16).to_le_bytes());
                field.extend(bytes);
            }
        }
        field
    }

    fn local(&self, out: &mut Vec<u8>) {
        let begin = out.len();
        let other = self.lies.iter().find_map(|lie| match lie {
            Lie::LocalName(name) => Some(name.clone()),
            _ => None,
        });
        let name = other.unwrap_or_else(|| self.name());
        out.extend(b"PK\x03\x04\x14\0");
        self.common(out, &name, true);
        let extra = self.extra(true);
        out.extend((extra.len() as u16).to_le_bytes());
        out.extend(&name);
        out.extend(extra);
        self.poke(out, begin, true);
        let packed = self.packed();
        out.extend(&packed);
        let content = self.content();
        let mut checksum = flate2::Crc::new();
        checksum.update(&content);
        let sums = [checksum.sum(), packed.len() as u32, content.len() as u32];
        match self.described {
            None | Some(Descriptor::Missing) => {}
            Some(Descriptor::Bare) => put(out, &sums),
            Some(Descriptor::Signed) => put(out, &[0x0807_4b50, sums[0], sums[1], sums[2]]),
            Some(Descriptor::Wide) => put(out, &[0x0807_4b50, sums[0], sums[1], 0, sums[2], 0]),
            Some(Descriptor::Lying) => put(out, &[0x0807_4b50, sums[0], sums[1], sums[2] ^ 1]),
        }
    }

    fn central(&self, out: &mut Vec<u8>, index: usize, offsets: &[usize]) {
        let begin = out.len();
        let mut offset = offsets[index] as u32;
        for lie in &self.lies {
            match lie {
                Lie::Overlap(other) => offset = offsets[usize::from(*other) % offsets.len()] as u32,
                Lie::Offset(other) => offset = *other,
                _ => {}
            }
        }
        let (name, extra) = (self.name(), self.extra(false));
        out.extend(b"PK\x01\x02\x14");
        out.extend(if self.mode().is_some() { [3, 20, 0] } else { [0, 20, 0] });
        self.common(out, &name, false);
        for value in [extra.len() as u16, 0, 0, 0] {
            out.extend(value.to_le_bytes());
        }
        put(out, &[self.mode().unwrap_or_default() << 16, offset]);
        out.extend(name);
        out.extend(extra);
        self.poke(out, begin, false);
    }

    /// Overwrites two bytes of a header, anywhere behind its signature.
    fn poke(&self, out: &mut [u8], begin: usize, local: bool) {
        for lie in &self.lies {
            let (Lie::Local(at, value) | Lie::Central(at, value)) = lie else { continue };
            let length = if local { 30 } else { 46 };
            let at = begin + 4 + usize::from(*at) % (length - 6);
            if matches!(lie, Lie::Local(..)) == local {
                out[at..at + 2].copy_from_slice(&value.to_le_bytes());
            }
        }
    }
}

fn joined(words: &[Word]) -> Vec<u8> {
    let text = |word: &Word| match word {
        Word::A => "a",
        Word::UpperA => "A",
        Word::B => "b",
        Word::Bootstrap => "bootstrap",
        Word::Accent => "é",
        Word::Dot => ".",
        Word::DotDot => "..",
        Word::Nothing => "",
        Word::Back => "\\",
    };
    words.iter().take(40).map(text).collect::<Vec<_>>().join("/").into_bytes()
}

fn put(out: &mut Vec<u8>, values: &[u32]) {
    values.iter().for_each(|value| out.extend(value.to_le_bytes()));
}
