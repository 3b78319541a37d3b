//! The console's first view by Chromium's own trace: what comes, and when the largest part of it is painted.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::quiet;
use crate::daemon::Daemon;
use crate::report::{Key, Report};
use crate::{Setup, functions, say};

pub(crate) const SCENARIO: &str = "console";
/// The pages that are opened with nothing kept from before.
pub(crate) const CASES: [&str; 2] = ["sign in", "functions"];
pub(crate) const PAINTED: &str = "largest paint";

const CHROMIUM: [&str; 3] = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/// One page as it came.
struct View {
    case: String,
    kilobytes: f64,
    first: f64,
    largest: f64,
}

pub(crate) fn run(setup: &Setup, report: &mut Report) -> Result<()> {
    let Some(chromium) = CHROMIUM.iter().map(Path::new).find(|path| path.is_file()) else {
        report.note(SCENARIO, "Not taken: there is no Chromium here.");
        return Ok(());
    };
    let daemon = Daemon::of(setup, SCENARIO, "")?;
    for round in 1..=setup.rounds.unwrap_or(if setup.quick { 1 } else { 9 }) {
        let (views, foreign) = quiet(setup, || open(setup, &daemon, chromium))?;
        for View { case, kilobytes, first, largest } in views {
            say(&format!("{SCENARIO} {round:>2} {case:<10} {largest:>5.0} ms  foreign {foreign:.2}"));
            let key = Key { scenario: SCENARIO, case: &case, of: "funcd" };
            report.add(&key, ("as it comes", "KB"), kilobytes, foreign);
            report.add(&key, ("first paint", "ms"), first, foreign);
            report.add(&key, (PAINTED, "ms"), largest, foreign);
        }
    }
    report.note(
        SCENARIO,
        "Debian's Chromium without a screen opens the page over loopback with an empty cache (`console/e2e/first.mjs`); it shares the \
         cores with funcd. Times count from the beginning of the navigation.",
    );
    Ok(())
}

/// Each page once, in a browser of its own.
fn open(setup: &Setup, daemon: &Daemon, chromium: &Path) -> Result<Vec<View>> {
    let mut command = Command::new("node");
    command.arg(setup.root.join("console/e2e/first.mjs")).env("CHROMIUM", chromium).env("FUNCD", &setup.funcd);
    command.env("FUNCD_DATA_DIR", daemon.data()).env("API", daemon.api());
    command.env("PICTURES", functions::scratch(setup, "console-pictures")?);
    let output = command.output().context("cannot run node")?;
    if !output.status.success() {
        bail!("the console was not opened (console/build.sh builds it):\n{}", String::from_utf8_lossy(&output.stderr));
    }
    let said = String::from_utf8(output.stdout)?;
    let views: Vec<View> =
        said.lines().filter_map(|line| line.strip_prefix("first view\t")).map(view).collect::<Result<_>>()?;
    if views.is_empty() {
        bail!("no first view in what was said:\n{said}");
    }
    Ok(views)
}

/// `case TAB bytes TAB ms until the first paint TAB ms until the largest`.
fn view(line: &str) -> Result<View> {
    let [case, bytes, first, largest] = line.split('\t').collect::<Vec<_>>()[..] else { bail!("what is '{line}'?") };
    let number = |text: &str| text.parse::<f64>().with_context(|| format!("no number in '{line}'"));
    Ok(View {
        case: case.to_owned(),
        kilobytes: number(bytes)? / 1024.0,
        first: number(first)?,
        largest: number(largest)?,
    })
}
