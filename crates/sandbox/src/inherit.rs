//! Sockets that a service supervisor opened before it started this process (sd_listen_fds(3)): they outlive the process, so that
//! nobody is refused while another takes its place.

use rustix::io::{Errno, FdFlags};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};

/// SD_LISTEN_FDS_START.
const FIRST: RawFd = 3;
/// More than anybody names for us.
const MOST: RawFd = 16;

/// The sockets meant for this process, close-on-exec, each with its name (`FileDescriptorName=`; `unknown` without one); none
/// without a supervisor, and none when called again.
///
/// # Errors
/// The environment promises descriptors that are not open, or more than sixteen.
pub fn sockets() -> io::Result<Vec<(String, OwnedFd)>> {
    static TAKEN: AtomicBool = AtomicBool::new(false);
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    // Those of a parent are not ours.
    if variable("LISTEN_PID") != std::process::id().to_string() || TAKEN.swap(true, Ordering::AcqRel) {
        return Ok(Vec::new());
    }
    let count: RawFd = variable("LISTEN_FDS").parse().map_err(|_| io::Error::from(Errno::INVAL))?;
    if !(0..=MOST).contains(&count) {
        return Err(Errno::INVAL.into());
    }
    let names = variable("LISTEN_FDNAMES");
    let mut names = names.split(':').map(str::to_owned);
    (FIRST..FIRST + count)
        .map(|number| Ok((names.next().unwrap_or_else(|| "unknown".to_owned()), take(number)?)))
        .collect()
}

fn take(number: RawFd) -> io::Result<OwnedFd> {
    {
        // SAFETY: only to ask whether it is open; `number` is not -1, and the kernel refuses what is closed.
        let asked = unsafe { BorrowedFd::borrow_raw(number) };
        rustix::io::fcntl_setfd(asked.as_fd(), FdFlags::CLOEXEC)?;
    }
    // SAFETY: it is open, and the supervisor's gift to this process (LISTEN_PID is ours): nothing in it opened the descriptor, and
    // `sockets` gives it away only once.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}
