//! The clients whose connections no other process can go on with: TLS, and HTTP/2 with and without it. They are told to make another, and
//! none of their requests fails.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use libtest_mimic::{Failed, Trial};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;

use crate::apig_tls::Secure;
use crate::client::{Connection, Speaks, run};
use crate::harness::{binary, wait};
use crate::upgrade::{Chain, Seen};

/// Over TLS or not, what they speak, and how many of them.
const CLIENTS: [(bool, Speaks, usize); 3] =
    [(true, Speaks::Http1, 16), (true, Speaks::Http2, 16), (false, Speaks::Http2, 16)];
const UPGRADES: usize = 4;
const PAUSE: Duration = Duration::from_millis(40);
/// The domain that has a certificate.
const NAME: &str = "a.example.com";

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("upgrade::clients of TLS and HTTP/2 see no failed request over four replacements", unnoticed)]
}

/// Where clients go, and whom they trust.
struct Places {
    plain: SocketAddr,
    tls: SocketAddr,
    connectors: [TlsConnector; 2],
}

impl Places {
    fn of(secure: &Secure) -> Self {
        let authority = std::fs::read(secure.path("ca.pem")).unwrap();
        let connector = |protocol: &[u8]| {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_slice(&authority).unwrap()).unwrap();
            let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
            let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
            let mut config = config.with_root_certificates(roots).with_no_client_auth();
            config.alpn_protocols = vec![protocol.to_vec()];
            TlsConnector::from(Arc::new(config))
        };
        let connectors = [connector(b"http/1.1"), connector(b"h2")];
        Self { plain: secure.funcd.gateway, tls: secure.tls, connectors }
    }

    async fn connect(&self, secure: bool, speaks: Speaks) -> Connection {
        let [http1, http2] = &self.connectors;
        match (secure, speaks) {
            (false, _) => Connection::open_as(speaks, self.plain, NAME).await,
            (true, Speaks::Http1) => Connection::open_tls(speaks, self.tls, NAME, http1).await,
            (true, Speaks::Http2) => Connection::open_tls(speaks, self.tls, NAME, http2).await,
        }
    }
}

/// Keeps its connection for as long as it may.
async fn client(places: Arc<Places>, seen: Arc<Seen>, (secure, speaks): (bool, Speaks)) {
    let mut kept: Option<Connection> = None;
    while !seen.stop.load(SeqCst) {
        let mut connection = match kept.take().filter(|connection| !connection.is_closed()) {
            Some(connection) => connection,
            None => places.connect(secure, speaks).await,
        };
        match connection.send(Method::GET, "/", &[], Bytes::new()).await {
            Err(error) if speaks == Speaks::Http2 && is_untouched(&error) => {}
            answer => kept = seen.note(answer).then_some(connection),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Whether the server has said that it did nothing for a request (RFC 9113 section 6.8), or that never left: every client of HTTP/2 sends it
/// again by itself.
fn is_untouched(error: &hyper::Error) -> bool {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<h2::Error>());
    error.is_canceled()
        || source.is_some_and(|error| error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR))
}

fn unnoticed() -> Result<(), Failed> {
    let secure = Secure::start();
    secure.add(NAME, &[]);
    let (places, seen) = (Arc::new(Places::of(&secure)), Arc::new(Seen::default()));
    let chain = Chain { funcd: secure.funcd, host: NAME.to_owned() };
    let clients = Arc::clone(&seen);
    let crowd = std::thread::spawn(move || {
        run(async {
            let mut tasks = tokio::task::JoinSet::new();
            for kind in
                CLIENTS.iter().flat_map(|(secure, speaks, number)| std::iter::repeat_n((*secure, *speaks), *number))
            {
                tasks.spawn(client(Arc::clone(&places), Arc::clone(&clients), kind));
            }
            tasks.join_all().await;
        });
    });
    let mut pids = vec![chain.pid()];
    for _ in 0..UPGRADES {
        let before = seen.answered.load(SeqCst);
        wait("requests flow", Duration::from_secs(60), || seen.answered.load(SeqCst) > before + 300);
        let output = chain.upgrade(&binary());
        assert!(output.status.success(), "{output:?}\n{}", chain.funcd.said());
        pids.push(chain.pid());
    }
    let before = seen.answered.load(SeqCst);
    wait("requests flow on", Duration::from_secs(60), || seen.answered.load(SeqCst) > before + 300);
    seen.stop.store(true, SeqCst);
    crowd.join().unwrap();
    pids.dedup();
    assert_eq!(pids.len(), UPGRADES + 1, "{pids:?}");
    assert_eq!(*seen.failed.lock().unwrap(), [""; 0], "{}", chain.funcd.said());
    eprintln!("{} requests", seen.answered.load(SeqCst));
    Ok(())
}
