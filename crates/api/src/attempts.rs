//! Who came in and who did not, for the audit trail: sign-ins by password, tokens and temporary keys that were made and sessions that
//! were ended, and passwords, signatures and tokens that were refused.
//!
//! Whoever is refused may try again as fast as they like and needs no right for it, so refusals are bounded: one event a minute for
//! each user and access key there is, and one for everything that nobody has; the next event says how many there were between. A
//! refusal that locks is always written.

use std::collections::HashMap;

use auth::signature::Authorization;
use auth::token::Subject;
use http::header::AUTHORIZATION;
use http::request::Parts;
use jiff::{SignedDuration, Timestamp};
use store::audit::{Actor, Door};
use store::identity::User;
use wire::Operation;

use crate::audit;
use crate::authenticate::{key_name, login_key};
use crate::caller::Caller;
use crate::error::Error;
use crate::state::State;

/// How long refusals of the same key stay one event.
const QUIET: SignedDuration = SignedDuration::from_mins(1);
/// All names, keys and tokens that nobody has.
const STRANGERS: &str = "strangers";
/// Characters of a name or key that are kept.
const KEPT: usize = 64;

/// Refusals by key: those of users and access keys that exist, and one for all others, so that no flood makes it grow.
#[derive(Debug, Default)]
pub(crate) struct Attempts(HashMap<String, Refused>);

#[derive(Debug)]
struct Refused {
    noted: Timestamp,
    since: u64,
}

impl Attempts {
    /// Counts a refusal. If it is to be written: how many were not since the last one that was.
    fn refused(&mut self, key: &str, now: Timestamp) -> Option<u64> {
        let Some(known) = self.0.get_mut(key) else {
            self.0.insert(key.to_owned(), Refused { noted: now, since: 0 });
            return Some(0);
        };
        // A clock that was set back keeps nothing quiet.
        if (SignedDuration::ZERO..QUIET).contains(&now.duration_since(known.noted)) {
            known.since = known.since.saturating_add(1);
            return None;
        }
        let since = std::mem::take(&mut known.since);
        known.noted = now;
        Some(since)
    }

    /// The next refusal of this key is written, whenever it is: it is the one that locks.
    pub(crate) fn locks(&mut self, key: &str) {
        if let Some(known) = self.0.get_mut(key) {
            known.noted = Timestamp::MIN;
        }
    }
}

/// Adds an event for a sign-in by password, or for its refusal; whatever else went wrong is none.
pub(crate) async fn password(state: &State, name: &str, checked: &Result<User, Error>) {
    let actor = store::audit::actor();
    match checked {
        Ok(user) => signed_in(state, actor, user).await,
        Err(error) => {
            let user = state.store.identities().user_named(name).cloned();
            let key = user.as_ref().map_or_else(|| STRANGERS.to_owned(), |user| login_key(&user.name));
            let id = user.map(|user| user.id).unwrap_or_default();
            let actor = Actor { event: "loginFailed".to_owned(), ..actor };
            let locked = state.lockout.lock().locked(&login_key(name), model::time::now()).is_some();
            let locked = if locked { "; the name is locked for five minutes" } else { "" };
            let refused = (error.code().status, format!("{error}{locked}"));
            refusal(state, actor, (&key, Door::User, &id, name), refused).await;
        }
    }
}

async fn signed_in(state: &State, actor: Actor, user: &User) {
    let (user_id, user_name) = (user.id.clone(), user.name.clone());
    let actor = Actor { user_id, user_name, event: "login".to_owned(), ..actor };
    note(state, actor, (Door::User, &user.id, &user.name), (201, "")).await;
}

/// Adds an event for an access key and its secret key in a request's body, or for their refusal.
pub(crate) async fn secret(state: &State, access_key: &str, checked: &Result<User, Error>) {
    let actor = Actor { access_key: short(access_key), ..store::audit::actor() };
    match checked {
        Ok(user) => signed_in(state, actor, user).await,
        Err(error) => {
            let known = state.store.identities().access_keys.contains_key(access_key);
            let key = if known { key_name(access_key) } else { STRANGERS.to_owned() };
            let actor = Actor { event: "authenticationFailed".to_owned(), ..actor };
            let id = if known { access_key } else { "" };
            let refused = (error.code().status, error.to_string());
            refusal(state, actor, (&key, Door::AccessKey, id, access_key), refused).await;
        }
    }
}

/// Adds an event for what a request that is known let in beside itself: a token or a temporary key, and whose rights it has.
pub(crate) async fn let_in(state: &State, subject: &Subject) {
    let (door, id) = match subject {
        Subject::User(id) => (Door::User, id),
        Subject::Agency(id) => (Door::Agency, id),
    };
    let name = state.store.identities().name_of(subject).to_owned();
    note(state, store::audit::actor(), (door, id, &name), (201, "")).await;
}

/// Adds an event for who leaves before their time.
pub(crate) async fn left(state: &State, user: &Caller) {
    let actor = Actor { event: "logout".to_owned(), ..store::audit::actor() };
    note(state, actor, (Door::User, user.id(), &user.name), (204, "")).await;
}

/// Adds an event for a signature or token that was refused, and gives the refusal back.
pub(crate) async fn signature(state: &State, parts: &Parts, operation: Operation, error: Error) -> Error {
    let header = parts.headers.get(AUTHORIZATION).and_then(|header| header.to_str().ok()).unwrap_or_default();
    let access_key = Authorization::parse(header).map(|parsed| parsed.access_key).unwrap_or_default();
    let known = state.store.identities().access_keys.contains_key(&access_key);
    let key = if known { key_name(&access_key) } else { STRANGERS.to_owned() };
    let actor = audit::actor(parts, None, operation);
    let event = "authenticationFailed".to_owned();
    let actor = Actor { event, access_key: short(&access_key), ..actor };
    let id = if known { access_key.as_str() } else { "" };
    let refused = (error.code().status, error.to_string());
    refusal(state, actor, (&key, Door::AccessKey, id, &access_key), refused).await;
    error
}

async fn refusal(
    state: &State,
    actor: Actor,
    (key, door, id, name): (&str, Door, &str, &str),
    (status, why): (u16, String),
) {
    if status != 401 {
        return;
    }
    let Some(since) = state.attempts.lock().refused(key, model::time::now()) else { return };
    let before = if since == 0 { String::new() } else { format!(" ({since} more refusals since the last event)") };
    note(state, actor, (door, id, name), (status, &format!("{why}{before}"))).await;
}

/// A trail that cannot be written does not change the answer, which says more.
async fn note(state: &State, actor: Actor, (door, id, name): (Door, &str, &str), outcome: (u16, &str)) {
    if let Err(error) = state.store.note_attempt(actor, (door, id, &short(name)), outcome).await {
        tracing::error!(%error, "audit.not_written");
    }
}

fn short(text: &str) -> String {
    text.chars().take(KEPT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(seconds: &[i64], expect: &[Option<u64>]) {
        let mut attempts = Attempts::default();
        let at = |second| Timestamp::from_second(1_800_000_000 + second).unwrap();
        let noted: Vec<_> = seconds.iter().map(|second| attempts.refused("key AK", at(*second))).collect();
        assert_eq!(noted, expect);
    }

    #[test]
    fn refusals_of_a_minute_are_one_event_and_the_next_counts_them() {
        check(&[0, 1, 59, 60, 61, 200], &[Some(0), None, None, Some(2), None, Some(1)]);
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_nothing_quiet() {
        check(&[1000, 0, 1], &[Some(0), Some(0), None]);
    }

    #[test]
    fn what_locks_is_written_within_the_minute_too() {
        let mut attempts = Attempts::default();
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        assert_eq!(attempts.refused("key AK", now), Some(0));
        assert_eq!(attempts.refused("key AK", now), None);
        attempts.locks("key AK");
        assert_eq!(attempts.refused("key AK", now), Some(1));
        assert_eq!(attempts.refused("key AK", now), None);
        attempts.locks("key nobody has");
        assert_eq!(attempts.0.len(), 1);
    }
}
