//! The signals that end the service.

use anyhow::Result;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Ctrl-C and SIGTERM, one after the other.
#[derive(Debug)]
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// From now on they no longer end the process by themselves.
    pub(crate) fn listen() -> Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Whether one came that nobody waited for.
    pub(crate) fn came(&mut self) -> bool {
        use std::task::{Context, Poll, Waker};
        let mut now = Context::from_waker(Waker::noop());
        let came = |signal: &mut Signal, now: &mut Context<'_>| matches!(signal.poll_recv(now), Poll::Ready(Some(())));
        came(&mut self.interrupt, &mut now) || came(&mut self.terminate, &mut now)
    }

    /// The next one.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
