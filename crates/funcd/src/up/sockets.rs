//! The ports: bound, or had from the service supervisor or from the process before this one.

use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use anyhow::{Context as _, Result, bail};

use crate::config::Config;

/// Taken before anything is changed.
#[derive(Debug)]
pub(crate) struct Sockets {
    pub(crate) api: TcpListener,
    pub(crate) gateway: TcpListener,
    /// Where the gateway speaks TLS, if it does.
    pub(crate) tls: Option<TcpListener>,
}

/// What each is called, for supervisors (`FileDescriptorName=`) and successors.
const API: &str = "api";
const GATEWAY: &str = "gateway";
const TLS: &str = "tls";

impl Sockets {
    /// Those of the supervisor, if it has any; the others are bound.
    pub(crate) fn open(config: &Config) -> Result<Self> {
        let given =
            sandbox::inherit::sockets().context("the service supervisor's sockets (LISTEN_FDS) cannot be used")?;
        let mut given = Given(given);
        let api = match given.take(API)? {
            Some(listener) => listener,
            None => bind("the API", "--api", config.api)?,
        };
        let gateway = match given.take(GATEWAY)? {
            Some(listener) => listener,
            None => bind("the gateway", "--gateway", config.gateway.listen)?,
        };
        let tls = match (&config.gateway.tls, given.take(TLS)?) {
            (Some(_), Some(listener)) => Some(listener),
            (Some(tls), None) => Some(bind("TLS", "gateway.tls.listen", tls.listen)?),
            (None, Some(_)) => {
                bail!("a socket {TLS} was handed over, but there is no gateway.tls in the configuration")
            }
            (None, None) => None,
        };
        given.finish()?;
        Ok(Self { api, gateway, tls })
    }

    /// Those of the process before this one, if the configuration means the same addresses.
    pub(crate) fn inherit(config: &Config, names: Vec<String>, sockets: Vec<OwnedFd>) -> Result<Self> {
        let mut given = Given(names.into_iter().zip(sockets).collect());
        let mut take = |name: &str, wanted: SocketAddr| {
            let Some(listener) = given.take(name)? else { return Ok(None) };
            let has = listener.local_addr()?;
            let same = wanted.ip() == has.ip() && (wanted.port() == has.port() || wanted.port() == 0);
            if !same {
                bail!("{name}.listen is {wanted} now, but {has} is listened at: stop and start funcd to change it");
            }
            Ok(Some(listener))
        };
        let missing = |name: &str| format!("the other funcd has no socket for {name}");
        let api = take(API, config.api)?.with_context(|| missing(API))?;
        let gateway = take(GATEWAY, config.gateway.listen)?.with_context(|| missing(GATEWAY))?;
        let tls = match &config.gateway.tls {
            Some(tls) => match take(TLS, tls.listen)? {
                Some(listener) => Some(listener),
                None => Some(bind("TLS", "gateway.tls.listen", tls.listen)?),
            },
            // It is spoken no more.
            None => given.take(TLS)?.and(None),
        };
        given.finish()?;
        Ok(Self { api, gateway, tls })
    }

    /// The same sockets once more, for a successor.
    pub(crate) fn again(&self) -> Result<Self> {
        let tls = self.tls.as_ref().map(TcpListener::try_clone).transpose()?;
        Ok(Self { api: self.api.try_clone()?, gateway: self.gateway.try_clone()?, tls })
    }

    /// With their names.
    pub(crate) fn named(&self) -> (Vec<String>, Vec<BorrowedFd<'_>>) {
        let (mut names, mut sockets) =
            (vec![API.to_owned(), GATEWAY.to_owned()], vec![self.api.as_fd(), self.gateway.as_fd()]);
        if let Some(tls) = &self.tls {
            names.push(TLS.to_owned());
            sockets.push(tls.as_fd());
        }
        (names, sockets)
    }
}

/// Sockets that somebody else opened.
struct Given(Vec<(String, OwnedFd)>);

impl Given {
    /// The one with this name, if it listens.
    fn take(&mut self, name: &str) -> Result<Option<TcpListener>> {
        let Some(place) = self.0.iter().position(|(own, _)| own == name) else { return Ok(None) };
        let (_, socket) = self.0.swap_remove(place);
        let listens = rustix::net::sockopt::socket_acceptconn(&socket);
        if listens != Ok(true) || rustix::net::sockopt::socket_type(&socket) != Ok(rustix::net::SocketType::STREAM) {
            bail!("the socket {name} that was handed over is no listening TCP socket");
        }
        let listener = TcpListener::from(socket);
        listener.set_nonblocking(true)?;
        listener
            .local_addr()
            .with_context(|| format!("the socket {name} that was handed over has no internet address"))?;
        Ok(Some(listener))
    }

    fn finish(self) -> Result<()> {
        let names: Vec<_> = self.0.into_iter().map(|(name, _)| name).collect();
        if names.is_empty() {
            return Ok(());
        }
        bail!(
            "sockets that nobody listens at were handed over: {}; their names must be {API}, {GATEWAY} or {TLS}",
            names.join(", ")
        )
    }
}

fn bind(what: &str, flag: &str, address: SocketAddr) -> Result<TcpListener> {
    let listener = TcpListener::bind(address).with_context(|| {
        format!("{what} cannot listen on {address}: stop what listens there, or choose another address with {flag}")
    })?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of a setting in the units of `packaging/`.
    fn settings(name: &str) -> Vec<String> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging");
        let units = std::fs::read_dir(folder).unwrap().map(|unit| unit.unwrap().path());
        let texts = units
            .filter(|unit| unit.extension().is_some_and(|kind| kind == "socket"))
            .map(|unit| std::fs::read_to_string(unit).unwrap());
        let mut found: Vec<_> = texts
            .flat_map(|text| {
                text.lines().filter_map(|line| Some(line.strip_prefix(name)?.to_owned())).collect::<Vec<_>>()
            })
            .collect();
        found.sort();
        found
    }

    #[test]
    fn there_is_a_unit_for_each_socket_with_its_name_and_the_address_of_the_defaults() {
        assert_eq!(settings("FileDescriptorName="), [API, GATEWAY, TLS]);
        assert_eq!(settings("ListenStream="), ["127.0.0.1:8080", "127.0.0.1:8081", "127.0.0.1:8443"]);
        assert_eq!(settings("Service="), ["funcd.service"; 3]);
    }

    #[test]
    fn each_socket_is_taken_by_its_name_and_a_strange_one_is_not_kept_open() {
        let socket = || OwnedFd::from(TcpListener::bind("127.0.0.1:0").unwrap());
        let names = [TLS, API, GATEWAY, "smtp"].map(str::to_owned);
        let mut given = Given(names.into_iter().map(|name| (name, socket())).collect());
        for name in [API, GATEWAY, TLS] {
            assert!(given.take(name).unwrap().is_some(), "{name}");
        }
        let told = given.finish().unwrap_err().to_string();
        assert!(told.contains("smtp; their names must be api, gateway or tls"), "{told}");
        let strange = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let mut given = Given(vec![(TLS.to_owned(), strange.into())]);
        assert!(given.take(TLS).unwrap_err().to_string().contains("no listening TCP socket"));
    }
}
