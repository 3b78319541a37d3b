//! The threads of the daemon besides the gateway's: those that run instances, and those that answer the API, which stand back behind
//! everything that calls of functions wait for.

use std::io;

use tokio::runtime::{Builder, Runtime};

/// How far the API's threads stand back (nice value, `setpriority(2)`): of a busy processor they get about a third of what
/// a thread of the gateway gets. On Linux it is each thread's own.
const NICE: i32 = 5;

/// What the daemon's tasks run on.
#[derive(Debug)]
pub(crate) struct Threads {
    /// Instances, timers, upgrades.
    pub(crate) service: Runtime,
    /// The API with what it does to packages, which can keep every processor busy.
    pub(crate) api: Runtime,
}

impl Threads {
    /// # Errors
    /// Threads cannot be made.
    pub(crate) fn start() -> io::Result<Self> {
        let service = Builder::new_multi_thread().enable_all().thread_name("funcd").build()?;
        let api = Builder::new_multi_thread().enable_all().thread_name("api").on_thread_start(stand_back).build()?;
        Ok(Self { service, api })
    }
}

/// Of the thread that calls it. One that may not goes on as it is.
fn stand_back() {
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        tracing::debug!(%error, "api.thread_does_not_stand_back");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_threads_of_the_api_stand_back() {
        let own = || rustix::process::getpriority_process(None).unwrap();
        let usual = own();
        let threads = Threads::start().unwrap();
        let on = |runtime: &Runtime| runtime.block_on(runtime.spawn_blocking(own)).unwrap();
        assert_eq!((on(&threads.api), on(&threads.service), own()), (NICE, usual, usual));
    }
}
