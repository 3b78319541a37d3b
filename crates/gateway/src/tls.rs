//! The handshake of clients that come to the TLS address, and the certificates they are shown.
//!
//! Which certificate it is, the current Snapshot says: another one is in force for the next handshake, and nothing waits for it.
//! A certificate's key is made ready at its first use. Tickets for resumption are sealed and kept by the clients, so that nothing
//! is remembered here of connections that are over.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::{ArcSwap, ArcSwapOption};
use model::snapshot::{Certificate, Domains, Snapshots};
use rustls::crypto::aws_lc_rs::{self, Ticketer};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, SupportedProtocolVersion, version};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

mod room;

use self::room::Room;
use crate::config::{Limits, MinVersion};
use crate::stream::Stream;

/// Spoken over TLS, the better first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];
/// Tickets that a client gets with each full handshake of TLS 1.3: enough for two connections at once.
const TICKETS: usize = 2;

/// Makes streams out of sockets.
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    certificates: Arc<Certificates>,
    /// Handshakes that may be under way: each costs memory until it is over.
    room: Room,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls").field("room", &self.room).finish_non_exhaustive()
    }
}

impl Tls {
    /// For who speaks at least this version, with the certificate for every name that is no custom domain.
    ///
    /// # Errors
    /// The settings or the certificate cannot be used.
    pub(crate) fn new(
        (min_version, default): (MinVersion, Option<&Certificate>),
        limits: &Limits,
        snapshots: &Arc<Snapshots>,
    ) -> Result<Self, rustls::Error> {
        let default = default.map(prepare).transpose()?.map(Arc::new);
        let certificates = Arc::new(Certificates::new(Arc::clone(snapshots), default));
        let versions: &[&SupportedProtocolVersion] = match min_version {
            MinVersion::Tls12 => &[&version::TLS13, &version::TLS12],
            MinVersion::Tls13 => &[&version::TLS13],
        };
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(versions)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&certificates) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.ticketer = Ticketer::new()?;
        config.send_tls13_tickets = TICKETS;
        let room = Room::new(limits.handshakes);
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), certificates, room })
    }

    /// Shows another certificate from the next handshake on, for every name that is no custom domain.
    ///
    /// # Errors
    /// It cannot be used; the former one stays.
    pub(crate) fn show(&self, default: &Certificate) -> Result<(), rustls::Error> {
        self.certificates.default.store(Some(Arc::new(prepare(default)?)));
        Ok(())
    }

    /// Shakes hands, within the time for it: the wait for a place counts.
    pub(crate) async fn accept(&self, stream: TcpStream, limits: &Limits) -> io::Result<Stream> {
        let shaking = async {
            // Who says nothing has no place.
            stream.readable().await?;
            let mut place = self.room.enter().await.ok_or(io::ErrorKind::NotConnected)?;
            tokio::select! {
                biased;
                stream = self.acceptor.accept(stream) => stream,
                () = place.needed() => Err(io::Error::new(io::ErrorKind::TimedOut, "its place was needed")),
            }
        };
        let stream = timeout(limits.handshake_timeout, shaking).await??;
        Ok(Stream::Tls(Box::new(stream)))
    }
}

/// The certificates of the Snapshot as rustls takes them.
#[derive(Debug)]
struct Certificates {
    snapshots: Arc<Snapshots>,
    /// For every name that is no custom domain.
    default: ArcSwapOption<CertifiedKey>,
    /// By id: those that were asked for, as long as a Snapshot has them.
    ready: ArcSwap<HashMap<String, Arc<CertifiedKey>>>,
    /// Whether one that cannot be used was spoken of.
    said: AtomicBool,
}

impl Certificates {
    fn new(snapshots: Arc<Snapshots>, default: Option<Arc<CertifiedKey>>) -> Self {
        let (default, ready) = (ArcSwapOption::new(default), ArcSwap::default());
        Self { snapshots, default, ready, said: AtomicBool::new(false) }
    }

    fn named(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        let snapshot = self.snapshots.load();
        let Some(domain) = snapshot.domains().find(name) else { return self.default.load_full() };
        // Who has a domain decides what is shown there.
        let certificate = domain.certificate.as_ref()?;
        if let Some(ready) = self.ready.load().get(&certificate.id) {
            return Some(Arc::clone(ready));
        }
        match prepare(certificate) {
            Ok(key) => Some(self.keep(&certificate.id, Arc::new(key), snapshot.domains())),
            Err(error) => {
                if !self.said.swap(true, Ordering::Relaxed) {
                    tracing::error!(domain = name, %error, "gateway.certificate_unusable");
                }
                None
            }
        }
    }

    /// Keeps it, and lets those go that are nobody's any more.
    fn keep(&self, id: &str, key: Arc<CertifiedKey>, domains: &Domains) -> Arc<CertifiedKey> {
        self.ready.rcu(|ready| {
            let mut all: HashMap<_, _> = domains
                .iter()
                .filter_map(|domain| domain.certificate.as_ref())
                .filter_map(|own| Some((own.id.clone(), Arc::clone(ready.get(&own.id)?))))
                .collect();
            all.insert(id.to_owned(), Arc::clone(&key));
            all
        });
        key
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let Some(name) = hello.server_name() else { return self.default.load_full() };
        if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return self.named(&name.to_ascii_lowercase());
        }
        self.named(name)
    }
}

fn prepare(certificate: &Certificate) -> Result<CertifiedKey, rustls::Error> {
    let chain = certificate.chain.iter().map(|der| CertificateDer::from(der.clone())).collect();
    let key = PrivateKeyDer::try_from(certificate.key.as_slice())
        .map_err(|error| rustls::Error::General(format!("the key cannot be read: {error}")))?;
    let key = aws_lc_rs::sign::any_supported_type(&key)?;
    Ok(CertifiedKey::new(chain, key))
}
