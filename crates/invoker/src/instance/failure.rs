//! Why an instance did not start or is no more, in words for callers and for its owner.

use model::instance::Reason;
use model::{Error, Kind};

/// Why; unlike an [`Error`] it can be told to many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    /// For callers, where the kind's own text is not precise enough.
    pub(crate) message: Option<String>,
    /// For the owner: short, and no line of the log, in which it is written.
    pub(crate) detail: String,
}

impl Failure {
    pub(crate) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, message: None, detail: detail.into() }
    }

    pub(crate) fn message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    pub(crate) fn error(&self) -> Error {
        let error = Error::new(self.kind);
        match &self.message {
            // Both are written side by side.
            Some(message) if message.contains(&self.detail) => error.message(message.clone()),
            Some(message) => error.message(message.clone()).detail(self.detail.clone()),
            None => error.detail(self.detail.clone()),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { kind: error.kind, message: Some(error.message), detail: error.detail.unwrap_or_default() }
    }
}

/// How a process ended, such as `its process ended with exit code 3`.
pub(super) fn ending(code: Option<i32>, signal: Option<i32>) -> String {
    match (code, signal) {
        (_, Some(signal)) => format!("its process was ended by signal {signal}{}", signal_name(signal)),
        (Some(0), None) => {
            "its process ended with exit code 0: the start command must stay in the foreground".to_owned()
        }
        (Some(127), None) => "its process ended with exit code 127: the start command was not found".to_owned(),
        (Some(126), None) => "its process ended with exit code 126: the start command cannot be executed".to_owned(),
        // A shell passes the signal that ended its command on like this.
        (Some(code @ 129..=159), None) => {
            let signal = code - 128;
            format!("its process ended with exit code {code}: signal {signal}{}", signal_name(signal))
        }
        (Some(code), None) => format!("its process ended with exit code {code}"),
        (None, None) => "its process ended".to_owned(),
    }
}

fn signal_name(signal: i32) -> &'static str {
    match signal {
        4 => " (SIGILL)",
        6 => " (SIGABRT)",
        7 => " (SIGBUS)",
        8 => " (SIGFPE)",
        9 => " (SIGKILL)",
        11 => " (SIGSEGV)",
        15 => " (SIGTERM)",
        31 => " (SIGSYS: a system call that is not allowed)",
        _ => "",
    }
}

/// What those who were being served by an instance hear when it ended for `reason`.
pub(super) fn ended_by_us(reason: Reason) -> Failure {
    let detail = match reason {
        Reason::TimedOut => "the instance was ended because another request exceeded the function's timeout",
        Reason::Unreachable => "the instance was ended because its port did not accept connections any more",
        Reason::Shutdown => return Failure::new(Kind::Draining, "the instance was ended because funcd shuts down"),
        _ => "the instance was ended",
    };
    Failure::new(Kind::Exited, detail)
}
