//! The durable steps of a deploy, named, so that tests can fail or cut the power at each of them.

use std::io;

/// A point that has been reached; what comes before it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// First start: the tables exist, project and credential do not.
    Migrated,
    /// First start: project, default group and credential are committed.
    Settled,
    /// The package lies unpacked in `tmp/`, without its marker.
    Unpacked,
    /// The same with its marker, on stable storage.
    Synced,
    /// The package is in `blobs/`.
    Stored,
    /// The unpacked folder is in `code/`.
    Placed,
    /// The rows are written, not committed.
    Written,
    /// Committed, not yet visible in the Snapshot.
    Committed,
}

/// Does nothing outside tests.
#[cfg(not(test))]
#[derive(Clone, Debug)]
pub(crate) struct Faults;

#[cfg(not(test))]
impl Faults {
    pub(crate) fn none() -> Self {
        Self
    }

    /// A `Result` because in tests the step may fail.
    pub(crate) fn reach(&self, _: Step) -> io::Result<()> {
        Ok(())
    }
}

/// At most one fault, at one step.
#[cfg(test)]
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults(std::sync::Arc<parking_lot::Mutex<Option<(Step, Fault)>>>);

/// What happens at a step.
#[cfg(test)]
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// The process is gone, as by SIGKILL.
    Abort,
    /// The disk is full, once.
    DiskFull,
    /// The step waits at the barrier twice: until the test is there, and until the test has looked.
    Hold(std::sync::Arc<std::sync::Barrier>),
}

#[cfg(test)]
impl Faults {
    pub(crate) fn none() -> Self {
        Self::default()
    }

    pub(crate) fn plan(&self, step: Step, fault: Fault) {
        *self.0.lock() = Some((step, fault));
    }

    pub(crate) fn reach(&self, step: Step) -> io::Result<()> {
        let due = self.0.lock().take_if(|(at, _)| *at == step);
        match due {
            None => Ok(()),
            Some((_, Fault::Abort)) => std::process::abort(),
            Some((_, Fault::DiskFull)) => Err(io::Error::from_raw_os_error(rustix::io::Errno::NOSPC.raw_os_error())),
            Some((_, Fault::Hold(barrier))) => {
                barrier.wait();
                barrier.wait();
                Ok(())
            }
        }
    }
}
