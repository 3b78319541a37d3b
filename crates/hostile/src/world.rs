//! A world for one funcd: namespaces of its own for network and mounts, so that no packet leaves the machine and nothing that
//! goes on elsewhere on the host is mistaken for the doing of a function.
//!
//! The network has one way out, a pair of virtual links to [`Beyond`]. Mounts are cut off from the host's and shared again, so
//! that a sandbox that forgot to keep its mounts to itself would show them here.

use std::io::Write as _;
use std::net::Ipv4Addr;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use rustix::mount::{MountPropagationFlags, mount_bind, mount_change};
use rustix::thread::UnshareFlags;

use crate::beyond::Beyond;

/// The host's address on the way out. All of its range is one that functions must not reach.
pub(crate) const HOST: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 2);
/// The router there.
const ROUTER: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 1);
/// Who answers for names (RFC 5737 has the range for documentation).
pub(crate) const NAMES: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 53);
/// A public address.
pub(crate) const PUBLIC: Ipv4Addr = Ipv4Addr::new(93, 184, 216, 34);
/// What must not hear from a function, though it is there: metadata services, link-local, private, shared, benchmark and
/// documentation ranges.
const FORBIDDEN: [Ipv4Addr; 9] = [
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(169, 254, 20, 1),
    Ipv4Addr::new(10, 1, 2, 3),
    Ipv4Addr::new(172, 16, 5, 5),
    Ipv4Addr::new(192, 168, 7, 7),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(168, 63, 129, 16),
    Ipv4Addr::new(198, 18, 0, 9),
    Ipv4Addr::new(192, 0, 0, 192),
];

/// The namespaces that the calling thread, and all it starts from then on, is in.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) beyond: Beyond,
    /// A service of the host's that functions must not reach.
    _abstract: UnixListener,
}

/// Its name, without the NUL in front.
const ABSTRACT: &str = "funcd-hostile";

impl World {
    /// Moves the calling thread into a new one; `folder` keeps a file for it.
    pub(crate) fn enter(folder: &Path) -> Result<Self> {
        leave(UnshareFlags::NEWNET | UnshareFlags::NEWNS).context("cannot make a network and mounts of its own")?;
        let propagate = |flags| mount_change("/", flags | MountPropagationFlags::REC);
        propagate(MountPropagationFlags::PRIVATE).context("cannot cut the mounts off from the host's")?;
        propagate(MountPropagationFlags::SHARED).context("cannot share the mounts among themselves")?;
        name_server(folder)?;
        ip("link set lo up\n")?;
        let beyond = Beyond::start(move || {
            let mut lines = "link set lo up\n".to_owned();
            for address in FORBIDDEN.iter().chain([&NAMES, &PUBLIC]) {
                lines.push_str(&format!("addr add {address}/32 dev lo\n"));
            }
            ip(&lines)
        })?;
        ip(&format!(
            "link add up0 type veth peer name up1 netns {}\n\
             addr add {HOST}/24 dev up0\n\
             link set up0 up\n",
            beyond.thread().as_raw_nonzero()
        ))?;
        beyond.inside(|| ip(&format!("addr add {ROUTER}/24 dev up1\nlink set up1 up\n")))?;
        ip(&format!("route add default via {ROUTER}\n"))?;
        let abstract_name = SocketAddr::from_abstract_name(ABSTRACT)?;
        Ok(Self { beyond, _abstract: UnixListener::bind_addr(&abstract_name)? })
    }
}

/// Puts the calling thread into new namespaces.
#[expect(deprecated, reason = "only unsharing the table of descriptors would be unsafe, and that is not done")]
pub(crate) fn leave(kinds: UnshareFlags) -> rustix::io::Result<()> {
    rustix::thread::unshare(kinds)
}

/// Names are asked for beyond, not where the host asks.
fn name_server(folder: &Path) -> Result<()> {
    let file = folder.join("resolv.conf");
    std::fs::write(&file, format!("nameserver {NAMES}\n"))?;
    let Ok(target) = std::fs::canonicalize("/etc/resolv.conf") else {
        // Without the file funcd has no server to ask, which is as good.
        return Ok(());
    };
    mount_bind(&file, &target).with_context(|| format!("cannot mount over {}", target.display()))
}

/// Runs commands of ip(8) in the network of the calling thread.
fn ip(lines: &str) -> Result<()> {
    let mut child = Command::new("ip")
        .args(["-batch", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot run `ip`: install iproute2")?;
    child.stdin.take().context("ip has no input")?.write_all(lines.as_bytes())?;
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "ip failed: {}\n{lines}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(())
}
