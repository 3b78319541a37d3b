//! A lane: a world with a funcd and a neighbour in it, and the cases that run there one after the other.
//!
//! Lanes run side by side and share nothing but the machine, so that each case is judged by what it did itself. After a case that left
//! something behind the lane starts anew.

use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

use crate::case::Case;
use crate::difference::left_behind;
use crate::host::Host;
use crate::interrupt::Interrupt;
use crate::neighbour::Neighbour;
use crate::package;
use crate::service::Service;
use crate::trial::{self, Outcome};
use crate::world::World;

/// The function that is called all the time.
const NEIGHBOUR: &str = "neighbour";
/// The project beside the first one.
const OTHER_PROJECT: &str = "hostile";
/// How long the stock of blank sandboxes may take to fill.
const FILLING: Duration = Duration::from_secs(20);
/// Looks at a stock that is not full yet, 50 ms apart.
const REFILLS: u32 = 200;
/// Nothing may change for this long before it counts as filled.
const QUIET: Duration = Duration::from_millis(1_500);

/// What a trial works with. Fields are dropped in this order.
#[derive(Debug)]
pub(crate) struct Lane {
    pub(crate) neighbour: Neighbour,
    pub(crate) service: Service,
    pub(crate) world: World,
    pub(crate) interrupt: Interrupt,
    /// The neighbour's p99 at most.
    pub(crate) budget_ms: f64,
    /// Why functions have no network here.
    pub(crate) no_egress: Option<String>,
    folder: TempDir,
    trials: AtomicU32,
    /// Id of the second project, once a case needed one.
    other_project: OnceLock<String>,
    /// Processes once all blanks are made.
    full: AtomicUsize,
}

impl Lane {
    /// Moves the calling thread into a new world and starts everything there.
    pub(crate) fn open(interrupt: &Interrupt, budget_ms: f64) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("funcd-hostile-").tempdir()?;
        let world = World::enter(folder.path())?;
        let service = Service::start(folder.path(), interrupt)?;
        let zip = folder.path().join("neighbour.zip");
        package::write_neighbour(std::fs::File::create(&zip)?)?;
        let zip = zip.display().to_string();
        service
            .json(&["deploy", &zip, "--name", NEIGHBOUR, "--memory", "128", "--max-instances", "1", "--egress", "none"])
            .context("cannot deploy the neighbour")?;
        let host = format!("{NEIGHBOUR}.localhost:{}", service.gateway.port());
        let neighbour = Neighbour::call(service.gateway, host);
        let no_egress = no_egress(&service)?;
        let (interrupt, trials, full) = (interrupt.clone(), AtomicU32::new(0), AtomicUsize::new(0));
        let other_project = OnceLock::new();
        let lane =
            Self { neighbour, service, world, interrupt, budget_ms, no_egress, folder, trials, other_project, full };
        lane.fill()?;
        Ok(lane)
    }

    /// Waits until funcd has made all the blanks it wants.
    fn fill(&self) -> Result<()> {
        let mark = self.mark();
        let mut last = Host::look(&self.service, &mark)?;
        self.interrupt.wait("funcd comes to rest", FILLING, || {
            self.interrupt.pause(QUIET);
            let now = Host::look(&self.service, &mark)?;
            let grows = now.processes.len() > last.processes.len() || !left_behind(&last, &now).is_empty();
            last = now;
            Ok(!grows)
        })?;
        self.full.store(last.processes.len(), Ordering::Relaxed);
        Ok(())
    }

    /// Waits a while until the blanks that were taken are replaced: a stock that is still growing would look like something left
    /// behind.
    pub(crate) fn refill(&self) -> Result<()> {
        let full = self.full.load(Ordering::Relaxed);
        let mark = self.mark();
        for _ in 0..REFILLS {
            if Host::look(&self.service, &mark)?.processes.len() >= full {
                break;
            }
            self.interrupt.pause(Duration::from_millis(50));
        }
        Ok(())
    }

    /// Its files.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A word that no other trial on this host has.
    pub(crate) fn mark(&self) -> String {
        let folder = self.folder.path().file_name().unwrap_or_default().to_string_lossy();
        format!("{folder}-{}", self.trials.fetch_add(1, Ordering::Relaxed))
    }

    /// Id of a project that is not the first one. It is made for the first case that needs it, and stays: no project can be deleted.
    pub(crate) fn other_project(&self) -> Result<String> {
        if let Some(id) = self.other_project.get() {
            return Ok(id.clone());
        }
        let made = self.service.json(&["project", "create", OTHER_PROJECT]).context("cannot make another project")?;
        let id = made.get("id").and_then(Value::as_str).context("a project without an id was made")?;
        Ok(self.other_project.get_or_init(|| id.to_owned()).clone())
    }

    /// The host under which the gateway has a function.
    pub(crate) fn host_of(&self, name: &str) -> String {
        format!("{}.localhost:{}", name.replace('_', "-"), self.service.gateway.port())
    }

    /// What the neighbour and the network beyond have seen so far is nobody's doing.
    pub(crate) fn forget(&self) {
        drop((self.neighbour.fared(), self.world.beyond.heard()));
    }

    fn close(self) -> Result<()> {
        let Self { neighbour, service, .. } = self;
        drop(neighbour);
        service.stop()
    }
}

/// Why functions have no network on this host.
fn no_egress(service: &Service) -> Result<Option<String>> {
    // Its exit status tells of required things.
    let output = service.command(&["doctor", "--json"])?;
    let findings: Vec<Finding> = serde_json::from_slice(&output.stdout).context("funcd doctor")?;
    Ok(match findings.into_iter().find(|finding| finding.name == "egress") {
        Some(finding) if finding.verdict == "ok" => None,
        Some(finding) => Some(finding.found),
        None => Some("funcd doctor says nothing of it".to_owned()),
    })
}

/// A line of `funcd doctor`.
#[derive(Debug, Deserialize)]
struct Finding {
    name: String,
    verdict: String,
    found: String,
}

/// Where cases come from.
pub(crate) type Next<'a> = &'a (dyn Fn() -> Option<Case> + Sync);
/// Where outcomes go.
pub(crate) type Tell<'a> = &'a (dyn Fn(Outcome) + Sync);

/// Takes cases until there are none. Each lane has a thread of its own, as no thread comes back from its namespaces.
pub(crate) fn work(interrupt: &Interrupt, budget_ms: f64, next: Next<'_>, tell: Tell<'_>) -> Result<()> {
    let lane = || {
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| in_one(interrupt, budget_ms, next, tell));
            thread.join().unwrap_or_else(|_| bail!("a lane ended early"))
        })
    };
    while lane()? {}
    Ok(())
}

/// A neighbour that was only slow may have felt something else on the host: what the case did to it shows in a second run too.
fn judged(lane: &Lane, case: &Case) -> Result<(Outcome, bool)> {
    let (first, is_clean) = trial::run(lane, case)?;
    if !first.is_only_slow {
        return Ok((first, is_clean));
    }
    let (mut second, is_clean) = trial::run(lane, case)?;
    second.first_p99_ms = Some(first.neighbour.p99_ms);
    Ok((second, is_clean))
}

/// Takes cases until there are none, or one leaves something behind; then there may be more.
fn in_one(interrupt: &Interrupt, budget_ms: f64, next: Next<'_>, tell: Tell<'_>) -> Result<bool> {
    let Some(mut case) = next() else { return Ok(false) };
    let lane = Lane::open(interrupt, budget_ms)?;
    loop {
        let ran = judged(&lane, &case);
        if interrupt.is_raised() {
            break;
        }
        let (outcome, is_clean) = ran.unwrap_or_else(|error| (Outcome::failed(&case, format!("{error:#}")), false));
        tell(outcome);
        if !is_clean {
            lane.close()?;
            return Ok(true);
        }
        match next() {
            Some(following) => case = following,
            None => break,
        }
    }
    lane.close()?;
    Ok(false)
}
