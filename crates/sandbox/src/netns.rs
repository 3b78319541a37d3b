//! The instance's own network: a loopback, up.

use crate::Error;
use crate::error::Step;
use crate::netlink::{Routes, link_up};
use rustix::fs::{Mode, OFlags};
use rustix::thread::LinkNameSpaceType;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};

/// `lo` is the first interface of every network namespace.
const LOOPBACK: i32 = 1;

/// Brings `lo` up in the calling process's network namespace.
pub(crate) fn bring_up_loopback() -> Result<(), Error> {
    let routes = Routes::open().step(|| "open a netlink socket")?;
    routes.run(link_up(LOOPBACK)).step(|| "bring lo up")
}

/// Bounds what the sockets in the calling process's network namespace hold, ours to the user's server among them. The kernel
/// would let each grow to megabytes, and on cgroup v1 they are charged to nobody: some hundred clients that do not read would
/// take the memory that it has for all sockets of the host. On a loopback no throughput is lost.
pub(crate) fn bound_buffers() -> Result<(), Error> {
    // Least, first and most bytes of a socket (tcp(7)).
    for (name, bytes) in [("tcp_wmem", "4096 16384 262144"), ("tcp_rmem", "4096 131072 262144")] {
        let path = format!("/proc/sys/net/ipv4/{name}");
        std::fs::write(&path, bytes).step(|| format!("write {path}"))?;
    }
    Ok(())
}

/// The calling thread's network namespace.
pub(crate) fn current() -> io::Result<OwnedFd> {
    Ok(rustix::fs::open("/proc/thread-self/ns/net", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?)
}

/// Runs `act` with the calling thread inside `namespace`, then puts the thread back into `home`.
pub(crate) fn inside<T>(namespace: BorrowedFd<'_>, home: BorrowedFd<'_>, act: impl FnOnce() -> T) -> io::Result<T> {
    rustix::thread::move_into_link_name_space(namespace, Some(LinkNameSpaceType::Network))?;
    let result = act();
    if rustix::thread::move_into_link_name_space(home, Some(LinkNameSpaceType::Network)).is_err() {
        // A thread left in there would open the daemon's next sockets inside an instance. There is no way on from here.
        std::process::abort();
    }
    Ok(result)
}
