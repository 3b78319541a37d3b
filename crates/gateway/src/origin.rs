//! Who asks where a proxy of the operator's stands in front: what such a proxy says about its client is believed, and what anybody
//! else says is not.
//!
//! A proxy adds the address that it saw behind whatever its client had written, so `X-Forwarded-For` is read from its end: the first
//! address that is not a trusted proxy's is the client's, and what stands before it is what that client wished to be.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};
use model::apig::acls::Addresses;

use crate::connection::{Client, Peer};
use crate::forward::{FORWARDED_FOR, FORWARDED_PORT, FORWARDED_PROTO, REAL_IP};

/// The peer as a request's policies, function and records shall know it.
pub(crate) fn of(peer: Arc<Peer>, headers: &HeaderMap) -> Arc<Peer> {
    if !peer.client.proxy {
        return peer;
    }
    let client = behind(&peer.client, &peer.shared.trusted_proxies, headers);
    let (shared, snapshots) = (Arc::clone(&peer.shared), Arc::clone(&peer.snapshots));
    Arc::new(Peer { shared, snapshots, client })
}

/// Whom a trusted proxy speaks for.
fn behind(proxy: &Client, trusted: &Addresses, headers: &HeaderMap) -> Client {
    let chain: Vec<&str> = list(headers, &FORWARDED_FOR);
    let (address, place) = match chain.is_empty() {
        true => (only(headers, &REAL_IP).and_then(read), None),
        false => rightmost(&chain, trusted),
    };
    let address = address.unwrap_or(proxy.address);
    let secure = scheme(headers, (chain.len(), place)).unwrap_or(proxy.secure);
    let told = only(headers, &FORWARDED_PORT).and_then(|port| port.parse::<u16>().ok());
    // A proxy that changed the scheme is reached at another port than ours.
    let port = told.or((secure != proxy.secure).then_some(if secure { 443 } else { 80 }));
    Client {
        address,
        ip: HeaderValue::try_from(address.to_string()).unwrap_or_else(|_| proxy.ip.clone()),
        port: port.map_or_else(|| proxy.port.clone(), HeaderValue::from),
        host: proxy.host.clone(),
        secure,
        proxy: false,
    }
}

/// The last address of a chain that is not a trusted proxy's, and its place. What cannot be read ends the chain: the last one that
/// could be is all that somebody trusted has said.
fn rightmost(chain: &[&str], trusted: &Addresses) -> (Option<IpAddr>, Option<usize>) {
    let mut last = (None, None);
    for (place, text) in chain.iter().enumerate().rev() {
        let Some(address) = read(text) else { break };
        last = (Some(address), Some(place));
        if !trusted.contains(address) {
            break;
        }
    }
    last
}

/// Whether the client came by https, where that is said: once, or as often as there are addresses, each proxy adding its own.
fn scheme(headers: &HeaderMap, (chain, place): (usize, Option<usize>)) -> Option<bool> {
    let schemes = list(headers, &FORWARDED_PROTO);
    let said = match schemes.as_slice() {
        [one] => one,
        many if many.len() == chain => many.get(place?)?,
        _ => return None,
    };
    let is = |scheme: &str| said.eq_ignore_ascii_case(scheme);
    (is("https") || is("http")).then(|| is("https"))
}

/// An address, with or without a port: some proxies add that of the client.
fn read(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse::<IpAddr>().ok().or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()))?;
    Some(address.to_canonical())
}

/// The items of all headers of a name; one that is no text spoils only itself, so that nobody can spoil what a proxy puts behind it.
fn list<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a str> {
    let items = headers.get_all(name).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    items.map(|item| std::str::from_utf8(item).map_or("?", str::trim)).collect()
}

/// The value of a header that is there once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    match list(headers, name).as_slice() {
        [one] => Some(one),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
