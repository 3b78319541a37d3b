//! An instance that was asked for: the request on its way to the launcher, and the wait for its answer.

use crate::blank::Reply;
use crate::error::Step;
use crate::jail::Jail;
use crate::spec::{Outline, Program, Spec};
use crate::{Error, message};
use rustix::fs::OFlags;
use rustix::net::SendFlags;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

/// An instance that was asked for. Dropping it takes the instance back.
#[derive(Debug)]
pub struct Starting {
    /// Readable when there is an answer for [`Starting::jail`]. Non-blocking.
    pub(super) lease: OwnedFd,
    home: Arc<OwnedFd>,
}

/// A request, ready to be sent.
pub(super) struct Request {
    outline: Vec<u8>,
    program: OwnedFd,
    lease: OwnedFd,
    theirs: OwnedFd,
}

impl Request {
    pub(super) fn of(spec: &Spec) -> Result<Self, Error> {
        spec.check()?;
        let outline =
            serde_json::to_vec(&Outline::of(spec)).map_err(io::Error::other).step(|| "write the specification")?;
        if outline.len() > message::MAX_BYTES {
            let problem = format!("binds take {} bytes, at most {}", outline.len(), message::MAX_BYTES);
            return Err(Error::Spec { problems: vec![problem] });
        }
        let program = Program::file(spec)?;
        let (lease, theirs) = message::pair().step(|| "make a socket pair")?;
        Ok(Self { outline, program, lease, theirs })
    }

    pub(super) fn send(&self, socket: &OwnedFd, flags: SendFlags) -> io::Result<()> {
        message::send_with(socket, &self.outline, &[self.theirs.as_fd(), self.program.as_fd()], flags)
    }

    pub(super) fn sent(self, home: &Arc<OwnedFd>) -> Result<Starting, Error> {
        rustix::fs::fcntl_setfl(&self.lease, OFlags::NONBLOCK).step(|| "make a socket non-blocking")?;
        Ok(Starting { lease: self.lease, home: Arc::clone(home) })
    }
}

impl Starting {
    /// The instance, as soon as the launcher has one to give; `None` as long as it has not. The program is not exec'd yet then:
    /// see [`Event::Executed`](crate::Event::Executed).
    ///
    /// # Errors
    /// Why there will be none.
    pub fn jail(&self) -> Result<Option<Jail>, Error> {
        let mut buffer = [0; 8192];
        let (length, fds) = match message::receive(&self.lease, &mut buffer) {
            Ok(got) => got.ok_or_else(gone)?,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
            Err(error) => return Err(error).step(|| "hear from the launcher process"),
        };
        let reply = serde_json::from_slice(buffer.get(..length).unwrap_or_default());
        match reply.map_err(io::Error::other).step(|| "understand the launcher process")? {
            Reply::Failed(failure) => Err(failure.into()),
            Reply::Started { parts, group } => {
                let events = self.lease.try_clone().step(|| "duplicate a socket")?;
                Jail::assemble((parts, group), fds, events, Arc::clone(&self.home)).map(Some).ok_or_else(gone)
            }
        }
    }
}

impl AsFd for Starting {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.lease.as_fd()
    }
}

pub(super) fn gone() -> Error {
    let what = "the sandbox ended while it started: its memory limit is too small for a start, or somebody killed it";
    Error::Gone { what: what.to_owned() }
}
