//! Maps of header fields that are used again. Each message needs one, of a size that allocators have no short way for.

use std::cell::RefCell;

use http::HeaderMap;

/// Maps that a thread keeps.
const KEPT: usize = 64;
/// Fields that a map which is kept has room for. More is what a single message needed.
const ROOM: std::ops::RangeInclusive<usize> = 24..=64;
/// Fields that are added to those of a message on its way.
const OURS: usize = 8;

thread_local! { static SPARE: RefCell<Vec<HeaderMap>> = const { RefCell::new(Vec::new()) } }

/// An empty map with room for so many fields and those that are added on the way.
pub fn take(fields: usize) -> HeaderMap {
    let fields = fields + OURS;
    let spare = || SPARE.try_with(|spare| spare.borrow_mut().pop()).ok().flatten();
    let spare = if fields <= *ROOM.start() { spare() } else { None };
    spare.unwrap_or_else(|| HeaderMap::with_capacity(fields.max(*ROOM.start())))
}

/// Keeps a map for another message of this thread, without what is in it.
pub fn keep(mut map: HeaderMap) {
    if !ROOM.contains(&map.capacity()) {
        return;
    }
    map.clear();
    let keep = |spare: &RefCell<Vec<HeaderMap>>| {
        let mut spare = spare.borrow_mut();
        if spare.len() < KEPT {
            spare.push(map);
        }
    };
    // A thread that is ending keeps nothing.
    let _ended = SPARE.try_with(keep);
}

#[cfg(test)]
mod tests {
    use http::header::{ACCEPT, HOST, HeaderValue};

    use super::*;

    fn spares() -> usize {
        SPARE.with_borrow(Vec::len)
    }

    /// A map for so many fields is kept, or not; nothing of it is in the next one.
    #[track_caller]
    fn check(fields: usize, kept: bool) {
        SPARE.take();
        let mut map = take(fields);
        map.append(HOST, HeaderValue::from_static("a"));
        map.append(ACCEPT, HeaderValue::from_static("b"));
        map.append(ACCEPT, HeaderValue::from_static("c"));
        keep(map);
        assert_eq!(spares(), usize::from(kept), "{fields}");
        let next = take(0);
        assert_eq!((next.len(), next.get(ACCEPT), spares()), (0, None, 0));
    }

    #[test]
    fn a_map_of_an_ordinary_size_is_used_again_empty() {
        check(0, true);
        check(16, true);
        check(17, true);
        check(200, false);
    }

    #[test]
    fn a_map_has_the_room_that_was_asked_for() {
        for fields in [0, 10, 16, 17, 100] {
            assert!(take(fields).capacity() >= fields + OURS);
        }
    }

    #[test]
    fn no_more_are_kept_than_a_thread_needs() {
        let maps: Vec<_> = (0..2 * KEPT).map(|_| take(1)).collect();
        maps.into_iter().for_each(keep);
        assert_eq!(spares(), KEPT);
    }
}
