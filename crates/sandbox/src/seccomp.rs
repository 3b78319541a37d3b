//! Which system calls a user's process may make: an allow-list, as data, compiled to a small classic-BPF program.
//!
//! A number the list does not know gets `ENOSYS`, so that a newer C library falls back; a known and refused one gets
//! `EPERM`; another architecture's entry (32-bit, x32) kills the process. `listen` is handed to the daemon, which learns
//! from it when the server is ready.

mod assembler;
mod policy;

use crate::Error;
use crate::error::Step;
use crate::sys;
use std::os::fd::OwnedFd;

/// Puts the calling process and all it will ever start under the policy. Returns the descriptor on which the kernel
/// reports calls of `listen`, where the kernel can.
pub(crate) fn install() -> Result<Option<OwnedFd>, Error> {
    if sys::seccomp_knows(libc::SECCOMP_RET_USER_NOTIF) {
        let filter = assembler::assemble(libc::SECCOMP_RET_USER_NOTIF);
        // Without WAIT_KILLABLE (before Linux 5.19) a signal restarts the call: a second listen on a listening socket,
        // which does no harm. With another listener above us in the process tree (EBUSY) there can be none here.
        for flags in [sys::NEW_LISTENER | sys::WAIT_KILLABLE, sys::NEW_LISTENER] {
            if let Ok(listener) = sys::seccomp(&filter, flags) {
                return Ok(listener);
            }
        }
    }
    sys::seccomp(&assembler::assemble(libc::SECCOMP_RET_ALLOW), 0).step(|| "install the seccomp filter")
}

#[cfg(test)]
mod tests;
