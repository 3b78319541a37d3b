//! What can go wrong between "start this" and "it runs", as an error that crosses process boundaries.

use serde::{Deserialize, Serialize};
use std::io;

/// Why an instance or the launcher did not start. Each step of the way names itself, the path it worked on and, where
/// there is a usual cause, what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller asked for something that cannot be: every problem at once.
    #[error("the sandbox specification is not valid: {}", problems.join("; "))]
    Spec {
        /// One sentence each, naming field, value and limit.
        problems: Vec<String>,
    },
    /// The launcher process, or the one sandbox, ended without an answer.
    #[error("{what}")]
    Gone {
        /// Who ended, and what to do.
        what: String,
    },
    /// One step (as a rule one system call) failed.
    #[error("cannot {step}: {source}{}", hint(remedy))]
    Step {
        /// What was attempted, with the path or name involved: "mount a fresh root".
        step: String,
        /// The system's answer.
        source: io::Error,
        /// What to do about it; empty when there is no usual cause.
        remedy: &'static str,
    },
}

fn hint(remedy: &str) -> String {
    if remedy.is_empty() { String::new() } else { format!(" ({remedy})") }
}

/// The usual cause of an errno in this crate's business.
fn remedy(source: &io::Error) -> &'static str {
    match rustix::io::Errno::from_io_error(source) {
        Some(rustix::io::Errno::PERM | rustix::io::Errno::ACCESS) => {
            "instances need root with all capabilities: run funcd as root, not in an unprivileged container"
        }
        Some(rustix::io::Errno::NOSYS | rustix::io::Errno::INVAL) => {
            "the kernel lacks it: Linux 5.12 or newer is needed, `funcd doctor` tells what is missing"
        }
        Some(rustix::io::Errno::MFILE | rustix::io::Errno::NFILE) => "raise the limit of open files (LimitNOFILE)",
        Some(rustix::io::Errno::NOSPC) => {
            "a kernel limit is reached: see /proc/sys/user/max_*_namespaces and the disk's free space"
        }
        Some(rustix::io::Errno::AGAIN) => "too many processes: see pids.max of funcd's own cgroup and kernel.pid_max",
        Some(rustix::io::Errno::ROFS) => {
            "the file system is read-only: remount it, or leave the container that made it so"
        }
        _ => "",
    }
}

/// Names a failed step where it fails.
pub(crate) trait Step<T> {
    /// Turns the system's error into ours; `step` completes the sentence "cannot …".
    fn step<S: Into<String>>(self, step: impl FnOnce() -> S) -> Result<T, Error>;
}

impl<T, E: Into<io::Error>> Step<T> for Result<T, E> {
    fn step<S: Into<String>>(self, step: impl FnOnce() -> S) -> Result<T, Error> {
        self.map_err(|error| {
            let source = error.into();
            Error::Step { step: step().into(), remedy: remedy(&source), source }
        })
    }
}

/// An [`Error`] on its way through a socket; [`Error`] can be made from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    /// See [`Error::Spec`].
    Spec(Vec<String>),
    /// See [`Error::Gone`].
    Gone(String),
    /// See [`Error::Step`].
    Step {
        /// What was attempted.
        step: String,
        /// The system's number for what went wrong, where it has one.
        errno: Option<i32>,
        /// The same in words.
        text: String,
    },
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Spec { problems } => Self::Spec(problems),
            Error::Gone { what } => Self::Gone(what),
            Error::Step { step, source, .. } => {
                Self::Step { step, errno: source.raw_os_error(), text: source.to_string() }
            }
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Spec(problems) => Self::Spec { problems },
            Failure::Gone(what) => Self::Gone { what },
            Failure::Step { step, errno, text } => {
                let source = errno.map_or_else(|| io::Error::other(text), io::Error::from_raw_os_error);
                Self::Step { step, remedy: remedy(&source), source }
            }
        }
    }
}
