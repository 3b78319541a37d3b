//! Certificates for tests, and a client that speaks bytes through TLS.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use gateway::{Config, Https, Limits, MinVersion, Tls};
use model::snapshot::{Certificate, Domain};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion};

use crate::client::Reply;
use crate::support::{PATIENCE, Server, echo};

/// Who signs, and is trusted by the clients of a test.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// A domain with a new certificate.
    pub(crate) fn domain(&self, name: &str) -> Arc<Domain> {
        let key = KeyPair::generate().unwrap();
        let signed = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &self.0).unwrap();
        let certificate = Certificate {
            id: signed.der().iter().rev().take(16).map(|byte| format!("{byte:02x}")).collect(),
            chain: vec![signed.der().to_vec()],
            key: key.serialize_der().into(),
        };
        Arc::new(Domain {
            name: name.into(),
            project: "p".into(),
            group_id: "bare".into(),
            host: None,
            redirect: false,
            certificate: Some(Arc::new(certificate)),
        })
    }

    /// A client's view of the world.
    pub(crate) fn client(&self, versions: &[&'static SupportedProtocolVersion], alpn: &[&[u8]]) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(versions).unwrap();
        let mut config = builder.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        Arc::new(config)
    }

    pub(crate) fn any_client(&self) -> Arc<ClientConfig> {
        self.client(rustls::ALL_VERSIONS, &[])
    }
}

/// A gateway with TLS beside plain HTTP.
pub(crate) fn server(domains: Vec<Arc<Domain>>, https: Https) -> Server {
    server_with(domains, |config| config.https = https)
}

pub(crate) fn server_with(domains: Vec<Arc<Domain>>, configure: impl FnOnce(&mut Config)) -> Server {
    let configure = |config: &mut Config| {
        config.limits = Limits::default();
        listen(config, MinVersion::default());
        configure(config);
    };
    Server::start(configure, domains, echo)
}

pub(crate) fn listen(config: &mut Config, min_version: MinVersion) {
    config.tls = Some(Tls { listen: SocketAddr::from(([127, 0, 0, 1], 0)).into(), min_version, default: None });
}

/// A connection through TLS.
pub(crate) struct Secure {
    pub(crate) stream: StreamOwned<ClientConnection, TcpStream>,
    arrived: Vec<u8>,
}

impl Secure {
    /// Shakes hands for this name.
    pub(crate) fn connect(server: &Server, config: &Arc<ClientConfig>, name: &str) -> std::io::Result<Self> {
        let tcp = TcpStream::connect(server.gateway.tls_addr().unwrap()).unwrap();
        tcp.set_read_timeout(Some(PATIENCE)).unwrap();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let session = ClientConnection::new(Arc::clone(config), name).unwrap();
        let mut stream = StreamOwned::new(session, tcp);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        Ok(Self { stream, arrived: Vec::new() })
    }

    /// One request and its answer, which has a length.
    pub(crate) fn ask(&mut self, request: &str) -> Reply {
        self.stream.write_all(request.as_bytes()).unwrap();
        let head = loop {
            if let Some(at) = self.arrived.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                let rest = self.arrived.split_off(at + 4);
                break std::mem::replace(&mut self.arrived, rest);
            }
            self.read();
        };
        let mut reply = Reply::parse(&String::from_utf8(head).unwrap());
        let length: usize = reply.header("content-length").unwrap().parse().unwrap();
        while self.arrived.len() < length {
            self.read();
        }
        let rest = self.arrived.split_off(length);
        reply.body = String::from_utf8(std::mem::replace(&mut self.arrived, rest)).unwrap();
        reply
    }

    fn read(&mut self) {
        let mut buffer = [0; 16 * 1024];
        let read = self.stream.read(&mut buffer).unwrap();
        assert!(read > 0, "closed after {:?}", String::from_utf8_lossy(&self.arrived));
        self.arrived.extend_from_slice(&buffer[..read]);
    }
}
