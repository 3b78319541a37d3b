//! Tokens: by password, by access key, from another token, or for an agency; good in a project or in the domain, for 24 hours.

use auth::claim::Denied;
use auth::token::{AssumedBy, Claims, Scope, Subject};
use axum::Json;
use axum::extract::State as Extract;
use http::{HeaderMap, HeaderName, StatusCode};
use jiff::SignedDuration;
use store::identity::{Agency, Identities, User};
use wire::codes;
use wire::iam::tokens::{self as shape, AssumeRole, TokenResponse};
use wire::iam::{Named, Naming};

use super::{Base, catalog, login, missing, precise, read};
use crate::actions::iam::ASSUME;
use crate::attempts;
use crate::authenticate::{self, TOKEN, key_name};
use crate::body::Payload;
use crate::caller::{Caller, Perhaps};
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::query::Query;
use crate::router::Routes;
use crate::state::State;

/// How long a token is good.
pub(crate) const LIFE: SignedDuration = SignedDuration::from_hours(24);
const SUBJECT_TOKEN: HeaderName = HeaderName::from_static("x-subject-token");

pub(super) fn routes(routes: &mut Routes) {
    routes.on(shape::CREATE, create).on(shape::VALIDATE, validate);
}

type Made = (StatusCode, [(HeaderName, String); 1], Json<TokenResponse>);

async fn create(
    Extract(state): Extract<State>,
    Perhaps(caller): Perhaps,
    query: Query,
    base: Base,
    payload: Payload,
) -> Result<Made, Error> {
    let mut problems = Problems::default();
    let auth: shape::Auth = read::object(&payload, "auth", &mut problems);
    problems.finish()?;
    let signed = caller.as_ref().is_some_and(|caller| caller.access_key.is_some());
    let (subject, assumed_by, from) = let_in(&state, caller, &auth).await?;
    let identities = state.store.identities();
    let scope = scope(&identities, auth.scope.as_ref(), &subject)?;
    if from.as_ref().is_some_and(|from| from.policy.is_some()) {
        return Err(Error::new(codes::IAM_INVALID, "a token with a policy of its own makes no other token"));
    }
    let issued = model::time::now();
    let claims = Claims {
        epoch: epoch(&identities, &subject),
        subject,
        assumed_by,
        scope,
        methods: auth.identity.methods,
        issued,
        expires: from.map_or(issued + LIFE, |from| from.expires),
        policy: None,
    };
    // A password or a secret key was written down when it was looked at.
    let unsigned = claims.methods == ["hw_ak_sk"] && !signed;
    if claims.methods != ["password"] && !unsigned {
        attempts::let_in(&state, &claims.subject).await;
    }
    let content = content(&state, &claims, &query, &base);
    let token = claims.seal(state.store.token_key());
    Ok((StatusCode::CREATED, [(SUBJECT_TOKEN, token)], Json(TokenResponse { token: content })))
}

/// Who a token is for, and who assumed the agency, if it is one; the older token, if it comes from one.
type LetIn = (Subject, Option<AssumedBy>, Option<Claims>);

async fn let_in(state: &State, caller: Option<Caller>, auth: &shape::Auth) -> Result<LetIn, Error> {
    let methods: Vec<&str> = auth.identity.methods.iter().map(String::as_str).collect();
    match methods.as_slice() {
        ["password"] => {
            let user = by_password(state, auth.identity.password.as_ref()).await?;
            Ok((Subject::User(user), None, None))
        }
        ["hw_ak_sk"] => {
            let user = by_access_key(state, caller, auth.identity.hw_ak_sk.as_ref()).await?;
            Ok((Subject::User(user), None, None))
        }
        ["token"] => {
            let given = auth.identity.token.as_ref().and_then(|token| token.id.as_deref());
            let claims = older(state, caller, given)?;
            Ok((claims.subject.clone(), claims.assumed_by.clone(), Some(claims)))
        }
        ["assume_role"] => {
            let role = auth.identity.assume_role.clone().unwrap_or_default();
            let (agency, by) = assume(state, caller, &role)?;
            Ok((Subject::Agency(agency.id), Some(by), None))
        }
        _ => Err(Error::new(
            codes::IAM_INVALID,
            "auth.identity.methods must be one of [\"password\"], [\"token\"], [\"assume_role\"] and [\"hw_ak_sk\"]; there is no second factor here",
        )),
    }
}

/// The id of the user whose name (or id) and password these are.
async fn by_password(state: &State, given: Option<&shape::Password>) -> Result<String, Error> {
    let user = given.map(|password| password.user.clone()).unwrap_or_default();
    let mut problems = Problems::default();
    let field = "auth.identity.password.user";
    if user.name.is_none() && user.id.is_none() {
        problems.add(codes::IAM_INVALID, format!("{field}.name is missing"));
    }
    if user.password.is_none() {
        problems.add(codes::IAM_INVALID, format!("{field}.password is missing"));
    }
    problems.finish()?;
    let identities = state.store.identities();
    let by_id = user.id.as_ref().and_then(|id| identities.users.get(id)).map(|user| user.name.clone());
    // Of an id that nobody has as much is done as of a name.
    let name = by_id.or(user.name).unwrap_or_else(|| user.id.unwrap_or_default());
    let right_domain = user.domain.as_ref().is_none_or(|domain| is_domain(&identities, domain));
    let password = user.password.unwrap_or_default();
    // With another domain there is no such user: the same words, after the same work.
    let name = if right_domain { name } else { format!("another domain/{name}") };
    let checked = login::check(state, &name, &password).await;
    let checked = checked.and_then(|user| by_programs(state, user));
    attempts::password(state, &name, &checked).await;
    checked.map(|user| user.id)
}

/// The user, if they may use tokens.
fn by_programs(state: &State, user: User) -> Result<User, Error> {
    if state.store.identities().by_programs(&user) {
        return Ok(user);
    }
    let text = "the user may use the console only (access_mode console): there are no tokens for them";
    Err(Error::new(codes::IAM_FORBIDDEN, text))
}

/// The id of the user whose access key signed the request, or stands in its body with its secret key.
async fn by_access_key(
    state: &State,
    caller: Option<Caller>,
    given: Option<&shape::AccessKey>,
) -> Result<String, Error> {
    let key = |half: Option<&shape::Key>| half.and_then(|half| half.key.clone());
    let access = key(given.and_then(|given| given.access.as_ref()));
    let secret = key(given.and_then(|given| given.secret.as_ref()));
    let signer = caller.as_ref().and_then(|caller| caller.access_key.as_deref());
    let mut problems = Problems::default();
    let field = "auth.identity.hw_ak_sk";
    let other = signer.is_some_and(|signer| access.as_deref().is_some_and(|access| access != signer));
    problems
        .unless(!other, codes::IAM_INVALID, || format!("{field}.access.key is not the key that signed the request"));
    problems.unless(signer.is_some() || access.is_some(), codes::IAM_INVALID, || {
        format!("{field}.access.key is missing: give access and secret, or sign the request")
    });
    problems.unless(signer.is_some() || secret.is_some(), codes::IAM_INVALID, || {
        format!("{field}.secret.key is missing: give it, or sign the request")
    });
    problems.finish()?;
    match (caller.filter(|caller| caller.access_key.is_some()), secret) {
        (Some(Caller { claims: Some(_), .. }), _) => {
            Err(Error::new(codes::IAM_FORBIDDEN, "a temporary access key makes no token: use a permanent one"))
        }
        // The signature has proven more than the secret would.
        (Some(Caller { subject: Subject::User(user), .. }), None) => Ok(user),
        (caller, secret) => {
            let signer = caller.and_then(|caller| caller.access_key);
            let access = access.or(signer).unwrap_or_default();
            by_secret(state, &access, &secret.unwrap_or_default()).await
        }
    }
}

async fn by_secret(state: &State, access: &str, secret: &str) -> Result<String, Error> {
    let (directory, now) = (state.store.directory(), model::time::now());
    let proven = auth::claim::by_secret(access, secret, &directory, now);
    if matches!(proven, Err(Denied::Locks)) {
        tracing::warn!(access_key = access, "api.access_key_locked");
        state.attempts.lock().locks(&key_name(access));
    }
    let checked = proven.map_err(|why| match why {
        Denied::Locked(left) => authenticate::locked("the access key is", left),
        why => Error::new(codes::IAM_UNAUTHENTICATED, why.to_string()),
    });
    attempts::secret(state, access, &checked).await;
    let user = checked?;
    state.store.note_use(access, now);
    Ok(user.id)
}

fn is_domain(identities: &Identities, named: &Naming) -> bool {
    named.id.as_ref().is_none_or(|id| *id == identities.domain.id)
        && named.name.as_ref().is_none_or(|name| *name == identities.domain.name)
}

/// The claims of an older token: the one given, or the one the request came with.
pub(super) fn older(state: &State, caller: Option<Caller>, given: Option<&str>) -> Result<Claims, Error> {
    let claims = match given.filter(|token| !token.is_empty()) {
        Some(token) => Claims::open(token, state.store.token_key()),
        // A request that a temporary key signed has claims too, but no token.
        None => caller
            .filter(|caller| caller.access_key.is_none())
            .and_then(|caller| caller.claims.map(|claims| (*claims).clone())),
    };
    // A session of the console ends when its user signs out, and a token would not.
    let lasting = |claims: &Claims| claims.methods.iter().all(|method| method != auth::session::METHOD);
    let good = |claims: &Claims| lasting(claims) && state.store.identities().stands_behind(claims, model::time::now());
    claims.filter(good).ok_or_else(|| {
        Error::new(codes::IAM_UNAUTHENTICATED, "auth.identity.token.id (or X-Auth-Token) is no token that is good here")
    })
}

/// The agency that the caller asks for, if it trusts them and a policy allows it.
pub(super) fn assume(state: &State, caller: Option<Caller>, role: &AssumeRole) -> Result<(Agency, AssumedBy), Error> {
    let caller = caller.ok_or_else(|| {
        Error::new(
            codes::IAM_UNAUTHENTICATED,
            "an agency is assumed by somebody known: sign the request, or send X-Auth-Token",
        )
    })?;
    let Subject::User(user) = caller.subject.clone() else {
        return Err(Error::new(codes::IAM_FORBIDDEN, "an agency cannot assume another one"));
    };
    let identities = state.store.identities();
    let naming = Naming { id: role.domain_id.clone(), name: role.domain_name.clone() };
    let agency_name = role.agency_name.as_deref().unwrap_or_default();
    let found = identities.agency_named(agency_name).filter(|_| is_domain(&identities, &naming));
    let agency = found.cloned().ok_or_else(|| missing("agency", agency_name))?;
    caller.check_action(ASSUME, "agency", &agency.id)?;
    if store::SERVICES.contains(&agency.trusted.as_str()) {
        let text = format!("agency {} trusts the service {}, nobody else", quoted(agency_name), agency.trusted);
        return Err(Error::new(codes::IAM_FORBIDDEN, text));
    }
    if agency.expires.is_some_and(|expires| expires <= model::time::now()) {
        return Err(Error::new(codes::IAM_FORBIDDEN, format!("agency {} has expired", quoted(agency_name))));
    }
    let session = role.session_user.as_ref().and_then(|session| session.name.clone());
    let by = identities.users.get(&user).cloned().ok_or_else(|| missing("user", &user))?;
    let epoch = by_programs(state, by)?.epoch;
    Ok((agency, AssumedBy { user, epoch, session }))
}

pub(super) fn epoch(identities: &Identities, subject: &Subject) -> u64 {
    match subject {
        Subject::User(id) => identities.users.get(id).map_or(0, |user| user.epoch),
        Subject::Agency(id) => identities.agencies.get(id).map_or(0, |agency| agency.epoch),
    }
}

/// Where the token is to be good: its subject must have been granted something there.
fn scope(identities: &Identities, wanted: Option<&shape::Scope>, subject: &Subject) -> Result<Scope, Error> {
    let Some(wanted) = wanted else { return Ok(Scope::Domain) };
    let wrong = |text: &str| Err(Error::new(codes::IAM_INVALID, text.to_owned()));
    match (&wanted.project, &wanted.domain) {
        (Some(_), Some(_)) => wrong("auth.scope has project or domain, not both"),
        (None, None) => Ok(Scope::Domain),
        (None, Some(domain)) if is_domain(identities, domain) => Ok(Scope::Domain),
        (None, Some(_)) => {
            Err(Error::new(codes::IAM_FORBIDDEN, "auth.scope.domain is not the domain of this installation"))
        }
        (Some(project), None) => {
            let found = match (&project.id, &project.name) {
                (Some(id), _) => identities.projects.get(id),
                (None, Some(name)) => identities.project_named(name),
                (None, None) => return wrong("auth.scope.project needs an id or a name"),
            };
            let right_domain = project.domain.as_ref().is_none_or(|domain| is_domain(identities, domain));
            let mine = |id: &str| !identities.roles_of(subject, Some(id)).is_empty();
            match found.filter(|project| right_domain && mine(&project.id)) {
                Some(project) => Ok(Scope::Project(project.id.clone())),
                None => Err(Error::new(
                    codes::IAM_FORBIDDEN,
                    "auth.scope.project is no project that was granted to the user or agency",
                )),
            }
        }
    }
}

async fn validate(
    Extract(state): Extract<State>,
    caller: Caller,
    headers: HeaderMap,
    query: Query,
    base: Base,
) -> Result<([(HeaderName, String); 1], Json<TokenResponse>), Error> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let token = text(SUBJECT_TOKEN.as_str());
    if token.is_empty() {
        return Err(Error::new(codes::IAM_INVALID, "the header X-Subject-Token is missing"));
    }
    let good = |claims: &Claims| state.store.identities().stands_behind(claims, model::time::now());
    let claims = Claims::open(token, state.store.token_key()).filter(good);
    let claims = claims.ok_or_else(|| Error::new(codes::IAM_MISSING, "could not find the token in X-Subject-Token"))?;
    if text(TOKEN) != token && claims.subject != caller.subject {
        caller.check("token", "*")?;
    }
    let token = token.to_owned();
    let content = content(&state, &claims, &query, &base);
    Ok(([(SUBJECT_TOKEN, token)], Json(TokenResponse { token: content })))
}

/// What a token says, in words.
fn content(state: &State, claims: &Claims, query: &Query, base: &Base) -> shape::Token {
    let identities = state.store.identities();
    let domain = Named { id: identities.domain.id.clone(), name: identities.domain.name.clone() };
    let project = match &claims.scope {
        Scope::Project(id) => identities.projects.get(id),
        Scope::Domain | Scope::Everywhere => None,
    };
    let roles = identities.roles_of(&claims.subject, project.map(|project| project.id.as_str()));
    let catalog = match query.text("nocatalog") {
        Some(_) => Vec::new(),
        None => catalog::of(base, state.store.region(), project.map_or(state.store.project(), |project| &project.id)),
    };
    shape::Token {
        methods: claims.methods.clone(),
        issued_at: precise(claims.issued),
        expires_at: precise(claims.expires),
        user: user(&identities, &claims.subject, &domain),
        roles: roles.iter().map(|role| Named { id: role.id.clone(), name: role.name.clone() }).collect(),
        catalog,
        assumed_by: claims
            .assumed_by
            .as_ref()
            .map(|by| shape::AssumedBy { user: user(&identities, &Subject::User(by.user.clone()), &domain) }),
        domain: project.is_none().then(|| domain.clone()),
        project: project.map(|project| shape::TokenProject {
            id: project.id.clone(),
            name: project.name.clone(),
            domain,
        }),
    }
}

fn user(identities: &Identities, subject: &Subject, domain: &Named) -> shape::TokenUser {
    let plain = identities.name_of(subject).to_owned();
    let (id, name) = match subject {
        Subject::User(id) => (id, plain),
        Subject::Agency(id) => (id, format!("{}/{plain}", domain.name)),
    };
    shape::TokenUser { id: id.clone(), name, domain: domain.clone(), password_expires_at: String::new() }
}
