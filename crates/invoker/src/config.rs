//! What an operator can set.

use std::time::Duration;

use crate::agencies::Agencies;

/// The invoker's settings; [`Config::default`] has the documented values.
#[derive(Clone, Debug)]
pub struct Config {
    /// Who lends functions the credentials of their agencies (nobody).
    pub agencies: Agencies,
    /// How long an instance without a request is kept (60 s, `behaviour.md` 6.4).
    pub keep_alive: Duration,
    /// After how long without a request an instance is frozen (10 s); `None` where it shall not be, or cannot.
    pub freeze_after: Option<Duration>,
    /// Percent of the host's memory that must be available; with less, frozen instances are moved to swap, those that were
    /// frozen first before the others (10). 0: never, or the host has no swap.
    pub memory_low: u8,
    /// How often that is looked at (1 s).
    pub memory_look: Duration,
    /// How long an instance may take to end after SIGTERM, or to give up a request whose time is over, and how long its other
    /// requests may go on if it does not (5 s).
    pub stop_grace: Duration,
    /// Requests of one version that may wait for a slot (10,000); more are throttled at once.
    pub queue: usize,
    /// Instances that may start at the same time on this node (2 per core, `performance.md` 2f).
    pub starts: usize,
    /// How long one start may keep its place among those (3 s): who starts longer mostly waits for something else than a core.
    pub start_turn: Duration,
    /// When and how long starts of a version that keeps failing wait.
    pub back_off: BackOff,
    /// Bytes of a response body (200 MB, `behaviour.md` 1.5).
    pub response_body_bytes: u64,
    /// How long a connection to a user's server may be idle and still be used again (1 s).
    pub connection_idle: Duration,
    /// How old the figure of an instance's memory in a record may be (100 ms).
    pub memory_age: Duration,
    /// How often telemetry is told about instances (5 s).
    pub sample: Duration,
    /// How often everything is compared with the snapshot, besides at each change (10 s).
    pub reconcile: Duration,
}

/// Exponential back-off with full jitter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackOff {
    /// Failures in a row from which on starts wait (3); before, each caller sees the cause itself.
    pub after: u32,
    /// The upper end of the first wait (1 s); it doubles with each failure.
    pub first: Duration,
    /// The longest wait (60 s).
    pub longest: Duration,
}

impl Default for Config {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            agencies: Agencies::default(),
            keep_alive: Duration::from_secs(60),
            freeze_after: Some(Duration::from_secs(10)),
            memory_low: 10,
            memory_look: Duration::from_secs(1),
            stop_grace: Duration::from_secs(5),
            queue: 10_000,
            starts: 2 * cores,
            start_turn: Duration::from_secs(3),
            back_off: BackOff::default(),
            response_body_bytes: 200 * 1024 * 1024,
            connection_idle: Duration::from_secs(1),
            memory_age: Duration::from_millis(100),
            sample: Duration::from_secs(5),
            reconcile: Duration::from_secs(10),
        }
    }
}

impl Default for BackOff {
    fn default() -> Self {
        Self { after: 3, first: Duration::from_secs(1), longest: Duration::from_secs(60) }
    }
}
