//! `[gateway.tls]` and `[acme]`, and what the gateway tells clients about https.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::Problems;
use super::span::Span;

/// As written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TlsSection {
    listen: Option<String>,
    min_version: Option<String>,
    public_port: Option<u16>,
    certificate_file: Option<PathBuf>,
    key_file: Option<PathBuf>,
    handshakes: Option<usize>,
    handshake_seconds: Option<u64>,
}

/// TLS at an address of its own.
#[derive(Clone, Debug)]
pub(crate) struct Tls {
    pub(crate) listen: SocketAddr,
    pub(crate) min_version: gateway::MinVersion,
    /// The port that clients know, where something in front has another.
    pub(crate) public_port: Option<u16>,
    /// Chain and key for every name without a certificate of its own; without them one is made.
    pub(crate) files: Option<(PathBuf, PathBuf)>,
    /// Handshakes under way.
    pub(crate) handshakes: usize,
    /// How long one may take.
    pub(crate) handshake: Duration,
}

/// What clients are told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Https {
    pub(crate) redirect: bool,
    pub(crate) hsts: Option<Duration>,
}

/// `[acme]` as written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AcmeSection {
    directory: Option<String>,
    contact: Vec<String>,
    agree: bool,
    ca_file: Option<PathBuf>,
}

/// Where certificates are ordered.
#[derive(Clone, Debug)]
pub(crate) struct Acme {
    pub(crate) directory: String,
    pub(crate) contact: Vec<String>,
    pub(crate) ca_file: Option<PathBuf>,
}

impl Problems {
    pub(super) fn acme(&mut self, section: AcmeSection, has_tls: bool) -> Acme {
        let AcmeSection { directory, contact, agree, ca_file } = section;
        let directory = directory.unwrap_or_default();
        if !directory.starts_with("https://") {
            self.0.push(format!(
                "acme.directory: '{directory}' must be the https:// address of an ACME server's directory"
            ));
        }
        for one in contact.iter().filter(|one| !one.starts_with("mailto:")) {
            self.0.push(format!("acme.contact: '{one}' must begin with mailto:"));
        }
        if !agree {
            self.0.push("acme.agree: set it to true to agree to the server's terms of service".to_owned());
        }
        if !has_tls {
            self.0.push("acme: nobody needs certificates without [gateway.tls]".to_owned());
        }
        Acme { directory, contact, ca_file }
    }

    pub(super) fn tls(&mut self, section: TlsSection) -> Tls {
        let oldest = section.min_version.as_deref().unwrap_or("1.2");
        let min_version = match oldest {
            "1.2" => gateway::MinVersion::Tls12,
            "1.3" => gateway::MinVersion::Tls13,
            _ => {
                let text = "must be \"1.2\" or \"1.3\"; what is older is broken";
                self.0.push(format!("gateway.tls.min_version: '{oldest}' {text}"));
                gateway::MinVersion::default()
            }
        };
        if section.certificate_file.is_some() != section.key_file.is_some() {
            self.0.push("gateway.tls: certificate_file and key_file come together".to_owned());
        }
        let seconds = self.range("gateway.tls.handshake_seconds", section.handshake_seconds, 10, 1, 86_400);
        Tls {
            listen: self.address("gateway.tls.listen", section.listen, 8443),
            min_version,
            public_port: section.public_port,
            files: section.certificate_file.zip(section.key_file),
            handshakes: self.count("gateway.tls.handshakes", section.handshakes, 1024, 100_000),
            handshake: Duration::from_secs(seconds),
        }
    }

    /// Neither means anything without TLS, and who asks for it expects something.
    pub(super) fn https(&mut self, redirect: Option<bool>, hsts: Option<Span>, has_tls: bool) -> Https {
        let https = Https { redirect: redirect.unwrap_or(false), hsts: hsts.and_then(|span| span.0) };
        for (name, asked) in [("https_redirect", https.redirect), ("hsts", https.hsts.is_some())] {
            if asked && !has_tls {
                self.0.push(format!("gateway.{name}: there is no https without [gateway.tls]"));
            }
        }
        if https.hsts.is_some_and(|age| age < Duration::from_secs(1)) {
            self.0.push("gateway.hsts: browsers count whole seconds; \"off\" or at least \"1s\"".to_owned());
        }
        https
    }
}
