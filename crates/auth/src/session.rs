//! A person's session in the web console, in two halves that are worth nothing alone: the claims, sealed, which the browser keeps in a
//! cookie that no script can read, and a random key, which the console's script sends in a header. Another site's page has the cookie
//! sent but not the header; whoever answers at another port of the same host is sent the cookie too (cookies know no ports, RFC 6265
//! section 8.5), a function at the gateway among them, and cannot use it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::seal::Key;
use crate::token::{self, Claims, Scope, Subject};

/// How the holder of the claims was let in; no token is made from such claims.
pub const METHOD: &str = "console";
const CONTEXT: &str = "console-session";
/// Characters of the longest key that is looked at.
const KEY_CHARS: usize = 64;

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Names it when it is ended before its time.
    pub id: String,
    /// Whom it speaks for, and until when.
    pub claims: Claims,
    /// SHA-256 of the script's half.
    digest: [u8; 32],
}

impl Session {
    /// A new session of a user, and the script's half of it: 43 characters.
    pub fn begin(user: String, epoch: u64, issued: Timestamp, expires: Timestamp) -> (Self, String) {
        let key = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        let claims = Claims {
            subject: Subject::User(user),
            epoch,
            assumed_by: None,
            scope: Scope::Everywhere,
            methods: vec![METHOD.to_owned()],
            issued,
            expires,
            policy: None,
        };
        (Self { id: hex::encode(rand::random::<[u8; 16]>()), claims, digest: digest(&key) }, key)
    }

    /// The cookie's half.
    pub fn seal(&self, key: &Key) -> String {
        token::seal(key, CONTEXT, self)
    }

    /// The session of both halves, whether it has ended or not; `None` when they do not belong together.
    pub fn open(sealed: &str, script: &str, key: &Key) -> Option<Self> {
        let session: Self = token::open(key, CONTEXT, sealed)?;
        let right = script.len() <= KEY_CHARS && bool::from(session.digest.ct_eq(&digest(script)));
        right.then_some(session)
    }
}

fn digest(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_halves_are_needed_and_must_belong_together() {
        let (key, other) = (Key::generate(), Key::generate());
        let now: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        let (session, script) = Session::begin("u1".into(), 7, now, now);
        let (second, _) = Session::begin("u1".into(), 7, now, now);
        assert_ne!(session.id, second.id);
        let cookie = session.seal(&key);
        assert_eq!(Session::open(&cookie, &script, &key), Some(session.clone()));
        for (cookie, script, key) in [
            (cookie.as_str(), "", &key),
            (&cookie, &script[1..], &key),
            (&cookie, &"A".repeat(5000), &key),
            (&second.seal(&key), &script, &key),
            (&cookie, &script, &other),
            (&session.claims.seal(&key), &script, &key),
            ("", &script, &key),
        ] {
            assert_eq!(Session::open(cookie, script, key), None);
        }
        assert_eq!(Claims::open(&cookie, &key), None, "a session is no token");
        assert!(!cookie.contains(&script));
    }
}
