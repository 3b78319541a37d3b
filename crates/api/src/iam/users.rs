//! Users.

use axum::Json;
use axum::extract::State as Extract;
use http::StatusCode;
use store::UserChange;
use store::identity::{Details, Identities, Password, User};
use wire::codes;
use wire::iam::users::{self as shape, ListUsersResponse, NewUser, UserResponse};

use super::login::{self, check_strength};
use super::read::{self, Path};
use super::{Base, missing, plain};
use crate::body::Payload;
use crate::caller::Caller;
use crate::error::Error;
use crate::problems::Problems;
use crate::query::Query;
use crate::router::Routes;
use crate::state::State;

pub(super) fn routes(routes: &mut Routes) {
    routes
        .on(shape::LIST, list)
        .on(shape::CREATE, create)
        .on(shape::CREATE_FULL, create)
        .on(shape::SHOW, show)
        .on(shape::SHOW_FULL, show)
        .on(shape::UPDATE, update)
        .on(shape::UPDATE_FULL, update)
        .on(shape::DELETE, delete)
        .on(shape::PASSWORD, password)
        .on(shape::INFORMATION, information);
}

async fn list(Extract(state): Extract<State>, query: Query, base: Base) -> Result<Json<ListUsersResponse>, Error> {
    let enabled = read::flag(&query, "enabled")?;
    let identities = state.store.identities();
    let fits = |user: &&User| {
        query.text("domain_id").is_none_or(|domain| domain == identities.domain.id)
            && query.text("name").is_none_or(|name| name == user.name)
            && enabled.is_none_or(|enabled| enabled == user.enabled)
            // No password expires.
            && query.text("password_expires_at").is_none()
    };
    let mut users: Vec<_> = identities.users.values().filter(fits).map(|user| view(&identities, user, &base)).collect();
    users.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Json(ListUsersResponse { users, links: base.links("/v3/users") }))
}

async fn create(
    Extract(state): Extract<State>,
    base: Base,
    payload: Payload,
) -> Result<(StatusCode, Json<UserResponse>), Error> {
    let mut problems = Problems::default();
    let new: NewUser = read::object(&payload, "user", &mut problems);
    read::name("user.name", new.name.as_deref(), 64, &mut problems);
    let password = new.password.clone();
    let change = change(new, Details::default(), &state, &mut problems);
    let mut change = change;
    problems.finish()?;
    change.password = login::hash(&state, password).await?;
    let user = state.store.create_user(change).await?;
    Ok((StatusCode::CREATED, Json(UserResponse { user: view(&state.store.identities(), &user, &base) })))
}

async fn show(
    Extract(state): Extract<State>,
    caller: Caller,
    path: Path,
    base: Base,
) -> Result<Json<UserResponse>, Error> {
    let id = path.get("user_id");
    own(&caller, id)?;
    let identities = state.store.identities();
    let user = identities.users.get(id).ok_or_else(|| missing("user", id))?;
    Ok(Json(UserResponse { user: view(&identities, user, &base) }))
}

async fn update(
    Extract(state): Extract<State>,
    path: Path,
    base: Base,
    payload: Payload,
) -> Result<Json<UserResponse>, Error> {
    let id = path.get("user_id");
    let mut problems = Problems::default();
    let new: NewUser = read::object(&payload, "user", &mut problems);
    let known = state.store.identities();
    let known = known.users.get(id).ok_or_else(|| missing("user", id))?;
    let name = new.name.clone().unwrap_or_else(|| known.name.clone());
    read::name("user.name", Some(&name), 64, &mut problems);
    let password = new.password.clone();
    if new.name.is_none()
        && let Some(password) = &password
    {
        check_strength("user.password", password, &name, &mut problems);
    }
    let mut change = change(new, known.details.clone(), &state, &mut problems);
    problems.finish()?;
    change.password = login::hash(&state, password).await?;
    let user = state.store.update_user(id, change).await?;
    Ok(Json(UserResponse { user: view(&state.store.identities(), &user, &base) }))
}

async fn delete(Extract(state): Extract<State>, path: Path) -> Result<StatusCode, Error> {
    state.store.delete_user(path.get("user_id")).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One's own password, with the one so far: whoever may change those of others uses the operation for that.
async fn password(
    Extract(state): Extract<State>,
    caller: Caller,
    path: Path,
    payload: Payload,
) -> Result<StatusCode, Error> {
    let id = path.get("user_id");
    if !caller.is_user(id) {
        return Err(Error::new(codes::IAM_FORBIDDEN, "only one's own password can be changed here"));
    }
    let mut problems = Problems::default();
    let change: shape::PasswordChange = read::object(&payload, "user", &mut problems);
    let (new, old) = (change.password.unwrap_or_default(), change.original_password.unwrap_or_default());
    problems.finish()?;
    let user = login::check(&state, &caller.name, &old).await?;
    login::replace(&state, &user, ("user.password", &old, new)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn information(
    Extract(state): Extract<State>,
    caller: Caller,
    path: Path,
    payload: Payload,
) -> Result<StatusCode, Error> {
    let id = path.get("user_id");
    own(&caller, id)?;
    let mut problems = Problems::default();
    let new: shape::Information = read::object(&payload, "user", &mut problems);
    let identities = state.store.identities();
    let mut details = identities.users.get(id).ok_or_else(|| missing("user", id))?.details.clone();
    details.email = read::short("user.email", new.email, 0..=255, &mut problems).unwrap_or(details.email);
    if let Some(mobile) = read::short("user.mobile", new.mobile, 0..=32, &mut problems) {
        let (areacode, phone) = mobile.split_once('-').unwrap_or(("", &mobile));
        (details.areacode, details.phone) = (areacode.to_owned(), phone.to_owned());
    }
    problems.finish()?;
    state.store.update_user(id, UserChange { details: Some(details), ..UserChange::default() }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One's own, or a policy must allow it.
pub(super) fn own(caller: &Caller, id: &str) -> Result<(), Error> {
    if caller.is_user(id) { Ok(()) } else { caller.check("user", id) }
}

/// What is to be different, but for the password, whose hash takes its time.
fn change(new: NewUser, mut details: Details, state: &State, problems: &mut Problems) -> UserChange {
    read::domain("user.domain_id", new.domain_id.as_deref(), state, problems);
    if let (Some(password), Some(name)) = (&new.password, &new.name) {
        check_strength("user.password", password, name, problems);
    }
    let mut set = |place: &mut String, field: &str, text: Option<String>, most: usize| {
        if let Some(text) = read::short(field, text, 0..=most, problems) {
            *place = text;
        }
    };
    set(&mut details.description, "user.description", new.description, 255);
    set(&mut details.email, "user.email", new.email, 255);
    set(&mut details.areacode, "user.areacode", new.areacode, 8);
    set(&mut details.phone, "user.phone", new.phone, 32);
    set(&mut details.xuser_id, "user.xuser_id", new.xuser_id, 128);
    set(&mut details.xuser_type, "user.xuser_type", new.xuser_type, 64);
    set(&mut details.access_mode, "user.access_mode", new.access_mode, 16);
    let mode = details.access_mode.as_str();
    problems.unless(matches!(mode, "" | "default" | "programmatic" | "console"), codes::IAM_INVALID, || {
        "user.access_mode must be default, programmatic or console".to_owned()
    });
    details.pwd_status = new.pwd_status.unwrap_or(details.pwd_status);
    UserChange { name: new.name, password: None, enabled: new.enabled, details: Some(details) }
}

/// As clients see a user.
pub(super) fn view(identities: &Identities, user: &User, base: &Base) -> shape::User {
    let details = user.details.clone();
    let has_password = !matches!(user.password, Password::None);
    let mode = if details.access_mode.is_empty() { "default".to_owned() } else { details.access_mode };
    shape::User {
        id: user.id.clone(),
        name: user.name.clone(),
        domain_id: identities.domain.id.clone(),
        enabled: user.enabled,
        description: details.description,
        password_expires_at: String::new(),
        pwd_status: details.pwd_status,
        pwd_strength: if has_password { "high".to_owned() } else { String::new() },
        is_domain_owner: user.id == identities.first_user,
        access_mode: mode,
        email: details.email,
        areacode: details.areacode,
        phone: details.phone,
        xuser_id: details.xuser_id,
        xuser_type: details.xuser_type,
        create_time: plain(user.created),
        update_time: plain(user.modified),
        pwd_create_time: user.password_set.map(plain).unwrap_or_default(),
        links: base.links(&format!("/v3/users/{}", user.id)),
    }
}
