//! Answers that prove who a domain belongs to (RFC 8555 section 8.3), while an order for its certificate is under way.

use std::collections::HashMap;

use arc_swap::ArcSwap;

/// By token. Few, and mostly none.
#[derive(Debug, Default)]
pub struct Challenges(ArcSwap<HashMap<String, String>>);

impl Challenges {
    /// What the server that asks for `token` is to get.
    pub fn find(&self, token: &str) -> Option<String> {
        self.0.load().get(token).cloned()
    }

    /// Answers so from now on.
    pub fn put(&self, token: &str, answer: &str) {
        self.0.rcu(|all| {
            let mut all = HashMap::clone(all);
            all.insert(token.to_owned(), answer.to_owned());
            all
        });
    }

    /// Does not answer any more.
    pub fn remove(&self, token: &str) {
        self.0.rcu(|all| {
            let mut all = HashMap::clone(all);
            all.remove(token);
            all
        });
    }
}
