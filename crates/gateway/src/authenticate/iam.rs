//! IAM authentication: a token (`X-Auth-Token`), or a request signed with a user's access key; checked as the control plane checks
//! its own requests. A policy must allow `functiongraph:function:invoke` on the function that the API calls, in the API's project.

use std::sync::Arc;

use auth::claim::{Claim, Denied};
use auth::signature;
use auth::token::{Scope, Subject};
use http::header::AUTHORIZATION;
use http::{HeaderName, Request};
use model::apig::ApiRef;
use model::function::Version;
use model::invoke;

use super::body::{self, Broken};
use super::{Admitted, Refusal, one, remove_signature, say};
use crate::caller::{Caller, Named};
use crate::failure::Failure;
use crate::request::Asked;

const TOKEN: HeaderName = HeaderName::from_static("x-auth-token");
const SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-security-token");
const USER_ID: HeaderName = HeaderName::from_static("x-apig-user-id");
const USER_NAME: HeaderName = HeaderName::from_static("x-apig-user-name");
const DOMAIN_ID: HeaderName = HeaderName::from_static("x-apig-domain-id");
/// What calling a function is, in policies.
const ACTION: &str = "functiongraph:function:invoke";

pub(super) async fn check(
    asked: &Asked,
    (api, version): (&ApiRef, &Version),
    request: Request<invoke::Body>,
) -> Result<Admitted, Refusal> {
    for name in [&AUTHORIZATION, &TOKEN, &SECURITY_TOKEN] {
        one(request.headers(), name).map_err(|why| wrong(&why, why.clone()))?;
    }
    let (now, directory) = (model::time::now(), &asked.peer.shared.directory);
    let claim = Claim::read(request.headers(), directory, now).map_err(denied)?;
    let text = "the Authorization header is missing and so is X-Auth-Token";
    let claim = claim.ok_or_else(|| Refusal::new(Failure::iam_credentials(text).missing(), text))?;
    let mut request = match claim.authorization() {
        None => request,
        Some(authorization) => {
            let bound = body::bind(asked, authorization, request, now).await.map_err(|broken| match broken {
                Broken::Signature(error) => bad_signature(&claim, &error),
                Broken::Body(failure) => Refusal::body(failure),
            })?;
            bound.with_signed(|signed| claim.prove(signed, directory, now)).map_err(denied)?;
            bound.into_request()
        }
    };
    admit(api, version, &claim)?;
    let headers = request.headers_mut();
    remove_signature(headers);
    headers.remove(&TOKEN);
    headers.remove(&SECURITY_TOKEN);
    Ok(Admitted { request, caller: caller(&claim), proven: proven(&claim) })
}

/// Whether a policy allows it, where the API is.
fn admit(api: &ApiRef, version: &Version, claim: &Claim) -> Result<(), Refusal> {
    let name = claim.identities.name_of(&claim.subject);
    let here = match claim.claims.as_ref().map(|claims| &claims.scope) {
        None | Some(Scope::Everywhere) => true,
        Some(Scope::Project(project)) => *project == api.project,
        Some(Scope::Domain) => false,
    };
    let usable = claim.identities.projects.get(&api.project).is_some_and(|project| project.enabled);
    let function = &version.function;
    let resource = format!(
        "FUNCTIONGRAPH:{}:{}:function:{}/{}",
        function.region, claim.identities.domain.id, function.package, function.name
    );
    if here && usable && claim.rights(Some(&api.project)).allow(ACTION, &resource) {
        return Ok(());
    }
    let why = match (here, usable) {
        (false, _) => "has a token for somewhere else than the API's project".to_owned(),
        (_, false) => "calls an API of a suspended project".to_owned(),
        _ => format!("has no policy that allows {ACTION} on {resource}"),
    };
    Err(Refusal::new(Failure::iam_not_allowed(), format!("IAM caller {name} {why}")))
}

fn caller(claim: &Claim) -> Caller {
    let domain = &claim.identities.domain;
    let account = Named { id: domain.id.as_str().into(), name: domain.name.as_str().into() };
    Caller { app: None, user: Some(Arc::clone(&account.id)), account: Some(account) }
}

fn proven(claim: &Claim) -> super::Proven {
    let (Subject::User(id) | Subject::Agency(id)) = &claim.subject;
    let name = claim.identities.name_of(&claim.subject);
    vec![say(USER_ID, id), say(USER_NAME, name), say(DOMAIN_ID, &claim.identities.domain.id)]
}

fn bad_signature(claim: &Claim, error: &signature::Error) -> Refusal {
    let name = claim.identities.name_of(&claim.subject);
    wrong(error.to_string(), format!("IAM caller {name}: {error}"))
}

fn denied(denied: Denied) -> Refusal {
    let text = denied.to_string();
    let failure = match denied {
        Denied::Expired(_) => Failure::iam_expired(&text),
        Denied::Locked(left) => Failure::iam_credentials(&text).after(left.unsigned_abs()),
        Denied::Unproven(_) | Denied::Locks => Failure::iam_credentials(&text),
    };
    Refusal::new(failure, text)
}

fn wrong(text: impl AsRef<str>, reason: impl Into<String>) -> Refusal {
    Refusal::new(Failure::iam_credentials(text.as_ref()), reason)
}
