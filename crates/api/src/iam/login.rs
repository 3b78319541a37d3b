//! Passwords: hashed and compared off the async threads, two at a time; what fails five times in a row is kept out.

use std::time::Duration;

use store::UserChange;
use store::identity::{Details, Password, User};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;
use wire::codes;

use crate::authenticate::{locked, login_key};
use crate::error::Error;
use crate::problems::Problems;
use crate::state::State;

/// How long a password waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// The hash of a password, if there is one.
pub(super) async fn hash(state: &State, password: Option<String>) -> Result<Option<String>, Error> {
    let Some(password) = password else { return Ok(None) };
    let turn = turn(state).await?;
    let hash = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        auth::password::hash(&password)
    });
    hash.await?.map(Some).map_err(Error::internal)
}

async fn turn(state: &State) -> Result<OwnedSemaphorePermit, Error> {
    match timeout(PATIENCE, std::sync::Arc::clone(&state.passwords).acquire_owned()).await {
        Ok(Ok(turn)) => Ok(turn),
        _ => Err(Error::new(codes::UNAVAILABLE, "too many passwords to check at the same time, please retry later")
            .retry_after(PATIENCE)),
    }
}

/// The user with this name, if the password is theirs and they may act. Name, password and state are refused with the same words
/// after the same work, so that neither answer nor time tells which names there are.
pub(crate) async fn check(state: &State, name: &str, password: &str) -> Result<User, Error> {
    let key = login_key(name);
    refuse_locked(state, &key)?;
    let turn = turn(state).await?;
    // Others may have tried while this one waited.
    refuse_locked(state, &key)?;
    let user = state.store.identities().user_named(name).cloned();
    let stored = user.as_ref().map_or(Password::None, |user| user.password.clone());
    let given = password.to_owned();
    let right = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        match stored {
            Password::Hash(hash) => auth::password::matches(&given, &hash),
            Password::First(first) => {
                auth::password::same(&given, first.expose()) | auth::password::matches_nobody(&given)
            }
            Password::None => auth::password::matches_nobody(&given),
        }
    });
    let right = right.await?;
    let now = model::time::now();
    match user {
        Some(user) if right && user.enabled => {
            state.lockout.lock().succeeded(&key);
            Ok(user)
        }
        user => {
            if state.lockout.lock().failed(&key, user.is_some(), now) {
                tracing::warn!(user = name, "api.user_locked");
                state.attempts.lock().locks(&key);
            }
            Err(Error::new(codes::IAM_UNAUTHENTICATED, "the username or password is wrong, or the user is disabled"))
        }
    }
}

/// The same user, if they may use the console and their password need not be changed; with a new one it is.
pub(crate) async fn at_console(state: &State, user: User, old: &str, new: Option<String>) -> Result<User, Error> {
    if !state.store.identities().by_console(&user) {
        let text = "the user may not use the console: access_mode is programmatic";
        return Err(Error::new(codes::IAM_FORBIDDEN, text));
    }
    match new {
        Some(new) => replace(state, &user, ("new_password", old, new)).await,
        None if user.details.pwd_status => {
            let text = "the password must be changed before the first sign-in: send new_password too";
            Err(Error::new(codes::PASSWORD_TO_CHANGE, text))
        }
        None => Ok(user),
    }
}

/// Gives a user, who has proven the old password, a new one: it was asked for no longer.
pub(super) async fn replace(
    state: &State,
    user: &User,
    (field, old, new): (&str, &str, String),
) -> Result<User, Error> {
    let mut problems = Problems::default();
    check_strength(field, &new, &user.name, &mut problems);
    problems.unless(new != old, codes::IAM_INVALID, || format!("{field} is the one so far"));
    problems.finish()?;
    let details = Details { pwd_status: false, ..user.details.clone() };
    let password = hash(state, Some(new)).await?;
    let change = UserChange { password, details: Some(details), ..UserChange::default() };
    Ok(state.store.update_user(&user.id, change).await?)
}

fn refuse_locked(state: &State, key: &str) -> Result<(), Error> {
    let left = state.lockout.lock().locked(key, model::time::now());
    left.map_or(Ok(()), |left| Err(locked("the user name is", left)))
}

/// 8 to 32 characters of at least two kinds, without the user's name in it.
pub(super) fn check_strength(field: &str, password: &str, name: &str, problems: &mut Problems) {
    let kinds: [fn(&char) -> bool; 4] =
        [char::is_ascii_lowercase, char::is_ascii_uppercase, char::is_ascii_digit, |one| !one.is_ascii_alphanumeric()];
    let of = kinds.iter().filter(|kind| password.chars().any(|one| kind(&one))).count();
    let (lower, name) = (password.to_lowercase(), name.to_lowercase());
    let reversed: String = name.chars().rev().collect();
    let fits = (8..=32).contains(&password.chars().count()) && of >= 2;
    let named = !name.is_empty() && (lower.contains(&name) || lower.contains(&reversed));
    problems.unless(fits && !named, codes::IAM_INVALID, || {
        format!(
            "{field} must be 8 to 32 characters of at least two kinds (lower case, upper case, digits, others), without the \
             user's name forwards or backwards"
        )
    });
}
