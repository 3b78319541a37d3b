//! The operator's list of hosts, and whether an address is at one of them.

use std::net::IpAddr;

use http::Uri;
use wire::codes;

use super::public;
use crate::error::Error;
use crate::problems::quoted;

/// Hosts that packages may be fetched from; none unless the operator says so.
#[derive(Clone, Debug, Default)]
pub struct Hosts(Vec<Rule>);

/// One entry of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    /// Lower case; an address without brackets.
    host: String,
    /// Whether any name that ends in `.host` is meant.
    below: bool,
    /// `None`: the usual port of the scheme.
    port: Option<u16>,
}

/// Scheme, host and port of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) scheme: String,
    /// Lower case, without brackets.
    pub(super) host: String,
    pub(super) port: u16,
}

impl Hosts {
    /// Reads the list: `obs.example.com`, `*.obs.example.com`, `files.example.com:8443`, `10.0.0.5`, `[fd00::5]:8080`. An entry
    /// without a port means 80 for http and 443 for https.
    ///
    /// # Errors
    /// Every entry that is none of these.
    pub fn parse(texts: &[String]) -> Result<Self, Vec<String>> {
        let (rules, wrong): (Vec<_>, Vec<_>) =
            texts.iter().map(|text| Rule::parse(text).ok_or(text)).partition(Result::is_ok);
        let wrong: Vec<String> = wrong.into_iter().filter_map(Result::err).map(ToOwned::to_owned).collect();
        if wrong.is_empty() { Ok(Self(rules.into_iter().flatten().collect())) } else { Err(wrong) }
    }

    /// Where an address leads, if the operator allows it.
    pub(super) fn judge(&self, url: &str) -> Result<Origin, Error> {
        let refused = |why: &str| Err(Error::new(codes::CODE_URL, format!("code_url {} {why}", quoted(url))));
        let Some(uri) = url.parse::<Uri>().ok().filter(|uri| uri.authority().is_some()) else {
            return refused("is not an address like https://host/path");
        };
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return refused("has a user name in it");
        }
        let Some(origin) = Origin::of(&uri) else { return refused("must begin with https:// or http://") };
        if self.0.iter().any(|rule| rule.allows(&origin)) {
            return Ok(origin);
        }
        refused("is at a host that the operator does not allow: [code] hosts in funcd.toml lists those that are")
    }

    /// Whether a name of the list may turn out to be at this address.
    pub(super) fn may_connect(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        public::is_public(address) || self.0.iter().any(|rule| rule.host.parse() == Ok(address))
    }
}

impl Rule {
    fn parse(text: &str) -> Option<Self> {
        let (below, rest) = text.strip_prefix("*.").map_or((false, text), |rest| (true, rest));
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port.parse().ok()?)),
            _ => (rest, None),
        };
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host).to_ascii_lowercase();
        let address = host.parse::<IpAddr>().ok();
        let name = !host.is_empty()
            && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
            && !host.starts_with('.');
        let fine = match address {
            Some(_) => !below,
            None => name,
        };
        let host = address.map_or(host, |address| address.to_canonical().to_string());
        fine.then_some(Self { host, below, port })
    }

    fn allows(&self, origin: &Origin) -> bool {
        let host = match self.below {
            true => origin.host.strip_suffix(&self.host).is_some_and(|front| front.len() > 1 && front.ends_with('.')),
            false => origin.host == self.host,
        };
        let usual = if origin.scheme == "https" { 443 } else { 80 };
        host && self.port.unwrap_or(usual) == origin.port
    }
}

impl Origin {
    /// Of an http or https address.
    pub(super) fn of(uri: &Uri) -> Option<Self> {
        let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"))?.to_owned();
        let host = uri.host().filter(|host| !host.is_empty())?;
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host).to_ascii_lowercase();
        let host = host.parse::<IpAddr>().map_or(host, |address| address.to_canonical().to_string());
        let port = match uri.port_u16() {
            Some(port) => port,
            None if scheme == "https" => 443,
            None => 80,
        };
        Some(Self { scheme, host, port })
    }

    /// An address there.
    pub(super) fn join(&self, path: &str) -> String {
        let Self { scheme, host, port } = self;
        if host.contains(':') {
            format!("{scheme}://[{host}]:{port}{path}")
        } else {
            format!("{scheme}://{host}:{port}{path}")
        }
    }
}
