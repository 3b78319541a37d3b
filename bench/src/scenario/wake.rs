//! (d) The first request after a rest: of an instance that only rested, of one that was frozen, of one whose memory went to swap.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::daemon::Daemon;
use crate::functions::{self, Function};
use crate::http::Connection;
use crate::machine::{QUIET, Watch, meminfo};
use crate::report::{Key, Report};
use crate::start;
use crate::{Setup, process, say};

const SCENARIO: &str = "wake";
/// Frozen after this rest.
const FREEZE: &str = "200ms";
/// Everybody rests this long.
const REST: Duration = Duration::from_millis(700);
/// How long it may take until the memory of all has gone to swap.
const SWAP: Duration = Duration::from_secs(60);

/// A daemon with one instance of each function.
struct Sleeper {
    name: &'static str,
    daemon: Daemon,
}

impl Sleeper {
    /// Waits until its instances are as they shall be when they are called.
    fn rested(&self) -> Result<()> {
        let frozen = || Ok(self.daemon.functions()?.into_iter().all(process::is_frozen));
        match self.name {
            WARM => Ok(()),
            FROZEN => {
                process::wait_for(SWAP, Duration::from_millis(20), frozen).context("idle instances are not frozen")
            }
            _ => swapped(&self.daemon),
        }
    }
}

pub(crate) fn run(setup: &Setup, report: &mut Report) -> Result<()> {
    let mut functions = vec![functions::node(setup)];
    if !setup.quick {
        functions.push(functions::flask(setup)?);
        functions.push(functions::java(setup)?);
    }
    let Some(sleepers) = sleepers(setup, report, &functions)? else { return Ok(()) };
    let rounds = setup.rounds.unwrap_or(if setup.quick { 2 } else { 15 });
    let (mut round, mut spare) = (1, rounds * 2);
    while round <= rounds {
        let watch = Watch::start()?;
        let samples = turn(&sleepers, &functions)?;
        let foreign = watch.foreign()?;
        let noisy = foreign > QUIET && !setup.keep_noise;
        let Some(samples) = samples.filter(|_| !noisy || spare == 0) else {
            spare =
                spare.checked_sub(1).context("instances are not as they should be when they are called, see above")?;
            continue;
        };
        for (case, of, ms) in samples {
            report.add(&Key { scenario: SCENARIO, case, of }, ("first byte after a rest", "ms"), ms, foreign);
            say(&format!("{SCENARIO} {round:>2} {case:<6} {of:<10} {ms:.2} ms  foreign {foreign:.2}"));
        }
        round += 1;
    }
    Ok(())
}

/// Which function, in which state, milliseconds.
type Sample = (&'static str, &'static str, f64);

/// One request to each instance after a rest; nothing when one was not as it should be.
fn turn(sleepers: &[Sleeper], functions: &[Function]) -> Result<Option<Vec<Sample>>> {
    process::pause(REST);
    sleepers.iter().try_for_each(Sleeper::rested)?;
    let mut samples = Vec::new();
    for function in functions {
        for sleeper in sleepers {
            samples.push(wake(sleeper, function)?.map(|ms| (function.name, sleeper.name, ms)));
        }
    }
    Ok(samples.into_iter().collect())
}

const WARM: &str = "warm";
const FROZEN: &str = "frozen";
const PAGED_OUT: &str = "paged out";

/// `None` where this build cannot freeze.
fn sleepers(setup: &Setup, report: &mut Report, functions: &[Function]) -> Result<Option<Vec<Sleeper>>> {
    let freeze = |percent| format!("freeze_after = \"{FREEZE}\"\nmemory_low_percent = {percent}\n");
    let mut wanted = vec![(WARM, "freeze_after = \"off\"\n".to_owned()), (FROZEN, freeze(0))];
    if meminfo("SwapTotal")? > 0 {
        // Memory is always short: whatever is frozen is moved out.
        wanted.push((PAGED_OUT, freeze(100)));
    } else {
        report.note(SCENARIO, "This host has neither swap nor zram: waking from swap was not measured.");
    }
    let mut sleepers = Vec::new();
    for (name, instances) in wanted {
        let config = format!("[instances]\nidle_seconds = 86400\n{instances}");
        let daemon = match Daemon::of(setup, &format!("wake-{}", name.replace(' ', "-")), &config) {
            Err(error) if format!("{error:#}").contains("unknown field") => {
                let text =
                    "NOT AVAILABLE IN THIS BUILD: funcd does not know instances.freeze_after; nothing was measured.";
                say(&format!("{SCENARIO}: {text}"));
                report.note(SCENARIO, text);
                return Ok(None);
            }
            daemon => daemon?,
        };
        for function in functions {
            let more = ["--memory", "4096", "--max-instances", "1", "--start-timeout", "60"];
            daemon.deploy(&function.folder, &function.name.to_lowercase(), &more)?;
        }
        sleepers.push(Sleeper { name, daemon });
    }
    Ok(Some(sleepers))
}

/// Milliseconds from a request to its first byte; nothing when the answer itself says that the instance was not as it should be,
/// for instance still on its way into the freezer.
fn wake(sleeper: &Sleeper, function: &Function) -> Result<Option<f64>> {
    let daemon = &sleeper.daemon;
    let host = format!("{}.localhost:{}", function.name.to_lowercase(), daemon.gateway.port());
    let began = Instant::now();
    let (bytes, _) = Connection::open(daemon.gateway, &host)?.begin_timed("/")?;
    let time = began.elapsed();
    start::ok(&bytes)?;
    let head = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    let timing = head.lines().find(|line| line.starts_with("server-timing:")).unwrap_or_default();
    let woke = timing.contains("thaw;dur=") && !timing.contains("thaw;dur=0.000");
    if woke != (sleeper.name != WARM) {
        say(&format!(
            "{SCENARIO}: {} should be {} when it was called; it says '{timing}'",
            function.name, sleeper.name
        ));
        return Ok(None);
    }
    Ok(Some(time.as_secs_f64() * 1e3))
}

/// Waits until the functions' memory is in swap and no more goes there.
fn swapped(daemon: &Daemon) -> Result<()> {
    let mut last = 0;
    process::wait_for(SWAP, Duration::from_millis(300), || {
        let now = daemon.functions()?.into_iter().filter_map(process::swapped).sum();
        let done = now > 0 && now == last;
        last = now;
        Ok(done)
    })
    .context("the memory of frozen instances does not go to swap")
}
