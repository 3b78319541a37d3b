//! Names of header fields that came before. Peers send the same few names over and over, and one that no standard has costs an
//! allocation each time it is made.

use std::cell::RefCell;

use http::HeaderName;

use crate::Malformed;

/// Places for names that a thread keeps, one name in each: a browser sends sixteen, an SDK seven.
const PLACES: usize = 256;
/// The longest name that is kept: longer ones are nobody's habit.
const LONGEST: usize = 64;

/// Names that many peers send and the `http` crate has no constants for. They are nobody's memory: nobody counts who refers to them,
/// which for other names takes two locked instructions for each field.
const COMMON: [&str; 38] = [
    "baggage",
    "cdn-loop",
    "idempotency-key",
    "keep-alive",
    "priority",
    "proxy-connection",
    "sec-ch-ua",
    "sec-ch-ua-mobile",
    "sec-ch-ua-platform",
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-fetch-site",
    "sec-fetch-user",
    "sec-gpc",
    "traceparent",
    "tracestate",
    "x-api-key",
    "x-apig-appcode",
    "x-auth-token",
    "x-correlation-id",
    "x-csrf-token",
    "x-domain-id",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-language",
    "x-powered-by",
    "x-project-id",
    "x-real-ip",
    "x-request-id",
    "x-requested-with",
    "x-response-time",
    "x-runtime",
    "x-sdk-content-sha256",
    "x-sdk-date",
    "x-security-token",
    "x-stage",
];

/// A name as it was written, and what was made of it.
type Kept = Option<(Box<[u8]>, HeaderName)>;

thread_local! { static KEPT: RefCell<[Kept; PLACES]> = const { RefCell::new([const { None }; PLACES]) } }

/// The name, in lower case; it is the one made before if this thread has it.
///
/// # Errors
/// It is empty, longer than the `http` crate can hold, or has a byte that no name has.
pub(crate) fn name(written: &[u8]) -> Result<HeaderName, Malformed> {
    if let Some(name) = known(written) {
        return Ok(name);
    }
    let name = make(written)?;
    if let Some(place) = place(written) {
        let keep = |kept: &RefCell<[Kept; PLACES]>| {
            if let Some(kept) = kept.borrow_mut().get_mut(place) {
                *kept = Some((written.into(), name.clone()));
            }
        };
        // A thread that is ending keeps nothing.
        let _ended = KEPT.try_with(keep);
    }
    Ok(name)
}

/// The name that was made before of what is written, if this thread has it.
pub(crate) fn known(written: &[u8]) -> Option<HeaderName> {
    let place = place(written)?;
    let find = |kept: &RefCell<[Kept; PLACES]>| match kept.borrow().get(place) {
        Some(Some((before, name))) if **before == *written => Some(name.clone()),
        _ => None,
    };
    KEPT.try_with(find).ok().flatten()
}

fn make(written: &[u8]) -> Result<HeaderName, Malformed> {
    match COMMON.iter().find(|name| name.as_bytes().eq_ignore_ascii_case(written)) {
        Some(name) => Ok(HeaderName::from_static(name)),
        None => HeaderName::from_bytes(written).map_err(|_| Malformed("a header field has a name that is too long")),
    }
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
    fn a_common_name_is_the_one_that_anybody_would_make() {
        for common in COMMON {
            assert_eq!(name(common.to_uppercase().as_bytes()).unwrap().as_str(), common);
            assert!(place(common.as_bytes()).is_some(), "{common} is never known");
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
