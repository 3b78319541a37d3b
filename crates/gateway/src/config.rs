//! What the gateway is told: where to listen, with how many threads, and every limit with its number.

use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use model::apig::acls::Addresses;
use model::snapshot::{Certificate, Challenges};

/// How to run a gateway.
#[derive(Debug)]
pub struct Config {
    /// Where clients come in.
    pub listen: Listen,
    /// Where those come in who speak TLS, if anywhere.
    pub tls: Option<Tls>,
    /// What is told to clients about https.
    pub https: Https,
    /// What is answered to servers that ask whose a domain is, if certificates are ordered.
    pub challenges: Option<Arc<Challenges>>,
    /// Proxies in front whose `X-Forwarded-For`, `-Proto`, `-Port` and `X-Real-IP` are believed. Their connections are not counted
    /// against [`Limits::connections_per_client`].
    pub trusted_proxies: Addresses,
    /// Calls a day at the sub-domain of each group, if they are limited.
    pub subdomain_daily_limit: Option<u32>,
    /// Threads that serve connections, each with a runtime of its own; one per core unless said otherwise.
    pub threads: NonZeroUsize,
    /// The limits of each connection and request.
    pub limits: Limits,
}

impl Config {
    /// The defaults for everything but the address.
    pub fn new(listen: impl Into<Listen>) -> Self {
        let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self {
            listen: listen.into(),
            tls: None,
            https: Https::default(),
            challenges: None,
            trusted_proxies: Addresses::default(),
            subdomain_daily_limit: None,
            threads,
            limits: Limits::default(),
        }
    }
}

/// TLS at an address of its own. The certificates are those of the Snapshot's domains, and one for every name beside them.
#[derive(Debug)]
pub struct Tls {
    /// Where clients come in.
    pub listen: Listen,
    /// What they must speak at least.
    pub min_version: MinVersion,
    /// What clients are shown who name nobody, as those of a bare address do, or a name that is no custom domain: hosts of groups. Without one
    /// they are turned away.
    pub default: Option<Certificate>,
}

/// The oldest TLS that is spoken. What is older is broken (RFC 8996).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MinVersion {
    /// 1.2 and 1.3.
    #[default]
    Tls12,
    /// 1.3 only.
    Tls13,
}

/// What is told to clients about https. Nothing is, where the gateway has no TLS.
#[derive(Clone, Copy, Debug, Default)]
pub struct Https {
    /// Plain HTTP is answered with the same address in https, for every host.
    pub redirect: bool,
    /// How long browsers shall come back by https only (RFC 6797); said where the function says nothing about it.
    pub hsts: Option<Duration>,
    /// The port in redirections; that of the TLS address unless something in front of the gateway has another.
    pub port: Option<u16>,
}

/// Where clients come in.
#[derive(Debug)]
pub enum Listen {
    /// An address to bind; port 0 takes any free one.
    Address(SocketAddr),
    /// A socket that is bound already, from a service supervisor or the process before this one.
    Bound(TcpListener),
}

impl From<SocketAddr> for Listen {
    fn from(address: SocketAddr) -> Self {
        Self::Address(address)
    }
}

impl From<TcpListener> for Listen {
    fn from(listener: TcpListener) -> Self {
        Self::Bound(listener)
    }
}

/// Every limit of the data plane. What is over one is refused with the status named here and counted.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of a request head, 1 KiB to 64 KiB; over: 431.
    pub head_bytes: usize,
    /// Header fields of a request, 8 to 1000; over: 431.
    pub head_fields: usize,
    /// Bytes of a request target, 256 to 32,768 (`behaviour.md` 7.2.3) and less than `head_bytes`; over: 414.
    pub uri_bytes: usize,
    /// Bytes of a request body, at least 1; over: 413, at once when `Content-Length` says so, else when the byte arrives.
    pub body_bytes: u64,
    /// Bytes of a request body that is signed, and so held in memory until its signature was checked, 1 to 64 MiB (the vendor's
    /// gateway takes 12 MB, `behaviour.md` 7.2.3); over: 413. A client that signs `UNSIGNED-PAYLOAD` may send more.
    pub signed_body_bytes: usize,
    /// From a request's first byte to the end of its head; also how long a new connection may stay silent. Over: 408.
    pub head_timeout: Duration,
    /// How long a TLS handshake may take, the wait for its place included; over: closed.
    pub handshake_timeout: Duration,
    /// TLS handshakes that may be under way, at least 1; more wait.
    pub handshakes: usize,
    /// How long a connection may wait for its next request; over: closed.
    pub idle_timeout: Duration,
    /// How long a client may pause in the middle of a body that is wanted; over: 408.
    pub body_stall_timeout: Duration,
    /// How long a client may take nothing of a response that is ready to be sent; over: closed.
    pub write_stall_timeout: Duration,
    /// How long a request goes on after its client has closed its sending half. A client that is gone says the same as one
    /// that only has nothing more to send, so the request is cancelled after this time. A reset cancels at once.
    pub half_close_grace: Duration,
    /// Bytes a second that a body which is wanted must come with on the average, once it was waited for ten seconds in all; 0 for
    /// as slow as they like. Under: 408.
    pub body_rate: u64,
    /// Bytes a second that a response which is ready must be taken with on the average, once that was waited for ten seconds in
    /// all; 0 for as slow as they like. Under: closed.
    pub response_rate: u64,
    /// Bytes that the kernel holds of what a client has not taken yet, 16 KiB to 64 MiB: the memory that slow readers cost the host.
    pub send_buffer: usize,
    /// Open connections, at least 1; over: closed unanswered.
    pub connections: usize,
    /// Open connections of one client address (of IPv6 the first 64 bits), at least 1; over: closed unanswered.
    pub connections_per_client: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_bytes: 32 * 1024,
            head_fields: 100,
            uri_bytes: 8 * 1024,
            body_bytes: 64 * 1024 * 1024,
            signed_body_bytes: 12 * 1024 * 1024,
            head_timeout: Duration::from_secs(10),
            handshake_timeout: Duration::from_secs(10),
            handshakes: 1024,
            idle_timeout: Duration::from_secs(75),
            body_stall_timeout: Duration::from_secs(30),
            write_stall_timeout: Duration::from_secs(60),
            half_close_grace: Duration::from_millis(500),
            body_rate: 256,
            response_rate: 256,
            send_buffer: 256 * 1024,
            connections: 20_000,
            connections_per_client: 20_000,
        }
    }
}

impl Limits {
    /// Everything that is wrong with them, each with name, value and range.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut within = |name: &str, value: u64, least: u64, most: u64| {
            if value < least || value > most {
                problems.push(format!("{name} is {value}, but must be {least} to {most}"));
            }
        };
        within("head_bytes", self.head_bytes as u64, 1024, 64 * 1024);
        within("head_fields", self.head_fields as u64, 8, 1000);
        within("uri_bytes", self.uri_bytes as u64, 256, 32_768.min(self.head_bytes.saturating_sub(256) as u64));
        within("body_bytes", self.body_bytes, 1, u64::MAX);
        within("signed_body_bytes", self.signed_body_bytes as u64, 1, 64 * 1024 * 1024);
        within("send_buffer", self.send_buffer as u64, 16 * 1024, 64 * 1024 * 1024);
        within("handshakes", self.handshakes as u64, 1, 100_000);
        within("connections", self.connections as u64, 1, 1_000_000);
        within("connections_per_client", self.connections_per_client as u64, 1, 1_000_000);
        for (name, time) in [
            ("head_timeout", self.head_timeout),
            ("handshake_timeout", self.handshake_timeout),
            ("idle_timeout", self.idle_timeout),
            ("body_stall_timeout", self.body_stall_timeout),
            ("write_stall_timeout", self.write_stall_timeout),
        ] {
            within(name, u64::try_from(time.as_millis()).unwrap_or(u64::MAX), 1, 24 * 3600 * 1000);
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_have_no_problem() {
        assert_eq!(Limits::default().problems(), Vec::<String>::new());
    }

    #[test]
    fn all_problems_are_named_at_once() {
        let limits = Limits { head_bytes: 10, connections: 0, idle_timeout: Duration::ZERO, ..Limits::default() };
        let problems = limits.problems();
        for name in ["head_bytes is 10", "uri_bytes is 8192", "connections is 0", "idle_timeout is 0"] {
            assert!(problems.iter().any(|problem| problem.starts_with(name)), "{name}: {problems:?}");
        }
    }
}
