//! The instance's own network: a loopback, up, and quick to acknowledge.

use crate::Error;
use crate::error::Step;
use crate::netlink::{Request, Routes, link_up};
use rustix::fs::{Mode, OFlags};
use rustix::thread::LinkNameSpaceType;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};

/// `lo` is the first interface of every network namespace.
const LOOPBACK: i32 = 1;

/// Brings `lo` up in the calling process's network namespace and sets `quickack 1` on its local routes: a server that
/// writes head and body apart answers keep-alive requests in 0.13 ms then, instead of after the 40 ms of a delayed
/// acknowledgement.
pub(crate) fn bring_up_loopback() -> Result<(), Error> {
    let routes = Routes::open().step(|| "open a netlink socket")?;
    routes.run(link_up(LOOPBACK)).step(|| "bring lo up")?;
    for prefix in [8, 32] {
        let local: &[u8] = if prefix == 8 { &[127, 0, 0, 0] } else { &[127, 0, 0, 1] };
        routes.run(quickack(local, prefix)).step(|| format!("set quickack on the route to 127/{prefix}"))?;
    }
    Ok(())
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

/// `ip route replace local … dev lo table local quickack 1`
fn quickack(local: &[u8], prefix: u8) -> Request {
    const RTA_METRICS: u16 = 8;
    const RTAX_QUICKACK: u16 = 15;
    const PROTO_KERNEL: u8 = 2;
    // struct rtmsg: family, dst_len, src_len, tos, table, protocol, scope, type, flags
    let fixed = [
        libc::AF_INET as u8,
        prefix,
        0,
        0,
        libc::RT_TABLE_LOCAL,
        PROTO_KERNEL,
        libc::RT_SCOPE_HOST,
        libc::RTN_LOCAL,
        0,
        0,
        0,
        0,
    ];
    Request::new(libc::RTM_NEWROUTE, libc::NLM_F_CREATE | libc::NLM_F_REPLACE, &fixed)
        .attribute(libc::RTA_DST, local)
        .attribute(libc::RTA_PREFSRC, &[127, 0, 0, 1])
        .attribute(libc::RTA_OIF, &LOOPBACK.to_ne_bytes())
        .nested(RTA_METRICS, |request| request.attribute(RTAX_QUICKACK, &1_u32.to_ne_bytes()))
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
