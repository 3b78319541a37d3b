//! Certificates that funcd orders itself (RFC 8555): for each bound domain that has none, and again before one it ordered ends.
//!
//! 1. [`Acme::run`] looks at the domains after each change of the store, and every minute.
//! 2. What is due is ordered, one domain after the other; the gateway answers the server's question over HTTP.
//! 3. What comes is checked like an upload, stored, and in force with the next handshake. What fails is tried again, later each time.
//!
//! A wildcard cannot be proven over HTTP: its certificate is uploaded.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use instant_acme::{
    Account, AccountBuilder, AccountCredentials, AuthorizationStatus, ChallengeType, Identifier, NewAccount, NewOrder,
    Order, OrderStatus, RetryPolicy,
};
use jiff::Timestamp;
use model::snapshot::Challenges;
use store::{Domain, NewCertificate, Store, audit};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use crate::check;

/// How often the domains are looked at when nothing changes.
const LOOK: Duration = Duration::from_secs(60);
/// Until a failed order is tried again; doubled with each failure.
const AGAIN: Duration = Duration::from_secs(60);
/// The longest of these times.
const AGAIN_AT_MOST: Duration = Duration::from_secs(24 * 3600);
/// How long a server may take for each step of an order.
const PATIENCE: Duration = Duration::from_secs(60);
/// What the sealed account is.
const ACCOUNT: &str = "acme/account";
/// How the certificates are called.
const NAME: &str = "acme";

/// Where certificates are ordered, and by whom.
#[derive(Clone, Debug)]
pub struct Config {
    /// URL of the server's directory.
    pub directory: String,
    /// Such as `mailto:admin@example.com`.
    pub contact: Vec<String>,
    /// PEM of the authority that signed the server's own certificate, where the system does not know it.
    pub ca_file: Option<PathBuf>,
    /// Where the account is kept, sealed.
    pub account_file: PathBuf,
}

/// Why an order came to nothing.
#[derive(Debug)]
enum Failed {
    Server(instant_acme::Error),
    Store(store::Error),
    /// In words.
    Other(String),
}

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Server(error) => write!(f, "{error}"),
            Self::Store(error) => write!(f, "{error}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl From<instant_acme::Error> for Failed {
    fn from(error: instant_acme::Error) -> Self {
        Self::Server(error)
    }
}

impl From<store::Error> for Failed {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

/// Orders what is due.
#[derive(Debug)]
pub struct Acme {
    config: Config,
    store: Store,
    challenges: Arc<Challenges>,
}

/// When a domain is tried again, and how often it failed.
type Waits = HashMap<String, (Instant, u32)>;

impl Acme {
    /// `challenges` is what the gateway answers from.
    pub fn new(config: Config, store: Store, challenges: Arc<Challenges>) -> Self {
        Self { config, store, challenges }
    }

    /// Until `stop`, which does not wait for an order under way.
    pub async fn run(self, stop: CancellationToken) {
        // Whoever speaks TLS in this process speaks it with one provider.
        let _set_before = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let mut generation = self.store.generation();
        let mut turns = tokio::time::interval(LOOK);
        let mut waits = Waits::new();
        let work = async {
            loop {
                tokio::select! {
                    _ = turns.tick() => {}
                    Ok(()) = generation.changed() => {}
                }
                self.look(&mut waits).await;
            }
        };
        stop.run_until_cancelled(work).await;
    }

    async fn look(&self, waits: &mut Waits) {
        let domains = match self.store.every_custom_domain().await {
            Ok(domains) => domains,
            Err(error) => return tracing::warn!(%error, "acme.domains_not_read"),
        };
        waits.retain(|id, _| domains.iter().any(|domain| domain.id == *id));
        for domain in domains.iter().filter(|domain| is_due(domain, model::time::now())) {
            let failures = match waits.get(&domain.id) {
                Some((at, _)) if *at > Instant::now() => continue,
                Some((_, failures)) => *failures,
                None => 0,
            };
            match self.order(domain).await {
                Ok(()) => {
                    waits.remove(&domain.id);
                    tracing::info!(domain = domain.name, "acme.certificate_stored");
                }
                Err(error) => {
                    let again = AGAIN.saturating_mul(1 << failures.min(16)).min(AGAIN_AT_MOST);
                    waits.insert(domain.id.clone(), (Instant::now() + again, failures + 1));
                    tracing::warn!(domain = domain.name, %error, again_s = again.as_secs(), "acme.order_failed");
                }
            }
        }
    }

    async fn order(&self, domain: &Domain) -> Result<(), Failed> {
        let account = self.account().await?;
        let mut order = account.new_order(&NewOrder::new(&[Identifier::Dns(domain.name.clone())])).await?;
        let mut tokens = Vec::new();
        let certificate = self.complete(&mut order, &mut tokens).await;
        for token in tokens {
            self.challenges.remove(&token);
        }
        let (chain, key) = certificate?;
        let checked = check(&chain, &key, &domain.name, model::time::now())
            .map_err(|problems| Failed::Other(format!("the server's certificate cannot be used: {problems:?}")))?;
        let new = NewCertificate {
            name: NAME.to_owned(),
            chain: checked.chain,
            key: checked.key,
            ordered: true,
            not_after: checked.facts.not_after,
        };
        // The name is the project's own: no other one reads of it in the audit trail.
        let (project, event) = (domain.project.clone(), "orderCertificate".to_owned());
        let actor = audit::Actor { project, event, ..audit::actor() };
        let bound = self.store.bind_certificate(&domain.project, &domain.group_id, &domain.id, new);
        Box::pin(audit::acting(actor, bound)).await?;
        Ok(())
    }

    /// The chain and its key. Every token that is answered meanwhile is put into `tokens`.
    async fn complete(
        &self,
        order: &mut Order,
        tokens: &mut Vec<String>,
    ) -> Result<(String, Zeroizing<String>), Failed> {
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization?;
            if authorization.status == AuthorizationStatus::Valid {
                continue;
            }
            let mut challenge = authorization
                .challenge(ChallengeType::Http01)
                .ok_or_else(|| Failed::Other("the server does not ask over HTTP (http-01)".to_owned()))?;
            let answer = challenge.key_authorization();
            self.challenges.put(&challenge.token, answer.as_str());
            tokens.push(challenge.token.clone());
            challenge.set_ready().await?;
        }
        let patience = RetryPolicy::new().timeout(PATIENCE);
        let status = order.poll_ready(&patience).await?;
        if status != OrderStatus::Ready {
            let text = "the server could not convince itself at http://DOMAIN/.well-known/acme-challenge/ (port 80 of the domain \
                        must lead to the gateway)";
            return Err(Failed::Other(format!("{text}: the order is {status:?}")));
        }
        let key = Zeroizing::new(order.finalize().await?);
        Ok((order.poll_certificate(&patience).await?, key))
    }

    /// The one that was made before at this server, or a new one.
    async fn account(&self) -> Result<Account, Failed> {
        if let Some(credentials) = self.kept() {
            return Ok(self.builder()?.from_credentials(credentials).await?);
        }
        let contact: Vec<&str> = self.config.contact.iter().map(String::as_str).collect();
        let new = NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
        let (account, credentials) = self.builder()?.create(&new, self.config.directory.clone(), None).await?;
        let unwritable = |error: &dyn std::fmt::Display| Failed::Other(format!("the account cannot be kept: {error}"));
        let plain = Zeroizing::new(serde_json::to_vec(&credentials).map_err(|error| unwritable(&error))?);
        let sealed = self.store.seal(&self.context(), &plain);
        std::fs::write(&self.config.account_file, sealed).map_err(|error| unwritable(&error))?; // few bytes, once
        Ok(account)
    }

    fn builder(&self) -> Result<AccountBuilder, instant_acme::Error> {
        match &self.config.ca_file {
            Some(path) => Account::builder_with_root(path),
            None => Account::builder(),
        }
    }

    fn kept(&self) -> Option<AccountCredentials> {
        let sealed = std::fs::read(&self.config.account_file).ok()?;
        let plain = Zeroizing::new(self.store.unseal(&self.context(), &sealed)?);
        serde_json::from_slice(&plain).ok()
    }

    /// An account is one server's.
    fn context(&self) -> String {
        format!("{ACCOUNT}/{}", self.config.directory)
    }
}

/// Without a certificate, or in the last third of one that was ordered here.
fn is_due(domain: &Domain, now: Timestamp) -> bool {
    if domain.name.starts_with("*.") {
        return false;
    }
    let Some(own) = &domain.certificate else { return true };
    let (life, left) = (own.not_after.duration_since(own.created), own.not_after.duration_since(now));
    own.ordered && left.saturating_mul(3) < life
}

#[cfg(test)]
mod tests {
    use store::Certificate;

    use super::*;

    #[track_caller]
    fn check(name: &str, certificate: Option<(bool, i64, i64)>, expect: bool) {
        let now: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
        let day = |days: i64| now + jiff::SignedDuration::from_hours(24 * days);
        let certificate = certificate.map(|(ordered, created, not_after)| Certificate {
            id: "c".into(),
            name: "n".into(),
            chain: Vec::new(),
            ordered,
            not_after: day(not_after),
            created: day(created),
        });
        let domain = Domain {
            id: "d".into(),
            project: "p".into(),
            group_id: "g".into(),
            name: name.into(),
            redirect: false,
            certificate,
        };
        assert_eq!(is_due(&domain, now), expect, "{domain:?}");
    }

    #[test]
    fn what_is_due_is_what_has_none_or_ends_soon_and_was_ordered_here() {
        check("a.example.com", None, true);
        check("*.example.com", None, false);
        check("a.example.com", Some((true, -10, 80)), false);
        check("a.example.com", Some((true, -61, 29)), true);
        check("a.example.com", Some((true, -100, -1)), true);
        check("a.example.com", Some((false, -89, 1)), false);
    }
}
