//! What proves that its holder was let in: a token, or the security token of a temporary access key. Both are the claims themselves,
//! sealed ([`crate::seal`]), so that nothing is kept for them and nobody else can read or make one. They end with their time, and
//! with the epoch of whoever they speak for (a new password, a disabled user): the reader compares it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::seal::Key;

/// Characters of the longest token that is read.
const CHARS: usize = 16 * 1024;

/// Who a token speaks for, where, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who it speaks for.
    pub subject: Subject,
    /// The epoch of the subject when it was made.
    pub epoch: u64,
    /// Who assumed the agency it speaks for.
    pub assumed_by: Option<AssumedBy>,
    /// Where it is good.
    pub scope: Scope,
    /// How the holder was let in: `password`, `assume_role`, `token`.
    pub methods: Vec<String>,
    /// When it was made.
    pub issued: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// A policy that limits it further.
    pub policy: Option<Value>,
}

/// Whose rights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Subject {
    /// A user's, by id.
    User(String),
    /// An agency's, by id.
    Agency(String),
}

/// The user who assumed an agency; the token ends with them too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssumedBy {
    /// The user's id.
    pub user: String,
    /// Their epoch then.
    pub epoch: u64,
    /// The name they gave the session.
    pub session: Option<String>,
}

/// Where a token is good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// Wherever its subject has rights; temporary access keys are so.
    Everywhere,
    /// What belongs to no project.
    Domain,
    /// One project, by id.
    Project(String),
}

/// A temporary access key: signs like another, and comes with its security token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TemporaryKey {
    /// 20 characters.
    pub access_key: String,
    /// 40 characters.
    pub secret_key: String,
    /// Whom it speaks for.
    pub claims: Claims,
}

const TOKEN: &str = "token";
const SECURITY_TOKEN: &str = "security-token";

impl Claims {
    /// The token.
    pub fn seal(&self, key: &Key) -> String {
        seal(key, TOKEN, self)
    }

    /// The claims of a token of ours, whether it has ended or not; `None` for any other text.
    pub fn open(token: &str, key: &Key) -> Option<Self> {
        open(key, TOKEN, token)
    }
}

impl TemporaryKey {
    /// A new key for `claims`.
    pub fn new(claims: Claims) -> Self {
        Self { access_key: crate::keys::access_key(), secret_key: crate::keys::secret_key(), claims }
    }

    /// The security token, which holds the secret key too.
    pub fn seal(&self, key: &Key) -> String {
        seal(key, SECURITY_TOKEN, self)
    }

    /// The key of a security token of ours, whether it has ended or not; `None` for any other text.
    pub fn open(token: &str, key: &Key) -> Option<Self> {
        open(key, SECURITY_TOKEN, token)
    }
}

pub(crate) fn seal(key: &Key, context: &str, value: &impl Serialize) -> String {
    // A struct of texts and times is always written.
    let plain = serde_json::to_vec(value).unwrap_or_default();
    URL_SAFE_NO_PAD.encode(key.seal(context, &plain))
}

pub(crate) fn open<T: for<'de> Deserialize<'de>>(key: &Key, context: &str, token: &str) -> Option<T> {
    let sealed = URL_SAFE_NO_PAD.decode(Some(token).filter(|token| token.len() <= CHARS)?).ok()?;
    serde_json::from_slice(&key.open(context, &sealed).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> Claims {
        let issued: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        Claims {
            subject: Subject::User("u1".into()),
            epoch: 7,
            assumed_by: None,
            scope: Scope::Project("p1".into()),
            methods: vec!["password".into()],
            issued,
            expires: issued,
            policy: None,
        }
    }

    #[test]
    fn what_was_sealed_opens_with_its_key_and_as_what_it_is() {
        let (key, other) = (Key::generate(), Key::generate());
        let token = claims().seal(&key);
        assert_eq!(Claims::open(&token, &key), Some(claims()));
        assert_eq!(Claims::open(&token, &other), None);
        assert!(TemporaryKey::open(&token, &key).is_none(), "a token is no security token");
        let temporary = TemporaryKey::new(claims());
        let token = temporary.seal(&key);
        assert_eq!(TemporaryKey::open(&token, &key).unwrap().secret_key, temporary.secret_key);
        assert_eq!(Claims::open(&token, &key), None);
        assert!(!token.contains(&temporary.secret_key));
    }

    #[test]
    fn no_other_text_is_a_token() {
        let key = Key::generate();
        let token = claims().seal(&key);
        let mut changed = token.clone().into_bytes();
        changed[30] ^= 1;
        let changed = String::from_utf8(changed).unwrap();
        for text in ["", "x", "ä", changed.as_str(), &token[1..], &"A".repeat(CHARS + 1)] {
            assert_eq!(Claims::open(text, &key), None);
        }
    }
}
