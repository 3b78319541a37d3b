//! Who a request says it is from, and the proof of it: an access key that signed it, permanent or temporary, or a token. The control
//! plane and the gateway ask the same [`Directory`] in the same way.

use std::sync::Arc;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use jiff::{SignedDuration, Timestamp};
use model::secret::Secret;

use crate::identity::{AccessKey, Directory, Identities, User};
use crate::policy::{self, Decision, Policy, Question};
use crate::session::Session;
use crate::signature::{self, Authorization};
use crate::token::{Claims, Subject, TemporaryKey};

const TOKEN: &str = "x-auth-token";
const SECURITY_TOKEN: &str = "x-security-token";

/// Why somebody is not known; the text says what to do and holds nothing secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// No proof, or a wrong one.
    #[error("{0}")]
    Unproven(String),
    /// It was good once.
    #[error("{0} has expired")]
    Expired(&'static str),
    /// It failed too often.
    #[error("the access key is locked after five wrong tries in a row; try again in {} s", .0.as_secs() + 1)]
    Locked(SignedDuration),
    /// This failure was one too many.
    #[error(
        "the signature or the secret key does not match; it is the fifth in a row, and the access key is locked for five minutes"
    )]
    Locks,
}

fn unproven(why: impl Into<String>) -> Denied {
    Denied::Unproven(why.into())
}

/// Who a request says it is from, before any of its body is read.
#[derive(Debug)]
pub struct Claim {
    /// Everybody when it was read.
    pub identities: Arc<Identities>,
    /// Whose rights count.
    pub subject: Subject,
    /// What its token or its temporary access key says.
    pub claims: Option<Arc<Claims>>,
    /// What its signature must match; a token needs no more proof.
    signed: Option<Signed>,
}

#[derive(Debug)]
struct Signed {
    authorization: Authorization,
    secret_key: Secret,
    permanent: bool,
}

impl Claim {
    /// Reads who sent it; `None` when it does not say.
    ///
    /// # Errors
    /// [`Denied`], but never [`Denied::Locks`].
    pub fn read(headers: &HeaderMap, directory: &Directory, now: Timestamp) -> Result<Option<Self>, Denied> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        match (headers.get(AUTHORIZATION), headers.get(TOKEN)) {
            (Some(header), _) => {
                let header = header.to_str().map_err(|_| unproven("the Authorization header is not ASCII"))?;
                let authorization = Authorization::parse(header).map_err(|error| unproven(error.to_string()))?;
                Self::key(authorization, text(SECURITY_TOKEN), directory, now).map(Some)
            }
            (None, Some(_)) => Self::token(text(TOKEN).unwrap_or_default(), directory, now).map(Some),
            (None, None) => Ok(None),
        }
    }

    fn key(
        authorization: Authorization,
        security_token: Option<&str>,
        directory: &Directory,
        now: Timestamp,
    ) -> Result<Self, Denied> {
        let identities = directory.identities();
        if let Some(left) = directory.lockout().lock().locked(&key_name(&authorization.access_key), now) {
            return Err(Denied::Locked(left));
        }
        if let Some(token) = security_token.filter(|token| !token.is_empty()) {
            let temporary = TemporaryKey::open(token, directory.key())
                .filter(|temporary| temporary.access_key == authorization.access_key)
                .ok_or_else(|| unproven("X-Security-Token is not the one of this access key"))?;
            let claims = Arc::new(temporary.claims);
            check(&identities, &claims, "the temporary access key", now)?;
            let signed = Signed { authorization, secret_key: Secret::new(temporary.secret_key), permanent: false };
            let subject = claims.subject.clone();
            return Ok(Self { identities, subject, claims: Some(claims), signed: Some(signed) });
        }
        let found = permanent(&identities, &authorization.access_key)?;
        let (subject, secret_key) = (Subject::User(found.user.clone()), found.secret_key.clone());
        let signed = Signed { authorization, secret_key, permanent: true };
        Ok(Self { identities, subject, claims: None, signed: Some(signed) })
    }

    fn token(token: &str, directory: &Directory, now: Timestamp) -> Result<Self, Denied> {
        let identities = directory.identities();
        let claims = Claims::open(token, directory.key());
        let claims = claims.ok_or_else(|| unproven("X-Auth-Token is not a token of this installation"))?;
        Self::proven(identities, claims, "the token", now)
    }

    /// The holder of a console session, both halves of which were there.
    ///
    /// # Errors
    /// [`Denied::Expired`], and [`Denied::Unproven`] when its user was changed since.
    pub fn session(session: Session, directory: &Directory, now: Timestamp) -> Result<Self, Denied> {
        Self::proven(directory.identities(), session.claims, "the console session", now)
    }

    fn proven(identities: Arc<Identities>, claims: Claims, what: &'static str, now: Timestamp) -> Result<Self, Denied> {
        check(&identities, &claims, what, now)?;
        Ok(Self { identities, subject: claims.subject.clone(), claims: Some(Arc::new(claims)), signed: None })
    }

    /// The signature it must prove; none for a token.
    pub fn authorization(&self) -> Option<&Authorization> {
        self.signed.as_ref().map(|signed| &signed.authorization)
    }

    /// The permanent access key that signed it.
    pub fn permanent_key(&self) -> Option<&str> {
        self.signed.as_ref().filter(|signed| signed.permanent).map(|signed| signed.authorization.access_key.as_str())
    }

    /// Proves it: the signature binds the head and the body.
    ///
    /// # Errors
    /// [`Denied::Unproven`], [`Denied::Locks`].
    pub fn prove(&self, request: &signature::Request<'_>, directory: &Directory, now: Timestamp) -> Result<(), Denied> {
        let Some(signed) = &self.signed else { return Ok(()) };
        let name = key_name(&signed.authorization.access_key);
        let checked = signature::verify(request, &signed.authorization, signed.secret_key.expose(), now);
        if checked == Err(signature::Error::Mismatch) && directory.lockout().lock().failed(&name, signed.permanent, now)
        {
            return Err(Denied::Locks);
        }
        checked.map_err(|error| unproven(error.to_string()))?;
        directory.lockout().lock().succeeded(&name);
        Ok(())
    }

    /// What its subject was granted in a project, or in none.
    pub fn rights(&self, project: Option<&str>) -> Rights {
        let roles = self.identities.roles_of(&self.subject, project);
        // It was checked when the token was made.
        let read = |policy| Arc::new(Policy::read(policy, &|_| true).unwrap_or_default());
        Rights {
            policies: roles.into_iter().map(|role| Arc::clone(&role.policy)).collect(),
            session: self.claims.as_ref().and_then(|claims| claims.policy.as_ref()).map(read),
        }
    }
}

fn check(identities: &Identities, claims: &Claims, what: &'static str, now: Timestamp) -> Result<(), Denied> {
    if now >= claims.expires {
        return Err(Denied::Expired(what));
    }
    if identities.stands_behind(claims, now) {
        return Ok(());
    }
    Err(unproven(format!("{what} was revoked: its user or agency was changed, disabled or deleted since")))
}

/// The permanent access key with this name, if it and its user are enabled.
fn permanent<'a>(identities: &'a Identities, access_key: &str) -> Result<&'a AccessKey, Denied> {
    let shown: String = access_key.chars().take(80).flat_map(char::escape_debug).collect();
    let Some(found) = identities.access_keys.get(access_key) else {
        return Err(unproven(format!(
            "there is no access key '{shown}' (a temporary one needs its X-Security-Token); `funcd credentials` shows the right one"
        )));
    };
    if !found.active || !identities.users.get(&found.user).is_some_and(|user| user.enabled) {
        return Err(unproven(format!("access key '{shown}' or its user is disabled")));
    }
    if !identities.users.get(&found.user).is_some_and(|user| identities.by_programs(user)) {
        let why = "belongs to a user who may use the console only (access_mode console)";
        return Err(unproven(format!("access key '{shown}' {why}")));
    }
    Ok(found)
}

/// The user whose access key and secret key these are: who sends both needs no signature. Wrong tries lock the key as wrong signatures
/// do.
///
/// # Errors
/// [`Denied`], but never [`Denied::Expired`].
pub fn by_secret(access_key: &str, secret_key: &str, directory: &Directory, now: Timestamp) -> Result<User, Denied> {
    let name = key_name(access_key);
    if let Some(left) = directory.lockout().lock().locked(&name, now) {
        return Err(Denied::Locked(left));
    }
    let identities = directory.identities();
    let found = permanent(&identities, access_key)?;
    if !crate::password::same(secret_key, found.secret_key.expose()) {
        let locks = directory.lockout().lock().failed(&name, true, now);
        let why = || unproven("the secret key is not the one of the access key");
        return Err(if locks { Denied::Locks } else { why() });
    }
    directory.lockout().lock().succeeded(&name);
    identities.users.get(&found.user).cloned().ok_or_else(|| unproven("the user of the access key is gone"))
}

/// Access keys and users are locked apart from each other.
pub fn key_name(access_key: &str) -> String {
    format!("key {access_key}")
}

/// What somebody may do.
#[derive(Clone, Debug, Default)]
pub struct Rights {
    /// What was granted.
    pub policies: Vec<Arc<Policy>>,
    /// What limits a token further.
    pub session: Option<Arc<Policy>>,
}

impl Rights {
    /// Whether it is allowed: both what was granted and what limits the token must say so.
    pub fn allow(&self, action: &str, resource: &str) -> bool {
        self.allow_named(action, &[resource], &[])
    }

    /// Whether it is allowed on what a request names: something must allow it on one of `things`, each of which is the whole matter or a
    /// part of the one before; nothing may deny it on any of them, nor on what is `concerned` beside them.
    pub fn allow_named<S: AsRef<str>>(&self, action: &str, things: &[S], concerned: &[S]) -> bool {
        let granted: Vec<&Policy> = self.policies.iter().map(AsRef::as_ref).collect();
        let allowed = |policies: &[&Policy]| {
            let decide = |resource: &S| {
                policy::decide(policies.iter().copied(), Question { action, resource: resource.as_ref() })
            };
            let denied = things.iter().chain(concerned).any(|resource| decide(resource) == Decision::Denied);
            !denied && things.iter().any(|resource| decide(resource) == Decision::Allowed)
        };
        allowed(&granted) && self.session.as_deref().is_none_or(|session| allowed(&[session]))
    }

    /// Whether anything may allow the action, on whatever resource.
    pub fn may_allow(&self, action: &str) -> bool {
        let limited = self.session.as_deref().is_none_or(|session| policy::may_allow([session], action));
        policy::may_allow(self.policies.iter().map(AsRef::as_ref), action) && limited
    }
}
