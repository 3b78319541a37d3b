//! How an instance reaches a network beyond its own loopback.

use crate::Egress;
use crate::probe::Finding;
use std::net::Ipv4Addr;

/// The address on the host's side of every instance's link: its gateway and its name server. Whoever runs the daemon
/// answers DNS there.
pub const GATEWAY: Ipv4Addr = Ipv4Addr::new(100, 100, 0, 1);

/// The text of `/etc/resolv.conf`. Without a network there is no server to name, and a look-up fails at once.
pub(crate) fn resolver(egress: Egress) -> String {
    match egress {
        Egress::None => String::new(),
        Egress::Internet => format!("nameserver {GATEWAY}\noptions timeout:2 attempts:2\n"),
    }
}

/// What `doctor` says about it.
pub(crate) fn finding() -> Finding {
    Finding::degraded("egress", "not built yet: every instance has its own loopback only", "none in this version")
}
