//! Cold starts of a function, each from nothing to the first byte of its first answer.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::num::NonZeroU64;
use std::os::fd::AsFd as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::http::Connection;
use crate::process;

pub(crate) mod runc;

/// How often a server that starts is tried. Half of it, on average, is added to what is measured this way.
pub(crate) const POLL: Duration = Duration::from_micros(100);
/// Where a function listens.
pub(crate) const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8000);
/// No start takes longer.
const LIMIT: Duration = Duration::from_secs(60);

/// One start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    /// From the decision to start to the first byte of the answer, seconds.
    pub(crate) first_byte: f64,
    /// CPU seconds of the program and of what started it, until then.
    pub(crate) cpu: f64,
}

/// A network namespace for bare processes, because port 8000 of the host may be taken; gone when dropped.
#[derive(Debug)]
pub(crate) struct Namespace {
    name: String,
}

impl Namespace {
    pub(crate) fn make() -> Result<Self> {
        let namespace = Self { name: format!("funcd-bench-{}", std::process::id()) };
        ip(&["netns", "add", &namespace.name])?;
        ip(&["-n", &namespace.name, "link", "set", "lo", "up"])?;
        Ok(namespace)
    }

    /// Runs something on a thread in it.
    pub(crate) fn inside<T: Send>(&self, run: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        inside(Path::new("/run/netns").join(&self.name).as_path(), run)
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        ip(&["netns", "del", &self.name]).unwrap_or_default();
    }
}

fn ip(arguments: &[&str]) -> Result<()> {
    let output = Command::new("ip").args(arguments).output().context("cannot run ip (package iproute2)")?;
    if !output.status.success() {
        bail!("ip {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// Runs something on a thread that entered this network namespace; what it starts is in it too.
pub(crate) fn inside<T: Send>(namespace: &Path, run: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let file =
                std::fs::File::open(namespace).with_context(|| format!("cannot open {}", namespace.display()))?;
            move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network))?;
            run()
        });
        thread.join().unwrap_or_else(|_| bail!("the thread in {} ended early", namespace.display()))
    })
}

/// Starts a program by fork and exec and nothing else. The program runs on when this returns.
pub(crate) fn bare(mut command: Command, address: SocketAddr, path: &str) -> Result<(Start, Bare)> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let began = Instant::now();
    let mut bare = Bare { child: command.spawn().context("cannot start the bare program")?, connection: None };
    let connection = connect(address, began, || bare.ended())?;
    answered(&mut bare.connection, connection, path)?;
    let first_byte = began.elapsed().as_secs_f64();
    let tree = process::tree(bare.child.id())?;
    Ok((Start { first_byte, cpu: process::cpu_exact(&tree) + process::cpu_of_ended_children(&tree) }, bare))
}

/// A bare process with the connection that was answered; dropping it kills it.
#[derive(Debug)]
pub(crate) struct Bare {
    child: Child,
    connection: Option<Connection>,
}

impl Bare {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    fn ended(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("it ended with {status}"),
        }
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        for pid in process::tree(self.child.id()).unwrap_or_default() {
            process::signal(pid, rustix::process::Signal::KILL);
        }
        self.child.wait().map(drop).unwrap_or_default();
    }
}

/// Tries until somebody listens.
fn connect(address: SocketAddr, began: Instant, mut alive: impl FnMut() -> Result<()>) -> Result<TcpStream> {
    // A sleep ends when it was asked to, not up to 50 µs later (prctl(2), PR_SET_TIMERSLACK).
    rustix::thread::set_current_timer_slack(NonZeroU64::new(1))?;
    loop {
        if let Ok(stream) = TcpStream::connect(address) {
            return Ok(stream);
        }
        alive()?;
        if began.elapsed() > LIMIT {
            bail!("nothing listens on {address} after {LIMIT:?}");
        }
        process::pause(POLL);
    }
}

fn answered(slot: &mut Option<Connection>, stream: TcpStream, path: &str) -> Result<()> {
    let connection = slot.insert(Connection::over(stream, "bench.localhost")?);
    let (bytes, _) = connection.begin(path)?;
    ok(&bytes)
}

/// A first answer must be a good one.
pub(crate) fn ok(bytes: &[u8]) -> Result<()> {
    match bytes.get(9..12) {
        Some(b"200") => Ok(()),
        _ => bail!("the first answer is: {}", String::from_utf8_lossy(bytes)),
    }
}
