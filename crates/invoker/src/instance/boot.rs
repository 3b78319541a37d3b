//! The start of an instance: its turn, its sandbox, its port, its initializer.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use model::Kind;
use tokio::time::Instant;

use super::failure::ending;
use super::output::Output;
use super::{Birth, Failure, Instance, initialize};
use crate::launch::{Event, Launched, Order, Process};
use crate::pool::Pool;
use crate::start::Turn;

/// What nobody waits for begins this much after an instance is ready: by then its first request is on its way, which would
/// otherwise find the processor taken by it.
const AFTER_READY: Duration = Duration::from_millis(1);
/// How long the output of a process that failed to start is read.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// A process that serves.
pub(super) struct Alive {
    pub(super) process: Arc<dyn Process>,
    pub(super) events: BoxStream<'static, Event>,
}

/// Starts the process, waits until it can be sent requests, and says so. `None` when nobody needs it any more.
pub(super) async fn boot(
    pool: &Arc<Pool>,
    instance: &Arc<Instance>,
    output: &mut Output,
) -> Result<Option<Alive>, Failure> {
    let turn = pool.site.starts.turn(&pool.version.function).await;
    if !pool.still_needed(instance.number) {
        return Ok(None);
    }
    instance.progress.lock().launched = true;
    let order = Order { id: instance.id.to_string(), version: Arc::clone(&pool.version) };
    let asked = Instant::now();
    let Launched { process, events } = pool.site.launcher.launch(order).await?;
    let launched = Instant::now();
    *instance.process.lock() = Some(Arc::clone(&process));
    let alive = Alive { process, events: events.fuse().boxed() };
    let mut boot = Boot { pool, instance, output, alive, announced: false };
    if let Err(failure) = boot.until_ready(turn, launched).await {
        return Err(boot.fail(failure).await);
    }
    let birth = Birth { at: pool.site.now(), sandbox: launched - asked, boot: launched.elapsed() };
    instance.birth.get_or_init(|| birth);
    // Before anything is said or measured: somebody waits for it.
    pool.ready(instance.number);
    tokio::time::sleep(AFTER_READY).await;
    boot.announce();
    instance.measured(boot.alive.process.usage().memory_bytes, birth.at);
    boot.output.system(format!(
        "instance ready: sandbox {:.1} ms, port 8000 listened after {:.1} ms",
        birth.sandbox.as_secs_f64() * 1e3,
        birth.boot.as_secs_f64() * 1e3
    ));
    Ok(Some(boot.alive))
}

struct Boot<'a> {
    pool: &'a Arc<Pool>,
    instance: &'a Arc<Instance>,
    output: &'a mut Output,
    alive: Alive,
    /// Whether the owner was told of the start.
    announced: bool,
}

impl Boot<'_> {
    /// Tells the owner of the start: before anything else is said, and after what somebody waits for.
    fn announce(&mut self) {
        if !std::mem::replace(&mut self.announced, true) {
            let version = &self.pool.version;
            self.output.system(format!("instance started: {} MB, {}", version.config.memory_mb, version.urn()));
        }
    }

    /// Waits for the port, then for the initializer if there is one. The turn ends early for a start that takes long.
    async fn until_ready(&mut self, turn: Turn, launched: Instant) -> Result<(), Failure> {
        let deadline = launched + self.pool.version.config.start_timeout();
        let mut turn = Some(turn);
        let turn_over = launched + self.pool.site.config.start_turn;
        let mut initializer: Option<BoxFuture<'static, Result<(), Failure>>> = None;
        loop {
            tokio::select! {
                biased;
                () = tokio::time::sleep_until(deadline) => return Err(self.too_late(initializer.is_some())),
                () = tokio::time::sleep_until(turn_over), if turn.is_some() => turn = None,
                done = done(&mut initializer) => return done,
                event = self.alive.events.next() => {
                    let listens = self.heard(event)?;
                    if listens && !self.pool.version.config.has_initializer() {
                        return Ok(());
                    }
                    if listens && initializer.is_none() {
                        initializer = Some(Box::pin(initialize::call(Arc::clone(self.pool), Arc::clone(self.instance))));
                    }
                }
            }
        }
    }

    /// Whether the port listens now.
    fn heard(&mut self, event: Option<Event>) -> Result<bool, Failure> {
        match event {
            Some(Event::Ready) => return Ok(true),
            Some(event @ (Event::Stdout(_) | Event::Stderr(_))) => {
                self.announce();
                self.output.hear(&event);
            }
            Some(Event::Elsewhere(address)) => {
                self.announce();
                self.output.system(format!("it listens on {address}; requests only go to 127.0.0.1:8000"));
                self.instance.progress.lock().elsewhere = Some(address);
            }
            Some(Event::OutOfMemory) => return Err(self.out_of_memory()),
            // The kernel ends processes over the limit; a shell in between hides the signal.
            Some(Event::Exited { .. }) if self.alive.process.usage().oom_kills > 0 => return Err(self.out_of_memory()),
            Some(Event::Exited { code, signal }) => {
                return Err(Failure::new(Kind::ExitedAtStart, ending(code, signal)));
            }
            None => return Err(Failure::new(Kind::ExitedAtStart, ending(None, None))),
        }
        Ok(false)
    }

    fn out_of_memory(&self) -> Failure {
        let limit = self.pool.version.config.memory_mb;
        Failure::new(Kind::OutOfMemory, format!("it needed more than its {limit} MB before port 8000 listened"))
    }

    fn too_late(&self, initializing: bool) -> Failure {
        let seconds = self.pool.version.config.start_timeout().as_secs();
        if initializing {
            let message = format!("function initialization timed out: POST /init took longer than {seconds} s");
            return Failure::new(Kind::NeverListened, message.clone()).message(message);
        }
        match self.instance.progress().elsewhere {
            Some(address) => {
                let detail = format!("it listens on {address}, and after {seconds} s still not on 127.0.0.1:8000");
                Failure::new(Kind::WrongAddress, detail)
            }
            None => Failure::new(Kind::NeverListened, format!("nothing listens on 127.0.0.1:8000 after {seconds} s")),
        }
    }

    /// Ends the process and hears it out.
    async fn fail(&mut self, failure: Failure) -> Failure {
        self.announce();
        self.alive.process.kill();
        let rest = async {
            while let Some(event) = self.alive.events.next().await {
                self.output.hear(&event);
            }
        };
        // A process that cannot be killed must not keep those who wait.
        drop(tokio::time::timeout(LAST_WORDS, rest).await);
        self.output.finish();
        self.output.system(format!("instance failed to start: {}", failure.detail));
        failure
    }
}

async fn done<T>(work: &mut Option<BoxFuture<'static, T>>) -> T {
    match work {
        Some(work) => work.await,
        None => std::future::pending().await,
    }
}
