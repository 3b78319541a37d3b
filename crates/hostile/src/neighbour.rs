//! The neighbour: a harmless function that is called all the time, as a user of the same host would feel what a case does.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use parking_lot::Mutex;
use serde::Serialize;

use crate::answer::{self, Request};
use crate::interrupt::Interrupt;

/// Between an answer and the next call.
const BREATH: Duration = Duration::from_millis(5);
/// After this a call has failed.
const PATIENCE: Duration = Duration::from_secs(10);
/// Calls after which a measurement says something.
pub(crate) const ENOUGH: usize = 100;

/// Who calls it; dropping it ends the calls.
#[derive(Debug)]
pub(crate) struct Neighbour {
    calls: Arc<Mutex<Vec<Call>>>,
    stop: Interrupt,
    thread: Option<JoinHandle<()>>,
}

#[derive(Clone, Debug)]
struct Call {
    took: Duration,
    failed: Option<String>,
}

/// How it fared.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Fared {
    pub(crate) requests: usize,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) max_ms: f64,
    /// What went wrong, each kind once.
    pub(crate) failed: Vec<String>,
}

impl Neighbour {
    /// Begins to call `host`, which tells in `X-Boot` which instance it is.
    pub(crate) fn call(address: SocketAddr, host: String) -> Self {
        let (calls, stop) = (Arc::<Mutex<Vec<Call>>>::default(), Interrupt::default());
        let (kept, stopped) = (Arc::clone(&calls), stop.clone());
        let thread = std::thread::spawn(move || {
            let mut line = Line { address, host, stream: None, instance: None };
            while !stopped.is_raised() {
                let start = Instant::now();
                let failed = line.call().err().map(|error| format!("{error:#}"));
                kept.lock().push(Call { took: start.elapsed(), failed });
                stopped.pause(BREATH);
            }
        });
        Self { calls, stop, thread: Some(thread) }
    }

    /// Calls since the last [`Self::fared`].
    pub(crate) fn count(&self) -> usize {
        self.calls.lock().len()
    }

    /// How it fared since the last time this was asked.
    pub(crate) fn fared(&self) -> Fared {
        fared(std::mem::take(&mut *self.calls.lock()))
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        self.stop.raise();
        if let Some(thread) = self.thread.take() {
            // Its panic was printed.
            let _ = thread.join();
        }
    }
}

fn fared(calls: Vec<Call>) -> Fared {
    let mut times: Vec<f64> = calls.iter().map(|call| call.took.as_secs_f64() * 1e3).collect();
    times.sort_by(f64::total_cmp);
    // The smallest value that is not exceeded by this share of the calls.
    let at = |share: f64| {
        let rank = (times.len() as f64 * share).ceil() as usize;
        times.get(rank.saturating_sub(1)).copied().map_or(0.0, |ms| (ms * 100.0).round() / 100.0)
    };
    let mut failed: Vec<String> = calls.into_iter().filter_map(|call| call.failed).collect();
    failed.sort();
    failed.dedup();
    Fared { requests: times.len(), p50_ms: at(0.5), p99_ms: at(0.99), max_ms: at(1.0), failed }
}

/// A kept connection.
struct Line {
    address: SocketAddr,
    host: String,
    stream: Option<TcpStream>,
    instance: Option<String>,
}

impl Line {
    /// One request and its whole answer; the connection is kept unless something was wrong.
    fn call(&mut self) -> Result<()> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.connect()?,
        };
        let request = Request { method: "GET", path: "/", host: &self.host, headers: Vec::new(), body: b"" };
        stream.write_all(&request.bytes(true)).context("cannot send to the neighbour")?;
        let mut bytes = Vec::new();
        let answer = loop {
            let mut buffer = [0; 4096];
            let read = stream.read(&mut buffer).context("no answer of the neighbour")?;
            ensure!(read > 0, "the connection to the neighbour was closed");
            bytes.extend_from_slice(buffer.get(..read).unwrap_or_default());
            if !bytes.windows(4).any(|window| window == b"\r\n\r\n") {
                continue;
            }
            let answer = answer::understand(bytes.clone(), bytes.len() as u64, b"")?;
            if answer.is_whole {
                break answer;
            }
        };
        ensure!(answer.status == 200, "the neighbour answers {}", answer.excerpt());
        let instance = answer.header("x-boot").context("the neighbour does not say who it is")?.to_owned();
        if self.instance.replace(instance.clone()).is_some_and(|before| before != instance) {
            bail!("the neighbour's instance was replaced");
        }
        self.stream = Some(stream);
        Ok(())
    }

    fn connect(&self) -> Result<TcpStream> {
        let stream = TcpStream::connect_timeout(&self.address, PATIENCE).context("cannot connect to the gateway")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(stream)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_calls_made() {
        let call = |ms| Call { took: Duration::from_millis(ms), failed: None };
        let seen = fared((1..=200).map(call).collect());
        assert_eq!((seen.requests, seen.p50_ms, seen.p99_ms, seen.max_ms), (200, 100.0, 198.0, 200.0));
        assert_eq!(fared(Vec::new()).p99_ms, 0.0);
    }

    #[test]
    fn each_kind_of_failure_is_told_once() {
        let call = |why: &str| Call { took: Duration::ZERO, failed: Some(why.to_owned()) };
        assert_eq!(fared(vec![call("b"), call("a"), call("b")]).failed, ["a", "b"]);
    }
}
