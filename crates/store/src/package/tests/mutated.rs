//! Valid archives with bytes changed at random: whatever comes in, it is unpacked within its limits or refused, and never panics.

use std::io::{Cursor, Write};

use proptest::prelude::*;

use super::made::{Descriptor, file, folder, link, program, zip};
use super::{Error, run, small};

/// One change of the bytes.
#[derive(Clone, Debug)]
enum Change {
    Flip(prop::sample::Index, u8),
    /// A number that is often special at a place where a number may be.
    Number(prop::sample::Index, u32),
    Cut(prop::sample::Index),
    Remove(prop::sample::Index, u8),
    Insert(prop::sample::Index, Vec<u8>),
    Copy(prop::sample::Index, prop::sample::Index, u8),
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let length = bytes.len();
        if length == 0 {
            return;
        }
        match self {
            Self::Flip(at, mask) => bytes[at.index(length)] ^= mask,
            Self::Number(at, number) => {
                let at = at.index(length);
                bytes[at..].iter_mut().zip(number.to_le_bytes()).for_each(|(byte, new)| *byte = new);
            }
            Self::Cut(at) => bytes.truncate(at.index(length)),
            Self::Remove(at, count) => {
                let at = at.index(length);
                bytes.drain(at..(at + usize::from(*count)).min(length));
            }
            Self::Insert(at, new) => {
                let at = at.index(length);
                bytes.splice(at..at, new.iter().copied());
            }
            Self::Copy(from, to, count) => {
                let from = from.index(length);
                let piece = bytes[from..(from + usize::from(*count)).min(length)].to_vec();
                let at = to.index(length);
                bytes[at..].iter_mut().zip(piece).for_each(|(byte, new)| *byte = new);
            }
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    let index = any::<prop::sample::Index>;
    let special = prop_oneof![Just(0), Just(u32::MAX), Just(0xffff), Just(1), Just(0x7fff_ffff), any::<u32>()];
    prop_oneof![
        4 => (index(), any::<u8>()).prop_map(|(at, mask)| Change::Flip(at, mask)),
        4 => (index(), special).prop_map(|(at, number)| Change::Number(at, number)),
        1 => index().prop_map(Change::Cut),
        1 => (index(), any::<u8>()).prop_map(|(at, count)| Change::Remove(at, count)),
        1 => (index(), prop::collection::vec(any::<u8>(), 1..30)).prop_map(|(at, new)| Change::Insert(at, new)),
        2 => (index(), index(), any::<u8>()).prop_map(|(from, to, count)| Change::Copy(from, to, count)),
    ]
}

/// Archives of every kind that is accepted.
fn valid() -> Vec<Vec<u8>> {
    let members = [
        program("bootstrap", "#!/bin/sh\nexec node index.js\n"),
        folder("lib/"),
        file("lib/a.js", "module.exports = 1\n".repeat(9)).described(Descriptor::Signed),
        file("lib/数据", "d").flags(1 << 11).stored(),
        link("lib/b.js", "a.js"),
    ];
    let plain = zip(&members);
    let (size, start) = ((plain.end - plain.directory) as u64, plain.directory as u64);
    vec![plain.clone().wide(5, size, start).bytes, plain.bytes, by_the_zip_crate()]
}

fn by_the_zip_crate() -> Vec<u8> {
    let mut writer = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = ::zip::write::SimpleFileOptions::default().unix_permissions(0o755);
    writer.start_file("bootstrap", options).unwrap();
    writer.write_all(b"#!/bin/sh\n").unwrap();
    writer.add_directory("lib", options).unwrap();
    writer.start_file("lib/large", options.large_file(true)).unwrap();
    writer.write_all(&[b'x'; 500]).unwrap();
    writer.add_symlink("lib/link", "large", options).unwrap();
    writer.finish().unwrap().into_inner()
}

#[test]
fn what_is_mutated_below_is_accepted_unchanged() {
    for bytes in valid() {
        run(&bytes, &small()).0.unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mutated_archive_is_unpacked_or_refused(
        which in 0..3_usize,
        changes in prop::collection::vec(change(), 1..6),
    ) {
        let mut bytes = valid()[which].clone();
        changes.iter().for_each(|change| change.apply(&mut bytes));
        match run(&bytes, &small()).0 {
            Ok(unpacked) => prop_assert!(unpacked.bytes <= small().unpacked_bytes),
            Err(Error::Refused(problems)) => prop_assert!(!problems.is_empty()),
            Err(Error::Io(error)) => prop_assert!(false, "not the package's fault? {error}"),
        }
    }

    #[test]
    fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(matches!(run(&bytes, &small()).0, Err(Error::Refused(_))));
    }
}
