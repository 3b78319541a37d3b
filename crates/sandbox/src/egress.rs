//! How an instance reaches a network beyond its own loopback, and what it never reaches.
//!
//! 1. With the launcher begins the installation's *network* ([`Network::open`]): a block of addresses, a policy
//!    (nftables), and the [`GATEWAY`] address, so that the daemon can answer DNS there. Leftovers of an earlier launcher of
//!    the same name go first.
//! 2. A blank that is made for egress makes its own *link* ([`Link::make`]): a veth pair, one end on the host, the other in
//!    its network namespace, which takes the kernel 1 ms, most of it waiting. A blank without is linked when egress is
//!    asked for ([`Network::connect`], [`Link::join`]), and a linked one cut off when it is not wanted
//!    ([`Network::disconnect`]): such an instance has nothing but its loopback.
//! 3. The instance ends, its network namespace with it, and with that the link, its address and its routes.
//! 4. The launcher ends and removes the rest ([`Network::close`]).
//!
//! Should somebody remove the policy meanwhile, it is put back at once; if it cannot be, all links go ([`Network::look`]).
//!
//! A host that cannot do it (no nft, no veth, a read-only sysctl) is found out at 1.: every instance then has its loopback
//! only, the launcher says so once, and `funcd doctor` tells why. What fails later is an error of that launch.
//!
//! An instance has no IPv6 address but its loopback's: a destination that has only IPv6 is unreachable.
//!
//! `net.ipv4.ip_forward` is switched on with the first instance that has egress, and stays on: something else may rely on it
//! by then.
//!
//! Several installations on one host have tables, interface names and blocks of their own. The gateway's address they
//! share, and with it one name server: the first that binds it answers for all.

mod block;
mod link;
mod policy;
mod watch;

use crate::error::Step;
use crate::netlink::Routes;
use crate::probe::Finding;
use crate::{Egress, Error, ids};
use block::Block;
use link::{End, Way};
use std::fs;
use std::io;
use std::net::Ipv4Addr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// The address on the host's side of every instance's link: its gateway and its name server. Whoever runs the daemon
/// answers DNS there. It exists from [`Launcher::start`](crate::Launcher::start) on, where the host can do egress.
pub const GATEWAY: Ipv4Addr = Ipv4Addr::new(100, 100, 0, 1);

const FORWARDING: &str = "/proc/sys/net/ipv4/ip_forward";

/// An installation's network.
#[derive(Debug)]
pub(crate) struct Network {
    routes: Routes,
    names: Names,
    block: Block,
    /// Readable when somebody changed the host's policies.
    watch: OwnedFd,
    /// [`FORWARDING`], of this network namespace: sysctl files are of the one they were opened in.
    forwarding: fs::File,
}

/// What the link of one instance is made of.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    name: String,
    group: u32,
    address: Ipv4Addr,
}

/// What is called how.
#[derive(Debug)]
struct Names {
    /// The installation's number: of its interfaces' group, and of its block's route.
    mark: u32,
    /// Of its interfaces, the first part.
    links: String,
    table: String,
}

impl Names {
    fn of(installation: &str) -> Self {
        let hash = ids::hash(installation);
        // Neither 0, which is everybody's group, nor above what a metric prints as.
        let mark = (hash & 0x7fff_ffff) | 1;
        // `fcd`, 7 digits, 4 of the slot: 14 of at most 15 bytes.
        Self { mark, links: format!("fcd{:07x}", mark >> 4), table: format!("funcd_{hash:08x}") }
    }

    fn link(&self, slot: u32) -> String {
        format!("{}{slot:04x}", self.links)
    }

    /// The pair that carries the gateway's address.
    fn anchor(&self) -> [String; 2] {
        ["gw", "gx"].map(|end| format!("{}{end}", self.links))
    }
}

impl Network {
    /// Removes what an earlier launcher left and prepares the host.
    pub(crate) fn open(installation: &str) -> Result<Self, Error> {
        let names = Names::of(installation);
        let routes = Routes::open().step(|| "open a netlink socket")?;
        clear(&routes, &names)?;
        if policy::program().is_none() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "apt-get install nftables"))
                .step(|| "find the nft program");
        }
        check_forwarding()?;
        let block = claim(&routes, &names)?;
        let watch = watch::open().step(|| "watch the network policies")?;
        let forwarding = fs::File::open(FORWARDING).step(|| format!("open {FORWARDING}"))?;
        let network = Self { routes, names, block, watch, forwarding };
        match network.guard() {
            Ok(()) => Ok(network),
            Err(error) => {
                // As if never begun; the first failure is the one to tell.
                let _ = network.close();
                Err(error)
            }
        }
    }

    /// Loads the policy, then gives the gateway its address, unless it has it.
    fn guard(&self) -> Result<(), Error> {
        policy::apply(&policy::table(&self.names.table, &self.names.links, self.block))?;
        let [near, far] = self.names.anchor();
        let ends = (End::host(&near), End { name: &far, mac: [0x02, 0xfc, 0, 0, 0, 2] });
        let made = link::make_pair(&self.routes, &ends.0, &ends.1, None, self.names.mark)
            .and_then(|()| link::add_address(&self.routes, self.routes.index(&near)?, GATEWAY));
        match made {
            Err(error) if error.raw_os_error() == Some(libc::EEXIST) => Ok(()),
            done => done.step(|| format!("make the interface {near}")),
        }
    }

    /// No instance is connected without a policy.
    fn ensure(&self) -> Result<(), Error> {
        if watch::is_there(&self.names.table).step(|| "look for the network policy")? { Ok(()) } else { self.guard() }
    }

    /// What tells that policies changed: then [`Network::look`].
    pub(crate) fn changes(&self) -> &OwnedFd {
        &self.watch
    }

    /// Puts the policy back, should somebody have removed it (`nft flush ruleset`); where that fails, takes every instance
    /// off the network.
    pub(crate) fn look(&self) -> Result<(), Error> {
        watch::drain(&self.watch);
        let ensured = self.ensure();
        if ensured.is_err() {
            link::remove_group(&self.routes, self.names.mark).step(|| "take instances off the network")?;
        }
        ensured
    }

    /// The link of the instance in a slot.
    pub(crate) fn link(&self, slot: u32) -> Link {
        Link { name: self.names.link(slot), group: self.names.mark, address: self.block.address(slot) }
    }

    /// Makes sure that an instance that has its link may be let loose: the policy stands, and the host forwards. Nearly
    /// always that is two looks at open descriptors.
    pub(crate) fn admit(&self) -> Result<(), Error> {
        // The kernel tells of a change before the call that makes it returns.
        if crate::jail::is_readable(&self.watch) {
            self.ensure()?;
        }
        self.forward()
    }

    /// Makes the link of the instance whose init is `pid`.
    pub(crate) fn connect(&self, slot: u32, pid: rustix::process::Pid) -> Result<(), Error> {
        self.ensure()?;
        let namespace = fs::File::open(format!("/proc/{}/ns/net", pid.as_raw_nonzero()))
            .step(|| "open the sandbox's network namespace")?;
        self.link(slot).attach(&self.routes, namespace.as_fd())
    }

    /// Removes the link of the instance in a slot; gone when this returns.
    pub(crate) fn disconnect(&self, slot: u32) -> Result<(), Error> {
        let name = self.names.link(slot);
        match link::remove(&self.routes, &name) {
            Err(error) if error.raw_os_error() == Some(libc::ENODEV) => Ok(()),
            done => done.step(|| format!("remove the interface {name}")),
        }
    }

    fn forward(&self) -> Result<(), Error> {
        let mut switch = [0];
        match rustix::io::pread(&self.forwarding, &mut switch, 0) {
            Ok(1) if switch != *b"0" => Ok(()),
            _ => fs::write(FORWARDING, "1").step(|| format!("write 1 to {FORWARDING}")),
        }
    }

    /// Removes everything again.
    pub(crate) fn close(&self) -> Result<(), Error> {
        // Interfaces first: what they carry is guarded to the end.
        clear(&self.routes, &self.names)?;
        policy::remove(&self.names.table)
    }
}

/// Removes interfaces and routes of ours.
fn clear(routes: &Routes, names: &Names) -> Result<(), Error> {
    link::remove_group(routes, names.mark).step(|| format!("remove the interfaces {}*", names.links))?;
    for route in table()?.iter().filter(|route| route.mark == Some(names.mark)) {
        link::remove_route(routes, route.to, block::PREFIX, Way::Nowhere { mark: names.mark })
            .step(|| format!("remove the route to {}", route.to))?;
    }
    Ok(())
}

/// Takes the first free block, by a route to it that leads nowhere: others see by it that it is taken, and nothing meant
/// for an instance that is not there leaves the host.
fn claim(routes: &Routes, names: &Names) -> Result<Block, Error> {
    let way = Way::Nowhere { mark: names.mark };
    for block in Block::candidates(names.mark) {
        if block.is_routed(&table()?) {
            continue;
        }
        link::add_route(routes, block.first(), block::PREFIX, way)
            .step(|| format!("add a route to {}/{}", block.first(), block::PREFIX))?;
        let mut others = table()?;
        others.retain(|route| route.mark != Some(names.mark));
        if !block.is_routed(&others) {
            return Ok(block);
        }
        // Another installation came at the same moment.
        link::remove_route(routes, block.first(), block::PREFIX, way)
            .step(|| format!("remove the route to {}", block.first()))?;
    }
    let problem = "every part of it is routed elsewhere on this host";
    Err(io::Error::new(io::ErrorKind::AddrInUse, problem)).step(|| "find free addresses in 100.64.0.0/10")
}

/// The host's routing table.
fn table() -> Result<Vec<block::Route>, Error> {
    fs::read_to_string("/proc/net/route").map(|text| block::parse(&text)).step(|| "read /proc/net/route")
}

fn forwards() -> io::Result<bool> {
    Ok(fs::read_to_string(FORWARDING)?.trim() != "0")
}

/// Fails where forwarding is off and cannot be switched on.
fn check_forwarding() -> Result<(), Error> {
    if forwards().step(|| format!("read {FORWARDING}"))? {
        return Ok(());
    }
    fs::OpenOptions::new().write(true).open(FORWARDING).map(drop).step(|| format!("write to {FORWARDING}"))
}

impl Link {
    /// Makes the whole link of the calling process, which has a network namespace of its own and still is root of both;
    /// `host` was opened before it left the host's.
    pub(crate) fn make(&self, host: &Routes) -> Result<(), Error> {
        let own = crate::netns::current().step(|| "open the network namespace")?;
        self.attach(host, own.as_fd())?;
        self.join()
    }

    /// The pair, and the host's side of it.
    fn attach(&self, host: &Routes, namespace: BorrowedFd<'_>) -> Result<(), Error> {
        let Self { name, group, address } = self;
        let (near, far) = (End::host(name), End::instance(*address));
        let make = || link::make_pair(host, &near, &far, Some(namespace), *group);
        match make() {
            // Of a former instance whose network namespace the kernel, or a connection of the daemon, still holds.
            Err(error) if error.raw_os_error() == Some(libc::EEXIST) => link::remove(host, name).and_then(|()| make()),
            done => done,
        }
        .step(|| format!("make the interface {name}"))?;
        link::join_host(host, name, GATEWAY, *address).step(|| format!("set the interface {name} up"))
    }

    /// The instance's side, from inside; called by init while it still is root of its network namespace.
    pub(crate) fn join(&self) -> Result<(), Error> {
        let routes = Routes::open().step(|| "open a netlink socket")?;
        link::join_instance(&routes, GATEWAY, self.address).step(|| format!("set {} up", link::INSIDE))
    }
}

/// The text of `/etc/resolv.conf`. Without a network there is no server to name, and a look-up fails at once.
pub(crate) fn resolver(egress: Egress) -> String {
    match egress {
        Egress::None => String::new(),
        Egress::Internet => format!("nameserver {GATEWAY}\noptions timeout:2 attempts:2\n"),
    }
}

/// What `doctor` says about it.
pub(crate) fn finding() -> Finding {
    const LACK: &str = "instances reach nothing but themselves";
    let name = "egress";
    let Some(program) = policy::program() else {
        return Finding::degraded(name, format!("no nft program: {LACK}"), "apt-get install nftables");
    };
    let program = program.display();
    if !rustix::process::geteuid().is_root() {
        return Finding::ok(name, format!("{program} is there (only root can try it)"));
    }
    if let Err(error) = check_forwarding() {
        return Finding::degraded(name, format!("{error}: {LACK}"), "sysctl net.ipv4.ip_forward=1");
    }
    let Some(block) = Block::candidates(0).next() else { return Finding::ok(name, "") };
    if let Err(error) = policy::check(&policy::table("funcd_doctor", "fcdx", block)) {
        let remedy = "boot a kernel with nf_tables, its fib, reject, connlimit and masquerade (modprobe nf_tables)";
        return Finding::degraded(name, format!("{error}: {LACK}"), remedy);
    }
    if let Some(table) = policy::closed_tables().first() {
        let found = format!("by {program}, but the firewall's table \"{table}\" drops what is forwarded");
        let remedy = "let fcd* through, e.g. with Docker: iptables -I DOCKER-USER -i fcd+ -j ACCEPT; \
                      iptables -I DOCKER-USER -o fcd+ -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT";
        return Finding::degraded(name, found, remedy);
    }
    let switch = if forwards().unwrap_or(true) { "on" } else { "off until the first instance needs it, then on" };
    Finding::ok(name, format!("public addresses, by {program} (net.ipv4.ip_forward is {switch})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_interface_name_fits_the_kernels_15_bytes() {
        for name in ["", "funcd-3f2a91c0", "zzz"].map(Names::of) {
            assert!(
                name.link(ids::SLOTS - 1).len() <= 15 && name.anchor().iter().all(|end| end.len() <= 15),
                "{name:?}"
            );
            assert_ne!(name.mark, 0);
        }
    }

    #[test]
    fn installations_share_no_name() {
        let (one, two) = (Names::of("funcd-1"), Names::of("funcd-2"));
        assert_ne!((one.mark, &one.links, &one.table), (two.mark, &two.links, &two.table));
        assert_ne!((one.links, one.table), (two.links, two.table));
    }

    #[test]
    fn no_name_server_is_promised_without_a_network() {
        assert_eq!(resolver(Egress::None), "");
        assert!(resolver(Egress::Internet).starts_with("nameserver 100.100.0.1\n"));
    }
}
