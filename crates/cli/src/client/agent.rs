//! The HTTP client: one TLS stack (rustls with aws-lc-rs), the system's authorities, the proxy that the environment names.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use super::proxy;
use crate::connection::Endpoint;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);
/// Where systems keep the authorities they trust: Debian, Red Hat, SUSE, Alpine and macOS.
const BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// A client for one place. Redirects are not followed and no status is a failure: callers look at both.
pub(crate) fn agent(endpoint: &Endpoint, ca_file: Option<&Path>) -> Result<Agent> {
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_connect(Some(CONNECT))
        .user_agent(concat!("funcd/", env!("CARGO_PKG_VERSION")))
        .proxy(proxy::choose(endpoint, proxy::variable)?);
    if endpoint.tls {
        config = config.tls_config(tls(ca_file)?);
    }
    Ok(config.build().new_agent())
}

fn tls(ca_file: Option<&Path>) -> Result<TlsConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut authorities = match std::env::var_os("SSL_CERT_FILE").filter(|path| !path.is_empty()) {
        Some(path) => certificates(&PathBuf::from(path))?,
        None => system()?,
    };
    if let Some(path) = ca_file {
        authorities.extend(certificates(path)?);
    }
    Ok(TlsConfig::builder()
        .unversioned_rustls_crypto_provider(provider)
        .root_certs(RootCerts::new_with_certs(&authorities))
        .build())
}

/// The system's own bundle; none is no failure where a profile names an authority.
fn system() -> Result<Vec<Certificate<'static>>> {
    for path in BUNDLES.map(Path::new) {
        if path.try_exists().unwrap_or(false) {
            return certificates(path);
        }
    }
    Ok(Vec::new())
}

fn certificates(path: &Path) -> Result<Vec<Certificate<'static>>> {
    let shown = path.display();
    let pem = std::fs::read(path).with_context(|| format!("cannot read the authorities in {shown}"))?;
    let found: Vec<Certificate<'static>> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    ensure!(!found.is_empty(), "there is no certificate in {shown}");
    Ok(found)
}
