//! Where the instructions of a warm request and of a refused one go: gateway, invoker and telemetry under Callgrind, which counts the same for the same
//! work however busy the machine is; and where the time goes with the kernel's part, by `perf` where it is.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::warm::MIXED;
use super::warm::contenders::{Contenders, Server};
use crate::daemon::free_address;
use crate::functions;
use crate::http::Connection;
use crate::report::{Key, Report};
use crate::wrk::{Answers, Load};
use crate::{Setup, say, start};

const SCENARIO: &str = "profile";
/// Requests of the two runs whose difference is taken, so that starting and stopping fall out.
const REQUESTS: [usize; 2] = [200, 1200];
/// Rows of a table.
const ROWS: usize = 25;

/// A kind of request.
#[derive(Clone, Copy)]
struct Case {
    name: &'static str,
    path: &'static str,
    status: u16,
}

const CASES: [Case; 2] =
    [Case { name: "warm", path: "/", status: 200 }, Case { name: "429", path: "/used-up", status: 429 }];

pub(crate) fn run(setup: &Setup, report: &mut Report) -> Result<()> {
    if crate::machine::version("valgrind", "--version").is_none() {
        bail!("valgrind is not here: install it to profile");
    }
    let function = functions::rust(setup)?;
    let address = free_address()?;
    let command = function.bare(setup, address)?;
    let (_, _server) = start::bare(command, address, "/")?;
    for case in CASES {
        count(setup, address, case, report)?;
    }
    report.note(SCENARIO, "Instructions by Callgrind: GET of 13 bytes on one kept connection to the Rust server, and the same over a limit of calls; user space only, all threads of gateway, invoker and telemetry in one process without the sandbox (warm-path), because Valgrind knows neither seccomp nor process descriptors.");
    match perf(setup) {
        Ok(rows) => rows.iter().for_each(|(case, share)| {
            report.add(
                &Key { scenario: SCENARIO, case, of: "funcd" },
                ("samples", "% of the daemon's time"),
                *share,
                0.0,
            );
        }),
        Err(error) => report.note(SCENARIO, format!("No profile by perf: {error:#}")),
    }
    Ok(())
}

fn count(setup: &Setup, server: SocketAddr, case: Case, report: &mut Report) -> Result<()> {
    let [few, many] = REQUESTS;
    let (before, after) = (instructions(setup, server, (case, few))?, instructions(setup, server, (case, many))?);
    let requests = (many - few) as f64;
    let mut rows: Vec<(&str, f64)> = after
        .iter()
        .map(|(name, count)| {
            (name.as_str(), (*count as f64 - before.get(name).copied().unwrap_or_default() as f64) / requests)
        })
        .collect();
    rows.sort_by(|a, b| b.1.total_cmp(&a.1));
    let total: f64 = rows.iter().map(|(_, count)| count).sum();
    let mut add = |row: &str, count: f64| {
        report.add(&Key { scenario: SCENARIO, case: row, of: case.name }, ("instructions", "a request"), count, 0.0);
    };
    add("all of user space", total);
    for (name, count) in rows.iter().take(ROWS) {
        add(name, *count);
    }
    say(&format!("{SCENARIO}: {total:.0} instructions a request, {}", case.name));
    Ok(())
}

/// Instructions of each function while so many requests are served, and the start.
fn instructions(setup: &Setup, server: SocketAddr, (case, requests): (Case, usize)) -> Result<BTreeMap<String, u64>> {
    let folder = functions::scratch(setup, &format!("profile-{}-{requests}", case.status))?;
    let out = folder.join("callgrind.out");
    let mut command = Command::new("valgrind");
    command.arg("--tool=callgrind").arg(format!("--callgrind-out-file={}", out.display()));
    command.arg(&setup.warm_path).arg(&folder).arg(server.to_string());
    let log = fs::File::create(folder.join("output.log"))?;
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).spawn()?;
    let served = serve(&mut child, (case, requests));
    // It ends when its input does.
    drop(child.stdin.take());
    let status = child.wait()?;
    served.and_then(|()| if status.success() { Ok(()) } else { bail!("it ended with {status}") }).with_context(
        || format!("warm-path under valgrind: {}", fs::read_to_string(folder.join("output.log")).unwrap_or_default()),
    )?;
    annotated(&out)
}

fn serve(child: &mut std::process::Child, (case, requests): (Case, usize)) -> Result<()> {
    let mut line = String::new();
    BufReader::new(child.stdout.take().context("no output")?).read_line(&mut line)?;
    let address: SocketAddr =
        line.trim().parse().with_context(|| format!("it said '{line}' instead of its address"))?;
    let mut connection = Connection::open(address, &address.to_string())?;
    connection.get(case.path)?; // the one call that a limit lets through
    (0..requests).try_for_each(|_| match connection.get(case.path)?.status {
        status if status == case.status => Ok(()),
        status => bail!("it answered {status}"),
    })
}

fn annotated(out: &Path) -> Result<BTreeMap<String, u64>> {
    let output = Command::new("callgrind_annotate")
        .args(["--threshold=100", "--auto=no", "--tree=none", "--inclusive=no"])
        .arg(out)
        .output()?;
    if !output.status.success() {
        bail!("callgrind_annotate: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(parse(&String::from_utf8_lossy(&output.stdout)))
}

/// Lines such as `1,234 ( 5.6%)  file.rs:function [/path/of/object]`.
fn parse(text: &str) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    for line in text.lines() {
        let Some((count, rest)) = line.trim_start().split_once(' ') else { continue };
        let (Ok(count), Some((_, name))) = (count.replace(',', "").parse::<u64>(), rest.split_once("  ")) else {
            continue;
        };
        if name.trim() == "PROGRAM TOTALS" {
            continue;
        }
        let name = name.rsplit_once(" [").map_or(name, |(name, _object)| name);
        let name = name.split_once(':').map_or(name, |(_, function)| function).trim();
        *found.entry(name.to_owned()).or_insert(0) += count;
    }
    found
}

/// Where the daemon's processes are while `wrk` runs against the Rust server, kernel included.
fn perf(setup: &Setup) -> Result<Vec<(String, f64)>> {
    let contenders = Contenders::start(setup, MIXED)?;
    let funcd = contenders.each().find(|one| one.name == "funcd").context("no funcd")?;
    let pids: Vec<String> = funcd.processes()?.iter().map(u32::to_string).collect();
    let data = setup.folder.path().join("perf.data");
    let mut record = Command::new("perf");
    record.args(["record", "--quiet", "--event", "cpu-clock", "--freq", "1999", "--pid", &pids.join(","), "--output"]);
    record.arg(&data).args(["--", "sleep", "3"]).stdout(Stdio::null()).stderr(Stdio::piped());
    let recording = record.spawn().context("perf is not here")?;
    let (address, host) = funcd.at(Server::Rust)?;
    let time = Duration::from_secs(4);
    Load { address, host, path: "/", connections: 64, time, cores: None, headers: &[], answers: Answers::Good }
        .run()?;
    let recorded = recording.wait_with_output()?;
    if !recorded.status.success() {
        bail!("perf record: {}", String::from_utf8_lossy(&recorded.stderr));
    }
    let mut command = Command::new("perf");
    command.args(["report", "--stdio", "--no-children", "--fields", "overhead,symbol", "--input"]).arg(&data);
    let text = command.stderr(Stdio::null()).output()?.stdout;
    let rows = shares(&String::from_utf8_lossy(&text));
    if rows.is_empty() {
        bail!("perf took no samples");
    }
    Ok(rows)
}

/// Lines such as `  12.34%  [k] tcp_sendmsg`.
fn shares(text: &str) -> Vec<(String, f64)> {
    let rows = text.lines().filter_map(|line| {
        let (share, symbol) = line.trim().split_once('%')?;
        Some((symbol.trim().to_owned(), share.trim().parse().ok()?))
    });
    rows.take(ROWS).collect()
}

#[cfg(test)]
mod tests;
