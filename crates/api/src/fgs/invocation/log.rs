//! The log of one invocation, and what it cost.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use model::function::Function;
use model::invoke::Outcome;
use telemetry::{Line, Telemetry};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, timeout_at};
use wire::fgs::invocation::Summary;

/// Bytes of the log in a header (`api.md` d).
const TAIL_BYTES: usize = 2000;
/// Output travels through a pipe: it may come a little after the response. Nothing more is expected after a pause.
const PAUSE: Duration = Duration::from_millis(10);
const PATIENCE: Duration = Duration::from_millis(100);
/// Bytes of output kept for one answer.
const KEPT_BYTES: usize = 64 * 1024;
const MB: f64 = 1024.0 * 1024.0;

/// Looks at a function's log from before its invocation.
pub(super) struct Watch(Receiver<Arc<Line>>);

impl Watch {
    pub(super) fn new(telemetry: &Telemetry, function: &Function) -> Self {
        Self(telemetry.follow(&function.id.to_string()))
    }

    /// The lines of a request between a start and a finish line, as the vendor shows them. `instance` served it; none did, or
    /// nobody knows which, when the invocation failed.
    pub(super) async fn text(self, call: &super::Call, instance: Option<&str>, cost: &Cost) -> String {
        let (request_id, version) = (&call.id, &call.version.qualifier);
        let start = format!("Start invoke request '{request_id}', version: {version}\n");
        let lines = self.output(request_id, instance).await.text();
        format!("{start}{lines}{}", cost.finish_line(request_id))
    }

    /// What comes until nothing more is expected.
    async fn output<'a>(mut self, request_id: &'a str, instance: Option<&'a str>) -> Output<'a> {
        let end = Instant::now() + PATIENCE;
        let mut output = Output { request_id, instance, lines: VecDeque::new(), bytes: 0 };
        loop {
            let pause = end.min(Instant::now() + PAUSE);
            match timeout_at(pause, self.0.recv()).await {
                Ok(Ok(line)) => output.take(line),
                Ok(Err(RecvError::Lagged(_))) => {}
                Ok(Err(RecvError::Closed)) | Err(_) => return output,
            }
            if Instant::now() >= end {
                return output;
            }
        }
    }
}

/// Lines that may belong to a request, the last ones of them.
struct Output<'a> {
    request_id: &'a str,
    instance: Option<&'a str>,
    lines: VecDeque<Arc<Line>>,
    bytes: usize,
}

impl Output<'_> {
    fn take(&mut self, line: Arc<Line>) {
        let may_belong = match (&line.request_id, self.instance) {
            (Some(own), _) => own == self.request_id,
            (None, Some(instance)) => line.instance == instance,
            (None, None) => true,
        };
        if !may_belong {
            return;
        }
        self.bytes += line.text.len() + 1;
        self.lines.push_back(line);
        while self.bytes > KEPT_BYTES {
            let Some(oldest) = self.lines.pop_front() else { return };
            self.bytes -= oldest.text.len() + 1;
        }
    }

    /// The lines of the request, and of its instance while its requests cannot be told apart. A request that no instance spoke
    /// for failed before one took it: what instances said while they started is why.
    fn text(&self) -> String {
        let mine = |line: &&Arc<Line>| line.request_id.is_some();
        let instance = self.instance.or_else(|| self.lines.iter().find(mine).map(|line| line.instance.as_str()));
        let shown = |line: &&Arc<Line>| mine(line) || instance.is_none_or(|instance| line.instance == instance);
        self.lines.iter().filter(shown).flat_map(|line| [line.text.as_str(), "\n"]).collect()
    }
}

/// The last bytes of a log, from the beginning of a character.
pub(super) fn tail(log: &str) -> &str {
    let from = log.len().saturating_sub(TAIL_BYTES);
    let from = (from..log.len()).find(|at| log.is_char_boundary(*at)).unwrap_or(log.len());
    log.get(from..).unwrap_or_default()
}

/// Time and memory of an invocation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cost {
    /// The function's own time: without the queue and a cold start.
    duration: Duration,
    memory_mb: u32,
    used_bytes: u64,
}

impl Cost {
    pub(super) fn new(elapsed: Duration, outcome: &Outcome, memory_mb: u32) -> Self {
        let queue = Duration::from_micros(outcome.timings.queue_us);
        Self { duration: elapsed.saturating_sub(queue), memory_mb, used_bytes: outcome.memory_bytes }
    }

    fn milliseconds(&self) -> f64 {
        (self.duration.as_secs_f64() * 1_000_000.0).round() / 1000.0
    }

    /// Milliseconds, rounded up (`behaviour.md` 6.5).
    pub(super) fn billed_ms(&self) -> u64 {
        u64::try_from(self.duration.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
    }

    #[expect(clippy::cast_precision_loss, reason = "bytes of memory are far below 2^53")]
    fn used_mb(&self) -> f64 {
        (self.used_bytes as f64 / MB * 1000.0).round() / 1000.0
    }

    pub(super) fn summary(&self) -> Summary {
        Summary {
            duration: self.milliseconds(),
            billing_duration: self.billed_ms(),
            memory_size: self.memory_mb,
            memory_used: self.used_mb(),
        }
    }

    fn finish_line(&self, request_id: &str) -> String {
        format!(
            "Finish invoke request '{request_id}', duration: {:.3}ms, billing duration: {}ms, memory used: {:.3}MB, \
             billing memory: {}MB\n",
            self.milliseconds(),
            self.billed_ms(),
            self.used_mb(),
            self.memory_mb
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_at_most_2000_bytes_of_whole_characters() {
        assert_eq!(tail("short"), "short");
        assert_eq!(tail(&"x".repeat(3000)).len(), 2000);
        assert_eq!(tail(&"é".repeat(1001)).len(), 2000);
        assert_eq!(tail(&format!("{}x", "é".repeat(1500))).len(), 1999);
    }

    #[test]
    fn duration_leaves_the_queue_out_and_is_billed_by_the_millisecond() {
        let mut outcome = Outcome { memory_bytes: 43_515_904, ..Outcome::default() };
        outcome.timings.queue_us = 100_000;
        let cost = Cost::new(Duration::from_micros(102_049), &outcome, 128);
        assert_eq!(
            serde_json::to_string(&cost.summary()).unwrap(),
            r#"{"duration":2.049,"billingDuration":3,"memorySize":128,"memoryUsed":41.5}"#
        );
    }
}
