//! Every failure of the API, and the one place where failures of the crates below become the vendor's codes.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use wire::codes::{self, Code};

use crate::problems::Problems;

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a request is refused or failed.
#[derive(Debug)]
pub(crate) struct Error(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    code: Code,
    message: String,
    retry_after: Option<Duration>,
    headers: HeaderMap,
    /// For the operator's log only.
    cause: Option<std::sync::Arc<Cause>>,
}

impl Error {
    /// An error with a message for the caller.
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        let message = message.into();
        Self(Box::new(Inner { code, message, retry_after: None, headers: HeaderMap::new(), cause: None }))
    }

    /// A failure of ours: the caller learns that, the log learns why.
    pub(crate) fn internal(cause: impl Into<Cause>) -> Self {
        let mut error = Self::new(codes::INTERNAL, "internal error; funcd's log has the cause under this request's id");
        error.0.cause = Some(std::sync::Arc::new(cause.into()));
        error
    }

    /// With the time after which to try again.
    pub(crate) fn retry_after(mut self, after: Duration) -> Self {
        self.0.retry_after = Some(after);
        self
    }

    /// With headers beside the error.
    pub(crate) fn headers(mut self, headers: HeaderMap) -> Self {
        self.0.headers.extend(headers);
        self
    }

    /// The code.
    pub(crate) fn code(&self) -> Code {
        self.0.code
    }

    /// The caller's message.
    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    /// The cause and its own causes, for the log.
    pub(crate) fn chain(&self) -> Option<String> {
        let cause = self.0.cause.as_deref()?;
        let mut text = cause.to_string();
        let mut next = cause.source();
        while let Some(cause) = next {
            text = format!("{text}: {cause}");
            next = cause.source();
        }
        Some(text)
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.0.code.text, self.0.message)
    }
}

/// The failure travels in the response's extensions; [`crate::answer`] writes it, as it knows the request.
#[derive(Clone, Debug)]
pub(crate) struct Failure(Inner);

impl Failure {
    /// The error again.
    pub(crate) fn into_error(self) -> Error {
        Error(Box::new(self.0))
    }
}

impl IntoResponse for Error {
    fn into_response(mut self) -> Response {
        let status = StatusCode::from_u16(self.0.code.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        *response.headers_mut() = std::mem::take(&mut self.0.headers);
        if let Some(after) = self.0.retry_after {
            let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
            response.headers_mut().insert(http::header::RETRY_AFTER, seconds.max(1).into());
        }
        response.extensions_mut().insert(Failure(*self.0));
        response
    }
}

impl From<model::Error> for Error {
    /// The caller of the control plane is the function's owner, so the detail is for them too.
    fn from(error: model::Error) -> Self {
        let code = Code { text: error.kind.code(), status: error.kind.status() };
        let message = match error.detail {
            Some(detail) => format!("{}: {detail}", error.message),
            None => error.message,
        };
        let answer = Self::new(code, message);
        match error.retry_after {
            Some(after) => answer.retry_after(after),
            None => answer,
        }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        let text = error.to_string();
        match error {
            store::Error::FunctionMissing(_) => Self::new(codes::FUNCTION_MISSING, text),
            store::Error::FunctionExists(_) => Self::new(codes::FUNCTION_EXISTS, text),
            store::Error::VersionMissing(_) => Self::new(codes::VERSION_MISSING, text),
            store::Error::VersionExists(_) => Self::new(codes::VERSION_EXISTS, text),
            store::Error::Unchanged(_) => Self::new(codes::UNCHANGED, text),
            store::Error::VersionInUse { .. } => Self::new(codes::VERSION_IN_USE, text),
            store::Error::ReservedElsewhere(_) => Self::new(codes::INVALID, text),
            store::Error::AliasMissing(_) => Self::new(codes::ALIAS_MISSING, text),
            store::Error::AliasExists(_) => Self::new(codes::ALIAS_EXISTS, text),
            store::Error::VersionAliased { .. } => Self::new(codes::VERSION_ALIASED, text),
            store::Error::AliasTriggers { .. } => Self::new(codes::ALIAS_TRIGGERS, text),
            store::Error::TriggerMissing(_) => Self::new(codes::APIG_MISSING, text),
            store::Error::TriggerExists(_) => Self::new(codes::PATH_EXISTS, text),
            store::Error::Apig(what, _) => Self::new(apig(what), text),
            store::Error::DependencyMissing(_) => Self::new(codes::DEPENDENCY_MISSING, text),
            store::Error::DependencyExists(_) => Self::new(codes::DEPENDENCY_EXISTS, text),
            store::Error::DependencyInUse(_) => Self::new(codes::DEPENDENCY_IN_USE, text),
            store::Error::EventMissing(_) => Self::new(codes::EVENT_MISSING, text),
            store::Error::EventExists(_) => Self::new(codes::EVENT_EXISTS, text),
            store::Error::IdentityMissing(_) => Self::new(codes::IAM_MISSING, text),
            store::Error::IdentityConflict(_) => Self::new(codes::IAM_CONFLICT, text),
            store::Error::IdentityProtected(_) => Self::new(codes::IAM_FORBIDDEN, text),
            store::Error::PolicyMissing { what, .. } => Self::new(policy_missing(what), text),
            store::Error::PolicyExists { what, .. } => Self::new(policy_exists(what), text),
            store::Error::PolicyInUse { .. } => Self::new(codes::policies::UNCHANGEABLE, text),
            store::Error::PolicyRefused(_) => Self::new(codes::apig::PARAMETER, text),
            store::Error::DomainMissing(_) => Self::new(codes::apig::DOMAIN_MISSING, text),
            store::Error::DomainTaken(_) => Self::new(codes::apig::PARAMETER, text),
            store::Error::CallerMissing { what, .. } => Self::new(caller_missing(what), text),
            store::Error::NameTaken(_) => Self::new(codes::apig::APP_EXISTS, text),
            store::Error::Quota { what, .. } => Self::new(quota(what), text),
            store::Error::Package(problems) => package(problems),
            store::Error::PackageTooLarge { .. } => Self::new(codes::PACKAGE_TOO_LARGE, text),
            store::Error::DiskFull => {
                Self::new(codes::UNAVAILABLE, format!("{text}; free some and send the request again"))
            }
            store::Error::Internal { .. } => Self::internal(error),
        }
    }
}

fn apig(what: store::apig::What) -> Code {
    use codes::apig;
    use store::apig::What;

    match what {
        What::GroupMissing => apig::GROUP_MISSING,
        What::ApiMissing => apig::API_MISSING,
        What::EnvironmentMissing => apig::ENVIRONMENT_MISSING,
        What::VariableMissing => apig::VARIABLE_MISSING,
        What::VersionMissing => apig::VERSION_MISSING,
        What::PublicationMissing => apig::PUBLICATION_MISSING,
        What::GroupExists => apig::GROUP_EXISTS,
        What::NameExists => apig::NAME_EXISTS,
        What::EnvironmentExists => apig::ENVIRONMENT_EXISTS,
        What::VariableExists => apig::PARAMETER_EXISTS,
        What::ApiExists => apig::API_EXISTS,
        What::GroupInUse => apig::GROUP_IN_USE,
        What::EnvironmentInUse => apig::ENVIRONMENT_IN_USE,
        What::ApiPublished => apig::API_PUBLISHED,
        What::GroupQuota => apig::GROUP_QUOTA,
        What::ApiQuota => apig::API_QUOTA,
        What::EnvironmentQuota => apig::ENVIRONMENT_QUOTA,
        What::VariableQuota => apig::VARIABLE_QUOTA,
        What::Protected | What::Unpublishable => apig::PARAMETER,
    }
}

fn caller_missing(what: &str) -> Code {
    match what {
        "app" => codes::apig::APP_MISSING,
        "app authorization" => codes::apig::APP_AUTH_MISSING,
        "signature key" => codes::apig::SIGNATURE_MISSING,
        "signature key binding" => codes::apig::SIGNATURE_BINDING_MISSING,
        _ => codes::apig::CONFIGURATION_MISSING,
    }
}

fn policy_missing(what: &str) -> Code {
    use store::policy::{ACL_BINDING, PLUGIN, PLUGIN_BINDING, PUBLICATION, SPECIAL, THROTTLE, THROTTLE_BINDING};
    match what {
        THROTTLE => codes::policies::THROTTLE_MISSING,
        THROTTLE_BINDING => codes::policies::THROTTLE_BINDING_MISSING,
        SPECIAL => codes::policies::SPECIAL_MISSING,
        ACL_BINDING => codes::policies::ACL_BINDING_MISSING,
        PLUGIN | PLUGIN_BINDING => codes::policies::PLUGIN_MISSING,
        PUBLICATION => codes::policies::PUBLICATION_MISSING,
        _ => codes::policies::CONFIGURATION_MISSING,
    }
}

fn policy_exists(what: &str) -> Code {
    match what {
        store::policy::THROTTLE => codes::policies::THROTTLE_EXISTS,
        store::policy::ACL => codes::policies::ACL_EXISTS,
        store::policy::SPECIAL => codes::policies::SPECIAL_EXISTS,
        _ => codes::apig::PARAMETER,
    }
}

fn quota(what: &str) -> Code {
    use store::quota::{ACLS, PLUGINS, RESPONSES, SPECIALS, THROTTLES};
    match what {
        THROTTLES | SPECIALS | ACLS | PLUGINS | RESPONSES => codes::policies::QUOTA,
        store::quota::FUNCTIONS => codes::FUNCTION_QUOTA,
        store::quota::DOMAINS => codes::apig::DOMAIN_QUOTA,
        store::quota::APPS => codes::apig::APP_QUOTA,
        store::quota::APP_CODES | store::quota::AUTHORIZERS => codes::apig::QUOTA,
        store::quota::CODE => codes::CODE_QUOTA,
        store::quota::DEPENDENCIES => codes::DEPENDENCY,
        store::quota::EVENTS => codes::EVENT_QUOTA,
        store::quota::TAGS => codes::INVALID,
        store::quota::ALIASES => codes::ALIAS_QUOTA,
        store::quota::VERSIONS => codes::FORBIDDEN,
        _ => codes::TRIGGER_QUOTA,
    }
}

fn package(texts: Vec<String>) -> Error {
    let mut problems = Problems::default();
    for text in texts {
        problems.add(codes::CODE, text);
    }
    match problems.finish() {
        Err(error) => error,
        Ok(()) => Error::new(codes::CODE, "the package is refused"),
    }
}

impl From<runtimes::Error> for Error {
    fn from(error: runtimes::Error) -> Self {
        let text = error.to_string();
        match error {
            runtimes::Error::Unknown { .. } => Self::new(codes::RUNTIME, text),
            runtimes::Error::Install { remedy, .. } => Self::new(codes::FAILED_DEPENDENCY, format!("{text}; {remedy}")),
            runtimes::Error::Io { .. } => Self::internal(error),
        }
    }
}

impl From<telemetry::Error> for Error {
    fn from(error: telemetry::Error) -> Self {
        Self::internal(error)
    }
}

impl From<tokio::task::JoinError> for Error {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::internal(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(error: impl Into<Error>, expect: (u16, &str, &str)) {
        let error = error.into();
        assert_eq!((error.code().status, error.code().text, error.message()), expect);
    }

    #[test]
    fn failures_below_become_the_vendors_codes() {
        check(store::Error::FunctionMissing("urn".into()), (404, "FSS.1051", "no function urn"));
        check(
            store::Error::Quota { what: store::quota::FUNCTIONS, limit: 400 },
            (403, "FSS.1041", "at most 400 functions in a project"),
        );
        check(
            store::Error::Package(vec!["no bootstrap".into(), "CRLF".into()]),
            (400, "FSS.1011", "FSS.1011 no bootstrap; FSS.1011 CRLF"),
        );
        let out = model::Error::new(model::Kind::ExitedAtStart).message("it ended").detail("exit code 3");
        check(out, (502, "FSS.0502", "it ended: exit code 3"));
    }

    #[test]
    fn the_cause_of_an_internal_failure_stays_here() {
        let source = std::io::Error::other("/secret/path").into();
        let error: Error = store::Error::Internal { what: "cannot write".into(), source }.into();
        assert!(!error.message().contains("secret"));
        assert_eq!(error.chain().unwrap(), "cannot write: /secret/path");
    }
}
