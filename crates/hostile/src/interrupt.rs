//! Ctrl-C and SIGTERM, as something to wait on: all pauses end early, and everybody stops.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use parking_lot::{Condvar, Mutex};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Whether to stop; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt(Arc<(Mutex<bool>, Condvar)>);

impl Interrupt {
    /// From now on the signals no longer end the process by themselves.
    pub(crate) fn on_signals() -> Result<Self> {
        let interrupt = Self::default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let signals = {
            let _context = runtime.enter();
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
        };
        let raised = interrupt.clone();
        // Ends with the process: nobody waits for a signal that does not come.
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            runtime.block_on(either(signals));
            raised.raise();
        })?;
        Ok(interrupt)
    }

    /// Stops everybody who pauses.
    pub(crate) fn raise(&self) {
        *self.0.0.lock() = true;
        self.0.1.notify_all();
    }

    /// Whether it was raised.
    pub(crate) fn is_raised(&self) -> bool {
        *self.0.0.lock()
    }

    /// Waits; `false` when it was cut short.
    pub(crate) fn pause(&self, time: Duration) -> bool {
        let mut raised = self.0.0.lock();
        let end = Instant::now() + time;
        while !*raised {
            if self.0.1.wait_until(&mut raised, end).timed_out() {
                return !*raised;
            }
        }
        false
    }

    /// Waits for a condition of the outside world.
    pub(crate) fn wait(&self, what: &str, limit: Duration, mut holds: impl FnMut() -> Result<bool>) -> Result<()> {
        let end = Instant::now() + limit;
        while !holds()? {
            if Instant::now() >= end {
                bail!("{what}: not within {} s", limit.as_secs());
            }
            if !self.pause(Duration::from_millis(20)) {
                bail!("interrupted");
            }
        }
        Ok(())
    }
}

async fn either((mut interrupt, mut terminate): (Signal, Signal)) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
