//! Text that must not reach a log: it has no `Display`, its `Debug` is a row of stars, and it is wiped when dropped. What is kept for
//! long is kept sealed.

use std::sync::Arc;

use zeroize::Zeroizing;

/// A secret value (a secret key, an encrypted environment variable in the clear).
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself; the name makes each use easy to find.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// A variable that only an instance may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guarded {
    /// As its owner sent it, on its way to be stored.
    Sent(Secret),
    /// As it is stored and kept. Two of these that are not equal may still have the same text in them.
    Sealed(Sealed),
}

/// A secret that cannot be read without the key of the store.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// What it is bound to: it opens nowhere else.
    pub context: Arc<str>,
    /// What is stored.
    pub text: Arc<str>,
}

impl From<Secret> for Guarded {
    fn from(secret: Secret) -> Self {
        Self::Sent(secret)
    }
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealed(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_the_text() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(***)");
    }
}
