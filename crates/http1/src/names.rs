//! Names of header fields that came before. Peers send the same few names over and over, and one that no standard has costs an
//! allocation each time it is made.

use std::cell::RefCell;

use http::HeaderName;

use crate::Malformed;

/// Places for names that a thread keeps, one name in each: a browser sends sixteen, an SDK seven.
const PLACES: usize = 256;
/// The longest name that is kept: longer ones are nobody's habit.
const LONGEST: usize = 64;

/// A name as it was written, and what was made of it.
type Kept = Option<(Box<[u8]>, HeaderName)>;

thread_local! { static KEPT: RefCell<[Kept; PLACES]> = const { RefCell::new([const { None }; PLACES]) } }

/// The name, in lower case; it is the one made before if this thread has it.
///
/// # Errors
/// It is empty, longer than the `http` crate can hold, or has a byte that no name has.
pub(crate) fn name(written: &[u8]) -> Result<HeaderName, Malformed> {
    let make = || HeaderName::from_bytes(written).map_err(|_| Malformed("a header field has a name that is too long"));
    let Some(place) = place(written) else { return make() };
    let known = KEPT.try_with(|kept| {
        let mut kept = kept.borrow_mut();
        let kept = kept.get_mut(place)?;
        if let Some((before, name)) = kept
            && **before == *written
        {
            return Some(name.clone());
        }
        let name = make().ok()?;
        *kept = Some((written.into(), name.clone()));
        Some(name)
    });
    // A thread that is ending keeps nothing.
    known.ok().flatten().map_or_else(make, Ok)
}

/// Of its length and both ends. Names that share a place drive each other out, no more.
fn place(name: &[u8]) -> Option<usize> {
    let (first, last) = (name.first_chunk()?, name.last_chunk()?);
    let ends = u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last));
    // A multiplication carries each bit into the highest byte, by the golden ratio (Knuth, 6.4).
    let mixed = (ends ^ name.len() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56;
    usize::try_from(mixed).ok().filter(|_| name.len() <= LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_however_it_is_written_and_whoever_wrote_it_before() {
        for name_ in ["host", "x-request-id", "sec-ch-ua", "x", &"n".repeat(LONGEST), &"n".repeat(LONGEST + 1)] {
            for written in [name_.to_owned(), name_.to_uppercase(), name_.to_owned()] {
                assert_eq!(name(written.as_bytes()).unwrap(), HeaderName::from_bytes(name_.as_bytes()).unwrap());
            }
        }
    }

    #[test]
    fn names_that_share_a_place_are_told_apart() {
        let twins = ["head-xyz-tail", "head-zyx-tail"];
        assert_eq!(place(twins[0].as_bytes()), place(twins[1].as_bytes()));
        for written in [twins[0], twins[1], twins[0]] {
            assert_eq!(name(written.as_bytes()).unwrap().as_str(), written);
        }
    }

    #[test]
    fn what_is_no_name_is_refused_each_time() {
        for wrong in ["", "a b", "a:", "\u{e9}", &"n".repeat(70_000)] {
            for _ in 0..2 {
                assert!(name(wrong.as_bytes()).is_err(), "{wrong:.9}");
            }
        }
    }
}
