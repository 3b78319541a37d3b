//! The base address of a service.

use std::fmt;
use std::net::IpAddr;

use anyhow::{Result, bail, ensure};
use http::Uri;

/// Scheme, host and port, and a path in front of every operation's own (usually empty).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) tls: bool,
    /// As in a URL: IPv6 in brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Without a slash at its end.
    pub(crate) prefix: String,
}

impl Endpoint {
    /// Reads a URL; `http://` is meant where no scheme is given.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let url = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let uri: Uri = url.parse()?;
        let tls = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            other => bail!("its scheme must be http or https, not {}", other.unwrap_or("nothing")),
        };
        ensure!(uri.query().is_none(), "it must not have a query");
        let Some(authority) = uri.authority() else { bail!("it has no host") };
        ensure!(!authority.as_str().contains('@'), "it must not hold a user name: keys are given by options");
        ensure!(!authority.host().is_empty(), "it has no host");
        Ok(Self {
            tls,
            host: authority.host().to_ascii_lowercase(),
            port: authority.port_u16().unwrap_or(if tls { 443 } else { 80 }),
            prefix: uri.path().trim_end_matches('/').to_owned(),
        })
    }

    /// What stands in the `Host` header: the port only where it is not the scheme's own.
    pub(crate) fn authority(&self) -> String {
        match (self.tls, self.port) {
            (false, 80) | (true, 443) => self.host.clone(),
            (_, port) => format!("{}:{port}", self.host),
        }
    }

    /// Whether it is this machine's loopback: such an address never goes through a proxy.
    pub(crate) fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.ends_with(".localhost") || self.ip().is_some_and(|ip| ip.is_loopback())
    }

    /// Whether it is the wildcard, which a server listens on and nobody can connect to from afar.
    pub(crate) fn is_unspecified(&self) -> bool {
        self.ip().is_some_and(|ip| ip.is_unspecified())
    }

    fn ip(&self) -> Option<IpAddr> {
        self.host.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }

    /// The same place under another host name.
    pub(crate) fn with_host(mut self, host: &str) -> Self {
        host.clone_into(&mut self.host);
        self
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority(), self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Result<&str, &str>) {
        match (Endpoint::parse(text), expect) {
            (Ok(endpoint), Ok(expect)) => assert_eq!(endpoint.to_string(), expect),
            (Err(error), Err(expect)) => assert!(error.to_string().contains(expect), "{error}"),
            (got, expect) => panic!("{got:?}, not {expect:?}"),
        }
    }

    #[test]
    fn an_address_is_read_with_or_without_its_usual_parts() {
        check("http://127.0.0.1:8081", Ok("http://127.0.0.1:8081"));
        check("127.0.0.1:8081/", Ok("http://127.0.0.1:8081"));
        check("HTTP://Build.Example:80", Ok("http://build.example"));
        check("https://api.example:443/fg/", Ok("https://api.example/fg"));
        check("http://[::1]:8081", Ok("http://[::1]:8081"));
    }

    #[test]
    fn what_is_no_service_is_refused() {
        check("", Err(""));
        check("ftp://host", Err("must be http or https, not ftp"));
        check("http://user:pw@host", Err("user name"));
        check("http://host/?a=1", Err("query"));
        check("http://", Err(""));
    }

    #[test]
    fn loopback_is_known_in_all_its_spellings() {
        for (text, expect) in [
            ("127.0.0.1:1", true),
            ("127.9.9.9", true),
            ("[::1]:1", true),
            ("localhost", true),
            ("web.localhost:8080", true),
            ("0.0.0.0:1", false),
            ("localhost.example", false),
        ] {
            assert_eq!(Endpoint::parse(text).unwrap().is_loopback(), expect, "{text}");
        }
    }
}
