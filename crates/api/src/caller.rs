//! Who sent a request, proven, and what they may do.

use std::sync::Arc;

use auth::claim::Rights;
use auth::token::{Claims, Subject};
use axum::extract::FromRequestParts;
use http::request::Parts;
use model::urn::FunctionId;
use store::identity::Domain;
use wire::codes::{self, Code};

use crate::authorize::{Named, Resource};
use crate::error::Error;

/// Who sent the request, proven.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The project the request acts in: the one in its path; where the path has none, the one its token is for, or the first one.
    pub(crate) project: String,
    /// The account everything here belongs to.
    pub(crate) domain: Domain,
    /// Whose rights count.
    pub(crate) subject: Subject,
    /// The name of that user or agency.
    pub(crate) name: String,
    /// The access key that signed it, permanent or temporary.
    pub(crate) access_key: Option<String>,
    /// What its token or its temporary access key says.
    pub(crate) claims: Option<Arc<Claims>>,
    /// The action of the operation it asks for.
    pub(crate) action: &'static str,
    /// Region of this installation.
    pub(crate) region: String,
    /// What it may do here.
    pub(crate) rights: Rights,
}

impl Caller {
    /// Id of the user, or of the agency.
    pub(crate) fn id(&self) -> &str {
        match &self.subject {
            Subject::User(id) | Subject::Agency(id) => id,
        }
    }

    /// Whether this is the user with this id.
    pub(crate) fn is_user(&self, id: &str) -> bool {
        matches!(&self.subject, Subject::User(own) if own == id)
    }

    /// Whether the caller may do `action` on `resource`: both what was granted and what limits the token must say so.
    pub(crate) fn may(&self, action: &str, resource: &str) -> bool {
        self.rights.allow(action, resource)
    }

    /// Whether anything may allow `action`, on whatever resource.
    pub(crate) fn may_on_something(&self, action: &str) -> bool {
        self.rights.may_allow(action)
    }

    /// The operation's own action on a resource of the domain, such as `function` `default/web`.
    pub(crate) fn check(&self, kind: &str, path: &str) -> Result<(), Error> {
        self.check_action(self.action, kind, path)
    }

    /// Another action on a resource of the domain.
    pub(crate) fn check_action(&self, action: &str, kind: &str, path: &str) -> Result<(), Error> {
        let resource = self.resource(action, kind, path);
        if self.may(action, &resource) { Ok(()) } else { Err(self.not_allowed(action, &resource)) }
    }

    /// The operation's own action on what its path names.
    pub(crate) fn check_named(&self, named: &Named) -> Result<(), Error> {
        let resource = |one: &Resource| self.resource(self.action, &one.kind, &one.path);
        let things: Vec<String> = named.things.iter().map(resource).collect();
        let concerned: Vec<String> = named.concerned.iter().map(resource).collect();
        match self.rights.allow_named(self.action, &things, &concerned) {
            true => Ok(()),
            false => Err(self.not_allowed(self.action, things.last().map_or("", String::as_str))),
        }
    }

    /// The operation's own action on a function that is named in its body.
    pub(crate) fn check_function(&self, id: &FunctionId) -> Result<(), Error> {
        self.check("function", &format!("{}/{}", id.package, id.name))
    }

    /// As policies write it: `FUNCTIONGRAPH:<region>:<domain>:<type>:<path>`.
    pub(crate) fn resource(&self, action: &str, kind: &str, path: &str) -> String {
        let service = action.split(':').next().unwrap_or_default().to_ascii_uppercase();
        format!("{service}:{}:{}:{kind}:{path}", self.region, self.domain.id)
    }

    /// The refusal, which names the action.
    pub(crate) fn not_allowed(&self, action: &str, resource: &str) -> Error {
        let what = if matches!(self.subject, Subject::User(_)) { "user" } else { "agency" };
        let name = crate::problems::quoted(&self.name);
        Error::new(
            forbidden(action),
            format!(
                "policy doesn't allow {action} to be performed by {what} {name} on {}",
                crate::problems::quoted(resource)
            ),
        )
    }
}

fn forbidden(action: &str) -> Code {
    if action.starts_with("iam:") { codes::IAM_FORBIDDEN } else { codes::FORBIDDEN }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| Error::new(codes::UNAUTHENTICATED, "the request is not signed and has no token"))
    }
}

/// The caller, if they said who they are.
#[derive(Clone, Debug)]
pub(crate) struct Perhaps(pub(crate) Option<Caller>);

impl<S: Sync> FromRequestParts<S> for Perhaps {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Ok(Self(parts.extensions.get::<Caller>().cloned()))
    }
}

#[cfg(test)]
impl Caller {
    /// Somebody of this project who may do nothing.
    pub(crate) fn of(project: &str) -> Self {
        Self {
            project: project.to_owned(),
            domain: Domain { id: "d0".to_owned(), name: "funcd".to_owned() },
            subject: Subject::User("u0".to_owned()),
            name: "somebody".to_owned(),
            access_key: None,
            claims: None,
            action: "functiongraph:function:list",
            region: "local-1".to_owned(),
            rights: Rights::default(),
        }
    }
}
