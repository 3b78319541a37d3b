//! Decisions of authorizers, kept for the time that each says. Whoever asks for one that is being made waits for it: a thousand requests
//! with one new token call the function once. A failure is told to those who wait, and not kept.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::HeaderValue;
use parking_lot::Mutex;
use tokio::sync::OnceCell;
use tokio::time::Instant;

/// Decisions kept at most: some megabytes.
const MOST: usize = 10_000;

/// What an authorizer said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Let in, with what the function behind the API is told.
    Allowed(Option<HeaderValue>),
    /// Not let in.
    Denied,
    /// It said nothing that means anything; for the owner.
    Failed(String),
}

/// A decision, and until when it is good.
type Known = (Decision, Instant);

/// By what they are about.
#[derive(Debug, Default)]
pub(crate) struct Decisions(Mutex<HashMap<[u8; 32], Arc<OnceCell<Known>>>>);

impl Decisions {
    /// The decision that is kept, or the one that `decide` makes.
    pub(super) async fn get(&self, key: [u8; 32], kept: Duration, decide: BoxFuture<'_, Decision>) -> Decision {
        let cell = self.cell(key);
        let make = async {
            let decision = decide.await;
            let kept = if matches!(decision, Decision::Failed(_)) { Duration::ZERO } else { kept };
            (decision, Instant::now() + kept)
        };
        // When the one that makes it goes away, the next one that waits makes it.
        cell.get_or_init(|| make).await.0.clone()
    }

    fn cell(&self, key: [u8; 32]) -> Arc<OnceCell<Known>> {
        let mut all = self.0.lock();
        let now = Instant::now();
        let good = |cell: &OnceCell<Known>| cell.get().is_none_or(|(_, until)| now < *until);
        if let Some(cell) = all.get(&key).filter(|cell| good(cell)) {
            return Arc::clone(cell);
        }
        if all.len() >= MOST {
            all.retain(|_, cell| good(cell));
        }
        if all.len() >= MOST
            && let Some(any) = all.keys().next().copied()
        {
            all.remove(&any);
        }
        let cell = Arc::new(OnceCell::new());
        all.insert(key, Arc::clone(&cell));
        cell
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    /// Asks once, and says how often the function was called in all.
    async fn ask(decisions: &Decisions, calls: &AtomicUsize, decision: Decision) -> (Decision, usize) {
        let decide = async {
            calls.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            decision
        };
        let got = decisions.get([1; 32], MINUTE, Box::pin(decide)).await;
        (got, calls.load(Ordering::Relaxed))
    }

    #[tokio::test(start_paused = true)]
    async fn a_decision_is_kept_for_its_time_and_a_failure_is_not() {
        let (decisions, calls) = (Decisions::default(), AtomicUsize::new(0));
        let failed = Decision::Failed("x".into());
        assert_eq!(ask(&decisions, &calls, failed.clone()).await, (failed, 1));
        assert_eq!(ask(&decisions, &calls, Decision::Denied).await, (Decision::Denied, 2));
        assert_eq!(ask(&decisions, &calls, Decision::Allowed(None)).await, (Decision::Denied, 2));
        tokio::time::advance(MINUTE).await;
        assert_eq!(ask(&decisions, &calls, Decision::Allowed(None)).await, (Decision::Allowed(None), 3));
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_at_the_same_time_waits_for_one_call() {
        let (decisions, calls) = (Decisions::default(), AtomicUsize::new(0));
        let all = (0..100).map(|_| ask(&decisions, &calls, Decision::Allowed(None)));
        let got = futures_util::future::join_all(all).await;
        assert!(got.iter().all(|(decision, _)| *decision == Decision::Allowed(None)));
        assert_eq!(calls.load(Ordering::Relaxed), 1);
    }

    async fn ask_once(decisions: &Decisions, key: [u8; 32]) {
        let answer = Box::pin(async { Decision::Denied });
        decisions.get(key, MINUTE, answer).await;
    }

    #[tokio::test(start_paused = true)]
    async fn there_are_never_more_than_the_limit() {
        let decisions = Decisions::default();
        for number in 0..MOST + 10 {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&number.to_be_bytes());
            ask_once(&decisions, key).await;
        }
        assert_eq!(decisions.0.lock().len(), MOST);
    }
}
