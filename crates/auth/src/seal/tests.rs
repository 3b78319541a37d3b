use super::*;
use proptest::prelude::*;

fn key(fill: u8) -> Key {
    Key::from_hex(&hex::encode([fill; 32])).unwrap()
}

proptest! {
    #[test]
    fn what_is_sealed_opens_for_the_same_context(context in ".*", plain: Vec<u8>) {
        let sealed = key(7).seal(&context, &plain);
        prop_assert_eq!(key(7).open(&context, &sealed).unwrap(), plain);
    }

    #[test]
    fn any_flipped_bit_is_noticed(plain: Vec<u8>, place: prop::sample::Index, bit in 0..8u32) {
        let mut sealed = key(7).seal("row", &plain);
        let place = place.index(sealed.len());
        sealed[place] ^= 1 << bit;
        prop_assert!(key(7).open("row", &sealed).is_err());
    }

    #[test]
    fn random_bytes_do_not_open(sealed: Vec<u8>) {
        prop_assert!(key(7).open("row", &sealed).is_err());
    }
}

#[test]
fn another_key_or_context_does_not_open_it() {
    let sealed = key(7).seal("row 1", b"secret");
    assert!(key(8).open("row 1", &sealed).is_err());
    assert!(key(7).open("row 2", &sealed).is_err());
}

#[test]
fn a_cut_value_does_not_open() {
    let sealed = key(7).seal("row", b"secret");
    for length in 0..sealed.len() {
        assert!(key(7).open("row", &sealed[..length]).is_err(), "cut to {length} bytes");
    }
}

#[test]
fn the_same_value_is_never_sealed_alike() {
    assert_ne!(key(7).seal("row", b"secret"), key(7).seal("row", b"secret"));
}

#[test]
fn a_key_survives_its_file_and_nothing_else_is_one() {
    let key = Key::generate();
    let again = Key::from_hex(&format!("{}\n", key.to_hex())).unwrap();
    assert_eq!(again.open("c", &key.seal("c", b"x")).unwrap(), b"x");
    for bad in ["", "00", &"0".repeat(63), &"0".repeat(65), &"g".repeat(64)] {
        assert!(Key::from_hex(bad).is_none(), "{bad:?}");
    }
}

#[test]
fn debug_never_shows_the_key() {
    assert_eq!(format!("{:?}", key(7)), "Key(***)");
}
