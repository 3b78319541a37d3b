//! Secrets at rest: AES-256-GCM with a random 96-bit nonce.
//!
//! A sealed value is one version byte, the nonce, then ciphertext and tag. The `context` says what the value is (which
//! row, which column); it is authenticated but not stored, so a value moved to another place does not open.

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use zeroize::Zeroizing;

/// The only version so far.
const VERSION: u8 = 1;
const NONCE_LENGTH: usize = 12;

/// A 256-bit key; wiped when dropped, and its `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Key(Zeroizing<[u8; 32]>);

/// The value was sealed by another key, for another context, by a later version, or was changed.
#[derive(Debug, thiserror::Error)]
#[error("the sealed value cannot be opened: wrong key or changed data")]
pub struct Error;

impl Key {
    /// A new random key.
    pub fn generate() -> Self {
        Self(Zeroizing::new(rand::random()))
    }

    /// Reads 64 hex digits, as kept in the key file; white space around them is allowed.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.trim(), bytes.as_mut_slice()).ok()?;
        Some(Self(bytes))
    }

    /// The 64 hex digits for the key file.
    pub fn to_hex(&self) -> String {
        hex::encode(self.0.as_slice())
    }

    /// Seals `plain` for `context`. Sealing the same value twice gives different bytes.
    #[allow(clippy::expect_used, reason = "only a value over 64 GiB is refused, and losing it silently would be worse")]
    pub fn seal(&self, context: &str, plain: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE_LENGTH] = rand::random();
        let payload = Payload { msg: plain, aad: context.as_bytes() };
        let ciphertext = self.cipher().encrypt(&Nonce::from(nonce), payload).expect("a value under 64 GiB is sealed");
        let mut sealed = Vec::with_capacity(1 + NONCE_LENGTH + ciphertext.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&ciphertext);
        sealed
    }

    /// Opens what [`Key::seal`] gave for the same `context`.
    ///
    /// # Errors
    /// [`Error`], which does not say which of its reasons it was.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let (version, rest) = sealed.split_first().ok_or(Error)?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_LENGTH>().ok_or(Error)?;
        if *version != VERSION {
            return Err(Error);
        }
        let payload = Payload { msg: ciphertext, aad: context.as_bytes() };
        self.cipher().decrypt(&Nonce::from(*nonce), payload).map_err(|_| Error)
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(&(*self.0).into())
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(***)")
    }
}

#[cfg(test)]
mod tests;
