//! The credentials of a function's agency, in the headers that it asked for (`enable_auth_in_header`; `behaviour.md` 1.3).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use model::function::Version;
use parking_lot::Mutex;
use tokio::time::Instant;

/// How long the same credentials are given: changes of an agency take as long to be seen (`behaviour.md` 4.5).
const CACHED: Duration = Duration::from_secs(600);

/// What an agency lends to a function.
#[derive(Clone)]
pub struct Credentials {
    /// A token of the agency.
    pub token: String,
    /// A temporary access key, which goes with the two others.
    pub access_key: String,
    /// Its secret key.
    pub secret_key: String,
    /// Its security token.
    pub security_token: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(***)")
    }
}

type Lend = dyn Fn(&Version) -> Option<Credentials> + Send + Sync;

/// Where credentials come from; nowhere by default.
#[derive(Clone, Default)]
pub struct Agencies(Option<Arc<Lend>>);

impl Agencies {
    /// Asks `lend` for the credentials of a version's agency; it must neither wait nor block.
    pub fn with(lend: impl Fn(&Version) -> Option<Credentials> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(lend)))
    }
}

impl fmt::Debug for Agencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Agencies").field(&self.0.is_some()).finish()
    }
}

/// The header lines of one version's credentials, made anew every ten minutes.
#[derive(Debug)]
pub(crate) struct Lent {
    version: Arc<Version>,
    agencies: Agencies,
    cached: Mutex<Option<(Instant, Arc<[u8]>)>>,
}

impl Lent {
    /// None for a version that did not ask for credentials, or where there is nobody to ask.
    pub(crate) fn new(version: &Arc<Version>, agencies: &Agencies) -> Option<Self> {
        let asked = version.config.auth_in_header && agencies.0.is_some();
        asked.then(|| Self { version: Arc::clone(version), agencies: agencies.clone(), cached: Mutex::new(None) })
    }

    /// The lines now; none while there is no such agency, which is looked for with every request.
    pub(crate) fn lines(&self, line: fn(&mut Vec<u8>, &str, &str)) -> Option<Arc<[u8]>> {
        let mut cached = self.cached.lock();
        if let Some((_, lines)) = cached.as_ref().filter(|(since, _)| since.elapsed() < CACHED) {
            return Some(Arc::clone(lines));
        }
        let lend = self.agencies.0.as_ref()?;
        let lent = lend(&self.version)?;
        let mut lines = Vec::new();
        for (name, value) in [
            ("x-cff-auth-token", &lent.token),
            ("x-cff-security-access-key", &lent.access_key),
            ("x-cff-security-secret-key", &lent.secret_key),
            ("x-cff-security-token", &lent.security_token),
        ] {
            line(&mut lines, name, value);
        }
        let lines: Arc<[u8]> = lines.into();
        *cached = Some((Instant::now(), Arc::clone(&lines)));
        Some(lines)
    }
}
