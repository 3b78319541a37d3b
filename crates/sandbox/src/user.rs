//! The user's process, from its birth to its exec. It is made with the blank, gives up every right it has and walls itself
//! in before anybody knows what it will run; then it waits for the [`Program`] and becomes the program.

use crate::error::{Failure, Step};
use crate::spec::Program;
use crate::{Error, landlock, message, privilege, seccomp, sys};
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;

/// What the user's process tells its init. After the specification silence is success: exec closes the socket.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Report {
    /// All walls are up; carries the listener of the seccomp filter, where there is one.
    Sealed,
    Failed(Failure),
}

/// Its standard streams.
#[derive(Debug)]
pub(crate) struct Streams {
    pub(crate) input: OwnedFd,
    pub(crate) output: OwnedFd,
    pub(crate) error: OwnedFd,
}

/// Runs the process; `socket` leads to init.
pub(crate) fn main(socket: OwnedFd, streams: &Streams) -> ! {
    let failure = match keep_streams(socket, streams) {
        Ok(socket) => match live(&socket) {
            Ok(never) => match never {},
            Err(error) => Some((socket, Failure::from(error))),
        },
        Err(_) => None,
    };
    if let Some((socket, failure)) = failure {
        let report = serde_json::to_vec(&Report::Failed(failure)).unwrap_or_default();
        // Init sees the end of the socket as well.
        let _ = message::send(&socket, &report, &[]);
    }
    sys::exit(127)
}

fn keep_streams(socket: OwnedFd, streams: &Streams) -> std::io::Result<OwnedFd> {
    rustix::stdio::dup2_stdin(&streams.input)?;
    rustix::stdio::dup2_stdout(&streams.output)?;
    rustix::stdio::dup2_stderr(&streams.error)?;
    let [socket] = sys::keep_only([socket])?;
    Ok(socket)
}

fn live(socket: &OwnedFd) -> Result<Infallible, Error> {
    // Init, which has the rights of the parent namespace, is mapping our ids.
    next(socket)?;
    privilege::drop_to_user()?;
    sys::default_signals();
    Program::rehearse();
    landlock::restrict()?;
    // Last, as it also limits what may be done here.
    let listener = seccomp::install()?;
    let fds: Vec<_> = listener.iter().map(AsFd::as_fd).collect();
    let report = serde_json::to_vec(&Report::Sealed).unwrap_or_default();
    message::send(socket, &report, &fds).step(|| "report to init")?;
    drop(listener);

    let file = next(socket)?.ok_or(rustix::io::Errno::BADMSG).step(|| "receive the program")?;
    let program = Program::read(file)?;
    privilege::file_rlimit(program.open_files)?;
    std::env::set_current_dir(&program.cwd).step(|| format!("enter the working folder {}", program.cwd.display()))?;
    // Whatever a library of ours may have opened: nothing but 0, 1 and 2 outlives the exec.
    sys::cloexec_all().step(|| "close all descriptors")?;
    exec(&program)
}

fn exec(program: &Program) -> Result<Infallible, Error> {
    let error = program.command().exec();
    Err(error).step(|| format!("execute {}", program.argv.first().map_or("", String::as_str)))
}

/// Waits for the next message of init; its descriptor, if it has one.
fn next(socket: &OwnedFd) -> Result<Option<OwnedFd>, Error> {
    match message::receive(socket, &mut [0; 64]).step(|| "hear from init")? {
        Some((_, fds)) => Ok(fds.into_iter().next()),
        None => Err(Error::Gone { what: "the sandbox's init ended".to_owned() }),
    }
}
