//! The task of one instance, from the decision to start it until its process is gone. It applies what the pool's state
//! machine decides and reports what happens; it decides nothing itself.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use model::Kind;
use model::instance::{Action, Reason};
use model::record::Record;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::boot::{Alive, boot};
use super::failure::{ended_by_us, ending};
use super::frost::Frost;
use super::output::Output;
use super::stop::Stop;
use super::{Failure, Instance};
use crate::launch::Event;
use crate::pool::Pool;

/// Records that wait for a fresh figure of the memory.
pub(crate) type Settling = mpsc::Receiver<Record>;

/// How long a killed process may take to disappear before it is given up.
const REAP: Duration = Duration::from_secs(2);
/// How long its last output is read before those it served hear why it ended.
const LAST_WORDS: Duration = Duration::from_millis(50);

/// Starts an instance, watches it, and ends it.
pub(crate) async fn drive(pool: Arc<Pool>, instance: Arc<Instance>, settling: Settling) {
    let mut output = Output::new(&pool, &instance);
    let mut orders = instance.orders.subscribe();
    // An order that came before this task ran is seen too.
    orders.mark_changed();
    let booted = tokio::select! {
        biased;
        () = killed(&mut orders) => Ok(None),
        booted = boot(&pool, &instance, &mut output) => booted,
    };
    match booted {
        Ok(Some(alive)) => {
            tracing::info!(urn = pool.urn, instance = %instance.id, birth = ?instance.birth.get(), "instance.ready");
            let mut drive = Drive {
                pool: &pool,
                instance: &instance,
                output,
                alive,
                orders,
                settling,
                sweep: None,
                frost: Frost::Awake,
                stop: Stop::NotAsked,
            };
            // The wait for a kill has passed over any other order that came after the instance was ready.
            drive.orders.mark_changed();
            drive.sweep_later();
            let reason = drive.live().await;
            tracing::info!(urn = pool.urn, instance = %instance.id, reason = reason.name(), "instance.gone");
        }
        Ok(None) => pool.failed(instance.number, &ended_by_us(Reason::Unneeded)),
        Err(failure) => {
            let kind = failure.kind.name();
            tracing::info!(
                urn = pool.urn,
                instance = %instance.id,
                kind,
                detail = failure.detail,
                "instance.start_failed"
            );
            pool.failed(instance.number, &failure);
        }
    }
    let process = instance.process.lock().take();
    if let Some(process) = &process {
        process.kill();
    }
    // Removing a sandbox waits for the kernel.
    drop(tokio::task::spawn_blocking(move || drop(process)).await);
}

async fn killed(orders: &mut watch::Receiver<Option<Action>>) {
    if orders.wait_for(|order| *order == Some(Action::Kill)).await.is_err() {
        std::future::pending().await
    }
}

pub(super) struct Drive<'a> {
    pub(super) pool: &'a Arc<Pool>,
    pub(super) instance: &'a Arc<Instance>,
    output: Output,
    pub(super) alive: Alive,
    /// Whether the process runs.
    pub(super) frost: Frost,
    /// How far its end is.
    stop: Stop,
    orders: watch::Receiver<Option<Action>>,
    settling: Settling,
    /// When to look for connections that are idle too long.
    sweep: Option<Instant>,
}

impl Drive<'_> {
    /// Serves until the process is gone; answers why it went.
    async fn live(&mut self) -> Reason {
        let number = self.instance.number;
        let (reason, failure) = loop {
            // Nobody says when a request is over, so the next look comes before any deadline that begins with that.
            let look = self.pool.tick(number).unwrap_or_else(|| self.pool.site.now() + self.pool.rules.shortest());
            let look = tokio::time::sleep_until(self.pool.site.instant(look));
            // Output comes last: an instance that floods it must still be ended when its time is over.
            tokio::select! {
                biased;
                // The sender lives as long as the instance.
                _ = self.orders.changed() => self.obey().await,
                () = look => {}
                () = until(self.frost.look()) => self.look_at_frost().await,
                Some(record) = self.settling.recv() => self.settle(record),
                () = until(self.sweep) => self.sweep(),
                said = self.stop.hooked() => self.hooked(said),
                event = self.alive.events.next() => {
                    if let Some(end) = self.heard(event) {
                        break end;
                    }
                }
            }
        };
        self.end(reason, failure).await;
        reason
    }

    fn heard(&mut self, event: Option<Event>) -> Option<(Reason, Failure)> {
        match event {
            Some(event @ (Event::Stdout(_) | Event::Stderr(_))) => self.output.hear(&event),
            Some(Event::Ready | Event::Elsewhere(_)) => {}
            Some(Event::OutOfMemory) => return Some(self.out_of_memory()),
            Some(Event::Exited { .. }) if self.alive.process.usage().oom_kills > 0 => {
                return Some(self.out_of_memory());
            }
            Some(Event::Exited { code, signal }) => return Some(self.exited(ending(code, signal))),
            None => return Some(self.exited(ending(None, None))),
        }
        None
    }

    fn exited(&self, how: String) -> (Reason, Failure) {
        match self.pool.draining(self.instance.number) {
            Some(reason) => (reason, ended_by_us(reason)),
            None => (Reason::Exited, Failure::new(Kind::Exited, how)),
        }
    }

    fn out_of_memory(&self) -> (Reason, Failure) {
        let limit = self.pool.version.config.memory_mb;
        let failure = Failure::new(Kind::OutOfMemory, format!("the instance used more than its {limit} MB of memory"));
        (Reason::OutOfMemory, failure)
    }

    async fn obey(&mut self) {
        let order = *self.orders.borrow_and_update();
        if order == Some(Action::Kill) {
            // Awake or not.
            return self.alive.process.kill();
        }
        self.follow_pose().await;
        if order == Some(Action::Terminate) {
            let healthy = self.pool.draining(self.instance.number).is_some_and(Reason::patient);
            self.stop.begin(self.pool, self.instance, healthy);
            if self.stop.is_due() {
                self.alive.process.terminate();
            }
        }
    }

    /// The hook is done, or its time is over.
    fn hooked(&mut self, said: Option<String>) {
        if let Some(said) = said {
            self.output.system(said);
        }
        self.alive.process.terminate();
    }

    /// Closes idle connections; comes again as long as there may be some.
    fn sweep(&mut self) {
        self.sweep = None;
        let idle = self.pool.site.config.connection_idle;
        if self.instance.connections.sweep(idle) || self.pool.in_flight(self.instance.number) > 0 {
            self.sweep_later();
        }
    }

    /// No earlier than after [`crate::Config::memory_age`]: a request that brings no record here ended so long after one that
    /// did, and its connection is found with that one's.
    fn sweep_later(&mut self) {
        let config = &self.pool.site.config;
        let later = Instant::now() + config.connection_idle.max(config.memory_age);
        self.sweep.get_or_insert(later);
    }

    /// Completes a record; that one came means that the instance is used.
    fn settle(&mut self, mut record: Record) {
        record.memory_bytes = self.alive.process.usage().memory_bytes;
        self.instance.measured(record.memory_bytes, self.pool.site.now());
        self.pool.site.telemetry.record(record);
        self.sweep_later();
    }

    /// Ends what is left of the process, tells those it served why, and gives the instance up.
    async fn end(&mut self, reason: Reason, failure: Failure) {
        // From here on nobody is sent to it.
        self.pool.kill(self.instance.number, reason);
        self.settling.close();
        while let Some(record) = self.settling.recv().await {
            self.settle(record);
        }
        self.alive.process.kill();
        let ended = tokio::time::timeout(LAST_WORDS, self.hear_out()).await.is_ok();
        self.output.finish();
        self.output.system(format!("instance ended ({}): {}", reason.name(), failure.detail));
        self.instance.fate.send_replace(Some(failure.clone()));
        self.instance.connections.close();
        if !ended && tokio::time::timeout(REAP, self.hear_out()).await.is_err() {
            tracing::warn!(urn = self.pool.urn, instance = %self.instance.id, "instance.not_reaped");
        }
        self.pool.gone(self.instance.number, reason, &failure);
    }

    async fn hear_out(&mut self) {
        while let Some(event) = self.alive.events.next().await {
            self.output.hear(&event);
        }
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
