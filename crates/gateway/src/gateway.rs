//! The gateway as the daemon holds it: start, drain, stop.

use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use auth::identity::Directory;
use http::HeaderValue;
use model::invoke::Invoke;
use model::snapshot::{Certificate, Snapshots};
use parking_lot::Mutex;
use rustix::event::{EventfdFlags, eventfd};
use telemetry::Telemetry;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::authenticate::{Decisions, Room};
use crate::config::Config;
use crate::debug::Debugger;
use crate::front::LAST;
use crate::heir::Heir;
use crate::refusals::Refusals;
use crate::shared::{Counters, Counts, Shared};
use crate::throttle::Windows;
use crate::tls::Tls;
use crate::{listener, worker};

/// How long stopped threads get to end.
const STOP: Duration = Duration::from_secs(1);

/// Why a gateway did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Limits that make no sense, all of them.
    #[error("the gateway's limits are wrong: {}", .0.join("; "))]
    Limits(Vec<String>),
    /// Somebody else listens there.
    #[error(
        "port {} of {} is in use: stop the program that listens there (`ss -ltnp 'sport = :{}'` shows it), \
         or choose another address with --gateway", .address.port(), .address.ip(), .address.port()
    )]
    InUse {
        /// What was to be bound.
        address: SocketAddr,
    },
    /// The port is reserved.
    #[error(
        "no permission to listen on {address}: ports below 1024 need root or CAP_NET_BIND_SERVICE; \
         choose another address with --gateway"
    )]
    Denied {
        /// What was to be bound.
        address: SocketAddr,
    },
    /// The address cannot be bound for another reason.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// What was to be bound.
        address: SocketAddr,
        /// What the kernel says.
        source: io::Error,
    },
    /// A socket that was bound already is not a listening TCP socket.
    #[error("the gateway's listening socket cannot be used: {0}")]
    Listener(io::Error),
    /// TLS cannot be spoken as it is configured.
    #[error("cannot speak TLS: {0}")]
    Tls(rustls::Error),
    /// No thread or no runtime could be made.
    #[error("cannot start the gateway's threads: {0}")]
    Thread(io::Error),
}

/// A running gateway. Dropping it stops it at once.
#[derive(Debug)]
pub struct Gateway {
    shared: Arc<Shared>,
    /// Disconnected when the last thread has ended.
    alive: Mutex<Receiver<()>>,
    /// The serving threads, for connections that come from the process before this one; none once it leaves.
    workers: Mutex<Vec<worker::Handle>>,
}

impl Gateway {
    /// Binds and serves. Every thread is running when this returns; the gateway needs no runtime of the caller's.
    pub fn start(
        config: Config,
        (snapshots, directory): (Arc<Snapshots>, Arc<Directory>),
        invoke: Arc<dyn Invoke>,
        telemetry: Telemetry,
    ) -> Result<Self, Error> {
        let problems = config.limits.problems();
        if !problems.is_empty() {
            return Err(Error::Limits(problems));
        }
        let plain = listener::bind(config.listen, false)?;
        let address = plain.address;
        let (mut doors, mut tls) = (vec![plain], None);
        if let Some(settings) = config.tls {
            let wanted = (settings.min_version, settings.default.as_ref());
            tls = Some(Tls::new(wanted, &config.limits, &snapshots).map_err(Error::Tls)?);
            doors.push(listener::bind(settings.listen, true)?);
        }
        let tls_address = doors.get(1).map(|door| door.address);
        let shared = Arc::new(Shared {
            address,
            tls_address,
            tls,
            https: config.https,
            challenges: config.challenges,
            trusted_proxies: config.trusted_proxies,
            subdomain_daily_limit: config.subdomain_daily_limit,
            hsts: config.https.hsts.map(hsts),
            limits: config.limits,
            snapshots,
            invoke,
            captures: Arc::clone(telemetry.captures()),
            telemetry,
            counters: Counters::default(),
            refusals: Refusals::default(),
            windows: Windows::default(),
            directory,
            lockout: Mutex::default(),
            decisions: Decisions::default(),
            room: Room::default(),
            open: AtomicUsize::new(0),
            clients: Mutex::default(),
            accepting: AtomicBool::new(true),
            empty: Notify::new(),
            closing: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)
                .map_err(|error| Error::Thread(error.into()))?,
            draining: AtomicBool::new(false),
            drain: Notify::new(),
            heir: OnceLock::new(),
            stop: CancellationToken::new(),
        });
        let (alive, ended) = channel();
        // From here on an error drops the gateway, which stops the threads that run already.
        let gateway = Self { shared: Arc::clone(&shared), alive: Mutex::new(ended), workers: Mutex::default() };
        let workers = (0..config.threads.get())
            .map(|number| worker::start(number, Arc::clone(&shared), alive.clone()))
            .collect::<io::Result<Vec<_>>>()
            .map_err(Error::Thread)?;
        gateway.workers.lock().clone_from(&workers);
        let accept = move || {
            listener::accept(&doors, &workers, &shared);
            drop(doors); // the ports are free when `alive` says that the thread has ended
            drop(alive);
        };
        std::thread::Builder::new().name("gateway-accept".to_owned()).spawn(accept).map_err(Error::Thread)?;
        Ok(gateway)
    }

    /// Where clients come in.
    pub fn local_addr(&self) -> SocketAddr {
        self.shared.address
    }

    /// Where those come in who speak TLS, if it is spoken.
    pub fn tls_addr(&self) -> Option<SocketAddr> {
        self.shared.tls_address
    }

    /// Shows another certificate from the next handshake on, where clients name nobody or no custom domain. Without TLS nobody is shown any.
    ///
    /// # Errors
    /// It cannot be used; the former one stays.
    pub fn show_certificate(&self, default: &Certificate) -> Result<(), Error> {
        self.shared.tls.as_ref().map_or(Ok(()), |tls| tls.show(default).map_err(Error::Tls))
    }

    /// What calls APIs for tests.
    pub fn debugger(&self) -> Debugger {
        Debugger::new(Arc::clone(&self.shared))
    }

    /// What was counted since the start.
    pub fn counts(&self) -> Counts {
        self.shared.counts()
    }

    /// Accepts no more, closes idle connections, lets requests and tunnels in flight end within `grace`, then cuts the rest.
    /// Returns how many connections had to be cut.
    pub async fn drain(&self, grace: Duration) -> usize {
        self.workers.lock().clear();
        self.shared.close();
        self.shared.draining.store(true, Ordering::Release);
        self.shared.drain.notify_waiters();
        let _ = tokio::time::timeout(grace, self.emptied()).await;
        let cut = self.shared.open.load(Ordering::Acquire);
        self.stop_now();
        cut
    }

    /// Serves a connection that the process before this one accepted and that has no request in flight.
    ///
    /// # Errors
    /// It is no connection any more.
    pub fn adopt(&self, socket: OwnedFd) -> io::Result<()> {
        let peer = SocketAddr::try_from(rustix::net::getpeername(&socket)?.ok_or(io::ErrorKind::NotConnected)?)?;
        listener::hand_over(socket, (peer, false), &self.workers.lock(), &self.shared);
        Ok(())
    }

    /// Accepts no more and leaves every client to `heir` that has no request in flight; the others are answered, and told to
    /// connect anew, as is everybody who speaks TLS or HTTP/2. Returns when whoever connects from now on is the heir's; [`Gateway::drain`] waits for the rest.
    pub async fn hand_over(&self, heir: Heir) {
        self.workers.lock().clear();
        // Whoever was named first stays it.
        let _ = self.shared.heir.set(heir);
        self.shared.close();
        loop {
            let changed = self.shared.empty.notified();
            if !self.shared.accepting.load(Ordering::Acquire) {
                break;
            }
            changed.await;
        }
        self.shared.draining.store(true, Ordering::Release);
        self.shared.drain.notify_waiters();
        // What was agreed on with a client that speaks TLS is in this process only.
        if self.shared.tls.is_some() {
            let _ = tokio::time::timeout(LAST, self.emptied()).await;
        }
    }

    async fn emptied(&self) {
        loop {
            let empty = self.shared.empty.notified();
            let accepting = self.shared.accepting.load(Ordering::Acquire);
            if !accepting && self.shared.open.load(Ordering::Acquire) == 0 {
                return;
            }
            empty.await;
        }
    }

    /// Cuts everything, and waits a moment for the threads to end.
    pub fn stop_now(&self) {
        self.shared.close();
        self.shared.stop.cancel();
        // An error is what we wait for: nobody is left to send.
        let _ = self.alive.lock().recv_timeout(STOP);
        self.shared.refusals.tell(&self.shared.telemetry);
    }
}

fn hsts(age: Duration) -> HeaderValue {
    HeaderValue::try_from(format!("max-age={}", age.as_secs()))
        .unwrap_or_else(|_| HeaderValue::from_static("max-age=0"))
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.stop_now();
    }
}
