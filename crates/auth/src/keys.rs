//! New keys and ids, from the thread's cryptographic generator (ChaCha, seeded by the kernel).

use rand::RngExt as _;

const UPPER_AND_DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const LETTERS_AND_DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A new access key: 20 characters, upper-case letters and digits (103 bits).
pub fn access_key() -> String {
    text(UPPER_AND_DIGITS, 20)
}

/// A new secret key: 40 characters, letters and digits (238 bits).
pub fn secret_key() -> String {
    text(LETTERS_AND_DIGITS, 40)
}

/// A new password: 24 characters, letters and digits (142 bits).
pub fn password() -> String {
    text(LETTERS_AND_DIGITS, 24)
}

/// A new id: 32 lower-case hex digits (128 bits).
pub fn id() -> String {
    hex::encode(rand::random::<[u8; 16]>())
}

fn text(alphabet: &[u8], length: usize) -> String {
    let mut rng = rand::rng();
    (0..length)
        .filter_map(|_| alphabet.get(rng.random_range(0..alphabet.len())))
        .map(|byte| char::from(*byte))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(make: fn() -> String, alphabet: &[u8], length: usize) {
        let many: Vec<String> = (0..200).map(|_| make()).collect();
        assert!(many.iter().all(|key| key.len() == length && key.bytes().all(|byte| alphabet.contains(&byte))));
        let distinct: std::collections::HashSet<_> = many.iter().collect();
        assert_eq!(distinct.len(), many.len(), "no two are the same");
        let seen: std::collections::HashSet<_> = many.iter().flat_map(|key| key.bytes()).collect();
        assert_eq!(seen.len(), alphabet.len(), "every character of the alphabet is used");
    }

    #[test]
    fn an_access_key_is_twenty_upper_case_letters_and_digits() {
        check(access_key, UPPER_AND_DIGITS, 20);
    }

    #[test]
    fn a_secret_key_is_forty_letters_and_digits() {
        check(secret_key, LETTERS_AND_DIGITS, 40);
    }

    #[test]
    fn an_id_is_thirty_two_hex_digits() {
        check(id, b"0123456789abcdef", 32);
    }
}
