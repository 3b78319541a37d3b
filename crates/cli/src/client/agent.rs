//! The HTTP client: one TLS stack (rustls with aws-lc-rs), the system's authorities, the proxy that the environment names.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, ProxyProtocol};

use super::{forward, proxy};
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
    agent_in(endpoint, ca_file, proxy::variable)
}

/// The same in an environment that a test makes up.
fn agent_in(endpoint: &Endpoint, ca_file: Option<&Path>, variable: impl Fn(&str) -> Option<String>) -> Result<Agent> {
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_connect(Some(CONNECT))
        .user_agent(concat!("funcd/", env!("CARGO_PKG_VERSION")))
        .proxy(None);
    if endpoint.tls {
        config = config.tls_config(tls(ca_file)?);
    }
    Ok(match proxy::choose(endpoint, variable)? {
        None => config.build().new_agent(),
        Some(proxy) if !endpoint.tls && proxy.protocol() == ProxyProtocol::Http => {
            forward::agent(config.max_idle_connections(0).build(), &proxy, endpoint)
        }
        Some(proxy) => config.proxy(Some(proxy)).build().new_agent(),
    })
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

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};

    use super::*;

    fn head(stream: &mut TcpStream) -> String {
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() > 0 {
            head.extend_from_slice(&byte);
        }
        String::from_utf8(head).unwrap()
    }

    /// The heads of two requests to `endpoint`, as a proxy on loopback gets them.
    fn heads(endpoint: &str, credentials: &str) -> Vec<String> {
        let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{credentials}{}", proxy.local_addr().unwrap());
        let serving = std::thread::spawn(move || {
            let mut heads = Vec::new();
            for _ in 0..2 {
                let (mut stream, _) = proxy.accept().unwrap();
                heads.push(head(&mut stream));
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
            }
            heads
        });
        let endpoint = Endpoint::parse(endpoint).unwrap();
        let agent = agent_in(&endpoint, None, |name| (name == "ALL_PROXY").then(|| address.clone())).unwrap();
        for _ in 0..2 {
            let _ = agent.get(format!("{endpoint}/v2?a=1")).call();
        }
        serving.join().unwrap()
    }

    #[test]
    fn plain_http_is_forwarded_with_the_whole_url() {
        for head in heads("http://build.example:8081", "me:s%20t@") {
            assert!(head.starts_with("GET http://build.example:8081/v2?a=1 HTTP/1.1\r\n"), "{head}");
            assert!(head.contains("Proxy-Authorization: Basic bWU6cyB0\r\n"), "{head}");
            assert!(head.to_lowercase().contains("\r\nhost: build.example:8081\r\n"), "{head}");
        }
    }

    #[test]
    fn tls_goes_through_a_tunnel() {
        for head in heads("https://build.example", "") {
            assert!(head.starts_with("CONNECT build.example:443 HTTP/1.1\r\n"), "{head}");
        }
    }
}
