//! The daemon's handle of a running instance.

use crate::blank::Parts;
use crate::cgroup::{Group, Usage};
use crate::error::Failure;
use crate::listen::{self, Listen};
use crate::{Error, message, netns, page_out, sys};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::net::{AddressFamily, Shutdown, SocketFlags, SocketType};
use rustix::process::Signal;
use serde::{Deserialize, Serialize};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

/// A running instance. All descriptors are close-on-exec and non-blocking. Dropping it kills and removes the instance
/// without waiting for it.
#[derive(Debug)]
pub struct Jail {
    /// Host pid of the sandbox's init.
    pub pid: i32,
    /// Readable when the init is gone, and every other process of the instance with it.
    pub pidfd: OwnedFd,
    /// Read end of the program's standard output. It must be drained: a full pipe (64 KiB) makes the program wait.
    pub stdout: OwnedFd,
    /// Read end of the program's standard error.
    pub stderr: OwnedFd,
    /// Readable when there is an [`Event`] (see [`Jail::next_event`]) or there will be none any more.
    pub events: OwnedFd,
    /// Readable when the instance calls `listen(2)`; `None` where the kernel cannot tell (then poll with `connect`).
    /// It must be watched for the instance's whole life: each such call waits for [`Jail::next_listen`].
    pub listens: Option<OwnedFd>,
    /// One taker of notifications at a time: a second could be left waiting for one that the first took.
    taking: Mutex<()>,
    user: OwnedFd,
    network: OwnedFd,
    home: Arc<OwnedFd>,
    oom: Option<OwnedFd>,
    group: Group,
}

/// What happened to the program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The program runs: it was exec'd. A call of `listen` may be seen before this is.
    Executed,
    /// The program could not be exec'd; nothing of the instance is left.
    Failed(Failure),
    /// The user's process ended, and so did everything else in the instance.
    Exited {
        /// Its exit status, when it ended by itself.
        code: Option<i32>,
        /// The signal that killed it. SIGKILL with [`Usage::oom_kills`] above 0: it was the memory limit.
        signal: Option<i32>,
    },
}

impl Jail {
    /// From the descriptors that came with the launcher's reply, init's first, then in the order that [`Parts`] tells.
    pub(crate) fn assemble(
        (parts, group): (Parts, Group),
        fds: Vec<OwnedFd>,
        events: OwnedFd,
        home: Arc<OwnedFd>,
    ) -> Option<Self> {
        let mut fds = fds.into_iter();
        let mut jail = Self {
            pid: parts.pid,
            pidfd: fds.next()?,
            user: fds.next()?,
            network: fds.next()?,
            stdout: fds.next()?,
            stderr: fds.next()?,
            events,
            listens: None,
            taking: Mutex::new(()),
            home,
            oom: None,
            group,
        };
        if parts.has_listens {
            jail.listens = Some(fds.next()?);
        }
        if parts.has_oom {
            jail.oom = Some(fds.next()?);
        }
        Some(jail)
    }

    /// The next event, without blocking.
    ///
    /// # Errors
    /// `WouldBlock` when there is none yet; `UnexpectedEof` when the instance is gone and has said all it had to say.
    pub fn next_event(&self) -> io::Result<Event> {
        let mut buffer = [0; 1024];
        match message::receive(&self.events, &mut buffer)? {
            Some((length, _)) => Ok(serde_json::from_slice(buffer.get(..length).unwrap_or_default())?),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    /// Answers one pending call of `listen(2)` without blocking; it has been carried out when this returns.
    ///
    /// # Errors
    /// `WouldBlock` when there is none (or its caller is gone); `Unsupported` without [`Jail::listens`]; `UnexpectedEof`
    /// when no process is left that could call.
    pub fn next_listen(&self) -> io::Result<Listen> {
        let Some(listens) = &self.listens else { return Err(io::ErrorKind::Unsupported.into()) };
        let _one = self.taking.lock().unwrap_or_else(PoisonError::into_inner);
        listen::next(listens.as_fd())
    }

    /// A fresh non-blocking TCP/IPv4 socket inside the instance's network, not yet connected. It steps into the
    /// instance's network namespace and back on the calling thread, in about 10 µs: nothing may be awaited meanwhile,
    /// and nothing is.
    pub fn socket(&self) -> io::Result<OwnedFd> {
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let make = || rustix::net::socket_with(AddressFamily::INET, SocketType::STREAM, flags, None);
        Ok(netns::inside(self.network.as_fd(), self.home.as_fd(), make)??)
    }

    /// SIGTERM to the process group of the user's process.
    pub fn terminate(&self) -> io::Result<()> {
        match sys::signal_group(&self.user, libc::SIGTERM) {
            // Before Linux 6.9: the flag is unknown. The process is a leader by setsid, so its pid names the group.
            Err(error) if error.raw_os_error() == Some(libc::EINVAL) => {
                let pid = listen::pid_of(self.user.as_fd())?;
                Ok(rustix::process::kill_process_group(pid, Signal::TERM)?)
            }
            done => done,
        }
    }

    /// SIGKILL to everything in the sandbox; returns at once. [`Jail::pidfd`] tells when it is done.
    pub fn kill(&self) -> io::Result<()> {
        // The kernel kills a pid namespace with its init.
        let killed = rustix::process::pidfd_send_signal(&self.pidfd, Signal::KILL);
        self.group.let_die();
        match killed {
            Err(rustix::io::Errno::SRCH) => Ok(()),
            done => Ok(done?),
        }
    }

    /// Stops every process of the instance where it is; its sockets stay, and what is sent to them waits. Blocks for up to
    /// milliseconds; whether all have stopped is for [`Jail::is_frozen`] to say. Frozen it can still be killed; SIGTERM waits
    /// for [`Jail::thaw`].
    ///
    /// # Errors
    /// `Unsupported` where the host has no freezer (see [`crate::probe::can_freeze`]), or what the kernel says.
    pub fn freeze(&self) -> Result<(), Error> {
        self.group.freeze()
    }

    /// Whether every process has stopped; a read of one file. Linux has no time limit for it: a process in the middle of
    /// a call that cannot be interrupted stops after it.
    pub fn is_frozen(&self) -> bool {
        self.group.is_frozen()
    }

    /// Lets the processes run again. Blocks while the kernel changes other groups, up to milliseconds.
    ///
    /// # Errors
    /// What the kernel says, e.g. that the instance is gone.
    pub fn thaw(&self) -> Result<(), Error> {
        self.group.thaw()
    }

    /// Moves the private memory of a frozen instance to the host's swap, until `stop`; it comes back page by page when it is
    /// used. Returns the bytes by which its memory has become less. Blocks for 2 to 100 ms of CPU time, and as long as the swap
    /// device takes to write. Without swap nothing moves.
    ///
    /// # Errors
    /// The instance is gone, or the daemon lacks CAP_SYS_NICE.
    pub fn page_out(&self, stop: &AtomicBool) -> Result<u64, Error> {
        let before = self.group.usage().memory_bytes;
        self.group.with_swap(|| page_out::page_out(&self.group, stop))?;
        Ok(before.saturating_sub(self.group.usage().memory_bytes))
    }

    /// What it used so far. Also after its end, until it is dropped.
    pub fn usage(&self) -> Usage {
        Usage { oom_kills: self.oom_kills(), ..self.group.usage() }
    }

    /// [`Usage::memory_bytes`] alone, which takes a fifth of the time.
    pub fn memory_bytes(&self) -> u64 {
        self.group.memory_bytes()
    }

    /// [`Usage::oom_kills`] alone.
    pub fn oom_kills(&self) -> u64 {
        // Init may have ended everything between the kernel's warning and its kill, and then nothing was counted.
        self.group.oom_kills().max(u64::from(self.oom.as_ref().is_some_and(is_readable)))
    }

    /// Readable when the memory limit was hit and nothing could be reclaimed; `None` where unsupported (version 2
    /// cgroups: there the whole instance is killed by the kernel, and [`Jail::usage`] counts it). Poll it, but do not read
    /// it: [`Jail::usage`] and the sandbox's init look at the same descriptor.
    pub fn oom_fd(&self) -> Option<&OwnedFd> {
        self.oom.as_ref()
    }
}

impl Drop for Jail {
    fn drop(&mut self) {
        // It may be gone already; and should the signal fail, the launcher does the same when it sees the shutdown.
        let _ = self.kill();
        // Not just closed: a duplicate, say in an event loop, must not keep the instance's remains.
        let _ = rustix::net::shutdown(&self.events, Shutdown::Both);
    }
}

pub(crate) fn is_readable(fd: &OwnedFd) -> bool {
    let mut fds = [PollFd::new(fd, PollFlags::IN)];
    let polled = rustix::event::poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }));
    polled.is_ok_and(|ready| ready > 0)
}
