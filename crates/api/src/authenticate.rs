//! Who sent a request: an access key that signed it, permanent or temporary, a token, or a session of the web console.

use auth::claim::Denied;
pub(crate) use auth::claim::key_name;
use auth::token::Scope;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use jiff::SignedDuration;
use wire::codes;

use crate::actions::Rule;
use crate::body;
use crate::caller::Caller;
use crate::error::Error;
use crate::problems::quoted;
use crate::session;
use crate::state::State;

pub(crate) const TOKEN: &str = "x-auth-token";
const CONTENT_SHA256: &str = "x-sdk-content-sha256";
const PROJECT: &str = "x-project-id";
const DOMAIN: &str = "x-domain-id";

/// Who a request says it is from, before any of its body is read.
#[derive(Debug)]
pub(crate) struct Claim(auth::claim::Claim);

/// Reads who sent it; `None` when it does not say.
pub(crate) fn claim(headers: &HeaderMap, state: &State) -> Result<Option<Claim>, Error> {
    let (directory, now) = (state.store.directory(), model::time::now());
    let otherwise = headers.contains_key(AUTHORIZATION) || headers.contains_key(TOKEN);
    let claim = match session::is_named(headers) && !otherwise {
        true => auth::claim::Claim::session(session::find(headers, state)?, &directory, now).map(Some),
        false => auth::claim::Claim::read(headers, &directory, now),
    };
    Ok(claim.map_err(denied)?.map(Claim))
}

/// The refusal of who could not prove it.
fn denied(why: Denied) -> Error {
    match &why {
        Denied::Expired(_) => Error::new(codes::EXPIRED, format!("incorrect IAM authentication information: {why}")),
        Denied::Locked(left) => locked("the access key is", *left),
        Denied::Unproven(_) | Denied::Locks => unauthenticated(&why.to_string()),
    }
}

/// The other of the two.
pub(crate) fn login_key(name: &str) -> String {
    format!("user {name}")
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
        let Some(authorization) = self.0.authorization() else { return Ok(()) };
        let headers: Vec<(&str, &[u8])> =
            parts.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let request = auth::signature::Request {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or_default(),
            headers: &headers,
            body_sha256: sha256,
        };
        let (now, access_key) = (model::time::now(), &authorization.access_key);
        let proven = self.0.prove(&request, &state.store.directory(), now);
        if proven == Err(Denied::Locks) {
            tracing::warn!(access_key, "api.access_key_locked");
            state.attempts.lock().locks(&key_name(access_key));
        }
        proven.map_err(denied)?;
        let unbound = parts.headers.get_all(CONTENT_SHA256).iter().any(|value| value == "UNSIGNED-PAYLOAD");
        if unbound && sha256 != body::EMPTY_SHA256 {
            return Err(unauthenticated(
                "the body is not part of the signature (UNSIGNED-PAYLOAD), and every body here must be",
            ));
        }
        if let Some(access_key) = self.0.permanent_key() {
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
        let claim = self.0;
        let scoped = claim.claims.as_ref().and_then(|claims| match &claims.scope {
            Scope::Project(project) => Some(project.clone()),
            Scope::Domain | Scope::Everywhere => None,
        });
        Ok(Caller {
            rights: claim.rights(project.as_deref()),
            project: project.or(scoped).unwrap_or_else(|| state.store.project().to_owned()),
            domain: claim.identities.domain.clone(),
            name: claim.identities.name_of(&claim.subject).to_owned(),
            access_key: claim.authorization().map(|authorization| authorization.access_key.clone()),
            action: rule.action,
            region: state.store.region().to_owned(),
            subject: claim.subject,
            claims: claim.claims,
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
        if differs(DOMAIN, &self.0.identities.domain.id) {
            let text = format!("X-Domain-Id is not the domain of this installation, {}", self.0.identities.domain.id);
            return Err(Error::new(codes::FORBIDDEN, text));
        }
        Ok(())
    }

    /// The project of the path, if it is there, may be used, and is one that the caller was granted anything in. A project that is not
    /// there and one of others are the same to them.
    fn project(&self, named: &str, state: &State) -> Result<String, Error> {
        let forbidden = |why: &str| Error::new(codes::FORBIDDEN, format!("project {} {why}", quoted(named)));
        match self.0.claims.as_ref().map(|claims| &claims.scope) {
            Some(Scope::Domain) => {
                let why = "cannot be used with a token of the domain: ask for one with scope.project";
                return Err(forbidden(why));
            }
            Some(Scope::Project(own)) if own != named => return Err(forbidden("is not the one the token is for")),
            _ => {}
        }
        let project = self.0.identities.projects.get(named);
        let project =
            project.filter(|project| !self.0.identities.roles_of(&self.0.subject, Some(&project.id)).is_empty());
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

/// The refusal of who is not known.
pub(crate) fn unauthenticated(why: &str) -> Error {
    Error::new(codes::UNAUTHENTICATED, format!("incorrect IAM authentication information: {why}"))
}

/// The project a path names: all of `/v2`, and the audit trail, which is the only one below `/v3` that belongs to a project.
fn project_of(path: &str) -> Option<&str> {
    let traces = || path.strip_prefix("/v3/")?.strip_suffix("/traces").filter(|project| !project.contains('/'));
    path.strip_prefix("/v2/").and_then(|rest| rest.split('/').next()).or_else(traces)
}
