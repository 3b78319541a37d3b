//! `listen(2)` of an instance, carried out by the daemon: the moment a server is ready is the moment its port listens.

use crate::sys;
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::net::{AddressFamily, SocketType};
use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

/// The port of an HTTP function's server.
const PORT: u16 = 8000;

/// A handled `listen(2)` of the instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// 127.0.0.1:8000 is reachable now.
    Ready,
    /// Another address or port, e.g. `127.0.0.1:3000`.
    Elsewhere(SocketAddr),
    /// A Unix socket, or a call that failed.
    Other,
}

/// Takes one notification, does what it asks for and answers it.
pub(crate) fn next(listener: BorrowedFd<'_>) -> io::Result<Listen> {
    ready(listener)?;
    let notification = match sys::notification(listener) {
        Ok(notification) => notification,
        // The caller was killed between the two calls.
        Err(error) if error.raw_os_error() == Some(libc::ENOENT) => return Err(io::ErrorKind::WouldBlock.into()),
        Err(error) => return Err(error),
    };
    let (outcome, result) = carry_out(listener, &notification);
    let answer = match outcome {
        Answer::Done => libc::seccomp_notif_resp { id: notification.id, val: 0, error: 0, flags: 0 },
        Answer::Failed(errno) => libc::seccomp_notif_resp { id: notification.id, val: 0, error: -errno, flags: 0 },
        Answer::ByKernel => {
            let flags = libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32;
            libc::seccomp_notif_resp { id: notification.id, val: 0, error: 0, flags }
        }
    };
    match sys::notification_answer(listener, answer) {
        // The caller died meanwhile; its socket too.
        Err(error) if error.raw_os_error() == Some(libc::ENOENT) => Err(io::ErrorKind::WouldBlock.into()),
        Err(error) => Err(error),
        Ok(()) => Ok(result),
    }
}

enum Answer {
    Done,
    Failed(i32),
    /// The kernel carries the call out itself. That can be raced from inside, which is harmless: nothing is allowed here
    /// that would not be allowed anyway, we only lose the exact moment.
    ByKernel,
}

/// Receiving blocks, whatever the descriptor's flags say, unless a notification is pending. A caller that dies after this
/// look leaves its count behind, so receiving then fails instead of blocking, as long as nobody else receives.
fn ready(listener: BorrowedFd<'_>) -> io::Result<()> {
    let mut fds = [PollFd::new(&listener, PollFlags::IN)];
    rustix::event::poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }))?;
    let revents = fds.first().map_or(PollFlags::empty(), PollFd::revents);
    if revents.contains(PollFlags::IN) {
        Ok(())
    } else if revents.is_empty() {
        Err(io::ErrorKind::WouldBlock.into())
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

fn carry_out(listener: BorrowedFd<'_>, notification: &libc::seccomp_notif) -> (Answer, Listen) {
    let [fd, backlog, ..] = notification.data.args;
    // Both are `int` in the kernel.
    let (fd, backlog) = (fd as u32 as i32, backlog as u32 as i32);
    let socket = match take(notification.pid, fd) {
        Ok(socket) => socket,
        // A bad number, or a thread with a descriptor table of its own: the kernel says what is right.
        Err(_) => return (Answer::ByKernel, Listen::Other),
    };
    // Only now is it certain that the pid was still the caller's when the descriptor was taken.
    if sys::notification_valid(listener, notification.id).is_err() || !is_internet_stream(&socket) {
        return (Answer::ByKernel, Listen::Other);
    }
    match rustix::net::listen(&socket, backlog) {
        Ok(()) => (Answer::Done, place(&socket)),
        Err(error) => (Answer::Failed(error.raw_os_error()), Listen::Other),
    }
}

/// A duplicate of descriptor `fd` of the process that thread `tid` (in our pid namespace) belongs to.
fn take(tid: u32, fd: i32) -> io::Result<OwnedFd> {
    if fd < 0 {
        // No descriptor has such a number, and the library asserts that none is asked for.
        return Err(rustix::io::Errno::BADF.into());
    }
    let tid = i32::try_from(tid).ok().and_then(Pid::from_raw).ok_or(rustix::io::Errno::SRCH)?;
    // PIDFD_THREAD (Linux 6.9): the caller itself, whose table it is. Before: its process.
    let thread = PidfdFlags::from_bits_retain(libc::O_EXCL as u32);
    let pidfd = match rustix::process::pidfd_open(tid, thread) {
        Ok(pidfd) => pidfd,
        Err(_) => rustix::process::pidfd_open(leader(tid)?, PidfdFlags::empty())?,
    };
    Ok(rustix::process::pidfd_getfd(&pidfd, fd, PidfdGetfdFlags::empty())?)
}

fn leader(tid: Pid) -> io::Result<Pid> {
    number_in(&format!("/proc/{}/status", tid.as_raw_nonzero()), "Tgid:")
}

/// The pid of the process a pidfd stands for, in the numbers of our procfs.
pub(crate) fn pid_of(pidfd: BorrowedFd<'_>) -> io::Result<Pid> {
    number_in(&format!("/proc/self/fdinfo/{}", pidfd.as_raw_fd()), "Pid:")
}

fn number_in(path: &str, key: &str) -> io::Result<Pid> {
    let text = std::fs::read_to_string(path)?;
    let number = text.lines().find_map(|line| line.strip_prefix(key)?.trim().parse().ok());
    // -1: it is gone.
    Ok(number.filter(|pid| *pid > 0).and_then(Pid::from_raw).ok_or(rustix::io::Errno::SRCH)?)
}

fn is_internet_stream(socket: &OwnedFd) -> bool {
    use rustix::net::sockopt;
    let family = sockopt::socket_domain(socket.as_fd());
    let kind = sockopt::socket_type(socket.as_fd());
    matches!(family, Ok(AddressFamily::INET | AddressFamily::INET6)) && matches!(kind, Ok(SocketType::STREAM))
}

fn place(socket: &OwnedFd) -> Listen {
    let Some(address) = rustix::net::getsockname(socket).ok().and_then(|address| SocketAddr::try_from(address).ok())
    else {
        return Listen::Other;
    };
    let only_v6 = address.is_ipv6() && rustix::net::sockopt::ipv6_v6only(socket).unwrap_or(true);
    if address.port() == PORT && reaches_loopback(address.ip(), only_v6) {
        Listen::Ready
    } else {
        Listen::Elsewhere(address)
    }
}

/// Whether a server bound to `ip` gets what is sent to 127.0.0.1.
fn reaches_loopback(ip: IpAddr, only_v6: bool) -> bool {
    match ip {
        IpAddr::V4(ip) => ip == Ipv4Addr::LOCALHOST || ip.is_unspecified(),
        IpAddr::V6(ip) if ip == Ipv6Addr::UNSPECIFIED => !only_v6,
        IpAddr::V6(ip) => ip.to_ipv4_mapped() == Some(Ipv4Addr::LOCALHOST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ip: &str, only_v6: bool, expect: bool) {
        assert_eq!(reaches_loopback(ip.parse().unwrap(), only_v6), expect, "{ip} (v6only {only_v6})");
    }

    #[test]
    fn a_pidfd_names_its_process() {
        let own = rustix::process::getpid();
        let pidfd = rustix::process::pidfd_open(own, PidfdFlags::empty()).unwrap();
        assert_eq!(pid_of(pidfd.as_fd()).unwrap(), own);
    }

    #[test]
    fn a_thread_names_its_process() {
        let own = std::thread::spawn(|| leader(rustix::thread::gettid()).unwrap()).join().unwrap();
        assert_eq!(own, rustix::process::getpid());
    }

    #[test]
    fn every_way_to_bind_that_covers_127_0_0_1_is_ready() {
        check("127.0.0.1", false, true);
        check("0.0.0.0", false, true);
        check("::", false, true);
        check("::ffff:127.0.0.1", false, true);
        check("::", true, false);
        check("::1", false, false);
        check("127.0.0.2", false, false);
    }
}
