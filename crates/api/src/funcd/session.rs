//! Signing in at the web console and out again. The first user may come by a link instead of a password.

use axum::Json;
use axum::extract::{FromRequestParts, State as Extract};
use http::header::{HOST, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, StatusCode};
use store::identity::User;
use wire::codes;
use wire::funcd::session::{self as shape, SignIn};
use wire::iam::Named;

use crate::attempts;
use crate::body::{self, Payload, Rules};
use crate::caller::Caller;
use crate::error::Error;
use crate::iam::login;
use crate::problems::Problems;
use crate::router::Routes;
use crate::session::{COOKIE_NAME, LIFE, find};
use crate::state::State;

/// A page of another site cannot send it: a browser would ask first, and nobody here says yes.
const CONSOLE: &str = "x-funcd-console";
/// What the audit trail calls who comes by a link that is not good.
const BY_LINK: &str = "(by link)";

pub(crate) fn routes(routes: &mut Routes) {
    routes.on(shape::CREATE, create).on(shape::SHOW, show).on(shape::DELETE, delete);
}

async fn create(
    Extract(state): Extract<State>,
    _: FromConsole,
    headers: HeaderMap,
    payload: Payload,
) -> Result<(StatusCode, [(HeaderName, String); 1], Json<shape::Session>), Error> {
    let user = let_in(&state, &payload).await?;
    let now = model::time::now();
    let (session, key) = auth::session::Session::begin(user.id, user.epoch, now, now + LIFE);
    let cookie = cookie(&headers, &session.seal(state.store.token_key()), LIFE.as_secs());
    let mut content = content(&state, &session);
    content.key = Some(key);
    Ok((StatusCode::CREATED, [(SET_COOKIE, cookie)], Json(content)))
}

async fn let_in(state: &State, payload: &Payload) -> Result<User, Error> {
    let mut problems = Problems::default();
    let rules = Rules::new("", |_| codes::IAM_INVALID);
    let given: SignIn = body::read(&payload.0, rules, &mut problems);
    problems.unless(given.link.is_some() || given.user.is_some(), codes::IAM_INVALID, || "user is missing".to_owned());
    problems.unless(given.link.is_some() || given.password.is_some(), codes::IAM_INVALID, || {
        "password is missing".to_owned()
    });
    problems.finish()?;
    let (name, checked) = match given.link {
        Some(link) => (BY_LINK.to_owned(), by_link(state, &link)),
        None => {
            let name = given.user.unwrap_or_default();
            let password = given.password.unwrap_or_default();
            let checked = match login::check(state, &name, &password).await {
                Ok(user) => login::at_console(state, user, &password, given.new_password).await,
                refused => refused,
            };
            (name, checked)
        }
    };
    attempts::password(state, &name, &checked).await;
    checked
}

/// The first user: nobody can delete, disable or strip them of their rights.
fn by_link(state: &State, link: &str) -> Result<User, Error> {
    let identities = state.store.identities();
    let first = identities.users.get(&identities.first_user);
    let good = state.config.console.links.redeem(link, model::time::now());
    first.filter(|first| good && first.enabled).cloned().ok_or_else(|| {
        let text = "the link was used before or is older than 15 minutes; `funcd console` prints another one";
        Error::new(codes::IAM_UNAUTHENTICATED, text)
    })
}

async fn show(Extract(state): Extract<State>, _: Caller, headers: HeaderMap) -> Result<Json<shape::Session>, Error> {
    Ok(Json(content(&state, &find(&headers, &state)?)))
}

async fn delete(
    Extract(state): Extract<State>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<(StatusCode, [(HeaderName, String); 1]), Error> {
    state.ended.end(&find(&headers, &state)?, model::time::now());
    attempts::left(&state, &caller).await;
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie(&headers, "", 0))]))
}

/// Whose session it is, and where they may act.
fn content(state: &State, session: &auth::session::Session) -> shape::Session {
    let identities = state.store.identities();
    let subject = &session.claims.subject;
    let projects = identities.projects_of(subject).into_iter().filter(|project| project.enabled);
    let id = match subject {
        auth::token::Subject::User(id) | auth::token::Subject::Agency(id) => id.clone(),
    };
    shape::Session {
        user: Named { id, name: identities.name_of(subject).to_owned() },
        domain: Named { id: identities.domain.id.clone(), name: identities.domain.name.clone() },
        projects: projects.map(|project| Named { id: project.id.clone(), name: project.name.clone() }).collect(),
        region: state.store.region().to_owned(),
        expires_at: session.claims.expires.to_string(),
        key: None,
    }
}

/// Its name has the port of the address the browser knows, so that two installations of a host keep theirs apart.
fn cookie(headers: &HeaderMap, value: &str, seconds: i64) -> String {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let host = text(HOST);
    let port = host.rsplit_once(':').map(|(_, port)| port).filter(|port| port.parse::<u16>().is_ok());
    let port = port.map(|port| format!("_{port}")).unwrap_or_default();
    // A proxy in front that speaks TLS says so; who lies here only loses the cookie.
    let secure = if text(HeaderName::from_static("x-forwarded-proto")) == "https" { "; Secure" } else { "" };
    format!("{COOKIE_NAME}{port}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}

/// A request that no other site's page made.
#[derive(Debug)]
struct FromConsole;

impl<S: Sync> FromRequestParts<S> for FromConsole {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        if parts.headers.contains_key(CONSOLE) {
            return Ok(Self);
        }
        Err(Error::new(codes::IAM_INVALID, "the header X-Funcd-Console is missing: a session is for the console alone"))
    }
}
