//! Request ids.

use std::cell::RefCell;
use std::sync::Arc;

use bytes::BytesMut;
use http::HeaderValue;
use rand::RngExt as _;

/// Memory that ids as header values are cut from: a hundred of them are one allocation.
const ROOM: usize = 4096;

/// The id of one request.
#[derive(Clone, Debug)]
pub(crate) struct Id {
    pub(crate) text: Arc<str>,
    /// As headers say it.
    pub(crate) stamp: HeaderValue,
}

impl Id {
    /// 32 hexadecimal digits that nobody can guess or had before. Made by the thread's own generator, which is seeded by the kernel:
    /// asking the kernel every time costs a system call a request.
    pub(crate) fn new() -> Self {
        let digits = digits(rand::rng().random());
        Self { text: Arc::from(std::str::from_utf8(&digits).unwrap_or_default()), stamp: stamp(&digits) }
    }
}

fn digits(number: u128) -> [u8; 32] {
    let digit = |digit: u8| digit + if digit < 10 { b'0' } else { b'a' - 10 };
    let mut digits = [0; 32];
    for (pair, byte) in digits.as_chunks_mut().0.iter_mut().zip(number.to_be_bytes()) {
        *pair = [digit(byte >> 4), digit(byte & 0xf)];
    }
    digits
}

fn stamp(digits: &[u8]) -> HeaderValue {
    thread_local! { static LEFT: RefCell<BytesMut> = RefCell::default() }
    let text = LEFT.with_borrow_mut(|left| {
        if left.capacity() < digits.len() {
            *left = BytesMut::with_capacity(ROOM);
        }
        left.extend_from_slice(digits);
        left.split().freeze()
    });
    HeaderValue::from_maybe_shared(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_32_digits_and_another_each_time() {
        let ids: Vec<Id> = (0..1000).map(|_| Id::new()).collect();
        assert!(ids.iter().all(|id| id.text.len() == 32 && id.text.bytes().all(|byte| byte.is_ascii_hexdigit())));
        assert!(ids.iter().all(|id| id.stamp == *id.text));
        assert_eq!(ids.iter().map(|id| &id.text).collect::<std::collections::HashSet<_>>().len(), 1000);
    }

    #[test]
    fn digits_are_those_of_the_number() {
        for number in [0, 1, 0x0123_4567_89ab_cdef_0011_2233_4455_6677, u128::MAX] {
            assert_eq!(digits(number), format!("{number:032x}").as_bytes());
        }
    }
}
