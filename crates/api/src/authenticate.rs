//! Who sent a request: an access key that signed it, permanent or temporary, or a token.

use std::sync::Arc;

use auth::policy::Policy as Rights;
use auth::signature::{Authorization, verify};
use auth::token::{Claims, Scope, Subject, TemporaryKey};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use jiff::{SignedDuration, Timestamp};
use model::secret::Secret;
use store::identity::Identities;
use wire::codes;

use crate::actions::Rule;
use crate::body;
use crate::caller::Caller;
use crate::error::Error;
use crate::problems::quoted;
use crate::state::State;

pub(crate) const TOKEN: &str = "x-auth-token";
const SECURITY_TOKEN: &str = "x-security-token";
const CONTENT_SHA256: &str = "x-sdk-content-sha256";
const PROJECT: &str = "x-project-id";
const DOMAIN: &str = "x-domain-id";

/// Who a request says it is from, before any of its body is read.
#[derive(Debug)]
pub(crate) struct Claim {
    identities: Arc<Identities>,
    subject: Subject,
    claims: Option<Arc<Claims>>,
    /// What its signature must match; a token needs no more proof.
    signed: Option<Signed>,
}

#[derive(Debug)]
struct Signed {
    authorization: Authorization,
    secret_key: Secret,
    permanent: bool,
}

/// Reads who sent it; `None` when it does not say.
pub(crate) fn claim(headers: &HeaderMap, state: &State) -> Result<Option<Claim>, Error> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (headers.get(AUTHORIZATION), headers.get(TOKEN)) {
        (Some(header), _) => {
            let header = header.to_str().map_err(|_| unauthenticated("the Authorization header is not ASCII"))?;
            let authorization = Authorization::parse(header).map_err(|error| unauthenticated(&error.to_string()))?;
            key(authorization, text(SECURITY_TOKEN), state).map(Some)
        }
        (None, Some(_)) => token(text(TOKEN).unwrap_or_default(), state).map(Some),
        (None, None) => Ok(None),
    }
}

fn key(authorization: Authorization, security_token: Option<&str>, state: &State) -> Result<Claim, Error> {
    let (now, identities) = (model::time::now(), state.store.identities());
    if let Some(left) = state.lockout.lock().locked(&key_name(&authorization.access_key), now) {
        return Err(locked("the access key is", left));
    }
    if let Some(token) = security_token.filter(|token| !token.is_empty()) {
        let temporary = TemporaryKey::open(token, state.store.token_key())
            .filter(|temporary| temporary.access_key == authorization.access_key)
            .ok_or_else(|| unauthenticated("X-Security-Token is not the one of this access key"))?;
        let claims = Arc::new(temporary.claims);
        check_claims(&identities, &claims, "the temporary access key", now)?;
        let signed = Signed { authorization, secret_key: Secret::new(temporary.secret_key), permanent: false };
        return Ok(Claim { identities, subject: claims.subject.clone(), claims: Some(claims), signed: Some(signed) });
    }
    let shown = quoted(&authorization.access_key);
    let Some(found) = identities.access_keys.get(&authorization.access_key) else {
        return Err(unauthenticated(&format!(
            "there is no access key {shown} (a temporary one needs its X-Security-Token); `funcd credentials` shows the right one"
        )));
    };
    if !found.active || !identities.users.get(&found.user).is_some_and(|user| user.enabled) {
        return Err(unauthenticated(&format!("access key {shown} or its user is disabled")));
    }
    let (subject, secret_key) = (Subject::User(found.user.clone()), found.secret_key.clone());
    let signed = Signed { authorization, secret_key, permanent: true };
    Ok(Claim { identities, subject, claims: None, signed: Some(signed) })
}

fn token(token: &str, state: &State) -> Result<Claim, Error> {
    let identities = state.store.identities();
    let claims = Claims::open(token, state.store.token_key())
        .ok_or_else(|| unauthenticated("X-Auth-Token is not a token of this installation"))?;
    check_claims(&identities, &claims, "the token", model::time::now())?;
    Ok(Claim { identities, subject: claims.subject.clone(), claims: Some(Arc::new(claims)), signed: None })
}

fn check_claims(identities: &Identities, claims: &Claims, what: &str, now: Timestamp) -> Result<(), Error> {
    if now >= claims.expires {
        return Err(Error::new(
            codes::EXPIRED,
            format!("incorrect IAM authentication information: {what} has expired"),
        ));
    }
    if identities.stands_behind(claims, now) {
        return Ok(());
    }
    Err(unauthenticated(&format!("{what} was revoked: its user or agency was changed, disabled or deleted since")))
}

/// Access keys and users are locked apart from each other.
pub(crate) fn key_name(access_key: &str) -> String {
    format!("key {access_key}")
}

/// The other of the two.
pub(crate) fn login_key(name: &str) -> String {
    format!("user {name}")
}

/// The refusal that is one too many.
pub(crate) fn locks(what: &str, whose: &str) -> Error {
    unauthenticated(&format!(
        "the {what} does not match; it is the fifth in a row, and {whose} is locked for five minutes"
    ))
}

/// The refusal of who failed too often.
pub(crate) fn locked(what: &str, left: SignedDuration) -> Error {
    let after = left.unsigned_abs();
    let text = format!("{what} locked after five wrong tries in a row; try again in {} s", after.as_secs() + 1);
    unauthenticated(&text).retry_after(after)
}

impl Claim {
    /// Proves it: the signature binds the head and the body, whose SHA-256 this is.
    pub(crate) fn prove(&self, parts: &Parts, sha256: &str, state: &State) -> Result<(), Error> {
        let Some(signed) = &self.signed else { return Ok(()) };
        let headers: Vec<(&str, &[u8])> =
            parts.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let request = auth::signature::Request {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or_default(),
            headers: &headers,
            body_sha256: sha256,
        };
        let (now, access_key) = (model::time::now(), &signed.authorization.access_key);
        let checked = verify(&request, &signed.authorization, signed.secret_key.expose(), now);
        if checked == Err(auth::signature::Error::Mismatch) {
            let locked = state.lockout.lock().failed(&key_name(access_key), signed.permanent, now);
            if locked {
                tracing::warn!(access_key, "api.access_key_locked");
                state.attempts.lock().locks(&key_name(access_key));
                return Err(locks("signature", "the access key"));
            }
        }
        checked.map_err(|error| unauthenticated(&error.to_string()))?;
        state.lockout.lock().succeeded(&key_name(access_key));
        let unbound = parts.headers.get_all(CONTENT_SHA256).iter().any(|value| value == "UNSIGNED-PAYLOAD");
        if unbound && sha256 != body::EMPTY_SHA256 {
            return Err(unauthenticated(
                "the body is not part of the signature (UNSIGNED-PAYLOAD), and every body here must be",
            ));
        }
        if signed.permanent {
            state.store.note_use(access_key, now);
        }
        Ok(())
    }

    /// The caller, once proven: where they act, and what they were granted there.
    pub(crate) fn into_caller(self, parts: &Parts, rule: Rule, state: &State) -> Result<Caller, Error> {
        let named = project_of(parts.uri.path());
        self.check_headers(parts, named)?;
        let project = match named {
            Some(named) => Some(self.project(named, state)?),
            None => None,
        };
        let scoped = self.claims.as_ref().and_then(|claims| match &claims.scope {
            Scope::Project(project) => Some(project.clone()),
            Scope::Domain | Scope::Everywhere => None,
        });
        let identities = &self.identities;
        let roles = identities.roles_of(&self.subject, project.as_deref());
        let policies = roles.into_iter().map(|role| Arc::clone(&role.policy)).collect();
        // It was checked when the token was made.
        let read = |policy| Arc::new(Rights::read(policy, &|_| true).unwrap_or_default());
        let session = self.claims.as_ref().and_then(|claims| claims.policy.as_ref()).map(read);
        Ok(Caller {
            project: project.or(scoped).unwrap_or_else(|| state.store.project().to_owned()),
            domain: identities.domain.clone(),
            name: name(identities, &self.subject),
            access_key: self.signed.map(|signed| signed.authorization.access_key),
            action: rule.action,
            region: state.store.region().to_owned(),
            policies,
            session,
            subject: self.subject,
            claims: self.claims,
        })
    }

    /// The path decides the project; `X-Project-Id` and `X-Domain-Id`, often unsigned, may only agree.
    fn check_headers(&self, parts: &Parts, named: Option<&str>) -> Result<(), Error> {
        let differs =
            |name, own: &str| parts.headers.get(name).is_some_and(|header| header.as_bytes() != own.as_bytes());
        if let Some(named) = named.filter(|named| differs(PROJECT, named)) {
            let text = format!("X-Project-Id is not the project {} of the path", quoted(named));
            return Err(Error::new(codes::FORBIDDEN, text));
        }
        if differs(DOMAIN, &self.identities.domain.id) {
            let text = format!("X-Domain-Id is not the domain of this installation, {}", self.identities.domain.id);
            return Err(Error::new(codes::FORBIDDEN, text));
        }
        Ok(())
    }

    /// The project of the path, if it is there, may be used, and is one that the caller was granted anything in. A project that is not
    /// there and one of others are the same to them.
    fn project(&self, named: &str, state: &State) -> Result<String, Error> {
        let forbidden = |why: &str| Error::new(codes::FORBIDDEN, format!("project {} {why}", quoted(named)));
        match self.claims.as_ref().map(|claims| &claims.scope) {
            Some(Scope::Domain) => {
                let why = "cannot be used with a token of the domain: ask for one with scope.project";
                return Err(forbidden(why));
            }
            Some(Scope::Project(own)) if own != named => return Err(forbidden("is not the one the token is for")),
            _ => {}
        }
        let project = self.identities.projects.get(named);
        let project = project.filter(|project| !self.identities.roles_of(&self.subject, Some(&project.id)).is_empty());
        match project {
            None => Err(forbidden(&format!(
                "is none that the caller may act in; the first one here is named '{}'",
                state.store.region()
            ))),
            Some(project) if !project.enabled => Err(forbidden("is suspended")),
            Some(project) => Ok(project.id.clone()),
        }
    }
}

/// The name of a user or an agency.
pub(crate) fn name(identities: &Identities, subject: &Subject) -> String {
    let name = match subject {
        Subject::User(id) => identities.users.get(id).map(|user| &user.name),
        Subject::Agency(id) => identities.agencies.get(id).map(|agency| &agency.name),
    };
    name.cloned().unwrap_or_default()
}

/// The refusal of who is not known.
pub(crate) fn unauthenticated(why: &str) -> Error {
    Error::new(codes::UNAUTHENTICATED, format!("incorrect IAM authentication information: {why}"))
}

/// The project a path names: all of `/v2`, and the audit trail, which is the only one below `/v3` that belongs to a project.
fn project_of(path: &str) -> Option<&str> {
    let traces = || path.strip_prefix("/v3/")?.strip_suffix("/traces").filter(|project| !project.contains('/'));
    path.strip_prefix("/v2/").and_then(|rest| rest.split('/').next()).or_else(traces)
}
