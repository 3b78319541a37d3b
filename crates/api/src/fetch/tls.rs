//! TLS with the system's authorities.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

/// Where systems keep the authorities they trust: Debian, Red Hat, SUSE and Alpine.
const BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// One TLS stack (rustls with aws-lc-rs) that trusts what the system, or `SSL_CERT_FILE`, names. A host without authorities trusts
/// nobody.
pub(super) fn config() -> io::Result<TlsConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    Ok(TlsConfig::builder()
        .unversioned_rustls_crypto_provider(provider)
        .root_certs(RootCerts::new_with_certs(&authorities()?))
        .build())
}

fn authorities() -> io::Result<Vec<Certificate<'static>>> {
    if let Some(path) = std::env::var_os("SSL_CERT_FILE").filter(|path| !path.is_empty()) {
        return certificates(&PathBuf::from(path));
    }
    for path in BUNDLES.map(Path::new) {
        if path.try_exists()? {
            return certificates(path);
        }
    }
    Ok(Vec::new())
}

fn certificates(path: &Path) -> io::Result<Vec<Certificate<'static>>> {
    let pem = std::fs::read(path)?;
    let items = parse_pem(&pem).filter_map(Result::ok);
    Ok(items
        .filter_map(|item| if let PemItem::Certificate(certificate) = item { Some(certificate) } else { None })
        .collect())
}
