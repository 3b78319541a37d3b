//! Which proxy the environment names for a place: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, also in lower case.
//!
//! Loopback is never reached through a proxy, whatever the environment says.

use std::net::IpAddr;

use anyhow::{Context as _, Result};
use ureq::Proxy;

use crate::connection::Endpoint;

/// A variable of the environment; set to nothing is not set.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

/// The proxy for a place, if there is one.
///
/// # Errors
/// When a variable that counts here cannot be read as a proxy's address.
pub(super) fn choose(endpoint: &Endpoint, variable: impl Fn(&str) -> Option<String>) -> Result<Option<Proxy>> {
    let either =
        |name: &str| variable(&name.to_lowercase()).or_else(|| variable(name)).map(|text| (name.to_owned(), text));
    if endpoint.is_loopback() || either("NO_PROXY").is_some_and(|(_, list)| is_excepted(endpoint, &list)) {
        return Ok(None);
    }
    let of_scheme = if endpoint.tls { "HTTPS_PROXY" } else { "HTTP_PROXY" };
    let Some((name, address)) = either(of_scheme).or_else(|| either("ALL_PROXY")) else {
        return Ok(None);
    };
    let proxy = Proxy::new(&address).with_context(|| format!("{name} is no proxy address"))?;
    Ok(Some(proxy))
}

/// Whether a list of exceptions covers a place: `*`, a host, a domain and all below it, an address, or a network as
/// `10.0.0.0/8`; each with a port or without.
fn is_excepted(endpoint: &Endpoint, list: &str) -> bool {
    list.split([',', ' ']).map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| covers(endpoint, entry))
}

fn covers(endpoint: &Endpoint, entry: &str) -> bool {
    if entry == "*" {
        return true;
    }
    let host = endpoint.host.trim_start_matches('[').trim_end_matches(']');
    if let (Ok(ip), Some((network, bits))) = (host.parse::<IpAddr>(), entry.split_once('/')) {
        return network.parse().is_ok_and(|network| bits.parse().is_ok_and(|bits| in_network(ip, network, bits)));
    }
    let entry = match entry.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => match port.parse::<u16>() {
            Ok(port) if port != endpoint.port => return false,
            _ => name,
        },
        _ => entry,
    };
    let entry = entry.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    let domain = entry.trim_start_matches('*').trim_start_matches('.');
    !domain.is_empty() && (host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')))
}

fn in_network(ip: IpAddr, network: IpAddr, bits: u32) -> bool {
    let (ip, network, width) = match (ip, network) {
        (IpAddr::V4(ip), IpAddr::V4(network)) => (u128::from(u32::from(ip)), u128::from(u32::from(network)), 32),
        (IpAddr::V6(ip), IpAddr::V6(network)) => (u128::from(ip), u128::from(network), 128),
        _ => return false,
    };
    let Some(outside) = u32::checked_sub(width, bits) else { return false };
    (ip ^ network).checked_shr(outside).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `environment` is `NAME=value` separated by blanks; `expect` the proxy's address.
    #[track_caller]
    fn check(endpoint: &str, environment: &str, expect: Option<&str>) {
        let set = |name: &str| {
            let mut pairs = environment.split(' ').filter_map(|pair| pair.split_once('='));
            pairs.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
        };
        let got = choose(&Endpoint::parse(endpoint).unwrap(), set).unwrap();
        let got = got.map(|proxy| format!("{}:{}", proxy.host(), proxy.port()));
        assert_eq!(got.as_deref(), expect, "{endpoint} with {environment}");
    }

    #[test]
    fn the_variable_of_the_scheme_counts() {
        check("http://build", "HTTP_PROXY=http://p:1 HTTPS_PROXY=http://q:2", Some("p:1"));
        check("https://build", "HTTP_PROXY=http://p:1 HTTPS_PROXY=http://q:2", Some("q:2"));
        check("https://build", "HTTP_PROXY=http://p:1", None);
        check("http://build", "all_proxy=socks5://s:3", Some("s:3"));
        check("http://build", "http_proxy=p:1 HTTP_PROXY=q:2", Some("p:1"));
        check("http://build", "", None);
    }

    #[test]
    fn loopback_is_never_proxied() {
        for place in ["http://127.0.0.1:8081", "http://localhost:1", "http://web.localhost", "http://[::1]:1"] {
            check(place, "HTTP_PROXY=http://p:1 ALL_PROXY=http://p:1", None);
        }
    }

    #[test]
    fn exceptions_name_hosts_domains_addresses_networks_and_ports() {
        for (place, list, excepted) in [
            ("http://build.corp", "*", true),
            ("http://build.corp", "other,build.corp", true),
            ("http://build.corp", "corp", true),
            ("http://build.corp", ".corp", true),
            ("http://build.corp", "*.CORP", true),
            ("http://buildcorp", "corp", false),
            ("http://build.corp:8081", "build.corp:8081", true),
            ("http://build.corp:8081", "build.corp:80", false),
            ("http://10.1.2.3", "10.0.0.0/8", true),
            ("http://11.1.2.3", "10.0.0.0/8", false),
            ("http://11.1.2.3", "0.0.0.0/0", true),
            ("http://10.1.2.3", "10.1.2.3", true),
            ("http://10.1.2.3", "10.1.2.3/33", false),
            ("http://[fd00::1]", "fd00::/8", true),
            ("http://[fd00::1]", "[fd00::1]", true),
            ("http://10.1.2.3", "fd00::/8", false),
        ] {
            let expect = if excepted { None } else { Some("p:1") };
            let got = choose(&Endpoint::parse(place).unwrap(), |name| match name {
                "HTTP_PROXY" => Some("http://p:1".to_owned()),
                "NO_PROXY" => Some(list.to_owned()),
                _ => None,
            });
            let got = got.unwrap().map(|proxy| format!("{}:{}", proxy.host(), proxy.port()));
            assert_eq!(got.as_deref(), expect, "{place} with NO_PROXY={list}");
        }
    }

    #[test]
    fn a_proxy_that_cannot_be_read_is_named() {
        let endpoint = Endpoint::parse("http://build").unwrap();
        let error = choose(&endpoint, |name| (name == "HTTP_PROXY").then(|| "ftp://p".to_owned())).unwrap_err();
        assert!(error.to_string().contains("HTTP_PROXY"), "{error}");
    }
}
