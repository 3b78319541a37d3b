//! A process whose place another takes: it starts the other, lets it check everything first, and leaves step by step. Until it has let
//! the data folder go nothing is lost by giving up; after that it starts its own program as the successor if the other fails, so that
//! somebody serves in any case.

use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};

use crate::up::TAKE_OVER;
use crate::up::link::{Link, Word};
use crate::up::sockets::Sockets;

/// How long the successor may take for its checks, and for the data folder.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often a wait looks whether it is still wanted.
const LOOK: Duration = Duration::from_millis(100);

/// The process that takes over. Dropping it before it said that it is ready ends it.
#[derive(Debug)]
pub(crate) struct Successor {
    link: Link,
    child: Child,
    done: bool,
}

impl Successor {
    /// Starts a program with this process's own command line and waits until it has checked everything that it can. Blocks;
    /// `wanted` says whether to go on.
    pub(crate) fn start(binary: &Path, sockets: &Sockets, wanted: impl Fn() -> bool) -> Result<Self> {
        let (link, theirs) = Link::pair()?;
        let child = spawn(binary, theirs)?;
        let mut successor = Self { link, child, done: false };
        let (names, sockets) = sockets.named();
        // One that has ended already may have said why.
        let said = successor.link.say(&Word::Listeners(names), &sockets);
        successor.expect(&Word::Prepared, wanted)?;
        said.map(|()| successor)
    }

    /// Lets it have the data folder, which nobody else may hold any more, and waits until it serves. Blocks.
    pub(crate) fn go(&mut self) -> Result<()> {
        self.link.say(&Word::Go, &[])?;
        self.expect(&Word::Serving, || true)
    }

    /// Where connections go.
    pub(crate) fn heir(&self) -> gateway::Heir {
        let link = self.link.clone();
        gateway::Heir::new(move |socket| link.offer(socket))
    }

    /// Where lines and records go.
    pub(crate) fn recorder(&self) -> telemetry::Heir {
        let link = self.link.clone();
        telemetry::Heir::new(move |entry| {
            let word = match entry {
                telemetry::Entry::Line(line) => Word::Line(line.function.clone(), (*line).clone()),
                telemetry::Entry::Record(record) => Word::Record(record),
            };
            link.say(&word, &[]).is_ok()
        })
    }

    /// Says that the gateway here takes nothing new, and waits until the other serves at the API too. Its process id. Blocks.
    pub(crate) fn left(&mut self) -> Result<u32> {
        self.link.say(&Word::Left, &[])?;
        self.expect(&Word::Ready, || true)?;
        self.done = true;
        Ok(self.child.id())
    }

    /// Passes a signal on that was meant for the service.
    pub(crate) fn terminate(pid: u32) {
        let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
        if let Some(pid) = pid {
            // It may have ended by itself.
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
    }

    fn expect(&mut self, wanted: &Word, go_on: impl Fn() -> bool) -> Result<()> {
        let mut left = PATIENCE;
        while !self.link.waits(LOOK)? {
            if !go_on() {
                bail!("funcd is stopping");
            }
            left = left.saturating_sub(LOOK);
            if left.is_zero() {
                bail!("it said nothing for {} s", PATIENCE.as_secs());
            }
        }
        match self.link.hear(LOOK)? {
            Some((word, _)) if word == *wanted => Ok(()),
            Some((Word::Failed(why), _)) => Err(anyhow!(why)),
            Some((word, _)) => bail!("it said {word:?} instead of {wanted:?}"),
            None => Err(self.ended()),
        }
    }

    /// Why it says nothing any more.
    fn ended(&mut self) -> anyhow::Error {
        match self.child.wait() {
            Ok(status) => anyhow!(
                "it ended with {} before it had taken over; what it wrote is in the log of the running funcd",
                described(status)
            ),
            Err(error) => error.into(),
        }
    }
}

fn described(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "an unknown status".to_owned(),
    }
}

impl Drop for Successor {
    fn drop(&mut self) {
        if !self.done {
            // Whether it has ended already does not matter.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

fn spawn(binary: &Path, link: OwnedFd) -> Result<Child> {
    let own: Vec<OsString> = std::env::args_os().skip(1).filter(|argument| argument != TAKE_OVER).collect();
    let mut command = Command::new(binary);
    command.args(own).arg(TAKE_OVER).stdin(Stdio::from(link));
    // The supervisor's sockets come by the link.
    command.env_remove("LISTEN_PID").env_remove("LISTEN_FDS").env_remove("LISTEN_FDNAMES");
    command.spawn().with_context(|| format!("cannot start {}", binary.display()))
}
