//! A process that takes another's place: what it has of the other, and when it may do what.

use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, PoisonError};
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
pub(crate) struct Predecessor {
    link: Link,
    /// What it left before this process could take it: requests end there until its gateway takes nothing new.
    early: Mutex<Vec<Word>>,
}

impl Predecessor {
    /// The one that started this process with `--take-over`.
    pub(crate) fn of_stdin() -> Result<Self> {
        Ok(Self { link: Link::of_stdin()?, early: Mutex::default() })
    }

    /// Its sockets.
    pub(crate) fn sockets(&self, config: &Config) -> Result<Sockets> {
        match self.link.hear(PATIENCE)? {
            Some((Word::Listeners(names), sockets)) => Sockets::inherit(config, names, sockets),
            other => bail!("the other funcd handed over no sockets but {:?}", other.map(|(word, _)| word)),
        }
    }

    /// Says that everything that can be checked beforehand is, and waits until the data folder is free.
    pub(crate) fn prepared(&self) -> Result<()> {
        self.link.say(&Word::Prepared, &[])?;
        loop {
            match self.link.hear(PATIENCE)? {
                Some((Word::Go, _)) => return Ok(()),
                Some((word @ (Word::Line(..) | Word::Record(_)), _)) => {
                    self.early.lock().unwrap_or_else(PoisonError::into_inner).push(word)
                }
                Some((word, _)) => bail!("the other funcd said {word:?} instead of {:?}", Word::Go),
                None => bail!("the other funcd gave the upgrade up, or ended"),
            }
        }
    }

    /// Says that the gateway serves, and takes what the other leaves until its gateway takes nothing new. Blocks.
    pub(crate) fn serving(&self, heirs: &Heirs) -> Result<()> {
        self.link.say(&Word::Serving, &[])?;
        for word in self.early.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            heirs.take(word, Vec::new());
        }
        loop {
            match self.link.hear(PATIENCE)?.context("the other funcd ended before it had handed over")? {
                (Word::Left, _) => return Ok(()),
                (word, sockets) => heirs.take(word, sockets),
            }
        }
    }

    /// Says that the upgrade is done; what the predecessor finishes until its end is taken too.
    pub(crate) fn ready(self, heirs: Heirs, tasks: &TaskTracker, stop: CancellationToken) -> Result<()> {
        self.link.say(&Word::Ready, &[])?;
        tasks.spawn_blocking(move || {
            if let Err(error) = self.take_the_rest(&heirs, &stop) {
                tracing::warn!(%error, "service.predecessor_not_heard");
            }
        });
        Ok(())
    }

    /// Until the predecessor ends, or this process is to.
    fn take_the_rest(&self, heirs: &Heirs, stop: &CancellationToken) -> Result<()> {
        while !stop.is_cancelled() {
            if !self.link.waits(LOOK)? {
                continue;
            }
            match self.link.hear(LOOK)? {
                Some((word, sockets)) => heirs.take(word, sockets),
                None => break,
            }
        }
        Ok(())
    }

    /// Tells why there will be no successor; the predecessor tells whoever asked for one.
    pub(crate) fn failed(&self, error: &anyhow::Error) {
        // It sees the end of this process in any case.
        let _ = self.link.say(&Word::Failed(format!("{error:#}").chars().take(4096).collect()), &[]);
    }

    /// Another handle on the same predecessor.
    pub(crate) fn again(&self) -> Self {
        Self { link: self.link.clone(), early: Mutex::default() }
    }
}

/// What takes what the predecessor leaves.
#[derive(Clone)]
pub(crate) struct Heirs {
    pub(crate) gateway: Arc<gateway::Gateway>,
    pub(crate) telemetry: telemetry::Telemetry,
}

impl Heirs {
    fn take(&self, word: Word, sockets: Vec<OwnedFd>) {
        match word {
            Word::Line(function, line) => self.telemetry.log(telemetry::Line { function, ..line }),
            Word::Record(record) => self.telemetry.record(*record),
            _ => {}
        }
        for socket in sockets {
            if let Err(error) = self.gateway.adopt(socket) {
                tracing::debug!(%error, "gateway.connection_not_adopted");
            }
        }
    }
}
