//! Plain HTTP through an HTTP proxy, as RFC 9112 section 3.2.2 has it: the request line carries the whole URL.
//!
//! The client library only knows `CONNECT`, which proxies commonly refuse for ports other than 443. So the connection goes
//! to the proxy, and the head of the one request on it is completed on its way out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, TcpConnector, Transport};
use ureq::{Agent, Error, Proxy};

use crate::connection::Endpoint;

/// A client whose every request goes to the proxy. `config` must not name a proxy itself, nor keep idle connections.
pub(super) fn agent(config: Config, proxy: &Proxy, endpoint: &Endpoint) -> Agent {
    let completion = Completion {
        origin: format!("http://{}", endpoint.authority()),
        authorization: proxy.username().map(|user| {
            let pair = format!("{user}:{}", proxy.password().unwrap_or_default());
            format!("Proxy-Authorization: Basic {}\r\n", STANDARD.encode(pair))
        }),
    };
    let address = format!("http://{}:{}/", proxy.host(), proxy.port());
    Agent::with_parts(config, TcpConnector::default().chain(completion), Via(address))
}

/// Resolves every host to the proxy's address.
#[derive(Debug)]
struct Via(String);

impl Resolver for Via {
    fn resolve(&self, _: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let proxy: Uri = self.0.parse().map_err(|_| Error::InvalidProxyUrl)?;
        DefaultResolver::default().resolve(&proxy, config, timeout)
    }
}

/// What a head lacks to be one for a proxy.
#[derive(Clone)]
struct Completion {
    origin: String,
    /// A whole header line.
    authorization: Option<String>,
}

impl std::fmt::Debug for Completion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Completion").field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl<In: Transport> Connector<In> for Completion {
    type Out = Forwarded<In>;

    fn connect(&self, _: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        Ok(chained.map(|inner| Forwarded { inner, pending: Some(self.clone()) }))
    }
}

/// A connection to the proxy.
#[derive(Debug)]
struct Forwarded<T> {
    inner: T,
    /// Until the head went out.
    pending: Option<Completion>,
}

impl<T: Transport> Transport for Forwarded<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let Some(completion) = self.pending.take() else {
            return self.inner.transmit_output(amount, timeout);
        };
        let head =
            self.inner.buffers().output().get(..amount).map(|head| completion.complete(head)).unwrap_or_default();
        let room = self.inner.buffers().output().len().max(1);
        for part in head.chunks(room) {
            for (to, from) in self.inner.buffers().output().iter_mut().zip(part) {
                *to = *from;
            }
            self.inner.transmit_output(part.len(), timeout)?;
        }
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }
}

impl Completion {
    /// `GET /x HTTP/1.1` becomes `GET http://host/x HTTP/1.1`, followed by who asks the proxy.
    fn complete(&self, head: &[u8]) -> Vec<u8> {
        let (mut complete, mut line) = (Vec::with_capacity(head.len() + 256), 0);
        for (at, byte) in head.iter().enumerate() {
            complete.push(*byte);
            match byte {
                b' ' if line == 0 => {
                    complete.extend_from_slice(self.origin.as_bytes());
                    line = 1;
                }
                b'\n' if line == 1 => {
                    complete.extend_from_slice(self.authorization.as_deref().unwrap_or_default().as_bytes());
                    complete.extend_from_slice(head.get(at + 1..).unwrap_or_default());
                    return complete;
                }
                _ => {}
            }
        }
        complete
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_completed_once_at_its_start() {
        let authorization = Some("Proxy-Authorization: Basic x\r\n".to_owned());
        let completion = Completion { origin: "http://h:1".into(), authorization };
        let complete = completion.complete(b"GET /a b HTTP/1.1\r\nhost: h\r\n\r\nbody here\n");
        let expect = "GET http://h:1/a b HTTP/1.1\r\nProxy-Authorization: Basic x\r\nhost: h\r\n\r\nbody here\n";
        assert_eq!(String::from_utf8(complete).unwrap(), expect);
    }
}
