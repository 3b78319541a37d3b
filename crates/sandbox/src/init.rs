//! What the sandbox's init does while the instance lives: wait. It is process 1 of the instance's pid namespace, so that
//! its end is the end of every process inside.

use crate::{Event, message, sys};
use rustix::event::{PollFd, PollFlags};
use rustix::process::{Pid, WaitOptions, WaitStatus};
use std::io;
use std::os::fd::{AsFd, OwnedFd};

/// Reaps until the user's process ends, then reports and ends. Also ends when nobody holds the other end of `lease` any
/// more, or when the memory limit was hit (`oom`): version 1 cgroups kill one process of many, and an instance that
/// limps on is worse than none.
pub(crate) fn main(user: Pid, lease: OwnedFd, oom: Option<OwnedFd>) -> ! {
    // What init does not need: the ends of pipes, handles it passed on, the namespace.
    let Ok((lease, oom)) = keep(lease, oom) else { sys::exit(1) };
    let Ok(children) = sys::child_signals() else { sys::exit(1) };
    loop {
        // Before the first wait as well: a child may have ended before its signal was blocked.
        if let Some(status) = reap(user) {
            report(&lease, &Event::Exited { code: status.exit_status(), signal: status.terminating_signal() });
            sys::exit(0)
        }
        match wait(&children, &lease, oom.as_ref()) {
            Wake::Children => drain(&children),
            Wake::Memory => {
                report(&lease, &Event::Exited { code: None, signal: Some(libc::SIGKILL) });
                sys::exit(0)
            }
            Wake::Abandoned => sys::exit(0),
        }
    }
}

enum Wake {
    Children,
    Memory,
    Abandoned,
}

fn keep(lease: OwnedFd, oom: Option<OwnedFd>) -> io::Result<(OwnedFd, Option<OwnedFd>)> {
    Ok(match oom {
        Some(oom) => {
            let [lease, oom] = sys::keep_only([lease, oom])?;
            (lease, Some(oom))
        }
        None => {
            let [lease] = sys::keep_only([lease])?;
            (lease, None)
        }
    })
}

/// Reaps every child that ended; the status of the user's process when it was among them.
fn reap(user: Pid) -> Option<WaitStatus> {
    let mut status = None;
    while let Ok(Some((pid, ended))) = rustix::process::wait(WaitOptions::NOHANG) {
        if pid == user {
            status = Some(ended);
        }
    }
    status
}

fn wait(children: &OwnedFd, lease: &OwnedFd, oom: Option<&OwnedFd>) -> Wake {
    loop {
        let mut fds = vec![PollFd::new(children, PollFlags::IN), PollFd::new(lease, PollFlags::empty())];
        fds.extend(oom.map(|oom| PollFd::new(oom, PollFlags::IN)));
        let polled = rustix::event::poll(&mut fds, None);
        let woken: Vec<_> = fds.iter().map(|fd| !fd.revents().is_empty()).collect();
        match (polled, woken.as_slice()) {
            (Err(rustix::io::Errno::INTR), _) => {}
            (Err(_), _) | (_, [_, true, ..]) => return Wake::Abandoned,
            (_, [_, _, true]) => return Wake::Memory,
            (_, [true, ..]) => return Wake::Children,
            _ => {}
        }
    }
}

fn drain(children: &OwnedFd) {
    let mut info = [0_u8; 128];
    while rustix::io::read(children.as_fd(), &mut info).is_ok_and(|got| got > 0) {}
}

fn report(lease: &OwnedFd, event: &Event) {
    let bytes = serde_json::to_vec(event).unwrap_or_default();
    // The daemon may be gone: then nobody wants to know.
    let _ = message::send(lease, &bytes, &[]);
}
