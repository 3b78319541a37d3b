//! Where the gateway answers, as URLs say it. Whoever tells a client an address takes it from here.

use crate::state::Config;

/// Host and port of a URL without a path.
pub(crate) fn authority(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest)
}

/// The host of a URL without a path, in brackets if it is an address of IPv6.
pub(crate) fn host(url: &str) -> &str {
    let authority = authority(url);
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

impl Config {
    /// The gateway's address by https at a host, or at its bare one; none where it speaks no TLS. No trailing `/`.
    pub(crate) fn tls_url(&self, domain: Option<&str>) -> Option<String> {
        let host = domain.unwrap_or_else(|| host(&self.gateway_url));
        self.gateway_tls_port.map(|port| with_port("https", host, (port, 443)))
    }

    /// The gateway's address at a host, or at its bare one: by https where that is asked for and there, by http otherwise. No trailing
    /// `/`.
    pub(crate) fn url(&self, domain: Option<&str>, secure: bool) -> String {
        let plain = || match domain {
            Some(domain) => with_port("http", domain, (self.gateway_port, 80)),
            None => self.gateway_url.clone(),
        };
        self.tls_url(domain).filter(|_| secure).unwrap_or_else(plain)
    }
}

fn with_port(scheme: &str, host: &str, (port, usual): (u16, u16)) -> String {
    if port == usual { format!("{scheme}://{host}") } else { format!("{scheme}://{host}:{port}") }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{Console, Hosts, Links};

    #[track_caller]
    fn check((domain, secure): (Option<&str>, bool), (port, tls): (u16, Option<u16>), expect: &str) {
        let config = Config {
            gateway_url: format!("http://[::1]:{port}"),
            gateway_port: port,
            gateway_tls_port: tls,
            code_hosts: Hosts::parse(&[]).unwrap(),
            idle: Duration::from_mins(1),
            console: Console { page: None, files: &[], links: Links::default() },
        };
        assert_eq!(config.url(domain, secure), expect);
    }

    #[test]
    fn an_address_is_by_https_where_that_is_asked_for_and_there() {
        check((None, false), (8080, Some(8443)), "http://[::1]:8080");
        check((None, true), (8080, Some(8443)), "https://[::1]:8443");
        check((None, true), (8080, None), "http://[::1]:8080");
        check((Some("a.test"), true), (80, Some(443)), "https://a.test");
        check((Some("a.test"), false), (80, Some(443)), "http://a.test");
        check((Some("a.test"), true), (8080, None), "http://a.test:8080");
    }

    #[test]
    fn a_host_is_an_address_without_its_port() {
        for (url, expect) in [("http://[::1]:8080", "[::1]"), ("http://[::1]", "[::1]"), ("https://a.test", "a.test")] {
            assert_eq!(host(url), expect);
        }
    }
}
