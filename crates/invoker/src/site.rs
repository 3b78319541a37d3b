//! What every part of the invoker shares: settings, the launcher, telemetry, time, and the owner of all tasks.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use telemetry::Telemetry;
use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use crate::config::Config;
use crate::ends::Ends;
use crate::instance::{self, Instance};
use crate::launch::Launch;
use crate::pool::Pool;
use crate::start::StartQueue;

pub(crate) struct Site {
    pub(crate) config: Config,
    pub(crate) launcher: Arc<dyn Launch>,
    pub(crate) telemetry: Telemetry,
    pub(crate) starts: StartQueue,
    /// Every task: drivers of instances, requests that outlive their callers, the reconciler.
    pub(crate) tasks: TaskTracker,
    /// Every invocation that was not refused, until its record is written.
    pub(crate) invocations: TaskTracker,
    /// One at a time moves memory to swap.
    pub(crate) paging: Arc<Semaphore>,
    /// Instances that ended lately.
    pub(crate) ends: Ends,
    /// Says that the reconciler should look.
    pub(crate) look: Notify,
    handle: Handle,
    epoch: Instant,
    numbers: AtomicU64,
}

impl Site {
    pub(crate) fn new(config: Config, launcher: Arc<dyn Launch>, telemetry: Telemetry, handle: Handle) -> Self {
        Self {
            starts: StartQueue::new(config.starts),
            config,
            launcher,
            telemetry,
            tasks: TaskTracker::new(),
            invocations: TaskTracker::new(),
            paging: Arc::new(Semaphore::new(1)),
            ends: Ends::default(),
            look: Notify::new(),
            handle,
            epoch: Instant::now(),
            numbers: AtomicU64::new(0),
        }
    }

    /// The time, as the state machines want it.
    pub(crate) fn now(&self) -> Duration {
        self.epoch.elapsed()
    }

    /// A moment, as the state machines want it.
    pub(crate) fn at(&self, moment: Instant) -> Duration {
        moment.saturating_duration_since(self.epoch)
    }

    /// A moment of [`Site::now`] for a timer.
    pub(crate) fn instant(&self, at: Duration) -> Instant {
        self.epoch + at
    }

    /// A number nobody had before, larger than all before.
    pub(crate) fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// Gives an instance its driver.
    pub(crate) fn drive(&self, pool: &Arc<Pool>, instance: Arc<Instance>, settling: instance::Settling) {
        self.tasks.spawn_on(instance::drive(Arc::clone(pool), instance, settling), &self.handle);
    }

    /// Runs a task that belongs to no instance.
    pub(crate) fn run(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn_on(task, &self.handle);
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site").field("config", &self.config).finish_non_exhaustive()
    }
}
