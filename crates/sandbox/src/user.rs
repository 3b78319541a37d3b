//! The user's process, from its birth to its exec. It is made with the blank, gives up every right it has and walls itself
//! in before anybody knows what it will run; then it waits for the [`Spec`] and becomes the program.

use crate::error::{Failure, Step};
use crate::{Error, Spec, landlock, message, privilege, seccomp, sys};
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::Command;

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
    let mut buffer = vec![0; message::MAX_BYTES];
    // Init, which has the rights of the parent namespace, is mapping our ids.
    next(socket, &mut buffer)?;
    privilege::drop_to_user()?;
    landlock::restrict()?;
    // Last, as it also limits what may be done here.
    let listener = seccomp::install()?;
    let fds: Vec<_> = listener.iter().map(AsFd::as_fd).collect();
    let report = serde_json::to_vec(&Report::Sealed).unwrap_or_default();
    message::send(socket, &report, &fds).step(|| "report to init")?;
    drop(listener);

    let spec: Spec = {
        let bytes = next(socket, &mut buffer)?;
        serde_json::from_slice(bytes).map_err(std::io::Error::other).step(|| "read the specification")?
    };
    privilege::file_rlimit(&spec.limits)?;
    std::env::set_current_dir(&spec.cwd).step(|| format!("enter the working folder {}", spec.cwd.display()))?;
    sys::default_signals();
    // Whatever a library of ours may have opened: nothing but 0, 1 and 2 outlives the exec.
    sys::cloexec_all().step(|| "close all descriptors")?;
    exec(&spec)
}

fn exec(spec: &Spec) -> Result<Infallible, Error> {
    let (program, arguments) =
        spec.argv.split_first().map_or(("", &[][..]), |(program, rest)| (program.as_str(), rest));
    let error = Command::new(program).args(arguments).env_clear().envs(spec.env.iter().cloned()).exec();
    Err(error).step(|| format!("execute {program}"))
}

/// The next message of init, without descriptors.
fn next<'a>(socket: &OwnedFd, buffer: &'a mut [u8]) -> Result<&'a [u8], Error> {
    match message::receive(socket, buffer).step(|| "hear from init")? {
        Some((length, _)) => Ok(buffer.get(..length).unwrap_or_default()),
        None => Err(Error::Gone { what: "the sandbox's init ended".to_owned() }),
    }
}
