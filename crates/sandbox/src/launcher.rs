//! The launcher process, seen from both of its ends: [`Launcher`] is the daemon's handle, [`main`] is what runs in it.
//!
//! It exists because forking a large process with many threads is slow and unsafe, and because someone must reap. One
//! message each way: a [`Spec`] goes to it together with one end of a new socket, on which it answers with what the instance
//! is looked after by, while the instance still comes to be. What becomes of that, and of the program, the instance itself
//! says on the same socket, which is its *lease*: when the other end closes, the instance goes.

mod pace;
mod serve;
mod slots;
mod starting;
mod turn;
mod waiting;

use crate::error::{Failure, Step};
use crate::jail::{Event, Jail};
use crate::spec::{Bind, Outline, Spec};
use crate::{Error, message, mounts, netns, sys};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::net::SendFlags;
use rustix::process::Signal;
use serde::{Deserialize, Serialize};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use starting::Request;
pub use starting::Starting;

/// How the launcher is set up.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Config {
    /// Folder for the launcher's own files, private to this installation (below the data folder). Made if missing.
    pub run_dir: PathBuf,
    /// Name of this installation's cgroup subtree, e.g. `funcd-3f2a91c0`, `[A-Za-z0-9_-]{1,64}`; everything in it is ours.
    pub cgroup: String,
    /// Blank sandboxes kept ready (at most 64). A blank costs about 1 MB and takes 3 to 10 ms to make.
    pub blanks: usize,
    /// Bytes a second that an instance may read from each disk of the host, as far as they are in no cache; 0: no limit.
    pub read_rate: u64,
    /// Command line that enters [`main`], e.g. `["/proc/self/exe", "launcher"]`.
    pub helper: Vec<String>,
}

/// How long the launcher may take to clear up after an earlier daemon, and an instance to start.
const PATIENCE: Timespec = Timespec { tv_sec: 30, tv_nsec: 0 };

/// Client handle of the launcher process. Many threads may launch at once.
#[derive(Debug)]
pub struct Launcher {
    config: Config,
    /// Held for as long as it takes to start another.
    child: Mutex<Child>,
    /// Replaced together with it; never held longer than to look.
    socket: RwLock<Arc<OwnedFd>>,
    /// The daemon's own network namespace, to come back to.
    home: Arc<OwnedFd>,
}

impl Launcher {
    /// Kills and removes everything a former daemon of the same [`Config::cgroup`] left, then starts the launcher process.
    ///
    /// # Errors
    /// The step that failed on this host, e.g. without root or without a usable cgroup hierarchy.
    pub fn start(config: &Config) -> Result<Self, Error> {
        check(config)?;
        let home = netns::current().step(|| "open the daemon's network namespace")?;
        let (child, socket) = process(config)?;
        let (child, socket) = (Mutex::new(child), RwLock::new(Arc::new(socket)));
        Ok(Self { config: config.clone(), child, socket, home: Arc::new(home) })
    }

    /// Starts one instance: returns when the user's process was exec'd (or why not). Blocks.
    ///
    /// # Errors
    /// Everything wrong with the specification at once, or the step that failed; then nothing is left of the attempt.
    pub fn launch(&self, spec: &Spec) -> Result<Jail, Error> {
        let starting = self.begin(spec)?;
        wait_for(&starting.lease)?;
        let Some(jail) = starting.jail()? else { return Err(starting::gone()) };
        wait_for(&jail.events)?;
        match jail.next_event() {
            Ok(Event::Executed) => Ok(jail),
            Ok(Event::Failed(failure)) => Err(failure.into()),
            _ => Err(starting::gone()),
        }
    }

    /// Asks for an instance. Should the launcher process have died (and every instance with it), it is started again first,
    /// which may block for seconds.
    ///
    /// # Errors
    /// Everything wrong with the specification at once, or that there is no launcher.
    pub fn begin(&self, spec: &Spec) -> Result<Starting, Error> {
        let request = Request::of(spec)?;
        let socket = self.socket();
        if request.send(&socket, SendFlags::empty()).is_err() {
            self.renew(&socket)?;
            request.send(&self.socket(), SendFlags::empty()).step(|| "talk to the launcher process")?;
        }
        request.sent(&self.home)
    }

    /// Asks for an instance as [`Launcher::begin`] does, but never blocks: `None` where that would have to.
    ///
    /// # Errors
    /// Everything wrong with the specification at once.
    pub fn try_begin(&self, spec: &Spec) -> Result<Option<Starting>, Error> {
        let request = Request::of(spec)?;
        match request.send(&self.socket(), SendFlags::DONTWAIT) {
            Ok(()) => request.sent(&self.home).map(Some),
            Err(_) => Ok(None),
        }
    }

    /// What tells of the launcher process's end: the socket's end of file. There is nothing to read on it before.
    pub fn socket(&self) -> Arc<OwnedFd> {
        Arc::clone(&self.socket.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Starts the launcher process again, should the one behind `socket` have ended. Blocks, for seconds perhaps.
    ///
    /// # Errors
    /// See [`Launcher::start`].
    pub fn renew(&self, socket: &Arc<OwnedFd>) -> Result<(), Error> {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(socket, &self.socket()) {
            // Somebody else was faster.
            return Ok(());
        }
        // A zombie holds nothing but its pid, but for that there is a limit too.
        let _ = child.kill();
        let _ = child.wait();
        let (next, socket) = process(&self.config)?;
        *child = next;
        *self.socket.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(socket);
        Ok(())
    }
}

impl Drop for Launcher {
    /// Ends the launcher, and with it every instance. Waits for it, as it removes their cgroups.
    fn drop(&mut self) {
        // The end of the socket is its signal to clear up and go.
        let _ = rustix::net::shutdown(self.socket(), rustix::net::Shutdown::Both);
        let _ = self.child.get_mut().unwrap_or_else(PoisonError::into_inner).wait();
    }
}

/// Starts a launcher process; with it comes the socket to it.
fn process(config: &Config) -> Result<(Child, OwnedFd), Error> {
    mounts::make_dirs(&config.run_dir)?;
    let (ours, theirs) = message::pair().step(|| "make a socket pair")?;
    let (program, arguments) = config.helper.split_first().map_or(("", &[][..]), |(program, rest)| (program, rest));
    let mut command = Command::new(program);
    // Its standard error is the daemon's: a panic must be seen.
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).env_clear();
    let mut child = sys::spawn_with_socket(&mut command, theirs).step(|| format!("start the launcher ({program})"))?;
    drop(command);
    match greet(config, &ours) {
        Ok(()) => Ok((child, ours)),
        Err(error) => {
            let _ = child.kill();
            let _ = child.wait();
            Err(error)
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
    wait_for(socket)?;
    let mut buffer = vec![0; 16 << 10];
    let got = message::receive(socket, &mut buffer).step(|| "hear from the launcher process")?;
    Ok(got.map(|(length, fds)| {
        buffer.truncate(length);
        (buffer, fds)
    }))
}

fn wait_for(socket: &OwnedFd) -> Result<(), Error> {
    loop {
        match rustix::event::poll(&mut [PollFd::new(socket, PollFlags::IN)], Some(&PATIENCE)) {
            Ok(0) => return Err(rustix::io::Errno::TIMEDOUT).step(|| "wait any longer for the sandbox"),
            Err(rustix::io::Errno::INTR) => {}
            done => return done.map(drop).step(|| "wait for the sandbox"),
        }
    }
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

/// The binds of a request that a blank does not have, as detached mounts, made where the host's tree is still in sight.
fn binds(outline: &Outline, had: &[Bind]) -> Result<Vec<OwnedFd>, Error> {
    outline.binds_beyond(had).map(|bind| mounts::detached(&bind.source, false)).collect()
}
