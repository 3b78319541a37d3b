//! Sees it when somebody takes a policy away: `nft flush ruleset`, which is what reloading a distribution's firewall does,
//! removes every table, ours too.

use crate::netlink::{Request, Routes};
use rustix::io::Errno;
use rustix::net::netlink::{NETFILTER, SocketAddrNetlink};
use rustix::net::{AddressFamily, RecvFlags, SocketFlags, SocketType};
use std::io;
use std::os::fd::OwnedFd;

/// linux/netfilter/nfnetlink.h: the bit of `NFNLGRP_NFTABLES`.
const CHANGES: u32 = 1 << 6;
/// linux/netfilter/nfnetlink.h, nf_tables.h: `NFNL_SUBSYS_NFTABLES`, `NFT_MSG_GETTABLE`.
const GET_TABLE: u16 = 10 << 8 | 1;
const NFTA_TABLE_NAME: u16 = 1;
const NFPROTO_INET: u8 = 1;

/// A socket that becomes readable when any table changes.
pub(super) fn open() -> io::Result<OwnedFd> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = rustix::net::socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, Some(NETFILTER))?;
    rustix::net::bind(&socket, &SocketAddrNetlink::new(0, CHANGES))?;
    Ok(socket)
}

/// Forgets what was told: that something changed is all there is to know.
pub(super) fn drain(socket: &OwnedFd) {
    let mut buffer = [0_u8; 8192];
    // An overflow (ENOBUFS) clears itself by being reported.
    while matches!(rustix::net::recv(socket, &mut buffer, RecvFlags::empty()), Ok(_) | Err(Errno::NOBUFS | Errno::INTR))
    {
    }
}

/// Whether there is a table of family inet with this name.
pub(super) fn is_there(table: &str) -> io::Result<bool> {
    // struct nfgenmsg: family, version, resource id
    let request = Request::new(GET_TABLE, 0, &[NFPROTO_INET, 0, 0, 0]);
    match Routes::speak(Some(NETFILTER))?.run(request.attribute(NFTA_TABLE_NAME, &[table.as_bytes(), &[0]].concat())) {
        Err(error) if error.raw_os_error() == Some(libc::ENOENT) => Ok(false),
        // The first answer is the table itself, which is no acknowledgement.
        Err(error) if Errno::from_io_error(&error) != Some(Errno::PROTO) => Err(error),
        _ => Ok(true),
    }
}
