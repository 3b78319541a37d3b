//! How it is told: a table, JSON, and the page of the documentation.

use std::fmt::Write as _;
use std::io::{self, Write};

use anyhow::{Result, bail};
use serde::Serialize;
use serde_json::json;

use crate::case::Case;
use crate::difference::{DESCRIPTORS, PEAK, RESIDENT};
use crate::trial::{Outcome, Verdict};

/// All of a run.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) contained: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
    pub(crate) budget_ms: f64,
    pub(crate) seconds: f64,
    pub(crate) cases: Vec<Outcome>,
}

impl Report {
    pub(crate) fn of(mut cases: Vec<Outcome>, budget_ms: f64, seconds: f64) -> Self {
        cases.sort_by(|a, b| a.name.cmp(&b.name));
        let count = |verdict| cases.iter().filter(|case| case.verdict == verdict).count();
        let (contained, failed, skipped) = (count(Verdict::Contained), count(Verdict::Failed), count(Verdict::Skipped));
        Self { contained, failed, skipped, budget_ms, seconds, cases }
    }

    /// For programs.
    pub(crate) fn json(&self) -> Result<String> {
        let mut value = serde_json::to_value(self)?;
        if let Some(fields) = value.as_object_mut() {
            let bounds = json!({ "resident_bytes": RESIDENT, "peak_bytes": PEAK, "descriptors": DESCRIPTORS });
            fields.insert("bounds".to_owned(), bounds);
        }
        Ok(serde_json::to_string_pretty(&value)?)
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        let rows: Vec<[String; 4]> = self.cases.iter().map(row).collect();
        let head = ["NAME", "TRIES", "MUST GET", "VERDICT"].map(str::to_owned);
        let mut text = String::new();
        let all: Vec<&[String; 4]> = std::iter::once(&head).chain(&rows).collect();
        let widths: Vec<usize> = (0..4)
            .map(|column| {
                all.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
            })
            .collect();
        let reasons = std::iter::once(&[][..]).chain(self.cases.iter().map(|case| case.reasons.as_slice()));
        for (row, reasons) in all.into_iter().zip(reasons) {
            let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            text.push_str(cells.join("  ").trim_end());
            text.push('\n');
            for reason in reasons {
                writeln!(text, "    {}", safe(reason)).unwrap_or_default();
            }
        }
        text + &self.closing()
    }

    /// The last line.
    pub(crate) fn closing(&self) -> String {
        let slowest = self.cases.iter().max_by(|a, b| a.neighbour.p99_ms.total_cmp(&b.neighbour.p99_ms));
        let slowest = slowest.map_or_else(String::new, |case| {
            format!(
                "; the neighbour's p99 was {} ms at most (in {}), its budget {} ms",
                case.neighbour.p99_ms, case.name, self.budget_ms
            )
        });
        let Self { contained, failed, skipped, seconds, .. } = self;
        format!("{contained} contained, {failed} failed, {skipped} skipped in {seconds:.0} s{slowest}\n")
    }
}

fn row(case: &Outcome) -> [String; 4] {
    let again = case.first_p99_ms.map_or_else(String::new, |ms| format!(" (second run, {ms} ms in the first)"));
    let verdict = match case.verdict {
        Verdict::Contained => {
            format!("contained  {:6.1} s  neighbour p99 {} ms{again}", case.seconds, case.neighbour.p99_ms)
        }
        Verdict::Failed => {
            format!("FAILED     {:6.1} s  neighbour p99 {} ms{again}", case.seconds, case.neighbour.p99_ms)
        }
        Verdict::Skipped => "SKIPPED".to_owned(),
    };
    [case.name.clone(), case.tries.clone(), case.expect.clone(), verdict]
}

/// What a function said must not reach the terminal as a command.
fn safe(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '?' } else { character }).collect()
}

/// The list of cases, for people and programs.
pub(crate) fn list(cases: &[Case], json: bool) -> Result<String> {
    if json {
        let list: Vec<_> = cases
            .iter()
            .map(|case| json!({ "name": case.name, "tries": case.tries, "why": case.why, "expect": case.expect }))
            .collect();
        return Ok(serde_json::to_string_pretty(&list)?);
    }
    let width = cases.iter().map(|case| case.name.len()).max().unwrap_or(0);
    Ok(cases.iter().map(|case| format!("{:width$}  {} -> {}\n", case.name, case.tries, case.expect)).collect())
}

/// The table of the documentation.
pub(crate) fn markdown(cases: &[Case]) -> String {
    let mut text = "| name | tries | why | must get |\n|---|---|---|---|\n".to_owned();
    for case in cases {
        let Case { name, tries, why, expect, .. } = case;
        writeln!(text, "| `{name}` | {tries} | {why} | {expect} |").unwrap_or_default();
    }
    text
}

/// Prints data; whoever reads may have seen enough.
pub(crate) fn print(text: &str) -> Result<()> {
    match io::stdout().lock().write_all(format!("{}\n", text.trim_end()).as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => bail!("cannot write to standard output: {error}"),
        Ok(()) => Ok(()),
    }
}

/// A line for who waits.
pub(crate) fn note(text: &str) {
    // Nobody is left to tell when standard error is gone.
    let _ = writeln!(io::stderr().lock(), "{text}");
}
