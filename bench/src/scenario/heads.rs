//! What the strict check of a head costs, on either side, with the message that it makes.

use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::quiet;
use crate::report::{Key, Report};
use crate::{Setup, say};

pub(crate) const SCENARIO: &str = "heads";

pub(crate) fn run(setup: &Setup, report: &mut Report) -> Result<()> {
    let rounds = setup.rounds.unwrap_or(if setup.quick { 1 } else { 7 });
    for _ in 0..rounds {
        let (rows, foreign) = quiet(setup, || measure(setup))?;
        for (case, nanoseconds) in rows {
            say(&format!("{SCENARIO} {case:<34} {nanoseconds:>6.0} ns  foreign {foreign:.2}"));
            let key = Key { scenario: SCENARIO, case: &case, of: "funcd" };
            report.add(&key, ("strict check and message", "ns a head"), nanoseconds, foreign);
        }
    }
    report.note(
        SCENARIO,
        "The gateway's own reader and that of functions' responses, in a loop of 100,000 heads each, which are copied to where a \
         connection keeps its bytes, checked, and made the message that is passed on (`bench/heads`).",
    );
    Ok(())
}

/// Nanoseconds of each kind of head.
fn measure(setup: &Setup) -> Result<Vec<(String, f64)>> {
    let output = Command::new(&setup.heads).output().with_context(|| format!("{}", setup.heads.display()))?;
    if !output.status.success() {
        bail!("heads: {}", String::from_utf8_lossy(&output.stderr));
    }
    let text = String::from_utf8(output.stdout)?;
    text.lines()
        .map(|line| {
            let (case, number) = line.split_once('\t').with_context(|| format!("heads said '{line}'"))?;
            Ok((case.to_owned(), number.parse()?))
        })
        .collect()
}
