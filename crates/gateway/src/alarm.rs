//! A timer that is set with every request and almost never fires.

use std::pin::Pin;
use std::task::{Context, Waker};

use tokio::time::{Instant, Sleep, sleep_until};

/// One timer. Moving it later costs nothing: it wakes its task at the old time, and is set again then.
#[derive(Debug, Default)]
pub(crate) struct Alarm(Option<Set>);

#[derive(Debug)]
struct Set {
    sleep: Pin<Box<Sleep>>,
    /// Whom it wakes.
    waker: Waker,
}

impl Alarm {
    /// Whether `at` has come; else the task of `cx` is woken then, or before.
    pub(crate) fn rings(&mut self, at: Instant, cx: &mut Context<'_>) -> bool {
        if self.0.as_ref().is_some_and(|set| set.is_in_time(at, cx)) {
            return false; // as a rule: neither the clock nor the timer is looked at
        }
        if at <= Instant::now() {
            return true;
        }
        let waker = cx.waker().clone();
        let set = match self.0.take() {
            Some(Set { mut sleep, .. }) => {
                if sleep.is_elapsed() || sleep.deadline() > at {
                    sleep.as_mut().reset(at);
                }
                Set { sleep, waker }
            }
            None => Set { sleep: Box::pin(sleep_until(at)), waker },
        };
        self.0.insert(set).sleep.as_mut().poll(cx).is_ready()
    }
}

impl Set {
    /// Whether it wakes the task of `cx` by then already.
    fn is_in_time(&self, at: Instant, cx: &Context<'_>) -> bool {
        self.sleep.deadline() <= at && !self.sleep.is_elapsed() && self.waker.will_wake(cx.waker())
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::task::Poll;
    use std::time::Duration;

    use super::*;

    fn rung(rings: bool) -> Poll<()> {
        if rings { Poll::Ready(()) } else { Poll::Pending }
    }

    #[tokio::test(start_paused = true)]
    async fn it_rings_at_the_time_it_was_last_set_to() {
        let mut alarm = Alarm::default();
        let start = Instant::now();
        for seconds in [10, 30, 20, 20, 15, 60] {
            let at = start + Duration::from_secs(seconds);
            let earlier = Instant::now();
            poll_fn(|cx| rung(alarm.rings(at, cx))).await;
            assert_eq!(Instant::now(), at.max(earlier), "{seconds}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_wakes_the_task_that_asked_last() {
        let start = Instant::now();
        let mut alarm = Alarm::default();
        let at = start + Duration::from_secs(5);
        assert!(!alarm.rings(at, &mut Context::from_waker(Waker::noop())));
        let mut others = tokio::task::JoinSet::new();
        others.spawn(async move { poll_fn(|cx| rung(alarm.rings(at, cx))).await });
        others.join_next().await.unwrap().unwrap();
        assert_eq!(Instant::now(), at);
    }
}
