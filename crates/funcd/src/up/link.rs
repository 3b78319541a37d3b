//! What two funcds say to each other while one takes the other's place: one word a message, some with a socket.
//!
//! ```text
//! predecessor                                  successor
//! Listeners (with the sockets)  ───────────>   checks configuration, host and sandbox
//!                               <───────────   Prepared
//! (no more changes; lets the data folder go)
//! Go                            ───────────>   opens the data folder, serves at the gateway
//!                               <───────────   Serving
//! Connection (with a socket) …  ───────────>   goes on with each
//! Line, Record …                ───────────>   keeps them, from Go until the predecessor's end
//! Left                          ───────────>   serves at the API
//!                               <───────────   Ready
//! ```
//!
//! `Failed` instead of an answer says why there is none.

use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use model::record::Record;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::SendFlags;
use sandbox::message;
use serde::{Deserialize, Serialize};
use telemetry::Line;

/// One message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Word {
    /// The sockets, in this order, by name.
    Listeners(Vec<String>),
    Prepared,
    Go,
    Serving,
    /// One connection with no request in flight.
    Connection,
    /// A line of this function's log.
    Line(String, Line),
    /// An invocation that ended.
    Record(Box<Record>),
    Left,
    Ready,
    Failed(String),
}

/// One end.
#[derive(Clone, Debug)]
pub(crate) struct Link(Arc<OwnedFd>);

impl Link {
    /// One's own end, and the one for the other process.
    pub(crate) fn pair() -> io::Result<(Self, OwnedFd)> {
        let (ours, theirs) = message::pair()?;
        Ok((Self(Arc::new(ours)), theirs))
    }

    /// The end that the predecessor left as standard input.
    pub(crate) fn of_stdin() -> Result<Self> {
        let end = io::stdin().as_fd().try_clone_to_owned()?;
        let kind = rustix::net::sockopt::socket_type(&end);
        if kind != Ok(rustix::net::SocketType::SEQPACKET) {
            bail!("--take-over is said by a funcd that is replaced, not by people: use `funcd upgrade`");
        }
        // Nobody else is to have it: its end tells the predecessor that this process is gone.
        let null = std::fs::File::open("/dev/null")?;
        rustix::stdio::dup2_stdin(&null)?;
        Ok(Self(Arc::new(end)))
    }

    pub(crate) fn say(&self, word: &Word, sockets: &[BorrowedFd<'_>]) -> Result<()> {
        let bytes = serde_json::to_vec(word)?;
        message::send(&*self.0, &bytes, sockets).with_context(|| format!("cannot tell the other funcd {word:?}"))
    }

    /// Gives a connection away unless that would have to wait; then it is given back.
    pub(crate) fn offer(&self, socket: OwnedFd) -> Result<(), OwnedFd> {
        let Ok(bytes) = serde_json::to_vec(&Word::Connection) else { return Err(socket) };
        let sent = message::send_with(&*self.0, &bytes, &[socket.as_fd()], SendFlags::DONTWAIT);
        sent.map_err(|_| socket)
    }

    /// The next word, if one comes within `limit`; `None` when the other end is gone. Blocks.
    pub(crate) fn hear(&self, limit: Duration) -> Result<Option<(Word, Vec<OwnedFd>)>> {
        if !self.waits(limit)? {
            bail!("the other funcd said nothing for {} s", limit.as_secs());
        }
        let mut buffer = vec![0; message::MAX_BYTES];
        // An end that closes with words unread is told first, once, and then what it had said before.
        let heard = match message::receive(&*self.0, &mut buffer)? {
            None => message::receive(&*self.0, &mut buffer)?,
            heard => heard,
        };
        let Some((length, sockets)) = heard else { return Ok(None) };
        let word = serde_json::from_slice(buffer.get(..length).unwrap_or_default());
        Ok(Some((word.context("the other funcd speaks another language")?, sockets)))
    }

    /// Whether something can be heard within `limit`. Blocks.
    pub(crate) fn waits(&self, limit: Duration) -> Result<bool> {
        let until = Instant::now() + limit;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let left = Timespec { tv_sec: i64::try_from(left.as_secs())?, tv_nsec: left.subsec_nanos().into() };
            match poll(&mut [PollFd::new(&*self.0, PollFlags::IN)], Some(&left)) {
                Ok(0) => return Ok(false),
                Ok(_) => return Ok(true),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd as _;

    use super::*;

    fn both() -> (Link, Link) {
        let (ours, theirs) = Link::pair().unwrap();
        (ours, Link(Arc::new(theirs)))
    }

    #[test]
    fn words_come_in_order_with_their_sockets() {
        let (old, new) = both();
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        old.say(&Word::Listeners(vec!["api".to_owned()]), &[socket.as_fd()]).unwrap();
        old.say(&Word::Go, &[]).unwrap();
        let (word, sockets) = new.hear(Duration::from_secs(5)).unwrap().unwrap();
        assert_eq!((word, sockets.len()), (Word::Listeners(vec!["api".to_owned()]), 1));
        let taken = std::net::TcpListener::from(sockets.into_iter().next().unwrap());
        assert_eq!(taken.local_addr().unwrap(), socket.local_addr().unwrap());
        assert_eq!(new.hear(Duration::from_secs(5)).unwrap().unwrap().0, Word::Go);
    }

    #[test]
    fn silence_and_the_other_ones_end_are_told_apart() {
        let (old, new) = both();
        assert!(new.hear(Duration::ZERO).unwrap_err().to_string().contains("said nothing"));
        drop(old);
        assert!(new.hear(Duration::from_secs(5)).unwrap().is_none());
    }

    #[test]
    fn the_last_word_of_one_that_did_not_listen_is_heard() {
        let (old, new) = both();
        old.say(&Word::Listeners(Vec::new()), &[]).unwrap();
        new.say(&Word::Failed("why".to_owned()), &[]).unwrap();
        drop(new);
        assert_eq!(old.hear(Duration::from_secs(5)).unwrap().unwrap().0, Word::Failed("why".to_owned()));
        assert!(old.hear(Duration::from_secs(5)).unwrap().is_none());
    }

    #[test]
    fn a_connection_that_nobody_hears_of_comes_back() {
        let (old, new) = both();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut given = 0;
        while old.offer(listener.as_fd().try_clone_to_owned().unwrap()).is_ok() {
            given += 1;
            assert!(given < 100_000, "the kernel takes no end of them");
        }
        for _ in 0..given {
            assert_eq!(new.hear(Duration::from_secs(5)).unwrap().unwrap().0, Word::Connection);
        }
        assert!(old.offer(listener.into()).is_ok());
    }
}
