//! Binding, and one thread that accepts and gives each connection to the serving thread with the fewest.
//!
//! Balance is the reason for accepting in one place: keep-alive connections live long, and a socket per thread with
//! `SO_REUSEPORT` spreads a handful of them badly, resets those that wait in a queue when it closes, and lets a second daemon
//! take half of the connections of the first without an error.

use std::collections::hash_map::Entry;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, TcpListener};
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{SocketFlags, acceptfrom_with, listen, sockopt};
use tokio::sync::mpsc;

use crate::config::Listen;
use crate::shared::Shared;
use crate::{Error, worker};

/// Connections that may wait in the kernel to be accepted; the kernel has a limit of its own (`net.core.somaxconn`).
const BACKLOG: i32 = 4096;
/// Silence after which the kernel asks whether the client's host is still there, as only it can for a long download or a tunnel.
const KEEPALIVE: Duration = Duration::from_secs(60);
/// How long to wait when the process has no file descriptor left.
const PAUSE: Duration = Duration::from_millis(100);

/// A connection on its way to its thread.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) socket: OwnedFd,
    pub(crate) peer: SocketAddr,
    /// Whether it came to the TLS address.
    pub(crate) secure: bool,
    pub(crate) slot: Slot,
}

/// A bound socket where clients come in.
#[derive(Debug)]
pub(crate) struct Door {
    listener: TcpListener,
    pub(crate) address: SocketAddr,
    secure: bool,
}

/// The place of one open connection.
#[derive(Debug)]
pub(crate) struct Slot {
    shared: Arc<Shared>,
    load: Arc<AtomicUsize>,
    /// None of a trusted proxy, which is many clients.
    client: Option<IpAddr>,
}

impl Slot {
    /// A place for a client that has not too many.
    fn new(shared: &Arc<Shared>, load: &Arc<AtomicUsize>, client: IpAddr) -> Option<Self> {
        let client = (!shared.trusted_proxies.contains(client)).then(|| network(client));
        if let Some(client) = client {
            let mut clients = shared.clients.lock();
            let has = clients.entry(client).or_insert(0);
            if *has >= shared.limits.connections_per_client {
                return None;
            }
            *has += 1;
        }
        shared.open.fetch_add(1, Ordering::AcqRel);
        load.fetch_add(1, Ordering::Relaxed);
        Some(Self { shared: Arc::clone(shared), load: Arc::clone(load), client })
    }
}

/// Who is counted as one client: an address of IPv4, or the 64 bits of IPv6 within which anybody may take as many as he likes.
pub(crate) fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        address => address,
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(client) = self.client
            && let Entry::Occupied(mut has) = self.shared.clients.lock().entry(client)
        {
            *has.get_mut() -= 1;
            if *has.get() == 0 {
                has.remove();
            }
        }
        self.load.fetch_sub(1, Ordering::Relaxed);
        if self.shared.open.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.shared.empty.notify_waiters();
        }
    }
}

/// Binds, or takes the socket that is bound.
pub(crate) fn bind(listen_at: Listen, secure: bool) -> Result<Door, Error> {
    let listener = match listen_at {
        Listen::Bound(listener) => listener,
        Listen::Address(address) => TcpListener::bind(address).map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => Error::InUse { address },
            io::ErrorKind::PermissionDenied => Error::Denied { address },
            _ => Error::Bind { address, source },
        })?,
    };
    let prepare = || {
        listener.set_nonblocking(true)?;
        listen(&listener, BACKLOG)?;
        listener.local_addr()
    };
    let address = prepare().map_err(Error::Listener)?;
    Ok(Door { listener, address, secure })
}

/// Accepts until the gateway closes; then takes what the kernel has accepted already, so that it is answered.
pub(crate) fn accept(doors: &[Door], workers: &[worker::Handle], shared: &Arc<Shared>) {
    while let Wake::Clients = wait(doors, shared) {
        for door in doors {
            if let Err(error) = accept_all(door, workers, shared) {
                tracing::warn!(%error, "gateway.accept_failed");
                pause(shared);
            }
        }
    }
    // An heir has the same queue.
    if shared.heir.get().is_none() {
        for door in doors {
            let _ = accept_all(door, workers, shared);
        }
    }
    shared.accepting.store(false, Ordering::Release);
    shared.empty.notify_waiters();
}

/// Why the accepting thread woke.
enum Wake {
    Clients,
    Closing,
}

fn wait(doors: &[Door], shared: &Shared) -> Wake {
    let mut all = vec![PollFd::from_borrowed_fd(shared.closing.as_fd(), PollFlags::IN)];
    all.extend(doors.iter().map(|door| PollFd::new(&door.listener, PollFlags::IN)));
    loop {
        match poll(&mut all, None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => {
                tracing::error!(%error, "gateway.listener_failed");
                return Wake::Closing;
            }
        }
        match all.iter().position(|fd| !fd.revents().is_empty()) {
            Some(0) => return Wake::Closing,
            Some(_) => return Wake::Clients,
            None => {}
        }
    }
}

/// Waits for descriptors to become free, or for the gateway to close.
fn pause(shared: &Shared) {
    let time = Timespec { tv_sec: 0, tv_nsec: PAUSE.subsec_nanos().into() };
    let _ = poll(&mut [PollFd::from_borrowed_fd(shared.closing.as_fd(), PollFlags::IN)], Some(&time));
}

/// Accepts until nobody waits.
fn accept_all(door: &Door, workers: &[worker::Handle], shared: &Arc<Shared>) -> io::Result<()> {
    loop {
        match acceptfrom_with(&door.listener, SocketFlags::NONBLOCK | SocketFlags::CLOEXEC) {
            Ok((socket, peer)) => {
                let peer = peer.and_then(|peer| SocketAddr::try_from(peer).ok()).unwrap_or(door.address);
                hand_over(socket, (peer, door.secure), workers, shared);
            }
            Err(Errno::AGAIN) => return Ok(()),
            // The client went away again, or a signal came.
            Err(Errno::CONNABORTED | Errno::INTR | Errno::PROTO) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

pub(crate) fn hand_over(
    socket: OwnedFd,
    (peer, secure): (SocketAddr, bool),
    workers: &[worker::Handle],
    shared: &Arc<Shared>,
) {
    let limit = shared.limits.connections;
    let Some(worker) = workers.iter().min_by_key(|worker| worker.load.load(Ordering::Relaxed)) else { return };
    if shared.open.load(Ordering::Acquire) >= limit {
        turn_away(shared, "too many connections are open");
        return;
    }
    let prepared = sockopt::set_tcp_nodelay(&socket, true)
        // The kernel would let it grow to megabytes, and a few hundred clients that do not read would take the memory that it
        // has for all sockets of the host.
        .and_then(|()| sockopt::set_socket_send_buffer_size(&socket, shared.limits.send_buffer))
        .and_then(|()| sockopt::set_socket_keepalive(&socket, true))
        .and_then(|()| sockopt::set_tcp_keepidle(&socket, KEEPALIVE));
    if let Err(error) = prepared {
        tracing::debug!(%error, "gateway.socket_option_failed");
    }
    let Some(slot) = Slot::new(shared, &worker.load, peer.ip()) else {
        turn_away(shared, "too many connections of one client are open");
        return;
    };
    let accepted = Accepted { socket, peer, secure, slot };
    match worker.queue.try_send(accepted) {
        Ok(()) => {
            shared.counters.accepted.fetch_add(1, Ordering::Relaxed);
        }
        Err(mpsc::error::TrySendError::Full(_)) => {
            turn_away(shared, "the serving threads are too busy to take one more")
        }
        Err(mpsc::error::TrySendError::Closed(_)) => {}
    }
}

/// Counts each, but logs only powers of two: a flood must not become a flood of log lines.
fn turn_away(shared: &Shared, why: &'static str) {
    let before = shared.counters.turned_away.fetch_add(1, Ordering::Relaxed);
    if (before + 1).is_power_of_two() {
        tracing::warn!(total = before + 1, limit = shared.limits.connections, why, "gateway.connection_turned_away");
    }
}
