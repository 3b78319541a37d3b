//! The link of an instance: a veth pair, addresses and routes, each as one rtnetlink request.
//!
//! Nothing here depends on ARP or IPv6: neighbours are set for good on both ends, and no link-local address is made.

use crate::netlink::{Request, Routes, link_up};
use std::io;
use std::net::Ipv4Addr;
use std::os::fd::{AsRawFd, BorrowedFd};

/// The instance's end.
pub(crate) const INSIDE: &str = "eth0";

/// The hardware address of every host end: links are pairs, so no two of them meet. Locally administered.
const HOST_MAC: [u8; 6] = [0x02, 0xfc, 0, 0, 0, 1];

/// linux/veth.h
const VETH_INFO_PEER: u16 = 1;
/// linux/if_link.h
const IFLA_INET6_ADDR_GEN_MODE: u16 = 8;
/// linux/if_link.h: `IN6_ADDR_GEN_MODE_NONE`
const GENERATE_NONE: u8 = 1;
/// linux/neighbour.h
const NDA_DST: u16 = 1;
const NDA_LLADDR: u16 = 2;
const NUD_PERMANENT: u16 = 0x80;

/// One end of a pair.
#[derive(Debug)]
pub(crate) struct End<'a> {
    pub(crate) name: &'a str,
    pub(crate) mac: [u8; 6],
}

impl<'a> End<'a> {
    pub(crate) fn host(name: &'a str) -> Self {
        Self { name, mac: HOST_MAC }
    }

    pub(crate) fn instance(address: Ipv4Addr) -> Self {
        let [a, b, c, d] = address.octets();
        Self { name: INSIDE, mac: [0x02, 0xfc, a, b, c, d] }
    }
}

/// Makes a pair: `near` in this network namespace and up, `far` in `namespace` (or here) and down. Both belong to `group`,
/// so that they can be removed together.
pub(crate) fn make_pair(
    routes: &Routes,
    near: &End<'_>,
    far: &End<'_>,
    namespace: Option<BorrowedFd<'_>>,
    group: u32,
) -> io::Result<()> {
    let peer = |request: Request| {
        let request = describe(request.fixed(&ifinfo(0, 0)), far, group);
        match namespace {
            Some(namespace) => request.attribute(libc::IFLA_NET_NS_FD, &namespace.as_raw_fd().to_ne_bytes()),
            None => request,
        }
    };
    let flags = libc::NLM_F_CREATE | libc::NLM_F_EXCL;
    let request = describe(Request::new(libc::RTM_NEWLINK, flags, &ifinfo(0, libc::IFF_UP)), near, group);
    routes.run(request.nested(libc::IFLA_LINKINFO, |request| {
        request
            .attribute(libc::IFLA_INFO_KIND, b"veth")
            .nested(libc::IFLA_INFO_DATA, |request| request.nested(VETH_INFO_PEER, peer))
    }))
}

fn describe(request: Request, end: &End<'_>, group: u32) -> Request {
    request
        .attribute(libc::IFLA_IFNAME, &terminated(end.name))
        .attribute(libc::IFLA_ADDRESS, &end.mac)
        .attribute(libc::IFLA_GROUP, &group.to_ne_bytes())
}

/// Removes one interface (and its peer with it).
pub(crate) fn remove(routes: &Routes, name: &str) -> io::Result<()> {
    routes.run(Request::new(libc::RTM_DELLINK, 0, &ifinfo(0, 0)).attribute(libc::IFLA_IFNAME, &terminated(name)))
}

/// Removes every interface of a group.
pub(crate) fn remove_group(routes: &Routes, group: u32) -> io::Result<()> {
    let request = Request::new(libc::RTM_DELLINK, 0, &ifinfo(0, 0));
    match routes.run(request.attribute(libc::IFLA_GROUP, &group.to_ne_bytes())) {
        Err(error) if error.raw_os_error() == Some(libc::ENODEV) => Ok(()),
        done => done,
    }
}

/// Keeps an interface without an IPv6 address, link-local included. On a kernel without IPv6 there is nothing to keep.
pub(crate) fn forgo_ipv6(routes: &Routes, index: i32) {
    let request = Request::new(libc::RTM_NEWLINK, 0, &ifinfo(index, 0)).nested(libc::IFLA_AF_SPEC, |request| {
        request.nested(libc::AF_INET6 as u16, |request| request.attribute(IFLA_INET6_ADDR_GEN_MODE, &[GENERATE_NONE]))
    });
    // The policy drops what is not IPv4 in any case.
    let _ = routes.run(request);
}

/// Gives an interface one address, /32.
pub(crate) fn add_address(routes: &Routes, index: i32, address: Ipv4Addr) -> io::Result<()> {
    // struct ifaddrmsg: family, prefix length, flags, scope, index
    let mut fixed = vec![libc::AF_INET as u8, 32, 0, 0];
    fixed.extend(index.to_ne_bytes());
    let request = Request::new(libc::RTM_NEWADDR, libc::NLM_F_CREATE | libc::NLM_F_EXCL, &fixed);
    let octets = address.octets();
    routes.run(request.attribute(libc::IFA_LOCAL, &octets).attribute(libc::IFA_ADDRESS, &octets))
}

/// Says for good which hardware address a neighbour has.
pub(crate) fn set_neighbour(routes: &Routes, index: i32, address: Ipv4Addr, mac: [u8; 6]) -> io::Result<()> {
    // struct ndmsg: family, pad, pad, ifindex, state, flags, type
    let mut fixed = vec![libc::AF_INET as u8, 0, 0, 0];
    fixed.extend(index.to_ne_bytes());
    fixed.extend(NUD_PERMANENT.to_ne_bytes());
    fixed.extend([0, libc::RTN_UNICAST]);
    let request = Request::new(libc::RTM_NEWNEIGH, libc::NLM_F_CREATE | libc::NLM_F_REPLACE, &fixed);
    routes.run(request.attribute(NDA_DST, &address.octets()).attribute(NDA_LLADDR, &mac))
}

/// Where a route leads.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    /// To the link, as this source where one is given.
    Link { index: i32, source: Option<Ipv4Addr> },
    /// Through a router on the link.
    Router { index: i32, router: Ipv4Addr },
    /// Nowhere; `mark` is the route's metric.
    Nowhere { mark: u32 },
}

/// Adds the route to a prefix.
pub(crate) fn add_route(routes: &Routes, to: Ipv4Addr, prefix: u8, way: Way) -> io::Result<()> {
    routes.run(route(libc::RTM_NEWROUTE, libc::NLM_F_CREATE | libc::NLM_F_REPLACE, (to, prefix), way))
}

/// Removes the route to a prefix.
pub(crate) fn remove_route(routes: &Routes, to: Ipv4Addr, prefix: u8, way: Way) -> io::Result<()> {
    routes.run(route(libc::RTM_DELROUTE, 0, (to, prefix), way))
}

fn route(kind: u16, flags: libc::c_int, (to, prefix): (Ipv4Addr, u8), way: Way) -> Request {
    let (scope, what) = match way {
        Way::Link { .. } => (libc::RT_SCOPE_LINK, libc::RTN_UNICAST),
        Way::Router { .. } => (libc::RT_SCOPE_UNIVERSE, libc::RTN_UNICAST),
        Way::Nowhere { .. } => (libc::RT_SCOPE_UNIVERSE, libc::RTN_UNREACHABLE),
    };
    // struct rtmsg: family, dst_len, src_len, tos, table, protocol, scope, type, flags
    let fixed = [libc::AF_INET as u8, prefix, 0, 0, libc::RT_TABLE_MAIN, libc::RTPROT_STATIC, scope, what, 0, 0, 0, 0];
    let mut request = Request::new(kind, flags, &fixed);
    if prefix > 0 {
        request = request.attribute(libc::RTA_DST, &to.octets());
    }
    match way {
        Way::Link { index, source: None } => request.attribute(libc::RTA_OIF, &index.to_ne_bytes()),
        Way::Link { index, source: Some(source) } => {
            request.attribute(libc::RTA_OIF, &index.to_ne_bytes()).attribute(libc::RTA_PREFSRC, &source.octets())
        }
        Way::Router { index, router } => {
            request.attribute(libc::RTA_OIF, &index.to_ne_bytes()).attribute(libc::RTA_GATEWAY, &router.octets())
        }
        Way::Nowhere { mark } => request.attribute(libc::RTA_PRIORITY, &mark.to_ne_bytes()),
    }
}

/// The host's side of a link that exists.
pub(crate) fn join_host(routes: &Routes, name: &str, gateway: Ipv4Addr, instance: Ipv4Addr) -> io::Result<()> {
    let index = routes.index(name)?;
    forgo_ipv6(routes, index);
    set_neighbour(routes, index, instance, End::instance(instance).mac)?;
    add_route(routes, instance, 32, Way::Link { index, source: Some(gateway) })
}

/// The instance's side, from within its network namespace.
pub(crate) fn join_instance(routes: &Routes, gateway: Ipv4Addr, instance: Ipv4Addr) -> io::Result<()> {
    let index = routes.index(INSIDE)?;
    forgo_ipv6(routes, index);
    add_address(routes, index, instance)?;
    routes.run(link_up(index))?;
    set_neighbour(routes, index, gateway, HOST_MAC)?;
    add_route(routes, gateway, 32, Way::Link { index, source: None })?;
    add_route(routes, Ipv4Addr::UNSPECIFIED, 0, Way::Router { index, router: gateway })
}

/// struct ifinfomsg: family, pad, type, index, flags, change
fn ifinfo(index: i32, flags: libc::c_int) -> Vec<u8> {
    let mut fixed = vec![0; 4];
    fixed.extend(index.to_ne_bytes());
    fixed.extend((flags as u32).to_ne_bytes());
    fixed.extend((flags as u32).to_ne_bytes());
    fixed
}

fn terminated(name: &str) -> Vec<u8> {
    [name.as_bytes(), &[0]].concat()
}
