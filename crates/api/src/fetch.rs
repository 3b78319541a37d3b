//! Packages from an address (`code_url`): only from hosts the operator allows, only from addresses that are public or listed too,
//! with limits of size and time, streamed to disk.
//!
//! Who may deploy could otherwise make funcd speak to whatever the host can reach: the cloud's metadata service, or a database
//! that trusts its network. So a name is looked up once, what it resolves to is judged, and exactly that is connected to.

mod hosts;
mod public;
mod tls;

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::time::Duration;

use http::Uri;
use model::limits::FETCHED_PACKAGE_BYTES;
use ureq::Agent;
use ureq::config::Config;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use wire::codes;

use crate::error::Error;
use crate::problems::quoted;
pub use hosts::Hosts;
use hosts::Origin;

/// How long a connection may take to be made, and the whole fetch.
const CONNECT: Duration = Duration::from_secs(10);
const WHOLE: Duration = Duration::from_secs(300);
/// Answers that lead elsewhere at the same host.
const REDIRECTS: usize = 3;
/// Bytes read at a time.
const PIECE: usize = 64 * 1024;

/// Fetches what is at `url` into `file`, and gives the file back.
pub(crate) async fn fetch(hosts: &Hosts, url: &str, file: File) -> Result<File, Error> {
    let origin = hosts.judge(url)?;
    let (hosts, url) = (hosts.clone(), url.to_owned());
    tokio::task::spawn_blocking(move || follow(&hosts, url, &origin, file)).await?
}

/// Follows redirects that stay at the origin.
fn follow(hosts: &Hosts, mut url: String, origin: &Origin, file: File) -> Result<File, Error> {
    let agent = agent(hosts)?;
    for _ in 0..=REDIRECTS {
        let mut answer = agent.get(&url).call().map_err(|error| failed(&url, error))?;
        let status = answer.status();
        if !status.is_redirection() {
            return match status.as_u16() {
                200 => save(&url, answer.body_mut(), file),
                other => Err(Error::new(codes::CODE_NOT_FOUND, format!("{} answered {other}", quoted(&url)))),
            };
        }
        let target = answer.headers().get(http::header::LOCATION).and_then(|location| location.to_str().ok());
        let target = target.unwrap_or_default();
        url =
            if target.starts_with('/') && !target.starts_with("//") { origin.join(target) } else { target.to_owned() };
        if hosts.judge(&url)? != *origin {
            let text = format!("code_url redirects to {}, another host, which is not followed", quoted(&url));
            return Err(Error::new(codes::CODE_URL, text));
        }
    }
    Err(Error::new(codes::CODE_URL, format!("code_url redirects more than {REDIRECTS} times")))
}

fn agent(hosts: &Hosts) -> Result<Agent, Error> {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_connect(Some(CONNECT))
        .timeout_global(Some(WHOLE))
        .user_agent(concat!("funcd/", env!("CARGO_PKG_VERSION")))
        // A proxy would connect to addresses that nobody here has judged.
        .proxy(None)
        .tls_config(tls::config().map_err(Error::internal)?)
        .build();
    Ok(Agent::with_parts(config, DefaultConnector::default(), Judged(hosts.clone())))
}

fn failed(url: &str, error: ureq::Error) -> Error {
    let text = match error {
        ureq::Error::Io(cause) if cause.get_ref().is_some_and(|inner| inner.is::<Forbidden>()) => {
            return Error::new(codes::CODE_URL, cause.to_string());
        }
        error => format!("cannot fetch {}: {error}", quoted(url)),
    };
    Error::new(codes::FAILED_DEPENDENCY, text)
}

/// Streams a body to the file, within the limit.
fn save(url: &str, body: &mut ureq::Body, mut file: File) -> Result<File, Error> {
    let too_large = || {
        let text = format!("the package at {} has more than {FETCHED_PACKAGE_BYTES} bytes", quoted(url));
        Error::new(codes::PACKAGE_TOO_LARGE, text)
    };
    if body.content_length().is_some_and(|length| length > FETCHED_PACKAGE_BYTES) {
        return Err(too_large());
    }
    let mut reader = body.as_reader();
    let mut piece = vec![0; PIECE];
    let mut left = FETCHED_PACKAGE_BYTES;
    loop {
        let read = reader
            .read(&mut piece)
            .map_err(|error| Error::new(codes::FAILED_DEPENDENCY, format!("{} broke off: {error}", quoted(url))))?;
        if read == 0 {
            return Ok(file);
        }
        left = left.checked_sub(read as u64).ok_or_else(too_large)?;
        let piece = piece.get(..read).unwrap_or_default();
        file.write_all(piece).map_err(|error| Error::from(store::Error::write(error)))?;
    }
}

/// Looks names up, and leaves out every address that may not be connected to.
#[derive(Debug)]
struct Judged(Hosts);

impl Resolver for Judged {
    fn resolve(&self, uri: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let origin = Origin::of(uri).ok_or(ureq::Error::HostNotFound)?;
        let found: Vec<SocketAddr> = (origin.host.as_str(), origin.port).to_socket_addrs()?.collect();
        let mut allowed = self.empty();
        // As many as there is room for.
        found.iter().filter(|address| self.0.may_connect(address.ip())).take(16).for_each(|one| allowed.push(*one));
        if !allowed.is_empty() {
            return Ok(allowed);
        }
        let Some(first) = found.first() else { return Err(ureq::Error::HostNotFound) };
        let forbidden = Forbidden { host: origin.host, address: first.ip() };
        Err(ureq::Error::Io(std::io::Error::other(forbidden)))
    }
}

/// A name leads to an address that is not public and not listed.
#[derive(Debug, thiserror::Error)]
#[error(
    "code_url: {host} is at {address}, which is not a public address; the operator can list the address too in [code] hosts of \
     funcd.toml"
)]
struct Forbidden {
    host: String,
    address: std::net::IpAddr,
}

#[cfg(test)]
mod tests;
