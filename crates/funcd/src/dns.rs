//! Names for functions that may reach the internet: a forwarder on the address that instances see as their gateway.
//!
//! The host's own resolver is usually on a loopback or private address, which functions must not reach; so queries are passed on
//! as they are, bounded in number, size and time. What the answer points to does not matter: egress policy works on packets.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Largest datagram taken: EDNS(0) allows 4096 by custom (RFC 6891, section 6.2.5).
const DATAGRAM: usize = 4096;
/// Queries under way; more are dropped, and resolvers ask again.
const AT_ONCE: usize = 256;
/// How long an upstream server may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a TCP exchange may take.
const CONVERSATION: Duration = Duration::from_secs(10);

/// The forwarder's sockets.
#[derive(Debug)]
pub(crate) struct Forwarder {
    udp: Arc<UdpSocket>,
    tcp: TcpListener,
    upstream: SocketAddr,
}

impl Forwarder {
    /// Listens on port 53 of `address`; the upstream server is the first of `/etc/resolv.conf`.
    pub(crate) async fn bind(address: Ipv4Addr) -> std::io::Result<Self> {
        let text = tokio::fs::read_to_string("/etc/resolv.conf").await.unwrap_or_default();
        let upstream = first_server(&text)
            .ok_or_else(|| std::io::Error::new(std::io::ErrorKind::NotFound, "/etc/resolv.conf names no server"))?;
        Self::bind_to(SocketAddr::from((address, 53)), upstream).await
    }

    async fn bind_to(address: SocketAddr, upstream: SocketAddr) -> std::io::Result<Self> {
        let udp = Arc::new(UdpSocket::bind(address).await?);
        let tcp = TcpListener::bind(udp.local_addr()?).await?;
        Ok(Self { udp, tcp, upstream })
    }

    /// Forwards until `stop`.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let (tasks, slots) = (TaskTracker::new(), Arc::new(Semaphore::new(AT_ONCE)));
        let mut datagram = [0; DATAGRAM];
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                received = self.udp.recv_from(&mut datagram) => {
                    let Ok((size, client)) = received else { continue };
                    let (Ok(slot), Some(query)) = (Arc::clone(&slots).try_acquire_owned(), datagram.get(..size)) else { continue };
                    let (query, socket, upstream) = (query.to_vec(), Arc::clone(&self.udp), self.upstream);
                    tasks.spawn(async move {
                        if let Ok(Ok(answer)) = timeout(PATIENCE, ask(&query, upstream)).await {
                            socket.send_to(&answer, client).await.unwrap_or_default();
                        }
                        drop(slot);
                    });
                }
                accepted = self.tcp.accept() => {
                    let (Ok((client, _)), Ok(slot)) = (accepted, Arc::clone(&slots).try_acquire_owned()) else { continue };
                    let upstream = self.upstream;
                    tasks.spawn(async move {
                        timeout(CONVERSATION, converse(client, upstream)).await.unwrap_or(Ok(())).unwrap_or_default();
                        drop(slot);
                    });
                }
            }
        }
        tasks.close();
        tasks.wait().await;
    }
}

async fn ask(query: &[u8], upstream: SocketAddr) -> std::io::Result<Vec<u8>> {
    let any: IpAddr =
        if upstream.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { std::net::Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(upstream).await?;
    socket.send(query).await?;
    let mut answer = vec![0; DATAGRAM];
    let size = socket.recv(&mut answer).await?;
    answer.truncate(size);
    Ok(answer)
}

async fn converse(mut client: TcpStream, upstream: SocketAddr) -> std::io::Result<()> {
    let mut server = TcpStream::connect(upstream).await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

/// The first `nameserver` line (resolv.conf(5)).
fn first_server(text: &str) -> Option<SocketAddr> {
    text.lines()
        .filter_map(|line| line.strip_prefix("nameserver")?.split_whitespace().next()?.parse::<IpAddr>().ok())
        .map(|address| SocketAddr::from((address, 53)))
        .next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_name_server_is_asked() {
        let text = "# nameserver 9.9.9.9\nsearch example\nnameserver 127.0.0.53\nnameserver ::1\n";
        assert_eq!(first_server(text), Some("127.0.0.53:53".parse().unwrap()));
        assert_eq!(first_server("search example\n"), None);
    }

    #[tokio::test]
    async fn a_query_and_its_answer_pass_unchanged() {
        let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let upstream = server.local_addr().unwrap();
        let forwarder = Forwarder::bind_to("127.0.0.1:0".parse().unwrap(), upstream).await.unwrap();
        let address = forwarder.udp.local_addr().unwrap();
        let stop = CancellationToken::new();
        let client = async {
            let client = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            client.send_to(b"who is example?", address).await.unwrap();
            let mut buffer = [0; 64];
            let (size, asker) = server.recv_from(&mut buffer).await.unwrap();
            assert_eq!(&buffer[..size], b"who is example?");
            server.send_to(b"192.0.2.1", asker).await.unwrap();
            let size = client.recv(&mut buffer).await.unwrap();
            assert_eq!(&buffer[..size], b"192.0.2.1");
            stop.cancel();
        };
        tokio::join!(forwarder.run(stop.clone()), client);
    }
}
