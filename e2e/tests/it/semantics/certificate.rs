//! One certificate for all who speak TLS, and clients that believe it and nothing else.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};

use super::world::CALLS;

/// The name that clients of HTTP ask for.
const NAME: &str = "localhost";

/// Files of a certificate, its key and who signed it.
pub(crate) struct Certificate {
    folder: tempfile::TempDir,
    roots: RootCertStore,
}

impl Certificate {
    pub(crate) fn make() -> Arc<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "authority");
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let names = [NAME.to_owned(), CALLS.to_owned()];
        let signed = CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap()).unwrap();
        let own = Self { folder, roots };
        std::fs::write(own.authority(), authority.pem()).unwrap();
        std::fs::write(own.chain(), signed.pem()).unwrap();
        std::fs::write(own.key(), key.serialize_pem()).unwrap();
        std::fs::write(own.both(), signed.pem() + &key.serialize_pem()).unwrap();
        Arc::new(own)
    }

    fn file(&self, name: &str) -> PathBuf {
        Path::new(self.folder.path()).join(name)
    }

    pub(crate) fn authority(&self) -> PathBuf {
        self.file("ca.pem")
    }

    pub(crate) fn chain(&self) -> PathBuf {
        self.file("chain.pem")
    }

    pub(crate) fn key(&self) -> PathBuf {
        self.file("key.pem")
    }

    /// Chain and key in one.
    pub(crate) fn both(&self) -> PathBuf {
        self.file("both.pem")
    }

    /// A client that offers one protocol.
    pub(crate) fn config(&self, protocol: &[u8]) -> Arc<ClientConfig> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let mut config = config.with_root_certificates(self.roots.clone()).with_no_client_auth();
        config.alpn_protocols = vec![protocol.to_vec()];
        Arc::new(config)
    }

    /// Whom it expects.
    pub(crate) fn name() -> ServerName<'static> {
        ServerName::try_from(NAME).unwrap()
    }

    pub(super) fn client(&self, protocol: &[u8]) -> ClientConnection {
        ClientConnection::new(self.config(protocol), Self::name()).unwrap()
    }
}
