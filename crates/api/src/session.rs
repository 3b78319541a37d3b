//! Sessions of the web console: where their halves are in a request, which of them were ended before their time, and the links that
//! begin one without a password. What is ended and what is linked is in memory only; see `SECURITY.md`.

use std::collections::HashMap;
use std::sync::Arc;

use auth::session::Session;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use http::header::COOKIE;
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};

use crate::authenticate::unauthenticated;
use crate::error::Error;
use crate::state::State;

/// How long a session is good.
pub(crate) const LIFE: SignedDuration = SignedDuration::from_hours(12);
/// How long a link is good.
const LINK_LIFE: SignedDuration = SignedDuration::from_mins(15);
/// Links that are good at the same time; one more ends the oldest.
const LINKS: usize = 16;
/// The header with the script's half.
pub(crate) const KEY: &str = "x-funcd-session";
/// What the names of our cookies begin with.
pub(crate) const COOKIE_NAME: &str = "funcd_session";
/// Cookies that are tried: others at the same host may set some of our name.
const TRIED: usize = 8;

/// Sessions that were ended before their time, until then.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ended(Arc<Mutex<HashMap<String, Timestamp>>>);

impl Ended {
    /// Ends it.
    pub(crate) fn end(&self, session: &Session, now: Timestamp) {
        let mut ended = self.0.lock();
        ended.retain(|_, expires| *expires > now);
        ended.insert(session.id.clone(), session.claims.expires);
    }

    fn has(&self, session: &Session) -> bool {
        self.0.lock().contains_key(&session.id)
    }
}

/// Links that let the first user in, each once and for 15 minutes. Cheap clone.
#[derive(Clone, Debug, Default)]
pub struct Links(Arc<Mutex<HashMap<[u8; 32], Timestamp>>>);

impl Links {
    /// What stands behind `#link=` of a new one: 43 characters.
    pub fn make(&self, now: Timestamp) -> String {
        let link = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        let mut links = self.0.lock();
        links.retain(|_, expires| *expires > now);
        if links.len() >= LINKS
            && let Some(oldest) = links.iter().min_by_key(|(_, expires)| **expires).map(|(digest, _)| *digest)
        {
            links.remove(&oldest);
        }
        links.insert(digest(&link), now + LINK_LIFE);
        link
    }

    /// Whether it is good; it is not afterwards. Looked up by digest, so that no time tells how much of one was right.
    pub(crate) fn redeem(&self, link: &str, now: Timestamp) -> bool {
        self.0.lock().remove(&digest(link)).is_some_and(|expires| expires > now)
    }
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// Whether a request says that it comes from the console.
pub(crate) fn is_named(headers: &HeaderMap) -> bool {
    headers.contains_key(KEY)
}

/// The session whose halves a request has, if it was not ended; its time is not looked at.
pub(crate) fn find(headers: &HeaderMap, state: &State) -> Result<Session, Error> {
    let script = headers.get(KEY).and_then(|key| key.to_str().ok()).unwrap_or_default();
    let cookies = headers.get_all(COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    let ours = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|cookie| {
        let (name, value) = cookie.trim().split_once('=')?;
        name.starts_with(COOKIE_NAME).then_some(value)
    });
    let found = ours.take(TRIED).find_map(|cookie| Session::open(cookie, script, state.store.token_key()));
    found.filter(|session| !state.ended.has(session)).ok_or_else(|| {
        unauthenticated("X-Funcd-Session and the session's cookie do not belong to a session: sign in at the console")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn a_link_is_good_once_and_for_a_quarter_of_an_hour() {
        let links = Links::default();
        let (first, second) = (links.make(at(0)), links.make(at(0)));
        assert!(!links.redeem("", at(1)));
        assert!(!links.redeem(&first[1..], at(1)));
        assert!(links.redeem(&first, at(899)));
        assert!(!links.redeem(&first, at(899)));
        assert!(!links.redeem(&second, at(900)));
    }

    #[test]
    fn many_links_end_the_oldest() {
        let links = Links::default();
        let all: Vec<String> = (0..20).map(|second| links.make(at(second))).collect();
        let good: Vec<bool> = all.iter().map(|link| links.redeem(link, at(30))).collect();
        assert_eq!(good.iter().filter(|good| **good).count(), LINKS);
        assert_eq!(good[..4], [false; 4]);
    }

    #[test]
    fn what_was_ended_is_forgotten_with_its_time() {
        let ended = Ended::default();
        let (short, _) = Session::begin("u".into(), 0, at(0), at(10));
        let (long, _) = Session::begin("u".into(), 0, at(0), at(100));
        ended.end(&short, at(1));
        assert!(ended.has(&short) && !ended.has(&long));
        ended.end(&long, at(50));
        assert!(!ended.has(&short) && ended.has(&long));
    }
}
