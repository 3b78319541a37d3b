//! Configuration in two stages: [`File`] is what was written (every field optional), [`Config`] is what is meant.
//! [`resolve`] reports every problem at once and touches nothing.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use model::apig::acls::{Addresses, Range};
use serde::Deserialize;

use self::https::{Acme, AcmeSection, Https, Tls, TlsSection};
use self::size::Size;
use self::span::Span;

mod https;
pub(crate) mod size;
mod span;

/// `funcd.toml` as written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct File {
    region: Option<String>,
    key_file: Option<PathBuf>,
    api: ApiSection,
    gateway: GatewaySection,
    instances: InstancesSection,
    logs: LogsSection,
    code: CodeSection,
    acme: Option<AcmeSection>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct CodeSection {
    hosts: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ApiSection {
    listen: Option<String>,
    functions: Option<usize>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct GatewaySection {
    listen: Option<String>,
    public_host: Option<String>,
    threads: Option<usize>,
    head_bytes: Option<Size>,
    uri_bytes: Option<Size>,
    body_bytes: Option<Size>,
    response_bytes: Option<Size>,
    connections: Option<usize>,
    connections_per_client: Option<usize>,
    trusted_proxies: Vec<String>,
    subdomain_daily_limit: Option<u64>,
    head_seconds: Option<u64>,
    idle_seconds: Option<u64>,
    body_seconds: Option<u64>,
    write_seconds: Option<u64>,
    body_rate: Option<Size>,
    response_rate: Option<Size>,
    https_redirect: Option<bool>,
    hsts: Option<Span>,
    tls: Option<TlsSection>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct InstancesSection {
    idle_seconds: Option<u64>,
    freeze_after: Option<Span>,
    memory_low_percent: Option<u64>,
    drain_seconds: Option<u64>,
    starts_at_once: Option<usize>,
    blanks: Option<usize>,
    read_rate: Option<Size>,
    queue: Option<usize>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LogsSection {
    bytes_per_function: Option<Size>,
    keep_days: Option<u64>,
    rate_bytes: Option<Size>,
    burst_bytes: Option<Size>,
}

/// What the command line says over the file.
#[derive(Debug, Default)]
pub(crate) struct Flags {
    pub(crate) data_dir: PathBuf,
    pub(crate) api: Option<String>,
    pub(crate) gateway: Option<String>,
    pub(crate) region: Option<String>,
}

/// What is meant: no option left, types instead of text.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// The folder that holds all state.
    pub(crate) data_dir: PathBuf,
    /// The key that seals secrets; in the data folder unless said otherwise.
    pub(crate) key_file: PathBuf,
    /// Region name of a new installation.
    pub(crate) region: String,
    /// Whether somebody asked for that region, or it is the default.
    pub(crate) region_is_asked: bool,
    /// Where the REST API listens.
    pub(crate) api: SocketAddr,
    /// Functions that a project may have.
    pub(crate) functions: usize,
    /// Where the gateway listens.
    pub(crate) gateway: Gateway,
    /// Where certificates are ordered, if they are.
    pub(crate) acme: Option<Acme>,
    /// Life of instances.
    pub(crate) instances: Instances,
    /// What is kept of logs.
    pub(crate) logs: Logs,
    /// Where packages may be fetched from.
    pub(crate) code_hosts: api::Hosts,
}

/// Options of the gateway.
#[derive(Clone, Debug)]
pub(crate) struct Gateway {
    pub(crate) listen: SocketAddr,
    /// Host in URLs of the default group; the listening address unless that is a wildcard.
    pub(crate) public_host: String,
    pub(crate) threads: usize,
    pub(crate) head_bytes: usize,
    pub(crate) uri_bytes: usize,
    pub(crate) body_bytes: u64,
    pub(crate) response_bytes: u64,
    pub(crate) connections: usize,
    pub(crate) connections_per_client: usize,
    /// Whose word about their clients counts.
    pub(crate) trusted_proxies: Addresses,
    /// Calls a day at the sub-domain of each group, if they are limited.
    pub(crate) subdomain_daily_limit: Option<u32>,
    pub(crate) patience: Patience,
    pub(crate) tls: Option<Tls>,
    pub(crate) https: Https,
}

/// How long the gateway waits for a client, and how slow it may be.
#[derive(Clone, Debug)]
pub(crate) struct Patience {
    /// For a request head.
    pub(crate) head: Duration,
    /// For the next request of a connection.
    pub(crate) idle: Duration,
    /// For more of a body.
    pub(crate) body: Duration,
    /// For a client that takes nothing of its answer.
    pub(crate) write: Duration,
    /// Bytes a second of a body on the average.
    pub(crate) body_rate: u64,
    /// Bytes a second of an answer on the average.
    pub(crate) response_rate: u64,
}

/// Options of instances.
#[derive(Clone, Debug)]
pub(crate) struct Instances {
    /// An instance without requests leaves after this time.
    pub(crate) idle: Duration,
    /// An instance without requests is frozen after this time, if it shall be.
    pub(crate) freeze_after: Option<Duration>,
    /// With less than so many percent of the host's memory available, frozen instances are moved to swap; 0: never.
    pub(crate) memory_low: u8,
    /// How long a stop waits for requests in flight.
    pub(crate) drain: Duration,
    /// Instances that start at the same time on this node.
    pub(crate) starts_at_once: usize,
    /// Sandboxes kept ready.
    pub(crate) blanks: usize,
    /// Bytes a second that an instance may read from each disk; 0: no limit.
    pub(crate) read_rate: u64,
    /// Requests of one function that may wait for a slot.
    pub(crate) queue: usize,
}

/// Options of logs.
#[derive(Clone, Debug)]
pub(crate) struct Logs {
    pub(crate) bytes_per_function: u64,
    pub(crate) keep: Duration,
    pub(crate) rate_bytes: u32,
    pub(crate) burst_bytes: u32,
}

/// Turns what was written into what is meant, or says everything that is wrong with it.
pub(crate) fn resolve(file: File, flags: Flags, cores: usize) -> Result<Config, Vec<String>> {
    let mut problems = Problems(Vec::new());
    let api = problems.address("api.listen (--api)", flags.api.or(file.api.listen), 8081);
    let functions = problems.count("api.functions", file.api.functions, model::limits::FUNCTIONS, 100_000);
    let gateway = problems.gateway(file.gateway, flags.gateway, cores);
    let acme = file.acme.map(|section| problems.acme(section, gateway.tls.is_some()));
    let region = flags.region.or(file.region);
    let region_is_asked = region.is_some();
    let region = region.unwrap_or_else(|| "local-1".to_owned());
    if !valid_region(&region) {
        problems.0.push(format!("region: '{region}' must be 1 to 64 lower-case letters, digits and '-'"));
    }
    let instances = problems.instances(file.instances, cores);
    let logs = Logs {
        bytes_per_function: file.logs.bytes_per_function.map_or(64 << 20, |size| size.0),
        keep: Duration::from_secs(86_400 * problems.range("logs.keep_days", file.logs.keep_days, 7, 1, 3_650)),
        rate_bytes: problems.u32("logs.rate_bytes", file.logs.rate_bytes, 1 << 20),
        burst_bytes: problems.u32("logs.burst_bytes", file.logs.burst_bytes, 4 << 20),
    };
    let code_hosts = problems.code_hosts(&file.code.hosts);
    if !problems.0.is_empty() {
        return Err(problems.0);
    }
    let key_file = file.key_file.unwrap_or_else(|| flags.data_dir.join("secret.key"));
    Ok(Config {
        data_dir: flags.data_dir,
        key_file,
        region,
        region_is_asked,
        api,
        functions,
        gateway,
        acme,
        instances,
        logs,
        code_hosts,
    })
}

fn valid_region(region: &str) -> bool {
    (1..=64).contains(&region.len())
        && region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Collects what is wrong while values are read.
struct Problems(Vec<String>);

impl Problems {
    fn gateway(&mut self, section: GatewaySection, flag: Option<String>, cores: usize) -> Gateway {
        let patience = self.patience(&section);
        let listen = self.address("gateway.listen (--gateway)", flag.or(section.listen), 8080);
        let public_host = section.public_host.unwrap_or_else(|| match listen.ip() {
            ip if ip.is_unspecified() => "127.0.0.1".to_owned(),
            std::net::IpAddr::V6(ip) => format!("[{ip}]"),
            ip => ip.to_string(),
        });
        if public_host.is_empty() || public_host.contains(['/', '@', ' ', '?', '#']) {
            self.0.push(format!(
                "gateway.public_host: '{public_host}' must be a host name or address, without scheme or path"
            ));
        }
        let connections = self.count("gateway.connections", section.connections, 20_000, 1_000_000);
        let per_client = section.connections_per_client;
        let https = self.https(section.https_redirect, section.hsts, section.tls.is_some());
        let tls = section.tls.map(|section| self.tls(section));
        Gateway {
            listen,
            public_host,
            patience,
            tls,
            https,
            connections,
            trusted_proxies: self.trusted_proxies(&section.trusted_proxies),
            subdomain_daily_limit: self.subdomain_daily_limit(section.subdomain_daily_limit),
            connections_per_client: self.count("gateway.connections_per_client", per_client, connections, 1_000_000),
            threads: self.count("gateway.threads", section.threads, cores, 256),
            head_bytes: self.size("gateway.head_bytes", section.head_bytes, 32 << 10, 1 << 10, 1 << 20) as usize,
            uri_bytes: self.size("gateway.uri_bytes", section.uri_bytes, 8 << 10, 256, 32 << 10) as usize,
            body_bytes: self.size("gateway.body_bytes", section.body_bytes, 64 << 20, 0, u64::MAX),
            response_bytes: self.size("gateway.response_bytes", section.response_bytes, 200 << 20, 0, u64::MAX),
        }
    }

    fn subdomain_daily_limit(&mut self, limit: Option<u64>) -> Option<u32> {
        let limit = self.range("gateway.subdomain_daily_limit", limit, 0, 0, u64::from(u32::MAX));
        u32::try_from(limit).ok().filter(|limit| *limit > 0)
    }

    fn trusted_proxies(&mut self, entries: &[String]) -> Addresses {
        let mut ranges = Vec::new();
        for text in entries {
            match Range::read(text) {
                Ok(range) => ranges.push(range),
                Err(wrong) => self.0.push(format!("gateway.trusted_proxies: '{text}' {wrong}")),
            }
        }
        let trusted = Addresses::new(ranges);
        if trusted.are_everybody() {
            let problem = "gateway.trusted_proxies: is every address there is, so that each client could choose for whom it is taken; \
                           name the addresses of your proxies";
            self.0.push(problem.to_owned());
        }
        trusted
    }

    fn instances(&mut self, section: InstancesSection, cores: usize) -> Instances {
        Instances {
            idle: Duration::from_secs(self.range("instances.idle_seconds", section.idle_seconds, 60, 1, 86_400)),
            freeze_after: self.freeze_after(section.freeze_after),
            memory_low: self.range("instances.memory_low_percent", section.memory_low_percent, 10, 0, 100) as u8,
            drain: Duration::from_secs(self.range("instances.drain_seconds", section.drain_seconds, 30, 0, 3_600)),
            starts_at_once: self.count("instances.starts_at_once", section.starts_at_once, cores * 2, 1024),
            blanks: self.range("instances.blanks", section.blanks.map(|n| n as u64), 8, 0, 64) as usize,
            read_rate: self.size("instances.read_rate", section.read_rate, 128 << 20, 0, 1 << 40),
            queue: self.count("instances.queue", section.queue, 10_000, 1_000_000),
        }
    }

    fn code_hosts(&mut self, entries: &[String]) -> api::Hosts {
        api::Hosts::parse(entries).unwrap_or_else(|wrong| {
            let form = "a host or address, such as obs.example.com, *.obs.example.com, 10.0.0.5 or host:8443";
            self.0.extend(wrong.into_iter().map(|entry| format!("code.hosts: '{entry}' is not {form}")));
            api::Hosts::default()
        })
    }

    fn freeze_after(&mut self, value: Option<Span>) -> Option<Duration> {
        let after = value.unwrap_or(Span(Some(Duration::from_secs(10)))).0?;
        if !(Duration::from_millis(100)..=Duration::from_secs(86_400)).contains(&after) {
            let problem = format!("instances.freeze_after: {after:?} is not between 100ms and 24h (\"off\": never)");
            self.0.push(problem);
        }
        Some(after)
    }

    fn patience(&mut self, section: &GatewaySection) -> Patience {
        let mut seconds = |name, value, default| Duration::from_secs(self.range(name, value, default, 1, 86_400));
        let head = seconds("gateway.head_seconds", section.head_seconds, 10);
        let idle = seconds("gateway.idle_seconds", section.idle_seconds, 75);
        let body = seconds("gateway.body_seconds", section.body_seconds, 30);
        let write = seconds("gateway.write_seconds", section.write_seconds, 60);
        let mut rate =
            |name, value: &Option<Size>| self.range(name, value.as_ref().map(|rate| rate.0), 256, 0, 1 << 30);
        let body_rate = rate("gateway.body_rate", &section.body_rate);
        let response_rate = rate("gateway.response_rate", &section.response_rate);
        Patience { head, idle, body, write, body_rate, response_rate }
    }

    fn address(&mut self, name: &str, text: Option<String>, port: u16) -> SocketAddr {
        let default = SocketAddr::from(([127, 0, 0, 1], port));
        let Some(text) = text else { return default };
        match text.parse() {
            Ok(address) => address,
            Err(_) => {
                self.0.push(format!(
                    "{name}: '{text}' is not an address and port such as 127.0.0.1:{port} or [::1]:{port}"
                ));
                default
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one row of a table: name, value, default, bounds")]
    fn range(&mut self, name: &str, value: Option<u64>, default: u64, min: u64, max: u64) -> u64 {
        let value = value.unwrap_or(default);
        if !(min..=max).contains(&value) {
            self.0.push(format!("{name}: {value} is not between {min} and {max}"));
        }
        value
    }

    fn count(&mut self, name: &str, value: Option<usize>, default: usize, max: usize) -> usize {
        self.range(name, value.map(|n| n as u64), default as u64, 1, max as u64) as usize
    }

    #[expect(clippy::too_many_arguments, reason = "one row of a table: name, value, default, bounds")]
    fn size(&mut self, name: &str, value: Option<Size>, default: u64, min: u64, max: u64) -> u64 {
        self.range(name, value.map(|size| size.0), default, min, max)
    }

    fn u32(&mut self, name: &str, value: Option<Size>, default: u64) -> u32 {
        let value = self.size(name, value, default, 1, u64::from(u32::MAX));
        u32::try_from(value).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests;
