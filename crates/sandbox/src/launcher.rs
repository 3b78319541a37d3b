//! The launcher process, seen from both of its ends: [`Launcher`] is the daemon's handle, [`main`] is what runs in it.
//!
//! It exists because forking a large process with many threads is slow and unsafe, and because someone must reap. One
//! message each way: a [`Spec`] goes to it together with one end of a new socket, on which the new instance itself
//! answers; that socket is then the instance's *lease*: when its other end closes, the instance goes.

mod serve;
mod slots;

use crate::blank::Reply;
use crate::error::{Failure, Step};
use crate::jail::Jail;
use crate::spec::{Outline, Program, Spec};
use crate::{Error, message, mounts, netns, sys};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::OFlags;
use rustix::process::Signal;
use serde::{Deserialize, Serialize};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

/// How the launcher is set up.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Config {
    /// Folder for the launcher's own files, private to this installation (below the data folder). Made if missing.
    pub run_dir: PathBuf,
    /// Name of this installation's cgroup subtree, e.g. `funcd-3f2a91c0`, `[A-Za-z0-9_-]{1,64}`; everything in it is ours.
    pub cgroup: String,
    /// Blank sandboxes kept ready (at most 64). A blank costs about 1 MB and takes 2 to 15 ms to make.
    pub blanks: usize,
    /// Command line that enters [`main`], e.g. `["/proc/self/exe", "launcher"]`.
    pub helper: Vec<String>,
}

/// How long the launcher may take to clear up after an earlier daemon, and an instance to start.
const PATIENCE: Timespec = Timespec { tv_sec: 30, tv_nsec: 0 };

/// Client handle of the launcher process. Calls block for milliseconds; many threads may launch at once.
#[derive(Debug)]
pub struct Launcher {
    config: Config,
    process: Mutex<Process>,
    /// The daemon's own network namespace, to come back to.
    home: Arc<OwnedFd>,
}

#[derive(Debug)]
struct Process {
    child: Child,
    socket: Arc<OwnedFd>,
}

impl Launcher {
    /// Kills and removes everything a former daemon of the same [`Config::cgroup`] left, then starts the launcher process.
    ///
    /// # Errors
    /// The step that failed on this host, e.g. without root or without a usable cgroup hierarchy.
    pub fn start(config: &Config) -> Result<Self, Error> {
        check(config)?;
        let home = netns::current().step(|| "open the daemon's network namespace")?;
        let process = Mutex::new(Process::start(config)?);
        Ok(Self { config: config.clone(), process, home: Arc::new(home) })
    }

    /// Starts one instance: returns when the user's process was exec'd (or why not).
    ///
    /// Should the launcher process have died (and every instance with it), it is started again first.
    ///
    /// # Errors
    /// Everything wrong with the specification at once, or the step that failed; then nothing is left of the attempt.
    pub fn launch(&self, spec: &Spec) -> Result<Jail, Error> {
        spec.check()?;
        let outline =
            serde_json::to_vec(&Outline::of(spec)).map_err(std::io::Error::other).step(|| "write the specification")?;
        if outline.len() > message::MAX_BYTES {
            let problem = format!("binds take {} bytes, at most {}", outline.len(), message::MAX_BYTES);
            return Err(Error::Spec { problems: vec![problem] });
        }
        let program = Program::file(spec)?;
        let (lease, theirs) = message::pair().step(|| "make a socket pair")?;
        self.send(&outline, &[theirs.as_fd(), program.as_fd()])?;
        drop((theirs, program));
        self.answer(lease)
    }

    /// Sends a request, to a new launcher when the old one is gone.
    fn send(&self, bytes: &[u8], fds: &[BorrowedFd<'_>]) -> Result<(), Error> {
        let socket = Arc::clone(&self.lock().socket);
        if message::send(&socket, bytes, fds).is_ok() {
            return Ok(());
        }
        let mut process = self.lock();
        if Arc::ptr_eq(&socket, &process.socket) {
            // Reaps it. Nobody else can have replaced it meanwhile.
            let _ = process.child.kill();
            let _ = process.child.wait();
            *process = Process::start(&self.config)?;
        }
        let socket = Arc::clone(&process.socket);
        drop(process);
        message::send(&socket, bytes, fds).step(|| "talk to the launcher process")
    }

    fn answer(&self, lease: OwnedFd) -> Result<Jail, Error> {
        let what =
            "the sandbox ended while it started: its memory limit is too small for a start, or somebody killed it";
        let gone = || Error::Gone { what: what.to_owned() };
        let (bytes, fds) = wait(&lease)?.ok_or_else(gone)?;
        match serde_json::from_slice(&bytes).map_err(std::io::Error::other).step(|| "understand the sandbox")? {
            Reply::Failed(failure) => Err(failure.into()),
            Reply::Started(started) => {
                rustix::fs::fcntl_setfl(&lease, OFlags::NONBLOCK).step(|| "make a socket non-blocking")?;
                Jail::assemble(started, fds, lease, Arc::clone(&self.home)).ok_or_else(gone)
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Process> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Launcher {
    /// Ends the launcher, and with it every instance. Waits for it, as it removes their cgroups.
    fn drop(&mut self) {
        let process = self.process.get_mut().unwrap_or_else(PoisonError::into_inner);
        // The end of the socket is its signal to clear up and go.
        let _ = rustix::net::shutdown(&process.socket, rustix::net::Shutdown::Both);
        let _ = process.child.wait();
    }
}

impl Process {
    fn start(config: &Config) -> Result<Self, Error> {
        mounts::make_dirs(&config.run_dir)?;
        let (ours, theirs) = message::pair().step(|| "make a socket pair")?;
        let (program, arguments) = config.helper.split_first().map_or(("", &[][..]), |(program, rest)| (program, rest));
        let mut command = Command::new(program);
        // Its standard error is the daemon's: a panic must be seen.
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).env_clear();
        let mut child =
            sys::spawn_with_socket(&mut command, theirs).step(|| format!("start the launcher ({program})"))?;
        drop(command);
        match greet(config, &ours) {
            Ok(()) => Ok(Self { child, socket: Arc::new(ours) }),
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                Err(error)
            }
        }
    }
}

/// Tells a new launcher its configuration and waits until it has cleared up.
fn greet(config: &Config, socket: &OwnedFd) -> Result<(), Error> {
    let bytes = serde_json::to_vec(config).map_err(std::io::Error::other).step(|| "write the configuration")?;
    let gone = || Error::Gone { what: "the launcher process ended at once; see standard error".to_owned() };
    message::send(socket, &bytes, &[]).map_err(|_| gone())?;
    let (bytes, _) = wait(socket)?.ok_or_else(gone)?;
    match serde_json::from_slice(&bytes).map_err(std::io::Error::other).step(|| "understand the launcher process")? {
        Greeting::Ready => Ok(()),
        Greeting::Failed(failure) => Err(failure.into()),
    }
}

/// The launcher's first message.
#[derive(Debug, Serialize, Deserialize)]
enum Greeting {
    Ready,
    Failed(Failure),
}

/// Bytes and descriptors.
type Message = (Vec<u8>, Vec<OwnedFd>);

/// One message, for which there is a limit of patience.
fn wait(socket: &OwnedFd) -> Result<Option<Message>, Error> {
    loop {
        match rustix::event::poll(&mut [PollFd::new(socket, PollFlags::IN)], Some(&PATIENCE)) {
            Ok(0) => return Err(rustix::io::Errno::TIMEDOUT).step(|| "wait any longer for the sandbox"),
            Err(rustix::io::Errno::INTR) => {}
            done => {
                done.step(|| "wait for the sandbox")?;
                break;
            }
        }
    }
    let mut buffer = vec![0; 16 << 10];
    let got = message::receive(socket, &mut buffer).step(|| "hear from the sandbox")?;
    Ok(got.map(|(length, fds)| {
        buffer.truncate(length);
        (buffer, fds)
    }))
}

fn check(config: &Config) -> Result<(), Error> {
    let mut problems = Vec::new();
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    if !(1..=64).contains(&config.cgroup.len()) || !config.cgroup.bytes().all(fits) {
        problems.push(format!("cgroup {:?} is not [A-Za-z0-9_-]{{1,64}}", config.cgroup));
    }
    if !config.run_dir.is_absolute() {
        problems.push(format!("run_dir {} is not absolute", config.run_dir.display()));
    }
    if config.blanks > 64 {
        problems.push(format!("blanks {} is more than 64", config.blanks));
    }
    if config.helper.is_empty() {
        problems.push("helper is empty".to_owned());
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Spec { problems }) }
}

/// Entry of the launcher process (`funcd launcher`): serves the socket it inherited as descriptor 3 until the daemon goes
/// away, then kills and removes every instance and returns.
///
/// # Errors
/// When it was started by hand (no socket), or the event loop itself fails.
pub fn main() -> Result<(), Error> {
    let socket = sys::inherited(sys::INHERITED)
        .step(|| "take over descriptor 3 (this command is funcd's own, not for hands)")?;
    sys::close_from(sys::INHERITED + 1).step(|| "close what the daemon's parent left open")?;
    // The daemon decides when instances end, not a terminal or a service manager that signals the whole group.
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        sys::ignore(signal.as_raw());
    }
    let mut buffer = vec![0; message::MAX_BYTES];
    let Some((length, _)) = message::receive(&socket, &mut buffer).step(|| "hear from the daemon")? else {
        return Ok(());
    };
    let config: Config = serde_json::from_slice(buffer.get(..length).unwrap_or_default())
        .map_err(std::io::Error::other)
        .step(|| "read the configuration")?;
    let (greeting, server) = match serve::Server::open(&config, buffer) {
        Ok(server) => (Greeting::Ready, Some(server)),
        Err(error) => (Greeting::Failed(error.into()), None),
    };
    let bytes = serde_json::to_vec(&greeting).map_err(std::io::Error::other).step(|| "write the greeting")?;
    message::send(&socket, &bytes, &[]).step(|| "greet the daemon")?;
    match server {
        Some(server) => server.run(&socket),
        None => Ok(()),
    }
}

/// The binds of a request as detached mounts, made where the host's tree is still in sight.
fn binds(outline: &Outline) -> Result<Vec<OwnedFd>, Error> {
    outline.binds.iter().map(|bind| mounts::detached(&bind.source, false)).collect()
}
