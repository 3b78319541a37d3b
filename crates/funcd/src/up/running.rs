//! The service while it runs: it waits for a signal, or for a request to let another process take its place.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::folder::Folder;
use crate::up::control::{self, Answer, Asked};
use crate::up::predecessor::Successor;
use crate::up::signals::Signals;
use crate::up::sockets::Sockets;
use crate::up::successor::Predecessor;
use crate::up::wiring::Service;
use crate::up::{banner, supervisor};

/// This very program, whatever lies at its path by now.
const OWN: &str = "/proc/self/exe";
/// How long until it is tried again as a successor.
const AGAIN: Duration = Duration::from_secs(5);

/// A running service and what it holds.
pub(crate) struct Running {
    pub(crate) config: Config,
    pub(crate) folder: Folder,
    pub(crate) service: Service,
    /// Once more, for a successor.
    pub(crate) sockets: Sockets,
    pub(crate) signals: Signals,
}

/// What became of a request to take over.
enum Outcome {
    /// This process serves as before.
    Stays,
    /// Another one serves.
    Replaced,
    /// A signal came.
    Stops,
}

impl Running {
    /// Serves until a signal, or until another process does; then drains.
    pub(crate) async fn serve(mut self, predecessor: Option<&Predecessor>) -> Result<ExitCode> {
        let Self { config, folder, service, .. } = &self;
        let (asked, mut requests) = mpsc::channel(1);
        service.take_requests(control::listen(folder.path())?, asked);
        match predecessor {
            Some(predecessor) => {
                service.follow(predecessor.again())?;
                service.note_upgrade().await;
            }
            None => banner::print(config, folder.path(), service),
        }
        supervisor::ready();
        tracing::info!(api = %service.api_address, gateway = %service.gateway_address, "service.started");
        loop {
            let outcome = tokio::select! {
                () = self.signals.next() => Outcome::Stops,
                Some(asked) = requests.recv() => self.upgrade(asked).await,
            };
            if !matches!(outcome, Outcome::Stays) {
                break;
            }
        }
        self.drain().await;
        Ok(ExitCode::SUCCESS)
    }

    async fn drain(self) {
        let Self { config, service, sockets, mut signals, .. } = self;
        // Who connects now is refused, or a successor's.
        drop(sockets);
        tracing::info!(limit_s = config.instances.drain.as_secs(), "service.draining");
        let hurry = CancellationToken::new();
        let drained = service.drain(config.instances.drain, hurry.clone());
        tokio::pin!(drained);
        tokio::select! {
            () = &mut drained => {}
            () = signals.next() => {
                tracing::warn!("service.stopping_at_once");
                hurry.cancel();
                drained.await;
            }
        }
        runtimes::stop();
        tracing::info!("service.stopped");
    }

    /// Lets a program take over, or stays.
    async fn upgrade(&mut self, asked: Asked) -> Outcome {
        tracing::info!(binary = %asked.binary.display(), "service.upgrade_begun");
        let started = tokio::select! {
            started = start(&asked.binary, &self.sockets) => started,
            () = self.signals.next() => {
                asked.answer(&Answer::Refused { why: "funcd is stopping".to_owned() }).await;
                return Outcome::Stops;
            }
        };
        let successor = match started {
            Ok(successor) => successor,
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "service.upgrade_refused");
                asked.answer(&Answer::Refused { why: format!("{error:#}") }).await;
                return Outcome::Stays;
            }
        };
        self.service.let_go().await;
        self.folder.let_go();
        let (pid, failed) = match pass_on(&self.service, successor).await {
            Ok(pid) => (Some(pid), None),
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "service.successor_failed");
                (self.recover().await, Some(error))
            }
        };
        let Some(pid) = pid else {
            asked.answer(&Answer::Refused { why: "funcd is stopping".to_owned() }).await;
            return Outcome::Stops;
        };
        tracing::info!(pid, "service.replaced");
        if self.signals.came() {
            // It was meant for the service, which is another process now.
            Successor::terminate(pid);
        }
        asked
            .answer(&failed.map_or(Answer::Upgraded { pid }, |error| Answer::Refused { why: format!("{error:#}") }))
            .await;
        Outcome::Replaced
    }

    /// The data folder is let go and nobody has it: this program, which served so far, follows itself. `None` when a signal comes.
    async fn recover(&mut self) -> Option<u32> {
        loop {
            let Self { service, sockets, signals, .. } = self;
            let follow = async {
                let successor = start(Path::new(OWN), sockets).await?;
                pass_on(service, successor).await
            };
            let error = tokio::select! {
                followed = follow => match followed {
                    Ok(pid) => return Some(pid),
                    Err(error) => error,
                },
                () = signals.next() => return None,
            };
            tracing::error!(error = format!("{error:#}"), again_s = AGAIN.as_secs(), "service.control_plane_is_down");
            tokio::select! {
                () = tokio::time::sleep(AGAIN) => {}
                () = self.signals.next() => return None,
            }
        }
    }
}

/// Data folder, gateway, clients and API, one after the other. The process that has them then.
async fn pass_on(service: &Service, mut successor: Successor) -> Result<u32> {
    service.leave_records(successor.recorder()).await;
    let mut successor = spawn_blocking(move || successor.go().map(|()| successor)).await??;
    service.gateway.hand_over(successor.heir()).await;
    spawn_blocking(move || successor.left()).await?.context("the gateway was handed over, the API not")
}

/// Dropping it before it is done ends the process.
async fn start(binary: &Path, sockets: &Sockets) -> Result<Successor> {
    let (binary, sockets, wanted) = (binary.to_owned(), sockets.again()?, CancellationToken::new());
    let unwanted = wanted.clone().drop_guard();
    let started = spawn_blocking(move || Successor::start(&binary, &sockets, || !wanted.is_cancelled())).await?;
    unwanted.disarm();
    started
}
