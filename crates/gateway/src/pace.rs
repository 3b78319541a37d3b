//! How slow somebody may be: a pause has a limit, and so has the average of what is waited for.

use std::task::Context;
use std::time::Duration;

use tokio::time::Instant;

use crate::alarm::Alarm;

/// Waiting this long in all says nothing about the average yet.
const GRACE: Duration = Duration::from_secs(10);

/// One direction of a body. Only the time counts in which it is the other side's turn.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// When the wait began that is not over.
    since: Option<Instant>,
    waited: Duration,
    bytes: u64,
    alarm: Alarm,
}

impl Pace {
    /// Something came, or left.
    pub(crate) fn moved(&mut self, bytes: usize) {
        self.rest();
        self.bytes += bytes as u64;
    }

    /// It is not the other side's turn.
    pub(crate) fn rest(&mut self) {
        if let Some(since) = self.since.take() {
            self.waited += since.elapsed();
        }
    }

    /// Another body begins.
    pub(crate) fn restart(&mut self) {
        (self.since, self.waited, self.bytes) = (None, Duration::ZERO, 0);
    }

    /// Whether the other side, whose turn it is, was too slow: it did nothing for `pause`, or less than `rate` bytes a second on the
    /// average. Else the task of `cx` is woken when it would be.
    pub(crate) fn too_slow(&mut self, pause: Duration, rate: u64, cx: &mut Context<'_>) -> bool {
        let since = *self.since.get_or_insert_with(Instant::now);
        let allowed = match rate {
            0 => pause,
            _ => {
                let all = Duration::from_millis(self.bytes.saturating_mul(1000) / rate).max(GRACE);
                pause.min(all.saturating_sub(self.waited))
            }
        };
        self.alarm.rings(since + allowed, cx)
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use super::*;

    const PAUSE: Duration = Duration::from_secs(30);

    /// Done when the other side was too slow.
    async fn too_slow(pace: &mut Pace) {
        let poll = |slow: bool| if slow { Poll::Ready(()) } else { Poll::Pending };
        std::future::poll_fn(|cx| poll(pace.too_slow(PAUSE, 256, cx))).await;
    }

    /// Whether a client is too slow that sends so many bytes after each pause.
    async fn check(bytes: usize, pause: Duration, times: u32, expect: bool) {
        let mut pace = Pace::default();
        let mut slow = false;
        for _ in 0..times {
            slow |= tokio::time::timeout(pause, too_slow(&mut pace)).await.is_ok();
            pace.moved(bytes);
        }
        assert_eq!(slow, expect, "{bytes} bytes every {pause:?}, {times} times");
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_and_an_average_are_bounded() {
        let seconds = Duration::from_secs;
        check(1, seconds(29), 1, true).await; // nothing in the first ten seconds
        check(1, seconds(9), 1, false).await;
        check(1, seconds(4), 4, true).await;
        check(300, seconds(1), 100, false).await;
        check(100, seconds(1), 100, true).await;
        check(1_000_000, seconds(29), 3, true).await; // the first pause is over the grace already
    }

    #[tokio::test(start_paused = true)]
    async fn time_that_is_not_theirs_does_not_count() {
        let mut pace = Pace::default();
        for _ in 0..100 {
            tokio::time::sleep(Duration::from_secs(5)).await;
            let slow = tokio::time::timeout(Duration::from_millis(1), too_slow(&mut pace));
            assert!(slow.await.is_err());
            pace.moved(1);
        }
    }
}
