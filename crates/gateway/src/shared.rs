//! What the threads of one gateway share: the seams to the rest, the limits, and how far the shutdown is.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use auth::identity::Directory;
use auth::lockout::Lockout;
use http::HeaderValue;
use model::apig::acls::Addresses;
use model::invoke::Invoke;
use model::snapshot::{Challenges, Snapshots};
use parking_lot::Mutex;
use telemetry::{Captures, Telemetry};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::authenticate::{Decisions, Room};
use crate::config::{Https, Limits};
use crate::heir::Heir;
use crate::refusals::Refusals;
use crate::throttle::Windows;
use crate::tls::Tls;

pub(crate) struct Shared {
    pub(crate) address: SocketAddr,
    pub(crate) tls_address: Option<SocketAddr>,
    /// For whom comes there.
    pub(crate) tls: Option<Tls>,
    pub(crate) https: Https,
    pub(crate) challenges: Option<Arc<Challenges>>,
    /// Whose word about their clients counts.
    pub(crate) trusted_proxies: Addresses,
    /// Calls a day at the sub-domain of each group, if they are limited.
    pub(crate) subdomain_daily_limit: Option<u32>,
    /// `Strict-Transport-Security`, if it is said.
    pub(crate) hsts: Option<HeaderValue>,
    pub(crate) limits: Limits,
    pub(crate) snapshots: Arc<Snapshots>,
    pub(crate) invoke: Arc<dyn Invoke>,
    pub(crate) telemetry: Telemetry,
    /// Whose requests' heads are wanted; telemetry's own, looked at by every request.
    pub(crate) captures: Arc<Captures>,
    pub(crate) counters: Counters,
    /// What owners are to be told of.
    pub(crate) refusals: Refusals,
    /// Calls, as policies count them.
    pub(crate) windows: Windows,
    /// Everybody who may act.
    pub(crate) directory: Arc<Directory>,
    /// Callers that fail too often, by what they are and where they come from.
    pub(crate) lockout: Mutex<Lockout>,
    /// What authorizers said.
    pub(crate) decisions: Decisions,
    /// What signed bodies may take.
    pub(crate) room: Room,
    /// Connections that are open, tunnels too.
    pub(crate) open: AtomicUsize,
    /// How many of them each client has.
    pub(crate) clients: Mutex<HashMap<IpAddr, usize>>,
    /// Whether connections may still come in.
    pub(crate) accepting: AtomicBool,
    /// Told when the last one closes, and when no more come in.
    pub(crate) empty: Notify,
    /// No new connections: an eventfd, for a thread that waits for sockets.
    pub(crate) closing: OwnedFd,
    /// Connections end with the request in flight; without one, at once.
    pub(crate) draining: AtomicBool,
    /// Told once, after `draining` is set.
    pub(crate) drain: Notify,
    /// Who takes the connections that have no request in flight, instead of their end.
    pub(crate) heir: OnceLock<Heir>,
    /// Nothing at all any more.
    pub(crate) stop: CancellationToken,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("address", &self.address).field("open", &self.open).finish_non_exhaustive()
    }
}

/// What happened since the start.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) accepted: AtomicU64,
    pub(crate) turned_away: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) handshakes_failed: AtomicU64,
}

/// What a gateway has counted since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections open now.
    pub open: u64,
    /// Connections accepted.
    pub accepted: u64,
    /// Connections closed unanswered because there were too many.
    pub turned_away: u64,
    /// Requests refused because they broke a rule or a limit of the front.
    pub refused: u64,
    /// TLS handshakes that came to nothing.
    pub handshakes_failed: u64,
}

impl Shared {
    /// Ends the accepting thread.
    pub(crate) fn close(&self) {
        // Fails only when it was told before, more often than anybody can count.
        let _ = rustix::io::write(&self.closing, &1u64.to_ne_bytes());
    }

    pub(crate) fn counts(&self) -> Counts {
        Counts {
            open: self.open.load(Ordering::Relaxed) as u64,
            accepted: self.counters.accepted.load(Ordering::Relaxed),
            turned_away: self.counters.turned_away.load(Ordering::Relaxed),
            refused: self.counters.refused.load(Ordering::Relaxed),
            handshakes_failed: self.counters.handshakes_failed.load(Ordering::Relaxed),
        }
    }
}
