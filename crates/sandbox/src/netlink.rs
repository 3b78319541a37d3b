//! Just enough rtnetlink (rtnetlink(7)) to make interfaces, bring them up and set routes, without a program to call.

use rustix::io::Errno;
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, Protocol, RecvFlags, SendFlags, SocketFlags, SocketType};
use std::io;
use std::os::fd::OwnedFd;

/// One request under construction.
#[derive(Debug)]
pub(crate) struct Request {
    bytes: Vec<u8>,
}

const HEADER: usize = 16;

impl Request {
    /// A request of `kind` (`RTM_*`) with `flags` beside `REQUEST | ACK`, and the kind's fixed part.
    pub(crate) fn new(kind: u16, flags: libc::c_int, fixed: &[u8]) -> Self {
        let mut bytes = vec![0; 4];
        bytes.extend(kind.to_ne_bytes());
        let flags = (libc::NLM_F_REQUEST | libc::NLM_F_ACK | flags) as u16;
        bytes.extend(flags.to_ne_bytes());
        // Sequence number and port: one request at a time on a socket of its own needs neither.
        bytes.extend([0; 8]);
        bytes.extend(fixed);
        Self { bytes }.padded()
    }

    /// Adds an attribute.
    pub(crate) fn attribute(mut self, kind: u16, value: &[u8]) -> Self {
        let length = u16::try_from(value.len() + 4).unwrap_or(u16::MAX);
        self.bytes.extend(length.to_ne_bytes());
        self.bytes.extend(kind.to_ne_bytes());
        self.bytes.extend(value);
        self.padded()
    }

    /// Adds an attribute that contains others.
    pub(crate) fn nested(mut self, kind: u16, fill: impl FnOnce(Self) -> Self) -> Self {
        let start = self.bytes.len();
        self.bytes.extend([0; 2]);
        self.bytes.extend(kind.to_ne_bytes());
        let mut request = fill(self);
        let length = u16::try_from(request.bytes.len() - start).unwrap_or(u16::MAX);
        if let Some(place) = request.bytes.get_mut(start..start + 2) {
            place.copy_from_slice(&length.to_ne_bytes());
        }
        request
    }

    /// Adds the fixed part that some nested attributes begin with.
    pub(crate) fn fixed(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend(bytes);
        self.padded()
    }

    fn padded(mut self) -> Self {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        self
    }

    fn finish(mut self) -> Vec<u8> {
        let length = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        if let Some(place) = self.bytes.get_mut(..4) {
            place.copy_from_slice(&length.to_ne_bytes());
        }
        self.bytes
    }
}

/// `RTM_NEWLINK` that sets IFF_UP.
pub(crate) fn link_up(index: i32) -> Request {
    let up = libc::IFF_UP as u32;
    // struct ifinfomsg: family, pad, type, index, flags, change
    let mut fixed = vec![0; 4];
    fixed.extend(index.to_ne_bytes());
    fixed.extend(up.to_ne_bytes());
    fixed.extend(up.to_ne_bytes());
    Request::new(libc::RTM_NEWLINK, 0, &fixed)
}

/// A conversation with the network stack of the namespace it was opened in.
#[derive(Debug)]
pub(crate) struct Routes(OwnedFd);

impl Routes {
    pub(crate) fn open() -> io::Result<Self> {
        // NETLINK_ROUTE is 0.
        Self::speak(None)
    }

    /// A conversation with another part of the network stack.
    pub(crate) fn speak(protocol: Option<Protocol>) -> io::Result<Self> {
        let flags = SocketFlags::CLOEXEC;
        Ok(Self(rustix::net::socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, protocol)?))
    }

    /// The number of an interface.
    pub(crate) fn index(&self, name: &str) -> io::Result<i32> {
        let index = rustix::net::netdevice::name_to_index(&self.0, name)?;
        i32::try_from(index).map_err(|_| Errno::RANGE.into())
    }

    /// Sends one request and waits for its acknowledgement.
    pub(crate) fn run(&self, request: Request) -> io::Result<()> {
        let kernel = SocketAddrNetlink::new(0, 0);
        rustix::net::sendto(&self.0, &request.finish(), SendFlags::empty(), &kernel)?;
        let mut reply = [0_u8; 8192];
        let (got, _) = rustix::net::recv(&self.0, &mut reply, RecvFlags::empty())?;
        // struct nlmsghdr, then for NLMSG_ERROR the negative errno, 0 for success.
        let kind = reply.get(4..6).and_then(|b| b.try_into().ok()).map(u16::from_ne_bytes);
        let code = reply.get(HEADER..HEADER + 4).and_then(|b| b.try_into().ok()).map(i32::from_ne_bytes);
        match (kind, code) {
            (Some(kind), Some(code)) if i32::from(kind) == libc::NLMSG_ERROR && got >= HEADER + 4 => match code {
                0 => Ok(()),
                code => Err(io::Error::from_raw_os_error(-code)),
            },
            _ => Err(Errno::PROTO.into()),
        }
    }
}
