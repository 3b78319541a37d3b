//! A process that takes another's place: what it has of the other, and when it may do what.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Config;
use crate::up::link::{Link, Word};
use crate::up::sockets::Sockets;

/// How long the predecessor may be silent; it waits for requests that change something, at most 30 s.
const PATIENCE: Duration = Duration::from_secs(90);
/// How often the end of this process is looked for while the predecessor still finishes.
const LOOK: Duration = Duration::from_millis(200);

/// The process before this one.
#[derive(Debug)]
pub(crate) struct Predecessor(Link);

impl Predecessor {
    /// The one that started this process with `--take-over`.
    pub(crate) fn of_stdin() -> Result<Self> {
        Ok(Self(Link::of_stdin()?))
    }

    /// Its sockets.
    pub(crate) fn sockets(&self, config: &Config) -> Result<Sockets> {
        match self.0.hear(PATIENCE)? {
            Some((Word::Listeners(names), sockets)) => Sockets::inherit(config, names, sockets),
            other => bail!("the other funcd handed over no sockets but {:?}", other.map(|(word, _)| word)),
        }
    }

    /// Says that everything that can be checked beforehand is, and waits until the data folder is free.
    pub(crate) fn prepared(&self) -> Result<()> {
        self.0.say(&Word::Prepared, &[])?;
        self.expect(&Word::Go)
    }

    fn expect(&self, wanted: &Word) -> Result<()> {
        match self.0.hear(PATIENCE)? {
            Some((word, _)) if word == *wanted => Ok(()),
            Some((word, _)) => bail!("the other funcd said {word:?} instead of {wanted:?}"),
            None => bail!("the other funcd gave the upgrade up, or ended"),
        }
    }

    /// Says that the gateway serves, and goes on with the other's clients until there are no more. Blocks.
    pub(crate) fn serving(&self, gateway: &gateway::Gateway) -> Result<()> {
        self.0.say(&Word::Serving, &[])?;
        loop {
            match self.0.hear(PATIENCE)?.context("the other funcd ended before it had handed over")? {
                (Word::Connection, sockets) => adopt(gateway, sockets),
                (Word::Left, _) => return Ok(()),
                (word, _) => bail!("the other funcd said {word:?} instead of {:?}", Word::Left),
            }
        }
    }

    /// Says that the upgrade is done; clients that the predecessor could not hand over before still come.
    pub(crate) fn ready(
        self,
        gateway: Arc<gateway::Gateway>,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) -> Result<()> {
        self.0.say(&Word::Ready, &[])?;
        tasks.spawn_blocking(move || {
            if let Err(error) = self.take_the_rest(&gateway, &stop) {
                tracing::warn!(%error, "service.predecessor_not_heard");
            }
        });
        Ok(())
    }

    /// Until the predecessor ends, or this process is to.
    fn take_the_rest(&self, gateway: &gateway::Gateway, stop: &CancellationToken) -> Result<()> {
        while !stop.is_cancelled() {
            if !self.0.waits(LOOK)? {
                continue;
            }
            match self.0.hear(LOOK)? {
                Some((_, sockets)) => adopt(gateway, sockets),
                None => break,
            }
        }
        Ok(())
    }

    /// Tells why there will be no successor; the predecessor tells whoever asked for one.
    pub(crate) fn failed(&self, error: &anyhow::Error) {
        // It sees the end of this process in any case.
        let _ = self.0.say(&Word::Failed(format!("{error:#}").chars().take(4096).collect()), &[]);
    }

    /// Another handle on the same predecessor.
    pub(crate) fn again(&self) -> Self {
        Self(self.0.clone())
    }
}

fn adopt(gateway: &gateway::Gateway, sockets: Vec<std::os::fd::OwnedFd>) {
    for socket in sockets {
        if let Err(error) = gateway.adopt(socket) {
            tracing::debug!(%error, "gateway.connection_not_adopted");
        }
    }
}
