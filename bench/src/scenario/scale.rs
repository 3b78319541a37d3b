//! (c) From no instance to fifty at once, beside the same fifty processes started bare as fast as the machine can.

use std::sync::Mutex;
use std::time::Instant;

use anyhow::{Result, bail};

use super::quiet;
use crate::daemon::{Daemon, free_address};
use crate::functions::{self, Function};
use crate::http::Connection;
use crate::machine::cores;
use crate::process;
use crate::report::{Key, Report};
use crate::start;
use crate::{Setup, say};

const SCENARIO: &str = "scale";

/// Seconds until the last of all answered, and CPU seconds of everything that was started.
struct Burst {
    wall: f64,
    cpu: f64,
}

pub(crate) fn run(setup: &Setup, report: &mut Report) -> Result<()> {
    let count = if setup.quick { 8 } else { 50 };
    let function = functions::node(setup);
    let daemon = Daemon::of(setup, "scale", "[instances]\nidle_seconds = 86400\n")?;
    let limit = (count * 2).to_string();
    let more = ["--memory", "4096", "--concurrency", "1", "--max-instances", &limit, "--start-timeout", "120"];
    let host = daemon.deploy(&function.folder, "node", &more)?;
    daemon.end_instances()?;
    let case = format!("0 to {count} Node");
    let abreast: Vec<usize> = if setup.quick { vec![cores()] } else { vec![cores(), cores() * 3 / 2, cores() * 2] };
    let names: Vec<String> = abreast.iter().map(|many| format!("bare, {many} at a time")).collect();
    for _ in 0..setup.rounds.unwrap_or(if setup.quick { 1 } else { 3 }) {
        let mut turns: Vec<(&str, Burst, f64)> = Vec::new();
        let (burst, foreign) = quiet(setup, || funcd(&daemon, &host, count))?;
        turns.push(("funcd", burst, foreign));
        for (many, name) in abreast.iter().zip(&names) {
            let (burst, foreign) = quiet(setup, || bare(setup, &function, count, *many))?;
            turns.push((name, burst, foreign));
        }
        for (of, burst, foreign) in turns {
            let key = Key { scenario: SCENARIO, case: &case, of };
            report.add(&key, ("all answered", "s"), burst.wall, foreign);
            report.add(&key, ("CPU", "ms an instance"), burst.cpu * 1e3 / count as f64, foreign);
            say(&format!(
                "{SCENARIO} {case} {of:<20} {:.2} s, {:.2} s of CPU  foreign {foreign:.2}",
                burst.wall, burst.cpu
            ));
        }
    }
    report.note(
        SCENARIO,
        "Each instance takes one request at a time and keeps its first, so that no request can be served by another's.",
    );
    Ok(())
}

/// As many requests at once, each of which keeps its instance.
fn funcd(daemon: &Daemon, host: &str, count: usize) -> Result<Burst> {
    let tree = || Ok::<_, anyhow::Error>(process::cpu_exact(&process::tree(daemon.pid())?));
    let before = tree()?;
    let (wall, held) = hold(daemon, host, count)?;
    let cpu = tree()? - before;
    drop(held);
    daemon.end_instances()?;
    Ok(Burst { wall, cpu })
}

/// Sends `count` requests at once to an address that holds each; answers the seconds until all had a first byte.
pub(crate) fn hold(daemon: &Daemon, host: &str, count: usize) -> Result<(f64, Vec<Connection>)> {
    let open = (0..count).map(|_| Connection::open(daemon.gateway, host)).collect::<Result<Vec<_>>>()?;
    let began = Instant::now();
    let held = std::thread::scope(|scope| {
        let threads: Vec<_> = open
            .into_iter()
            .map(|mut connection| {
                scope.spawn(move || {
                    let (bytes, _) = connection.begin("/hold")?;
                    start::ok(&bytes).map(|()| connection)
                })
            })
            .collect();
        threads.into_iter().map(joined).collect::<Result<Vec<_>>>()
    })?;
    Ok((began.elapsed().as_secs_f64(), held))
}

fn joined<T>(thread: std::thread::ScopedJoinHandle<'_, Result<T>>) -> Result<T> {
    thread.join().unwrap_or_else(|_| bail!("a thread ended early"))
}

/// The same by fork and exec, `abreast` at a time; all stay until the last has answered.
fn bare(setup: &Setup, function: &Function, count: usize, abreast: usize) -> Result<Burst> {
    let commands = (0..count)
        .map(|_| {
            let address = free_address()?;
            Ok((address, function.bare(setup, address)?))
        })
        .collect::<Result<Vec<_>>>()?;
    let commands = Mutex::new(commands);
    let next = || commands.lock().ok()?.pop();
    let began = Instant::now();
    let started = std::thread::scope(|scope| {
        let worker = || {
            let starts = std::iter::from_fn(next).map(|(address, command)| start::bare(command, address, "/hold"));
            starts.map(|start| Ok(start?.1)).collect::<Result<Vec<_>>>()
        };
        let workers: Vec<_> = (0..abreast).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().map(joined).collect::<Result<Vec<_>>>()
    })?;
    let wall = began.elapsed().as_secs_f64();
    let pids: Vec<u32> = started.iter().flatten().map(start::Bare::pid).collect();
    Ok(Burst { wall, cpu: process::cpu_exact(&pids) })
}
