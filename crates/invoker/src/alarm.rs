//! A timer that is set with every request and almost never fires.

use std::pin::Pin;
use std::task::Context;

use tokio::time::{Instant, Sleep, sleep_until};

/// One timer, made when it is first asked. Moving it later costs nothing: it wakes its task at the old time, and is set again
/// then.
#[derive(Default)]
pub(crate) struct Alarm(Option<Pin<Box<Sleep>>>);

impl Alarm {
    /// Whether `at` has come; else the task of `cx` is woken then, or before.
    pub(crate) fn rings(&mut self, at: Instant, cx: &mut Context<'_>) -> bool {
        let sleep = self.0.get_or_insert_with(|| Box::pin(sleep_until(at)));
        if sleep.deadline() > at {
            sleep.as_mut().reset(at);
        }
        while sleep.as_mut().poll(cx).is_ready() {
            if sleep.deadline() >= at {
                return true;
            }
            sleep.as_mut().reset(at);
        }
        false
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
}
