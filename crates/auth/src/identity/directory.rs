//! Everybody as of the last change, for all who ask: the control plane and the gateway. Readers never wait.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use parking_lot::Mutex;

use super::Identities;
use crate::lockout::Lockout;
use crate::seal::Key;

/// The current [`Identities`], the key of their tokens, and who of them is kept out for a while.
pub struct Directory {
    identities: ArcSwap<Identities>,
    key: Key,
    lockout: Arc<Mutex<Lockout>>,
}

impl Directory {
    /// Begins with these.
    pub fn new(identities: Identities, key: Key) -> Self {
        Self { identities: ArcSwap::from_pointee(identities), key, lockout: Arc::default() }
    }

    /// Without anybody, for who needs none: no signature and no token is good.
    pub fn nobody() -> Self {
        Self::new(Identities::default(), Key::generate())
    }

    /// Everybody now.
    pub fn identities(&self) -> Arc<Identities> {
        self.identities.load_full()
    }

    /// Swaps the next ones in.
    pub fn publish(&self, identities: Identities) {
        self.identities.store(Arc::new(identities));
    }

    /// What tokens are sealed with.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Access keys and users that fail too often, wherever they do.
    pub fn lockout(&self) -> &Arc<Mutex<Lockout>> {
        &self.lockout
    }
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory").finish_non_exhaustive()
    }
}
