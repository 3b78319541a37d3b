//! A connection to port 8000 inside an instance's network namespace.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream as StdStream};
use std::os::fd::OwnedFd;

use rustix::io::Errno;
use rustix::net::RecvFlags;
use tokio::net::{TcpSocket, TcpStream};

use super::{Io, Socket};

/// Where the user's server listens.
const ADDRESS: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 8000));

/// Connects a socket that was made in the instance's namespace; a TCP socket stays in the namespace it was made in.
pub(super) async fn connect(socket: OwnedFd) -> io::Result<Socket> {
    let stream = TcpSocket::from_std_stream(StdStream::from(socket)).connect(ADDRESS).await?;
    stream.set_nodelay(true)?;
    Ok(Box::new(stream))
}

impl Io for TcpStream {
    /// Asks the kernel, not the reactor, which learns of an end only when it is polled the next time.
    fn is_spent(&self) -> bool {
        let mut byte = [0_u8; 1];
        !matches!(rustix::net::recv(self, &mut byte, RecvFlags::PEEK | RecvFlags::DONTWAIT), Err(Errno::AGAIN))
    }

    fn acknowledge(&self) {
        // It costs time at worst; a connection that broke says so when it is read.
        let _ = rustix::net::sockopt::set_tcp_quickack(self, true);
    }

    fn adopted(self: Box<Self>) -> io::Result<Socket> {
        Ok(Box::new(Self::from_std(self.into_std()?)?))
    }
}
