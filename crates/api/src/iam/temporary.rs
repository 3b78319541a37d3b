//! Temporary access keys: for an agency, or from a token. Nothing is kept for them: the security token holds all there is.

use auth::token::{AssumedBy, Claims, Scope, Subject, TemporaryKey};
use axum::Json;
use axum::extract::State as Extract;
use http::StatusCode;
use jiff::SignedDuration;
use wire::codes;
use wire::iam::credentials::{TEMPORARY, TemporaryCredential, TemporaryResponse};
use wire::iam::tokens::{Auth, Identity};

use super::{precise, read, roles, tokens};
use crate::attempts;
use crate::body::Payload;
use crate::caller::{Caller, Perhaps};
use crate::error::Error;
use crate::problems::Problems;
use crate::router::Routes;
use crate::state::State;

/// Seconds a key is good: least, if not said, most.
const SECONDS: (i64, i64, i64) = (900, 900, 86_400);

pub(super) fn routes(routes: &mut Routes) {
    routes.on(TEMPORARY, create);
}

/// Whose rights a key has, and how far they go.
struct Bearer {
    subject: Subject,
    assumed_by: Option<AssumedBy>,
    scope: Scope,
    limit: Option<serde_json::Value>,
}

/// Who it is for, by the method asked for.
fn bearer(state: &State, caller: Option<Caller>, identity: &Identity) -> Result<Bearer, Error> {
    let methods: Vec<&str> = identity.methods.iter().map(String::as_str).collect();
    match methods.as_slice() {
        ["assume_role"] => {
            let role = identity.assume_role.clone().unwrap_or_default();
            let limited = caller.as_ref().is_some_and(|caller| caller.rights.session.is_some());
            let (agency, by) = tokens::assume(state, caller, &role)?;
            if limited {
                return Err(Error::new(
                    codes::IAM_FORBIDDEN,
                    "credentials with a policy of their own assume no agency",
                ));
            }
            Ok(Bearer {
                subject: Subject::Agency(agency.id),
                assumed_by: Some(by),
                scope: Scope::Everywhere,
                limit: None,
            })
        }
        ["token"] => {
            let given = identity.token.as_ref().and_then(|token| token.id.as_deref());
            let Claims { subject, assumed_by, scope, policy, .. } = tokens::older(state, caller, given)?;
            let scope = if scope == Scope::Domain { Scope::Everywhere } else { scope };
            Ok(Bearer { subject, assumed_by, scope, limit: policy })
        }
        _ => {
            let text = "auth.identity.methods must be [\"assume_role\"] or [\"token\"]";
            Err(Error::new(codes::IAM_INVALID, text))
        }
    }
}

async fn create(
    Extract(state): Extract<State>,
    Perhaps(caller): Perhaps,
    payload: Payload,
) -> Result<(StatusCode, Json<TemporaryResponse>), Error> {
    let mut problems = Problems::default();
    let auth: Auth = read::object(&payload, "auth", &mut problems);
    let identity = auth.identity;
    problems.unless(auth.scope.is_none(), codes::IAM_INVALID, || {
        "auth.scope is not for temporary access keys: they are good wherever their subject was granted something"
            .to_owned()
    });
    let asked = identity.assume_role.as_ref().and_then(|role| role.duration_seconds);
    let asked = asked.or(identity.token.as_ref().and_then(|token| token.duration_seconds));
    let seconds = asked.unwrap_or(SECONDS.1);
    problems.unless((SECONDS.0..=SECONDS.2).contains(&seconds), codes::IAM_INVALID, || {
        format!("duration_seconds must be {} to {}, not {seconds}", SECONDS.0, SECONDS.2)
    });
    let session = identity.assume_role.as_ref().and_then(|role| role.session_user.as_ref()?.name.clone());
    read::optional_name("session_user.name", session.as_deref(), 64, &mut problems);
    if let Some(policy) = &identity.policy {
        roles::policy("auth.identity.", policy, &mut problems);
    }
    problems.finish()?;
    let Bearer { subject, assumed_by, scope, limit } = bearer(&state, caller, &identity)?;
    if limit.is_some() && identity.policy.is_some() {
        return Err(Error::new(codes::IAM_INVALID, "auth.identity.policy: the token has a policy of its own already"));
    }
    let now = model::time::now();
    let identities = state.store.identities();
    let claims = Claims {
        epoch: tokens::epoch(&identities, &subject),
        subject,
        assumed_by,
        scope,
        methods: identity.methods,
        issued: now,
        expires: now + SignedDuration::from_secs(seconds),
        policy: identity.policy.or(limit),
    };
    attempts::let_in(&state, &claims.subject).await;
    let key = TemporaryKey::new(claims);
    let credential = TemporaryCredential {
        securitytoken: key.seal(state.store.token_key()),
        expires_at: precise(key.claims.expires),
        access: key.access_key,
        secret: key.secret_key,
    };
    Ok((StatusCode::CREATED, Json(TemporaryResponse { credential })))
}
