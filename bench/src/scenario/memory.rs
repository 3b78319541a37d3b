//! (e) Memory: what the platform adds to each instance, what a thousand functions that nobody calls cost, and whether hundreds of
//! instances live at once.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::scale::hold;
use crate::daemon::{Daemon, free_address};
use crate::functions::{self, Function};
use crate::machine::{Watch, meminfo};
use crate::process;
use crate::report::{Key, Report};
use crate::start;
use crate::{Setup, http, say};

const SCENARIO: &str = "memory";
const CONFIG: &str = "[instances]\nidle_seconds = 86400\n";
const MB: f64 = 1e6;
/// The API's code for a project that has no room for another function.
const QUOTA: &str = "FSS.1041";

pub(crate) fn run(setup: &Setup, report: &mut Report) -> Result<()> {
    instance(setup, report)?;
    idle(setup, report)?;
    live(setup, report)
}

/// Where memory of the kernel for a process, its namespaces and its files is counted.
fn kernel() -> Result<u64> {
    ["Slab:", "KernelStack:", "PageTables:", "Percpu:"].iter().map(|name| meminfo(name)).sum()
}

fn proportional(pids: &[u32]) -> u64 {
    pids.iter().filter_map(|pid| process::memory(*pid)).map(|(pss, _)| pss).sum()
}

/// The platform's own share of an instance: its processes' memory and the kernel's, beyond what bare processes need of it.
fn instance(setup: &Setup, report: &mut Report) -> Result<()> {
    let count = if setup.quick { 10 } else { 50 };
    let function = functions::rust(setup)?;
    let daemon = Daemon::of(setup, "memory-instance", CONFIG)?;
    let host = daemon.deploy(&function.folder, "rust", &MANY)?;
    daemon.end_instances()?;
    for _ in 0..setup.rounds.unwrap_or(if setup.quick { 1 } else { 5 }) {
        let watch = Watch::start()?;
        let (platform, kernel_before) = (proportional(&daemon.platform()?), kernel()?);
        let (_, held) = hold(&daemon, &host, count)?;
        daemon.settle()?;
        let own = (proportional(&daemon.platform()?) as f64 - platform as f64) / count as f64;
        let with = (kernel()? as f64 - kernel_before as f64) / count as f64;
        let functions = proportional(&daemon.functions()?) as f64 / count as f64;
        drop(held);
        daemon.end_instances()?;
        let (bare_kernel, bare_memory) = bare(setup, &function, count)?;
        let foreign = watch.foreign()?;
        let kernel = with - bare_kernel;
        let key = Key { scenario: SCENARIO, case: "an instance (Rust)", of: "funcd" };
        report.add(&key, ("added by the platform", "MB"), (own + kernel) / MB, foreign);
        report.add(&key, ("of that in its own processes", "MB"), own / MB, foreign);
        report.add(&key, ("of that in the kernel", "MB"), kernel / MB, foreign);
        report.add(&key, ("the function itself, PSS", "MB"), functions / MB, foreign);
        report.add(&Key { of: "bare", ..key }, ("the function itself, PSS", "MB"), bare_memory / MB, foreign);
        say(&format!(
            "{SCENARIO} an instance: {:.3} MB in processes, {:.3} MB in the kernel  foreign {foreign:.2}",
            own / MB,
            kernel / MB
        ));
    }
    report.note(
        SCENARIO,
        "In the kernel: growth of Slab, KernelStack, PageTables and Percpu for an instance, less the growth for a bare process of \
         the same program. The whole machine is counted, so other work shows.",
    );
    Ok(())
}

/// One request at a time each, so that as many instances are needed as requests are held.
const MANY: [&str; 8] = ["--memory", "128", "--concurrency", "1", "--max-instances", "1000", "--start-timeout", "120"];

/// Kernel memory and PSS of a bare process, in bytes.
fn bare(setup: &Setup, function: &Function, count: usize) -> Result<(f64, f64)> {
    let before = kernel()?;
    let mut started = Vec::new();
    for _ in 0..count {
        let address = free_address()?;
        started.push(start::bare(function.bare(setup, address)?, address, "/hold")?.1);
    }
    let pids: Vec<u32> = started.iter().map(start::Bare::pid).collect();
    Ok(((kernel()? as f64 - before as f64) / count as f64, proportional(&pids) as f64 / count as f64))
}

/// A daemon that knows many functions and runs none.
fn idle(setup: &Setup, report: &mut Report) -> Result<()> {
    let wanted = if setup.quick { 20 } else { 1000 };
    let folder = functions::scratch(setup, "memory-idle")?;
    let config = format!("{CONFIG}[api]\nfunctions = {wanted}\n");
    let mut daemon = Daemon::of(setup, "memory-idle", &config)?;
    let count = deploy_many(&daemon, &folder, wanted)?;
    if count < wanted {
        let text =
            format!("Of {wanted} functions {count} could be deployed: the rest is over the quota of the project.");
        say(&format!("{SCENARIO}: {text}"));
        report.note(SCENARIO, text);
    }
    let case = format!("{count} functions, idle");
    for _ in 0..setup.rounds.unwrap_or(if setup.quick { 1 } else { 5 }) {
        drop(daemon);
        let watch = Watch::start()?;
        daemon = Daemon::of(setup, "memory-idle", &config)?;
        let foreign = watch.foreign()?;
        daemon.settle()?;
        let memory: Vec<(u64, u64)> = daemon.platform()?.into_iter().filter_map(process::memory).collect();
        let (pss, rss) = memory.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        let own = process::memory(daemon.pid()).context("funcd is gone")?.1;
        let key = Key { scenario: SCENARIO, case: &case, of: "funcd" };
        report.add(&key, ("start until ready", "ms"), daemon.start.as_secs_f64() * 1e3, foreign);
        report.add(&key, ("daemon, RSS", "MB"), own as f64 / MB, foreign);
        report.add(&key, ("all its processes, PSS", "MB"), pss as f64 / MB, foreign);
        say(&format!(
            "{SCENARIO} {case}: ready after {:?}, RSS {:.1} MB, all PSS {:.1} MB, all RSS {:.1} MB",
            daemon.start,
            own as f64 / MB,
            pss as f64 / MB,
            rss as f64 / MB
        ));
    }
    let host = format!("idle-0.localhost:{}", daemon.gateway.port());
    let answer = http::get(daemon.gateway, &host, "/")?;
    if answer.body != b"Hello, world!" {
        bail!("one of {count} functions answers '{}'", String::from_utf8_lossy(&answer.body));
    }
    Ok(())
}

/// Each with code of its own, four commands at a time; answers how many the quota allowed.
fn deploy_many(daemon: &Daemon, folder: &Path, count: usize) -> Result<usize> {
    let source = folder.join("package");
    say(&format!("{SCENARIO}: deploying {count} functions"));
    let (next, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let number = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|number| *number < count);
    let worker = || {
        std::iter::from_fn(number).try_for_each(|number| match deploy_one(daemon, &source, number) {
            Err(error) if format!("{error:#}").contains(QUOTA) => {
                refused.fetch_add(1, Ordering::Relaxed);
                // The others will not fit either.
                next.fetch_max(count, Ordering::Relaxed);
                Ok(())
            }
            deployed => deployed,
        })
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().try_for_each(|one| one.join().unwrap_or_else(|_| bail!("a thread ended early")))
    })?;
    let listed: serde_json::Value = serde_json::from_str(&daemon.cli(&["list", "--json"])?)?;
    let there =
        listed.as_array().or_else(|| listed.get("functions")?.as_array()).context("no list of functions")?.len();
    if refused.load(Ordering::Relaxed) == 0 && there != count {
        bail!("{there} of {count} functions are listed");
    }
    Ok(there)
}

fn deploy_one(daemon: &Daemon, source: &Path, number: usize) -> Result<()> {
    let package = source.join(number.to_string());
    fs::create_dir_all(&package)?;
    let program = "exec python3 -c \"$(cat $RUNTIME_CODE_ROOT/server.py)\"\n";
    fs::write(package.join("bootstrap"), format!("# function {number}\n{program}"))?;
    fs::write(package.join("server.py"), include_str!("../../servers/python/server.py"))?;
    daemon.deploy(&package, &format!("idle-{number}"), &["--no-wait", "--start-timeout", "60"])?;
    Ok(())
}

/// Hundreds of instances at once; each must answer, and answer again.
fn live(setup: &Setup, report: &mut Report) -> Result<()> {
    let count = if setup.quick { 10 } else { 300 };
    let function = functions::node(setup);
    let daemon = Daemon::of(setup, "memory-live", CONFIG)?;
    let host = daemon.deploy(&function.folder, "node", &MANY)?;
    daemon.end_instances()?;
    let watch = Watch::start()?;
    let (seconds, held) = hold(&daemon, &host, count)?;
    let instances = daemon.functions()?;
    let memory = proportional(&instances) + proportional(&daemon.platform()?);
    drop(held);
    // Those who were held are free again once the daemon has seen their clients leave.
    process::pause(Duration::from_secs(1));
    let (again, held) = hold(&daemon, &host, count)?;
    let foreign = watch.foreign()?;
    let stayed = daemon.functions()?.iter().filter(|pid| instances.contains(pid)).count();
    drop(held);
    let case = format!("{count} instances of Node held");
    let key = Key { scenario: SCENARIO, case: &case, of: "funcd" };
    report.add(&key, ("instances that answered twice", "instances"), stayed as f64, foreign);
    report.add(&key, ("started and answered", "s"), seconds, foreign);
    report.add(&key, ("everything, PSS", "MB"), memory as f64 / MB, foreign);
    say(&format!("{SCENARIO} {case}: {stayed} answered twice; {seconds:.1} s to start, {again:.2} s to answer again"));
    Ok(())
}
