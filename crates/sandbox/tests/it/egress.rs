//! Which addresses an instance reaches, in a world made of network namespaces: the *host*, where the launcher runs, and an
//! *internet* that answers for every address there is something to hear from, forbidden ones included.

use crate::link::{self, End, Way};
use crate::netlink::{Routes, link_up};
use crate::world::*;
use rustix::fd::OwnedFd;
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use sandbox::egress::GATEWAY;
use sandbox::{Egress, Jail, Spec};
use std::collections::BTreeMap;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::fd::AsFd;
use std::process::Command;
use std::time::Instant;

const PUBLIC: Ipv4Addr = Ipv4Addr::new(93, 184, 216, 34);
/// What must not be heard from, though it is there.
const FORBIDDEN: [&str; 9] = [
    "10.1.2.3",
    "172.16.5.5",
    "192.168.7.7",
    "169.254.169.254",
    "169.254.20.1",
    "100.100.100.200",
    "168.63.129.16",
    "198.18.0.9",
    "203.0.113.1",
];
/// The host's own addresses, the second one public.
const HOST: [Ipv4Addr; 2] = [Ipv4Addr::new(203, 0, 113, 2), Ipv4Addr::new(93, 184, 216, 99)];
const ROUTER: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 1);

/// Runs `body` on a thread of its own in a network namespace of its own.
fn on_a_host(body: impl FnOnce(Internet) + Send + 'static) {
    if !rustix::process::geteuid().is_root() {
        eprintln!("SKIPPED: the sandbox's tests need root");
        return;
    }
    let host = std::thread::spawn(|| {
        enter_new_network();
        body(Internet::new());
    });
    if let Err(panic) = host.join() {
        std::panic::resume_unwind(panic);
    }
}

/// The other side of the host's uplink. Its port 80 answers who called, for TCP; a public UDP socket hears what comes.
struct Internet {
    udp: UdpSocket,
    _namespace: OwnedFd,
}

impl Internet {
    /// Made from the host.
    fn new() -> Self {
        let routes = Routes::open().unwrap();
        let (namespace, udp) = std::thread::spawn(Self::beyond).join().unwrap();
        let (near, far) = (End::host("up0"), End { name: "up1", mac: [2, 0, 0, 0, 0, 9] });
        link::make_pair(&routes, &near, &far, Some(namespace.as_fd()), 0).unwrap();
        let index = routes.index("up0").unwrap();
        HOST.iter().for_each(|address| link::add_address(&routes, index, *address).unwrap());
        link::set_neighbour(&routes, index, ROUTER, far.mac).unwrap();
        link::add_route(&routes, ROUTER, 32, Way::Link { index, source: None }).unwrap();
        inside(&namespace, move || {
            let routes = Routes::open().unwrap();
            let index = routes.index("up1").unwrap();
            routes.run(link_up(index)).unwrap();
            let host = Way::Link { index, source: None };
            HOST.iter().for_each(|address| link::add_route(&routes, *address, 32, host).unwrap());
        });
        link::add_route(&routes, Ipv4Addr::UNSPECIFIED, 0, Way::Router { index, router: ROUTER }).unwrap();
        Self { udp, _namespace: namespace }
    }

    /// Made from beyond.
    fn beyond() -> (OwnedFd, UdpSocket) {
        enter_new_network();
        let routes = Routes::open().unwrap();
        let addresses = FORBIDDEN.iter().map(|address| address.parse().unwrap()).chain([PUBLIC]);
        addresses.for_each(|address| link::add_address(&routes, 1, address).unwrap());
        answer(TcpListener::bind("0.0.0.0:80").unwrap());
        (network_of("thread-self"), UdpSocket::bind((PUBLIC, 80)).unwrap())
    }
}

/// Tells everybody who calls which address they call from, as long as the test program runs.
fn answer(listener: TcpListener) {
    std::thread::spawn(move || {
        while let Ok((mut stream, caller)) = listener.accept() {
            // Who hangs up early missed it.
            let _ = stream.write_all(caller.ip().to_string().as_bytes());
        }
    });
}

fn network_of(process: &str) -> OwnedFd {
    std::fs::File::open(format!("/proc/{process}/ns/net")).unwrap().into()
}

/// Runs `act` on a thread in another network.
fn inside<T: Send>(namespace: &OwnedFd, act: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let there = scope.spawn(|| {
            move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
            act()
        });
        there.join().unwrap()
    })
}

/// Calls each `address:port` and prints what came of it.
const CALLS: &str = r#"
import errno, socket, sys
for target in sys.argv[1:]:
    host, port = target.rsplit(":", 1)
    try:
        with socket.create_connection((host, int(port)), 20) as s:
            print(target, "heard", s.recv(100).decode())
    except TimeoutError as e:
        print(target, errno.errorcode.get(e.errno, "SILENCE"))
    except OSError as e:
        print(target, errno.errorcode[e.errno])
"#;

fn caller(targets: &[String], egress: Egress) -> Spec {
    let mut spec = program(&["/usr/bin/python3", "-I", "-S", "-c", CALLS]);
    spec.argv.extend(targets.iter().cloned());
    spec.egress = egress;
    spec
}

/// What an instance hears from each target.
fn call(world: &World, targets: &[String], egress: Egress) -> BTreeMap<String, String> {
    let text = output(world, &caller(targets, egress));
    text.lines().filter_map(|line| line.split_once(' ')).map(|(to, what)| (to.into(), what.into())).collect()
}

fn check(world: &World, egress: Egress, expect: &[(&str, &str)]) {
    let targets: Vec<String> = expect.iter().map(|(target, _)| (*target).to_owned()).collect();
    let got = call(world, &targets, egress);
    let expect: BTreeMap<_, _> = expect.iter().map(|(to, what)| ((*to).to_owned(), (*what).to_owned())).collect();
    assert_eq!(got, expect);
}

/// An instance with egress that waits to be looked at, and its address.
fn sleeper(world: &World) -> (Jail, Ipv4Addr) {
    let mut spec = python(
        "import socket, time\n\
         s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(('93.184.216.34', 9))\n\
         server = socket.create_server(('0.0.0.0', 8080))\n\
         print(s.getsockname()[0], flush=True); time.sleep(100)",
    );
    spec.egress = Egress::Internet;
    let jail = world.launcher.launch(&spec).unwrap();
    next_listen(&jail);
    wait_readable(&jail.stdout);
    let address = drain(&jail.stdout).trim().parse().unwrap();
    (jail, address)
}

fn table_name() -> String {
    let list = nft(&["list", "tables"]);
    list.lines().find_map(|line| line.strip_prefix("table inet ")).unwrap().to_owned()
}

fn nft(arguments: &[&str]) -> String {
    let output = Command::new("nft").args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Packets the policy counted under a name.
fn counted(name: &str) -> u64 {
    let text = nft(&["list", "counter", "inet", &table_name(), name]);
    text.split_whitespace().skip_while(|word| *word != "packets").nth(1).unwrap().parse().unwrap()
}

/// What a launcher makes in the network of the calling thread.
fn traces() -> Vec<String> {
    let dev = std::fs::read_to_string("/proc/thread-self/net/dev").unwrap();
    let route = std::fs::read_to_string("/proc/thread-self/net/route").unwrap();
    let trie = std::fs::read_to_string("/proc/thread-self/net/fib_trie").unwrap();
    let lines = dev.lines().chain(route.lines()).filter(|line| line.contains("fcd") || line.starts_with('*'));
    let addresses = trie.lines().filter(|line| line.contains(&GATEWAY.to_string()));
    let tables = nft(&["list", "tables"]);
    lines.chain(addresses).chain(tables.lines()).map(str::to_owned).collect()
}

#[test]
fn an_instance_reaches_public_addresses_and_no_other() {
    on_a_host(|_internet| {
        let world = world_here(1);
        answer(TcpListener::bind("0.0.0.0:81").unwrap());
        let mut expect = vec![("93.184.216.34:80".to_owned(), "heard 203.0.113.2")];
        expect.extend(FORBIDDEN.map(|address| (format!("{address}:80"), "ECONNREFUSED")));
        // The host: its addresses, its loopback (which is the instance's own inside), the gateway's other ports.
        expect.extend(HOST.map(|address| (format!("{address}:81"), "ECONNREFUSED")));
        expect.extend([("127.0.0.1:81".into(), "ECONNREFUSED"), (format!("{GATEWAY}:81"), "ECONNREFUSED")]);
        // No IPv6.
        expect.push(("2606:2800:220:1::1:80".to_owned(), "ENETUNREACH"));
        let expect: Vec<_> = expect.iter().map(|(to, what)| (to.as_str(), *what)).collect();
        check(&world, Egress::Internet, &expect);
        assert_eq!(counted("refused"), FORBIDDEN.len() as u64);
        assert_eq!(counted("host"), 3);
    });
}

#[test]
fn without_egress_an_instance_reaches_nothing() {
    on_a_host(|_internet| {
        let world = world_here(1);
        answer(TcpListener::bind((GATEWAY, 53)).unwrap());
        let targets = ["93.184.216.34:80", "10.1.2.3:80", "203.0.113.2:80", "100.100.0.1:53"];
        check(&world, Egress::None, &targets.map(|target| (target, "ENETUNREACH")));
        let mut spec = script("cat /etc/resolv.conf; ls /sys/class/net; grep -c : /proc/net/dev");
        assert_eq!(output(&world, &spec).trim(), "1");
        spec.egress = Egress::Internet;
        assert!(output(&world, &spec).starts_with(&format!("nameserver {GATEWAY}\n")));
    });
}

#[test]
fn a_link_made_ahead_is_used_by_who_wants_it_and_taken_from_who_does_not() {
    on_a_host(|_internet| {
        let world = world_here(1);
        let links = || -> Vec<String> {
            let dev = std::fs::read_to_string("/proc/thread-self/net/dev").unwrap();
            dev.lines().filter_map(|line| line.trim().split_once(':')).map(|(name, _)| name.to_owned()).collect()
        };
        let parked = || links().into_iter().find(|name| name.starts_with("fcd") && name.ends_with("0000"));
        wait_until("a sandbox with a link is parked", || parked().is_some());
        assert_eq!(
            output(&world, &script("ls /sys/class/net; cat /etc/resolv.conf; grep -c : /proc/net/dev")).trim(),
            "1"
        );
        assert_eq!(parked(), None, "its end on the host is left");
        check(&world, Egress::Internet, &[("93.184.216.34:80", "heard 203.0.113.2"), ("10.1.2.3:80", "ECONNREFUSED")]);
        // The next is parked with one again.
        let known = links().len();
        wait_until("another is parked", || links().len() > known || links().iter().any(|name| name.ends_with("0002")));
        check(&world, Egress::Internet, &[("93.184.216.34:80", "heard 203.0.113.2"), ("10.1.2.3:80", "ECONNREFUSED")]);
    });
}

#[test]
fn the_gateways_address_is_there_with_the_launcher_and_serves_names_only() {
    on_a_host(|_internet| {
        let world = world_here(1);
        // As the daemon does, at once.
        let (tcp, udp) = (TcpListener::bind((GATEWAY, 53)).unwrap(), UdpSocket::bind((GATEWAY, 53)).unwrap());
        answer(tcp);
        let (jail, address) = sleeper(&world);
        check(&world, Egress::Internet, &[("100.100.0.1:53", &heard_next(address))]);
        let mut spec = python(
            "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(('100.100.0.1', 53))\n\
             s.send(b'who?'); print(s.recv(9).decode())",
        );
        spec.egress = Egress::Internet;
        let asker = world.launcher.launch(&spec).unwrap();
        wait_readable(&udp);
        let (_, from) = udp.recv_from(&mut [0; 9]).unwrap();
        udp.send_to(b"me", from).unwrap();
        assert_eq!(finish(&asker).stdout, "me\n");
        drop(jail);
    });
}

/// What a server hears from the instance in the slot after this one's.
fn heard_next(address: Ipv4Addr) -> String {
    format!("heard {}", Ipv4Addr::from_bits(address.to_bits() + 1))
}

#[test]
fn instances_reach_neither_each_other_nor_are_reached() {
    on_a_host(|internet| {
        let world = world_here(1);
        let (_jail, address) = sleeper(&world);
        let target = format!("{address}:8080");
        check(&world, Egress::Internet, &[(&target, "ECONNREFUSED")]);
        // Not from the host, whose users would go past the gateway.
        let refused = std::net::TcpStream::connect((address, 8080)).unwrap_err();
        assert_eq!(refused.raw_os_error(), Some(111), "{refused}");
        // Nor from a neighbour of the host that routes there.
        internet.udp.send_to(b"x", SocketAddr::from((HOST[0], 9))).unwrap();
        inside(&internet._namespace, move || {
            let routes = Routes::open().unwrap();
            let index = routes.index("up1").unwrap();
            link::add_route(&routes, address, 32, Way::Link { index, source: Some(PUBLIC) }).unwrap();
            let mac = End::host("up0").mac;
            link::set_neighbour(&routes, index, address, mac).unwrap();
            UdpSocket::bind((PUBLIC, 0)).unwrap().send_to(b"x", (address, 8080)).unwrap();
        });
        wait_until("the packet is counted", || counted("incoming") >= 2);
    });
}

/// Sends a datagram from within, with rights no instance has.
fn send_as(instance: &OwnedFd, source: Ipv4Addr, is_false: bool) {
    inside(instance, || {
        if is_false {
            let routes = Routes::open().unwrap();
            link::add_address(&routes, routes.index("eth0").unwrap(), source).unwrap();
        }
        UdpSocket::bind((source, 0)).unwrap().send_to(&source.octets(), (PUBLIC, 80)).unwrap();
    });
}

#[test]
fn a_false_source_address_gets_nowhere() {
    on_a_host(|internet| {
        let world = world_here(1);
        let ((jail, own), (_other, others)) = (sleeper(&world), sleeper(&world));
        let send = |source| send_as(&network_of(&jail.pid.to_string()), source, source != own);
        send(others);
        send(Ipv4Addr::new(8, 8, 8, 8));
        wait_until("the packets are counted", || counted("spoofed") == 2);
        send(own);
        wait_readable(&internet.udp);
        let mut heard = [0; 4];
        internet.udp.recv_from(&mut heard).unwrap();
        assert_eq!(Ipv4Addr::from(heard), own);
    });
}

#[test]
fn the_instance_has_no_say_in_its_network() {
    on_a_host(|_internet| {
        let world = world_here(1);
        let mut spec = python(
            "import socket, struct, errno\n\
             s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)\n\
             def ask(kind, fixed):\n\
             \x20   s.send(struct.pack('=IHHII', 16 + len(fixed), kind, 5, 1, 0) + fixed)\n\
             \x20   print(errno.errorcode[-struct.unpack('=i', s.recv(4096)[16:20])[0]])\n\
             ask(16, struct.pack('=BxHiII', 0, 0, 2, 0, 1))\n\
             ask(20, struct.pack('=BBBBi', 2, 32, 0, 0, 2) + struct.pack('=HHI', 8, 2, 1))\n\
             ask(25, bytes(12))\n\
             try: open('/proc/sys/net/ipv4/ip_forward', 'w')\n\
             except OSError as e: print(errno.errorcode[e.errno])",
        );
        spec.egress = Egress::Internet;
        let said = output(&world, &spec);
        let lines: Vec<_> = said.lines().collect();
        assert_eq!(&lines[..3], ["EPERM"; 3], "{said}");
        assert!(["EROFS", "EACCES", "EPERM"].contains(&lines[3]), "{said}");
    });
}

#[test]
fn nothing_is_left_of_a_launcher_that_ended() {
    on_a_host(|_internet| {
        let world = world_here(1);
        let (jail, address) = sleeper(&world);
        assert!(traces().len() > 4, "{:?}", traces());
        drop(jail);
        wait_until("the link goes with its instance", || !has_link(address));
        let (_jail, _) = sleeper(&world);
        drop(world);
        assert_eq!(traces(), Vec::<String>::new());
    });
}

/// Whether the host routes to an instance.
fn has_link(address: Ipv4Addr) -> bool {
    let hex = format!("{:08X}", u32::from_ne_bytes(address.octets()));
    traces().iter().any(|line| line.starts_with("fcd") && line.contains(&hex))
}

#[test]
fn a_new_launcher_clears_up_after_one_that_was_killed() {
    on_a_host(|_internet| {
        let world = world_here(1);
        let (jail, first) = sleeper(&world);
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", jail.pid)).unwrap();
        let launcher = stat.rsplit(')').next().unwrap().split_whitespace().nth(1).unwrap().parse().unwrap();
        let launcher = rustix::process::Pid::from_raw(launcher).unwrap();
        rustix::process::kill_process(launcher, rustix::process::Signal::KILL).unwrap();
        wait_readable(&jail.pidfd);
        // This side still holds the network namespace, so that the link is still there.
        assert!(has_link(first), "{:?}", traces());
        let before = traces().len();
        let (second, again) = sleeper(&world);
        assert_eq!(again, first);
        // An interface and its route: a parked sandbox of the new one may have them by now.
        assert!(traces().len() <= before + 2, "the former launcher's are left: {:?}", traces());
        check(&world, Egress::Internet, &[("93.184.216.34:80", "heard 203.0.113.2"), ("10.1.2.3:80", "ECONNREFUSED")]);
        drop((jail, second, world));
        assert_eq!(traces(), Vec::<String>::new());
    });
}

#[test]
fn two_installations_on_one_host_do_not_meet() {
    on_a_host(|_internet| {
        let (one, two) = (world_here(1), world_here(1));
        let ((_a, of_one), (_b, of_two)) = (sleeper(&one), sleeper(&two));
        assert_ne!(of_one.to_bits() >> 15, of_two.to_bits() >> 15);
        check(&two, Egress::Internet, &[(&format!("{of_one}:8080"), "ECONNREFUSED")]);
        drop(one);
        let dns = TcpListener::bind((GATEWAY, 53)).expect("the other installation still has its gateway");
        check(&two, Egress::Internet, &[("93.184.216.34:80", "heard 203.0.113.2")]);
        drop(dns);
    });
}

#[test]
fn a_host_that_cannot_do_it_runs_instances_with_a_loopback_only() {
    on_a_host(|_internet| {
        // Routes into all of the address space there is.
        let routes = Routes::open().unwrap();
        let index = routes.index("up0").unwrap();
        let way = Way::Link { index, source: None };
        link::add_route(&routes, Ipv4Addr::new(100, 64, 0, 0), 10, way).unwrap();
        let world = world_here(1);
        check(&world, Egress::Internet, &[("93.184.216.34:80", "ENETUNREACH")]);
        let mut spec = script("cat /etc/resolv.conf");
        spec.egress = Egress::Internet;
        assert_eq!(output(&world, &spec), "");
        assert!(!traces().iter().any(|line| line.contains("fcd")), "{:?}", traces());
    });
}

#[test]
fn a_policy_that_somebody_removes_is_put_back() {
    on_a_host(|_internet| {
        let world = world_here(1);
        let (_jail, _) = sleeper(&world);
        let name = table_name();
        let is_back = || nft(&["list", "ruleset"]).contains(&format!("table inet {name} {{"));
        nft(&["flush", "ruleset"]);
        wait_until("the policy is back", is_back);
        nft(&["delete", "table", "inet", &name]);
        wait_until("the policy is back again", is_back);
        check(&world, Egress::Internet, &[("93.184.216.34:80", "heard 203.0.113.2"), ("10.1.2.3:80", "ECONNREFUSED")]);
    });
}

#[test]
fn the_host_forwards_only_when_an_instance_needs_it() {
    on_a_host(|_internet| {
        let file = "/proc/sys/net/ipv4/ip_forward";
        let forwards = || std::fs::read_to_string(file).unwrap().trim().to_owned();
        // A new namespace has what the machine has.
        std::fs::write(file, "0").unwrap();
        let world = world_here(1);
        run(&world, &script("exit 0"));
        assert_eq!(forwards(), "0");
        check(&world, Egress::Internet, &[("93.184.216.34:80", "heard 203.0.113.2")]);
        assert_eq!(forwards(), "1");
    });
}

#[test]
fn start_times_with_and_without_egress() {
    on_a_host(|_internet| {
        let start = Instant::now();
        let world = world_here(4);
        println!("a launcher and its network after {:?}", start.elapsed());
        let mut times = [Vec::new(), Vec::new()];
        for n in 0..20 {
            // Time to make blanks: they are begun after 300 ms of quiet.
            let none: &mut [rustix::event::PollFd<'_>] = &mut [];
            rustix::event::poll(none, Some(&rustix::event::Timespec { tv_sec: 0, tv_nsec: 450_000_000 })).unwrap();
            let mut spec = script("exit 0");
            spec.egress = [Egress::None, Egress::Internet][n % 2];
            let start = Instant::now();
            let jail = world.launcher.launch(&spec).unwrap();
            times[n % 2].push(start.elapsed());
            finish(&jail);
        }
        times.iter_mut().for_each(|times| times.sort_unstable());
        let [without, with] = times;
        println!(
            "exec without egress: p50 {:?}, max {:?}; with: p50 {:?}, max {:?}",
            without[5], without[9], with[5], with[9]
        );
        let end = Instant::now();
        drop(world);
        println!("all gone after {:?}", end.elapsed());
    });
}
