//! What can go wrong with an invocation or a management request: what, whose fault, whether to retry, and how the wire says it.

use std::time::Duration;

/// An error with one message for the caller and one for the owner's log.
#[derive(Debug, thiserror::Error)]
#[error("{kind:?}: {message}")]
pub struct Error {
    /// What happened.
    pub kind: Kind,
    /// For the caller: nothing internal in it.
    pub message: String,
    /// For the function's owner: exit code, addresses, limits. It is written into the function's log, so no line of that is in
    /// it. Never sent to an anonymous caller.
    pub detail: Option<String>,
    /// When it makes sense to try again.
    pub retry_after: Option<Duration>,
}

impl Error {
    /// An error whose message is the kind's own.
    pub fn new(kind: Kind) -> Self {
        Self { kind, message: kind.text().to_owned(), detail: None, retry_after: None }
    }

    /// With another message for the caller.
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// With a detail for the owner.
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// With the time after which to try again.
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }
}

/// Whose fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Who sent the request.
    Caller,
    /// The user's code.
    Function,
    /// funcd or its host.
    Platform,
}

/// Everything that can keep an invocation from a response of the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// More requests than instances and slots allow, until the deadline.
    Throttled,
    /// The owner set the maximum of instances to 0.
    Disabled,
    /// The process ended before its port listened.
    ExitedAtStart,
    /// The port did not listen in time.
    NeverListened,
    /// It listens, but not on 127.0.0.1:8000.
    WrongAddress,
    /// It failed to start several times in a row; the next start waits.
    CrashLoop,
    /// The instance used more memory than it has.
    OutOfMemory,
    /// The request took longer than the function's timeout.
    TimedOut,
    /// The process ended while it served the request.
    Exited,
    /// The response is not legal HTTP, or the connection broke before its head was complete.
    BadResponse,
    /// The response body is larger than the limit.
    ResponseTooLarge,
    /// The request body is larger than the limit.
    RequestTooLarge,
    /// The client did not send its request body in time.
    SlowRequest,
    /// No instance could be started before the deadline because the host is busy.
    Busy,
    /// funcd is shutting down.
    Draining,
    /// The client went away.
    Cancelled,
    /// A failure of funcd or its host.
    Internal,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 17] = [
        Self::Throttled,
        Self::Disabled,
        Self::ExitedAtStart,
        Self::NeverListened,
        Self::WrongAddress,
        Self::CrashLoop,
        Self::OutOfMemory,
        Self::TimedOut,
        Self::Exited,
        Self::BadResponse,
        Self::ResponseTooLarge,
        Self::RequestTooLarge,
        Self::SlowRequest,
        Self::Busy,
        Self::Draining,
        Self::Cancelled,
        Self::Internal,
    ];

    #[rustfmt::skip] // a table: one row a kind
    fn row(self) -> (Fault, bool, u16, &'static str, u32, &'static str) {
        use Fault::{Caller, Function, Platform};
        match self {
            Self::Throttled => (Caller, true, 429, "FSS.0429", 150_429, "too many concurrent requests for this function, please retry later"),
            Self::Disabled => (Function, false, 403, "FSS.0403", 150_434, "the function is disabled: its maximum number of instances is 0"),
            Self::ExitedAtStart => (Function, false, 502, "FSS.0502", 4201, "function initialization failed: its process ended before port 8000 listened"),
            Self::NeverListened => (Function, false, 504, "FSS.0504", 4211, "function initialization timed out: nothing listens on 127.0.0.1:8000"),
            Self::WrongAddress => (Function, false, 502, "FSS.0502", 4014, "function initialization failed: it listens on another address or port than 127.0.0.1:8000"),
            Self::CrashLoop => (Function, true, 503, "FSS.0503", 4011, "the function keeps failing to start, please retry later"),
            Self::OutOfMemory => (Function, false, 500, "FSS.0500", 4205, "runtime memory limit exceeded"),
            Self::TimedOut => (Function, false, 504, "FSS.0504", 4010, "function execution timed out"),
            Self::Exited => (Function, false, 502, "FSS.0502", 4002, "the function's process ended while it served the request"),
            Self::BadResponse => (Function, false, 502, "FSS.0502", 4007, "the function did not answer with a legal HTTP response"),
            Self::ResponseTooLarge => (Function, false, 502, "FSS.0502", 4004, "the function's response is larger than the limit"),
            Self::RequestTooLarge => (Caller, false, 413, "FSS.0413", 4140, "the request body is larger than the limit"),
            Self::SlowRequest => (Caller, true, 408, "FSS.0408", 200_408, "the request body did not arrive in time"),
            Self::Busy => (Platform, true, 503, "FSS.0503", 150_430, "no instance could be started in time, please retry later"),
            Self::Draining => (Platform, true, 503, "FSS.0503", 150_439, "the service is shutting down, please retry later"),
            Self::Cancelled => (Caller, false, 499, "FSS.0408", 200_408, "the client closed the request"),
            Self::Internal => (Platform, true, 500, "FSS.0500", 150_500, "internal error"),
        }
    }

    /// Whose fault.
    pub fn fault(self) -> Fault {
        self.row().0
    }

    /// Whether the same request may succeed later.
    pub fn retryable(self) -> bool {
        self.row().1
    }

    /// HTTP status for the caller.
    pub fn status(self) -> u16 {
        self.row().2
    }

    /// `error_code` in the body.
    pub fn code(self) -> &'static str {
        self.row().3
    }

    /// `X-Func-Err-Code` (`behaviour.md` 6.6).
    pub fn inner_code(self) -> u32 {
        self.row().4
    }

    /// The message a caller gets when nothing more precise is known.
    pub fn text(self) -> &'static str {
        self.row().5
    }

    /// The kind that a record names.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Name for records, logs and metrics, such as `out_of_memory`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Throttled => "throttled",
            Self::Disabled => "disabled",
            Self::ExitedAtStart => "exited_at_start",
            Self::NeverListened => "never_listened",
            Self::WrongAddress => "wrong_address",
            Self::CrashLoop => "crash_loop",
            Self::OutOfMemory => "out_of_memory",
            Self::TimedOut => "timed_out",
            Self::Exited => "exited",
            Self::BadResponse => "bad_response",
            Self::ResponseTooLarge => "response_too_large",
            Self::RequestTooLarge => "request_too_large",
            Self::SlowRequest => "slow_request",
            Self::Busy => "busy",
            Self::Draining => "draining",
            Self::Cancelled => "cancelled",
            Self::Internal => "internal",
        }
    }
}
