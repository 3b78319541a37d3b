//! Passwords: Argon2id, with the parameters that OWASP's Password Storage Cheat Sheet gives as least (19 MiB, 2 passes, 1 lane).
//! Each hash takes tens of milliseconds of a processor, on purpose: run it where it holds up nobody.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordVerifier as _, Version};
use subtle::ConstantTimeEq as _;

/// KiB of memory a hash uses.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;

/// A password could not be hashed: it is longer than 4 GiB, or there is no memory.
#[derive(Debug, thiserror::Error)]
#[error("the password cannot be hashed: {0}")]
pub struct Error(String);

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The hash of a password, in PHC form (`$argon2id$v=19$...`), with a new random salt.
///
/// # Errors
/// [`Error`].
pub fn hash(password: &str) -> Result<String, Error> {
    use argon2::PasswordHasher as _;
    let salt: [u8; SALT_BYTES] = rand::random();
    let hash =
        argon2().hash_password_with_salt(password.as_bytes(), &salt).map_err(|error| Error(error.to_string()))?;
    Ok(hash.to_string())
}

/// Whether a password is the one of this hash. What is no hash is nobody's password.
pub fn matches(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
}

/// As much work as [`matches`] does for a user who exists, for one who does not.
pub fn matches_nobody(password: &str) -> bool {
    let mut out = [0; 32];
    // The result is not looked at: only the time it took matters.
    let _ = std::hint::black_box(argon2().hash_password_into(password.as_bytes(), &[0; SALT_BYTES], &mut out));
    false
}

/// Whether two secrets are the same, in a time that depends on their lengths only.
pub fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_matches_its_own_hash_only() {
        let stored = hash("Correct-Horse-1").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(matches("Correct-Horse-1", &stored));
        assert!(!matches("correct-horse-1", &stored));
        assert!(!matches("", &stored));
        assert_ne!(stored, hash("Correct-Horse-1").unwrap(), "another salt");
    }

    #[test]
    fn what_is_no_hash_matches_nothing() {
        for stored in ["", "x", "$argon2id$v=19$m=19456,t=2,p=1$", "Correct-Horse-1"] {
            assert!(!matches("Correct-Horse-1", stored), "{stored}");
        }
        assert!(!matches_nobody("x"));
    }

    #[test]
    fn secrets_are_compared_whole() {
        assert!(same("abc", "abc") && !same("abc", "abd") && !same("abc", "ab") && !same("", "a"));
    }
}
