//! Request ids.

use rand::RngExt as _;

/// 32 hexadecimal digits that nobody can guess or had before. Made by the thread's own generator, which is seeded by the kernel:
/// asking the kernel every time costs a system call a request.
pub(crate) fn request_id() -> String {
    let mut id = String::with_capacity(32);
    let number: u128 = rand::rng().random();
    for byte in number.to_be_bytes() {
        for digit in [byte >> 4, byte & 0xf] {
            id.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
    id
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
