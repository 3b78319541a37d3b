//! Request ids.

use rand::RngExt as _;

/// 32 hexadecimal digits that nobody can guess or had before. Made by the thread's own generator, which is seeded by the kernel:
/// asking the kernel every time costs a system call a request.
pub(crate) fn request_id() -> String {
    let number: u128 = rand::rng().random();
    let digit = |digit: u8| digit + if digit < 10 { b'0' } else { b'a' - 10 };
    let mut id = Vec::with_capacity(32);
    id.extend(number.to_be_bytes().into_iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]));
    String::from_utf8(id).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_32_digits_and_another_each_time() {
        let ids: std::collections::HashSet<String> = (0..1000).map(|_| request_id()).collect();
        assert_eq!(ids.len(), 1000);
        assert!(ids.iter().all(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())));
    }
}
