//! (h) A thousand functions made, listed, changed and deleted through the REST API by eight clients at once, and what the functions'
//! own callers notice of it.

use std::io::{Cursor, Write as _};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::deploy::ballast;
use super::quiet;
use crate::api::{Access, Client};
use crate::daemon::Daemon;
use crate::functions;
use crate::machine::Watch;
use crate::paced::{Latency, Pace};
use crate::report::{Key, Report};
use crate::stats::quantile;
use crate::{Setup, say};

const SCENARIO: &str = "api";
const CLIENTS: usize = 8;
/// Bytes of each package.
const ZIP_BYTES: usize = 10_000;
/// Requests a second of the functions' own callers.
const RATE: f64 = 1000.0;
const CONNECTIONS: usize = 16;

/// What is counted for one kind of request, milliseconds each.
type Times = Vec<f64>;

pub(crate) fn run(setup: &Setup, report: &mut Report) -> Result<()> {
    let count = if setup.quick { 24 } else { 1000 };
    let config = format!("[instances]\nidle_seconds = 86400\n[api]\nfunctions = {}\n", 3 * count + 10);
    let daemon = Daemon::of(setup, "api", &config)?;
    let host =
        daemon.deploy(&functions::rust(setup)?.folder, "probe", &["--memory", "1024", "--concurrency", "100"])?;
    let access = Access::of(&daemon)?;
    let case = format!("{count} functions, {CLIENTS} clients");
    let mut note = |what: &str, times: Times, foreign: f64| -> Result<()> {
        let mut sorted = times;
        sorted.sort_by(f64::total_cmp);
        let at = |share| quantile(&sorted, share).context("no request was answered");
        let (p50, p99) = (at(0.5)?, at(0.99)?);
        let key = Key { scenario: SCENARIO, case: &case, of: what };
        report.add(&key, ("p50", "ms"), p50, foreign);
        report.add(&key, ("p99", "ms"), p99, foreign);
        say(&format!("{SCENARIO} {what:<12} p50 {p50:.2} ms  p99 {p99:.2} ms  foreign {foreign:.2}"));
        Ok(())
    };
    let timed = |work: &dyn Fn() -> Result<Times>| -> Result<(Times, f64)> {
        let watch = Watch::start()?;
        let times = work()?;
        Ok((times, watch.foreign()?))
    };

    let (times, foreign) = timed(&|| spread(&access, 0..count, create))?;
    note("create", times, foreign)?;
    let (times, foreign) = timed(&|| pages(&access, count))?;
    note("list of 400", times, foreign)?;
    let (times, foreign) = timed(&|| spread(&access, 0..count, change))?;
    note("update", times, foreign)?;
    let probe = Probe { daemon: &daemon, host: &host, access: &access, setup };
    let callers = probe.beside_changes(count)?;
    let (times, foreign) = timed(&|| spread(&access, 0..count, delete))?;
    note("delete", times, foreign)?;
    for (of, latency, foreign) in callers {
        let key = Key { scenario: SCENARIO, case: "callers of a function, 1,000 requests/s", of };
        report.add(&key, ("latency p99", "ms"), latency.p99, foreign);
    }
    report.note(
        SCENARIO,
        "Open loop for the callers: each latency counts from when the request was due. Clients, callers and funcd share the cores.",
    );
    Ok(())
}

/// Lets the clients take numbers until none is left; what each request took.
fn spread(
    access: &Access,
    numbers: Range<usize>,
    work: fn(&mut Client<'_>, usize) -> Result<Duration>,
) -> Result<Times> {
    let next = AtomicUsize::new(numbers.start);
    let number = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|number| *number < numbers.end);
    let worker = || {
        let mut client = access.connect()?;
        std::iter::from_fn(number)
            .map(|number| Ok(work(&mut client, number)?.as_secs_f64() * 1e3))
            .collect::<Result<Times>>()
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(worker)).collect();
        let mut all = Times::new();
        for worker in workers {
            all.extend(worker.join().unwrap_or_else(|_| bail!("a client ended early"))?);
        }
        Ok(all)
    })
}

fn create(client: &mut Client<'_>, number: usize) -> Result<Duration> {
    let body = serde_json::json!({
        "func_name": format!("load-{number}"), "package": "default", "runtime": "http", "timeout": 30, "handler": "bootstrap",
        "memory_size": 128, "code_type": "zip", "code_filename": "index.zip", "func_code": {"file": STANDARD.encode(package(number)?)},
    });
    Ok(client.call("POST", "/functions", &body.to_string())?.whole)
}

fn change(client: &mut Client<'_>, number: usize) -> Result<Duration> {
    let body = serde_json::json!({
        "func_name": format!("load-{number}"), "runtime": "http", "timeout": 60, "handler": "bootstrap", "memory_size": 256,
        "user_data": "{\"COLOUR\":\"blue\"}",
    });
    Ok(client.call("PUT", &format!("/functions/load-{number}/config"), &body.to_string())?.whole)
}

fn delete(client: &mut Client<'_>, number: usize) -> Result<Duration> {
    Ok(client.call("DELETE", &format!("/functions/load-{number}"), "")?.whole)
}

/// Every page of 400 to its end by every client; the times of the full pages, or of all when there are none.
fn pages(access: &Access, count: usize) -> Result<Times> {
    let walk = || -> Result<Vec<(bool, f64)>> {
        let mut client = access.connect()?;
        let (mut times, mut seen) = (Vec::new(), 0);
        while seen < count {
            let answer = client.call("GET", &format!("/functions?marker={seen}&maxitems=400&func_name=load-"), "")?;
            let page: serde_json::Value = serde_json::from_slice(&answer.body)?;
            let found = page.get("functions").and_then(|all| all.as_array()).map_or(0, Vec::len);
            if found == 0 {
                bail!("only {seen} of {count} functions are listed");
            }
            seen += found;
            times.push((found == 400, answer.whole.as_secs_f64() * 1e3));
        }
        Ok(times)
    };
    // One after the other: how long a page takes, not how many fit beside each other.
    let mut all = Vec::new();
    for _ in 0..CLIENTS {
        all.extend(walk()?);
    }
    let any_full = all.iter().any(|(full, _)| *full);
    Ok(all.into_iter().filter(|(full, _)| *full || !any_full).map(|(_, time)| time).collect())
}

/// The callers of a function that is not changed itself.
struct Probe<'a> {
    daemon: &'a Daemon,
    host: &'a str,
    access: &'a Access,
    setup: &'a Setup,
}

impl Probe<'_> {
    /// Their latency alone and beside clients that make, change and delete functions without pause, in turns.
    fn beside_changes(&self, from: usize) -> Result<Vec<(&'static str, Latency, f64)>> {
        let mut turns = Vec::new();
        for _ in 0..self.setup.rounds.unwrap_or(if self.setup.quick { 1 } else { 5 }) {
            let (alone, foreign) = quiet(self.setup, || self.pace().run())?;
            turns.push(("alone", alone, foreign));
            let (beside, changes) = self.changing(from)?;
            // Our own clients are not foreign, but they are all that ran.
            turns.push(("beside changes", beside, 0.0));
            let (one, other) = (alone.p99, beside.p99);
            say(&format!("{SCENARIO} callers      p99 {one:.2} ms alone, {other:.2} ms beside {changes} changes"));
        }
        Ok(turns)
    }

    fn pace(&self) -> Pace<'_> {
        let time = Duration::from_secs(if self.setup.quick { 1 } else { 4 });
        Pace { address: self.daemon.gateway, host: self.host, path: "/", rate: RATE, time, connections: CONNECTIONS }
    }

    /// The callers' latency and how many changes were made meanwhile.
    fn changing(&self, from: usize) -> Result<(Latency, usize)> {
        let done = AtomicBool::new(false);
        let next = AtomicUsize::new(from);
        let worker = || -> Result<usize> {
            let mut client = self.access.connect()?;
            let kinds: [fn(&mut Client<'_>, usize) -> Result<Duration>; 3] = [create, change, delete];
            let mut changes = 0;
            while !done.load(Ordering::Relaxed) {
                let number = next.fetch_add(1, Ordering::Relaxed);
                kinds.iter().try_for_each(|work| work(&mut client, number).map(drop))?;
                changes += kinds.len();
            }
            Ok(changes)
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(worker)).collect();
            let latency = self.pace().run();
            done.store(true, Ordering::Relaxed);
            let mut changes = 0;
            for worker in workers {
                changes += worker.join().unwrap_or_else(|_| bail!("a client ended early"))?;
            }
            Ok((latency?, changes))
        })
    }
}

/// Another one for each number, and nothing can compress it.
fn package(number: usize) -> Result<Vec<u8>> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    archive.start_file("bootstrap", options.unix_permissions(0o755))?;
    archive.write_all(b"#!/bin/sh\nexec ./server\n")?;
    archive.start_file("ballast", options)?;
    archive.write_all(&ballast(number as u64 + 1, ZIP_BYTES - 400))?;
    Ok(archive.finish()?.into_inner())
}
